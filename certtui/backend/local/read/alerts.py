"""The list of alerts: free words match what it is about, details and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import from_epoch
from certtui.model.alert import AlertKind, AlertRow, AlertState, Severity
from certtui.model.filter_fields import ALERT
from certtui.model.filters import parse

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

COLUMNS = (
    "id, version, kind, severity, state, level, object_kind, object_id, object_name, certificate_id, business_group, "
    "detail, due_at, opened_at, changed_at, snoozed_until, resolved_by, handled_by, note"
)
"""What `alert_row` reads, in its order."""

SORTS = {
    "severity": order.number("severity"),
    "name": order.words("object_name"),
    "kind": order.words("kind"),
    "state": order.words("state"),
    "group": order.words("business_group"),
    "opened": order.number("opened_at"),
    "changed": order.number("changed_at"),
    "due": order.instant("due_at"),
    "snoozed": order.instant("snoozed_until"),
    "id": order.number("id"),
}
"""What the list of alerts sorts by."""

_BATCH = 500


def open_alerts(readers: Readers, clock: Clock, query: Query) -> LocalListing[AlertRow]:
    """Open the list of alerts. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, alert_rows))


def alert_rows(connection: sqlite3.Connection, ids: Sequence[int], _as_of: datetime) -> dict[int, AlertRow]:
    """The alerts with these ids that are there."""
    found: dict[int, AlertRow] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        for row in connection.execute(f"SELECT {COLUMNS} FROM alert WHERE id IN ({marks})", chunk):  # noqa: S608
            found[row[0]] = alert_row(row)
    return found


def alert_row(row: Sequence[Any]) -> AlertRow:  # Any: a row of the driver, its columns as COLUMNS names them
    """One row as the seam has it."""
    (
        row_id, version, kind, severity, state, level, object_kind, object_id, object_name, certificate_id, group,
        detail, due, opened, changed, snoozed, resolved, handled, note,
    ) = row  # fmt: skip
    return AlertRow(
        row_id,
        version,
        AlertKind(kind),
        Severity(severity),
        AlertState(state),
        level,
        object_kind,
        object_id,
        object_name,
        certificate_id,
        group,
        detail,
        None if due is None else from_epoch(due),
        from_epoch(opened),
        from_epoch(changed),
        None if snoozed is None else from_epoch(snoozed),
        resolved,
        handled,
        note,
    )


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    where = conditions.where(parse(query.text, ALERT), _condition)
    return Plan("alert", "id", where, order.segments(query.sort, SORTS, "id", now))


def _condition(term: Term) -> Sql:
    values = term.values
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in values])
        case "state" | "kind":
            return f"{term.key} IN ({', '.join('?' * len(values))})", tuple(value.text for value in values)
        case "severity":
            numbers = tuple(int(Severity.parse(value.text)) for value in values)
            return f"severity IN ({', '.join('?' * len(numbers))})", numbers
        case "group":
            return conditions.pattern("business_group", values)
        case "object":
            return dialect.either([conditions.pattern(column, values) for column in ("object_name", "object_kind")])
        case "since":
            return conditions.since("opened_at", values)
        case "until":
            return conditions.until("opened_at", values)
    return conditions.numbers("id", values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("object_name", "detail", "note", "kind")])
