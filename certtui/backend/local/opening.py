"""Opening the store's file: is it one of ours, of which revision, on what file system, with what rights."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path

from certtui.backend.local import private_files
from certtui.backend.local.place import Place, network_file_system
from certtui.backend.local.schema import APPLICATION_ID, HEAD, KNOWN_REVISIONS, SEARCH_VERSION
from certtui.backend.local.sqlite import connect_reading
from certtui.backend.local.storage_errors import translated
from certtui.errors import Denied, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlalchemy import Engine

    from certtui.backend.local.postgres.place import PostgresPlace
    from certtui.backend.local.readers import Connect, Readers


def revision_of(connection: sqlite3.Connection, file: Path) -> str:
    """The schema revision of a store. Raises `Invalid` when the file is something else."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise Invalid(f"{file} is not a certtui store.", "Name another file with `--store`.", field="store")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def reading_of(place: Place | PostgresPlace) -> Connect:
    """What makes a reading connection to the store."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import reading

        return partial(reading.connect_reading, place.connect_reading)
    return partial(connect_reading, place.file)


def engine_of(place: Place | PostgresPlace) -> Engine:
    """The engine that changes are written with."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import engine

        return engine.writing_engine(place)
    from certtui.backend.local.writer import writing_engine

    return writing_engine(place.file)


def prepare(place: Place | PostgresPlace, readers: Readers, *, read_only: bool) -> None:
    """Look at the store on a connection that stays open for reading, and do only what is needed before it is used."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import opening

        opening.prepare(place, readers, read_only=read_only)
        return
    if network_file_system(place.file):
        bring_to_head(place.file, read_only=read_only)
        _keep_rollback_journal(place.file)
        return
    with readers.use() as connection:
        versions = _versions(connection, place.file)
    if versions != (HEAD, SEARCH_VERSION):
        bring_to_head(place.file, read_only=read_only)


def bring_to_head(file: Path, *, read_only: bool) -> None:
    """Make schema and search texts what this code works with; only for an older schema is alembic imported.

    Raises `Denied` for a store that a newer certtui made, and for an older one in read-only mode.
    """
    with translated():
        connection = connect_reading(file)
        try:
            revision, search = _versions(connection, file)
        finally:
            connection.close()
    if revision != HEAD:
        _migrate(file, revision, read_only)
        search = 0
    if search != SEARCH_VERSION and not read_only:
        from certtui.backend.local.search_again import make_search_text_again

        make_search_text_again(file)


def _versions(connection: sqlite3.Connection, file: Path) -> tuple[str, int]:
    """Schema revision and the version of the normaliser that made the search texts (0 where the schema is another)."""
    revision = revision_of(connection, file)
    if revision != HEAD:
        return revision, 0
    row = connection.execute("SELECT search_version FROM store_meta").fetchone()
    return revision, int(row[0]) if row else SEARCH_VERSION


def _migrate(file: Path, revision: str, read_only: bool) -> None:
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


def warnings_of(place: Place | PostgresPlace, readers: Readers) -> tuple[str, ...]:
    """Sentences to say once about where and how the store lies."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import opening

        return opening.warnings_of(place, readers)
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


def _keep_rollback_journal(file: Path) -> None:
    """Leave the write-ahead log of a store that was moved to a network file system, as soon as nobody else has it open."""
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(file, isolation_level=None, timeout=1)
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
