"""Keys of the demonstration: made from their names, so that the same clock gives the same estate, down to fingerprints.

They are as public as this file. They live in a throw-away store and protect nothing.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

Key = Any  # any private key of cryptography; its own union is not importable at runtime

_CURVES = {"ec-256": ec.SECP256R1(), "ec-384": ec.SECP384R1(), "ec-521": ec.SECP521R1()}
_EXPONENT = 65537
# fmt: off
# RSA primes are the number that SHAKE-256 makes of their name, plus these: found once, so that nobody waits for them.
_PRIMES: dict[str, tuple[tuple[int, int], ...]] = {
    "rsa-2048": (
        (604, 448), (486, 222), (320, 28), (664, 482), (374, 1318), (734, 1098), (2328, 20), (268, 4), (1092, 578),
        (218, 24), (724, 1906), (326, 348), (180, 834), (1168, 1048), (4, 280), (2404, 174), (46, 60), (480, 3430),
        (684, 900), (854, 366), (264, 1732), (654, 114), (1580, 1782), (1878, 382), (50, 1520), (114, 284),
        (338, 1126), (114, 1072), (870, 1106), (3304, 32), (892, 992), (912, 2550),
    ),
    "rsa-3072": (
        (1120, 590), (1234, 516), (1128, 174),
    ),
    "rsa-4096": (
        (1536, 684), (960, 1226), (126, 686),
    ),
}
# fmt: on
RSA_KEYS = {kind: len(pairs) for kind, pairs in _PRIMES.items()}
"""How many RSA keys of each size there are."""


def make_key(kind: str, label: str) -> Key:
    """The key of a kind (`ec-256`, `ed25519`, …) and a label; for RSA the label is a number below `RSA_KEYS[kind]`."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(drawn(f"{kind} {label}", 32))
    if kind in _CURVES:
        curve = _CURVES[kind]
        # 2^(bits - 1) is below the order of each of these curves.
        number = int.from_bytes(drawn(f"{kind} {label}", 80), "big") % (1 << (curve.key_size - 1)) + 1
        return ec.derive_private_key(number, curve)
    return _rsa(kind, int(label))


def drawn(label: str, size: int) -> bytes:
    """So many bytes, always the same for a label."""
    return hashlib.shake_256(f"certtui demo {label}".encode()).digest(size)


def _rsa(kind: str, number: int) -> Key:
    half = int(kind.removeprefix("rsa-")) // 2
    p, q = (
        (int.from_bytes(drawn(f"{kind} {number} {letter}", half // 8), "big") | 3 << half - 2 | 1) + offset
        for letter, offset in zip("pq", _PRIMES[kind][number], strict=True)
    )
    p, q = max(p, q), min(p, q)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    # Checking them again takes longer than the rest of the estate; a test checks them.
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
