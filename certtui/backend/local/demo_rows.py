"""What the demonstration shows and no act here could have made: who issued what was imported.

Writes straight into a store that nobody else has open: `certtui.demo` made it a moment ago and throws it away. Not for
anything else; what it writes has no audit event.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path


def write(store: Path, providers: Mapping[int, str]) -> None:
    """Say who issued: provider by the entry's id."""
    with closing(sqlite3.connect(store, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(
            "UPDATE certificate SET provider = ? WHERE id = ?", [(name, entry) for entry, name in providers.items()]
        )
        database.execute("COMMIT")
