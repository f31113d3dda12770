"""Policies and waivers from their tables, on whatever connection there is: a reader's, or that of a change under way."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from certtui.clock import epoch, from_epoch
from certtui.model.policy import POLICY_ACTS, Policy, PolicyRow, PolicyRules, PolicyScope, PolicyWaiver
from certtui.model.policy_json import rules_of, scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.local.open_store import Change

    Select = Callable[[str, Sequence[object]], Iterable[Sequence[Any]]]  # Any: a row's values, each of its own type

_COLUMNS = "id, version, name, description, enabled, outcome, scope, rules, created_at, updated_at"
_WAIVER = "w.id, w.policy_id, p.name, w.owner, w.reason, w.expires_at, w.entry, w.names, w.created_at, w.created_by"
_CHUNK = 500


def selecting(connection: sqlite3.Connection) -> Select:
    """How a reading connection answers."""
    return lambda statement, parameters: connection.execute(statement, tuple(parameters))


def selecting_in(change: Change) -> Select:
    """How the connection of a change under way answers; it sees what the change has written."""
    change.session.flush()
    writing = change.session.connection()
    mark = "?" if writing.dialect.name == "sqlite" else "%s"

    def select(statement: str, parameters: Sequence[object]) -> Iterable[Sequence[Any]]:  # Any: as in `Select`
        return [tuple(row) for row in writing.exec_driver_sql(statement.replace("?", mark), tuple(parameters))]

    return select


def policy_rows(select: Select, ids: Sequence[int], as_of: datetime) -> dict[int, PolicyRow]:
    """The policies with these ids that are there."""
    found: dict[int, PolicyRow] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        counting = (
            f"SELECT policy_id, count(*) FROM policy_waiver WHERE expires_at > ? AND policy_id IN ({marks}) "  # noqa: S608
            "GROUP BY policy_id"
        )
        waivers = {row[0]: row[1] for row in select(counting, (epoch(as_of), *chunk))}
        for row in select(f"SELECT {_COLUMNS} FROM policy WHERE id IN ({marks})", chunk):  # noqa: S608 (marks only)
            found[row[0]] = _row(row, waivers.get(row[0], 0))
    return found


def policies_in_force(select: Select, now: datetime) -> tuple[Policy, ...]:
    """The enabled policies with the waivers that count now, by id."""
    return _with_waivers(select, "WHERE enabled = 1", (), now)


def attached_policies(
    select: Select, now: datetime, *, repository_id: int | None = None, ca_id: int | None = None
) -> tuple[Policy, ...]:
    """The policies that are attached to a repository, or to that of a CA, whatever acts they are about elsewhere."""
    if repository_id is None and ca_id is None:
        return ()
    column, wanted = ("r.id", repository_id) if ca_id is None else ("r.ca_id", ca_id)
    found = _with_waivers(
        select,
        "WHERE id IN (SELECT l.policy_id FROM repository_policy l JOIN repository r ON r.id = l.repository_id "  # noqa: S608
        f"WHERE {column} = ?)",
        (wanted,),
        now,
    )
    return tuple(Policy(replace(one.row, scope=replace(one.row.scope, acts=POLICY_ACTS)), one.waivers) for one in found)


def _with_waivers(select: Select, where: str, given: Sequence[object], now: datetime) -> tuple[Policy, ...]:
    rows = [tuple(row) for row in select(f"SELECT {_COLUMNS} FROM policy {where} ORDER BY id", given)]  # noqa: S608
    if not rows:
        return ()
    waivers: dict[int, list[PolicyWaiver]] = {}
    for waiver in waivers_of(select, None):
        if waiver.expires_at > now:
            waivers.setdefault(waiver.policy_id, []).append(waiver)
    return tuple(Policy(_row(row, len(waivers.get(row[0], ()))), tuple(waivers.get(row[0], ()))) for row in rows)


def waivers_of(select: Select, policy_id: int | None) -> tuple[PolicyWaiver, ...]:
    """The waivers of a policy, or all of them; newest first."""
    where, given = ("WHERE w.policy_id = ? ", (policy_id,)) if policy_id is not None else ("", ())
    rows = select(
        f"SELECT {_WAIVER} FROM policy_waiver w JOIN policy p ON p.id = w.policy_id {where}"  # noqa: S608 (our own)
        "ORDER BY w.created_at DESC, w.id DESC",
        given,
    )
    return tuple(_waiver(row) for row in rows)


def _row(row: Sequence[Any], waiver_count: int) -> PolicyRow:  # Any: as in `Select`
    policy_id, version, name, description, enabled, outcome, scope, rules, created_at, updated_at = row
    return PolicyRow(
        id=policy_id,
        version=version,
        name=name,
        description=description,
        enabled=bool(enabled),
        outcome=outcome,
        scope=_scope(scope),
        rules=_rules(rules),
        waiver_count=waiver_count,
        created_at=from_epoch(created_at),
        updated_at=from_epoch(updated_at),
    )


@lru_cache(256)
def _scope(text: str) -> PolicyScope:
    return scope_of(json.loads(text))


@lru_cache(256)
def _rules(text: str) -> PolicyRules:
    return rules_of(json.loads(text))


def _waiver(row: Sequence[Any]) -> PolicyWaiver:  # Any: as in `Select`
    waiver_id, policy_id, policy_name, owner, reason, expires_at, entry, names, created_at, created_by = row
    return PolicyWaiver(
        id=waiver_id,
        policy_id=policy_id,
        policy_name=policy_name,
        owner=owner,
        reason=reason,
        expires_at=from_epoch(expires_at),
        entry=entry,
        names=tuple(names.split("\n")) if names else (),
        created_at=from_epoch(created_at),
        created_by=created_by,
    )
