"""Password-based encryption as PKCS#12 and PKCS#8 use it: PBES2 (RFC 8018) and the old schemes of RFC 7292, appendix C."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.pki import der, kdf_cost
from certtui.pki.algorithms import DIGESTS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

_PBES2 = "1.2.840.113549.1.5.13"
_PBMAC1 = "1.2.840.113549.1.5.14"
_PBKDF2 = "1.2.840.113549.1.5.12"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_HMACS = {
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
}
# OID: (cipher, octets of key)
_CIPHERS = {
    "2.16.840.1.101.3.4.1.2": ("aes", 16),
    "2.16.840.1.101.3.4.1.22": ("aes", 24),
    "2.16.840.1.101.3.4.1.42": ("aes", 32),
    "1.2.840.113549.3.7": ("3des", 24),
}
_OLD = {
    "1.2.840.113549.1.12.1.1": ("rc4", 16),
    "1.2.840.113549.1.12.1.2": ("rc4", 5),
    "1.2.840.113549.1.12.1.3": ("3des", 24),
    "1.2.840.113549.1.12.1.4": ("3des", 16),
    "1.2.840.113549.1.12.1.5": ("rc2", 16),
    "1.2.840.113549.1.12.1.6": ("rc2", 5),
}
_ROUNDS = 600_000
"""Rounds of PBKDF2 in what is written here (OWASP, 2023)."""
_NULL = b"\x05\x00"
Password = bytes | None
"""UTF-8 text; None is no password at all, which PKCS#12 tells apart from the empty one."""


class WrongPassword(ValueError):
    """The bytes do not decrypt with this password."""


def decrypt(algorithm: bytes, password: Password, data: bytes) -> bytes:
    """Decrypt with a DER AlgorithmIdentifier. Raises `WrongPassword`, `Malformed`, `Invalid` for schemes unknown or absurd."""
    kdf_cost.check_algorithm(algorithm)
    oid, parameters = _identifier(algorithm)
    if oid == _PBES2:
        function, encryption = _elements(parameters)[:2]
        cipher_oid, iv = _identifier(encryption)
        cipher, size = _CIPHERS.get(cipher_oid, ("", 0))
        if not cipher:
            raise _unknown(cipher_oid)
        key = _derive(function, password or b"", size)
        return _unpadded(_cipher(cipher, key, _octets(iv), data))
    cipher, size = _OLD.get(oid, ("", 0))
    if not cipher:
        raise _unknown(oid)
    salt, count = _elements(parameters)[:2]
    rounds = _number(count)
    key = pkcs12_key("sha1", password, _octets(salt), 1, rounds, size)
    if cipher == "rc4":
        return _cipher(cipher, key, b"", data)
    iv = pkcs12_key("sha1", password, _octets(salt), 2, rounds, 8)
    return _unpadded(_cipher(cipher, key, iv, data))


def encrypt(password: bytes, data: bytes) -> bytes:
    """An EncryptedPrivateKeyInfo (RFC 5958) of exactly these octets: PBES2, PBKDF2 with HMAC-SHA-256, AES-256-CBC."""
    salt, iv = os.urandom(16), os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 32)
    padding = 16 - len(data) % 16
    function = _algorithm(
        _PBKDF2,
        der.encode(
            der.SEQUENCE,
            der.encode(der.OCTET_STRING, salt)
            + der.encode(der.INTEGER, _ROUNDS.to_bytes(3, "big"))
            + _algorithm("1.2.840.113549.2.9", _NULL),
        ),
    )
    cipher = _algorithm("2.16.840.1.101.3.4.1.42", der.encode(der.OCTET_STRING, iv))
    scheme = _algorithm(_PBES2, der.encode(der.SEQUENCE, function + cipher))
    sealed = _encrypted(key, iv, data + bytes([padding]) * padding)
    return der.encode(der.SEQUENCE, scheme + der.encode(der.OCTET_STRING, sealed))


def _algorithm(oid: str, parameters: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted(oid)) + parameters)


def _encrypted(key: bytes, iv: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def mac_fits(mac_data: bytes, content: bytes, password: Password) -> bool:
    """Whether the MacData (RFC 7292, 4; RFC 9579) of a PFX fits its content. Raises `Malformed`, `Invalid`."""
    elements = _elements(mac_data)
    algorithm, digest = _elements(elements[0])[:2]
    oid, parameters = _identifier(algorithm)
    if oid == _PBMAC1:
        kdf_cost.check_algorithm(algorithm)
        function, mac = _elements(parameters)[:2]
        name = _HMACS.get(_identifier(mac)[0], "")
        if not name:
            raise _unknown(_identifier(mac)[0])
        key = _derive(function, password or b"", _key_length(function) or hashlib.new(name).digest_size)
    else:
        name = DIGESTS.get(oid, "")
        if not name:
            raise _unknown(oid)
        rounds = _number(elements[2]) if len(elements) > 2 else 1
        kdf_cost.check_iterations(rounds)
        name = name.replace("sha3-", "sha3_")
        key = pkcs12_key(name, password, _octets(elements[1]), 3, rounds, hashlib.new(name).digest_size)
    return hmac.compare_digest(hmac.new(key, content, name).digest(), _octets(digest))


def pkcs12_key(digest: str, password: Password, salt: bytes, purpose: int, rounds: int, size: int) -> bytes:
    """RFC 7292, appendix B.2: `purpose` is 1 for a key, 2 for an IV, 3 for a MAC key."""
    new = getattr(hashlib, digest)
    block = new().block_size
    text = b"" if password is None else _text(password).encode("utf-16-be") + b"\0\0"
    state = bytearray(_filled(salt, block) + _filled(text, block))
    out = b""
    while len(out) < size:
        hashed = new(bytes([purpose]) * block + bytes(state)).digest()
        for _ in range(rounds - 1):
            hashed = new(hashed).digest()
        out += hashed
        addend = int.from_bytes(_filled(hashed, block), "big") + 1
        for at in range(0, len(state), block):
            value = (int.from_bytes(state[at : at + block], "big") + addend) % (1 << (8 * block))
            state[at : at + block] = value.to_bytes(block, "big")
    return out[:size]


def _derive(function: bytes, password: bytes, size: int) -> bytes:
    oid, parameters = _identifier(function)
    elements = _elements(parameters)
    if oid == _SCRYPT:
        salt, n, r, p = elements[:4]
        try:
            return hashlib.scrypt(
                password, salt=_octets(salt), n=_number(n), r=_number(r), p=_number(p), maxmem=2**30, dklen=size
            )
        except ValueError:
            raise der.Malformed("scrypt with numbers that do not fit") from None
    if oid != _PBKDF2:
        raise _unknown(oid)
    digest = "sha1"
    for element in elements[2:]:
        if element[0] == der.SEQUENCE:
            prf = _identifier(element)[0]
            digest = _HMACS.get(prf, "")
            if not digest:
                raise _unknown(prf)
    return hashlib.pbkdf2_hmac(digest, password, _octets(elements[0]), _number(elements[1]), size)


def _key_length(function: bytes) -> int:
    """The keyLength of PBKDF2 parameters, which RFC 9579 asks for; 0 if it is left out or absurd."""
    elements = _elements(_identifier(function)[1])
    if len(elements) > 2 and elements[2][0] == der.INTEGER and 0 < _number(elements[2]) <= 256:
        return _number(elements[2])
    return 0


def _cipher(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if cipher != "rc4" and (not data or len(data) % len(iv or b"\0") or len(iv) != (16 if cipher == "aes" else 8)):
        raise der.Malformed("encrypted data that is not whole blocks")
    if cipher == "rc2":
        from certtui.pki import rc2

        return rc2.decrypt_cbc(key, iv, data)
    chosen: CipherAlgorithm
    match cipher:
        case "aes":
            chosen = algorithms.AES(key)
        case "3des":
            chosen = old.TripleDES(key if len(key) == 24 else key + key[:8])
        case _:
            chosen = old.ARC4(key)
    decryptor = Cipher(chosen, None if cipher == "rc4" else modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpadded(data: bytes) -> bytes:
    count = data[-1]
    if not 1 <= count <= 16 or data[-count:] != bytes([count]) * count:
        raise WrongPassword
    return data[:-count]


def _filled(data: bytes, block: int) -> bytes:
    size = -(-len(data) // block) * block
    return (data * (size // len(data) + 1))[:size] if data else b""


def _text(password: bytes) -> str:
    try:
        return password.decode("utf-8")
    except UnicodeDecodeError:
        return password.decode("latin-1")


def _elements(data: bytes) -> list[bytes]:
    found = [data[at:stop] for _, at, _, stop in der.parts(data)]
    if len(found) < 2:
        raise der.Malformed("too few elements")
    return found


def _identifier(algorithm: bytes) -> tuple[str, bytes]:
    elements = [algorithm[at:stop] for _, at, _, stop in der.parts(algorithm)]
    if not elements or elements[0][0] != der.OID:
        raise der.Malformed("an algorithm without a name")
    start, stop = der.expect(elements[0], 0, len(elements[0]), der.OID)
    return der.dotted(elements[0][start:stop]), elements[1] if len(elements) > 1 else b""


def _octets(element: bytes) -> bytes:
    start, stop = der.expect(element, 0, len(element), der.OCTET_STRING)
    return element[start:stop]


def _number(element: bytes) -> int:
    start, stop = der.expect(element, 0, len(element), der.INTEGER)
    return der.integer(element[start:stop])


def _unknown(oid: str) -> Invalid:
    return Invalid(
        f"The file is protected in a way that is not supported here ({oid}).", "Write it again with the usual settings."
    )
