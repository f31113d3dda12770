"""Sealing what an unsaved form holds, for who shows the same token: AES-256-GCM under a key made from it (HKDF-SHA256, RFC 5869).

The store key stays on the server. A file with the sealed form alone tells nothing; who has the token could ask the server
for more than that.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from certtui.errors import Invalid, Unsupported

if TYPE_CHECKING:
    from certtui.model.secret import Secret

_MAGIC = b"certtui-form-1\0"
_SALT, _NONCE = 16, 12


def seal(token: Secret | None, content: bytes) -> bytes:
    """Raises `Unsupported` without a token: a client certificate's key is not taken for this."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return _MAGIC + salt + nonce + AESGCM(_key(token, salt)).encrypt(nonce, content, _MAGIC)


def unseal(token: Secret | None, sealed: bytes) -> bytes:
    """Raises `Invalid` when another token sealed it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = len(_MAGIC)
    salt, nonce = sealed[head : head + _SALT], sealed[head + _SALT : head + _SALT + _NONCE]
    problem = Invalid("This was sealed with another token.", "Give it again.")
    if not sealed.startswith(_MAGIC) or len(nonce) < _NONCE:
        raise problem
    try:
        return AESGCM(_key(token, salt)).decrypt(nonce, sealed[head + _SALT + _NONCE :], _MAGIC)
    except InvalidTag:
        raise problem from None


def _key(token: Secret | None, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    if token is None:
        raise Unsupported("Without a token nothing is sealed here.", "Keep the key in its file.")
    return HKDF(SHA256(), 32, salt, b"certtui unsaved form").derive(token.reveal())
