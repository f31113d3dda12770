"""One-line inputs of the console: no border, no blinking cursor, nothing selected on focus."""

from __future__ import annotations

from textual.widgets import Input


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
