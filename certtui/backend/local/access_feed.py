"""The change feed within a scope: of every change the entries that a person may see, or could see until then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.access import limited
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
_TABLES = {"certificate": "certificate", "order": "certificate_order", "alert": "alert"}
"""What lies in a scope by itself, by the kind of object that changes name."""

_FOR_ALL = frozenset({"resource", "policy", "authority", "ca"})
"""What everybody sees, whatever their scope."""


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
            while len(found) < limit:
                batch = changes_since(connection, seq, limit)
                changes = [change for change, _ in batch]
                inside = {kind: self._inside(connection, changes, kind, table) for kind, table in _TABLES.items()}
                found += [seen for change, detail in batch if (seen := self._seen(change, detail, inside))]
                if len(batch) < limit:
                    break
                seq = batch[-1][0].seq
        return found[:limit]

    def _inside(self, connection: sqlite3.Connection, changes: Sequence[Change], kind: str, table: str) -> set[int]:
        """The entries or orders of these changes that lie in the scope now."""
        asked = sorted({one for change in changes if change.object_kind == kind for one in change.object_ids})
        view = limited(connection, self._scope)
        inside: set[int] = set()
        for start in range(0, len(asked), _CHUNK):
            chunk = asked[start : start + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            rows = view.execute(f"SELECT id FROM {table} WHERE id IN ({marks})", chunk)  # noqa: S608 (our own)
            inside |= {row[0] for row in rows}
        return inside

    def _seen(self, change: Change, detail: str, inside: Mapping[str, set[int]]) -> Change | None:
        """What of a change lies in the scope, None for nothing."""
        if change.object_kind in _FOR_ALL:
            return change
        if change.object_kind not in inside:
            return None
        visible = inside[change.object_kind] | _departed(self._scope.access, detail)
        ids = tuple(one for one in change.object_ids if one in visible)
        return Change(change.seq, change.event, change.object_kind, ids) if ids else None


def _departed(access: Access, detail: str) -> set[int]:
    """The entries that were in the scope before this change took them away."""
    if '"were"' not in detail:
        return set()
    return {row_id for row_id, group, domain in json.loads(detail)["were"] if _held(access, group, domain)}


def _held(access: Access, group: str, domain: str) -> bool:
    if access.groups is not None and group not in access.groups:
        return False
    return access.domains is None or domain.startswith(tuple(map(reversed_name, access.domains)))
