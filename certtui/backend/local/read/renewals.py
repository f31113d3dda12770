"""The list of what renews itself, its calendar, and the facts of the simulation: when is worked out in SQL.

The rules are those of `certtui.model.renewal.due_at`; a property test holds the two equal. What stands in the way of one
certificate is decided by `renewals_read`, row by row of a page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.backend.local.cas_whole import whole
from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.certificates import AUTHORITY
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.backend.local.renewals_read import HEAD_OF_LINEAGE, LONG_GONE, of_certificate
from certtui.clock import epoch
from certtui.model.access import Role
from certtui.model.filter_orders import RENEWAL
from certtui.model.filters import parse
from certtui.model.renewal_calendar import STATES, DayLoad, RenewalCalendar, RenewalRow, State, largest_first, midnight
from certtui.model.renewal_forecast import Alike
from certtui.model.revocation import AuthorityKnows
from certtui.model.search_text import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.renewals_read import Candidate
    from certtui.model.filters import Term
    from certtui.model.query import Query

_DAY = 86_400
_MOST_OUTSIDE = 30_000
"""Parameters that a statement may have."""

_LATER = 1_000_000
"""Stands for the days behind a calendar's end."""

_CHOSEN = "(SELECT w.window_chosen FROM renewal w WHERE w.certificate_id = certificate.id)"
_LIFE = "(certificate.not_after - certificate.not_before)"
_BY_DAYS = (
    f"(CASE WHEN {_DAY} * (certificate.auto_renew_days + 1) <= {_LIFE} + 1 "
    f"THEN certificate.not_after - {_DAY} * certificate.auto_renew_days ELSE certificate.not_after - {_LIFE} / 3 END)"
)
_BY_PERSON = (
    "EXISTS (SELECT 1 FROM revocation p WHERE p.certificate_id = certificate.id "  # noqa: S608 (ours, as all below)
    f"AND p.authority_knows <> '{AuthorityKnows.ITSELF.value}')"
)


def _due(chosen: str) -> str:
    wished = (
        "(CASE WHEN certificate.revoked_at IS NOT NULL THEN certificate.revoked_at "
        f"WHEN {chosen} < {_BY_DAYS} THEN {chosen} ELSE {_BY_DAYS} END)"
    )
    rested = f"(certificate.created_at + CASE WHEN {_LIFE} / 3 < {_DAY} THEN {_LIFE} / 3 ELSE {_DAY} END)"
    waits = f"certificate.renews_id IS NOT NULL AND (certificate.revoked_at IS NULL OR NOT {_BY_PERSON})"
    return f"(CASE WHEN {waits} AND {wished} < {rested} THEN {rested} ELSE {wished} END)"


DUE = _due(_CHOSEN)
"""When a row of `certificate` is to be renewed, in epoch seconds."""

_DUE_JOINED = _due("w.window_chosen")
_HEAD = HEAD_OF_LINEAGE.replace("c.id", "certificate.id")
_RENEWS = (
    "((certificate.auto_renew_days > 0 AND certificate.not_after > ? AND certificate.revoked_at IS NULL) "  # noqa: S608
    "OR (certificate.id IN (SELECT v.certificate_id FROM revocation v WHERE v.renew = 1) AND certificate.not_after > ? "
    f"AND certificate.revoked_at IS NOT NULL)) AND {_HEAD}"
)
_LIVES = f"certificate.not_after > ? AND certificate.revoked_at IS NULL AND certificate.is_ca = 0 AND {_HEAD}"

_RENEWED_BY = f"CAST(nullif({dialect.json_text('form', 'renews_id')}, '') AS BIGINT)"
_OF_ORDERS = f"SELECT {_RENEWED_BY} FROM certificate_order WHERE form LIKE '%\"renews_id\":%'"  # noqa: S608 (our own)
_UNDER_WAY = f"certificate.id IN ({_OF_ORDERS} AND status IN ('pending', 'processing'))"
_PAUSE = (
    "(CASE WHEN reference LIKE '%-1' THEN 3600 WHEN reference LIKE '%-2' THEN 14400 "
    "WHEN reference LIKE '%-3' THEN 43200 ELSE 86400 END)"
)
_PAUSED = (
    f"(certificate.id IN ({_OF_ORDERS} AND status IN ('failed', 'cancelled') AND reference LIKE 'renews-%' "  # noqa: S608
    f"AND finished_at + {_PAUSE} > ?) "
    "OR certificate.id IN (SELECT t.certificate_id FROM renewal t WHERE t.try_at > ?))"
)
_NO_AUTHORITY = f"(coalesce({AUTHORITY.format('enabled')}, 0) = 0)"


def open_renewals(store: OpenStore, query: Query) -> LocalListing[RenewalRow]:
    """Open the list of what renews itself. Raises `Invalid` (field "filter" or "sort")."""
    outside = _renewed_outside(store)

    def plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
        filtered = conditions.where(parse(query.text, RENEWAL), lambda term: _condition(term, now))
        where = dialect.both([(_RENEWS, _lately(now)), outside, filtered])
        return Plan("certificate", "id", where, order.segments(query.sort, _SORTS, "id", now), led=True)

    def rows(connection: sqlite3.Connection, ids: Sequence[int], _as_of: datetime) -> dict[int, RenewalRow]:
        return _rows(store, connection, ids)

    return LocalListing(store.readers, store.clock, query, Nature(plan, rows))


def _renewed_outside(store: OpenStore) -> Sql:
    """Without what was renewed by an entry that the person doesn't see: it is not to be renewed again."""
    everything = whole(store)
    rights = store.rights
    if rights is None or (not rights.scoped and rights.role >= Role.ADMIN):
        return dialect.EVERYTHING
    now = epoch(store.clock.now())
    with store.readers.use() as connection:
        candidates = f"SELECT certificate.id FROM certificate WHERE {_RENEWS}"  # noqa: S608
        seen = {row[0] for row in connection.execute(candidates, _lately(now))}
    with everything.readers.use() as connection:
        renewed = connection.execute(
            "SELECT n.renews_id FROM certificate n JOIN certificate c ON c.id = n.renews_id "
            "WHERE n.renews_id IS NOT NULL AND n.not_after IS NOT NULL AND c.not_after > ?",
            (now - LONG_GONE,),
        )
        outside = sorted(seen.intersection(row[0] for row in renewed))[:_MOST_OUTSIDE]
    if not outside:
        return dialect.EVERYTHING
    return f"certificate.id NOT IN ({', '.join('?' * len(outside))})", tuple(outside)


def _rows(store: OpenStore, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, RenewalRow]:
    """The rows with these ids that still renew themselves."""
    marks = ", ".join("?" * len(ids))
    facts = connection.execute(
        f"SELECT id, version, common_name, san_count, business_group FROM certificate WHERE id IN ({marks})",  # noqa: S608
        tuple(ids),
    ).fetchall()
    found = {row[0]: (row, of_certificate(store, row[0])) for row in facts}
    return {row_id: _row(row, candidate) for row_id, (row, candidate) in found.items() if candidate is not None}


def _row(row: tuple[int, int, str, int, str], candidate: Candidate) -> RenewalRow:
    renewal = candidate.renewal
    if candidate.under_way:
        state = State.UNDER_WAY
    elif renewal.blocked:
        state = State.BLOCKED
    else:
        state = State.DUE if renewal.due else State.PLANNED
    return RenewalRow(
        id=row[0],
        version=row[1],
        name=renewal.name,
        common_name=row[2],
        san_count=row[3],
        business_group=row[4],
        authority=renewal.authority,
        not_after=renewal.not_after,
        auto_renew_days=renewal.auto_renew_days,
        due_at=renewal.due_at,
        state=state,
        why=renewal.why,
        blocked=renewal.blocked,
        order_id=renewal.order_id,
        try_at=renewal.try_at,
        cname=renewal.cname,
    )


def calendar(store: OpenStore, days: int) -> RenewalCalendar:
    """What renews when, so many days ahead; one grouped query."""
    as_of = store.clock.now()
    now, today = epoch(as_of), midnight(as_of)
    outside, ids = _renewed_outside(store)
    until = today + timedelta(days=days)
    state = (
        f"CASE WHEN {_UNDER_WAY} THEN '{State.UNDER_WAY}' WHEN coalesce(a.enabled, 0) = 0 OR {_PAUSED} THEN '{State.BLOCKED}' "
        f"ELSE '' END AS stands"
    )
    each = (
        f"SELECT {_DUE_JOINED} AS due_at, coalesce(a.name, '') AS authority, {state} "  # noqa: S608 (texts of this package)
        "FROM certificate LEFT JOIN renewal w ON w.certificate_id = certificate.id "
        f"LEFT JOIN authority a ON a.id = certificate.authority_id WHERE {_RENEWS} AND {outside}"
    )
    bucket = f"CASE WHEN due_at <= ? THEN -1 WHEN due_at >= ? THEN {_LATER} ELSE (due_at - ?) / {_DAY} END"
    with store.readers.use() as connection:
        rows = connection.execute(
            f"SELECT {bucket} AS bucket, authority, stands, count(*) FROM ({each}) found GROUP BY 1, 2, 3",  # noqa: S608
            (now, epoch(until), epoch(today), now, now, *_lately(now), *ids),
        ).fetchall()
    loads: dict[int, dict[str, int]] = {}
    states = dict.fromkeys(STATES, 0)
    for number, authority, stands, count in rows:
        by = loads.setdefault(number, {})
        by[authority] = by.get(authority, 0) + count
        states[stands or (State.DUE if number < 0 else State.PLANNED)] += count
    now_due, later = loads.pop(-1, {}), loads.pop(_LATER, {})
    return RenewalCalendar(
        as_of=as_of,
        until=until,
        states=tuple(states.items()),
        now=_load(as_of, now_due),
        days=tuple(_load(today + timedelta(days=number), loads[number]) for number in sorted(loads)),
        later=sum(later.values()),
        total=sum(states.values()),
    )


def estate(store: OpenStore) -> tuple[Alike, ...]:
    """Every living certificate that is no CA's, those that renewal treats alike counted together; one grouped query."""
    now, today = epoch(store.clock.now()), epoch(midnight(store.clock.now()))
    outside, ids = _renewed_outside(store)
    renews = "certificate.auto_renew_days > 0"
    each = (
        f"SELECT CASE WHEN {renews} THEN certificate.authority_id END AS authority_id, "  # noqa: S608 (our own)
        f"CASE WHEN {renews} THEN certificate.auto_renew_days ELSE 0 END AS days, "
        # Both ends belong to a life (RFC 5280, 4.1.2.5): a second less than 90 days are 90. Below two weeks hours count.
        f"CASE WHEN {_LIFE} < {14 * _DAY} THEN ({_LIFE} + 1) / 3600 * 3600 ELSE ({_LIFE} + 1) / {_DAY} * {_DAY} END AS life, "
        f"CASE WHEN {renews} THEN CASE WHEN {_DUE_JOINED} <= ? THEN -1 ELSE ({_DUE_JOINED} - ?) / {_DAY} END ELSE 0 END AS day "
        f"FROM certificate LEFT JOIN renewal w ON w.certificate_id = certificate.id WHERE {_LIVES} AND {outside}"
    )
    with store.readers.use() as connection:
        connection.execute("BEGIN")
        authorities = {
            row_id: (name, kind, bool(enabled))
            for row_id, name, kind, enabled in connection.execute("SELECT id, name, type, enabled FROM authority")
        }
        rows = connection.execute(
            f"SELECT authority_id, days, life, day, count(*) FROM ({each}) found GROUP BY 1, 2, 3, 4",  # noqa: S608
            (now, today, now, *ids),
        ).fetchall()
    found = []
    for authority_id, days, life, day, count in rows:
        name, kind, enabled = authorities.get(authority_id, ("", "", True))
        found.append(Alike(count, max(life - 1, 0), days, day, name, kind == "external", enabled))
    return tuple(found)


def _load(day: datetime, by: dict[str, int]) -> DayLoad:
    return DayLoad(day, sum(by.values()), largest_first(by))


def _lately(now: int) -> tuple[int, int]:
    """The parameters of `_RENEWS`: what expired long ago nobody misses."""
    return now - LONG_GONE, now - LONG_GONE


_SORTS = {
    "due": order.number(DUE),
    "name": order.number("name_key"),
    "authority": order.Column(f"coalesce({AUTHORITY.format('name_key')}, '')"),
    "not_after": order.number("not_after"),
    "auto_renew_days": order.number("auto_renew_days"),
    "group": order.words("business_group"),
    "id": order.number("id"),
}


def _condition(term: Term, now: int) -> Sql:
    match term.key:
        case "":
            return dialect.either([dialect.scanned(fold(value.text)) for value in term.values])
        case "state":
            return dialect.either([_state(value.text, now) for value in term.values])
        case "overdue":
            return f"{DUE} <= ?", (now,)
        case "due":
            return conditions.dates(DUE, term)
        case "expires":
            return conditions.dates("not_after", term)
        case "authority":
            return conditions.authority(term.values)
        case "auto_renew_days":
            return conditions.counts("auto_renew_days", term)
        case "group":
            return conditions.pattern("business_group", term.values)
        case "name":
            return conditions.text("name", term.values)
    return conditions.numbers("id", term.values)


def _state(state: str, now: int) -> Sql:
    blocked: Sql = (f"({_NO_AUTHORITY} OR {_PAUSED})", (now, now))
    free = dialect.negated(dialect.either([(_UNDER_WAY, ()), blocked]))
    match state:
        case State.UNDER_WAY:
            return _UNDER_WAY, ()
        case State.BLOCKED:
            return dialect.both([dialect.negated((_UNDER_WAY, ())), blocked])
        case State.DUE:
            return dialect.both([free, (f"{DUE} <= ?", (now,))])
    return dialect.both([free, (f"{DUE} > ?", (now,))])
