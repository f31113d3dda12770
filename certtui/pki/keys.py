"""Private keys: load them in every form they come, name them, identify them, and write PKCS#8.

The identity of a key is the SHA-256 of its DER SubjectPublicKeyInfo, alike for RSA, EC, Ed25519, DSA and ML-DSA.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki import der, kdf_cost, pbe, pem
from certtui.pki.algorithms import key_algorithm
from certtui.pki.key_identity import key_identity

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_PSS = der.encode(der.OID, der.undotted("1.2.840.113549.1.1.10"))
_HINT = "Check that the file is whole and holds a private key."


def key_facts(key: PrivateKeyTypes) -> KeyFacts:
    """Identity, algorithm name and PKCS#8 of a key of `cryptography`."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return KeyFacts(key_identity(spki), key_algorithm(spki), Secret(pkcs8))


def _pss_facts(key: PrivateKeyTypes, pkcs8: bytes) -> KeyFacts | None:
    """A key that may sign by RSASSA-PSS only (RFC 4055, 1.2): `cryptography` drops that, the certificate's key says it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    elements = der.parts(pkcs8)
    if len(elements) < 3 or elements[1][0] != der.SEQUENCE:
        return None
    algorithm = pkcs8[elements[1][1] : elements[1][3]]
    if not algorithm[2:].startswith(_PSS):
        return None
    bits = der.encode(der.BIT_STRING, b"\0" + key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1))
    spki = der.encode(der.SEQUENCE, algorithm + bits)
    return KeyFacts(key_identity(spki), key_algorithm(spki), Secret(pkcs8))


def from_pem(text: bytes, passwords: Sequence[Secret], *, encrypted: bool) -> KeyFacts:
    """One PEM block, PKCS#8 or traditional. Raises `Invalid`, `PasswordNeeded`."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not encrypted:
        return _guarded(lambda password: load_pem_private_key(text, password), None)
    return _try(lambda password: load_pem_private_key(text, password), passwords)


def from_der(data: bytes, passwords: Sequence[Secret]) -> KeyFacts:
    """PKCS#8 (encrypted or not), PKCS#1 or SEC 1 in DER. Raises `Invalid`, `PasswordNeeded`."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    if not is_encrypted(data):
        return _guarded(lambda password: load_der_private_key(data, password), None, data)
    check_cost(data)
    if not passwords:
        raise PasswordNeeded("The private key is encrypted.", "Give its password.")
    for password in passwords:
        try:
            plain = _decrypted(data, password)
        except (pbe.WrongPassword, der.Malformed):
            continue
        except Invalid:
            # A scheme that is not known here may be known to OpenSSL.
            return _try(lambda password: load_der_private_key(data, password), passwords)
        try:
            return _guarded(partial(load_der_private_key, plain), None, plain)
        except _CannotOpen:
            continue
    raise PasswordNeeded("The password does not open the private key.", "Check the password.", wrong=True)


def _decrypted(data: bytes, password: Secret) -> bytes:
    (_, at, _, after), (_, _, start, stop) = der.parts(data)
    return pbe.decrypt(data[at:after], password.reveal(), data[start:stop])


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
    """PKCS#8 PEM of exactly these octets; with a password PBES2 with AES-256-CBC."""
    if password is None:
        return pem.encode("PRIVATE KEY", pkcs8.reveal())
    if not password:
        raise Invalid("An empty password would not protect the key.", "Give a password.", field="password")
    return pem.encode("ENCRYPTED PRIVATE KEY", pbe.encrypt(password.reveal(), pkcs8.reveal()))


def for_pss_alone(pkcs8: Secret) -> bool:
    """Whether this key may sign by RSASSA-PSS only (RFC 4055, 1.2), which `cryptography` does not write."""
    elements = der.parts(pkcs8.reveal())
    return len(elements) > 2 and pkcs8.reveal()[elements[1][2] :].startswith(_PSS)


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


def _guarded(loader: Loader, password: bytes | None, pkcs8: bytes = b"") -> KeyFacts:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = loader(password)
        return (_pss_facts(key, pkcs8) if pkcs8 else None) or key_facts(key)
    except UnsupportedAlgorithm:
        raise Invalid("The private key is of a kind, or encrypted in a way, that is not supported.") from None
    except (ValueError, TypeError, OverflowError, AttributeError):
        # The parser's words may quote bytes of the key: they stay unsaid.
        raise _CannotOpen("The private key cannot be parsed.", _HINT) from None
