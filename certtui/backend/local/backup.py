"""A consistent copy of the store while it is in use; one file, 0600, without the store key."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import own_files
from certtui.backend.local import events, private_files
from certtui.backend.local.keyring import CURRENT, KEY_FILE, WrappingKey, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.place import Place
from certtui.backend.local.storage_errors import translated
from certtui.errors import Conflict, NotFound
from certtui.model.store import BackupReport

if TYPE_CHECKING:
    from certtui.model.progress import Progress

_PAGES = 4096
"""Pages between two reports of progress: 16 MiB, some ten milliseconds."""


def back_up(
    store: OpenStore, place: Place, path: Path, *, overwrite: bool, progress: Progress | None = None
) -> BackupReport:
    """See `backend.base.Store.backup`. It appears whole under its name or not at all."""
    if not store.exists:
        raise NotFound(f"There is no store at {place.file} yet.", "There is nothing to back up.")
    _require_free(place, path, overwrite)
    with translated(), private_files.beside(path) as temporary:
        private_files.write_fresh(temporary, b"")
        with store.readers.use() as source:
            copy_database(source, temporary, progress)
        wrapping, certificates = _summary(temporary)
        private_files.sync_file(temporary)
        size, digest = temporary.stat().st_size, _sha256(temporary)
        if overwrite:
            temporary.replace(path)
            private_files.sync_folder(path.parent)
        else:
            try:
                private_files.place_new(temporary, path)
            except FileExistsError:
                raise _taken(path) from None
    if store.recording_reads() and not store.read_only:
        with store.recording() as change:
            change.record(events.STORE_BACKED_UP, "store", None, path.name, {"sha256": digest})
    return BackupReport(
        path=str(path),
        size=size,
        sha256=digest,
        certificates=certificates,
        key_fingerprint=wrapping.fingerprint,
        key_place=str(place.key_file) if wrapping.protection == KEY_FILE else "the passphrase",
    )


def copy_database(source: sqlite3.Connection, target: Path, progress: Progress | None = None) -> None:
    """Copy one state of a database, whatever is written meanwhile; the copy needs no other file."""

    def tell(status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    copy = sqlite3.connect(target, isolation_level=None)
    try:
        # A step by step copy begins again whenever somebody writes, except inside a transaction that holds one state.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=tell)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
        copy.close()


def _require_free(place: Place, path: Path, overwrite: bool) -> None:
    own_files.refuse(path, place.file, place.key_file)
    if path.exists() and not overwrite:
        raise _taken(path)


def _taken(path: Path) -> Conflict:
    return Conflict(f"There is a file at {path} already.", "Name another one, or confirm that it is written over.")


def _summary(file: Path) -> tuple[WrappingKey, int]:
    connection = sqlite3.connect(file)
    try:
        wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
        return wrapping, int(connection.execute("SELECT count(*) FROM certificate").fetchone()[0])
    finally:
        connection.close()


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
