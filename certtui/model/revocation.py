"""Revoking a certificate: why, and whether the authority knows (RFC 5280, 5.3.1)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.record import dataclass


class RevocationReason(str, Enum):
    """The reasons that can be chosen, by their names in RFC 5280."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"

    def __str__(self) -> str:
        return self.value

    @property
    def code(self) -> int:
        """The CRLReason; 0 is encoded by leaving the extension out."""
        return _CODES[self.value]


_CODES = {
    "unspecified": 0,
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
}


class AuthorityKnows(str, Enum):
    """Whether the authority that issued it knows of the revocation."""

    HERE = "here"
    """It is ours: CRL and OCSP say so."""
    TOLD = "told"
    NOT_TOLD = "not told"
    """It could not be reached, or refused for now: tried again."""
    PERSON = "a person must tell it"
    """It can't be told by certtui, or nobody knows who it is."""
    PERSON_TOLD = "told by a person"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a certificate was revoked: when, why, by whom, and what its authority said."""

    revoked_at: datetime
    reason: RevocationReason
    invalidity_date: datetime | None
    by: str
    authority: AuthorityKnows
    answer: str = ""
    """The authority's own words, or why it was not told."""
    attempts: int = 0
    tries_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevocationForm:
    """`serial_number` repeats the certificate's own (hex): the guard against revoking another one by a wrong id."""

    serial_number: str
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    invalidity_date: datetime | None = None
