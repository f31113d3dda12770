"""The calendar of renewals: what renews when, how much of it on one day. Pure rules; days are in UTC.

Bars hold single days at first, weeks after four weeks, months after twelve: as far as one plans, and no further than the
estate is known. A bar's height is its load, renewals *a day*, so that a week can be held against a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from certtui.record import dataclass

DAYS, WEEKS = 28, 8
"""Bars of one day, then of seven."""

MOST_DAYS = 3_660
AHEAD = 366
"""Days that a calendar shows unless asked for others."""


class State:
    """Where a renewal stands; the words of `state:` in the filter, and what the place shows."""

    PLANNED = "planned"
    DUE = "due"
    UNDER_WAY = "under-way"
    BLOCKED = "blocked"


STATES = (State.BLOCKED, State.DUE, State.UNDER_WAY, State.PLANNED)
"""What a person should see first stands first."""


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """One certificate that renews itself, as the place lists it; `id` and `version` are the certificate's."""

    id: int
    version: int
    name: str
    common_name: str
    san_count: int
    business_group: str
    authority: str
    not_after: datetime
    auto_renew_days: int
    due_at: datetime
    state: str
    why: str
    """Why then, one sentence."""
    blocked: str = ""
    """What stands in the way, or how far the renewal is; "" for nothing."""
    order_id: int | None = None
    try_at: datetime | None = None
    cname: str = ""
    """What is wrong with the CNAME of one of its names, one sentence."""


@dataclass(frozen=True, slots=True)
class DayLoad:
    """The renewals of one day, which begins at `day`; `by` is each authority's share, the largest first ("" for none)."""

    day: datetime
    count: int
    by: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RenewalCalendar:
    """What renews when: days without anything are left out. `now` holds what is due by `as_of`, `later` what lies beyond."""

    as_of: datetime
    until: datetime
    states: tuple[tuple[str, int], ...]
    """How many stand where; each certificate in one state."""
    now: DayLoad
    days: tuple[DayLoad, ...]
    later: int
    total: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart: the days [start, end), all that is due where both are None, and the filter that shows it."""

    start: datetime | None
    end: datetime | None
    load: DayLoad
    filter: str

    @property
    def days(self) -> int:
        """How many days it holds."""
        return 1 if self.start is None or self.end is None else (self.end - self.start).days

    @property
    def a_day(self) -> float:
        """Renewals a day."""
        return self.load.count / self.days


@dataclass(frozen=True, slots=True)
class Load:
    """What a span comes to: renewals, the mean a day, the fullest day, each authority's share of them."""

    days: int
    count: int
    a_day: float
    peak: DayLoad | None
    by: tuple[tuple[str, int], ...]


def checked_ahead(days: int) -> int:
    """So many days of a calendar. Raises `Invalid` (field `days`)."""
    if not 1 <= days <= MOST_DAYS:
        from certtui.errors import Invalid

        raise Invalid(f"{days} is no number of days.", f"Give 1 to {MOST_DAYS}.", field="days")
    return days


def midnight(instant: datetime) -> datetime:
    """The beginning of its day."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def bars(calendar: RenewalCalendar) -> list[Bar]:
    """What is due, then days, weeks and months, to the end of the calendar; a bar without anything is one too."""
    today = midnight(calendar.as_of)
    found = [Bar(None, None, calendar.now, "overdue")]
    start = today
    while start < calendar.until:
        end = min(_end(start, today), calendar.until)
        within = [day for day in calendar.days if start <= day.day < end]
        found.append(Bar(start, end, _sum(start, within), _filter(start, end)))
        start = end
    return found


def load(calendar: RenewalCalendar, days: int) -> Load:
    """What the next days come to, with what is due already: that is work of the first of them."""
    today = midnight(calendar.as_of)
    within = [day for day in calendar.days if day.day < today + timedelta(days=days)]
    first = [day for day in within if day.day == today]
    at_once = _sum(today, [calendar.now, *first])
    each = [at_once, *(day for day in within if day.day > today)]
    whole = _sum(today, each)
    peak = max(each, key=lambda day: day.count)
    return Load(days, whole.count, whole.count / days, peak if peak.count else None, whole.by)


def _end(start: datetime, today: datetime) -> datetime:
    days = (start - today).days
    if days < DAYS:
        return start + timedelta(days=1)
    if days < DAYS + 7 * WEEKS:
        return start + timedelta(days=7)
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)


def _filter(start: datetime, end: datetime) -> str:
    if end - start == timedelta(days=1):
        return f"due:{start:%Y-%m-%d} !overdue"
    if start.day == 1 and end == (start + timedelta(days=32)).replace(day=1):
        return f"due:{start:%Y-%m}"
    return f"due>={start:%Y-%m-%d} due<{end:%Y-%m-%d}"


def _sum(day: datetime, loads: list[DayLoad]) -> DayLoad:
    by: dict[str, int] = {}
    for each in loads:
        for authority, count in each.by:
            by[authority] = by.get(authority, 0) + count
    return DayLoad(day, sum(each.count for each in loads), largest_first(by))


def largest_first(by: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """Shares by authority, equal ones by name."""
    return tuple(sorted(by.items(), key=lambda each: (-each[1], each[0])))
