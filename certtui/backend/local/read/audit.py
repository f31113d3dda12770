"""The list of audit events: free words match event, actor and object name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import from_epoch
from certtui.model.audit import AuditEvent
from certtui.model.filter_fields import AUDIT
from certtui.model.filters import parse

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_ACTOR = dialect.json_text("actor", "name")
_SUDO_USER = dialect.json_text("actor", "sudo_user")
_BATCH = 500

SORTS = {
    "id": order.number("seq"),
    "at": order.number("at"),
    "event": order.words("event"),
    "actor": order.words(_ACTOR),
    "object": order.words("object_name"),
    "name": order.words("object_name"),
}
"""What the audit log sorts by."""


def open_audit(readers: Readers, clock: Clock, query: Query) -> LocalListing[AuditEvent]:
    """Open the audit log. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, audit_events))


def audit_events(connection: sqlite3.Connection, ids: Sequence[int], _as_of: datetime) -> dict[int, AuditEvent]:
    """The events with these sequence numbers."""
    found: dict[int, AuditEvent] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        sql = (
            "SELECT seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash "  # noqa: S608
            f"FROM audit_event WHERE seq IN ({marks})"
        )
        for row in connection.execute(sql, chunk):
            found[row[0]] = AuditEvent(row[0], from_epoch(row[1]), *row[2:])
    return found


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    where = conditions.where(parse(query.text, AUDIT), _condition)
    return Plan("audit_event", "seq", where, order.segments(query.sort, SORTS, "seq", now))


def _condition(term: Term) -> Sql:
    values = term.values
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in values])
        case "event":
            return conditions.pattern("event", values)
        case "actor":
            return dialect.either([conditions.pattern(_ACTOR, values), conditions.pattern(_SUDO_USER, values)])
        case "object":
            return dialect.either([conditions.pattern(column, values) for column in ("object_name", "object_kind")])
        case "since":
            return conditions.since("at", values)
        case "until":
            return conditions.until("at", values)
    return conditions.numbers("object_id", values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("event", _ACTOR, "object_name")])
