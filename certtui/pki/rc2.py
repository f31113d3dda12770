"""RC2 in CBC mode (RFC 2268), decryption only: old PFX files hold their certificates in its 40-bit form.

`cryptography` knows RC2 with 128 bits alone. Forty bits protect nothing; this only reads what others wrote.
"""

from __future__ import annotations

# RFC 2268, section 2: a permutation from the digits of pi.
_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Plain text with its padding. `key` of 1 to 128 octets is as strong as it is long; `data` is whole blocks of 8."""
    words = _expand(key)
    out = bytearray()
    previous = iv
    for at in range(0, len(data), 8):
        block = data[at : at + 8]
        out += bytes(a ^ b for a, b in zip(_block(words, block), previous, strict=True))
        previous = block
    return bytes(out)


def _expand(key: bytes) -> list[int]:
    """RFC 2268, 2: 64 words; the effective key length is that of the key."""
    octets = bytearray(key)
    for i in range(len(key), 128):
        octets.append(_PI[(octets[i - 1] + octets[i - len(key)]) & 0xFF])
    size = len(key)
    octets[128 - size] = _PI[octets[128 - size]]
    for i in range(127 - size, -1, -1):
        octets[i] = _PI[octets[i + 1] ^ octets[i + size]]
    return [octets[2 * i] | octets[2 * i + 1] << 8 for i in range(64)]


def _block(words: list[int], block: bytes) -> bytes:
    """RFC 2268, 4."""
    r = [int.from_bytes(block[i : i + 2], "little") for i in (0, 2, 4, 6)]
    at = 63
    for rounds in (5, 6, 5):
        for _ in range(rounds):
            for i, turn in ((3, 5), (2, 3), (1, 2), (0, 1)):
                value = (r[i] << (16 - turn) | r[i] >> turn) & 0xFFFF
                value -= words[at] + (r[i - 1] & r[i - 2]) + (~r[i - 1] & r[i - 3])
                r[i] = value & 0xFFFF
                at -= 1
        if at > 0:
            for i in (3, 2, 1, 0):
                r[i] = (r[i] - words[r[i - 1] & 63]) & 0xFFFF
    return b"".join(word.to_bytes(2, "little") for word in r)
