"""Fields under one another, any number of them: labels on the left, values wrapped on the right, one field under the cursor.

    view = FieldView()
    view.show([heading("Names"), Item("DNS", "api.example.com"), text_line("…")])

Only the lines that are seen are drawn, so 5,000 names or a text of a megabyte scroll like five lines. The screen binds the
keys (`screens.base.Place.bind_table`); the view moves. It posts `Opened` on enter or a second click on a field with a target.
"""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import BindingsMap
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.themes import styles
from certtui.widgets.line import Part, strip_of
from certtui.widgets.wrapping import wrapping

LABEL, LONGEST_LABEL = 13, 19
"""Cells of the label column: the second where a label needs them."""

KEPT = 2000
"""Items whose drawn lines are kept."""

TALL = 100
"""Lines from which on an item's are kept in any case: they are what takes long to make."""

SLICE = 4_000
"""What is laid out at once, in characters to wrap or lines that need no wrapping: some milliseconds of the event loop."""

Draw = Callable[[int], Sequence[list[Part]]]
"""Lines of an item for a width in cells; raw text."""


class Item(
    NamedTuple
):  # not a dataclass: a text of a megabyte is twenty thousand of them, and each takes a fifth of the time
    """One field. `value` is raw and may have several lines; `copies` is what copying takes, the value when None.

    `target` says what opens on enter: a kind and an id. `draw` replaces label and value by a picture.
    """

    label: str = ""
    value: str = ""
    style: str = ""
    copies: str | None = None
    target: tuple[str, int] | None = None
    draw: Draw | None = None
    selectable: bool = True
    whole: bool = False
    """The value takes the whole width, without a label."""

    @property
    def copy_text(self) -> str:
        return self.value if self.copies is None else self.copies


def heading(text: str) -> Item:
    """A line over a group of fields."""
    return Item(draw=lambda width: [[(text, "head")]], selectable=False)


def blank() -> Item:
    """An empty line."""
    return Item(draw=lambda width: [[]], selectable=False)


def sentence(text: str, style: str = "") -> Item:
    """A sentence over the whole width."""
    return Item(value=text, style=style, selectable=False, whole=True)


def text_line(text: str, style: str = "") -> Item:
    """One line of a text, under the cursor like a field."""
    return Item(value=text, style=style, whole=True)


class FieldView(Widget, can_focus=True):
    """Scrolls fields; knows which one the cursor stands on."""

    DEFAULT_CSS = "FieldView { height: 1fr; width: 1fr; padding: 0 0 0 1; }"

    class Opened(Message):
        """Enter on a field with a target."""

        def __init__(self, target: tuple[str, int]) -> None:
            super().__init__()
            self.target = target

    def __init__(self, items: Iterable[Item] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items = list(items)
        self._label = _label_column(self._items)
        self._drawn: dict[int, list[list[Part]]] = {}
        """Lines of the items that were seen at this width."""
        self._starts: list[int] = []
        self._height = 0
        self._width = 0
        self.cursor = 0
        self.top = 0
        """The first line that is seen."""
        self._wanted = 0
        """The line to be the first one that is seen, once so much is laid out."""
        self._laying: Iterator[int] | None = None

    # -- what is shown -------------------------------------------------------------------------------------------

    def show(self, items: Iterable[Item], *, keep: bool = False) -> None:
        """Show these fields; `keep` leaves cursor and scroll where they are, as far as that is possible."""
        offset = self.top if keep else 0
        self._items = list(items)
        self._label = _label_column(self._items)
        if not keep:
            self.cursor = 0
        self.cursor = self._selectable(min(self.cursor, max(0, len(self._items) - 1)), 1)
        self._lay(force=True)
        self._show_from(offset)

    @property
    def current(self) -> Item | None:
        """The field under the cursor."""
        if 0 <= self.cursor < len(self._items) and self._items[self.cursor].selectable:
            return self._items[self.cursor]
        return None

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    @property
    def text(self) -> str:
        """Everything as it is drawn, as plain lines; for tests."""
        return "\n".join(
            "".join(part for part, _ in line) for index in range(len(self._items)) for line in self._item_lines(index)
        )

    # -- moving --------------------------------------------------------------------------------------------------

    def do_list_down(self) -> None:
        self._step(1)

    def do_list_up(self) -> None:
        self._step(-1)

    def do_list_first(self) -> None:
        self._go(self._selectable(0, 1))
        self._show_from(0)

    def do_list_last(self) -> None:
        self._go(self._selectable(len(self._items) - 1, -1))
        self._show_from(sys.maxsize)

    def do_list_half_down(self) -> None:
        self._page_by(self._page // 2)

    def do_list_half_up(self) -> None:
        self._page_by(-(self._page // 2))

    def do_list_page_down(self) -> None:
        self._page_by(self._page)

    def do_list_page_up(self) -> None:
        self._page_by(-self._page)

    def do_list_open(self) -> None:
        item = self.current
        if item is not None and item.target is not None:
            self.post_message(self.Opened(item.target))

    def action_do(self, method: str) -> None:
        """What the keys are bound to."""
        getattr(self, method)()

    def bind_keys(self, bindings: BindingsMap) -> None:
        """The keys that hold while the view has the focus."""
        self._bindings = bindings

    def on_click(self, event: events.Click) -> None:
        line = self.top + event.y
        if line < self._height:
            index = self._index_at(line)
            if self._items[index].selectable:
                self._go(index)
                if event.chain > 1:
                    self.do_list_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def _step(self, by: int) -> None:
        if not self._items:
            return
        start, stop = self._span(self.cursor)
        top, bottom = self.top, self.top + self._page
        # A field taller than the screen is read to its end before the next one is gone to.
        if by > 0 and stop > bottom:
            self._scroll(min(self._page - 1, stop - bottom))
            return
        if by < 0 and start < top:
            self._scroll(-min(self._page - 1, top - start))
            return
        target = self._selectable(self.cursor + by, by)
        if target == self.cursor or not self._items[target].selectable:
            self._scroll(by)
            return
        self._go(target)

    def _go(self, index: int) -> None:
        if not 0 <= index < len(self._items):
            return
        self.cursor = index
        start, stop = self._span(index)
        # Headings and sentences over the first field come into view with it.
        while start > 0 and not self._items[self._index_at(start - 1)].selectable and stop - start < self._page:
            start -= 1
        top = self.top
        if start < top:
            self._show_from(start)
        elif stop > top + self._page:
            self._show_from(min(stop - self._page, self._span(index)[0]))
        self.refresh()

    def _page_by(self, lines: int) -> None:
        if not self._items:
            return
        self._scroll(lines)
        line = max(0, min(self._height - 1, self._span(self.cursor)[0] + lines))
        self.cursor = self._selectable(self._index_at(line), 1 if lines > 0 else -1)
        self.refresh()

    def _scroll(self, lines: int) -> None:
        self._show_from(self.top + lines)

    def _show_from(self, line: int) -> None:
        self.top = max(0, min(line, self._height - self._page))
        self._wanted = self.top if self.laid_out else line
        self.refresh()

    def _selectable(self, index: int, step: int) -> int:
        """The nearest item in that direction that the cursor may stand on, else in the other one."""
        for direction in (step, -step):
            at = max(0, min(index, len(self._items) - 1))
            while 0 <= at < len(self._items):
                if self._items[at].selectable:
                    return at
                at += direction
        return 0

    # -- drawing -------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._lay()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line = y + self.top
        width = self._room
        if line >= self._height or not self._items:
            return Strip.blank(width + 1, self.rich_style)
        index = self._index_at(line)
        parts = self._item_lines(index)[line - self._starts[index]]
        here = index == self.cursor and self.has_focus and self._items[index].selectable
        base = self.rich_style + styles(self)["cursor"] if here else self.rich_style
        bar = Segment(self._bar(y), self.rich_style + styles(self)["dim"])
        return Strip([*strip_of(self, parts, width, base), bar], width + 1)

    @property
    def _room(self) -> int:
        """Cells of a line; the last column is the scroll bar's, so that nothing moves when it comes or goes."""
        return max(10, self.content_size.width - 1)

    @property
    def _page(self) -> int:
        return max(1, self.content_size.height)

    def _bar(self, y: int) -> str:
        """The scroll bar's cell on this line: a thumb on a track while there is more than is seen."""
        page = self._page
        if self._height <= page:
            return " "
        long = max(1, page * page // self._height)
        first = round(self.top * (page - long) / (self._height - page))
        return "┃" if first <= y < first + long else "│"

    def _lay(self, *, force: bool = False) -> None:
        width = self._room
        if not force and width == self._width:
            return
        self._width = width
        self._drawn = {}
        self._starts = []
        self._height = 0
        self._laying = self._layout(width)
        self._lay_on(self._laying)

    @property
    def laid_out(self) -> bool:
        """Whether all lines are counted; a long text takes its turns of the event loop."""
        return self._laying is None

    def _lay_on(self, laying: Iterator[int]) -> None:
        if laying is not self._laying or not self.is_attached:
            return
        left = SLICE
        for cost in laying:
            left -= cost
            if left <= 0:
                asyncio.get_running_loop().call_soon(self._lay_on, laying)
                break
        else:
            self._laying = None
        self._show_from(self._wanted)

    def _layout(self, width: int) -> Iterator[int]:
        """Counts the lines of one item after the other; gives what each step cost."""
        for index, item in enumerate(self._items):
            self._starts.append(self._height)
            text = item.value
            # Most of a long text are lines that fit: what they look like is made when they are seen.
            room = width if item.whole else width - self._label
            if item.draw is None and len(text) <= room and text.isascii() and text.isprintable():
                self._height += 1
                yield 1
                continue
            lines: list[list[Part]] = []
            for line in self._made(item):
                lines.append(line)
                yield 1 + sum(len(part) for part, _ in line)
            self._keep(index, lines)
            self._height += len(lines)

    def _keep(self, index: int, lines: list[list[Part]]) -> None:
        if len(self._drawn) > KEPT:
            self._drawn = {index: lines for index, lines in self._drawn.items() if len(lines) > TALL}
        self._drawn[index] = lines

    def _item_lines(self, index: int) -> list[list[Part]]:
        lines = self._drawn.get(index)
        if lines is None:
            lines = list(self._made(self._items[index]))
            self._keep(index, lines)
        return lines

    def _made(self, item: Item) -> Iterator[list[Part]]:
        width = max(10, self._width or 78)
        if item.draw is not None:
            yield from item.draw(width) or [[]]
        elif item.whole:
            for text in wrapping(item.value, width):
                yield [(text, item.style)]
        else:
            label = f"{item.label:<{self._label - 1}} "
            for text in wrapping(item.value, max(10, width - self._label)):
                yield [(label, "dim"), (text, item.style)]
                label = " " * self._label

    def _span(self, index: int) -> tuple[int, int]:
        if not self._starts:
            return 0, 0
        index = max(0, min(index, len(self._starts) - 1))
        end = self._starts[index + 1] if index + 1 < len(self._starts) else self._height
        return self._starts[index], end

    def _index_at(self, line: int) -> int:
        return max(0, bisect_right(self._starts, line) - 1)


def _label_column(items: Sequence[Item]) -> int:
    longest = max((len(item.label) for item in items), default=0)
    return min(max(LABEL, longest + 1), LONGEST_LABEL)
