"""What the demonstration shows and no act here could have made: orders that an authority elsewhere refused, and who issued.

Writes straight into a store that nobody else has open: `certtui.demo` made it a moment ago and throws it away. Not for
anything else; what it writes has no audit event.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from certtui.model.domains import domain_of
from certtui.model.search_text import fold, search_text_of


@dataclass(frozen=True, slots=True)
class Unissued:
    """An entry without an X.509: `state` is `draft` or `error`; times in epoch seconds."""

    name: str
    common_name: str
    state: str
    business_group: str
    description: str
    created_at: int


def write(
    store: Path,
    *,
    providers: Mapping[int, str],
    unissued: Sequence[Unissued],
) -> None:
    """Say who issued (id to provider), add entries without an X.509."""
    with closing(sqlite3.connect(store, isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("BEGIN IMMEDIATE")
        database.executemany(
            "UPDATE certificate SET provider = ? WHERE id = ?", [(name, entry) for entry, name in providers.items()]
        )
        for each in unissued:
            _insert(database, each)
        database.execute("COMMIT")


def _insert(database: sqlite3.Connection, entry: Unissued) -> None:
    [number] = database.execute("SELECT value + 1 FROM counter WHERE name = 'certificate'").fetchone()
    database.execute("UPDATE counter SET value = ? WHERE name = 'certificate'", (number,))
    text = search_text_of(
        name=entry.name,
        common_name=entry.common_name,
        sans=(),
        business_group=entry.business_group,
        description=entry.description,
    )
    database.execute(
        "INSERT INTO certificate (id, state, created_at, updated_at, name, name_key, common_name, business_group, source, "
        "description, search_text, domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'managed', ?, ?, ?)",
        (
            number,
            entry.state,
            entry.created_at,
            entry.created_at,
            entry.name,
            fold(entry.name),
            entry.common_name,
            entry.business_group,
            entry.description,
            text,
            domain_of((), entry.common_name),
        ),
    )
    database.execute("INSERT INTO certificate_fts (rowid, search_text) VALUES (?, ?)", (number, text))
