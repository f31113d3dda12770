"""One-line inputs of the console: no border, no blinking cursor, nothing selected on focus."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from textual.binding import Binding, BindingType
from textual.widgets import Input


class Editing(Protocol):
    """Who hears how the typing of an `EditedInput` goes on."""

    def finish(self) -> None: ...
    def give_up(self) -> None: ...
    def complete(self) -> None: ...
    def recall(self, step: int) -> None: ...


class LineInput(Input):
    """An `Input` one line high. Its value is raw text as typed or pasted."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus { border: none; height: 1; padding: 0 1; background: $panel; background-tint: $panel 0%; }
    LineInput:nocolor { text-style: underline; }
    """

    def __init__(
        self, value: str = "", *, placeholder: str = "", password: bool = False, id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, password=password, select_on_focus=False, id=id, compact=True)
        self.cursor_blink = False


class EditedInput(LineInput):
    """An input whose enter, escape, tab and arrows go to its parent (an `Editing`) before the next key is looked at.

    Keys typed ahead on a slow link then find the focus where it belongs.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "parent('finish')", show=False, priority=True),
        Binding("escape", "parent('give_up')", show=False, priority=True),
        Binding("tab", "parent('complete')", show=False, priority=True),
        Binding("up", "recall(-1)", show=False, priority=True),
        Binding("down", "recall(1)", show=False, priority=True),
    ]

    def action_parent(self, method: str) -> None:
        getattr(self.parent, method)()

    def action_recall(self, step: int) -> None:
        cast("Editing", self.parent).recall(step)
