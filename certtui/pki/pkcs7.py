"""PKCS#7 bags of certificates (RFC 2315, RFC 5652): read in DER or BER, written in DER."""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.pki import der

SIGNED_DATA = "1.2.840.113549.1.7.2"
_DATA = "1.2.840.113549.1.7.1"


def certificates_in(data: bytes) -> list[bytes]:
    """The DER of every certificate in a SignedData, in order. Raises `Invalid` with a sentence."""
    try:
        content = der.from_ber(data)
        (tag, _, oid_at, oid_stop), (wrap, _, start, stop), *rest = der.parts(content)
        if tag != der.OID or wrap != 0xA0 or rest:
            raise der.Malformed("no ContentInfo")
        if der.dotted(content[oid_at:oid_stop]) != SIGNED_DATA:
            raise Invalid("This PKCS#7 file holds no certificates: it is not of the kind signedData.")
        inner, inner_stop = der.expect(content, start, stop, der.SEQUENCE)
        found: list[bytes] = []
        for tag, _, at, after in der.children(content, inner, inner_stop):
            if tag == 0xA0:
                found += [
                    content[at:end] for kind, at, _, end in der.children(content, at, after) if kind == der.SEQUENCE
                ]
        return found
    except (der.Malformed, ValueError):
        raise Invalid("The PKCS#7 structure cannot be parsed.", "Check that the file is whole.") from None


def encode(certificates: list[bytes]) -> bytes:
    """A certs-only SignedData (RFC 5652, 5.1: version 1, no digest, no signer), in the order given."""
    signed = der.encode(
        der.SEQUENCE,
        der.encode(der.INTEGER, b"\x01")
        + der.encode(der.SET, b"")
        + der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted(_DATA)))
        + der.encode(0xA0, b"".join(certificates))
        + der.encode(der.SET, b""),
    )
    return der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted(SIGNED_DATA)) + der.encode(0xA0, signed))
