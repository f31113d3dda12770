"""The list of stored secrets: free words match name and description. Nothing of what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.backend.local.secrets_rows import secret_rows
from certtui.model.filter_fields import STORED_SECRET
from certtui.model.filters import parse

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query
    from certtui.model.stored_secret import StoredSecretRow

_USED = "EXISTS (SELECT 1 FROM container_part p WHERE p.secret_id = secret.id)"
_SORTS = {
    "name": order.number("name_key"),
    "type": order.words("type"),
    "algorithm": order.words("algorithm"),
    "expires": order.instant("expires_at"),
    "size": order.number("size"),
    "created": order.number("created_at"),
    "id": order.number("id"),
}


def open_secrets(readers: Readers, clock: Clock, query: Query) -> LocalListing[StoredSecretRow]:
    """Open the list of stored secrets. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, secret_rows))


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    def condition(term: Term) -> Sql:
        return _condition(term, now)

    where = conditions.where(parse(query.text, STORED_SECRET), condition)
    return Plan("secret", "id", where, order.segments(query.sort, _SORTS, "id", now))


def _condition(term: Term, now: int) -> Sql:
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in term.values])
        case "type":
            return dialect.either([("type = ?", (value.text,)) for value in term.values])
        case "algorithm":
            return conditions.pattern("algorithm", term.values)
        case "name":
            return conditions.text("name", term.values)
        case "group":
            return conditions.pattern("business_group", term.values)
        case "used":
            return _USED, ()
        case "unused":
            return f"NOT {_USED}", ()
        case "days":
            return conditions.days("expires_at", term, now)
        case "created":
            return conditions.dates("created_at", term)
    return conditions.numbers("id", term.values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("name", "description")])
