"""A list of lines to choose one from: raw labels, j k and arrows, enter, a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from certtui.themes import styles
from certtui.widgets.glyphs import CURSOR
from certtui.widgets.line import Part, strip_of

Label = str | list[Part]
"""A raw text, or parts with the names of their styles."""


class ChoiceList(ScrollView, can_focus=True):
    """Lines with a cursor; posts `Chosen` on enter or click and `Moved` when the cursor moves."""

    DEFAULT_CSS = "ChoiceList { height: auto; max-height: 14; overflow-x: hidden; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,ctrl+f", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("home,g", "move(-1000000)", show=False),
        Binding("end,G", "move(1000000)", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Chosen(Message):
        """The line under the cursor was taken."""

    class Moved(Message):
        """The cursor stands elsewhere."""

    def __init__(self, labels: Sequence[Label], *, current: int = 0, id: str | None = None) -> None:
        super().__init__(id=id)
        self._labels = list(labels)
        self.cursor = max(0, min(current, len(labels) - 1))

    def on_mount(self) -> None:
        self._resize()
        self.call_after_refresh(self._follow)

    def offer(self, labels: Sequence[Label]) -> None:
        """Other lines; the cursor stays where it can."""
        self._labels = list(labels)
        self.cursor = max(0, min(self.cursor, len(labels) - 1))
        self._resize()
        self._follow()
        self.refresh(layout=True)

    def action_move(self, by: int) -> None:
        new = max(0, min(len(self._labels) - 1, self.cursor + by))
        if new != self.cursor:
            self.cursor = new
            self._follow()
            self.refresh()
            self.post_message(self.Moved())

    def action_choose(self) -> None:
        if self._labels:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if line < len(self._labels):
            self.cursor = line
            self.refresh()
            self.action_choose()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if index >= len(self._labels):
            return Strip.blank(width, self.rich_style)
        here = index == self.cursor
        base = self.rich_style + styles(self)["cursor"] if here else self.rich_style
        label = self._labels[index]
        parts = [(label, "")] if isinstance(label, str) else label
        return strip_of(self, [(f"{CURSOR if here else ' '} ", ""), *parts], width, base)

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._labels))

    def _follow(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
