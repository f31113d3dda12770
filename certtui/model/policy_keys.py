"""Kinds of keys as policies name them: a family and the least size, `rsa-2048`, or one kind exactly, `ed25519`.

`ec` are the NIST curves, `ml-dsa` the three of FIPS 204; other kinds (`ec-brainpoolp256r1`, `ed448`) are named as they are.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILIES = ("rsa", "ec", "dsa", "ml-dsa")
"""Families that have sizes."""

_LEAST = {
    "rsa": "RSA of {} bits or more",
    "ec": "P-{} or longer",
    "dsa": "DSA of {} bits or more",
    "ml-dsa": "ML-DSA-{} or stronger",
}
_ANY = {"rsa": "RSA", "ec": "EC", "dsa": "DSA", "ml-dsa": "ML-DSA"}
_EXACTLY = {"ed25519": "Ed25519", "ed448": "Ed448", "x25519": "X25519", "x448": "X448"}


def key_fits(key_algorithm: str, wanted: str) -> bool:
    """Whether a key (`rsa-3072`) is of a kind (`rsa-2048`: RSA of 2048 bits or more)."""
    if key_algorithm == wanted:
        return True
    family, least = family_of(wanted)
    mine, size = family_of(key_algorithm)
    return bool(family) and family == mine and size >= least and (size > 0 or least == 0)


def family_of(kind: str) -> tuple[str, int]:
    """("rsa", 2048) of `rsa-2048`, ("rsa", 0) of `rsa`, ("", 0) of a kind without sizes."""
    if kind in FAMILIES:
        return kind, 0
    family, dash, size = kind.rpartition("-")
    if dash and family in FAMILIES and size.isascii() and size.isdigit() and len(size) < 7:
        return family, int(size)
    return "", 0


def keys_in_words(keys: Iterable[str]) -> str:
    """`RSA of 2048 bits or more, P-256 or longer, or Ed25519`."""
    words = [_in_words(key) for key in keys]
    return f"{', '.join(words[:-1])}, or {words[-1]}" if len(words) > 1 else "".join(words)


def _in_words(key: str) -> str:
    family, least = family_of(key)
    if not family:
        return _EXACTLY.get(key, key)
    return _LEAST[family].replace("{}", str(least)) if least else _ANY[family]
