"""The list of repositories, one of them, and what a reset of it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import from_epoch
from certtui.errors import NotFound
from certtui.model.filter_fields import REPOSITORY
from certtui.model.filters import parse
from certtui.model.repository import AttachedPolicy, DataSource, Repository, RepositoryRow, RepositoryState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_COUNT = "(SELECT count(*) FROM certificate f WHERE f.repository_id = repository.id)"
_CA = "(SELECT a.{0} FROM ca a WHERE a.id = repository.ca_id)"
_CA_KEY = _CA.format("name_key")
_BATCH = 500
_ENDLESS = 1 << 63
_SORTS = {
    "name": order.number("name_key"),
    "source": order.words("data_source"),
    "state": order.words("state"),
    "group": order.words("business_group"),
    "certificates": order.number(_COUNT),
    "ca": order.Column(_CA_KEY, "ca_id IS NOT NULL", "ca_id IS NULL"),
    "created": order.number("created_at"),
    "id": order.number("id"),
}


def open_repositories(readers: Readers, clock: Clock, query: Query) -> LocalListing[RepositoryRow]:
    """Open the list of repositories. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, repository_rows))


def repository_page(readers: Readers, clock: Clock, repository_id: int) -> Repository:
    """One repository. Raises `NotFound`."""
    if not 0 < repository_id < _ENDLESS:
        raise gone(repository_id)
    with readers.use() as connection:
        connection.execute("BEGIN")
        row = repository_rows(connection, [repository_id], clock.now()).get(repository_id)
        if row is None:
            raise gone(repository_id)
        (updated_at,) = connection.execute(
            "SELECT updated_at FROM repository WHERE id = ?", (repository_id,)
        ).fetchone()
        attached = connection.execute(
            "SELECT p.id, p.name, p.outcome FROM repository_policy l JOIN policy p ON p.id = l.policy_id "
            "WHERE l.repository_id = ? ORDER BY p.name_key",
            (repository_id,),
        )
        return Repository(row, tuple(AttachedPolicy(*one) for one in attached), from_epoch(updated_at))


def repository_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, RepositoryRow]:
    """The repositories with these ids that are there."""
    del as_of
    found: dict[int, RepositoryRow] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        sql = (
            f"SELECT id, version, name, business_group, data_source, state, {_COUNT}, ca_id, {_CA.format('name')}, "  # noqa: S608
            f"created_at, created_by FROM repository WHERE id IN ({marks})"
        )
        for row in connection.execute(sql, tuple(chunk)):
            row_id, version, name, group, source, state, count, ca_id, ca_name, created_at, created_by = row
            found[row_id] = RepositoryRow(
                id=row_id,
                version=version,
                name=name,
                business_group=group,
                data_source=DataSource(source) if source else None,
                state=RepositoryState(state),
                certificates=count,
                ca_id=ca_id,
                ca_name=ca_name or "",
                created_at=from_epoch(created_at),
                created_by=created_by,
            )
    return found


def gone(repository_id: int) -> NotFound:
    """For an id that no repository has, or that is not to be seen."""
    return NotFound(f"There is no repository {repository_id} here (any more).", "Refresh the list.")


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    where = conditions.where(parse(query.text, REPOSITORY), _condition)
    return Plan("repository", "id", where, order.segments(query.sort, _SORTS, "id", now))


def _condition(term: Term) -> Sql:
    match term.key:
        case "":
            return dialect.either([dialect.contains("name", value.text) for value in term.values])
        case "source":
            return dialect.either([("data_source = ?", (value.text,)) for value in term.values])
        case "state":
            return dialect.either([("state = ?", (value.text,)) for value in term.values])
        case "name":
            return conditions.text("name", term.values)
        case "group":
            return conditions.pattern("business_group", term.values)
        case "ca":
            named, given = conditions.pattern("a.name", term.values)
            return f"EXISTS (SELECT 1 FROM ca a WHERE a.id = repository.ca_id AND ({named}))", given  # noqa: S608
        case "created":
            return conditions.dates("created_at", term)
    return conditions.numbers("id", term.values)
