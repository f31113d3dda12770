"""A reading connection to PostgreSQL that takes what the reading side says to sqlite3: a slice of its `Connection`."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from certtui.backend.local.postgres.errors import from_psycopg
from certtui.backend.local.postgres.translation import translated
from certtui.errors import Interrupted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    Connect = Callable[[], psycopg.Connection[Any]]

# Any, throughout: rows and parameters as they come from and go to the driver.

_CANCEL_SECONDS = 2.0
_numbers = itertools.count(1)


def connect_reading(connect: Connect) -> sqlite3.Connection:
    """A connection as `Readers` keeps them; usable from one thread at a time, `interrupt` from any."""
    # The reading side is typed by sqlite3, of whose words the class below knows those that it uses.
    return cast("sqlite3.Connection", PostgresConnection(connect))


class PostgresConnection:
    """Autocommit; a plain `BEGIN` gives a snapshot. A connection that was lost is made anew by the next statement."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._raw = connect()
        self._broken_off = False

    @property
    def in_transaction(self) -> bool:
        return not self._raw.closed and self._raw.info.transaction_status != TransactionStatus.IDLE

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """Run a statement; a member of `certtui.errors` is raised for what goes wrong."""
        return self._run(_Whole, sql, parameters)

    def execute_named(self, sql: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """The same; rows are read by the names of their columns."""
        return self._run(lambda raw: _Whole(raw, row_factory=dict_row), sql, parameters)

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Stream:
        """Run a statement, within a transaction, whose answer stays on the server and comes in batches."""
        cursor = self._run(lambda raw: raw.cursor(name=f"certtui_{next(_numbers)}"), sql, parameters)
        return Stream(self, cast("psycopg.ServerCursor[Any]", cursor))

    def cursor(self) -> PostgresCursor:
        return PostgresCursor(self)

    def rollback(self) -> None:
        with suppress(psycopg.Error):
            self._raw.rollback()

    def interrupt(self) -> None:
        """Break off what runs; from any thread. What is not running is not touched."""
        if self._raw.closed or self._raw.info.transaction_status == TransactionStatus.IDLE:
            return
        self._broken_off = True
        # A server that can't be reached has broken it off already, or will be noticed by the reader itself.
        with suppress(psycopg.Error):
            self._raw.cancel_safe(timeout=_CANCEL_SECONDS)

    def close(self) -> None:
        self._raw.close()

    def require_unbroken(self) -> None:
        """Raises `Interrupted` when `interrupt` came between two batches."""
        if self._broken_off:
            self._broken_off = False
            raise Interrupted("Broken off.")

    def failed(self, error: psycopg.Error) -> Exception:
        """The error of the family for one of the driver's."""
        interrupted, self._broken_off = self._broken_off, False
        return from_psycopg(error, interrupted=interrupted)

    def _run(
        self, cursor: Callable[[psycopg.Connection[Any]], psycopg.Cursor[Any]], sql: str, parameters: Sequence[Any]
    ) -> psycopg.Cursor[Any]:
        statement = translated(sql).encode()
        alone = not self.in_transaction
        if alone:
            self._broken_off = False
        try:
            return cursor(self._raw).execute(statement, tuple(parameters))
        except psycopg.Error as error:
            if not (alone and self._raw.closed):
                raise self.failed(error) from None
        # The server was restarted, or a firewall forgot us: reading twice does no harm.
        self._raw = self._connect()
        try:
            return cursor(self._raw).execute(statement, tuple(parameters))
        except psycopg.Error as error:
            raise self.failed(error) from None


class _Whole(psycopg.Cursor[Any]):
    """The answer is here already: taken out in one go it costs half of what it costs row by row."""

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # an iterator, though not the cursor itself
        return iter(self.fetchall())


class PostgresCursor:
    """A cursor whose rows, once `row_factory` is set, are read by names."""

    row_factory: object = None

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        run = self._connection.execute if self.row_factory is None else self._connection.execute_named
        return run(sql, parameters)


class Stream:
    """The rows of an answer that stays on the server."""

    def __init__(self, connection: PostgresConnection, cursor: psycopg.ServerCursor[Any]) -> None:
        self._connection = connection
        self._cursor = cursor

    def fetchmany(self, count: int) -> list[Any]:
        """The next rows, none at the end."""
        self._connection.require_unbroken()
        try:
            return self._cursor.fetchmany(count)
        except psycopg.Error as error:
            raise self._connection.failed(error) from None
