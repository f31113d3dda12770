"""Answers OCSP requests (RFC 6960), written as DER by hand: `cryptography` knows one certificate in a request, we all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.errors import Invalid
from certtui.model.ca import CA_KEY_TYPES, MadePair
from certtui.model.crl import REASON_CODES, CrlEntry
from certtui.model.csr import SubjectFields
from certtui.pki import bounds, der, profile
from certtui.pki.csr import distinguished_name, new_key
from certtui.pki.facts import x509_facts
from certtui.pki.keys import key_facts
from certtui.pki.ocsp_request import OcspItem as OcspItem
from certtui.pki.ocsp_request import OcspQuestion as OcspQuestion
from certtui.pki.ocsp_request import asks_about as asks_about
from certtui.pki.ocsp_request import issuer_hashes as issuer_hashes
from certtui.pki.ocsp_request import read_request as read_request
from certtui.pki.signing import Signer, key_identifier, new_serial, public_der, serial_octets

GOOD = "good"
UNKNOWN = "unknown"
OcspStatus = CrlEntry | str
"""Of one certificate: GOOD, UNKNOWN, or its revocation."""

MALFORMED, INTERNAL_ERROR, TRY_LATER, UNAUTHORIZED = 1, 2, 3, 6

_BASIC = der.encode(der.OID, der.undotted("1.3.6.1.5.5.7.48.1.1"))
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
_NAME_MAX = 64


def answer(
    question: OcspQuestion, statuses: Sequence[OcspStatus], responder: Signer, now: datetime, next_update: datetime
) -> bytes:
    """The DER OCSPResponse: a status for each item, in order, signed by a delegated responder or by the CA itself.

    The nonce is repeated where there was one. Raises `Invalid` for a status that does not exist.
    """
    if len(statuses) != len(question.items):
        raise ValueError("a status for each item")
    dates = profile.generalized_time(now) + der.encode(0xA0, profile.generalized_time(next_update))
    single = [
        der.encode(der.SEQUENCE, item.cert_id + _status(status) + dates)
        for item, status in zip(question.items, statuses, strict=True)
    ]
    # byKey: SHA-1 of the responder's key (4.2.1).
    key_hash = bytes.fromhex(issuer_hashes(responder.certificate, "sha1")[1])
    responder_id = der.encode(0xA2, der.encode(der.OCTET_STRING, key_hash))
    data = responder_id + profile.generalized_time(now) + der.encode(der.SEQUENCE, b"".join(single))
    if question.nonce is not None:
        nonce = profile.extension(_NONCE, der.encode(der.OCTET_STRING, question.nonce))
        data += der.encode(0xA1, der.encode(der.SEQUENCE, nonce))
    certificates = b""
    if not responder.limits[0].is_ca:
        certificates = der.encode(0xA0, der.encode(der.SEQUENCE, responder.certificate.der))
    basic = responder.sign(der.encode(der.SEQUENCE, data), after=certificates)
    body = der.encode(der.SEQUENCE, _BASIC + der.encode(der.OCTET_STRING, basic))
    return der.encode(der.SEQUENCE, b"\x0a\x01\x00" + der.encode(0xA0, body))


def error_answer(status: int) -> bytes:
    """An OCSPResponse without an answer: MALFORMED, INTERNAL_ERROR, TRY_LATER or UNAUTHORIZED. Not signed (4.2.1)."""
    return der.encode(der.SEQUENCE, bytes((0x0A, 1, status)))


def make_responder(
    issuer: Signer, now: datetime, *, key_type: str = "ec-256", days: int = 30, serial_number: str = ""
) -> MadePair:
    """A delegated responder (4.2.2.2): OCSPSigning and ocsp-nocheck, so short-lived; named after its CA. Raises `Invalid`.

    P-256 unless said otherwise, whatever the CA's key: it signs many times a second.
    """
    bounds.check_may_issue(issuer)
    bounds.check_path(issuer)
    if key_type not in CA_KEY_TYPES:
        raise Invalid(f"“{key_type}” is not a kind of key that can be made here.", field="key_type")
    dates = bounds.validity(days, now, issuer.certificate)
    ca = issuer.certificate.common_name or "CA"
    suffix = " OCSP responder"
    name = distinguished_name(SubjectFields(_short(ca, _NAME_MAX - len(suffix)) + suffix)).public_bytes()
    key = new_key(key_type)
    spki = public_der(key)
    extensions = (
        profile.leaf_constraints()
        + profile.key_usage(("digitalSignature",))
        + profile.extended_key_usage(("OCSPSigning",))
        + profile.extension(_NO_CHECK, b"\x05\x00")
        + profile.subject_key_id(key_identifier(spki))
        + profile.authority_key_id(issuer.key_id)
    )
    tbs = profile.tbs_certificate(
        serial_octets(serial_number or new_serial()),
        issuer.algorithm,
        issuer.name,
        profile.dates(dates.not_before, dates.not_after),
        name,
        spki,
        extensions,
    )
    return MadePair(x509_facts(issuer.sign(tbs)), key_facts(key), tuple(filter(None, [dates.note])))


def _status(status: OcspStatus) -> bytes:
    if isinstance(status, CrlEntry):
        code = REASON_CODES.get(status.reason)
        if code is None:
            raise Invalid(f"“{status.reason}” is not a reason of RFC 5280.", field="reason")
        reason = der.encode(0xA0, bytes((0x0A, 1, code))) if code else b""
        return der.encode(0xA1, profile.generalized_time(status.revoked_at) + reason)
    match status:
        case "good":
            return b"\x80\x00"
        case "unknown":
            return b"\x82\x00"
        case _:
            raise Invalid(f"“{status}” is not a status of OCSP.")


def _short(text: str, octets: int) -> str:
    """As much of a text as fits into so many octets of UTF-8."""
    return text.encode()[:octets].decode(errors="ignore").rstrip()
