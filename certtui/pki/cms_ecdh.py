"""Ephemeral-static ECDH as CMS uses it (RFC 5753, 3.1): the shared secret, its derivation, and the wrapped content key."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from certtui.pki import cms_asn1 as asn1
from certtui.pki import der
from certtui.pki.cms_algorithms import Refused, hash_of
from certtui.pki.cms_asn1 import Algorithm, Malformed
from certtui.pki.cms_ciphers import Cannot

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

EC_KEY = "1.2.840.10045.2.1"
SHA256_KDF = "1.3.132.1.11.1"
SCHEMES = {
    "1.3.133.16.840.63.0.2": "sha1",
    "1.3.132.1.11.0": "sha224",
    SHA256_KDF: "sha256",
    "1.3.132.1.11.2": "sha384",
    "1.3.132.1.11.3": "sha512",
    # With the cofactor: which is 1 on every curve that is read here, so that it changes nothing.
    "1.3.133.16.840.63.0.3": "sha1",
    "1.3.132.1.14.0": "sha224",
    "1.3.132.1.14.1": "sha256",
    "1.3.132.1.14.2": "sha384",
    "1.3.132.1.14.3": "sha512",
}
"""dhSinglePass-stdDH and -cofactorDH schemes (RFC 5753, 7.1.4), by the digest of their key derivation."""
_DES_WRAP = "1.2.840.113549.1.9.16.3.6"
_WRAPS = {
    "2.16.840.1.101.3.4.1.5": 16,
    "2.16.840.1.101.3.4.1.25": 24,
    "2.16.840.1.101.3.4.1.45": 32,
    _DES_WRAP: 24,
}
"""Octets of the key-encryption key of each key wrap: AES (RFC 3394), and triple DES (RFC 3217), which is read and not written."""
_WRAP_OF = {16: "2.16.840.1.101.3.4.1.5", 24: "2.16.840.1.101.3.4.1.25", 32: "2.16.840.1.101.3.4.1.45"}


def unwrapped(
    key: EllipticCurvePrivateKey, point: bytes, digest: str, wrap: Algorithm, ukm: bytes | None, wrapped: bytes
) -> bytes:
    """The content key from a recipient's key and the sender's point. Raises `Cannot`, `Refused`, `Malformed`."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    size = _WRAPS.get(wrap.oid)
    if size is None:
        raise Refused(f"its key wrap {wrap.oid} is not one that is read here")
    try:
        # Refuses a point that is not on the recipient's curve, with which its key could be guessed bit by bit.
        sender = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)
    except ValueError:
        raise Malformed("the sender's key is no point of the recipient's curve") from None
    shared = key.exchange(ec.ECDH(), sender)
    kek = _derived(shared, digest, wrap.raw, ukm, size)
    if wrap.oid == _DES_WRAP:
        return _des_unwrapped(kek, wrapped)
    try:
        return aes_key_unwrap(kek, wrapped)
    except (InvalidUnwrap, ValueError):
        raise Cannot from None


def wrapped_for(recipient: EllipticCurvePublicKey, content_key: bytes) -> tuple[bytes, bytes, bytes]:
    """The sender's point, the keyEncryptionAlgorithm and the wrapped content key, by a fresh key and SHA-256."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    own = ec.generate_private_key(recipient.curve)
    wrap = asn1.identifier(_WRAP_OF[len(content_key)])
    kek = _derived(own.exchange(ec.ECDH(), recipient), "sha256", wrap, None, len(content_key))
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point, asn1.identifier(SHA256_KDF, wrap), aes_key_wrap(kek, content_key)


def _derived(shared: bytes, digest: str, wrap: bytes, ukm: bytes | None, size: int) -> bytes:
    """X9.63 over ECC-CMS-SharedInfo (RFC 5753, 7.2)."""
    from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

    entity = b"" if ukm is None else der.encode(0xA0, asn1.octets(ukm))
    length = der.encode(0xA2, asn1.octets((8 * size).to_bytes(4, "big")))
    return X963KDF(hash_of(digest), size, asn1.sequence(wrap, entity, length)).derive(shared)


def _des_unwrapped(kek: bytes, wrapped: bytes) -> bytes:
    """CMS triple DES key unwrap (RFC 3217, 3.2)."""
    from hashlib import sha1

    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    if len(wrapped) != 40:
        raise Cannot

    def opened(iv: bytes, data: bytes) -> bytes:
        decryptor = Cipher(TripleDES(kek), modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    turned = opened(bytes.fromhex("4adda22c79e82105"), wrapped)[::-1]
    plain = opened(turned[:8], turned[8:])
    key, check = plain[:24], plain[24:]
    if not hmac.compare_digest(sha1(key, usedforsecurity=False).digest()[:8], check):
        raise Cannot
    return key


def random_key(size: int) -> bytes:
    """A key that opens nothing, in place of one that could not be had."""
    return secrets.token_bytes(size)
