"""Opening SQLite files as certtui uses them: pragmas, modes, and the empty stand-in for a store that is not there yet."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from certtui.backend.local.place import network_file_system
from certtui.backend.local.read.dialect import install
from certtui.backend.local.schema import sqlite_ddl

BUSY_MS = 10_000
"""How long a statement waits for another process's write before it gives up."""


READING_CACHE_KIB = 4_000
"""Pages that a reading connection keeps. The order of a million is read once, from end to end: four times as much was no
faster for any list (measured), and the connections of a console that is just open held 30 MiB for nothing."""

_MAPPED = 1 << 30
_NO_ROOM_TO_READ = (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN)


def connect_reading(file: Path) -> sqlite3.Connection:
    """A `query_only` connection, usable from one thread at a time; also where the folder can't be written."""
    try:
        connection = _connect(file, "mode=rw")
        _ = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        code = (error.sqlite_errorcode or 0) & 0xFF
        unwritable = code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        # On a full disk there is no room for the index of the log, which also means that nobody has the store open.
        if not unwritable and error.sqlite_errorcode not in _NO_ROOM_TO_READ:
            raise
        connection = _connect_unwritable(file)
    install(connection)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READING_CACHE_KIB}")
    return connection


def connect_nothing() -> sqlite3.Connection:
    """An empty store in memory: what reads see while the store does not exist."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(sqlite_ddl())
    install(connection)
    connection.execute("PRAGMA query_only = ON")
    return connection


def connect_writing(file: Path) -> sqlite3.Connection:
    """A connection that may write; transactions are begun by whoever uses it. Never makes a file."""
    connection = _connect(file, "mode=rw")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -64000")
    # A commit that was answered survives a power cut too: keys and orders hang on it.
    connection.execute("PRAGMA synchronous = FULL")
    # 32 MiB of log before it is copied back: in a bulk import the same index pages change again and again.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    if not network_file_system(file):
        # In a large store an import touches pages of the hash indexes everywhere; mapped, they need no copy each
        # (half of the time of the statements at 160,000 rows). Over a network a lost server would end the process.
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    return connection


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{_quoted(os.fspath(file))}?{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_MS / 1000,
        cached_statements=256,
    )
    # Deleted rows leave zeroes where that costs no writing; `wiping` sees to keys.
    connection.execute("PRAGMA secure_delete = FAST")
    return connection


def _quoted(path: str) -> str:
    """A path in an SQLite URI (https://www.sqlite.org/uri.html, 3.1); `urllib` would cost a list's start 8 ms."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _connect_unwritable(file: Path) -> sqlite3.Connection:
    """A store whose file or folder this user may not write; `immutable` only where no log holds what the file lacks."""
    connection = _connect(file, "mode=ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = file.with_name(file.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise
        connection = _connect(file, "mode=ro&immutable=1")
    return connection
