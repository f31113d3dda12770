"""Facts about a store for `store status`, doctor and the console's header."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from certtui.backend.local.keyring import CURRENT, KEY_FILE, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.opening import revision_of, warnings_of
from certtui.backend.local.place import Place
from certtui.clock import from_epoch
from certtui.model.store import StoreStatus


def status_of_store(store: OpenStore) -> StoreStatus:
    """The facts, read now; whether it is locked may read the key file."""
    if not store.exists:
        return nothing_there(store.place)
    with store.readers.use() as connection:
        wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
        return StoreStatus(
            url=store.place.url,
            exists=True,
            engine="sqlite",
            schema_revision=revision_of(connection, store.place.file),
            journal_mode=str(connection.execute("PRAGMA journal_mode").fetchone()[0]),
            certificates=_count(connection, "certificate"),
            sealed_keys=_count(connection, "sealed_key"),
            size=_size(store.place.file),
            protection=wrapping.protection,
            key_file=str(store.place.key_file) if wrapping.protection == KEY_FILE else "",
            key_fingerprint=wrapping.fingerprint,
            locked=store.keyring.locked(wrapping),
            created_at=from_epoch(connection.execute("SELECT created_at FROM store_meta").fetchone()[0]),
            warnings=warnings_of(store.place),
        )


def nothing_there(place: Place) -> StoreStatus:
    """The status of a store that does not exist."""
    return StoreStatus(
        url=place.url,
        exists=False,
        engine="sqlite",
        schema_revision="",
        journal_mode="",
        certificates=0,
        sealed_keys=0,
        size=0,
        protection=KEY_FILE,
        key_file=str(place.key_file),
        key_fingerprint="",
        locked=False,
        created_at=None,
    )


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own table names


def _size(file: Path) -> int:
    """Bytes on disk, the write-ahead log included."""
    total = 0
    for suffix in ("", "-wal", "-journal"):
        with suppress(OSError):
            total += file.with_name(file.name + suffix).stat().st_size
    return total
