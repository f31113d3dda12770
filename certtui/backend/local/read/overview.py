"""The head of the inventory: disjoint buckets and expiries by month, by counts of index ranges.

At a million entries that is some 20 ms. A range of `not_after` is counted as a whole; the few entries that a range holds
but its bucket does not, revoked ones and those not yet valid, are taken off.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, Any

from certtui.backend.local.read.conditions import DAY
from certtui.backend.local.read.status_conditions import status_is
from certtui.clock import epoch
from certtui.model.certificate import Bucket, ExpiryBar, Overview
from certtui.model.filters import date_period
from certtui.model.status import Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock

MONTHS = 24
"""Bars of the chart, the current month first."""

_BEGINNING, _END = -(2**62), 2**62


def overview(readers: Readers, clock: Clock) -> Overview:
    """Buckets and expiries of everything that the readers show, as of now, in one snapshot."""
    as_of = clock.now()
    with readers.use() as connection:
        connection.execute("BEGIN")
        return _overview(connection, as_of, *_counting(connection))


def _counting(connection: sqlite3.Connection) -> tuple[int, Callable[[int, int], int]]:
    """How many entries there are, and what counts those whose `not_after` lies in a range [start, end)."""
    total = "SELECT count(*) FROM certificate"
    # A connection within a scope shows a part.
    if not hasattr(connection, "unlimited"):
        return connection.execute(total).fetchone()[0], partial(_count, connection)
    view: Any = connection  # Any: the limited connection, which this side does not know
    hidden = view.hidden("id")
    if hidden is None:
        return connection.execute(total).fetchone()[0], _counted_here(connection)
    whole, ends = view.unlimited(), sorted(view.hidden("not_after"))
    count = partial(_count, whole)
    return whole.execute(total).fetchone()[0] - len(
        hidden
    ), lambda start, end: count(start, end) - _within(ends, start, end)


def _overview(
    connection: sqlite3.Connection, as_of: datetime, total: int, count: Callable[[int, int], int]
) -> Overview:
    now = epoch(as_of)
    revoked = _expiries(connection, [Status.REVOKED], now)
    not_yet_valid = _expiries(connection, [Status.NOT_YET_VALID], now)

    def running(start: int, end: int) -> int:
        return count(start, end) - _within(revoked, start, end) - _within(not_yet_valid, start, end)

    week, month, quarter = now + 8 * DAY, now + 31 * DAY, now + 91 * DAY
    buckets = [
        Bucket("expired", "Expired", "status:expired", running(_BEGINNING, now)),
        Bucket("7d", "7d", "status:active,expiring days<=7", running(now, week)),
        Bucket("30d", "30d", "status:active,expiring days>7 days<=30", running(week, month)),
        Bucket("90d", "90d", "status:active,expiring days>30 days<=90", running(month, quarter)),
        Bucket("active", "Active", "status:active,expiring days>90", running(quarter, _END)),
        Bucket("not_yet_valid", "Not yet valid", "status:not_yet_valid", len(not_yet_valid)),
        Bucket("revoked", "Revoked", "status:revoked", _with_status(connection, [Status.REVOKED], now)),
        Bucket(
            "pending", "Pending", "status:pending,draft", _with_status(connection, [Status.PENDING, Status.DRAFT], now)
        ),
        Bucket("error", "Error", "status:error", _with_status(connection, [Status.ERROR], now)),
    ]
    return Overview(
        total=int(total),
        buckets=tuple(bucket for bucket in buckets if bucket.count or bucket.key not in ("not_yet_valid", "error")),
        expiries=tuple(_bars(count, as_of, revoked)),
        as_of=as_of,
    )


def _bars(count: Callable[[int, int], int], as_of: datetime, revoked: Sequence[int]) -> list[ExpiryBar]:
    bars = []
    for number in range(as_of.year * 12 + as_of.month - 1, as_of.year * 12 + as_of.month - 1 + MONTHS):
        year, month = number // 12, number % 12 + 1
        text = f"{year:04d}-{month:02d}"
        period = date_period(text)
        if period is None:  # the calendar of X.509 ends with the year 9999
            break
        expiring = count(*period) - _within(revoked, *period)
        bars.append(ExpiryBar(year, month, expiring, f"expires:{text} !status:revoked"))
    return bars


def _count(connection: sqlite3.Connection, start: int, end: int) -> int:
    """Entries whose `not_after` lies in [start, end)."""
    sql = "SELECT count(*) FROM certificate WHERE not_after >= ? AND not_after < ?"
    return int(connection.execute(sql, (start, end)).fetchone()[0])


def _counted_here(connection: sqlite3.Connection) -> Callable[[int, int], int]:
    """The same where no index counts what lies in a scope: read once, instead of for every bucket and bar."""
    rows = connection.execute("SELECT not_after FROM certificate WHERE not_after IS NOT NULL")
    return partial(_within, sorted(row[0] for row in rows))


def _with_status(connection: sqlite3.Connection, statuses: Sequence[Status], now: int) -> int:
    condition, parameters = status_is(statuses, now)
    sql = f"SELECT count(*) FROM certificate WHERE {condition}"  # noqa: S608 (texts of this package)
    return int(connection.execute(sql, parameters).fetchone()[0])


def _expiries(connection: sqlite3.Connection, statuses: Sequence[Status], now: int) -> list[int]:
    """`not_after` of the entries with one of the statuses, sorted; entries without an X.509 left out."""
    condition, parameters = status_is(statuses, now)
    sql = f"SELECT not_after FROM certificate WHERE ({condition}) AND not_after IS NOT NULL"  # noqa: S608
    return sorted(row[0] for row in connection.execute(sql, parameters))


def _within(instants: Sequence[int], start: int, end: int) -> int:
    return bisect_left(instants, end) - bisect_left(instants, start)
