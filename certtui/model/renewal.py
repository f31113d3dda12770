"""Renewal: when a certificate is to be replaced by a new one, why then, and what stands in the way. Pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """When its CA would like a certificate to be renewed (ARI, RFC 9773): an instant within was drawn once, by chance."""

    start: datetime
    end: datetime
    chosen: datetime
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Revoked:
    """That a certificate was revoked, and is to have a successor before its end."""

    at: datetime
    reason: str = ""
    """By its name in RFC 5280, "" for none."""
    by_person: bool = True
    """A person said so here; False where its CA revoked it."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How it stands with the renewal of one certificate."""

    certificate_id: int
    name: str
    authority: str
    not_after: datetime
    auto_renew_days: int
    due_at: datetime
    due: bool
    why: str
    """Why then, one sentence."""
    blocked: str = ""
    """Why it is not renewed although it is due, one sentence; "" where nothing stands in the way."""
    order_id: int | None = None
    """The order that renews it, or tried to last."""
    try_at: datetime | None = None
    """When it is tried again after a failure."""
    cname: str = ""
    """What is wrong with the CNAME of one of its names, one sentence; "" for nothing that was seen."""
    looked_at: datetime | None = None
    """When its CNAMEs were looked at last; None where it needs none, or was not looked at yet."""
    revoked: bool = False
    """It is replaced because it was revoked."""


@dataclass(frozen=True, slots=True)
class RenewalReport:
    """What one run came to: the orders that were made, and one sentence for each certificate that could not be renewed."""

    orders: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


PAUSES = tuple(timedelta(hours=hours) for hours in (1, 4, 12, 24))
"""From one failed attempt to the next; the last one from then on."""

RENEWS = "renews-"
"""How the marks of orders begin that renew a certificate; its id and the number of the attempt follow."""

DEFAULT_DAYS = 7
"""Auto-renew days of a new profile, and of a certificate that is given an authority."""

MOST_DAYS = 36_500


def life_days(not_before: datetime, not_after: datetime) -> int:
    """Whole days of a life; both ends belong to it (RFC 5280, 4.1.2.5), so that a second less than 90 days are 90."""
    return int((not_after - not_before + timedelta(seconds=1)).total_seconds()) // 86_400


def fits(days: int, life: int) -> bool:
    """Whether a certificate that lives so many whole days can be renewed so many days before its end."""
    return 1 <= days < life


def checked_days(days: int, life: int | None = None) -> int:
    """Auto-renew days as a person sets them: 0 for none, else 1 to the life minus 1, where that is known.

    Raises `Invalid` (field `auto_renew_days`). What a profile gives by itself is not checked by this, but clamped by `lead`.
    """
    from certtui.errors import Invalid

    if not 0 <= days <= MOST_DAYS:
        raise Invalid(
            f"{days} is no number of days.",
            f"Give 1 to {MOST_DAYS}, or 0 for a certificate that does not renew itself.",
            field="auto_renew_days",
        )
    if days == 0 or life is None or fits(days, life):
        return days
    if life < 2:
        hint = "Give 0, or leave it to the profile's default, which is fitted to the life."
    else:
        hint = f"Give 1 to {life - 1}, or 0 for one that does not renew itself."
    raise Invalid(
        f"It lives {life} {_days(life)}, and can't be renewed {days} {_days(days)} before its end.",
        hint,
        field="auto_renew_days",
    )


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def lead(not_before: datetime, not_after: datetime, days: int) -> timedelta:
    """How long before its end a certificate is renewed: so many days, or the last third of a life that is too short for that."""
    return timedelta(days=days) if fits(days, life_days(not_before, not_after)) else (not_after - not_before) / 3


def due_at(
    not_before: datetime,
    not_after: datetime,
    days: int,
    window: Window | None,
    renewed_at: datetime | None = None,
    revoked: Revoked | None = None,
) -> tuple[datetime, str]:
    """When it is to be renewed, and why then: at once where it was revoked, else what comes first of its days and the CA's own wish.

    `renewed_at` is when it came as a renewal itself: whatever its dates or its CA say, the next one is a day later at the
    soonest. A person who revokes it has said so once, and is not kept waiting.
    """
    at, why = _wished(not_before, not_after, days, window) if revoked is None else _revoked(revoked)
    rest = min(timedelta(days=1), (not_after - not_before) / 3)
    hurried = revoked is not None and revoked.by_person
    if renewed_at is not None and not hurried and at < renewed_at + rest:
        return renewed_at + rest, "It was renewed a short while ago, by one that is due again."
    return at, why


def _revoked(revoked: Revoked) -> tuple[datetime, str]:
    reason = f" for {revoked.reason}" if revoked.reason not in ("", "unspecified") else ""
    by = "" if revoked.by_person else " by its CA"
    return revoked.at, f"It was revoked{reason}{by}: it is replaced without waiting for its end, with a new key."


def _wished(not_before: datetime, not_after: datetime, days: int, window: Window | None) -> tuple[datetime, str]:
    before = lead(not_before, not_after, days)
    at = not_after - before
    if before == timedelta(days=days):
        why = f"{days} {_days(days)} before it expires."
    else:
        why = f"In the last third of its life, which is too short for {days} days."
    if window is not None and window.chosen < at:
        more = f" See {window.explanation}" if window.explanation else ""
        return window.chosen, f"Within the time that its CA suggests (ARI).{more}"
    return at, why


def pause_after(attempts: int) -> timedelta:
    """From a failed attempt, of which there were so many, to the next."""
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
