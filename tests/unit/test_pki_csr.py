"""Names as people type them, and the requests made from a form."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.csr import KEY_TYPES, CsrRequest, SubjectFields
from certtui.pki import csr
from certtui.pki.sans import suggest_sans


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("www.example.com", "DNS:www.example.com"),
        ("WWW.Example.COM.", "DNS:www.example.com"),
        ("dns: www.example.com", "DNS:www.example.com"),
        ("DNS:münchen.example", "DNS:xn--mnchen-3ya.example"),
        ("Bücher.example", "DNS:xn--bcher-kva.example"),
        ("faß.example", "DNS:xn--fa-hia.example"),
        ("例え。テスト", "DNS:xn--r8jz45g.xn--zckzah"),
        ("*.example.com", "DNS:*.example.com"),
        ("*.münchen.example", "DNS:*.xn--mnchen-3ya.example"),
        ("localhost", "DNS:localhost"),
        ("_dmarc.example.com", "DNS:_dmarc.example.com"),
        ("10.0.0.7", "IP:10.0.0.7"),
        ("IP Address:10.0.0.7", "IP:10.0.0.7"),
        ("2001:DB8::0001", "IP:2001:db8::1"),
        ("[::1]", "IP:::1"),
        ("IP:::ffff:1.2.3.4", "IP:::ffff:1.2.3.4"),
        ("ops@example.com", "EMAIL:ops@example.com"),
        ("email:ops@münchen.example", "EMAIL:ops@xn--mnchen-3ya.example"),
        ("https://example.com/a,b?c=d", "URI:https://example.com/a,b?c=d"),
        ("https://münchen.example:8443/ä", "URI:https://xn--mnchen-3ya.example:8443/%C3%A4"),
        ("URI:spiffe://domain/workload", "URI:spiffe://domain/workload"),
        ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "URI:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    ],
)
def test_a_name_as_typed_is_normalised(typed: str, stored: str) -> None:
    assert suggest_sans(typed) == ((stored,), ())
    assert suggest_sans(stored) == ((stored,), ())


@pytest.mark.parametrize(
    "typed",
    [
        "foo..example.com",
        "-foo.example.com",
        "www.*.example.com",
        "*",
        "a" * 64 + ".example.com",
        ".".join(["abcdefgh"] * 32),
        "1.2.3",
        "IP:300.1.1.1",
        "IP:fe80::1%eth0",
        "email:no-at-sign",
        "jürgen@example.com",
        "URI:no-scheme",
        "xn--zzzzzzzzz-.example",
        "DNS:",
        "host_name!.example.com",
    ],
)
def test_a_name_that_no_certificate_can_hold_gets_a_sentence(typed: str) -> None:
    good, problems = suggest_sans(typed)
    assert good == ()
    assert len(problems) == 1
    assert problems[0].endswith(".")


def test_lines_and_commas_separate_and_doubles_are_dropped() -> None:
    good, problems = suggest_sans("a.example, DNS:b.example\n\nA.example; 10.0.0.1\n# a remark\nbad..name")
    assert good == ("DNS:a.example", "DNS:b.example", "IP:10.0.0.1")
    assert len(problems) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_names_or_sentences(text: str) -> None:
    good, problems = suggest_sans(text)
    assert all(name.partition(":")[0] in ("DNS", "IP", "EMAIL", "URI") for name in good)
    assert suggest_sans("\n".join(good))[0] == good
    assert all(problems)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_what_is_suggested_can_be_written_into_a_request(text: str) -> None:
    good, _ = suggest_sans(text)
    if good:
        facts, _ = csr.make(CsrRequest(SubjectFields(organization="x"), good, "ed25519"))
        assert facts.sans == good


# Larger RSA keys differ in nothing but the time they take.
@pytest.mark.parametrize("kind", [k for k in KEY_TYPES if k not in ("rsa-3072", "rsa-4096")])
def test_a_request_of_every_kind_of_key_signs_itself(kind: str) -> None:
    facts, key = csr.make(CsrRequest(SubjectFields(common_name="a.example"), (), kind))
    assert facts.signature_valid
    assert facts.key_algorithm == key.key_algorithm == kind
    assert facts.spki_sha256 == key.spki_sha256


def test_the_command_line_offers_every_kind_of_key() -> None:
    from certtui.cli.csr import _KEYS

    assert _KEYS == KEY_TYPES


def test_all_subject_fields_are_written() -> None:
    fields = SubjectFields("a.example", "Müller, GmbH", "IT", "de", "Bayern", "München", "pki@example.com")
    facts, _ = csr.make(CsrRequest(fields))
    assert facts.subject == (
        "emailAddress=pki@example.com,CN=a.example,OU=IT,O=Müller\\, GmbH,L=München,ST=Bayern,C=DE"
    )


def test_a_common_name_that_is_a_host_is_among_the_sans() -> None:
    assert csr.make(CsrRequest(SubjectFields("www.example.com")))[0].sans == ("DNS:www.example.com",)
    assert csr.make(CsrRequest(SubjectFields("10.0.0.7")))[0].sans == ("IP:10.0.0.7",)
    assert csr.make(CsrRequest(SubjectFields("www.example.com"), ("b.example",)))[0].sans == (
        "DNS:www.example.com",
        "DNS:b.example",
    )
    assert csr.make(CsrRequest(SubjectFields("b.example"), ("a.example", "b.example")))[0].sans == (
        "DNS:a.example",
        "DNS:b.example",
    )
    assert csr.make(CsrRequest(SubjectFields("Payment Service")))[0].sans == ()


def test_an_international_common_name_is_written_in_a_labels() -> None:
    facts, _ = csr.make(CsrRequest(SubjectFields("münchen.example")))
    assert (facts.common_name, facts.sans) == ("xn--mnchen-3ya.example", ("DNS:xn--mnchen-3ya.example",))


def test_an_empty_subject_makes_the_san_critical() -> None:
    facts, _ = csr.make(CsrRequest(SubjectFields(), ("a.example",)))
    request = x509.load_der_x509_csr(facts.der)
    assert request.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (CsrRequest(SubjectFields()), "common_name"),
        (CsrRequest(SubjectFields("x" * 65)), "common_name"),
        (CsrRequest(SubjectFields("a\x1b]52;c;x\x07")), "common_name"),
        (CsrRequest(SubjectFields("a.example", country="Germany")), "country"),
        (CsrRequest(SubjectFields("a.example", country="D1")), "country"),
        (CsrRequest(SubjectFields("a.example", organization="x" * 65)), "organization"),
        (CsrRequest(SubjectFields("a.example", email="nobody")), "email"),
        (CsrRequest(SubjectFields("a.example"), ("bad..name",)), "sans"),
        (CsrRequest(SubjectFields("a.example"), (), "rsa-512"), "key_type"),
    ],
)
def test_what_is_wrong_names_its_field(request_: CsrRequest, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        csr.make(request_)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=70), st.text(max_size=70))
def test_any_subject_gives_a_request_or_an_error_of_the_family(common_name: str, organization: str) -> None:
    try:
        facts, _ = csr.make(CsrRequest(SubjectFields(common_name, organization), ("a.example",), "ed25519"))
    except Invalid as problem:
        field = problem.field
    else:
        field = "" if facts.signature_valid else "signature"
    assert field in ("", "common_name", "organization")


@pytest.mark.real
def test_openssl_reads_the_request_as_it_was_meant(tmp_path: Path) -> None:
    sans = ("DNS:a.example", "IP:10.0.0.7", "EMAIL:a@b.example", "URI:https://x.example/")
    facts, _ = csr.make(CsrRequest(SubjectFields("a.example", organization="Ä, B", country="DE"), sans, "rsa-2048"))
    (tmp_path / "r.pem").write_text(csr.csr_pem(facts))
    command = ["openssl", "req", "-in", "r.pem", "-noout", "-verify", "-text", "-nameopt", "RFC2253,-esc_msb,utf8"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "verify OK" in said.stdout + said.stderr
    assert f"Subject: {facts.subject}" in said.stdout
    assert "DNS:a.example, IP Address:10.0.0.7, email:a@b.example, URI:https://x.example/" in said.stdout
