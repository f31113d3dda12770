"""Certification authorities of the built-in PKI: what one is to be, and what was made."""

from __future__ import annotations

from datetime import datetime

from certtui.model.csr import SubjectFields
from certtui.model.x509 import KeyFacts, X509Facts
from certtui.record import dataclass

CA_KEY_TYPES = (
    "ec-384",
    "ec-256",
    "ec-521",
    "rsa-2048",
    "rsa-3072",
    "rsa-4096",
    "ed25519",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
)
DIGESTS = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class CaSpec:
    """A CA to be made: a root, or an intermediate."""

    subject: SubjectFields
    key_type: str = "ec-384"
    """One of CA_KEY_TYPES."""
    digest: str = "sha256"
    """One of DIGESTS, for what its own key signs (itself as a root, its CSR); Ed25519 and ML-DSA have none."""
    days: int = 3650
    path_length: int | None = None
    """How many CAs may stand between it and a leaf; None sets no limit of its own."""
    permitted: tuple[str, ...] = ()
    """Name constraints: "DNS:example.com" (and below), "IP:10.0.0.0/8", "EMAIL:example.com" or "EMAIL:a@example.com"."""
    excluded: tuple[str, ...] = ()
    usages: tuple[str, ...] = ()
    """Extended key usages that it is limited to: names of `template.EXTENDED_USAGES` or dotted OIDs; none is no limit."""


@dataclass(frozen=True, slots=True)
class IssuingUrls:
    """Where what a CA publishes is found, written into the certificates that it issues. Empty ones are left out."""

    ocsp: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()
    """The CA's own certificate (caIssuers)."""
    crl: tuple[str, ...] = ()
    delta_crl: tuple[str, ...] = ()
    """Freshest CRL."""


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid; `note` says why that is shorter than asked."""

    not_before: datetime
    not_after: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class MadePair:
    """A certificate that was made here with its key, and sentences that a person should read."""

    certificate: X509Facts
    key: KeyFacts
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was issued, and sentences that a person should read: cut validity, what the CSR asked in vain."""

    certificate: X509Facts
    notes: tuple[str, ...] = ()
