"""One open store seen by somebody else: the acts that a role allows, on the entries that a scope holds.

Authorisation is decided here and nowhere else. `Guarded` asks `require` before every method of a noun; `LimitedReaders`
gives reading connections on which what lies outside the scope is not there (`access_sql`). Changes look at the entry
itself, under the write lock (`access_entries`).
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import cast

from certtui.backend.local.acl_sql import CERTIFICATE, hidden_ids
from certtui.backend.local.read import dialect
from certtui.backend.local.readers import Readers
from certtui.errors import Unsupported
from certtui.model.access import ACTS, refusal, require
from certtui.model.certificate import ExportForm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeVar

    from certtui.backend.local.access_sql import Scope, Widths
    from certtui.model.access import Access
    from certtui.model.certificate import Exported, ExportRequest

    NounT = TypeVar("NounT")

_ELSEWHERE = "The store is cared for on the server itself."
_ELSEWHERE_HINT = "Use certtui on the server's host."
STORE_ACTS = ("backup", "check", "lock", "rekey", "seal", "set_passphrase", "status", "unlock", "unseal")


class Guarded:
    """A noun of which every method asks for the right first; a method without a rule is refused to everybody."""

    def __init__(self, noun: str, inner: Any, access: Access) -> None:  # Any: one noun of the seam
        self._noun = noun
        self._inner = inner
        self._access = access

    def __getattr__(self, name: str) -> Any:  # Any: whatever the noun has by that name
        act = f"{self._noun}.{name}"
        if act not in ACTS:
            raise AttributeError(f"{act} has no rule")
        require(self._access, act)
        return getattr(self._inner, name)


class GuardedCertificates(Guarded):
    """The inventory: an export asks for the right to take the key out when its form holds one, whether the entry has one or not."""

    def export(self, certificate_id: int, request: ExportRequest) -> Exported:
        require(self._access, "certificates.export")
        if request.form in (ExportForm.PFX, ExportForm.KEY):
            require(self._access, "certificates.export_key")
        exported: Exported = self._inner.export(certificate_id, request)
        return exported


def guarded(noun: str, inner: NounT, access: Access) -> NounT:
    """The noun, behind its rules."""
    kind = GuardedCertificates if noun == "certificates" else Guarded
    return cast("NounT", kind(noun, inner, access))


class DistantStore:
    """The store as one sees it over a server: whether it is locked, and nothing else. Also what a remote backend shows."""

    def __init__(self, inner: Any) -> None:  # Any: a `Store`, of which one property is used
        self._inner = inner

    @property
    def locked(self) -> bool:
        return bool(self._inner.locked)

    def __getattr__(self, name: str) -> Any:  # Any: nothing is ever given
        if name in STORE_ACTS:
            raise Unsupported(_ELSEWHERE, _ELSEWHERE_HINT)
        raise AttributeError(name)


def missing_acts(access: Access) -> dict[str, str]:
    """What this access does not allow, by act id, with the reason."""
    reasons = {act: reason for act in ACTS if (reason := refusal(access, act))}
    return reasons | {f"store.{name}": f"{_ELSEWHERE} {_ELSEWHERE_HINT}" for name in STORE_ACTS}


class LimitedReaders(Readers):
    """Somebody's share of the store's reading connections: limited by a scope, broken off without stopping the others."""

    def __init__(self, shared: Readers, scope: Scope | None, widths: Widths) -> None:
        self._shared = shared
        self._scope = scope
        self._widths = widths
        self._mine: set[sqlite3.Connection] = set()
        self._mine_guard = threading.Lock()

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        with self._shared.use() as connection:
            with self._mine_guard:
                self._mine.add(connection)
            try:
                scope = None if self._scope is None else self._widths.fitted(connection, self._scope)
                yield connection if scope is None or not scope.limits else limited(connection, scope)
            finally:
                with self._mine_guard:
                    self._mine.discard(connection)

    def interrupt(self) -> None:
        with self._mine_guard:
            for connection in self._mine:
                connection.interrupt()

    def close(self) -> None:
        """Nothing: the connections are the store's."""


class LimitedConnection:
    """A reading connection whose every statement is put inside a scope; what is not here can't be done."""

    def __init__(self, connection: sqlite3.Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(*self._scope.limited(statement, parameters))

    def stream(self, statement: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """As `dialect.stream` asks for it."""
        sifting = self._scope.sifting(self._connection, statement)
        if sifting is None:
            return dialect.stream(self._connection, self._scope.limited(statement, parameters))
        scope, hidden = sifting
        return cast("sqlite3.Cursor", Sifted(self._connection.execute(*scope.limited(statement, parameters)), hidden))

    def hidden(self, column: str) -> list[int] | None:
        """A column of the entries that are hidden by lists of their own; None where a scope or a repository hides more."""
        if self._scope.access.scoped or self._scope.hiding is None or self._scope.hiding.repositories:
            return None
        sql = (
            f"SELECT c.{column} FROM certificate c WHERE c.id IN ({hidden_ids(CERTIFICATE)}) AND c.{column} IS NOT NULL"  # noqa: S608 (texts of this package)
        )
        return [row[0] for row in self._connection.execute(sql, (self._scope.name, self._scope.name))]

    def cursor(self) -> LimitedCursor:
        return LimitedCursor(self._connection.cursor(), self._scope)

    def unlimited(self) -> sqlite3.Connection:
        """The connection itself: for who looks after the scope in another way, and says how."""
        return self._connection

    def interrupt(self) -> None:
        self._connection.interrupt()

    def rollback(self) -> None:
        self._connection.rollback()

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction


class Sifted:
    """A cursor over ids without those that access lists hide: a set is asked, a fifth of what the database asks a row."""

    def __init__(self, cursor: sqlite3.Cursor, hidden: frozenset[int]) -> None:
        self._cursor = cursor
        self._hidden = hidden

    def fetchmany(self, size: int) -> list[tuple[int]]:
        """The next rows; none only at the end."""
        hidden = self._hidden
        while rows := self._cursor.fetchmany(size):
            if seen := [row for row in rows if row[0] not in hidden]:
                return seen
        return []


class LimitedCursor:
    """A cursor of such a connection."""

    def __init__(self, cursor: sqlite3.Cursor, scope: Scope) -> None:
        self._cursor = cursor
        self._scope = scope

    @property
    def row_factory(self) -> Any:  # Any: as in `sqlite3`
        return self._cursor.row_factory

    @row_factory.setter
    def row_factory(self, factory: Any) -> None:  # Any: as in `sqlite3`
        self._cursor.row_factory = factory

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._cursor.execute(*self._scope.limited(statement, parameters))


def limited(connection: sqlite3.Connection, scope: Scope) -> sqlite3.Connection:
    """The connection within a scope."""
    # It has what the reading side uses of a connection, and no more.
    return cast("sqlite3.Connection", LimitedConnection(connection, scope))
