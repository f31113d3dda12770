"""The change feed within a scope: of every change the entries that a person may see, or could see until then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.access import limited
from certtui.backend.local.acl_sql import CERTIFICATE, closed_to
from certtui.backend.local.read.feed import LocalFeed, changes_since
from certtui.model.audit import Change
from certtui.model.domains import reversed_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from certtui.backend.local.access_sql import Scope
    from certtui.backend.local.readers import Readers
    from certtui.model.access import Access

_CHUNK = 500
_TABLES = {
    "certificate": "certificate",
    "order": "certificate_order",
    "alert": "alert",
    "repository": "repository",
    "container": "container",
    "secret": "secret",
}
"""What lies in a scope by itself, by the kind of object that changes name."""

_FOR_ALL = frozenset({"resource", "policy", "authority", "ca"})
"""What everybody sees, whatever their scope; who sees all groups and domains sees the changes of other kinds too."""


class LimitedFeed:
    """`backend.base.Feed` within a scope. Sequence numbers are those of the whole log."""

    def __init__(self, shared: Readers, scope: Scope) -> None:
        self._shared = shared
        self._scope = scope

    def latest(self) -> int:
        return LocalFeed(self._shared).latest()

    def since(self, seq: int, limit: int = 1000) -> Sequence[Change]:
        found: list[Change] = []
        with self._shared.use() as connection:
            scope = self._scope.asked(connection)
            if not scope.limits:
                return [change for change, _ in changes_since(connection, seq, limit)]
            view = limited(connection, scope)
            while len(found) < limit:
                batch = changes_since(connection, seq, limit)
                changes = [change for change, _ in batch]
                inside = {kind: _inside(view, changes, kind, table) for kind, table in _TABLES.items()}
                departed = _departed(connection, scope, batch)
                found += [seen for change, _ in batch if (seen := _seen(scope, change, inside, departed))]
                if len(batch) < limit:
                    break
                seq = batch[-1][0].seq
        return found[:limit]


def _inside(view: sqlite3.Connection, changes: Sequence[Change], kind: str, table: str) -> set[int]:
    """The entries, orders … of these changes that are to be seen now."""
    asked = sorted({one for change in changes if change.object_kind == kind for one in change.object_ids})
    return _chosen(view, f"SELECT id FROM {table} WHERE id IN", asked)  # noqa: S608 (our own)


def _chosen(connection: sqlite3.Connection, statement: str, ids: Sequence[int], *given: object) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        found |= {row[0] for row in connection.execute(f"{statement} ({marks})", (*given, *chunk))}
    return found


def _seen(scope: Scope, change: Change, inside: Mapping[str, set[int]], departed: set[int]) -> Change | None:
    """What of a change is to be seen, None for nothing."""
    if change.object_kind in _FOR_ALL:
        return change
    if change.object_kind not in inside:
        return None if scope.access.scoped else change
    visible = inside[change.object_kind]
    ids = tuple(
        one for one in change.object_ids if one in visible or (change.object_kind == "certificate" and one in departed)
    )
    return Change(change.seq, change.event, change.object_kind, ids) if ids else None


def _departed(connection: sqlite3.Connection, scope: Scope, batch: Sequence[tuple[Change, str]]) -> set[int]:
    """The entries that were to be seen before these changes took them away; what a list hid stays hidden."""
    left = {
        row_id
        for _, detail in batch
        if '"were"' in detail
        for row_id, group, domain in json.loads(detail)["were"]
        if _held(scope.access, group, domain)
    }
    if not left or scope.hiding is None or CERTIFICATE not in scope.hiding.kinds:
        return left
    name = scope.name
    return left - _chosen(
        connection,
        f"SELECT object_id FROM acl WHERE {closed_to(CERTIFICATE)} AND object_id IN",  # noqa: S608 (our own)
        sorted(left),
        name,
        name,
    )


def _held(access: Access, group: str, domain: str) -> bool:
    if access.groups is not None and group not in access.groups:
        return False
    return access.domains is None or domain.startswith(tuple(map(reversed_name, access.domains)))
