"""Private keys: load them in every form they come, name them, identify them, and write PKCS#8.

The identity of a key is the SHA-256 of its DER SubjectPublicKeyInfo, alike for RSA, EC, Ed25519, DSA and ML-DSA.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki import der, kdf_cost
from certtui.pki.algorithms import key_algorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

_HINT = "Check that the file is whole and holds a private key."


def key_facts(key: PrivateKeyTypes) -> KeyFacts:
    """Identity, algorithm name and PKCS#8 of a key of `cryptography`."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return KeyFacts(sha256(spki).hexdigest(), key_algorithm(spki), Secret(pkcs8))


def from_pem(text: bytes, passwords: Sequence[Secret], *, encrypted: bool) -> KeyFacts:
    """One PEM block, PKCS#8 or traditional. Raises `Invalid`, `PasswordNeeded`."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not encrypted:
        return _guarded(lambda password: load_pem_private_key(text, password), None)
    return _try(lambda password: load_pem_private_key(text, password), passwords)


def from_der(data: bytes, passwords: Sequence[Secret]) -> KeyFacts:
    """PKCS#8 (encrypted or not), PKCS#1 or SEC 1 in DER. Raises `Invalid`, `PasswordNeeded`."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    if is_encrypted(data):
        check_cost(data)
        return _try(lambda password: load_der_private_key(data, password), passwords)
    return _guarded(lambda password: load_der_private_key(data, password), None)


def is_encrypted(data: bytes) -> bool:
    """Whether DER has the shape of an EncryptedPrivateKeyInfo (RFC 5958): a SEQUENCE, then an OCTET STRING."""
    try:
        elements = der.parts(data)
    except der.Malformed:
        return False
    return len(elements) == 2 and elements[0][0] == der.SEQUENCE and elements[1][0] == der.OCTET_STRING


def check_cost(data: bytes) -> None:
    """Refuse an EncryptedPrivateKeyInfo whose password scheme would run for too long. Raises `Invalid`."""
    try:
        algorithm = der.parts(data)[0]
        kdf_cost.check_algorithm(data[algorithm[1] : algorithm[3]])
    except (der.Malformed, IndexError):
        raise Invalid("The encrypted private key cannot be parsed.", _HINT) from None


def load(pkcs8: Secret) -> PrivateKeyTypes:
    """A key of `cryptography` from unencrypted PKCS#8 that was read before. Raises `Invalid`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        return load_der_private_key(pkcs8.reveal(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("The private key cannot be loaded.") from None


def pkcs8_pem(pkcs8: Secret, password: Secret | None) -> bytes:
    """PKCS#8 PEM; with a password PBES2 with AES-256-CBC, as `cryptography` writes it."""
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    seal: KeySerializationEncryption = NoEncryption()
    if password is not None:
        if not password:
            raise Invalid("An empty password would not protect the key.", "Give a password.", field="password")
        seal = BestAvailableEncryption(password.reveal())
    return load(pkcs8).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, seal)


def short_identity(spki_sha256: str, algorithm: str = "") -> str:
    """How messages name a key: `sha256:ab12cd34… (rsa-2048)`."""
    name = f"sha256:{spki_sha256[:8]}…"
    return f"{name} ({algorithm})" if algorithm else name


if TYPE_CHECKING:
    from collections.abc import Callable

    Loader = Callable[[bytes | None], PrivateKeyTypes]


def _try(loader: Loader, passwords: Sequence[Secret]) -> KeyFacts:
    """The first password that opens it."""
    if not passwords:
        raise PasswordNeeded("The private key is encrypted.", "Give its password.")
    for password in passwords:
        try:
            return _guarded(loader, password.reveal())
        except _CannotOpen:
            continue
    raise PasswordNeeded("The password does not open the private key.", "Check the password.", wrong=True)


class _CannotOpen(Invalid):
    """The key did not load with this password: wrong password or damaged bytes, which nothing can tell apart."""


def _guarded(loader: Loader, password: bytes | None) -> KeyFacts:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return key_facts(loader(password))
    except UnsupportedAlgorithm:
        raise Invalid("The private key is of a kind, or encrypted in a way, that is not supported.") from None
    except (ValueError, TypeError, OverflowError, AttributeError):
        # The parser's words may quote bytes of the key: they stay unsaid.
        raise _CannotOpen("The private key cannot be parsed.", _HINT) from None
