"""Status is derived: from stored facts and a clock, never stored itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from certtui.record import dataclass


class Status(str, Enum):
    """What a certificate's state is called, everywhere."""

    DRAFT = "draft"
    PENDING = "pending"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ERROR = "error"
    NOT_YET_VALID = "not_yet_valid"

    def __str__(self) -> str:
        return self.value


EXPIRING_DAYS = 90
SHORT_LIFETIME_DAYS = 100
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExpiringRule:
    """When a certificate counts as expiring; both numbers belong to the store, so that two people see one status."""

    days: int = EXPIRING_DAYS
    short_lifetime_days: int = SHORT_LIFETIME_DAYS


def lifetime(not_before: datetime, not_after: datetime) -> timedelta:
    """The validity period, both ends included (RFC 5280, 4.1.2.5)."""
    return not_after - not_before + timedelta(seconds=1)


def expiring_from(not_before: datetime, not_after: datetime, rule: ExpiringRule) -> datetime:
    """The first instant at which the certificate is expiring.

    Less than `rule.days` remain; or, where the whole lifetime is `rule.short_lifetime_days` or less, its last third.
    """
    whole = lifetime(not_before, not_after)
    if whole <= rule.short_lifetime_days * DAY:
        return not_after - timedelta(seconds=int(whole.total_seconds()) // 3)
    return not_after - rule.days * DAY + timedelta(seconds=1)


def expiring_from_seconds(not_before: int, not_after: int, rule: ExpiringRule) -> int:
    """The same as `expiring_from` on whole epoch seconds: for a million rows, and for lifetimes that leave the calendar."""
    whole = not_after - not_before + 1
    if whole <= rule.short_lifetime_days * 86_400:
        return not_after - whole // 3
    return not_after - rule.days * 86_400 + 1


def days_remaining(not_after: datetime, now: datetime) -> int:
    """Whole days left, rounded down; negative once expired."""
    return (not_after - now) // DAY


def days_ago(days: int) -> str:
    """`days_remaining` of something expired, in words that name the same number: -557 is "557 days ago"."""
    return "less than a day ago" if days >= -1 else f"{-days:,} days ago"


def status_of(
    *,
    now: datetime,
    state: str,
    revoked_at: datetime | None,
    not_before: datetime | None,
    not_after: datetime | None,
    expiring_at: datetime | None,
) -> Status:
    """The status by the precedence of DESIGN 2; `state` is "draft", "pending" or "error" while there is no X.509, else ""."""
    if revoked_at is not None and revoked_at <= now:
        return Status.REVOKED
    if not_before is None or not_after is None:
        return Status(state) if state else Status.DRAFT
    if now < not_before:
        return Status.NOT_YET_VALID
    if now > not_after:
        return Status.EXPIRED
    if expiring_at is not None and now >= expiring_at:
        return Status.EXPIRING
    return Status.ACTIVE
