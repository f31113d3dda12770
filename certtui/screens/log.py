"""The newest lines of certtui's own log, raw text drawn safe; the newest last, under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from certtui.screens.base import Place
from certtui.widgets.fields import FieldView, sentence, text_line

LINES = 1000


class LogScreen(Place):
    """What certtui wrote down; `escape` goes back."""

    TITLE = "Log"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page")

    def content(self) -> ComposeResult:
        yield FieldView()

    def on_mount(self) -> None:
        view = self.query_one(FieldView)
        self.bind_table(view)
        self.set_focus(view)
        self.do_page_refresh()

    def do_page_refresh(self) -> None:
        from certtui import log

        self.work(lambda: log.tail(LINES), done=self._show, key="log")

    def do_page_copy(self) -> None:
        from certtui.screens.copy_text import copy

        item = self.query_one(FieldView).current
        if item is not None:
            copy(self, "the line", item.copy_text)

    def _show(self, lines: list[str]) -> None:
        view = self.query_one(FieldView)
        view.show([text_line(line) for line in lines] or [sentence("The log is empty.", "dim")])
        view.do_list_last()
