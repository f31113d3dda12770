"""The list of containers: free words match name, certificate, reference and consumers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.containers_rows import container_rows
from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.backend.local.read.status_conditions import status_is
from certtui.model.filter_fields import CONTAINER
from certtui.model.filters import parse

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.container import ContainerRow
    from certtui.model.filters import Term
    from certtui.model.query import Query

_COUNT = "(SELECT count(*) FROM consumer u WHERE u.container_id = container.id)"
_USED = "EXISTS (SELECT 1 FROM consumer u WHERE u.container_id = container.id)"
_ENTRY = "(SELECT {column} FROM certificate c WHERE c.id = container.certificate_id)"
_ENDS = (
    "coalesce((SELECT c.not_after FROM certificate c WHERE c.id = container.certificate_id), "
    "(SELECT min(s.expires_at) FROM container_part p JOIN secret s ON s.id = p.secret_id "
    "WHERE p.container_id = container.id AND p.number = container.number AND container.type <> 'certificate'))"
)
_WHOLE = "EXISTS (SELECT 1 FROM certificate WHERE id = container.certificate_id AND has_private_key = 1 AND ({which}))"
_OTHER = "container.type <> 'certificate'"
_GROUP = f"coalesce({_ENTRY.format(column='c.business_group')}, business_group)"
_BEHIND = (
    "EXISTS (SELECT 1 FROM consumer u WHERE u.container_id = container.id AND u.fetched_number < container.number)"
)
_SORTS = {
    "name": order.number("name_key"),
    "type": order.words("type"),
    "certificate": order.words(f"coalesce({_ENTRY.format(column='c.name')}, '')"),
    "not_after": order.instant(_ENDS),
    "number": order.number("number"),
    "consumers": order.number(_COUNT),
    "created": order.number("created_at"),
    "updated": order.number("updated_at"),
    "id": order.number("id"),
}


def open_containers(readers: Readers, clock: Clock, query: Query) -> LocalListing[ContainerRow]:
    """Open the list of containers. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, container_rows))


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    def condition(term: Term) -> Sql:
        return _condition(term, now)

    where = conditions.where(parse(query.text, CONTAINER), condition)
    return Plan("container", "id", where, order.segments(query.sort, _SORTS, "id", now))


def _condition(term: Term, now: int) -> Sql:
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in term.values])
        case "type":
            return dialect.either([("type = ?", (value.text,)) for value in term.values])
        case "status":
            return dialect.either([_status(value.text, now) for value in term.values])
        case "name":
            return conditions.text("name", term.values)
        case "certificate":
            return _in_entry(conditions.pattern("c.name", term.values))
        case "group":
            return conditions.pattern(_GROUP, term.values)
        case "consumer":
            return _in_consumers(conditions.text("u.service", term.values))
        case "used":
            return _USED, ()
        case "unused":
            return f"NOT {_USED}", ()
        case "behind":
            return _BEHIND, ()
        case "days":
            return conditions.days(_ENDS, term, now)
        case "created":
            return conditions.dates("created_at", term)
    return conditions.numbers("id", term.values)


def _status(status: str, now: int) -> Sql:
    if status == "incomplete":
        return f"NOT ({_OTHER}) AND NOT {_WHOLE.format(which='not_after IS NOT NULL')}", ()
    which, given = status_is([status], now)
    of_entry = f"NOT ({_OTHER}) AND {_WHOLE.format(which=which)}"
    match status:
        case "active":
            return f"({of_entry}) OR ({_OTHER} AND ({_ENDS} IS NULL OR {_ENDS} >= ?))", (*given, now)
        case "expired":
            return f"({of_entry}) OR ({_OTHER} AND {_ENDS} < ?)", (*given, now)
    return of_entry, given


def _word(text: str) -> Sql:
    own = [dialect.contains(column, text) for column in ("name", "ref")]
    by_consumer = [dialect.contains(column, text) for column in ("u.service", "u.resource")]
    return dialect.either(
        [*own, _in_entry(dialect.contains("c.name", text)), _in_consumers(dialect.either(by_consumer))]
    )


def _in_entry(condition: Sql) -> Sql:
    return (
        f"EXISTS (SELECT 1 FROM certificate c WHERE c.id = container.certificate_id AND ({condition[0]}))",  # noqa: S608 (our own)
        condition[1],
    )


def _in_consumers(condition: Sql) -> Sql:
    return (
        f"EXISTS (SELECT 1 FROM consumer u WHERE u.container_id = container.id AND ({condition[0]}))",  # noqa: S608 (our own)
        condition[1],
    )
