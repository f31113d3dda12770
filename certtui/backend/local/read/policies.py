"""The list of policies: free words match name and description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.policies_rows import policy_rows, selecting
from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.model.filter_fields import POLICY
from certtui.model.filters import parse

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.policy import PolicyRow
    from certtui.model.query import Query

_WAIVERS = "(SELECT count(*) FROM policy_waiver w WHERE w.policy_id = policy.id AND w.expires_at > {now})"
_SORTS = {
    "name": order.number("name_key"),
    "outcome": order.words("outcome"),
    "enabled": order.number("enabled"),
    "created": order.number("created_at"),
    "updated": order.number("updated_at"),
    "id": order.number("id"),
}


def open_policies(readers: Readers, clock: Clock, query: Query) -> LocalListing[PolicyRow]:
    """Open the list of policies. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, _rows))


def _rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, PolicyRow]:
    return policy_rows(selecting(connection), ids, as_of)


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    def condition(term: Term) -> Sql:
        return _condition(term, now)

    where = conditions.where(parse(query.text, POLICY), condition)
    return Plan("policy", "id", where, order.segments(query.sort, _SORTS, "id", now))


def _condition(term: Term, now: int) -> Sql:
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in term.values])
        case "outcome":
            return dialect.either([("outcome = ?", (value.text,)) for value in term.values])
        case "name":
            return conditions.text("name", term.values)
        case "enabled":
            return "enabled = 1", ()
        case "disabled":
            return "enabled = 0", ()
        case "waived":
            return f"{_WAIVERS.format(now='?')} > 0", (now,)
        case "created":
            return conditions.dates("created_at", term)
    return conditions.numbers("id", term.values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("name", "description")])
