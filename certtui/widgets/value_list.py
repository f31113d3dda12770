"""A list of lines to choose one value from, as an editor of a form."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from certtui.widgets.form_list import FormList


class ValueList(FormList):
    """(value, label) pairs; the value is that of the line under the cursor."""

    marks = True

    class Picked(Message):
        """Another value is under the cursor."""

    def __init__(self, options: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__([label for _, label in options])
        self._values = [value for value, _ in options]

    @property
    def value(self) -> str:
        """The value under the cursor, "" when the list is empty."""
        return self._values[self.cursor] if self._values else ""

    @value.setter
    def value(self, value: str) -> None:
        if value in self._values:
            self.action_move(self._values.index(value) - self.cursor)

    def fill(self, options: Sequence[tuple[str, str]]) -> None:
        """Other values; the one under the cursor stays there if it is among them."""
        before = self.value
        self._values = [value for value, _ in options]
        self.offer([label for _, label in options])
        self.value = before

    def action_move(self, by: int) -> None:
        before = self.cursor
        super().action_move(by)
        if self.cursor != before:
            self.post_message(self.Picked())

    def action_choose(self) -> None:
        self.app.action_focus_next()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if line < len(self._values):
            self.action_move(line - self.cursor)
