"""Facts of certificates: exact where `cryptography` has an answer, and an answer where it has none."""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import warnings
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import certtui.pki
from certtui.errors import CerttuiError, Invalid
from certtui.pki import der
from certtui.pki.facts import csr_facts, x509_facts
from certtui.pki.names import common_name_of, name_text
from certtui.pki.read import read
from tests import hostile
from tests.certs import NOW, make_cert, make_chain, make_csr, subject_name


def test_facts_agree_with_cryptography_field_by_field() -> None:
    leaf, intermediate, _ = make_chain(
        sans=("www.example.com", "IP:10.0.0.7", "EMAIL:a@b.example", "URI:https://x.example/")
    )
    facts, peer = leaf.facts, leaf.certificate
    public = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert facts.subject == peer.subject.rfc4514_string()
    assert facts.issuer == peer.issuer.rfc4514_string()
    assert facts.issuer_name == "Test Issuing CA 0.0"
    assert int(facts.serial_number, 16) == peer.serial_number
    assert (facts.not_before, facts.not_after) == (peer.not_valid_before_utc, peer.not_valid_after_utc)
    assert facts.spki_sha256 == sha256(public).hexdigest()
    assert facts.subject_id == sha256(peer.subject.public_bytes()).hexdigest()
    assert facts.issuer_id == intermediate.facts.subject_id
    assert facts.sans == ("DNS:www.example.com", "IP:10.0.0.7", "EMAIL:a@b.example", "URI:https://x.example/")
    assert facts.authority_key_id == intermediate.facts.subject_key_id != ""
    assert (facts.is_ca, intermediate.facts.is_ca) == (False, True)


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("ec-256", "sha256"),
        ("ec-384", "sha256"),
        ("ec-521", "sha256"),
        ("ed25519", ""),
        ("ed448", ""),
        ("ml-dsa-65", ""),
        ("rsa-2048", "sha256"),
        ("dsa-1024", "sha256"),
    ],
)
def test_every_kind_of_key_has_its_name_and_the_same_identity_on_both_sides(kind: str, digest: str) -> None:
    made = make_cert(kind=kind)
    assert made.facts.key_algorithm == made.key_facts.key_algorithm == kind
    assert made.facts.spki_sha256 == made.key_facts.spki_sha256
    assert made.facts.signature_digest == digest


@pytest.mark.parametrize("name", hostile.CERTIFICATES)
def test_an_odd_certificate_still_gives_facts(name: str) -> None:
    facts = x509_facts(hostile.CERTIFICATES[name]())
    assert len(facts.fingerprint_sha256) == 64
    assert facts.key_algorithm


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_what_cannot_be_parsed_is_refused_with_one_sentence(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        x509_facts(hostile.REFUSED[name]())
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


def test_trailing_bytes_are_counted() -> None:
    with pytest.raises(Invalid, match="3 bytes follow the end of the certificate"):
        x509_facts(make_cert().der + b"\0\0\0")


def test_the_sentence_names_the_part_at_fault_and_no_parser() -> None:
    with pytest.raises(Invalid) as caught:
        x509_facts(hostile.REFUSED["month 13"]())
    assert caught.value.message == "The certificate cannot be parsed: the fault is in its end date."


def test_twenty_thousand_extensions_take_no_time() -> None:
    one = hostile.raw_extension("2.5.29.17", hostile.alt_names("a.example"))
    assert len(x509_facts(hostile.raw_cert(extensions=(one,) * 20_000)).sans) == 20_000


def odd(name: str):
    return x509_facts(hostile.CERTIFICATES[name]())


@pytest.mark.parametrize("name", ["negative serial", "long serial"])
def test_what_strangers_wrote_is_no_warning_of_ours(name: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        importlib.reload(certtui.pki)  # pytest has filters of its own; this puts ours before them
        odd(name)
    assert [str(each.message) for each in said] == []


def test_a_negative_serial_keeps_its_sign() -> None:
    assert odd("negative serial").serial_number == "-4d"


def test_the_oldest_and_the_last_year_are_told() -> None:
    assert odd("expired in 1950").not_before == datetime(1950, 1, 1, tzinfo=timezone.utc)
    assert odd("valid to 9999").not_after == datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


def test_keys_of_any_size_are_named() -> None:
    assert odd("rsa-512").key_algorithm == "rsa-512"
    assert odd("rsa-16384").key_algorithm == "rsa-16384"


def test_explicit_curves_and_unknown_algorithms_are_named_for_what_they_are() -> None:
    assert odd("explicit EC parameters").key_algorithm == "ec-explicit-256"
    assert odd("unknown key algorithm").key_algorithm == "1.3.6.1.4.1.99999.7"


def test_doubled_extensions_give_the_names_of_both() -> None:
    assert odd("duplicated extensions").sans == ("DNS:one.example.com", "DNS:two.example.com")


def test_a_name_is_kept_as_raw_text() -> None:
    assert odd("control characters").common_name == hostile.CLIPBOARD
    assert odd("markup").subject == "CN=[bold]x[/],O=[/foo]"


def test_an_empty_subject_is_an_empty_string() -> None:
    facts = odd("empty subject")
    assert (facts.subject, facts.common_name) == ("", "")
    assert facts.sans == ("DNS:only.example.com",)


def test_a_certificate_without_cn_has_no_common_name() -> None:
    assert odd("no CN").common_name == ""
    assert odd("no CN").issuer_name == "Nameless"


def test_string_types_are_decoded_and_what_breaks_them_is_hex() -> None:
    assert odd("odd string types").subject == "OU=Universal,O=T61 ü,CN=Bmp ü"
    assert odd("invalid UTF-8").subject == "CN=#0c02fffe"


def test_five_thousand_names_are_all_there() -> None:
    assert len(odd("5,000 names").sans) == 5000


def test_names_are_escaped_as_rfc_4514_says() -> None:
    awkward = ' #a,b+c"d\\e<f>g;h\0 '
    text = name_text(subject_name(awkward).public_bytes()).rfc4514
    assert text == '\\ #a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\00\\ '.join(("CN=", ""))


@pytest.mark.parametrize(("value", "text"), [("#a", "\\#a"), (" a", "\\ a"), ("a#b c", "a#b c"), (" ", "\\ ")])
def test_only_what_stands_at_the_ends_is_escaped_for_its_place(value: str, text: str) -> None:
    assert name_text(subject_name(value).public_bytes()).rfc4514 == f"CN={text}"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=40).filter(lambda t: t.isprintable()))
def test_a_name_reads_back_what_was_written(common_name: str) -> None:
    name = name_text(subject_name(common_name, organization="A, Inc.").public_bytes())
    assert name.common_name == common_name
    assert common_name_of(name.rfc4514) == common_name


def test_a_multi_valued_rdn_is_joined_by_plus() -> None:
    attributes = subject_name("a", organization="b")
    both = x509.Name([x509.RelativeDistinguishedName([a for rdn in attributes.rdns for a in rdn])])
    assert set(name_text(both.public_bytes()).rfc4514.split("+")) == {"CN=a", "O=b"}


def test_an_unknown_attribute_is_its_oid_and_hex() -> None:
    assert name_text(hostile.raw_name(("1.2.3.4", "x"))).rfc4514 == "1.2.3.4=#0c0178"


def test_a_request_gives_names_key_and_whether_it_signed_itself() -> None:
    pem, key = make_csr(sans=("a.example", "IP:::1"))
    data = x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER)
    facts = csr_facts(data)
    assert (facts.common_name, facts.sans, facts.signature_valid) == (
        "www.example.com",
        ("DNS:a.example", "IP:::1"),
        True,
    )
    assert facts.spki_sha256 == sha256(hostile.spki_of(key)).hexdigest()
    assert not csr_facts(data[:-1] + bytes([data[-1] ^ 1])).signature_valid


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_gives_facts_or_one_error_and_never_anything_else(damage: list[tuple[int, int]]) -> None:
    whole = bytearray(make_cert(sans=("a.example", "IP:10.0.0.1"), not_before=NOW).der)
    for where, octet in damage:
        whole[where % len(whole)] = octet
    with contextlib.suppress(CerttuiError):
        assert x509_facts(bytes(whole)).der == whole


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_ber_is_made_definite_or_called_malformed(data: bytes) -> None:
    try:
        again = der.from_ber(der.from_ber(data))
    except der.Malformed:
        return
    assert again == der.from_ber(data)


@pytest.mark.parametrize("data", [b"\x30\x80" * 5000, b"\x30\x80" * 5000 + b"\0\0" * 5000])
def test_ber_nested_too_deeply_is_malformed(data: bytes) -> None:
    with pytest.raises(der.Malformed):
        der.from_ber(data)


def test_indefinite_lengths_and_strings_in_pieces_become_der() -> None:
    ber = bytes.fromhex("3080" + "2480" + "04016104016200000000" + "0000")[:14]
    assert der.from_ber(ber) == bytes.fromhex("300404026162")


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["control characters", "markup", "negative serial", "no CN", "odd string types", "long serial"]
)
def test_openssl_says_the_same(name: str, tmp_path: Path) -> None:
    data = hostile.CERTIFICATES[name]()
    (tmp_path / "c.der").write_bytes(data)
    wanted = [
        "-subject",
        "-issuer",
        "-serial",
        "-fingerprint",
        "-sha256",
        "-startdate",
        "-enddate",
        "-dateopt",
        "iso_8601",
    ]
    command = [
        "openssl",
        "x509",
        "-inform",
        "DER",
        "-in",
        "c.der",
        "-noout",
        *wanted,
        "-nameopt",
        "RFC2253,utf8,-esc_msb,-esc_ctrl",
    ]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.decode().replace("\\\n", "")
    told = dict(line.split("=", 1) for line in said.strip().split("\n"))
    facts = x509_facts(data)
    assert told["subject"] == facts.subject
    assert told["issuer"] == facts.issuer
    assert int(told["serial"], 16) == int(facts.serial_number, 16)
    assert told["sha256 Fingerprint"].replace(":", "").lower() == facts.fingerprint_sha256
    assert (told["notBefore"], told["notAfter"]) == (
        f"{facts.not_before:%Y-%m-%d %H:%M:%SZ}",
        f"{facts.not_after:%Y-%m-%d %H:%M:%SZ}",
    )


@pytest.mark.real("openssl")
def test_a_key_is_the_same_whether_its_point_is_compressed_or_not(tmp_path: Path) -> None:
    for command in (
        ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "plain.pem"],
        ["ec", "-in", "plain.pem", "-conv_form", "compressed", "-out", "k.pem"],
        ["req", "-x509", "-new", "-key", "k.pem", "-subj", "/CN=compressed.example", "-out", "c.pem"],
        ["req", "-new", "-key", "k.pem", "-subj", "/CN=compressed.example", "-out", "r.pem"],
    ):
        subprocess.run(["openssl", *command], cwd=tmp_path, capture_output=True, check=True)
    found = read("f", b"".join((tmp_path / f"{name}.pem").read_bytes() for name in ("c", "k", "plain", "r")))
    identities = [*found.certificates, *found.keys, *found.requests]
    assert len(identities) >= 3
    assert len({each.spki_sha256 for each in identities}) == 1
    assert found.certificates[0].key_algorithm == "ec-256"
