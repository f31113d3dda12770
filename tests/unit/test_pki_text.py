"""The text of a certificate: what openssl says where both can, and an answer where openssl has none."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, CertificatePoliciesOID
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.errors import CerttuiError
from certtui.pki.extension_text import extension_text
from certtui.pki.extensions import Raw
from certtui.pki.text import csr_text, details
from tests import hostile
from tests.certs import make_cert, make_csr, usage

_URL = x509.UniformResourceIdentifier("http://ca.example/x")
RICH = make_cert(
    sans=("a.example", "IP:10.0.0.7", "IP:2001:db8::1", "EMAIL:a@b.example", "URI:https://x.example/"),
    key_usage=usage(),
    extensions=(
        (x509.CRLDistributionPoints([x509.DistributionPoint([_URL], None, None, None)]), False),
        (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _URL),
                    x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, _URL),
                ]
            ),
            False,
        ),
        (
            x509.CertificatePolicies(
                [x509.PolicyInformation(CertificatePoliciesOID.ANY_POLICY, ["http://cps.example"])]
            ),
            False,
        ),
        (x509.TLSFeature([x509.TLSFeatureType.status_request]), False),
        (x509.NameConstraints([x509.DNSName("example.com")], [x509.DNSName("bad.example.com")]), True),
    ),
)


def test_usages_are_told_in_words() -> None:
    told = details(RICH.der)
    assert told.key_usages == ("Digital Signature",)
    assert told.extended_key_usages == ("TLS Web Server Authentication",)
    assert (told.version, told.signature_algorithm) == (3, "ecdsa-with-SHA256")


def test_every_extension_has_its_name_and_lines() -> None:
    lines = {e.name: e.lines for e in details(RICH.der).extensions}
    assert lines["X509v3 Subject Alternative Name"] == (
        "DNS:a.example",
        "IP Address:10.0.0.7",
        "IP Address:2001:db8::1",
        "email:a@b.example",
        "URI:https://x.example/",
    )
    assert lines["X509v3 Basic Constraints"] == ("CA:FALSE",)
    assert lines["X509v3 CRL Distribution Points"] == ("Full Name:", "  URI:http://ca.example/x")
    assert lines["Authority Information Access"] == (
        "OCSP - URI:http://ca.example/x",
        "CA Issuers - URI:http://ca.example/x",
    )
    assert lines["X509v3 Certificate Policies"] == ("Policy: 2.5.29.32.0 (any policy)", "  CPS: http://cps.example")
    assert lines["TLS Feature"] == ("status_request",)
    assert lines["X509v3 Name Constraints"] == ("Permitted:", "  DNS:example.com", "Excluded:", "  DNS:bad.example.com")


def test_an_unknown_extension_is_a_hex_dump_with_its_oid() -> None:
    (extension,) = details(hostile.CERTIFICATES["unknown critical extension"]()).extensions
    assert (extension.oid, extension.name, extension.critical) == ("1.3.6.1.4.1.99999.1", "", True)
    assert extension.lines[0].startswith("0000 - 04 03 61 62 63")
    assert extension.lines[0].endswith("..abc")


def test_an_extension_that_cannot_be_parsed_says_so_and_shows_its_bytes() -> None:
    (extension,) = details(hostile.CERTIFICATES["malformed constraints"]()).extensions
    assert extension.lines == ("(cannot be parsed)", "0000 - 30 7f" + " " * 42 + "   0.")


@pytest.mark.parametrize("name", hostile.CERTIFICATES)
def test_every_odd_certificate_has_a_text(name: str) -> None:
    told = details(hostile.CERTIFICATES[name]())
    assert told.text.startswith("Certificate:\n    Data:\n")
    assert told.public_key_lines


def test_five_thousand_names_are_all_in_the_text() -> None:
    assert details(hostile.many_names_cert()).text.count("DNS:host-") == 5000


def test_a_line_break_in_a_name_cannot_feign_a_line() -> None:
    text = details(hostile.CERTIFICATES["line breaks"]()).text
    assert not any(line.startswith("Subject: CN=trusted") for line in text.splitlines())


def test_a_comma_in_a_name_cannot_feign_a_part_of_it() -> None:
    data = hostile.raw_cert(subject=hostile.raw_name(("O", 'x, CN = "bank"'), ("CN", "plain")))
    assert 'Subject: O = "x, CN = \\"bank\\"", CN = plain' in details(data).text


def test_doubled_extensions_are_both_shown() -> None:
    told = details(hostile.CERTIFICATES["duplicated extensions"]())
    assert [e.lines for e in told.extensions] == [("DNS:one.example.com",), ("DNS:two.example.com",)]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [f"2.5.29.{n}" for n in (14, 15, 17, 19, 30, 31, 32, 35, 36, 37, 54)]
        + ["1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.24", "1.3.6.1.4.1.11129.2.4.2"]
    ),
    st.binary(max_size=60),
)
def test_any_value_of_a_known_extension_is_shown(oid: str, value: bytes) -> None:
    for content in (value, hostile.seq(value), hostile.octets(value)):
        lines = extension_text(Raw(oid, False, content)).lines
        assert all("\n" not in line for line in lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_has_a_text_or_is_refused(damage: list[tuple[int, int]]) -> None:
    whole = bytearray(RICH.der)
    for where, octet in damage:
        whole[where % len(whole)] = octet
    with contextlib.suppress(CerttuiError):
        assert details(bytes(whole)).text


def test_a_request_is_told_with_what_it_asks_for() -> None:
    data = x509.load_pem_x509_csr(make_csr(sans=("a.example",))[0]).public_bytes(Encoding.DER)
    text = csr_text(data)
    assert "Subject: CN = www.example.com" in text
    assert "DNS:a.example" in text
    assert "does not verify" in csr_text(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.real
@pytest.mark.parametrize("kind", ["ec-256", "rsa-2048", "ed25519"])
def test_openssl_prints_the_same_lines(kind: str, tmp_path: Path) -> None:
    made = make_cert(kind=kind, key_usage=usage())
    (tmp_path / "c.pem").write_bytes(made.pem)
    command = ["openssl", "x509", "-in", "c.pem", "-noout", "-text"]
    theirs = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    ours = details(made.der).text
    squeeze = re.compile(r"\s+")
    mine = {squeeze.sub(" ", line).strip() for line in ours.splitlines()}
    for line in theirs.splitlines():
        plain = squeeze.sub(" ", line).strip()
        assert plain in mine or not plain, plain
