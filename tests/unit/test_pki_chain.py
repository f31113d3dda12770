"""Paths to a root, and the sentence for each reason why one breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certtui.model.chain import ChainReport
from certtui.model.x509 import X509Facts
from certtui.pki import der
from certtui.pki.chain import MAX_DEPTH, MAX_PATHS, Candidate, build
from certtui.pki.facts import x509_facts
from certtui.pki.roots import system_trust_store, trust_store_of
from certtui.pki.signatures import signature_problem
from tests import hostile
from tests.certs import NOW, Made, make_cert, make_chain, usage

CHAIN = make_chain(intermediates=2)
LEAF, LOWER, UPPER, ROOT = CHAIN


def report(
    leaf: Made,
    chain: Sequence[Made] = (),
    *,
    roots: Sequence[Made] = (),
    inventory: Sequence[Made] = (),
    days: int = 0,
) -> ChainReport:
    def find(subject_id: str) -> list[Candidate]:
        known = enumerate((m.facts for m in inventory), start=100)
        return [Candidate(f, "inventory", number) for number, f in known if f.subject_id == subject_id]

    store = trust_store_of("/roots.pem", [r.facts for r in roots])
    start = Candidate(leaf.facts, "inventory", 1, has_key=True)
    return build(start, [m.facts for m in chain], find, store, NOW + timedelta(days=days))


def problem(of: ChainReport) -> str:
    return next((link.problem for link in of.paths[0].links if link.problem), "")


def test_a_complete_chain_is_trusted_root_first() -> None:
    found = report(LEAF, [UPPER, LOWER], roots=[ROOT])
    (path,) = found.paths
    assert path.trusted
    assert [link.name for link in path.links] == [
        "Test Root 0",
        "Test Issuing CA 0.0",
        "Test Issuing CA 0.1",
        "www.example.com",
    ]
    assert [link.found_in for link in path.links] == ["system", "chain", "chain", "inventory"]
    assert path.links[0].note == "in this system's trust store"
    assert path.links[-1].note == "key here, matches"
    assert found.summary == "Complete, trusted by “Test Root 0” of /roots.pem (1 root)."


def test_an_intermediate_from_the_inventory_completes_the_path_and_can_be_opened() -> None:
    found = report(LEAF, [LOWER], roots=[ROOT], inventory=[UPPER])
    assert found.paths[0].trusted
    assert (found.paths[0].links[1].certificate_id, found.paths[0].links[1].note) == (100, "found in this inventory")


def test_a_missing_issuer_is_named() -> None:
    found = report(LEAF, [LOWER], roots=[ROOT])
    assert found.summary == "Incomplete: the issuer “Test Issuing CA 0.0” is missing."
    assert found.paths[0].links[0].found_in == "missing"
    assert not found.paths[0].trusted


def test_a_private_root_is_complete_and_not_trusted() -> None:
    found = report(LEAF, [LOWER, UPPER, ROOT])
    assert found.summary == "Complete, but the root “Test Root 0” is not in this system's trust store."


def test_a_certificate_that_signed_itself_says_so() -> None:
    assert report(make_cert()).summary == "Signed by itself and not in this system's trust store."


@pytest.mark.parametrize(("days", "words"), [(400, "expired 2027-05-16"), (-60, "not valid before 2026-05-16")])
def test_times_are_judged_by_the_given_clock(days: int, words: str) -> None:
    assert problem(report(LEAF, [LOWER, UPPER], roots=[ROOT], days=days)) == words


def test_an_expired_intermediate_breaks_the_path_where_it_stands() -> None:
    old = make_cert("Old CA", ca=True, number=501, issuer=ROOT, days=31)
    leaf = make_cert(issuer=old)
    found = report(leaf, [old], roots=[ROOT], days=30)
    assert [link.problem for link in found.paths[0].links] == ["", "expired 2026-06-16", ""]


def test_a_signature_by_another_key_of_that_name_is_told() -> None:
    impostor = make_cert("Test Issuing CA 0.1", ca=True, number=502, issuer=UPPER)
    found = report(LEAF, [impostor, UPPER], roots=[ROOT])
    assert found.paths[0].links[-1].problem == "the signature does not verify with the key of Test Issuing CA 0.1"


def test_the_issuer_whose_key_signed_is_preferred_to_its_namesake() -> None:
    impostor = make_cert("Test Issuing CA 0.1", ca=True, number=502, issuer=UPPER)
    assert report(LEAF, [impostor, LOWER, UPPER], roots=[ROOT]).paths[0].trusted


def test_an_issuer_that_is_no_ca_is_told() -> None:
    plain = make_cert("Not A CA", number=503, issuer=ROOT)
    assert problem(report(make_cert(issuer=plain), [plain], roots=[ROOT])) == "is not a CA (basicConstraints)"


def test_an_issuer_without_the_key_usage_is_told() -> None:
    weak = make_cert("No Sign", ca=True, number=504, issuer=ROOT, key_usage=usage(ca=False))
    assert problem(report(make_cert(issuer=weak), [weak], roots=[ROOT])) == "may not sign certificates (keyUsage)"


def test_too_many_intermediates_are_told() -> None:
    short = make_cert("Short", ca=True, number=505, issuer=ROOT, path_length=0)
    below = make_cert("Below", ca=True, number=506, issuer=short)
    found = report(make_cert(issuer=below), [short, below], roots=[ROOT])
    assert "pathLenConstraint" in problem(found)


@pytest.mark.parametrize(
    ("permitted", "excluded", "fits"),
    [
        (["example.com"], None, True),
        (["example.org"], None, False),
        (None, ["www.example.com"], False),
        (None, ["example.org"], True),
    ],
)
def test_name_constraints_are_honoured(permitted: list[str] | None, excluded: list[str] | None, fits: bool) -> None:
    constraint = x509.NameConstraints(
        [x509.DNSName(n) for n in permitted] if permitted else None,
        [x509.DNSName(n) for n in excluded] if excluded else None,
    )
    limited = make_cert("Limited", ca=True, number=507, issuer=ROOT, extensions=((constraint, True),))
    found = report(make_cert(issuer=limited), [limited], roots=[ROOT])
    assert found.paths[0].trusted == fits
    assert ("nameConstraints" in problem(found)) != fits


def test_an_issuer_for_other_uses_than_tls_servers_is_told() -> None:
    mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    issuer = make_cert("Mail CA", ca=True, number=510, issuer=ROOT, extensions=((mail, False),))
    found = report(make_cert(issuer=issuer), [issuer], roots=[ROOT])
    assert problem(found) == "may not issue for TLS servers (extendedKeyUsage)"
    assert report(make_cert(issuer=issuer, server=False), [issuer], roots=[ROOT]).paths[0].trusted


def test_an_unknown_critical_extension_is_told() -> None:
    facts = x509_facts(hostile.CERTIFICATES["unknown critical extension"]())
    found = build(Candidate(facts, "inventory"), [], lambda _: (), trust_store_of("", ()), facts.not_before)
    assert "critical extension that is not understood (1.3.6.1.4.1.99999.1)" in problem(found)


def test_a_weak_key_is_told() -> None:
    facts = x509_facts(hostile.CERTIFICATES["rsa-512"]())
    found = build(Candidate(facts, "inventory"), [], lambda _: (), trust_store_of("", ()), facts.not_before)
    assert problem(found) == "the key is too weak (rsa-512)"


def test_two_paths_of_a_cross_signed_ca_are_shown_the_trusted_one_first() -> None:
    other = make_cert("Other Root", ca=True, number=508)
    crossed = make_cert("Test Issuing CA 0.0", ca=True, key=UPPER.key, number=509, issuer=other)
    found = report(LEAF, [LOWER, UPPER, crossed], roots=[other])
    assert [p.trusted for p in found.paths] == [True, False]
    assert [p.links[0].name for p in found.paths] == ["Other Root", "Test Root 0"]


def test_a_loop_ends_and_says_that_the_issuer_is_missing() -> None:
    leaf, b, a = hostile.chain_loop()
    found = report(leaf, [a, b])
    assert not found.paths[0].trusted
    assert found.paths[0].links[0].found_in == "missing"


def test_a_pile_of_cross_signs_is_bounded() -> None:
    keys = [make_cert(f"Pile {n}", ca=True, number=600 + n) for n in range(5)]
    pile = [
        make_cert(f"Pile {n}", ca=True, key=keys[n].key, number=700 + 10 * n + m, issuer=keys[m])
        for n in range(5)
        for m in range(5)
        if n != m
    ]
    found = report(make_cert("deep.example.com", issuer=keys[0]), pile)
    assert len(found.paths) <= MAX_PATHS
    assert all(len(p.links) <= MAX_DEPTH + 1 for p in found.paths)


def test_the_system_trust_store_is_named_with_its_path_and_size() -> None:
    store = system_trust_store()
    if not store.place:
        pytest.skip("this system has no trust store")
    assert store.name == f"{store.place} ({len(store.roots)} roots)"
    assert all(root.subject_id in store.by_subject for root in store.roots)


def test_piles_of_cross_signs_end_after_so_many_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[object] = []

    def never(facts: X509Facts, signer: X509Facts) -> str:
        checked.append((facts, signer))
        return "the signature does not verify"

    monkeypatch.setattr("certtui.pki.chain.signature_problem", never)
    names = [("A", "B"), ("B", "A")] * 24
    pile = [
        hostile.raw_cert(
            subject=hostile.raw_name(("CN", subject)),
            issuer=hostile.raw_name(("CN", issuer)),
            serial=hostile.integer(number + 1),
        )
        for number, (subject, issuer) in enumerate(names)
    ]
    first, *rest = [x509_facts(data) for data in pile]
    found = build(Candidate(first, "inventory"), rest, lambda _: [], trust_store_of("/roots.pem", []), NOW)
    assert len(checked) == 256
    assert not found.paths[0].trusted


def test_an_exponent_as_long_as_the_key_is_not_raised_to() -> None:
    key = hostile.seq(hostile.integer((1 << 3071) | 1), hostile.integer((1 << 3070) | 1))
    spki = hostile.seq(
        hostile.seq(hostile.oid("1.2.840.113549.1.1.1"), b"\x05\x00"), der.encode(der.BIT_STRING, b"\0" + key)
    )
    issuer = x509_facts(hostile.raw_cert(spki=spki))
    assert "exponent is too large" in signature_problem(make_cert("www.example.com").facts, issuer)


def test_names_times_constraints_are_bounded() -> None:
    trees = tuple(x509.DNSName(f"{number}.example.org") for number in range(1200))
    constraints = x509.NameConstraints(permitted_subtrees=trees, excluded_subtrees=None)
    authority = make_cert("CA", ca=True, extensions=((constraints, True),))
    leaf = make_cert("many", sans=tuple(f"DNS:{number}.example.net" for number in range(1000)), issuer=authority)
    assert "more names below it than can be held" in problem(report(leaf, roots=[], chain=[authority]))
