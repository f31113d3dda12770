"""Reads certificate revocation lists that others made: the external CRL of an offline root, or one to look at."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.crl import REASON_CODES, CrlEntry, CrlFacts
from certtui.model.x509 import X509Facts
from certtui.pki import der, pem
from certtui.pki.algorithms import signature_digest
from certtui.pki.facts import time
from certtui.pki.limits import MAX_BYTES
from certtui.pki.names import name_text
from certtui.pki.signatures import takes_too_long

_NUMBER, _REASON, _INVALIDITY, _DELTA, _POINT, _KEY_ID = (
    der.undotted(f"2.5.29.{arc}") for arc in (20, 21, 24, 27, 28, 35)
)
_REASONS = {code: name for name, code in REASON_CODES.items()}
_TIMES = (23, 24)
_HINT = "Check that the file is whole and is the CRL of this CA."


class _Parts(NamedTuple):
    """Raw pieces of a CertificateList; `entries` are the bounds of revokedCertificates."""

    issuer: bytes
    algorithm: bytes
    this_update: tuple[int, bytes]
    next_update: tuple[int, bytes] | None
    entries: tuple[int, int]
    extensions: dict[bytes, tuple[bool, bytes]]


def read_crl(data: bytes, issuer: X509Facts | None = None) -> CrlFacts:
    """The facts of a CRL in PEM or DER, its signature checked with `issuer`. Raises `Invalid` with one sentence."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"The CRL is larger than {MAX_BYTES // 1024 // 1024} MiB.", _HINT, field="crl")
    binary = _binary(data)
    try:
        parts = _parts(binary)
        number = _integer(parts, _NUMBER)
        base = _integer(parts, _DELTA)
        _check_scope(parts)
        count = sum(1 for _ in crl_entries(binary))
        this_update = time(*parts.this_update)
        next_update = time(*parts.next_update) if parts.next_update else None
        key_id = _authority_key_id(parts)
    except (der.Malformed, ValueError, OverflowError, IndexError):
        raise Invalid("This is not a CRL, or it is damaged.", _HINT, field="crl") from None
    text = name_text(parts.issuer)
    return CrlFacts(
        binary,
        sha256(binary).hexdigest(),
        text.rfc4514,
        text.id,
        key_id,
        number,
        base,
        this_update,
        next_update,
        count,
        signature_digest(parts.algorithm),
        None if issuer is None else issuer.subject_id == text.id and _verifies(binary, issuer),
    )


def crl_entries(data: bytes) -> Iterator[CrlEntry]:
    """Every entry of a DER CRL that `read_crl` accepted; an unknown reason is `unspecified`. Raises `Malformed` where it did not."""
    start, stop = _parts(data).entries
    for _, _, at, after in der.children(data, start, stop):
        serial_at, serial_stop = der.expect(data, at, after, der.INTEGER)
        tag, time_at, time_stop = der.tlv(data, serial_stop, after)
        if tag not in _TIMES:
            raise der.Malformed("an entry without a date")
        reason, invalid = "unspecified", None
        if time_stop < after:
            for oid, (critical, value) in _extensions(data, time_stop, after).items():
                if oid == _REASON:
                    code_at, code_stop = der.expect(value, 0, len(value), 0x0A)
                    reason = _REASONS.get(der.integer(value[code_at:code_stop]), reason)
                elif oid == _INVALIDITY:
                    kind, date_at, date_stop = der.tlv(value, 0, len(value))
                    invalid = time(kind, value[date_at:date_stop])
                elif critical:
                    raise der.Malformed("an entry with a critical extension that is not understood")
        serial = der.integer(data[serial_at:serial_stop])
        yield CrlEntry(f"{serial:x}", time(tag, data[time_at:time_stop]), reason, invalid)


def _binary(data: bytes) -> bytes:
    if not pem.looks_like_pem(data):
        return data
    for block in pem.blocks(data):
        if block.label == "X509 CRL":
            if block.problem:
                raise Invalid(block.problem, _HINT, field="crl")
            return block.der
    raise Invalid("There is no CRL in this file.", "Give a file with the block “X509 CRL”.", field="crl")


def _parts(data: bytes) -> _Parts:
    outer = der.parts(data)
    if len(outer) != 3 or outer[0][0] != der.SEQUENCE or outer[2][0] != der.BIT_STRING:
        raise der.Malformed("a CRL has three parts")
    inner = list(der.children(data, outer[0][2], outer[0][3]))
    if inner and inner[0][0] == der.INTEGER:
        inner = inner[1:]
    if len(inner) < 3 or inner[0][0] != der.SEQUENCE or inner[1][0] != der.SEQUENCE or inner[2][0] not in _TIMES:
        raise der.Malformed("a CRL has at least an algorithm, an issuer and a date")
    algorithm, issuer, this_update, *rest = inner
    following = None
    entries = (0, 0)
    extensions: dict[bytes, tuple[bool, bytes]] = {}
    if rest and rest[0][0] in _TIMES:
        following = rest[0][0], data[rest[0][2] : rest[0][3]]
        rest = rest[1:]
    if rest and rest[0][0] == der.SEQUENCE:
        entries = rest[0][2], rest[0][3]
        rest = rest[1:]
    if rest and rest[0][0] == 0xA0:
        extensions = _extensions(data, rest[0][2], rest[0][3])
        rest = rest[1:]
    if rest:
        raise der.Malformed("a part that a CRL does not have")
    return _Parts(
        data[issuer[1] : issuer[3]],
        data[algorithm[1] : algorithm[3]],
        (this_update[0], data[this_update[2] : this_update[3]]),
        following,
        entries,
        extensions,
    )


def _extensions(data: bytes, at: int, stop: int) -> dict[bytes, tuple[bool, bytes]]:
    """OID content to (critical, value). Raises `Malformed`, also for one that comes twice."""
    found: dict[bytes, tuple[bool, bytes]] = {}
    start, listed = der.expect(data, at, stop, der.SEQUENCE)
    for _, _, inner, after in der.children(data, start, listed):
        oid_at, oid_stop = der.expect(data, inner, after, der.OID)
        tag, value_at, value_stop = der.tlv(data, oid_stop, after)
        critical = False
        if tag == der.BOOLEAN:
            critical = data[value_at:value_stop] != b"\0"
            tag, value_at, value_stop = der.tlv(data, value_stop, after)
        if tag != der.OCTET_STRING or data[oid_at:oid_stop] in found:
            raise der.Malformed("an extension without a value, or twice")
        found[data[oid_at:oid_stop]] = critical, data[value_at:value_stop]
    return found


def _integer(parts: _Parts, oid: bytes) -> int | None:
    if oid not in parts.extensions:
        return None
    value = parts.extensions[oid][1]
    start, stop = der.expect(value, 0, len(value), der.INTEGER)
    if stop - start > 20:
        raise der.Malformed("a CRL number that is too long")
    return der.integer(value[start:stop])


def _check_scope(parts: _Parts) -> None:
    """Refuse lists that speak for other CAs or of other things than certificates (5.2.5)."""
    for oid, (critical, value) in parts.extensions.items():
        if oid == _POINT:
            flags = {tag for tag, _, start, stop in der.parts(value) if value[start:stop] not in (b"", b"\0")}
            if flags & {0x84, 0x85}:
                raise Invalid(
                    "This CRL is indirect or of attribute certificates, which is not read here.", _HINT, field="crl"
                )
        elif critical and oid not in (_DELTA, _NUMBER, _KEY_ID):
            raise Invalid(
                f"The CRL has a critical extension that is not understood ({der.dotted(oid)}).", _HINT, field="crl"
            )


def _authority_key_id(parts: _Parts) -> str:
    if _KEY_ID not in parts.extensions:
        return ""
    value = parts.extensions[_KEY_ID][1]
    return next((value[start:stop].hex() for tag, _, start, stop in der.parts(value) if tag == 0x80), "")


def _verifies(data: bytes, issuer: X509Facts) -> bool:
    from cryptography import x509

    try:
        key = x509.load_der_x509_certificate(issuer.der).public_key()
        if takes_too_long(key):
            return False
        return x509.load_der_x509_crl(data).is_signature_valid(key)  # type: ignore[arg-type]  # other kinds raise
    except Exception:
        # What the strict parser refuses, and keys of other kinds: nothing proves the signature then.
        return False
