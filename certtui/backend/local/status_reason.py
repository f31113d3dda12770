"""Why an entry has its status: one sentence that names the rule."""

from __future__ import annotations

from datetime import datetime

from certtui.clock import UTC
from certtui.model.revocation import AuthorityKnows, Revocation, RevocationReason
from certtui.model.status import DAY, ExpiringRule, Status, days_ago, days_remaining, lifetime


def status_reason(
    *,
    status: Status,
    now: datetime,
    not_before: datetime | None,
    not_after: datetime | None,
    revoked_at: datetime | None,
    rule: ExpiringRule,
    has_csr: bool,
    revocation: Revocation | None = None,
    order: str = "",
) -> str:
    """One sentence for the page's *why*; days as in the list, times in UTC."""
    if order and status in (Status.DRAFT, Status.PENDING, Status.ERROR):
        return order
    match status:
        case Status.DRAFT:
            return "A saved form: no request was made and no certificate is here yet."
        case Status.PENDING if has_csr:
            return "A saved CSR: its key is here, the signed certificate is not yet."
        case Status.PENDING:
            return "It waits for its certificate."
        case Status.ERROR:
            return "The request failed, and no certificate is here."
        case Status.REVOKED:
            return _revoked(revoked_at, revocation)
    if not_before is None or not_after is None:
        return "No certificate is here yet."
    left = days_remaining(not_after, now)
    match status:
        case Status.NOT_YET_VALID:
            return f"It becomes valid on {_minute(not_before)}."
        case Status.EXPIRED:
            return f"It expired on {_minute(not_after)}, {days_ago(left)}."
        case Status.EXPIRING:
            return f"{_left(left)}, until {_minute(not_after)}; {_because(not_before, not_after, rule)}"
    return f"{_left(left)}, until {_minute(not_after)}."


def _revoked(revoked_at: datetime | None, revocation: Revocation | None) -> str:
    if revoked_at is None:
        return "Revoked."
    if revocation is None:
        return f"Revoked on {_day(revoked_at)}."
    by = f" by {revocation.by}" if revocation.by else ""
    why = "" if revocation.reason is RevocationReason.UNSPECIFIED else f" for {revocation.reason}"
    return f"Revoked on {_day(revoked_at)}{why}{by}; {_knows(revocation)}"


def _knows(revocation: Revocation) -> str:
    match revocation.authority:
        case AuthorityKnows.HERE:
            if revocation.answer:
                return f"its CA is here, and its CRL will say so. {revocation.answer}"
            return "the CRL of its CA, which is here, says so."
        case AuthorityKnows.TOLD:
            return "its authority was told."
        case AuthorityKnows.ITSELF:
            return f"its authority says so. {revocation.answer}".strip()
        case AuthorityKnows.PERSON_TOLD:
            return "a person told its authority."
        case AuthorityKnows.PERSON:
            return f"a person must tell its authority. {revocation.answer}".strip()
    if not revocation.attempts:
        return "its authority was not told yet: it is asked as soon as it can be."
    times = "once" if revocation.attempts == 1 else f"{revocation.attempts} times"
    following = f", next at {_minute(revocation.tries_at)}" if revocation.tries_at else ""
    return f"its authority was not told yet: tried {times}{following}. It said: {revocation.answer}"


def _because(not_before: datetime, not_after: datetime, rule: ExpiringRule) -> str:
    whole = lifetime(not_before, not_after)
    if whole <= rule.short_lifetime_days * DAY:
        return (
            f"it lives {whole // DAY} {_days(whole // DAY)} in all, and for lifetimes of {rule.short_lifetime_days} days "
            "or less the last third counts as expiring."
        )
    return f"less than {rule.days} days count as expiring."


def _left(left: int) -> str:
    return f"{left:,} {_days(left)} left" if left else "Less than a day left"


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d}"


def _minute(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
