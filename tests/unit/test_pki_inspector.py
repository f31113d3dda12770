"""The inspect port of this process: everything the seam promises is there."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certtui.backend.factory import open_inspect
from certtui.backend.inspect import Inspect, SourceFile
from certtui.model.secret import Secret
from tests.certs import NOW, make_chain, make_csr

LEAF, LOWER, ROOT = make_chain()
INSPECT: Inspect = open_inspect()


def test_files_are_read_and_paired() -> None:
    materials = [INSPECT.read(SourceFile("f", m)) for m in (LEAF.pem, LEAF.key_pem, ROOT.pem + LOWER.pem)]
    pairing = INSPECT.pair(materials)
    assert (pairing.leaf, pairing.key, pairing.chain) == (LEAF.facts, LEAF.key_facts, (LOWER.facts, ROOT.facts))
    assert INSPECT.match(materials).matches


def test_a_bulk_file_gives_its_entries() -> None:
    (read,) = INSPECT.read_many([SourceFile("f", LEAF.pfx(chain=(LOWER,)))], [Secret("secret")])
    assert read.material is not None
    assert [p.leaf for p in INSPECT.entries(read.material)] == [LEAF.facts, LOWER.facts]


def test_certificates_and_requests_have_a_text() -> None:
    assert INSPECT.details(LEAF.der).text.startswith("Certificate:")
    request = x509.load_pem_x509_csr(make_csr()[0]).public_bytes(Encoding.DER)
    assert INSPECT.csr_text(request).startswith("Certificate Request:")


def test_names_and_targets_are_taken_as_typed() -> None:
    assert INSPECT.suggest_sans("münchen.example") == (("DNS:xn--mnchen-3ya.example",), ())
    assert INSPECT.target("[::1]:8443") == ("::1", 8443)


def test_trust_is_judged_by_what_came_along_and_the_roots_of_the_system() -> None:
    report = INSPECT.trust(LEAF.facts, (LOWER.facts, ROOT.facts), NOW)
    assert report.summary == "Complete, but the root “Test Root 0” is not in this system's trust store."
    assert "missing" in INSPECT.trust(LEAF.facts, (), NOW).summary
