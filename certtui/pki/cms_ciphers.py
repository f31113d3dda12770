"""Content encryption: AES in CBC (RFC 3565) and GCM (RFC 5084), and triple DES, which is read and not written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from certtui.pki import cms_asn1 as asn1
from certtui.pki import der
from certtui.pki.cms_algorithms import Refused
from certtui.pki.cms_asn1 import Algorithm, Malformed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

_OIDS = {
    "2.16.840.1.101.3.4.1.2": "aes-128-cbc",
    "2.16.840.1.101.3.4.1.22": "aes-192-cbc",
    "2.16.840.1.101.3.4.1.42": "aes-256-cbc",
    "2.16.840.1.101.3.4.1.6": "aes-128-gcm",
    "2.16.840.1.101.3.4.1.26": "aes-192-gcm",
    "2.16.840.1.101.3.4.1.46": "aes-256-gcm",
    "1.2.840.113549.3.7": "3des-cbc",
}
_BY_NAME = {name: oid for oid, name in _OIDS.items()}
_KNOWN = {
    "1.2.840.113549.3.2": "RC2",
    "1.3.14.3.2.7": "DES",
    "2.16.840.1.101.3.4.1.7": "AES-CCM",
    "2.16.840.1.101.3.4.1.27": "AES-CCM",
    "2.16.840.1.101.3.4.1.47": "AES-CCM",
    "1.2.392.200011.61.1.1.1.2": "Camellia",
    "1.2.392.200011.61.1.1.1.3": "Camellia",
    "1.2.392.200011.61.1.1.1.4": "Camellia",
    "1.2.410.200004.1.4": "SEED",
}
_TAG = 16
_PIECE = 1 << 20
_NONCE = 12


class Cannot(ValueError):
    """The content does not decrypt; nothing says why, since an answer to that question is what an attacker would ask for."""


class ContentCipher(NamedTuple):
    """A cipher as a message has it: name, octets of its key, nonce or initialisation vector, octets of the tag (GCM alone)."""

    name: str
    key_size: int
    iv: bytes
    tag_size: int

    @property
    def authenticated(self) -> bool:
        return self.name.endswith("gcm")


def key_size(name: str) -> int:
    """Octets of the key of a cipher."""
    return 24 if name == "3des-cbc" else int(name.split("-")[1]) // 8


def read_cipher(found: Algorithm) -> ContentCipher:
    """A contentEncryptionAlgorithm. Raises `Refused`, `Malformed`."""
    name = _OIDS.get(found.oid, "")
    if not name:
        raise Refused(f"its cipher {_KNOWN.get(found.oid, found.oid)} is not one that is read here")
    if found.parameters is None:
        raise Malformed("a cipher without an initialisation vector")
    if name.endswith("gcm"):
        nonce, *rest = found.parameters.expect(der.SEQUENCE).children(1)
        size = rest[0].number() if rest else 12
        iv = nonce.expect(der.OCTET_STRING).content
        if not 12 <= size <= _TAG or not 8 <= len(iv) <= 128:
            raise Malformed("GCM has a nonce, and a tag of 12 to 16 octets")
        return ContentCipher(name, key_size(name), iv, size)
    iv = found.parameters.expect(der.OCTET_STRING).content
    if len(iv) != (8 if name == "3des-cbc" else 16):
        raise Malformed("an initialisation vector as long as a block")
    return ContentCipher(name, key_size(name), iv, 0)


def decrypted(cipher: ContentCipher, key: bytes, data: bytes, tag: bytes, associated: bytes) -> bytes:
    """The content. Raises `Cannot` for a wrong key and for a change alike."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    algorithm = _algorithm(cipher.name, key)
    try:
        if cipher.authenticated:
            opened = Cipher(algorithm, modes.GCM(cipher.iv, tag, cipher.tag_size)).decryptor()
            opened.authenticate_additional_data(associated)
            return b"".join([*map(opened.update, _pieces(data)), opened.finalize()])
        plain = Cipher(algorithm, modes.CBC(cipher.iv)).decryptor()
        unpadder = PKCS7(algorithm.block_size).unpadder()  # type: ignore[attr-defined]  # block ciphers all
        content = [unpadder.update(plain.update(piece)) for piece in _pieces(data)]
        return b"".join([*content, unpadder.update(plain.finalize()), unpadder.finalize()])
    except (ValueError, InvalidTag):
        raise Cannot from None


class Encrypted(NamedTuple):
    """A content encrypted under a fresh key: its identifier, the key, the octets in pieces, and the tag (b"" for CBC)."""

    identifier: bytes
    key: bytes
    data: tuple[bytes, ...]
    tag: bytes


def encrypted(name: str, content: bytes) -> Encrypted:
    """Encrypt a content under a fresh key by a cipher of `model.cms.CIPHERS`."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    key = secrets.token_bytes(key_size(name))
    algorithm = _algorithm(name, key)
    if name.endswith("gcm"):
        nonce = os.urandom(_NONCE)
        sealer = Cipher(algorithm, modes.GCM(nonce)).encryptor()
        data = (*map(sealer.update, _pieces(content)), sealer.finalize())
        parameters = asn1.sequence(asn1.octets(nonce), asn1.small(_TAG))
        return Encrypted(asn1.identifier(_BY_NAME[name], parameters), key, data, sealer.tag)
    iv = os.urandom(16)
    padder = PKCS7(128).padder()
    plain = Cipher(algorithm, modes.CBC(iv)).encryptor()
    # What the padder holds back of the content comes with the padding.
    data = (
        *(plain.update(padder.update(piece)) for piece in _pieces(content)),
        *(plain.update(padder.finalize()), plain.finalize()),
    )
    return Encrypted(asn1.identifier(_BY_NAME[name], asn1.octets(iv)), key, data, b"")


def _pieces(data: bytes) -> Iterator[memoryview]:
    """One after the other: `cryptography` keeps the interpreter while it works on one, two seconds for the largest whole (measured)."""
    view = memoryview(data)
    return (view[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _algorithm(name: str, key: bytes) -> CipherAlgorithm:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import algorithms

    return TripleDES(key) if name == "3des-cbc" else algorithms.AES(key)
