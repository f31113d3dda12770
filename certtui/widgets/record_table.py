"""A table of any length on Textual's Line API: it draws the lines that are seen and asks for no others.

    table = RecordTable(COLUMNS, fetch=self.fetch)       # fetch(start, stop, generation): answer by table.deliver
    table.open(total=None)                               # a new listing: forget all rows, ask for the first page
    table.deliver(start, rows, generation)               # rows or model.query.Gone, from the event loop
    table.know_total(12480)

Rows need an `id` (and `version`, to be marked). The screen binds the keys (`screens.base.Place` does); the table moves. It
posts `Moved` when the row under the cursor changed, `Opened` on a click on it, `Marked` when the set of marks changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from rich.style import Style
from textual import events
from textual.binding import BindingsMap
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.model.query import Gone, Sort
from certtui.themes import styles
from certtui.widgets.columns import Column, Placed, fit
from certtui.widgets.record_line import GUTTER, header_line, record_line


class Record(Protocol):
    """What a row must have."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Record)
Fetch = Callable[[int, int, int], None]

PAGE = 128
HEADER = 1
KEPT_PAGES = 40


class RecordTable(Widget, Generic[R], can_focus=True):
    """Rows under a header, a cursor, marks."""

    DEFAULT_CSS = "RecordTable { height: 1fr; width: 1fr; }"

    class Moved(Message):
        """The cursor stands on another row, or the row under it became known."""

    class Opened(Message):
        """A row was clicked twice or entered."""

    class Marked(Message):
        """Marks were set or taken away."""

    def __init__(self, columns: Sequence[Column[R]], fetch: Fetch, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = list(columns)
        self.sort = Sort("")
        self.total: int | None = 0
        self.cursor = 0
        self.top = 0
        self.generation = 0
        self.marks: dict[int, int] = {}
        """Marked ids with the versions that were seen."""
        self._fetch = fetch
        self._pages: dict[int, list[R | Gone]] = {}
        self._asked: set[int] = set()
        self._placed: list[Placed] = []
        self._strips: dict[int, Strip] = {}
        self._looks: dict[tuple[str, bool], Style] = {}
        self._to_the_end = False
        self._announced: tuple[int, int | None] = (-1, None)

    # -- rows ----------------------------------------------------------------------------------------------------

    def open(self, total: int | None, *, cursor: int = 0, top: int | None = None) -> None:
        """Another listing: forget all rows and ask for those that are seen; `total` None while it is counted."""
        self.generation += 1
        self.total = total
        self._pages.clear()
        self._asked.clear()
        self.cursor = max(0, cursor)
        self.top = max(0, cursor if top is None else top)
        self._announced = (-1, None)
        self._clamp()
        self._redraw()
        self._ask()

    def know_total(self, total: int | None) -> None:
        """The listing has counted (further)."""
        if total != self.total:
            self.total = total
            if self._to_the_end and total is not None:
                self._to_the_end = False
                self.move_to(total - 1)
            self._clamp()
            self._redraw()
            self._ask()

    def deliver(self, start: int, rows: Sequence[R | Gone], generation: int) -> None:
        """The answer to `fetch`; dropped when another listing was opened since."""
        if generation != self.generation:
            return
        page = start // PAGE
        self._asked.discard(page)
        old = self._pages.get(page)
        self._pages[page] = list(rows)
        while len(self._pages) > KEPT_PAGES:
            self._pages.pop(max(self._pages, key=lambda kept: abs(kept - self.cursor // PAGE)))
        if old != self._pages[page]:
            for offset in range(PAGE):
                self._forget(start + offset)
            first, last = max(start, self.top), min(start + PAGE, self.top + self.page_rows)
            if self.total is None or old is None or len(old) != len(rows):
                self._redraw()
            else:
                for index in range(first, last):
                    if index - start >= len(old) or old[index - start] != rows[index - start]:
                        self._dirty(index)
        self._announce()

    def failed(self, start: int, generation: int) -> None:
        """`fetch` could not answer; the rows are asked for again when they are next seen."""
        if generation == self.generation:
            self._asked.discard(start // PAGE)

    def refetch(self) -> None:
        """Ask again for the rows that are seen, in place: something changed in the store."""
        self._pages = {page: rows for page, rows in self._pages.items() if page in self._seen_pages()}
        self._asked.clear()
        for page in self._seen_pages():
            self._ask_page(page)

    def row(self, index: int) -> R | Gone | None:
        """A row that is known, None while it is not."""
        page = self._pages.get(index // PAGE)
        offset = index % PAGE
        return page[offset] if page is not None and offset < len(page) else None

    @property
    def current(self) -> R | None:
        """The row under the cursor; None when there is none, while it loads, and when it is gone."""
        row = self.row(self.cursor)
        return None if row is None or isinstance(row, Gone) else row

    @property
    def known(self) -> int:
        """Rows that may be gone to: the total, or what is known of it while it is counted."""
        if self.total is not None:
            return self.total
        return max((page * PAGE + len(rows) for page, rows in self._pages.items()), default=0)

    # -- marks ---------------------------------------------------------------------------------------------------

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and step down."""
        row = self.current
        if row is None:
            return
        if row.id in self.marks:
            del self.marks[row.id]
        else:
            self.marks[row.id] = getattr(row, "version", 0)
        self._dirty(self.cursor)
        self.move_to(self.cursor + 1)
        self.post_message(self.Marked())

    def mark(self, versions: Iterable[tuple[int, int]]) -> None:
        """Mark these (id, version) too."""
        self.marks.update(versions)
        self._redraw()
        self.post_message(self.Marked())

    def unmark(self, ids: Iterable[int] | None = None) -> None:
        """Take these marks away, or all."""
        if self.marks:
            for row_id in list(self.marks) if ids is None else ids:
                self.marks.pop(row_id, None)
            self._redraw()
            self.post_message(self.Marked())

    # -- moving --------------------------------------------------------------------------------------------------

    @property
    def page_rows(self) -> int:
        return max(1, self.size.height - HEADER)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, scrolling as little as it takes."""
        index = max(0, min(index, self.known - 1))
        if self._to_the_end and index < self.known - 1:
            self._to_the_end = False
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        if self._follow():
            self.refresh()
        else:
            self._dirty(before)
            self._dirty(index)
        self._ask()
        self._announce()

    def scroll_by(self, rows: int) -> None:
        """Scroll and take the cursor along: a page or half of one."""
        most = max(0, self.known - self.page_rows)
        top = max(0, min(self.top + rows, most))
        cursor = max(0, min(self.cursor + rows, self.known - 1))
        if (top, cursor) == (self.top, self.cursor):
            return
        self.top, self.cursor = top, cursor
        self._follow()
        self.refresh()
        self._ask()
        self._announce()

    def do_list_down(self) -> None:
        self.move_to(self.cursor + 1)

    def do_list_up(self) -> None:
        self.move_to(self.cursor - 1)

    def do_list_first(self) -> None:
        self.move_to(0)

    def do_list_last(self) -> None:
        # While it is counted the end is not known: go as far as is known, and on once it is.
        self._to_the_end = self.total is None
        self.move_to(self.known - 1)

    def do_list_half_down(self) -> None:
        self.scroll_by(self.page_rows // 2)

    def do_list_half_up(self) -> None:
        self.scroll_by(-(self.page_rows // 2))

    def do_list_page_down(self) -> None:
        self.scroll_by(self.page_rows)

    def do_list_page_up(self) -> None:
        self.scroll_by(-self.page_rows)

    def do_list_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    def action_do(self, method: str) -> None:
        """What the keys of the list are bound to."""
        getattr(self, method)()

    def bind_keys(self, bindings: BindingsMap) -> None:
        """The keys that hold while the list has the focus."""
        self._bindings = bindings

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y - HEADER
        if event.y < HEADER or index >= self.known:
            return
        if event.chain > 1:
            self.do_list_open()
        else:
            self.move_to(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_by(-3)

    # -- drawing -------------------------------------------------------------------------------------------------

    def show_columns(self, columns: Sequence[Column[R]], sort: Sort) -> None:
        """Other columns, or another sort arrow."""
        self.columns = list(columns)
        self.sort = sort
        self._place()
        self._redraw()

    @property
    def shown_columns(self) -> list[Column[R]]:
        """The columns that have room now."""
        return [self.columns[placed.column] for placed in self._placed]

    def on_resize(self) -> None:
        self._place()
        self._follow()
        self._redraw()
        self._ask()

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._looks.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        if y < HEADER:
            return header_line(self.columns, self._placed, self.sort, self.size.width, self._elsewhere)
        index = self.top + y - HEADER
        if index >= self.known:
            return Strip.blank(self.size.width, self._style("", False))
        here = index == self.cursor
        if here:
            return self._row(index, True)
        strip = self._strips.get(index)
        if strip is None:
            if len(self._strips) > 2000:
                self._strips.clear()
            strip = self._strips[index] = self._row(index, False)
        return strip

    def _row(self, index: int, here: bool) -> Strip:
        row = self.row(index)
        marked = row is not None and row.id in self.marks
        look = self._here if here else self._elsewhere
        return record_line(row, self.columns, self._placed, self.size.width, look, marked=marked, here=here)

    def _here(self, name: str) -> Style:
        return self._style(name, True)

    def _elsewhere(self, name: str) -> Style:
        return self._style(name, False)

    def _style(self, name: str, here: bool) -> Style:
        found = self._looks.get((name, here))
        if found is None:
            named = styles(self)
            found = self.rich_style + named["cursor"] + named[name] if here else self.rich_style + named[name]
            self._looks[name, here] = found
        return found

    # -- inside --------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        self._placed = fit(self.columns, max(1, self.size.width - GUTTER - 1))

    def _clamp(self) -> None:
        if self.total is not None:
            self.cursor = max(0, min(self.cursor, self.total - 1))
            self.top = max(0, min(self.top, self.total - self.page_rows))

    def _follow(self) -> bool:
        """Scroll so that the cursor is seen; whether that moved anything."""
        before = self.top
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + self.page_rows:
            self.top = self.cursor - self.page_rows + 1
        return self.top != before

    def _redraw(self) -> None:
        self._strips.clear()
        self._looks.clear()
        self.refresh()

    def _forget(self, index: int) -> None:
        self._strips.pop(index, None)

    def _dirty(self, index: int) -> None:
        self._forget(index)
        if self.top <= index < self.top + self.page_rows:
            self.refresh(Region(0, index - self.top + HEADER, self.size.width, 1))

    def _seen_pages(self) -> range:
        last = self.top + self.page_rows
        if self.total is not None:
            last = min(last, self.total)
        return range(self.top // PAGE, max(self.top, last - 1) // PAGE + 1)

    def _ask(self) -> None:
        if self.total == 0:
            return
        for page in self._seen_pages():
            if page not in self._pages:
                self._ask_page(page)
        if self.total is None:
            # The next page before it is needed, so that walking does not stop where the knowledge ends.
            page = max(self._pages, default=0)
            if len(self._pages.get(page, ())) == PAGE and self.top + 2 * self.page_rows >= self.known:
                self._ask_page(page + 1)

    def _ask_page(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self._fetch(page * PAGE, (page + 1) * PAGE, self.generation)

    def _announce(self) -> None:
        row = self.row(self.cursor)
        now = (self.cursor, None if row is None else row.id)
        if now != self._announced:
            self._announced = now
            self.post_message(self.Moved())
