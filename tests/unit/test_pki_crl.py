"""Revocation lists: written, and read from strangers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from certtui.clock import UTC
from certtui.errors import Invalid
from certtui.model.crl import REASON_CODES, CrlEntry
from certtui.model.revocation import RevocationReason
from certtui.pki import pem
from certtui.pki.crl import build_crl, crl_entries, read_crl
from certtui.pki.signing import Signer, load_signer
from tests import authority, hostile
from tests.certs import NOW, make_cert

WEEK = timedelta(days=7)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
ENTRIES = st.builds(
    CrlEntry,
    st.integers(1, (1 << 159) - 1).map(lambda number: f"{number:x}"),
    TIMES,
    st.sampled_from([reason for reason in REASON_CODES if reason != "removeFromCRL"]),
    st.none() | TIMES,
)


def signer() -> Signer:
    return authority.authority().signer


def build(*entries: CrlEntry, number: int = 1, **more: Any) -> bytes:
    return build_crl(signer(), entries, number, NOW, NOW + WEEK, **more)


@given(st.lists(ENTRIES, max_size=20))
def test_what_is_written_is_read_back(entries: list[CrlEntry]) -> None:
    data = build(*entries)
    assert list(crl_entries(data)) == entries
    facts = read_crl(data, signer().certificate)
    assert (facts.count, facts.signature_valid, facts.is_delta) == (len(entries), True, False)


@given(st.lists(ENTRIES, max_size=5, unique_by=lambda entry: entry.serial_number))
def test_cryptography_reads_the_same(entries: list[CrlEntry]) -> None:
    found = x509.load_der_x509_crl(build(*entries))
    assert found.is_signature_valid(signer().key.public_key())
    assert [each.serial_number for each in found] == [int(each.serial_number, 16) for each in entries]
    for read, entry in zip(found, entries, strict=True):
        assert read.revocation_date_utc == entry.revoked_at
        reasons = [e.value.reason.value for e in read.extensions if e.oid == CRLEntryExtensionOID.CRL_REASON]
        assert reasons == ([] if entry.reason == "unspecified" else [entry.reason])
        dates = [e.value.invalidity_date_utc for e in read.extensions if e.oid == CRLEntryExtensionOID.INVALIDITY_DATE]
        assert dates == ([] if entry.invalidity_date is None else [entry.invalidity_date])


def test_every_reason_that_a_person_can_choose_is_one_of_the_list() -> None:
    assert {reason.value: reason.code for reason in RevocationReason}.items() <= REASON_CODES.items()
    assert next(crl_entries(build(CrlEntry("5", NOW, RevocationReason.KEY_COMPROMISE)))).reason == "keyCompromise"


def test_there_is_no_reason_seven_and_none_that_is_unknown() -> None:
    assert sorted(REASON_CODES.values()) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]
    with pytest.raises(Invalid, match="reason"):
        build(CrlEntry("5", NOW, "lost"))


def test_an_entry_is_removed_in_a_delta_alone() -> None:
    removed = CrlEntry("5", NOW, "removeFromCRL")
    assert list(crl_entries(build(removed, number=3, base_number=2))) == [removed]
    with pytest.raises(Invalid):
        build(removed)


def test_an_empty_list_has_no_list_of_entries() -> None:
    # RFC 5280, 5.1.2.6: absent, not empty.
    assert len(x509.load_der_x509_crl(build())) == 0
    assert read_crl(build()).count == 0


def test_a_list_says_who_when_and_which() -> None:
    facts = read_crl(build(number=0xFFFF))
    issuer = signer().certificate
    assert (facts.issuer, facts.issuer_id) == (issuer.subject, issuer.subject_id)
    assert facts.authority_key_id == issuer.subject_key_id
    assert (facts.number, facts.base_number) == (0xFFFF, None)
    assert (facts.this_update, facts.next_update) == (NOW, NOW + WEEK)
    assert facts.signature_digest == "sha256"
    assert facts.signature_valid is None


def test_a_delta_names_its_base_and_no_fresher_list() -> None:
    data = build(number=9, base_number=7, freshest=("http://pki.example.com/delta.crl",))
    facts = read_crl(data)
    assert (facts.number, facts.base_number, facts.is_delta) == (9, 7, True)
    kinds = {each.oid.dotted_string: each.critical for each in x509.load_der_x509_crl(data).extensions}
    assert kinds == {"2.5.29.35": False, "2.5.29.20": False, "2.5.29.27": True}


@given(st.integers(0, (1 << 159) - 1))
def test_numbers_grow_as_far_as_rfc_5280_lets_them(number: int) -> None:
    assert read_crl(build(number=number)).number == number


@pytest.mark.parametrize(
    ("number", "base", "until"),
    [(-1, None, WEEK), (1 << 160, None, WEEK), (5, 5, WEEK), (5, 6, WEEK), (5, None, timedelta(0))],
)
def test_a_list_that_makes_no_sense_is_refused(number: int, base: int | None, until: timedelta) -> None:
    with pytest.raises(Invalid):
        build_crl(signer(), [], number, NOW, NOW + until, base_number=base)


def test_a_ca_that_may_not_sign_lists_signs_none() -> None:
    only = x509.KeyUsage(False, False, False, False, False, True, False, False, False)
    made = make_cert("No lists", ca=True, key_usage=only)
    with pytest.raises(Invalid, match="may not sign CRLs"):
        build_crl(load_signer(made.facts, made.key), [], 1, NOW, NOW + WEEK)


@pytest.mark.parametrize("kind", ["rsa-2048", "ed25519", "ml-dsa-44", "ml-dsa-87"])
def test_lists_of_every_kind_of_key_verify(kind: str) -> None:
    made = authority.authority(kind)
    data = build_crl(made.signer, [CrlEntry("5", NOW)], 1, NOW, NOW + WEEK)
    assert read_crl(data, made.issuing.certificate).signature_valid


def test_a_list_in_pem_is_read_too() -> None:
    data = build(CrlEntry("5", NOW))
    assert read_crl(b"issued today\r\n" + pem.encode("X509 CRL", data)).der == data


def test_a_list_of_somebody_else_does_not_verify() -> None:
    data = build()
    assert read_crl(data, authority.authority().root.certificate).signature_valid is False
    namesake = make_cert(ca=True, subject=x509.load_der_x509_certificate(signer().certificate.der).subject, number=5)
    assert namesake.facts.subject_id == signer().certificate.subject_id
    assert read_crl(data, namesake.facts).signature_valid is False
    changed = data[:-8] + bytes((data[-8] ^ 1,)) + data[-7:]
    assert read_crl(changed, signer().certificate).signature_valid is False


@given(st.binary(max_size=400))
def test_octets_that_are_no_list_get_one_sentence(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_crl(data)
    assert caught.value.message.endswith(".")


@given(st.integers(0, 700), st.binary(min_size=1, max_size=4), st.integers(0, 700))
def test_a_damaged_list_gets_one_sentence_or_does_not_verify(at: int, noise: bytes, length: int) -> None:
    data = bytearray(build(*(CrlEntry(f"{n:x}", NOW, "keyCompromise", NOW) for n in range(1, 9))))
    before = bytes(data)
    data[at : at + len(noise)] = noise
    for changed in (bytes(data), before[:length]):
        try:
            facts = read_crl(changed, signer().certificate)
        except Invalid:
            continue
        assert facts.signature_valid is False or changed == before


@pytest.mark.parametrize(
    "odd", [hostile.oversized, lambda: make_cert().der, lambda: make_cert().pem, lambda: b"\x30\x80" * 999]
)
def test_what_is_no_list_is_refused(odd: Callable[[], bytes]) -> None:
    with pytest.raises(Invalid):
        read_crl(odd())


def foreign(*extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    """A list of the same CA by somebody else's program."""
    issuer = x509.load_der_x509_certificate(signer().certificate.der).subject
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer).last_update(NOW).next_update(NOW + WEEK)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer().key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_list_without_number_is_read() -> None:
    facts = read_crl(foreign(), signer().certificate)
    assert (facts.number, facts.signature_valid) == (None, True)


def test_a_list_that_speaks_for_other_cas_or_by_unknown_rules_is_refused() -> None:
    indirect = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
    with pytest.raises(Invalid, match="indirect"):
        read_crl(foreign((indirect, True)))
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    with pytest.raises(Invalid, match=r"1\.3\.6\.1\.4\.1\.99999\.1"):
        read_crl(foreign((unknown, True)))
    users = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    assert read_crl(foreign((users, True))).count == 0
