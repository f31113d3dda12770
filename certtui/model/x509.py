"""What an X.509 certificate, a PKCS#10 request or a private key says, as plain facts (made by `certtui.pki`)."""

from __future__ import annotations

from datetime import datetime

from certtui.model.secret import Secret
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class X509Facts:
    """One parsed certificate. Text is raw; hex is lower case; names are RFC 4514.

    `sans` are "DNS:", "IP:", "EMAIL:" or "URI:" followed by the value (DNS as A-labels), other kinds as "OTHER:<hex>".
    `spki_sha256` is the hex SHA-256 of the DER SubjectPublicKeyInfo: the identity of a key (DESIGN 10).
    `subject_id` and `issuer_id` are hex SHA-256 of the DER names, for chain building without parsing.
    """

    der: bytes
    fingerprint_sha256: str
    fingerprint_sha1: str
    spki_sha256: str
    subject: str
    issuer: str
    subject_id: str
    issuer_id: str
    common_name: str
    issuer_name: str
    """The issuer in one short word: its CN, else O, else the whole name."""
    sans: tuple[str, ...]
    serial_number: str
    """Lower-case hex without sign or prefix; negative serials as "-…"."""
    key_algorithm: str
    """`rsa-2048`, `ec-256`, `ed25519`, `ed448`, `ml-dsa-65`, `dsa-1024`; unknown ones as the OID's dotted string."""
    signature_digest: str
    """`sha256` …, "" where the signature algorithm has none of its own (Ed25519, ML-DSA)."""
    not_before: datetime
    not_after: datetime
    is_ca: bool
    self_issued: bool
    subject_key_id: str = ""
    authority_key_id: str = ""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One private key: its identity, and its PKCS#8 DER as a secret."""

    spki_sha256: str
    key_algorithm: str
    pkcs8: Secret


@dataclass(frozen=True, slots=True)
class CsrFacts:
    """One PKCS#10 certification request (RFC 2986)."""

    der: bytes
    spki_sha256: str
    subject: str
    common_name: str
    sans: tuple[str, ...]
    key_algorithm: str
    signature_valid: bool


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that one file, paste or handshake held, in the order found. `path` is for messages only."""

    path: str
    form: str
    """`pem`, `der`, `pkcs7`, `pfx` or `tls`."""
    certificates: tuple[X509Facts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    requests: tuple[CsrFacts, ...] = ()
    friendly_name: str = ""
    """PKCS#12 friendlyName of the leaf, where there is one."""
    warnings: tuple[str, ...] = ()
    """Sentences that a person should read: no MAC, weak encryption, text ignored."""
    unread: tuple[str, ...] = ()
    """One sentence for each part that could not be parsed while others could: a bulk import reports them as rejected."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as text: dotted OID, the name a person knows ("" if unknown), and what it says, line by line."""

    oid: str
    name: str
    critical: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class X509Details:
    """What the certificate page shows beyond the facts."""

    version: int
    signature_algorithm: str
    key_usages: tuple[str, ...]
    extended_key_usages: tuple[str, ...]
    public_key_lines: tuple[str, ...]
    extensions: tuple[Extension, ...]
    text: str
    """The whole certificate in the manner of `openssl x509 -text`; raw, several lines."""
