"""Rows put straight into an embedded store, for what only many or odd entries show."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from certtui.backend.local.read.dialect import install
from certtui.backend.local.readers import Readers
from certtui.backend.local.schema import sqlite_ddl
from certtui.clock import FixedClock, epoch, from_epoch
from certtui.model.domains import domain_of
from certtui.model.search_text import fold, search_text_of

NOW = 1_800_000_000
DAY = 86_400
CLOCK = FixedClock(from_epoch(NOW))

Row = Mapping[str, Any]


def database(rows: Iterable[Row], path: Path | str = ":memory:") -> sqlite3.Connection:
    """A store with these entries; what a row leaves out is made up so that it is consistent. Also the resources it names."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.executescript(("PRAGMA journal_mode = WAL;" if path != ":memory:" else "") + sqlite_ddl())
    install(connection)
    insert(connection, rows)
    return connection


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Put entries in, ids counted on from the highest."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM certificate").fetchone()
    connection.execute("BEGIN")
    for number, row in zip(itertools.count(last + 1), rows):
        values = complete(number, row)
        columns = ", ".join(values)
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO certificate ({columns}) VALUES ({marks})", tuple(values.values()))
        connection.execute(
            "INSERT INTO certificate_fts (rowid, search_text) VALUES (?, ?)", (values["id"], values["search_text"])
        )
        for name in row.get("resources", ()):
            connection.execute(
                "INSERT OR IGNORE INTO resource (id, created_at, updated_at, name, name_key, type) "
                "VALUES ((SELECT coalesce(max(id), 0) + 1 FROM resource), ?, ?, ?, ?, 'host')",
                (NOW, NOW, name, fold(name)),
            )
            connection.execute(
                "INSERT INTO association SELECT ?, id, 'server', ? FROM resource WHERE name_key = ?",
                (values["id"], NOW, fold(name)),
            )
    connection.execute("COMMIT")


def complete(number: int, row: Row) -> dict[str, Any]:
    """All columns of an entry that `row` says something of; a year's certificate that begins a month ago by default."""
    given = {key: value for key, value in row.items() if key != "resources"}
    draft = bool(given.get("state"))
    values: dict[str, Any] = {
        "id": number,
        "name": given.get("common_name") or f"entry-{number}",
        "not_before": None if draft else NOW - 30 * DAY,
        "not_after": None if draft else NOW + 335 * DAY,
        "created_at": NOW - 10 * DAY,
        "updated_at": NOW - 10 * DAY,
        "resource_count": len(row.get("resources", ())),
    } | given
    sans = values.get("sans", "")
    values.setdefault("name_key", fold(values["name"]))
    values.setdefault("expiring_from", None if values["not_after"] is None else values["not_after"] - 90 * DAY + 1)
    values.setdefault("domain", domain_of(sans.split("\n") if sans else (), values.get("common_name", "")))
    values["search_text"] = search_text_of(
        name=values["name"],
        common_name=values.get("common_name", ""),
        sans=sans.split("\n") if sans else (),
        subject=values.get("subject", ""),
        issuer=values.get("issuer", ""),
        business_group=values.get("business_group", ""),
        description=values.get("description", ""),
        contact_email=values.get("contact_email", ""),
    )
    return values


def readers(path: Path) -> Readers:
    """Reading connections as the store has them."""
    from certtui.backend.local.sqlite import connect_reading

    return Readers(lambda: connect_reading(path))


def seconds(text: str) -> int:
    """Epoch seconds of an ISO day or time."""
    from datetime import datetime, timezone

    return epoch(datetime.fromisoformat(text).replace(tzinfo=timezone.utc))
