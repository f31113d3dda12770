"""The writing side: one SQLAlchemy connection whose transactions begin with the store's lock (SQLite: `BEGIN IMMEDIATE`).

SQLite's default is a deferred transaction, which reads first and fails when it comes to write after somebody else;
beginning with the write lock makes every read inside a change the truth that the change is written on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from certtui.backend.local.sqlite import connect_writing
from certtui.backend.local.storage_errors import translated
from certtui.errors import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session


class Writer:
    """Begins changes, one at a time in this process; other processes wait for the store's lock."""

    def __init__(self, make_engine: Callable[[], Engine]) -> None:
        self._make_engine = make_engine
        self._turn = threading.Lock()
        self._engine: Engine | None = None
        self._closed = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end of the block, or wholly undone when it raises."""
        from sqlmodel import Session

        with self._turn:
            if self._closed:
                raise Unreachable("The store is closed.", "Open it again.")
            with (
                translated(),
                Session(self._open_engine(), expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    def close(self) -> None:
        """Close after the change that runs now; idempotent."""
        with self._turn:
            self._closed = True
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    def _open_engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine


def writing_engine(file: Path) -> Engine:
    """An engine on one connection; parameters never reach an error's text (`hide_parameters`)."""
    from sqlalchemy import Connection, create_engine, event
    from sqlalchemy.pool import StaticPool

    engine = create_engine(
        "sqlite://", creator=lambda: connect_writing(file), poolclass=StaticPool, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
