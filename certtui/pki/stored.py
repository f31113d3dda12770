"""What is stored as a secret that has a form: a private key, a public key, certificates. Read once, kept as PEM."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.inspect import SourceFile
from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.stored_secret import ENCRYPTED
from certtui.pki import keys, pem
from certtui.pki.algorithms import key_algorithm
from certtui.pki.key_identity import key_identity
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from certtui.model.x509 import KeyFacts, Material, X509Facts

_NAME = "the secret"


@dataclass(frozen=True, slots=True)
class Read:
    """A payload as it is kept, and what it says of itself."""

    payload: Secret
    algorithm: str = ""
    spki_sha256: str = ""
    not_after: datetime | None = None
    """The earliest end among its certificates."""


def read_payload(kind: str, payload: Secret) -> Read:
    """Read what is to be stored as `kind`. Raises `Invalid` (field "payload")."""
    try:
        match kind:
            case "certificate":
                return _certificates(payload)
            case "private":
                return _private(payload)
            case "public":
                return _public(payload.reveal())
    except Invalid as problem:
        raise Invalid(problem.message, problem.hint, field="payload") from None
    return Read(payload)


def certificates_in(payload: Secret) -> tuple[X509Facts, ...]:
    """The certificates of a secret of that type, in order."""
    return _material(payload, ()).certificates


def key_in(payload: Secret, passphrase: Secret | None) -> KeyFacts:
    """The key in a secret of type `private`. Raises `PasswordNeeded` where it is encrypted and the passphrase doesn't open it."""
    found = _material(payload, () if passphrase is None else (passphrase,)).keys
    if not found:
        raise Invalid("The private key cannot be parsed.", "Store it again.")
    return found[0]


def _material(payload: Secret, passwords: Sequence[Secret]) -> Material:
    from certtui.pki.inspector import Inspector

    return Inspector().read(SourceFile(_NAME, payload.reveal()), passwords)


def _certificates(payload: Secret) -> Read:
    try:
        found = _material(payload, ())
    except PasswordNeeded:
        raise Invalid("There is an encrypted private key in it.", "Store the certificates alone.") from None
    if found.keys:
        raise Invalid("There is a private key in it.", "Store the key apart, as type private.")
    if found.unread:
        raise Invalid(found.unread[0], "Check that the file is whole.")
    if not found.certificates:
        raise Invalid("There is no certificate in it.", "Give PEM or DER.")
    first = found.certificates[0]
    text = b"".join(pem.encode("CERTIFICATE", one.der) for one in found.certificates)
    earliest = min(one.not_after for one in found.certificates)
    return Read(Secret(text), first.key_algorithm, first.spki_sha256, earliest)


def _private(payload: Secret) -> Read:
    data = payload.reveal()
    if pem.looks_like_pem(data):
        blocks = [block for block in pem.blocks(data) if block.label.endswith("PRIVATE KEY")]
        if len(blocks) > 1:
            raise Invalid("There are several private keys in it.", "Store each of them apart.")
        if blocks and (blocks[0].encrypted or blocks[0].label == "ENCRYPTED PRIVATE KEY"):
            return _encrypted(blocks[0])
    elif keys.is_encrypted(data):
        keys.check_cost(data)
        return Read(Secret(pem.encode("ENCRYPTED PRIVATE KEY", data)), ENCRYPTED)
    try:
        found = _material(payload, ())
    except PasswordNeeded:
        raise Invalid(
            "It is encrypted, and no private key by itself.", "Take the key out of the PFX, or import the PFX."
        ) from None
    if len(found.keys) != 1 or found.certificates:
        more = "There is more than a private key in it." if found.keys else "There is no private key in it."
        raise Invalid(more, "Give one private key in PEM or DER.")
    key = found.keys[0]
    return Read(Secret(keys.pkcs8_pem(key.pkcs8, None)), key.key_algorithm, key.spki_sha256)


def _encrypted(block: pem.Block) -> Read:
    """Kept as it is: nobody here has its passphrase."""
    if block.problem:
        raise Invalid(block.problem, "Check that the file is whole.")
    if not block.encrypted:
        keys.check_cost(block.der)
    return Read(Secret(block.text), ENCRYPTED)


def _public(data: bytes) -> Read:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
        load_pem_public_key,
    )

    load: Callable[[bytes], PublicKeyTypes] = load_pem_public_key if pem.looks_like_pem(data) else load_der_public_key
    if b"PRIVATE KEY" in data:
        raise Invalid("There is a private key in it.", "Store it as type private.")
    try:
        spki = load(data).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except UnsupportedAlgorithm:
        raise Invalid("The public key is of a kind that is not supported.", "Store it as type opaque.") from None
    except (ValueError, TypeError):
        raise Invalid("The public key cannot be parsed.", "Give one public key in PEM or DER.") from None
    return Read(Secret(pem.encode("PUBLIC KEY", spki)), key_algorithm(spki), key_identity(spki))
