"""What an alert says, in a sentence; for screens, the command line, mails and calendars alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from certtui.clock import UTC
from certtui.model.alert import BY_CONDITION, KIND_WORDS, AlertKind, AlertState
from certtui.model.status import days_remaining

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.alert import AlertRow

MORNING = 9
"""The hour (UTC) at which a day of work begins."""


def sentence_of(row: AlertRow, now: datetime) -> str:
    """What is the matter with the thing; raw text, without its name."""
    return sentence(row.kind, row.detail, row.due_at, now)


def sentence(kind: AlertKind, detail: str, due_at: datetime | None, now: datetime) -> str:
    """The same from its parts."""
    match kind:
        case AlertKind.EXPIRING:
            return f"Expires {_when(due_at, now)}."
        case AlertKind.EXPIRED:
            return f"Expired {_when(due_at, now)}."
        case AlertKind.IN_USE_EXPIRED:
            return f"Expired {_when(due_at, now)}, and {_resources(detail)} it."
        case AlertKind.IN_USE_REVOKED:
            return f"Revoked, and {_resources(detail)} it."
        case AlertKind.CA_EXPIRING:
            verb = "Runs" if due_at is None or due_at > now else "Ran"
            return f"{verb} out {_when(due_at, now)}; what it issues can't outlive it."
        case AlertKind.CA_REVOKED_ABOVE:
            return f"{detail}, above it, is revoked: nobody trusts what it issues."
        case AlertKind.CRL_EXPIRING:
            why = f" {_ended(detail)}" if detail else ""
            return f"The next CRL is due {_when(due_at, now)}, and is not there.{why}"
        case AlertKind.CRL_OVERDUE:
            why = f" {_ended(detail)}" if detail else ""
            return f"The CRL ran out {_when(due_at, now)}: who checks it refuses every certificate of this CA.{why}"
        case AlertKind.CHAIN_INCOMPLETE:
            return _chain(detail)
        case AlertKind.WEAK_KEY:
            return f"The key is {detail}, which can be broken."
        case AlertKind.WEAK_DIGEST:
            return f"It is signed with {detail}, which can be forged."
        case AlertKind.KEY_REUSE:
            return f"{detail} living certificates share one key."
        case AlertKind.DUPLICATE_NAME:
            return f"{detail} living certificates have this name."
        case AlertKind.POLICY_FINDING:
            return _policy(detail)
        case AlertKind.RENEWAL_BLOCKED:
            return f"It should renew itself, and can't: {_ended(_BLOCKED.get(detail, detail))}"
        case AlertKind.CNAME_BROKEN:
            return f"It could not be renewed as it is: {_ended(detail)}"
        case AlertKind.CA_NOT_TOLD:
            if detail == "not told":
                return "Revoked here; its authority could not be told yet."
            return "Revoked here; a person must tell its authority."
        case AlertKind.WATCHED_FOLDER:
            return _files(detail)
        case AlertKind.ORDER_FAILED:
            return f"The order failed: {_ended(detail)}" if detail else "The order failed."
        case AlertKind.ORDER_WAITING:
            days = 0 if due_at is None else (now - due_at).days
            return f"The order waits for {detail or 'its authority'} since {days} days."
        case AlertKind.DELIVERY_FAILED:
            return f"A message did not go out: {_ended(detail)}" if detail else "A message did not go out."


def standing(row: AlertRow) -> str:
    """Where the alert stands, in a few words: `acknowledged by ada`, `snoozed until 2026-12-01 09:00 UTC`."""
    match row.state:
        case AlertState.ACKNOWLEDGED:
            return f"acknowledged by {row.handled_by}"
        case AlertState.SNOOZED:
            until = "" if row.snoozed_until is None else f" until {row.snoozed_until:%Y-%m-%d %H:%M} UTC"
            return f"snoozed{until}"
        case AlertState.RESOLVED:
            by_itself = row.resolved_by == BY_CONDITION
            return "resolved by itself" if by_itself else f"resolved by {row.resolved_by}"
    return "open"


def time_of(typed: str, now: datetime) -> datetime | None:
    """A time (UTC) from `2027-03-15` (nine in the morning), `2027-03-15 14:30`, `3d` or `12h`; None for what is none."""
    text = typed.strip()
    if text[:-1].isascii() and text[:-1].isdigit() and len(text) < 6 and text[-1] in "dhDH":
        return now + timedelta(**{"days" if text[-1] in "dD" else "hours": int(text[:-1])})
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == 10:
        until = until.replace(hour=MORNING)
    return until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)


def title(row: AlertRow) -> str:
    """The kind in words and the thing's name; raw text."""
    return f"{KIND_WORDS[row.kind]}: {row.object_name}"


_BLOCKED = {
    "no authority": "no authority is set",
    "authority gone": "its authority is no more",
    "authority disabled": "its authority is disabled",
}


def _when(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "at an unknown time"
    days = days_remaining(due_at, now)
    match days:
        case 0:
            left = "today" if due_at.date() == now.date() else "within a day"
        case 1:
            left = "in 1 day"
        case -1:
            left = "within the last day"
        case _ if days > 0:
            left = f"in {days} days"
        case _:
            left = f"{-days - 1} days ago" if days < -2 else "1 day ago"
    return f"{due_at:%Y-%m-%d}, {left}" if due_at.year >= 1000 else f"{due_at.date().isoformat()}, {left}"


def _resources(detail: str) -> str:
    return "1 resource uses" if detail == "1" else f"{detail} resources use"


def _chain(detail: str) -> str:
    issuer, plus, more = detail.rpartition(" +")
    if not plus:
        return f"Its issuer {detail} is neither here nor among this system's roots."
    return f"Its issuer {issuer} is neither here nor among this system's roots; {more} more have the same one."


def _policy(detail: str) -> str:
    policy, plus, more = detail.rpartition(" +")
    if not plus:
        return f"It is here against the advice of the policy {detail}."
    return f"It is here against the advice of the policy {policy} and {more} more."


def _files(detail: str) -> str:
    first, plus, more = detail.rpartition(" +")
    if not plus or not more.isdigit():
        return detail
    return f"{first} {more} more {'is' if more == '1' else 'are'} of no use."


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
