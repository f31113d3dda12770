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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.local.postgres.place import PostgresPlace


def status_of_store(store: OpenStore) -> StoreStatus:
    """The facts, read now; whether it is locked may read the key file."""
    if not store.exists:
        return nothing_there(store.place)
    with store.readers.use() as connection:
        wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
        revision, journal, size = _of_the_engine(store.place, connection)
        return StoreStatus(
            url=store.place.url,
            exists=True,
            engine=store.place.engine,
            schema_revision=revision,
            journal_mode=journal,
            certificates=_count(connection, "certificate"),
            sealed_keys=_count(connection, "sealed_key"),
            size=size,
            protection=wrapping.protection,
            key_file=str(store.place.key_file) if wrapping.protection == KEY_FILE else "",
            key_fingerprint=wrapping.fingerprint,
            locked=store.keyring.locked(wrapping),
            created_at=from_epoch(connection.execute("SELECT created_at FROM store_meta").fetchone()[0]),
            warnings=warnings_of(store.place, store.readers),
        )


def _of_the_engine(place: Place | PostgresPlace, connection: sqlite3.Connection) -> tuple[str, str, int]:
    """Schema revision, journal ("" where the server keeps it), size in bytes."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import opening

        return opening.revision_of(connection), "", opening.size_of(connection)
    journal = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    return revision_of(connection, place.file), journal, _size(place.file)


def nothing_there(place: Place | PostgresPlace) -> StoreStatus:
    """The status of a store that does not exist."""
    return StoreStatus(
        url=place.url,
        exists=False,
        engine=place.engine,
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
