"""An alert: something that needs a person. One for each thing and kind; what it goes through is `step`, a pure function."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, IntEnum

from certtui.errors import Conflict, Invalid
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class AlertKind(str, Enum):
    """What is the matter."""

    ORDER_FAILED = "order_failed"
    ORDER_WAITING = "order_waiting"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    IN_USE_EXPIRED = "in_use_expired"
    IN_USE_REVOKED = "in_use_revoked"
    CA_EXPIRING = "ca_expiring"
    CA_REVOKED_ABOVE = "ca_revoked_above"
    CRL_EXPIRING = "crl_expiring"
    CRL_OVERDUE = "crl_overdue"
    CHAIN_INCOMPLETE = "chain_incomplete"
    WEAK_KEY = "weak_key"
    WEAK_DIGEST = "weak_digest"
    KEY_REUSE = "key_reuse"
    POLICY_FINDING = "policy_finding"
    DUPLICATE_NAME = "duplicate_name"
    RENEWAL_BLOCKED = "renewal_blocked"
    CNAME_BROKEN = "cname_broken"
    CA_NOT_TOLD = "ca_not_told"
    WATCHED_FOLDER = "watched_folder"
    DELIVERY_FAILED = "delivery_failed"

    def __str__(self) -> str:
        return self.value


KIND_WORDS: dict[AlertKind, str] = {
    AlertKind.ORDER_FAILED: "order failed",
    AlertKind.ORDER_WAITING: "order waits",
    AlertKind.EXPIRING: "expires soon",
    AlertKind.EXPIRED: "expired",
    AlertKind.IN_USE_EXPIRED: "expired and in use",
    AlertKind.IN_USE_REVOKED: "revoked and in use",
    AlertKind.CA_EXPIRING: "CA runs out",
    AlertKind.CA_REVOKED_ABOVE: "CA above revoked",
    AlertKind.CRL_EXPIRING: "CRL runs out",
    AlertKind.CRL_OVERDUE: "CRL ran out",
    AlertKind.CHAIN_INCOMPLETE: "chain incomplete",
    AlertKind.WEAK_KEY: "weak key",
    AlertKind.WEAK_DIGEST: "weak digest",
    AlertKind.KEY_REUSE: "key used again",
    AlertKind.POLICY_FINDING: "policy finding",
    AlertKind.DUPLICATE_NAME: "name used twice",
    AlertKind.RENEWAL_BLOCKED: "can't renew itself",
    AlertKind.CNAME_BROKEN: "CNAME is broken",
    AlertKind.CA_NOT_TOLD: "CA not told",
    AlertKind.WATCHED_FOLDER: "files fit nothing",
    AlertKind.DELIVERY_FAILED: "delivery failed",
}
"""Each kind as people read it."""


class Severity(IntEnum):
    """How urgent it is; compared by its number."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """From `info`, `warning`, `critical`; raises KeyError."""
        return cls[text.upper()]


class AlertState(str, Enum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"

    def __str__(self) -> str:
        return self.value


BY_CONDITION = "condition"
"""`resolved_by` of an alert that resolved itself: what it was about is no more."""

DEFAULT_THRESHOLDS = (90, 60, 30, 14, 7, 3, 1)
"""Days left at which an expiring certificate raises its hand, and then a little higher."""

MOST_THRESHOLDS = 20
MOST_DAYS = 3650
_DAY = 86_400
_CRITICAL_DAYS = 7
_WARNING_DAYS = 30


def severity_of_days(threshold: int) -> Severity:
    """The severity of what runs out within so many days."""
    if threshold <= _CRITICAL_DAYS:
        return Severity.CRITICAL
    return Severity.WARNING if threshold <= _WARNING_DAYS else Severity.INFO


def level_of(seconds_left: int, thresholds: Sequence[int]) -> int:
    """The smallest threshold (days) that is reached with so many seconds left; 0 while all are still ahead."""
    return min((each for each in thresholds if seconds_left <= each * _DAY), default=0)


def checked_thresholds(days: Sequence[int]) -> tuple[int, ...]:
    """Thresholds as they are stored: falling, each once. Raises `Invalid` (field "days")."""
    if not days or len(set(days)) > MOST_THRESHOLDS or any(not 1 <= each <= MOST_DAYS for each in days):
        raise Invalid(
            f"Thresholds are 1 to {MOST_THRESHOLDS} numbers of days, each from 1 to {MOST_DAYS}.",
            "For instance 90,60,30,14,7,3,1.",
            field="days",
        )
    return tuple(sorted(set(days), reverse=True))


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One line of the place Alerts."""

    id: int
    version: int
    kind: AlertKind
    severity: Severity
    state: AlertState
    level: int
    """Of what runs out, the threshold in days that was passed; 0 where there is none."""
    object_kind: str
    """`certificate`, `order`, `ca`, `authority`, `channel`."""
    object_id: int
    object_name: str
    certificate_id: int | None
    """The inventory entry that it hangs on, by which it lies in somebody's scope; None for CAs, profiles and channels."""
    business_group: str
    detail: str
    """What exactly, where the kind does not say it all: `rsa-1024`, the authority's words. Raw text."""
    due_at: datetime | None
    """The instant that it is about: the expiry, a CRL's next update."""
    opened_at: datetime
    """Since when it needs a person: of the present opening, not of the first one."""
    changed_at: datetime
    snoozed_until: datetime | None
    resolved_by: str
    """Who resolved it, `condition` when it resolved itself, "" while it is not resolved."""
    handled_by: str
    """Who acknowledged, snoozed or resolved it last, "" for nobody."""
    note: str
    """What they said."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of an alert's history."""

    at: datetime
    who: str
    """A person's name, or `certtui` for what the sweep found."""
    what: str
    """A member of `What`, as text."""
    severity: Severity
    level: int
    note: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert with its story, newest line first; at most the last hundred lines."""

    row: AlertRow
    history: tuple[AlertEvent, ...]

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """How many alerts are open, by severity."""

    info: int = 0
    warning: int = 0
    critical: int = 0

    @property
    def total(self) -> int:
        return self.info + self.warning + self.critical


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The days of one business group; "" is what holds for all groups without their own."""

    business_group: str
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep found: how many alerts it opened, made more urgent, woke and resolved, and how many stand open after it."""

    opened: int
    escalated: int
    woken: int
    resolved: int
    updated: int
    """Changed without news: a name, a threshold passed while somebody looks after it."""
    open: int
    seconds: float
    skipped: str = ""
    """Why nothing was looked for, one sentence: another process sweeps at this moment."""


# --- the state machine ----------------------------------------------------------------------------------------------------


class What(str, Enum):
    """What happened to an alert."""

    OPENED = "opened"
    ESCALATED = "escalated"
    UPDATED = "updated"
    """Its level or severity moved and nobody needs to know: it fell, or somebody looks after it already."""
    WOKE = "woke"
    """Its snooze ended."""
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    REOPENED = "reopened"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Standing:
    """What the state machine knows of an alert."""

    state: AlertState
    severity: Severity
    level: int
    handled_severity: Severity
    """How urgent it was when somebody acknowledged or snoozed it: what is worse than that opens it again."""
    snoozed_until: datetime | None = None
    resolved_by: str = ""
    holds: bool = True
    """Whether the condition was there at the last sweep. One resolved by hand stays so while it holds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sweep finds the condition."""

    severity: Severity
    level: int = 0


@dataclass(frozen=True, slots=True)
class Absent:
    """A sweep does not find it (any more)."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person takes it on."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person wants to hear of it later."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Resolve:
    """A person says that it is done, or that it does not matter."""

    who: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """A person takes back what was said."""


Event = Seen | Absent | Acknowledge | Snooze | Resolve | Reopen


def step(standing: Standing | None, event: Event, now: datetime) -> tuple[Standing | None, What | None]:
    """The standing after an event and what happened, None for nothing. Raises `Conflict`, `Invalid` for what a person can't do now."""
    match event:
        case Seen():
            return _seen(standing, event, now)
        case Absent():
            return _absent(standing)
    if standing is None:
        raise AssertionError("a person handles an alert that is there")
    if standing.state is AlertState.RESOLVED and not isinstance(event, Reopen):
        raise Conflict("The alert is resolved already.", "Reopen it to handle it again.")
    match event:
        case Acknowledge():
            return _with(standing, state=AlertState.ACKNOWLEDGED), What.ACKNOWLEDGED
        case Snooze():
            if event.until <= now:
                raise Invalid("A snooze ends in the future.", "Choose a later time.", field="until")
            return _with(standing, state=AlertState.SNOOZED, snoozed_until=event.until), What.SNOOZED
        case Resolve():
            return _with(standing, state=AlertState.RESOLVED, resolved_by=event.who), What.RESOLVED
    if standing.state is AlertState.OPEN:
        raise Conflict("The alert is open already.", "Nothing is left to do.")
    if not standing.holds:
        raise Conflict(
            "What the alert was about is no more, so it can't be reopened.", "It opens by itself if that comes back."
        )
    return _with(standing, state=AlertState.OPEN), What.REOPENED


def _seen(standing: Standing | None, seen: Seen, now: datetime) -> tuple[Standing, What | None]:
    if standing is None or not standing.holds:
        return Standing(AlertState.OPEN, seen.severity, seen.level, seen.severity), What.OPENED
    now_seen = _with(
        standing,
        state=standing.state,
        severity=seen.severity,
        level=seen.level,
        snoozed_until=standing.snoozed_until,
        resolved_by=standing.resolved_by,
        handled_severity=standing.handled_severity,
    )
    quiet = What.UPDATED if now_seen != standing else None
    worse = seen.severity > standing.severity
    match standing.state:
        case AlertState.RESOLVED:
            return now_seen, quiet
        case AlertState.OPEN:
            closer = 0 < seen.level < standing.level
            return _with(now_seen, state=AlertState.OPEN), What.ESCALATED if worse or closer else quiet
    if seen.severity > standing.handled_severity:
        return _with(now_seen, state=AlertState.OPEN), What.ESCALATED
    if standing.snoozed_until is not None and standing.snoozed_until <= now:
        return _with(now_seen, state=AlertState.OPEN), What.WOKE
    return now_seen, quiet


def _absent(standing: Standing | None) -> tuple[Standing | None, What | None]:
    if standing is None or not standing.holds:
        return standing, None
    if standing.state is AlertState.RESOLVED:
        return _with(standing, state=standing.state, resolved_by=standing.resolved_by, holds=False), What.UPDATED
    return _with(standing, state=AlertState.RESOLVED, resolved_by=BY_CONDITION, holds=False), What.RESOLVED


def _with(
    standing: Standing,
    *,
    state: AlertState,
    severity: Severity | None = None,
    level: int | None = None,
    handled_severity: Severity | None = None,
    snoozed_until: datetime | None = None,
    resolved_by: str = "",
    holds: bool | None = None,
) -> Standing:
    """Another state; what belonged to the old one (snooze, who resolved it) is dropped unless given again."""
    now_severity = standing.severity if severity is None else severity
    return Standing(
        state,
        now_severity,
        standing.level if level is None else level,
        now_severity if handled_severity is None else handled_severity,
        snoozed_until,
        resolved_by,
        standing.holds if holds is None else holds,
    )
