"""What stands in the place of a list that has nothing to show: a sentence and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from certtui.widgets.safe_text import SafeText


class StateText(Vertical):
    """A title and lines in the middle of the place. Raw text."""

    DEFAULT_CSS = """
    StateText { align: center middle; height: 1fr; padding: 0 2; }
    StateText > SafeText { width: auto; max-width: 100%; }
    StateText > #title { text-style: bold; margin-bottom: 1; }
    """

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self.title = title
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        yield SafeText(self.title, id="title")
        yield SafeText("\n".join(self._lines), id="lines")

    def tell(self, title: str, lines: Sequence[str]) -> None:
        """Say it."""
        self.title = title
        self._lines = tuple(lines)
        # What is composed but not mounted yet has been drawn with the words of before.
        for line in self.query("#title").results(SafeText):
            line.say(title)
        for line in self.query("#lines").results(SafeText):
            line.say("\n".join(lines))
