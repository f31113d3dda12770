"""The list of resources: free words match name, endpoint and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import epoch, from_epoch
from certtui.model.filter_fields import RESOURCE
from certtui.model.filters import parse
from certtui.model.resource import ResourceRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_COUNT = "(SELECT count(DISTINCT certificate_id) FROM association WHERE resource_id = resource.id)"
_NEXT_EXPIRY = (
    "(SELECT min(c.not_after) FROM association a JOIN certificate c ON c.id = a.certificate_id "
    "WHERE a.resource_id = resource.id AND (c.revoked_at IS NULL OR c.revoked_at > {now}))"
)
_USED = "EXISTS (SELECT 1 FROM association WHERE resource_id = resource.id)"
_BATCH = 500


def open_resources(readers: Readers, clock: Clock, query: Query) -> LocalListing[ResourceRow]:
    """Open the list of resources. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, resource_rows))


def resource_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, ResourceRow]:
    """The resources with these ids that are there."""
    found: dict[int, ResourceRow] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        sql = (
            f"SELECT id, version, name, type, endpoint, notes, {_COUNT}, {_NEXT_EXPIRY.format(now='?')}, created_at "  # noqa: S608
            f"FROM resource WHERE id IN ({marks})"
        )
        for row in connection.execute(sql, (epoch(as_of), *chunk)):
            row_id, version, name, kind, endpoint, notes, count, expiry, created_at = row
            next_expiry = None if expiry is None else from_epoch(expiry)
            created = from_epoch(created_at)
            found[row_id] = ResourceRow(row_id, version, name, kind, endpoint, notes, count, next_expiry, created)
    return found


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    where = conditions.where(parse(query.text, RESOURCE), _condition)
    return Plan("resource", "id", where, order.segments(query.sort, _sorts(now), "id", now))


def _sorts(now: int) -> dict[str, order.Column]:
    return {
        "name": order.number("name_key"),
        "type": order.words("type"),
        "endpoint": order.words("endpoint"),
        "certificates": order.number(_COUNT),
        "next_expiry": order.instant(_NEXT_EXPIRY.format(now=int(now))),
        "created": order.number("created_at"),
        "id": order.number("id"),
    }


def _condition(term: Term) -> Sql:
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in term.values])
        case "type":
            return dialect.either([("type = ?", (value.text,)) for value in term.values])
        case "name" | "endpoint" | "notes":
            return conditions.text(term.key, term.values)
        case "used":
            return _USED, ()
        case "unused":
            return f"NOT {_USED}", ()
        case "created":
            return conditions.dates("created_at", term)
        case "certificate":
            return _certificate(conditions.pattern("c.name", term.values))
    return conditions.numbers("id", term.values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("name", "endpoint", "notes")])


def _certificate(named: Sql) -> Sql:
    return (
        "EXISTS (SELECT 1 FROM association a JOIN certificate c ON c.id = a.certificate_id "  # noqa: S608
        f"WHERE a.resource_id = resource.id AND ({named[0]}))",
        named[1],
    )
