"""Sealing private keys: AES-256-GCM under a data key of their own, which the store key wraps (DESIGN 5).

A sealed box is a 96-bit random nonce followed by ciphertext and tag (NIST SP 800-38D, 8.2.2). The payload is bound to
its purpose and to the key's random uid, and is never rewritten. The wrap is bound to the store, the key and the
wrapping key, so that a row moved to another store, entry or key does not open.
"""

from __future__ import annotations

import hashlib
import secrets

from certtui.errors import Invalid, Unreachable
from certtui.model.secret import Secret
from certtui.record import dataclass, field

KEY_BYTES = 32
_NONCE_BYTES = 12

ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_ITERATIONS = 3
ARGON2_LANES = 4
"""RFC 9106, section 4: the second recommended option, for where memory is scarce (t=3, p=4, 64 MiB)."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The key that wraps all data keys of a store; `id` is the name of the wrapping key in the store."""

    id: str
    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A private key as it is stored."""

    key_uid: str
    wrapped_data_key: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class PassphraseCosts:
    """How a passphrase becomes a key: Argon2id (RFC 9106) with these costs and salt."""

    salt: bytes
    memory_kib: int = ARGON2_MEMORY_KIB
    iterations: int = ARGON2_ITERATIONS
    lanes: int = ARGON2_LANES


def new_key() -> bytes:
    """A fresh random key."""
    return secrets.token_bytes(KEY_BYTES)


def fingerprint(key: bytes) -> str:
    """Sixteen hex digits to tell store keys apart; says nothing of the key, which is random."""
    return hashlib.sha256(b"certtui store key fingerprint\0" + key).hexdigest()[:16]


def seal(pkcs8: Secret, store_uid: str, store_key: StoreKey) -> SealedKey:
    """Seal one private key under a fresh data key."""
    key_uid = secrets.token_hex(16)
    data_key = new_key()
    return SealedKey(
        key_uid=key_uid,
        wrapped_data_key=_encrypt(store_key.key, data_key, _wrap_context(store_uid, key_uid, store_key.id)),
        payload=_encrypt(data_key, pkcs8.reveal(), _payload_context(key_uid)),
    )


def unseal(sealed: SealedKey, store_uid: str, store_key: StoreKey) -> Secret:
    """The PKCS#8 DER of a sealed key. Raises `Unreachable` when it does not open."""
    data_key = _unwrap(sealed, store_uid, store_key)
    return Secret(_decrypt(data_key, sealed.payload, _payload_context(sealed.key_uid)))


def rewrap(sealed: SealedKey, store_uid: str, old: StoreKey, new: StoreKey, new_store_uid: str = "") -> bytes:
    """The data key wrapped under another store key, perhaps of another store; the payload stays as it is."""
    data_key = _unwrap(sealed, store_uid, old)
    return _encrypt(new.key, data_key, _wrap_context(new_store_uid or store_uid, sealed.key_uid, new.id))


def seal_form(content: bytes, store_uid: str, store_key: StoreKey) -> bytes:
    """Bind what an unsaved form holds to this store and its present key."""
    return _encrypt(store_key.key, content, _form_context(store_uid, store_key.id))


def unseal_form(box: bytes, store_uid: str, store_key: StoreKey) -> bytes:
    """The content again. Raises `Invalid` when another key or store sealed it."""
    from cryptography.exceptions import InvalidTag

    try:
        return _open(store_key.key, box, _form_context(store_uid, store_key.id))
    except (InvalidTag, ValueError):
        raise Invalid(
            "What this form held was sealed with another store key, and can't be opened any more.",
            "Enter it again.",
        ) from None


def passphrase_key(passphrase: Secret, costs: PassphraseCosts) -> bytes:
    """The key that a passphrase makes; takes a tenth of a second and 64 MiB on purpose."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(
        salt=costs.salt, length=KEY_BYTES, iterations=costs.iterations, lanes=costs.lanes, memory_cost=costs.memory_kib
    ).derive(_composed(passphrase.reveal()))


def _composed(passphrase: bytes) -> bytes:
    """One spelling of what was typed (NFC, as RFC 8265, 4.2.2): an ä is one character on one keyboard, two on another."""
    import unicodedata

    try:
        return unicodedata.normalize("NFC", passphrase.decode()).encode()
    except UnicodeDecodeError:
        return passphrase


def seal_store_key(store_key: StoreKey, under: bytes, store_uid: str) -> bytes:
    """The store key sealed under a passphrase's key."""
    return _encrypt(under, store_key.key, _store_key_context(store_uid, store_key.id))


def open_store_key(box: bytes, under: bytes, store_uid: str, wrapping_key_id: str) -> StoreKey | None:
    """The store key, or None when the passphrase's key is not the one."""
    from cryptography.exceptions import InvalidTag

    try:
        key = _open(under, box, _store_key_context(store_uid, wrapping_key_id))
    except (InvalidTag, ValueError):
        return None
    return StoreKey(wrapping_key_id, key)


def _payload_context(key_uid: str) -> bytes:
    return b"certtui private key\0" + key_uid.encode()


def _wrap_context(store_uid: str, key_uid: str, wrapping_key_id: str) -> bytes:
    return b"\0".join((b"certtui data key", store_uid.encode(), key_uid.encode(), wrapping_key_id.encode()))


def _store_key_context(store_uid: str, wrapping_key_id: str) -> bytes:
    return b"\0".join((b"certtui store key", store_uid.encode(), wrapping_key_id.encode()))


def _form_context(store_uid: str, wrapping_key_id: str) -> bytes:
    return b"\0".join((b"certtui form", store_uid.encode(), wrapping_key_id.encode()))


def _unwrap(sealed: SealedKey, store_uid: str, store_key: StoreKey) -> bytes:
    context = _wrap_context(store_uid, sealed.key_uid, store_key.id)
    return _decrypt(store_key.key, sealed.wrapped_data_key, context)


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def _decrypt(key: bytes, box: bytes, context: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return _open(key, box, context)
    except (InvalidTag, ValueError):
        raise Unreachable(
            "A sealed private key does not open with the store key: it was damaged or belongs to another store.",
            "`certtui store check` names every such key; a backup may hold it whole.",
        ) from None


def _open(key: bytes, box: bytes, context: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], context)
