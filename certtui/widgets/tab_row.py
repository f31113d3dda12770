"""The tabs of a page as one line; the present one is marked without colour, and stays in view where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.text import cells, shown
from certtui.widgets.line import Part, strip_of

GAP = 0


class TabRow(Widget):
    """Names side by side; the page says which one is present. Posts `Picked` on a click."""

    DEFAULT_CSS = "TabRow { height: 1; width: 1fr; padding: 0 1; }"

    class Picked(Message):
        """A name was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(shown(name) for name in names)
        self.current = 0

    def go(self, index: int) -> None:
        """Mark this one."""
        if index != self.current:
            self.current = index
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        first = self._first()
        at = 1 + (2 if first else 0)
        for index in range(first, len(self._names)):
            width = cells(self._names[index]) + 2
            if at <= event.x < at + width:
                self.post_message(self.Picked(index))
                return
            at += width + GAP

    def render_line(self, y: int) -> Strip:
        first = self._first()
        parts: list[Part] = [("‹ ", "dim")] if first else []
        for index in range(first, len(self._names)):
            here = index == self.current
            parts.append(
                (f"[{self._names[index]}]" if here else f" {self._names[index]} ", "accent" if here else "dim")
            )
            parts.append((" " * GAP, ""))
        return strip_of(self, parts, self.content_size.width)

    def _first(self) -> int:
        """The first name that is drawn, so that the present one has room."""
        room = self.content_size.width
        first = 0
        while (
            first < self.current and sum(cells(name) + 2 + GAP for name in self._names[first : self.current + 1]) > room
        ):
            first += 1
        return first
