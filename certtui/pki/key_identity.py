"""The identity of a key: the SHA-256 of its DER SubjectPublicKeyInfo (DESIGN 10), one for every way to write a point."""

from __future__ import annotations

from hashlib import sha256

from certtui.pki import der

_EC = der.encode(der.OID, der.undotted("1.2.840.10045.2.1"))


def key_identity(spki: bytes) -> str:
    """The hex identity of a public key; a compressed EC point (SEC 1, 2.3.3) counts as the uncompressed one.

    A certificate may hold the point compressed while its key, loaded and written again, has it uncompressed.
    """
    # The identifier of the algorithm stands within the first 24 octets of any SubjectPublicKeyInfo.
    if spki.find(_EC, 0, 24) >= 0 and _is_compressed(spki):
        spki = _uncompressed(spki)
    return sha256(spki).hexdigest()


def _is_compressed(spki: bytes) -> bool:
    try:
        start, stop = der.expect(spki, 0, len(spki), der.SEQUENCE)
        _, key_at = der.expect(spki, start, stop, der.SEQUENCE)
        bits_at, bits_stop = der.expect(spki, key_at, stop, der.BIT_STRING)
    except der.Malformed:
        return False
    return bits_stop - bits_at > 1 and spki[bits_at + 1] in (2, 3)


def _uncompressed(spki: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        return load_der_public_key(spki).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        # No point of a curve that is known here: it is what it is.
        return spki
