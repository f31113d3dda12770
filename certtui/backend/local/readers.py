"""Reading connections to SQLite on the bare driver: the path that lists and pages take, without SQLAlchemy.

Every connection is `query_only`. Several threads read at once, each with a connection of its own while it holds it;
`interrupt` breaks off what runs, `close` may come from any thread.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from certtui.backend.local.storage_errors import translated
from certtui.errors import Unreachable

Connect = Callable[[], sqlite3.Connection]

_KEPT_IDLE = 6


class Readers:
    """A small pool of reading connections."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._used: set[sqlite3.Connection] = set()
        self._closed = False

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread until the block ends, in autocommit; `BEGIN` gives several statements one snapshot.

        Raises `Interrupted` when `interrupt` broke a statement off, `Unreachable` when the store can't be read.
        """
        with translated():
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)

    def interrupt(self) -> None:
        """Break off every statement that runs now."""
        with self._guard:
            for connection in self._used:
                connection.interrupt()

    def close(self) -> None:
        """Close what is idle, break off what runs; its connections close as their threads let go. Idempotent."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
            for connection in self._used:
                connection.interrupt()
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        connection = self._take_idle() or self._connect()
        if self._admit(connection):
            return connection
        connection.close()
        raise Unreachable("The store is closed.", "Open it again.")

    def _take_idle(self) -> sqlite3.Connection | None:
        with self._guard:
            return self._idle.pop() if self._idle else None

    def _admit(self, connection: sqlite3.Connection) -> bool:
        with self._guard:
            if not self._closed:
                self._used.add(connection)
            return not self._closed

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.rollback()
        with self._guard:
            self._used.discard(connection)
            if not self._closed and len(self._idle) < _KEPT_IDLE:
                self._idle.append(connection)
                return
        connection.close()
