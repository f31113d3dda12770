"""A few lines of text in a form: tab leaves it, as it leaves every field."""

from __future__ import annotations

from textual.widgets import TextArea


class TextBox(TextArea):
    """A plain `TextArea` without line numbers; grows with what is typed, up to eight lines."""

    DEFAULT_CSS = "TextBox { height: auto; min-height: 3; max-height: 8; }"

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            text,
            id=id,
            placeholder=placeholder,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
        )
        self.cursor_blink = False
