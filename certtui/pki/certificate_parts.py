"""The outer structure of a certificate or request as raw DER pieces, for whoever prints or compares them exactly."""

from __future__ import annotations

from typing import NamedTuple

from certtui.pki import der


class CertificateParts(NamedTuple):
    """Raw DER pieces of one certificate (RFC 5280, 4.1). `version` is 1 to 3; the serial is the INTEGER's content."""

    version: int
    serial: bytes
    issuer: bytes
    subject: bytes
    spki: bytes
    signature_algorithm: bytes
    signature: bytes


def certificate_parts(data: bytes) -> CertificateParts:
    """Take a DER certificate apart. Raises `Malformed`."""
    outer = der.parts(data)
    if len(outer) < 3:
        raise der.Malformed("a certificate has three parts")
    inner = list(der.children(data, outer[0][2], outer[0][3]))
    version = 1
    if inner and inner[0][0] == 0xA0:
        start, stop = der.expect(data, inner[0][2], inner[0][3], der.INTEGER)
        version = der.integer(data[start:stop]) + 1
        inner = inner[1:]
    if len(inner) < 6:
        raise der.Malformed("a certificate has at least six fields")
    serial, _, issuer, _, subject, spki = inner[:6]
    return CertificateParts(
        version,
        data[serial[2] : serial[3]],
        data[issuer[1] : issuer[3]],
        data[subject[1] : subject[3]],
        data[spki[1] : spki[3]],
        data[outer[1][1] : outer[1][3]],
        data[outer[2][2] + 1 : outer[2][3]],
    )


def spki_parts(spki: bytes) -> tuple[str, bytes, bytes]:
    """Algorithm OID, DER of its parameters (b"" if none) and the key's bits. Raises `Malformed`."""
    (_, _, at, stop), (tag, _, bits, bits_stop), *_ = [*der.parts(spki), (0, 0, 0, 0), (0, 0, 0, 0)][:2]
    if tag != der.BIT_STRING:
        raise der.Malformed("a public key is a BIT STRING")
    oid_at, oid_stop = der.expect(spki, at, stop, der.OID)
    return der.dotted(spki[oid_at:oid_stop]), spki[oid_stop:stop], spki[bits + 1 : bits_stop]
