"""Using a repository's keys: what may be asked of a signature or an encryption, and what was found in a message (RFC 5652)."""

from __future__ import annotations

from datetime import datetime

from certtui.model.repository import DataSource
from certtui.record import dataclass, field

DIGESTS = ("sha256", "sha384", "sha512")
CIPHERS = ("aes-256-gcm", "aes-128-gcm", "aes-256-cbc", "aes-128-cbc")
"""What content is encrypted with. GCM is AuthEnvelopedData (RFC 5083), which old readers don't know; CBC protects from no change."""
OAEP, PKCS1 = "oaep", "pkcs1"
RSA_ENCRYPTIONS = (OAEP, PKCS1)
"""How a content key is encrypted to an RSA key: RSAES-OAEP with SHA-256, or RSAES-PKCS1-v1_5 for old readers."""
FORMS = ("pem", "der")
MAX_CONTENT = 256 * 1024 * 1024
"""Of what is signed or encrypted, in octets: it is held in memory. A server may take less."""
MAX_MESSAGE = MAX_CONTENT // 2 * 3
"""Of a message, in octets: such a content in PEM, with room for certificates."""


def why_not_used(source: DataSource | None) -> str:
    """Why the keys of a repository with this data source (None after a reset) are not used, one sentence; "" when they are."""
    if source is None:
        return "It was reset: no certificate is filed there."
    if not source.bound:
        return "Keys are used in private and compliant repositories; this one is of another data source."
    return ""


@dataclass(frozen=True, slots=True)
class SignOptions:
    """How to sign. `pss` is for RSA keys alone."""

    digest: str = "sha256"
    pss: bool = False
    detached: bool = False
    """The content stays out of the message, which then has to be beside it to be verified."""
    form: str = "pem"


@dataclass(frozen=True, slots=True)
class EncryptOptions:
    """How to encrypt. `rsa` counts for RSA keys alone; EC keys are used by ephemeral-static ECDH (RFC 5753)."""

    cipher: str = "aes-256-gcm"
    rsa: str = OAEP
    form: str = "pem"


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """One signature of a message: whose, when, and whether it holds. Text is raw."""

    name: str
    """Of the certificate as a person calls it, else how the message names the signer."""
    issuer: str
    """RFC 4514; "" where the message names the signer by key and no certificate was found."""
    serial_number: str
    fingerprint_sha256: str
    """Of the signer's certificate, "" where nobody has it."""
    algorithm: str
    """`rsa-pss sha256`, `rsa sha256`, `ecdsa sha384`, `ed25519`; an OID where it is not known."""
    signed_at: datetime | None
    """As the signer's own clock had it: a claim, which the signature covers. None where nothing is said."""
    good: bool
    """The signature is that of this certificate's key over exactly this content."""
    problem: str
    """Why it is not good, one sentence; "" when it is."""
    trusted: bool = False
    """The certificate's path leads to something trusted, today."""
    path: str = ""
    """One sentence of the path and why it is not trusted; "" where it was not judged."""


@dataclass(frozen=True, slots=True)
class CmsVerification:
    """What verifying a message found."""

    valid: bool
    """There are signers, each signature is good and each certificate trusted."""
    summary: str
    signers: tuple[CmsSigner, ...]
    detached: bool
    content: bytes = field(repr=False)
    """What was signed, where the message holds it; b"" for a detached one."""


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was in an encrypted message, and how it was protected."""

    content: bytes = field(repr=False)
    cipher: str
    """Of CIPHERS, or `aes-192-…`, `3des-cbc` of old writers."""
    key_encryption: str
    """`rsa-oaep sha256`, `rsa-pkcs1`, `ecdh sha256`."""
    authenticated: bool
    """A change on the way would have been noticed: true for GCM alone."""
    certificate_id: int | None = None
    """Whose key opened it; None outside of a store."""
    certificate_name: str = ""


@dataclass(frozen=True, slots=True)
class CmsIdentity:
    """How a message names a certificate: by issuer and serial number, or by its subject key identifier; the other is ""."""

    issuer_id: str = ""
    """Hex SHA-256 of the issuer's DER name, as `X509Facts.issuer_id`."""
    serial_number: str = ""
    subject_key_id: str = ""
    issuer: str = ""
    """RFC 4514, for messages."""
