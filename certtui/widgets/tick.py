"""A check box of text, which is read without colour: `[x]` or `[ ]` and what it says."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.widgets.line import strip_of
from certtui.widgets.wrapping import wrapped


class Tick(Widget, can_focus=True):
    """Space, enter or a click turns it over; posts `Changed`."""

    DEFAULT_CSS = """
    Tick { height: auto; width: 1fr; }
    Tick:focus { background: $certtui-cursor; text-style: bold; }
    Tick:nocolor:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", show=False)]

    class Changed(Message):
        """It was turned over."""

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self.value = False

    def action_turn(self) -> None:
        self.value = not self.value
        self.refresh()
        self.post_message(self.Changed())

    def on_click(self) -> None:
        self.action_turn()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.content_size.width)
        head = ("[x] " if self.value else "[ ] ") if y == 0 else "    "
        text = lines[y] if y < len(lines) else ""
        return strip_of(self, [(head, "key"), (text, "")], self.content_size.width, self.rich_style)

    def _lines(self, width: int) -> list[str]:
        return list(wrapped(self._label, max(8, width - 4)))
