"""The change feed: what others did, by the audit log's sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.events import NOT_CHANGES
from certtui.model.audit import Change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from certtui.backend.local.readers import Readers


class LocalFeed:
    """`backend.base.Feed` on a local store; another process's commits are seen like one's own."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def latest(self) -> int:
        # One row by its key, some 10 µs: no less than `PRAGMA data_version` would have to be followed by.
        with self._readers.use() as connection:
            row = connection.execute("SELECT seq FROM audit_head").fetchone()
        return int(row[0]) if row else 0

    def since(self, seq: int, limit: int = 1000) -> Sequence[Change]:
        with self._readers.use() as connection:
            return [change for change, _ in changes_since(connection, seq, limit)]


def changes_since(connection: sqlite3.Connection, seq: int, limit: int) -> list[tuple[Change, str]]:
    """Changes after `seq`, oldest first, each with the detail of its record."""
    left_out = sorted(NOT_CHANGES)
    marks = ", ".join("?" * len(left_out))
    rows = connection.execute(
        "SELECT seq, event, object_kind, object_id, detail FROM audit_event "  # noqa: S608 (marks only)
        f"WHERE seq > ? AND event NOT IN ({marks}) ORDER BY seq LIMIT ?",
        (seq, *left_out, limit),
    )
    return [(Change(row[0], row[1], row[2], _ids(row[3], row[4])), row[4]) for row in rows]


def _ids(object_id: int | None, detail: str) -> tuple[int, ...]:
    """The one object of an event, or the ids that a bulk event lists."""
    if '"ids"' in detail:
        from json import loads

        listed = loads(detail).get("ids")
        if isinstance(listed, list):
            return tuple(int(each) for each in listed)
    return () if object_id is None else (object_id,)
