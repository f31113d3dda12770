"""A list that a server holds (DESIGN 4): opened with its first rows in one round trip, the next ones fetched before they are needed.

What was fetched ahead is given out once, and only while nothing is known to have changed since: rows are live. A list that
the server had to let go (410) is opened again by itself where the new order agrees with all that was seen of the old one;
else `Interrupted` tells whoever shows it to ask again at the row where the person stands.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from certtui.backend import wire
from certtui.backend.remote.failures import ListingGone
from certtui.backend.wire_forms import MOST_AT_ONCE, ListingBody, ListingState, Position
from certtui.errors import CerttuiError, Interrupted, Unreachable
from certtui.model.query import Gone
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.remote.connection import Answer
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class Listed(Protocol):
    """What every row of a list has."""

    @property
    def id(self) -> int: ...


RowT = TypeVar("RowT", bound=Listed)

FIRST = 128
"""Rows that come with the answer that opens a list: a page of the table."""
FRESH = 2.0
"""Seconds for which rows that were fetched ahead are live enough where no stream tells of changes."""
AHEAD = 4
"""Stretches of rows that are kept ahead."""
LONG_WAIT = 20
"""Seconds that the server keeps a question for the total waiting, at most."""


def open_listing(view: View, noun: str, kind: type[RowT], query: Query) -> RemoteListing[RowT]:
    """Open a list of that noun. Raises `Invalid` for a filter or an order that makes no sense."""
    return RemoteListing(view, noun, kind, query)


@dataclass(slots=True)
class _Stretch(Generic[RowT]):
    """Rows on their way, or here: `rows` is None until `there`, and stays so when fetching failed."""

    start: int
    stop: int
    changes: int
    seen: int | None
    at: float
    there: threading.Event
    rows: list[RowT | Gone] | None = None


class RemoteListing(Generic[RowT]):
    """The `Listing` of the seam over HTTP; safe to use from several threads."""

    def __init__(
        self,
        view: View,
        noun: str,
        kind: type[RowT],
        query: Query,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._http = view.connection
        self._noun = noun
        self._kind = kind
        self._query = query
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._reopening = threading.Lock()
        self._closed = False
        self._ahead: dict[int, _Stretch[RowT]] = {}
        self._known = array("q")
        """Ids by position as they were seen, 0 where none was."""
        self._last_start = 0
        stretch = self._new_stretch(0, FIRST)
        state, rows = self._open()
        self._state = state
        self._note(0, rows)
        stretch.rows = rows
        stretch.there.set()
        self._ahead[0] = stretch

    # -- the seam ----------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int | None:
        return self._state.total

    @property
    def as_of(self) -> datetime:
        return self._state.as_of

    def rows(self, start: int, stop: int) -> Sequence[RowT | Gone]:
        self._require_open()
        start = max(0, start)
        if stop <= start:
            return []
        found = self._taken(start, stop)
        while len(found) < stop - start:
            at = start + len(found)
            if self._ends_at(at):
                break
            more = self._fetch(at, min(stop, at + MOST_AT_ONCE))
            found += more
            if len(more) < min(stop, at + MOST_AT_ONCE) - at:
                break
        self._look_ahead(start, stop, len(found))
        return found

    def position(self, row_id: int) -> int | None:
        self._require_open()
        if row_id < 0:
            return None
        with self._guard:
            # Most often it is a row that was on the screen.
            if row_id != 0 and row_id in self._known:
                return self._known.index(row_id)
        found: Position = self._ask(lambda: self._http.read(f"{self._path}/position", Position, id=row_id))
        return found.position

    def ids(self) -> Sequence[int]:
        self._require_open()
        found: tuple[int, ...] = self._ask(lambda: self._http.read(f"{self._path}/ids", tuple[int, ...]))
        return array("q", found)

    def wait(self, timeout: float | None = None) -> bool:
        self._require_open()
        until = None if timeout is None else self._monotonic() + timeout
        while self._state.total is None:
            left = LONG_WAIT if until is None else until - self._monotonic()
            if left <= 0:
                return False
            # Whole seconds travel; a shorter wait is a question without one.
            seconds = min(LONG_WAIT, int(left))
            state: ListingState = self._ask(lambda: self._http.read(self._path, ListingState, wait=seconds or None))  # noqa: B023
            self._adopt(state)
            if state.total is None and not seconds and self._http.waker.pause(min(left, 0.1)):
                raise Interrupted("The list was closed.")
            self._require_open()
        return True

    def reopen(self) -> RemoteListing[RowT]:
        self.close()
        return RemoteListing(self._view, self._noun, self._kind, self._query, monotonic=self._monotonic)

    def close(self) -> None:
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._ahead.clear()
        path = self._path
        # Nobody waits for it: a list that is not closed is let go by the server after a while.
        threading.Thread(target=self._let_go, args=(path,), name="certtui-close", daemon=True).start()

    # -- asking ------------------------------------------------------------------------------------------------------

    @property
    def _path(self) -> str:
        return f"/listings/{self._state.id}"

    def _open(self) -> tuple[ListingState, list[RowT | Gone]]:
        body = ListingBody(self._query.text, str(self._query.sort), FIRST)
        return self._read(self._http.ask("POST", f"/{self._noun}/listings", wire.dumps(body)))

    def _fetch(self, start: int, stop: int) -> list[RowT | Gone]:
        query = {"start": start, "stop": stop}
        answer: Answer = self._ask(lambda: self._http.ask("GET", f"{self._path}/rows", query=query))
        state, rows = self._read(answer)
        self._adopt(state)
        self._note(start, rows)
        return rows

    # Any: whatever the question gives
    def _ask(self, question: Callable[[], Any]) -> Any:
        """Ask about the list; when the server has let it go, open it again and ask once more."""
        held = self._state.id
        try:
            return question()
        except ListingGone:
            self._require_open()
        self._open_again(held)
        return question()

    def _read(self, answer: Answer) -> tuple[ListingState, list[RowT | Gone]]:
        """Rows and state, which the server writes as one object."""
        try:
            document = wire.parsed(answer.body)
            state = wire.decode(ListingState, document)
            read: Callable[[object], RowT] = wire.decoder(cast("Hashable", self._kind))
            rows: list[RowT | Gone] = [
                Gone(each["gone"]) if len(each) == 1 and "gone" in each else read(each) for each in document["rows"]
            ]
        except (CerttuiError, KeyError, TypeError):
            raise Unreachable(
                f"{self._http.host} answered something that is no list.",
                "Look whether the server is much older or newer.",
            ) from None
        return state, rows

    def _open_again(self, held: str) -> None:
        with self._reopening:
            if self._state.id != held:
                return  # another thread did
            state, rows = self._open()
            old, self._state = self._state, state
            with self._guard:
                self._ahead.clear()
                known = self._known[:]
            if known and not self._agrees(known, rows):
                self._state = old
                raise Interrupted("The server let this list go, and it has changed since.", "It is asked again.")

    def _agrees(self, known: array[int], rows: Sequence[RowT | Gone]) -> bool:
        """Whether the new order has every row where it was seen in the old one."""
        first = [row.id for row in rows]
        ids: Sequence[int] = first
        if len(known) > len(first):
            ids = self._http.read(f"{self._path}/ids", tuple[int, ...], stop=len(known))
        return len(ids) >= len(known) and all(seen in (0, now) for seen, now in zip(known, ids, strict=False))

    def _let_go(self, path: str) -> None:
        try:
            self._http.ask("DELETE", path, attempts=1)
        except CerttuiError:
            return

    # -- what is known -----------------------------------------------------------------------------------------------

    def _adopt(self, state: ListingState) -> None:
        # An answer that was overtaken must not make the total unknown again.
        if state.id == self._state.id and (state.total is not None or self._state.total is None):
            self._state = state

    def _note(self, start: int, rows: Sequence[RowT | Gone]) -> None:
        with self._guard:
            missing = start + len(rows) - len(self._known)
            if missing > 0:
                self._known.frombytes(bytes(8 * missing))
            for offset, row in enumerate(rows):
                self._known[start + offset] = row.id

    def _ends_at(self, position: int) -> bool:
        total = self._state.total
        return total is not None and position >= total

    def _require_open(self) -> None:
        if self._closed:
            raise Interrupted("The list was closed.")

    # -- ahead -------------------------------------------------------------------------------------------------------

    def _taken(self, start: int, stop: int) -> list[RowT | Gone]:
        """What was fetched ahead from that position on, perhaps after waiting for it; given out once."""
        with self._guard:
            stretch = self._ahead.pop(start, None)
        if stretch is None:
            return []
        stretch.there.wait(self._http.longest)
        if stretch.rows is None or not self._fresh(stretch):
            return []
        return stretch.rows[: stop - start]

    def _fresh(self, stretch: _Stretch[RowT]) -> bool:
        if stretch.changes != self._http.changes:
            return False
        seen = self._view.seen()
        if seen is not None and stretch.seen is not None:
            return seen == stretch.seen
        return self._monotonic() - stretch.at <= FRESH

    def _new_stretch(self, start: int, stop: int) -> _Stretch[RowT]:
        return _Stretch(start, stop, self._http.changes, self._view.seen(), self._monotonic(), threading.Event())

    def _look_ahead(self, start: int, stop: int, got: int) -> None:
        """Fetch the stretch that comes next, in the direction in which one goes."""
        size = min(stop - start, MOST_AT_ONCE)
        upwards, self._last_start = start < self._last_start, start
        begin = max(0, start - size) if upwards else stop
        if size < FIRST or (got < stop - start and not upwards) or (upwards and start == 0) or self._ends_at(begin):
            return
        with self._guard:
            if self._closed or begin in self._ahead:
                return
            stretch = self._ahead[begin] = self._new_stretch(begin, begin + size)
            while len(self._ahead) > AHEAD:
                self._ahead.pop(next(iter(self._ahead)))
        threading.Thread(target=self._fill, args=(stretch,), name="certtui-ahead", daemon=True).start()

    def _fill(self, stretch: _Stretch[RowT]) -> None:
        try:
            stretch.rows = self._fetch(stretch.start, stretch.stop)
        except CerttuiError:
            stretch.rows = None  # whoever needs them asks for themselves, and hears why
        finally:
            stretch.there.set()
