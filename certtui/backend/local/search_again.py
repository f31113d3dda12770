"""Making the search texts again when their normaliser has changed: all of them in one transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from certtui.backend.local.certificate_values import searchable
from certtui.backend.local.schema import SEARCH_VERSION
from certtui.backend.local.sqlite import connect_writing
from certtui.backend.local.storage_errors import translated

_STEP = 1_000


def make_search_text_again(file: Path) -> None:
    """Bring every search text to SEARCH_VERSION; rows whose text stays the same cost no write. Somebody may be quicker."""
    with translated():
        connection = connect_writing(file)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN IMMEDIATE")
            stored = connection.execute("SELECT search_version FROM store_meta").fetchone()[0]
            if stored != SEARCH_VERSION:
                _remake(connection)
                connection.execute("UPDATE store_meta SET search_version = ?", (SEARCH_VERSION,))
            connection.execute("COMMIT")
        finally:
            connection.close()


def _remake(connection: sqlite3.Connection) -> None:
    last = 0
    while True:
        rows = connection.execute(
            "SELECT * FROM certificate WHERE id > ? ORDER BY id LIMIT ?", (last, _STEP)
        ).fetchall()
        if not rows:
            return
        changed = [(text, row["id"]) for row in rows if (text := searchable(dict(row))) != row["search_text"]]
        connection.executemany("UPDATE certificate SET search_text = ? WHERE id = ?", changed)
        last = rows[-1]["id"]
