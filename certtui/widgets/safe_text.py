"""Text of several lines that wraps, drawn safe: the one widget for sentences, messages and anything from a certificate."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from certtui.text import shown_block


class SafeText(Static):
    """A `Static` that takes raw text and knows no markup. `say` changes it."""

    def __init__(self, raw: object = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(Content(shown_block(raw)), markup=False, id=id, classes=classes)
        self._raw = str(raw)

    def say(self, raw: object) -> None:
        """Show this raw text from now on."""
        text = str(raw)
        if text != self._raw:
            self._raw = text
            self.update(Content(shown_block(text)))

    @property
    def raw(self) -> str:
        """What was given last; for tests."""
        return self._raw
