"""Revocation as a list or a responder tells it: reasons, entries, and what a list says of itself."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

REASON_CODES = {
    "unspecified": 0,
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
    "certificateHold": 6,
    "removeFromCRL": 8,
    "privilegeWithdrawn": 9,
    "aACompromise": 10,
}
"""All reasons of RFC 5280, 5.3.1; 0 is encoded by leaving the extension out, 7 does not exist."""


@dataclass(frozen=True, slots=True)
class CrlEntry:
    """One revoked certificate: its serial as in `X509Facts.serial_number`, when, why, and since when it was not to be trusted."""

    serial_number: str
    revoked_at: datetime
    reason: str = "unspecified"
    """One of REASON_CODES; a `RevocationReason` is one."""
    invalidity_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class CrlFacts:
    """What a revocation list says of itself (RFC 5280, 5). Times are UTC, text is raw, hex is lower case."""

    der: bytes
    fingerprint_sha256: str
    issuer: str
    """RFC 4514."""
    issuer_id: str
    """Hex SHA-256 of the DER name, as `X509Facts.subject_id`."""
    authority_key_id: str
    number: int | None
    base_number: int | None
    """Of a delta CRL: the number of the full one that it continues (5.2.4)."""
    this_update: datetime
    next_update: datetime | None
    count: int
    signature_digest: str
    signature_valid: bool | None
    """By the issuer's certificate that was given; None where none was."""

    @property
    def is_delta(self) -> bool:
        """Whether it holds changes alone."""
        return self.base_number is not None
