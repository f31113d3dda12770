"""A list that is opened, not fetched (DESIGN 4): a frozen order of ids, and rows read live.

The first page comes by LIMIT while the list opens. The id vector (8 bytes a row) is built behind it by one streaming
cursor in a daemon thread, which starts when somebody asks for more than the first page. Never OFFSET.
"""

from __future__ import annotations

import threading
from array import array
from functools import partial

from certtui.backend.local.read import dialect
from certtui.clock import epoch
from certtui.errors import CerttuiError, Interrupted, Unreachable
from certtui.model.query import Gone
from certtui.record import dataclass
from certtui.typed import Generic, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.read.order import Segment
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.query import Query

RowT = TypeVar("RowT")

FIRST_PAGE = 128
"""Ids taken by LIMIT before the list is handed out: two tall screens."""

BATCH = 1_000
"""Ids per step of the vector: whoever waits for the next ones waits for so many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a listing asks the database, worked out for one instant: ids of which rows in which order."""

    table: str
    key: str
    """The id column, an INTEGER PRIMARY KEY."""
    where: Sql
    segments: Sequence[Segment]
    led: bool = False
    """The filter's index leads, and what it finds is sorted; else the order's index is walked."""


@dataclass(frozen=True, slots=True)
class Nature(Generic[RowT]):
    """What kind of list it is."""

    plan: Callable[[sqlite3.Connection, Query, int], Plan]
    """From a query and `now` in epoch seconds. Raises `Invalid`."""
    rows: Callable[[sqlite3.Connection, Sequence[int], datetime], dict[int, RowT]]
    """The rows with these ids that are there now, by id; the instant is the listing's `as_of`."""


class LocalListing(Generic[RowT]):
    """The `Listing` of the seam over a local store; safe to use from several threads."""

    def __init__(self, readers: Readers, clock: Clock, query: Query, nature: Nature[RowT]) -> None:
        self._readers = readers
        self._clock = clock
        self._query = query
        self._nature = nature
        self._as_of = clock.now()
        self._news = threading.Condition()
        self._running: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._failure: CerttuiError | None = None
        self._closed = False
        with readers.use() as connection:
            self._plan = nature.plan(connection, query, epoch(self._as_of))
            self._ids = array("q", first_ids(connection, self._plan, FIRST_PAGE))
        self._complete = len(self._ids) < FIRST_PAGE
        self._total = len(self._ids) if self._complete else None

    @property
    def as_of(self) -> datetime:
        return self._as_of

    @property
    def total(self) -> int | None:
        with self._news:
            if not self._complete:
                self._build()
            return self._total

    def rows(self, start: int, stop: int) -> Sequence[RowT | Gone]:
        start = max(0, start)
        with self._news:
            self._wait_for(lambda: len(self._ids) >= stop)
            wanted = self._ids[start : max(start, stop)]
        if not wanted:
            return []
        with self._readers.use() as connection:
            found = self._nature.rows(connection, wanted, self._as_of)
        return [found.get(row_id) or Gone(row_id) for row_id in wanted]

    def position(self, row_id: int) -> int | None:
        searched = 0
        with self._news:
            while True:
                self._wait_for(partial(self._is_longer_than, searched))
                try:
                    return self._ids.index(row_id, searched)
                except ValueError:
                    searched = len(self._ids)
                if self._complete:
                    return None

    def _is_longer_than(self, count: int) -> bool:
        return len(self._ids) > count

    def ids(self) -> Sequence[int]:
        with self._news:
            self._wait_for(lambda: False)
            return self._ids[:]

    def wait(self, timeout: float | None = None) -> bool:
        with self._news:
            return self._wait_for(lambda: False, timeout)

    def reopen(self) -> LocalListing[RowT]:
        self.close()
        return LocalListing(self._readers, self._clock, self._query, self._nature)

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._ids = array("q")
            if self._running is not None:
                self._running.interrupt()
            self._news.notify_all()

    # --- the vector ---------------------------------------------------------------------------------------------------

    def _wait_for(self, enough: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait, holding `_news`, until the vector is complete or there is enough of it. Raises what broke it off."""

        def settled() -> bool:
            return self._closed or self._complete or self._failure is not None or enough()

        if self._closed:
            raise Interrupted("The list was closed.")
        if self._complete or enough():
            return True
        self._build()
        if not self._news.wait_for(settled, timeout):
            return False
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise Interrupted("The list was closed.")
        return True

    def _build(self) -> None:
        """Start the vector's thread, holding `_news`; again if the last one was broken off."""
        if self._thread is not None or self._closed:
            return
        self._failure = None
        del self._ids[FIRST_PAGE:]
        self._thread = threading.Thread(target=self._run, name="certtui-listing", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        failure: CerttuiError | None = None
        try:
            with self._readers.use() as connection:
                try:
                    self._enter(connection)
                    self._fill(connection)
                finally:
                    self._leave()
        except CerttuiError as error:
            failure = error
        except Exception as error:  # whoever waits must hear of it, and a thread's exception ends nothing
            failure = Unreachable(f"The list could not be read: {type(error).__name__}.", "Open it again; see the log.")
        with self._news:
            self._failure = failure
            self._complete = failure is None
            self._total = None if failure else len(self._ids)
            self._thread = None
            self._news.notify_all()

    def _enter(self, connection: sqlite3.Connection) -> None:
        """From here on, `close` breaks off what this connection runs."""
        with self._news:
            if self._closed:
                raise Interrupted("The list was closed.")
            self._running = connection

    def _leave(self) -> None:
        """Before the connection goes back to the pool, where its next statement is somebody else's."""
        with self._news:
            self._running = None

    def _fill(self, connection: sqlite3.Connection) -> None:
        """Read the whole order in one snapshot. The first page has been shown: it stays as it is, whatever changed since."""
        shown = self._ids[:]
        batches = all_ids(connection, self._plan)
        first = next(batches, array("q"))
        if first[: len(shown)] == shown:
            self._extend(first[len(shown) :])
            for batch in batches:
                self._extend(batch)
            return
        already = frozenset(shown)
        self._extend(array("q", (row_id for row_id in first if row_id not in already)))
        for batch in batches:
            self._extend(array("q", (row_id for row_id in batch if row_id not in already)))

    def _extend(self, batch: array[int]) -> None:
        with self._news:
            if self._closed:
                raise Interrupted("The list was closed.")
            self._ids.extend(batch)
            self._news.notify_all()


def first_ids(connection: sqlite3.Connection, plan: Plan, count: int) -> list[int]:
    """The first ids of the order."""
    ids: list[int] = []
    for segment in plan.segments:
        text, parameters = _statement(plan, segment, sorts=plan.led)
        found = connection.execute(f"{text} LIMIT ?", (*parameters, count - len(ids)))
        ids += [row[0] for row in found]
        if len(ids) == count:
            break
    return ids


def all_ids(connection: sqlite3.Connection, plan: Plan) -> Iterator[array[int]]:
    """The whole order in one snapshot, in batches."""
    connection.execute("BEGIN")
    # All that a filter takes is found two to four times faster by reading the table as it lies and sorting, than along an
    # index of the order; but not if it had to be read for each of many segments.
    sorts = plan.led or (plan.where != dialect.EVERYTHING and len(plan.segments) <= _FEW_SEGMENTS)
    for segment in plan.segments:
        cursor = dialect.stream(connection, _statement(plan, segment, sorts=sorts))
        while rows := cursor.fetchmany(BATCH):
            yield array("q", [row[0] for row in rows])
    connection.rollback()


_FEW_SEGMENTS = 2


def _statement(plan: Plan, segment: Segment, *, sorts: bool) -> Sql:
    first, order = segment.where, segment.order
    if sorts:
        first, order = dialect.opaque(first), dialect.unindexed(order)
    condition, parameters = dialect.both([first, plan.where])
    # Table, key, order and condition are texts of this package; what a person typed is in the parameters.
    return f"SELECT {plan.key} FROM {plan.table} WHERE {condition} ORDER BY {order}", parameters  # noqa: S608
