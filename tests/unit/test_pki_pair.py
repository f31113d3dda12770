"""What belongs together: keys, certificates, requests and chains, judged by the public key alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from certtui.errors import Invalid
from certtui.model.x509 import Material, X509Facts
from certtui.pki import pair as pairing
from certtui.pki.match import match
from certtui.pki.read import read
from tests import hostile
from tests.certs import Made, make_cert, make_chain, make_csr


def nothing_is_root(_: str) -> bool:
    return False


def material(*made: Made, keys: tuple[Made, ...] = (), path: str = "f") -> Material:
    return Material(path, "pem", tuple(m.facts for m in made), tuple(k.key_facts for k in keys))


def names(chain: tuple[X509Facts, ...]) -> list[str]:
    return [c.common_name for c in chain]


CHAIN = make_chain(intermediates=2)
LEAF, LOWER, UPPER, ROOT = CHAIN
STRANGER = make_cert("stranger.example.com", number=77)


def test_a_chain_is_put_in_order_whatever_order_it_came_in() -> None:
    for order in itertools.permutations(CHAIN):
        found = pairing.pair([material(*order)], nothing_is_root)
        assert found.leaf == LEAF.facts
        assert found.chain == (LOWER.facts, UPPER.facts, ROOT.facts)
        assert found.missing_issuer == ""


def test_the_key_finds_its_certificate_among_others() -> None:
    found = pairing.pair([material(STRANGER, *CHAIN), material(keys=(LEAF,))], nothing_is_root)
    assert (found.leaf, found.key) == (LEAF.facts, LEAF.key_facts)
    assert found.unused == ("The certificate “stranger.example.com” is not part of the chain.",)


def test_a_foreign_key_is_refused_naming_both_identities() -> None:
    with pytest.raises(Invalid) as caught:
        pairing.pair([material(LEAF), material(keys=(STRANGER,))], nothing_is_root)
    assert caught.value.field == "key"
    for made in (LEAF, STRANGER):
        assert f"sha256:{made.facts.spki_sha256[:8]}… (ec-256)" in caught.value.message


def test_a_missing_intermediate_is_named() -> None:
    found = pairing.pair([material(LEAF, UPPER, ROOT)], nothing_is_root)
    assert found.missing_issuer == LEAF.facts.issuer
    assert found.chain == ()


def test_an_issuer_among_the_roots_is_not_missing() -> None:
    found = pairing.pair([material(LEAF, LOWER, UPPER)], lambda s: s == ROOT.facts.subject_id)
    assert (names(found.chain), found.missing_issuer) == (["Test Issuing CA 0.1", "Test Issuing CA 0.0"], "")


def test_a_key_alone_is_no_entry() -> None:
    with pytest.raises(Invalid, match="no certificate") as caught:
        pairing.pair([material(keys=(LEAF,))], nothing_is_root)
    assert caught.value.field == "certificate"


def test_two_leaves_without_a_key_are_refused_by_name() -> None:
    with pytest.raises(Invalid) as caught:
        pairing.pair([material(LEAF, STRANGER)], nothing_is_root)
    assert caught.value.field == "certificate"
    assert "“stranger.example.com”" in caught.value.message


def test_a_ca_alone_is_an_entry() -> None:
    assert pairing.pair([material(LOWER, UPPER, ROOT)], nothing_is_root).leaf == LOWER.facts


def test_the_same_certificate_twice_counts_once() -> None:
    assert pairing.pair([material(LEAF, LEAF), material(LEAF)], nothing_is_root).leaf == LEAF.facts


def test_a_loop_of_cas_ends() -> None:
    leaf, b, a = hostile.chain_loop()
    found = pairing.pair([material(leaf, a, b)], nothing_is_root)
    assert found.leaf == leaf.facts
    assert sorted(names(found.chain)) == ["Loop A", "Loop B"]


def test_a_cross_sign_stays_with_the_chain() -> None:
    other_root = make_cert("Other Root", ca=True, number=901)
    crossed = make_cert("Test Root 0", ca=True, key=ROOT.key, number=902, issuer=other_root)
    found = pairing.pair([material(LEAF, LOWER, UPPER, crossed, ROOT, other_root)], nothing_is_root)
    assert set(names(found.chain)) == {"Test Issuing CA 0.1", "Test Issuing CA 0.0", "Test Root 0", "Other Root"}
    assert len(found.chain) == 5
    assert found.unused == ()


def test_of_two_certificates_of_one_ca_the_one_that_lasts_longer_stands_first() -> None:
    older = make_cert("Test Issuing CA 0.1", ca=True, key=LOWER.key, number=904, issuer=UPPER, days=100)
    found = pairing.pair([material(LEAF, older, LOWER, UPPER, ROOT)], nothing_is_root)
    assert found.chain[0] == LOWER.facts


def test_a_bulk_file_gives_every_certificate_with_its_own_key_and_chain() -> None:
    found = pairing.entries(material(*CHAIN, STRANGER, keys=(LEAF, STRANGER)), nothing_is_root)
    assert [p.leaf.common_name for p in found] == [m.facts.common_name for m in (*CHAIN, STRANGER)]
    assert [p.key is not None for p in found] == [True, False, False, False, True]
    assert [len(p.chain) for p in found] == [3, 2, 1, 0, 0]


def test_a_bulk_file_of_one_certificate_names_the_issuer_that_is_missing() -> None:
    (alone,) = pairing.entries(material(LEAF), nothing_is_root)
    (known,) = pairing.entries(material(LEAF), lambda s: s == LEAF.facts.issuer_id)
    (root,) = pairing.entries(material(ROOT), nothing_is_root)
    assert (alone.missing_issuer, known.missing_issuer, root.missing_issuer) == (LEAF.facts.issuer, "", "")


def test_a_stray_key_of_a_bulk_file_is_told_once() -> None:
    found = pairing.entries(material(LEAF, ROOT, keys=(STRANGER,)), nothing_is_root)
    assert [len(p.unused) for p in found] == [1, 0]


def test_key_certificate_request_and_chain_match() -> None:
    request = read("r.csr", make_csr(number=0)[0])
    parts = [material(LEAF, path="c.pem"), material(keys=(LEAF,), path="k.pem"), request, material(LOWER, UPPER, ROOT)]
    report = match(parts, nothing_is_root)
    assert report.matches, report
    assert report.summary == "They belong together: certificate, private key, request, chain."
    assert [p.kind for p in report.parts] == ["certificate", "key", "csr", "chain", "chain", "chain"]


def test_the_part_that_does_not_match_is_named_with_both_identities() -> None:
    report = match([material(LEAF, path="c.pem"), material(keys=(STRANGER,), path="k.pem")], nothing_is_root)
    (wrong,) = [p for p in report.parts if not p.ok]
    assert not report.matches
    assert wrong.path == "k.pem"
    assert LEAF.facts.spki_sha256[:8] in wrong.problem
    assert STRANGER.facts.spki_sha256[:8] in wrong.problem


def test_a_key_matches_a_request_without_any_certificate() -> None:
    request = read("r.csr", make_csr(number=5)[0])
    key = make_cert("x.example.com", number=5)
    assert match([request, material(keys=(key,))], nothing_is_root).matches
    assert not match([request, material(keys=(LEAF,))], nothing_is_root).matches


def test_a_foreign_intermediate_does_not_match() -> None:
    foreign = make_chain(number=6)[1]
    report = match([material(LEAF), material(LOWER, foreign)], nothing_is_root)
    (wrong,) = [p for p in report.parts if not p.ok]
    assert (wrong.kind, wrong.label) == ("chain", "“Test Issuing CA 6.0”")


def test_an_intermediate_of_the_right_name_and_another_key_does_not_match() -> None:
    impostor = make_cert("Test Issuing CA 0.1", ca=True, number=903, issuer=UPPER)
    report = match([material(LEAF), material(impostor)], nothing_is_root)
    assert not report.matches
    assert "did not sign" in report.summary


def test_one_part_alone_matches_nothing() -> None:
    assert not match([material(LEAF)], nothing_is_root).matches


@pytest.mark.parametrize("kind", ["rsa-2048", "ed25519", "ml-dsa-65"])
def test_matching_works_for_every_kind_of_key(kind: str) -> None:
    made = make_cert("k.example.com", kind=kind)
    assert match([material(made), material(keys=(made,))], nothing_is_root).matches
    assert not match([material(made), material(keys=(STRANGER,))], nothing_is_root).matches


def test_thousands_of_certificates_of_two_names_that_issue_each_other_take_no_time() -> None:
    base = LEAF.facts
    pile = tuple(
        replace(base, fingerprint_sha256=f"{n:064x}", subject_id="ab"[n % 2], issuer_id="ba"[n % 2], self_issued=False)
        for n in range(2000)
    )
    assert len(pairing.entries(Material("f", "pem", pile), nothing_is_root)) == 2000
