"""Reads OCSP requests (RFC 6960, 4.1; nonces by RFC 9654), several certificates in one too. Total on hostile bytes."""

from __future__ import annotations

from functools import lru_cache
from hashlib import new
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.x509 import X509Facts
from certtui.pki import der
from certtui.pki.algorithms import DIGESTS
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.record import dataclass

MAX_REQUEST = 16 * 1024
"""Octets of a request; one for a certificate takes about a hundred."""
MAX_ITEMS = 32
_MAX_NONCE = 128
_MAX_SERIAL = 32
_NONCE = der.undotted("1.3.6.1.5.5.7.48.1.2")
_MAX_HASH = 64
"""Octets of a hash by a digest that is not known here."""
_NULL = b"\x05\x00"
_SIZES = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
_MALFORMED = "This is not an OCSP request, or it is damaged."


class OcspItem(NamedTuple):
    """One certificate asked about: who is said to have issued it, by hashes in hex, and its serial."""

    digest: str
    """`sha1`, `sha256`, `sha384` or `sha512`; "" for one that is not known here, whose answer is `unknown`."""
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    """As `X509Facts.serial_number`."""
    cert_id: bytes
    """The DER CertID, which the answer repeats."""


@dataclass(frozen=True, slots=True)
class OcspQuestion:
    """A request: what is asked, and the nonce (None where there is none)."""

    items: tuple[OcspItem, ...]
    nonce: bytes | None


def read_request(data: bytes) -> OcspQuestion:
    """A DER OCSPRequest. Raises `Invalid` for all else, and for more than MAX_REQUEST octets or MAX_ITEMS certificates.

    A request's own signature is not looked at: everybody may ask.
    """
    if len(data) > MAX_REQUEST:
        raise Invalid(f"The OCSP request is larger than {MAX_REQUEST:,} octets.")
    try:
        return _question(data)
    except (der.Malformed, ValueError, IndexError):
        raise Invalid(_MALFORMED) from None


@lru_cache(maxsize=1024)
def _hashes(certificate: bytes, digest: str) -> tuple[str, str]:
    parts = certificate_parts(certificate)
    key = spki_parts(parts.spki)[2]
    # The hash is a name here, not a proof (RFC 6960, 4.1.1).
    return (
        new(digest, parts.subject, usedforsecurity=False).hexdigest(),
        new(digest, key, usedforsecurity=False).hexdigest(),
    )


def issuer_hashes(issuer: X509Facts, digest: str) -> tuple[str, str]:
    """Hashes (hex) of name and key by which a request means this CA; `digest` is one of those of `OcspItem`."""
    return _hashes(issuer.der, digest)


def asks_about(item: OcspItem, issuer: X509Facts) -> bool:
    """Whether the item means a certificate of this CA."""
    return item.digest != "" and issuer_hashes(issuer, item.digest) == (item.issuer_name_hash, item.issuer_key_hash)


def _question(data: bytes) -> OcspQuestion:
    outer = der.parts(data)
    if not outer or outer[0][0] != der.SEQUENCE or any(part[0] != 0xA0 for part in outer[1:]):
        raise der.Malformed("an OCSP request is a request and perhaps a signature")
    listed: tuple[int, int] | None = None
    nonce = None
    for tag, _, start, stop in der.children(data, outer[0][2], outer[0][3]):
        match tag:
            case 0xA0:
                at, after = der.expect(data, start, stop, der.INTEGER)
                if data[at:after] != b"\0":
                    raise der.Malformed("only version 1 exists")
            case 0xA1:
                continue
            case der.SEQUENCE if listed is None:
                listed = start, stop
            case 0xA2:
                nonce = _nonce(data, start, stop)
            case _:
                raise der.Malformed("a part that an OCSP request does not have")
    if listed is None:
        raise der.Malformed("an OCSP request without a list")
    items: list[OcspItem] = []
    for tag, _, start, stop in der.children(data, *listed):
        if tag != der.SEQUENCE or len(items) == MAX_ITEMS:
            raise der.Malformed("no request, or too many of them")
        items.append(_item(data, start, stop))
    if not items:
        raise der.Malformed("nothing is asked")
    return OcspQuestion(tuple(items), nonce)


def _item(data: bytes, at: int, end: int) -> OcspItem:
    start, stop = der.expect(data, at, end, der.SEQUENCE)
    for _, _, inner, after in der.children(data, stop, end):
        _extensions(data, inner, after)
    algorithm, name, key, serial = list(der.children(data, start, stop))
    if [algorithm[0], name[0], key[0], serial[0]] != [der.SEQUENCE, der.OCTET_STRING, der.OCTET_STRING, der.INTEGER]:
        raise der.Malformed("not a certificate's identifier")
    oid_at, oid_stop = der.expect(data, algorithm[2], algorithm[3], der.OID)
    parameters = data[oid_stop : algorithm[3]]
    if parameters not in (b"", _NULL):
        # What an answer repeats is signed: nothing but what an identifier is made of.
        raise der.Malformed("a digest with parameters")
    digest = DIGESTS.get(der.dotted(data[oid_at:oid_stop]), "")
    name_hash, key_hash = data[name[2] : name[3]], data[key[2] : key[3]]
    size = _SIZES.get(digest)
    if size is None and max(len(name_hash), len(key_hash)) <= _MAX_HASH:
        digest = ""
    elif len(name_hash) != size or len(key_hash) != size:
        raise der.Malformed("a hash of another length than its digest has")
    if serial[3] - serial[2] > _MAX_SERIAL:
        raise der.Malformed("a serial that is too long")
    octets = data[serial[2] : serial[3]]
    number = der.integer(octets)
    if octets != number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True):
        raise der.Malformed("a serial that begins with too many octets")
    # Written anew: a length may have come in another form than DER's.
    named = der.encode(der.SEQUENCE, der.encode(der.OID, data[oid_at:oid_stop]) + parameters)
    named += der.encode(der.OCTET_STRING, name_hash) + der.encode(der.OCTET_STRING, key_hash)
    cert_id = der.encode(der.SEQUENCE, named + der.encode(der.INTEGER, octets))
    return OcspItem(digest, name_hash.hex(), key_hash.hex(), f"{number:x}", cert_id)


def _nonce(data: bytes, at: int, end: int) -> bytes | None:
    value = _extensions(data, at, end).get(_NONCE)
    if value is None:
        return None
    start, stop = der.expect(value, 0, len(value), der.OCTET_STRING)
    if stop != len(value) or not 1 <= stop - start <= _MAX_NONCE:
        raise der.Malformed("a nonce of a length that RFC 9654 does not know")
    return value[start:stop]


def _extensions(data: bytes, at: int, end: int) -> dict[bytes, bytes]:
    """OID content to value; a critical one that is not the nonce is `Malformed`."""
    start, stop = der.expect(data, at, end, der.SEQUENCE)
    found: dict[bytes, bytes] = {}
    for tag, _, inner, after in der.children(data, start, stop):
        if tag != der.SEQUENCE:
            raise der.Malformed("not an extension")
        oid_at, oid_stop = der.expect(data, inner, after, der.OID)
        kind, value_at, value_stop = der.tlv(data, oid_stop, after)
        oid = data[oid_at:oid_stop]
        if kind == der.BOOLEAN:
            if data[value_at:value_stop] != b"\0" and oid != _NONCE:
                raise der.Malformed("a critical extension that is not understood")
            kind, value_at, value_stop = der.tlv(data, value_stop, after)
        if kind != der.OCTET_STRING or oid in found:
            raise der.Malformed("an extension without a value, or twice")
        found[oid] = data[value_at:value_stop]
    return found
