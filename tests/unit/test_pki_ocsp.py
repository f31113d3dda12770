"""OCSP: what strangers ask, and what they are answered."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as reference
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.ca import CaSpec
from certtui.model.crl import REASON_CODES, CrlEntry
from certtui.model.csr import SubjectFields
from certtui.pki import der
from certtui.pki.ca import make_root
from certtui.pki.extensions import raw_extensions
from certtui.pki.ocsp import (
    GOOD,
    INTERNAL_ERROR,
    MALFORMED,
    TRY_LATER,
    UNAUTHORIZED,
    UNKNOWN,
    OcspQuestion,
    answer,
    asks_about,
    error_answer,
    issuer_hashes,
    make_responder,
    read_request,
)
from certtui.pki.ocsp_request import MAX_ITEMS, MAX_REQUEST
from certtui.pki.signatures import signature_problem
from certtui.pki.signing import load_signer
from tests import authority
from tests.certs import NOW

HOUR = timedelta(hours=1)
DIGESTS = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def asked(digest: str = "sha1", nonce: bytes | None = None, serial: int | None = None) -> bytes:
    """A request as another program writes it."""
    made = authority.authority()
    builder = reference.OCSPRequestBuilder()
    name, key = issuer_hashes(made.issuing.certificate, digest)
    number = serial if serial is not None else 0x1F00
    builder = builder.add_certificate_by_hash(bytes.fromhex(name), bytes.fromhex(key), number, DIGESTS[digest])
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), False)
    return builder.build().public_bytes(Encoding.DER)


def answered(question: OcspQuestion, *statuses: CrlEntry | str) -> reference.OCSPResponse:
    return reference.load_der_ocsp_response(answer(question, statuses, authority.responder()[1], NOW, NOW + HOUR))


@pytest.mark.parametrize("digest", list(DIGESTS))
def test_a_request_says_which_ca_and_which_serial(digest: str) -> None:
    question = read_request(asked(digest))
    (item,) = question.items
    assert (item.digest, item.serial_number) == (digest, "1f00")
    assert asks_about(item, authority.authority().issuing.certificate)
    assert not asks_about(item, authority.authority().root.certificate)
    assert question.nonce is None


def test_the_hashes_are_those_that_another_program_makes() -> None:
    made = authority.authority()
    leaf, issuer = (
        x509.load_der_x509_certificate(f.der) for f in (authority.leaf().certificate, made.issuing.certificate)
    )
    request = reference.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
    assert (request.issuer_name_hash.hex(), request.issuer_key_hash.hex()) == issuer_hashes(
        made.issuing.certificate, "sha256"
    )


@given(st.binary(min_size=1, max_size=128))
def test_a_nonce_is_repeated(nonce: bytes) -> None:
    question = read_request(asked(nonce=nonce))
    assert question.nonce == nonce
    response = answered(question, GOOD)
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


@pytest.mark.parametrize("nonce", [b"", b"x" * 129])
def test_a_nonce_of_a_forbidden_length_is_refused(nonce: bytes) -> None:
    with pytest.raises(Invalid):
        read_request(asked(nonce=nonce))


@given(st.integers(1, (1 << 159) - 1))
def test_serials_are_written_as_facts_have_them(serial: int) -> None:
    (item,) = read_request(asked(serial=serial)).items
    assert item.serial_number == f"{serial:x}"
    assert answered(read_request(asked(serial=serial)), UNKNOWN).serial_number == serial


def test_a_good_answer_says_when_and_by_whom() -> None:
    response = answered(read_request(asked("sha256")), GOOD)
    assert response.response_status is reference.OCSPResponseStatus.SUCCESSFUL
    assert response.certificate_status is reference.OCSPCertStatus.GOOD
    assert (response.this_update_utc, response.next_update_utc, response.produced_at_utc) == (NOW, NOW + HOUR, NOW)
    responder, _ = authority.responder()
    assert [each.public_bytes(Encoding.DER) for each in response.certificates] == [responder.der]
    name, key = issuer_hashes(authority.authority().issuing.certificate, "sha256")
    assert (response.issuer_name_hash.hex(), response.issuer_key_hash.hex()) == (name, key)
    with pytest.raises(x509.ExtensionNotFound):
        response.extensions.get_extension_for_class(x509.OCSPNonce)


def test_an_unknown_answer_is_neither_good_nor_revoked() -> None:
    assert answered(read_request(asked()), UNKNOWN).certificate_status is reference.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("reason", [reason for reason in REASON_CODES if reason != "unspecified"])
def test_a_revoked_answer_says_when_and_why(reason: str) -> None:
    response = answered(read_request(asked()), CrlEntry("1f00", NOW - HOUR, reason))
    assert response.certificate_status is reference.OCSPCertStatus.REVOKED
    assert response.revocation_time_utc == NOW - HOUR
    assert response.revocation_reason is not None
    assert response.revocation_reason.value == reason


def test_an_unspecified_reason_is_left_out() -> None:
    assert answered(read_request(asked()), CrlEntry("1f00", NOW)).revocation_reason is None


def test_a_status_that_does_not_exist_is_refused() -> None:
    for status in ("fine", CrlEntry("1", NOW, "lost")):
        with pytest.raises(Invalid):
            answered(read_request(asked()), status)


@pytest.mark.parametrize("kind", ["ec-256", "rsa-2048", "ed25519"])
def test_the_answer_verifies_with_the_responders_key(kind: str) -> None:
    responder, signer = authority.responder(kind)
    data = answer(read_request(asked()), [GOOD], signer, NOW, NOW + HOUR)
    response = reference.load_der_ocsp_response(data)
    assert signature_problem(responder, authority.authority(kind).issuing.certificate) == ""
    (_, _, start, stop), *_ = der.parts(data)[1:]
    assert response.tbs_response_bytes in data[start:stop]
    key = x509.load_der_x509_certificate(responder.der).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)  # whatever the CA's key is
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def test_a_responder_of_an_ml_dsa_ca_may_have_such_a_key_too() -> None:
    made = authority.authority("ml-dsa-44")
    responder = make_responder(made.signer, NOW, key_type="ml-dsa-44")
    signer = load_signer(responder.certificate, responder.key.pkcs8)
    data = answer(read_request(asked()), [GOOD], signer, NOW, NOW + HOUR)
    response = reference.load_der_ocsp_response(data)
    x509.load_der_x509_certificate(responder.certificate.der).public_key().verify(  # type: ignore[union-attr,call-arg]
        response.signature, response.tbs_response_bytes
    )
    assert signature_problem(responder.certificate, made.issuing.certificate) == ""


def test_a_responder_may_answer_and_nothing_else() -> None:
    responder, _ = authority.responder()
    certificate = x509.load_der_x509_certificate(responder.der)
    assert list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING
    ]
    kinds = {each.oid: each.value for each in raw_extensions(responder.der)}
    assert kinds["1.3.6.1.5.5.7.48.1.5"] == b"\x05\x00"
    assert not responder.is_ca
    assert responder.common_name == "Test Issuing CA 0 OCSP responder"
    assert responder.not_after - responder.not_before == timedelta(days=30, seconds=-1)


def test_a_responder_of_a_ca_with_a_long_name_has_a_name_that_fits() -> None:
    made = make_root(CaSpec(SubjectFields("ü" * 32), "ec-256"), NOW)
    responder = make_responder(load_signer(made.certificate, made.key.pkcs8), NOW)
    assert responder.certificate.common_name.endswith("ü OCSP responder")
    assert len(responder.certificate.common_name.encode()) <= 64


def test_an_answer_that_the_ca_signs_itself_holds_no_certificate() -> None:
    data = answer(read_request(asked()), [GOOD], authority.authority().signer, NOW, NOW + HOUR)
    assert reference.load_der_ocsp_response(data).certificates == []


def request_of(*cert_ids: bytes, extensions: bytes = b"", version: bytes = b"") -> bytes:
    listed = der.encode(der.SEQUENCE, b"".join(der.encode(der.SEQUENCE, each) for each in cert_ids))
    more = der.encode(0xA2, der.encode(der.SEQUENCE, extensions)) if extensions else b""
    return der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, version + listed + more))


def test_several_certificates_are_answered_in_their_order() -> None:
    ids = [read_request(asked(serial=serial)).items[0].cert_id for serial in (1, 2, 3)]
    question = read_request(request_of(*ids))
    assert [item.serial_number for item in question.items] == ["1", "2", "3"]
    response = answered(question, GOOD, UNKNOWN, CrlEntry("3", NOW))
    assert [(each.serial_number, each.certificate_status.name) for each in response.responses] == [
        (1, "GOOD"),
        (2, "UNKNOWN"),
        (3, "REVOKED"),
    ]


def test_too_many_certificates_and_too_many_octets_are_refused() -> None:
    one = read_request(asked()).items[0].cert_id
    assert len(read_request(request_of(*[one] * MAX_ITEMS)).items) == MAX_ITEMS
    for data in (request_of(*[one] * (MAX_ITEMS + 1)), bytes(MAX_REQUEST + 1), request_of()):
        with pytest.raises(Invalid):
            read_request(data)


def test_a_critical_extension_that_nobody_knows_is_refused_and_another_is_not() -> None:
    one = read_request(asked()).items[0].cert_id
    oid = der.encode(der.OID, der.undotted("1.3.6.1.4.1.99999.1"))
    value = der.encode(der.OCTET_STRING, b"\x05\x00")
    assert read_request(request_of(one, extensions=der.encode(der.SEQUENCE, oid + value))).nonce is None
    with pytest.raises(Invalid):
        read_request(request_of(one, extensions=der.encode(der.SEQUENCE, oid + b"\x01\x01\xff" + value)))


def test_a_digest_that_is_not_known_asks_about_nobody() -> None:
    md5 = der.encode(der.OID, der.undotted("1.2.840.113549.2.5"))
    cert_id = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, md5) + der.encode(4, b"x") * 2 + b"\x02\x01\x05")
    (odd,) = read_request(request_of(cert_id)).items
    assert odd.digest == ""
    assert not asks_about(odd, authority.authority().issuing.certificate)


def test_version_two_does_not_exist() -> None:
    one = read_request(asked()).items[0].cert_id
    assert read_request(request_of(one, version=b"\xa0\x03\x02\x01\x00")).items
    with pytest.raises(Invalid):
        read_request(request_of(one, version=b"\xa0\x03\x02\x01\x01"))


@given(st.binary(max_size=300))
def test_octets_that_are_no_request_get_one_sentence(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_request(data)
    assert caught.value.message.endswith(".")


@given(st.integers(0, 130), st.binary(min_size=1, max_size=4), st.integers(0, 130))
def test_a_damaged_request_is_read_or_refused_and_every_answer_can_be_read(at: int, noise: bytes, length: int) -> None:
    whole = asked(nonce=b"0123456789")
    changed = bytearray(whole)
    changed[at : at + len(noise)] = noise
    for data in (bytes(changed), whole[:length]):
        try:
            question = read_request(data)
        except Invalid:
            continue
        response = answer(question, [UNKNOWN] * len(question.items), authority.responder()[1], NOW, NOW + HOUR)
        assert der.parts(response)


def test_what_is_repeated_of_ten_thousand_damaged_requests_is_what_another_reader_reads() -> None:
    chance = random.Random(9)
    whole = [asked(digest, nonce) for digest in DIGESTS for nonce in (None, b"0123456789")]
    signed = refused = 0
    for _ in range(10_000):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randrange(1, 3)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at:]
                    data.append(0)
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(4))
        try:
            question = read_request(bytes(data))
        except Invalid:
            refused += 1
            continue
        response = answer(question, [UNKNOWN] * len(question.items), authority.responder()[1], NOW, NOW + HOUR)
        # Read whole: whatever digest it names, its parts are what they should be.
        list(reference.load_der_ocsp_response(response).responses)
        signed += 1
    assert signed > 100
    assert refused > 1000


@pytest.mark.parametrize(
    "named",
    [
        pytest.param("0609608648016503040201040100", id="parameters that no digest has"),
        pytest.param("06096086480165030402010500ffff", id="octets behind the parameters"),
    ],
)
def test_a_digest_holds_nothing_that_would_be_signed_for_whoever_asks(named: str) -> None:
    hashes = der.encode(der.OCTET_STRING, bytes(32)) * 2
    item = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, bytes.fromhex(named)) + hashes + b"\x02\x01\x05")
    request = der.encode(der.SEQUENCE, item)
    for _ in range(3):
        request = der.encode(der.SEQUENCE, request)
    with pytest.raises(Invalid):
        read_request(request)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (MALFORMED, "MALFORMED_REQUEST"),
        (INTERNAL_ERROR, "INTERNAL_ERROR"),
        (TRY_LATER, "TRY_LATER"),
        (UNAUTHORIZED, "UNAUTHORIZED"),
    ],
)
def test_errors_are_answers_without_content(status: int, name: str) -> None:
    assert reference.load_der_ocsp_response(error_answer(status)).response_status.name == name
