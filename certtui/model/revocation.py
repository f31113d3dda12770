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

    @property
    def meaning(self) -> str:
        """When it is the right one: a sentence."""
        return _MEANINGS[self.value]


REPLACED_AFTER = (RevocationReason.KEY_COMPROMISE, RevocationReason.SUPERSEDED)
"""Reasons after which a certificate that renews itself is replaced unless somebody says otherwise: it is still needed.

Not after `cessationOfOperation`: nobody needs it. Not after `affiliationChanged`, where the next one has another subject, nor
after `cACompromise`, where it should come from another CA. Without a reason a person is the one to say it.
"""

_CODES = {
    "unspecified": 0,
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
}

_MEANINGS = {
    "unspecified": "No reason is given: the CRL has none.",
    "keyCompromise": "The private key is known to others, or may be: whoever has it can be this server.",
    "cACompromise": "The key of the CA is known to others, or may be: for the certificates of CAs.",
    "affiliationChanged": "The subject's name or organisation has changed; the key is safe.",
    "superseded": "Another certificate has taken its place; the key is safe.",
    "cessationOfOperation": "What it was for is no longer in operation; the key is safe.",
}


KEY_IS_BAD = (RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE)
"""Reasons after which nobody should trust the key: no renewal has it again."""


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
    ITSELF = "its own word"
    """It was the authority that revoked it, and said so (CRL, OCSP)."""

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
    renew: bool = False
    """A successor is ordered without waiting for its end."""


@dataclass(frozen=True, slots=True)
class RevocationForm:
    """`serial_number` repeats the certificate's own (hex): the guard against revoking another one by a wrong id."""

    serial_number: str
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    invalidity_date: datetime | None = None
    renew: bool | None = None
    """Whether a successor is to be ordered; None for what its reason suggests (`renewed_after`)."""


def renewed_after(reason: RevocationReason, *, renews_itself: bool) -> bool:
    """Whether a revoked certificate is to be replaced, where a person does not say."""
    return renews_itself and reason in REPLACED_AFTER


def invalidity_from(text: str) -> datetime | None:
    """An invalidity date as a person types it: `2026-11-20` or `2026-11-20 14:30`, in UTC; None for nothing. Raises `Invalid`."""
    from certtui.clock import UTC
    from certtui.errors import Invalid

    wanted = " ".join(text.replace("T", " ").removesuffix("Z").split())
    if not wanted:
        return None
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(wanted, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Invalid(
        f"{text.strip()} is no date.", "Write 2026-11-20, or 2026-11-20 14:30, in UTC.", field="invalidity_date"
    )


def require_possible(invalidity: datetime, not_before: datetime | None, now: datetime) -> None:
    """Raises `Invalid` for an instant since which its key can't have been bad (RFC 5280, 5.3.2)."""
    from certtui.clock import rfc3339
    from certtui.errors import Invalid

    problem = ""
    if invalidity.tzinfo is None:
        problem = "The invalidity date has no time zone."
    elif invalidity > now:
        problem = "The invalidity date is in the future."
    elif not_before is not None and invalidity < not_before:
        problem = f"The invalidity date is before the certificate existed: it is valid from {rfc3339(not_before)}."
    if problem:
        raise Invalid(problem, "Name the time when it happened, in UTC, or leave it out.", field="invalidity_date")


def reason_from(text: str) -> RevocationReason:
    """A reason by its name, whatever the case, or by its code. Raises `Invalid`."""
    from certtui.errors import Invalid

    wanted = text.strip().lower()
    for reason in RevocationReason:
        if wanted in (reason.value.lower(), str(reason.code)):
            return reason
    raise Invalid(
        f"{text.strip() or 'Nothing'} is no reason for a revocation.",
        f"Reasons are {', '.join(map(str, RevocationReason))}.",
        field="reason",
    )


def warning_of(reason: RevocationReason, *, is_ca: bool) -> str:
    """What to know before that reason is given for such a certificate, "" for nothing."""
    if reason is RevocationReason.CA_COMPROMISE and not is_ca:
        return "This is not the certificate of a CA: for the key of a server or a person, keyCompromise is meant."
    return ""
