"""One-line inputs of the console: no border, no blinking cursor, nothing selected on focus."""

from __future__ import annotations

from typing import Protocol, cast

from textual import events
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
    """An input whose enter, escape, tab and arrows go to its parent (an `Editing`), in the order of what is typed.

    Textual looks at a key before the one before it has reached its widget. With `keeps_order` the app waits for this
    widget, so that keys typed ahead on a slow link find the focus where it belongs.
    """

    keeps_order = True

    async def _on_key(self, event: events.Key) -> None:
        parent = cast("Editing", self.parent)
        match event.key:
            case "enter":
                parent.finish()
            case "escape":
                parent.give_up()
            case "tab":
                parent.complete()
            case "up":
                parent.recall(-1)
            case "down":
                parent.recall(1)
            case _:
                await super()._on_key(event)
                return
        event.stop()
        event.prevent_default()
