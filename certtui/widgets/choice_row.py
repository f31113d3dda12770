"""One of a few, side by side: left and right choose, digits too, a click; wraps to a second line where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from certtui.text import cells, shown
from certtui.widgets.glyphs import CURSOR
from certtui.widgets.line import Part, strip_of

_GAP = 2


class ChoiceRow(Widget, can_focus=True):
    """(value, label) pairs of which one is chosen; the chosen one carries a mark, so that it is seen without colour."""

    DEFAULT_CSS = """
    ChoiceRow { height: auto; width: 1fr; }
    ChoiceRow:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
        Binding("home", "step(-1000)", show=False),
        Binding("end", "step(1000)", show=False),
    ]

    class Changed(Message):
        """Another one is chosen."""

        def __init__(self, row: ChoiceRow) -> None:
            super().__init__()
            self.row = row

        @property
        def control(self) -> ChoiceRow:
            return self.row

    def __init__(self, options: Sequence[tuple[str, str]], *, current: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        values = [value for value, _ in self._options]
        self._index = values.index(current) if current in values else 0

    @property
    def value(self) -> str:
        """The chosen value, "" when there is nothing to choose."""
        return self._options[self._index][0] if self._options else ""

    @value.setter
    def value(self, value: str) -> None:
        values = [each for each, _ in self._options]
        if value in values:
            self._go(values.index(value))

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Other options; the chosen value stays if it is among them."""
        before = self.value
        self._options = tuple(options)
        values = [value for value, _ in self._options]
        self._index = values.index(before) if before in values else 0
        self.refresh(layout=True)
        if self.value != before:
            self.post_message(self.Changed(self))

    def action_step(self, by: int) -> None:
        if by in (-1, 1) and self._options:
            self._go((self._index + by) % len(self._options))
        else:
            self._go(max(0, min(len(self._options) - 1, self._index + by)))

    def on_key(self, event: events.Key) -> None:
        if event.key.isdigit() and 1 <= int(event.key) <= len(self._options):
            event.stop()
            self._go(int(event.key) - 1)
        elif event.character and event.is_printable and event.key not in self.screen.active_bindings:
            self._pass_on(event)

    def _pass_on(self, event: events.Key) -> None:
        """Text typed here is meant for the field that follows: it goes there and is not lost."""
        self.screen.focus_next()
        while isinstance(self.screen.focused, ChoiceRow) and self.screen.focused is not self:
            self.screen.focus_next()
        if isinstance(field := self.screen.focused, Input):
            event.stop()
            field.insert_text_at_cursor(event.character or "")

    def on_click(self, event: events.Click) -> None:
        lines = self._laid(self.content_size.width)
        if event.y < len(lines):
            at = 0
            for index, text in lines[event.y]:
                if at <= event.x < at + cells(text) + _GAP:
                    self._go(index)
                    return
                at += cells(text) + _GAP

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._laid(width)))

    def render_line(self, y: int) -> Strip:
        lines = self._laid(self.content_size.width)
        parts: list[Part] = []
        for index, text in lines[y] if y < len(lines) else []:
            chosen = index == self._index
            if parts:
                parts.append((" " * _GAP, ""))
            parts.append((text, ("badge" if self.has_focus else "accent") if chosen else "dim"))
        return strip_of(self, parts, self.content_size.width, self.rich_style)

    def _go(self, index: int) -> None:
        if index != self._index and self._options:
            self._index = index
            self.refresh()
            self.post_message(self.Changed(self))

    def _laid(self, width: int) -> list[list[tuple[int, str]]]:
        lines: list[list[tuple[int, str]]] = [[]]
        used = 0
        for index, (_, label) in enumerate(self._options):
            text = f"{CURSOR if index == self._index else ' '}{shown(label)} "
            if lines[-1] and used + cells(text) > width:
                lines.append([])
                used = 0
            lines[-1].append((index, text))
            used += cells(text) + _GAP
        return lines
