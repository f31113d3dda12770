"""The store as the built-in PKI sees it, whoever asks: a CA, what it issued and its key lie outside of every scope.

Who may do what with a CA was decided before (`model.access.ACTS`); an issuing CA that only its own business group could
use would be of no use to the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.readers import Readers


def whole(store: OpenStore) -> OpenStore:
    """The same store without a scope."""
    if store.rights is None:
        return store
    return replace(store, access=None, readers=_WholeReaders(store.readers))


class _WholeReaders(Readers):
    """Reading connections of somebody's view, without its limits; breaking off is still theirs alone."""

    def __init__(self, limited: Readers) -> None:
        self._limited = limited

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        with self._limited.use() as connection:
            unlimited = getattr(connection, "unlimited", None)
            yield connection if unlimited is None else unlimited()

    def interrupt(self) -> None:
        self._limited.interrupt()

    def close(self) -> None:
        """Nothing: the connections are the store's."""
