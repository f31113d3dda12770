"""What a token looks like, and what of it is stored.

`ctt_`, 32 random bytes in base 62, and six digits of checksum: a scanner of source code or logs knows one by its form,
and a mistyped one is told without asking the database. Stored is SHA-256 and nothing slower: a slow hash protects secrets
that people make up; 256 random bits are not found by trying, however fast.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib

PREFIX = "ctt_"
SHOWN = 12
"""Characters that stay readable in a list: the prefix and eight of the 43 digits, which leave 208 bits unknown."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = 43
_CHECK_DIGITS = 6
LENGTH = len(PREFIX) + _DIGITS + _CHECK_DIGITS


def make() -> str:
    """A new token."""
    body = PREFIX + _base62(int.from_bytes(secrets.token_bytes(32), "big"), _DIGITS)
    return body + _checksum(body)


def well_formed(token: bytes) -> bool:
    """Whether it can be one of ours at all."""
    if len(token) != LENGTH or not token.isascii():
        return False
    text = token.decode("ascii")
    return text.startswith(PREFIX) and _checksum(text[:-_CHECK_DIGITS]) == text[-_CHECK_DIGITS:]


def digest(token: bytes) -> str:
    """What is stored of a token, and found again by an index: how long that takes tells of a hash, never of the token."""
    return hashlib.sha256(token).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    found = []
    for _ in range(digits):
        number, digit = divmod(number, 62)
        found.append(_ALPHABET[digit])
    return "".join(reversed(found))
