"""Opening the store's file: is it one of ours, of which revision, on what file system, with what rights."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from certtui.backend.local import private_files
from certtui.backend.local.place import Place, network_file_system
from certtui.backend.local.schema import APPLICATION_ID, HEAD, KNOWN_REVISIONS, SEARCH_VERSION
from certtui.backend.local.sqlite import connect_reading
from certtui.backend.local.storage_errors import translated
from certtui.errors import Denied, Invalid


def stored_revision(file: Path) -> str:
    """The schema revision of a store's file. Raises `Invalid` when it is something else than a store."""
    with translated():
        connection = connect_reading(file)
        try:
            return revision_of(connection, file)
        finally:
            connection.close()


def revision_of(connection: sqlite3.Connection, file: Path) -> str:
    """The same on an open connection."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise Invalid(f"{file} is not a certtui store.", "Name another file with `--store`.", field="store")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def search_version(file: Path) -> int:
    """The version of the normaliser that made the search texts of a store at HEAD."""
    with translated():
        connection = connect_reading(file)
        try:
            row = connection.execute("SELECT search_version FROM store_meta").fetchone()
        finally:
            connection.close()
    return int(row[0]) if row else SEARCH_VERSION


def bring_to_head(file: Path, *, read_only: bool) -> None:
    """Make the store's schema the one this code works with; only then is alembic imported.

    Raises `Denied` for a store that a newer certtui made, and for an older one in read-only mode.
    """
    revision = stored_revision(file)
    if revision == HEAD:
        if not read_only and search_version(file) != SEARCH_VERSION:
            from certtui.backend.local.search_again import make_search_text_again

            make_search_text_again(file)
        return
    if revision not in KNOWN_REVISIONS:
        raise Denied(
            f"The store at {file} was made by a newer certtui: its schema is {revision or 'unknown'}, this one knows {HEAD}.",
            "Use the newer certtui on this host too.",
        )
    if read_only:
        raise Denied(
            f"The store at {file} has an older schema ({revision}), and read-only mode can't bring it up to date.",
            "Open it once without --read-only.",
        )
    from certtui.backend.local.migrate import upgrade

    upgrade(file)
    bring_to_head(file, read_only=read_only)


def warnings_of(place: Place) -> tuple[str, ...]:
    """Sentences to say once about where and how the store lies."""
    said = []
    if private_files.too_open(place.key_file):
        said.append(f"The key file {place.key_file} can be read or written by others; make it private with chmod 600.")
    kind = network_file_system(place.file)
    if kind:
        said.append(
            f"The store lies on a network file system ({kind}), where a write-ahead log is not safe: "
            "it keeps a rollback journal, and one change waits for another."
        )
    if private_files.too_open(place.file):
        said.append(f"The store {place.file} can be read by others; make it private with chmod 600.")
    if not os.access(place.file, os.W_OK):
        said.append(f"The store {place.file} can't be written by this user; views are not recorded.")
    return tuple(said)


def keep_journal_safe(place: Place) -> None:
    """Change a write-ahead log to a rollback journal where the file was moved to a network file system, best effort."""
    if not network_file_system(place.file):
        return
    with translated():
        connection = sqlite3.connect(place.file, isolation_level=None)
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
