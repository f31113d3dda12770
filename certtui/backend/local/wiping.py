"""Destroying sealed keys so that the file does not keep them: what was deleted is gone from its pages and from its log.

A sealed key opens with the store's key, which goes on existing; a copy of one that was left in a free page would open
years later, from any backup too, though the key was deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.sqlite import connect_writing


@contextmanager
def destroying(store: OpenStore) -> Iterator[Change]:
    """`store.changing()` for what deletes keys. PostgreSQL gives no such hold of its files: there it is the same."""
    with store.changing() as change:
        if store.place.engine != "sqlite":
            yield change
            return
        # What frees whole pages leaves their content as it was, unless told; always told, a bulk import would pay for it.
        connection = change.session.connection()
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        try:
            yield change
            change.session.flush()
        finally:
            with suppress(Exception):
                connection.exec_driver_sql("PRAGMA secure_delete = FAST")
    _empty_log(store)


def _empty_log(store: OpenStore) -> None:
    """The write-ahead log still has the pages as they were; where others read from it now, the next one empties it."""
    if store.place.engine != "sqlite":
        return
    with suppress(sqlite3.Error):
        connection = connect_writing(store.place.file)
        try:
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
