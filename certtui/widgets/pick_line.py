"""A field whose value is picked in a dialog: a line of names; enter, space or a click asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.widgets.line import Part, strip_of
from certtui.widgets.wrapping import wrapped


class PickLine(Widget, can_focus=True):
    """(id, name) pairs. As a text, `value` has a line for each: the id, a tab, the name."""

    DEFAULT_CSS = """
    PickLine { height: auto; width: 1fr; background: $panel; }
    PickLine:focus { background: $certtui-cursor; }
    PickLine:nocolor { text-style: underline; }
    PickLine:nocolor:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "ask", show=False),
        Binding("backspace,delete", "drop", show=False),
    ]

    class Asked(Message):
        """The person wants to pick."""

        def __init__(self, line: PickLine) -> None:
            super().__init__()
            self.line = line

    class Changed(Message):
        """Something else is picked."""

    def __init__(self, *, empty: str = "none", id: str | None = None) -> None:
        super().__init__(id=id)
        self._empty = empty
        self._picked: tuple[tuple[int, str], ...] = ()

    @property
    def empty(self) -> str:
        """What stands there while nothing is picked."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        if text != self._empty:
            self._empty = text
            self.refresh(layout=True)

    @property
    def picked(self) -> tuple[tuple[int, str], ...]:
        """What is picked."""
        return self._picked

    def pick(self, picked: Sequence[tuple[int, str]]) -> None:
        """Have these from now on."""
        if tuple(picked) != self._picked:
            self._picked = tuple(picked)
            self.refresh(layout=True)
            self.post_message(self.Changed())

    @property
    def value(self) -> str:
        """As a text, for a form that is kept."""
        return "\n".join(f"{number}\t{' '.join(name.split())}" for number, name in self._picked)

    @value.setter
    def value(self, text: str) -> None:
        pairs = (line.partition("\t") for line in text.splitlines())
        self.pick([(int(number), name) for number, _, name in pairs if number.isascii() and number.isdigit()])

    def action_ask(self) -> None:
        self.post_message(self.Asked(self))

    def action_drop(self) -> None:
        """Take the last one away."""
        self.pick(self._picked[:-1])

    def on_click(self) -> None:
        self.action_ask()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        lines = self._lines(width)
        parts: list[Part] = [(lines[y] if y < len(lines) else "", "" if self._picked else "dim")]
        return strip_of(self, parts, width, self.rich_style)

    def _lines(self, width: int) -> Sequence[str]:
        text = ", ".join(name for _, name in self._picked) or self._empty
        return wrapped(text, max(8, width))[:4]
