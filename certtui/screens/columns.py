"""The dialog that hides, shows and moves columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button

from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText


class ColumnsScreen(Dialog[list[str]]):
    """Answers the ids of the columns to show, in order, or None."""

    DEFAULT_CSS = "ColumnsScreen .hint { color: $certtui-dim; margin-bottom: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "flip", show=False, priority=True),
        Binding("J,shift+down", "shift(1)", show=False, priority=True),
        Binding("K,shift+up", "shift(-1)", show=False, priority=True),
    ]

    def __init__(self, columns: Sequence[tuple[str, str]], shown: Sequence[str]) -> None:
        super().__init__("Columns")
        titles = dict(columns)
        order = [*shown, *(column_id for column_id, _ in columns if column_id not in shown)]
        self._columns = [(column_id, titles[column_id]) for column_id in order if column_id in titles]
        self._shown = set(shown)

    def body(self) -> ComposeResult:
        yield SafeText("space shows or hides, J and K move it. Narrow terminals show what fits.", classes="hint")
        yield ChoiceList(self._labels())

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Show these"), id="accept")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(ChoiceList))

    def on_choice_list_chosen(self) -> None:
        self.accept()

    def action_flip(self) -> None:
        column_id = self._columns[self.query_one(ChoiceList).cursor][0]
        if self._shown == {column_id}:
            return  # a table of no columns shows nothing at all
        self._shown ^= {column_id}
        self.query_one(ChoiceList).offer(self._labels())

    def action_shift(self, by: int) -> None:
        choices = self.query_one(ChoiceList)
        old, new = choices.cursor, choices.cursor + by
        if 0 <= new < len(self._columns):
            self._columns[old], self._columns[new] = self._columns[new], self._columns[old]
            choices.cursor = new
            choices.offer(self._labels())

    def accept(self) -> None:
        self.dismiss([column_id for column_id, _ in self._columns if column_id in self._shown])

    def _labels(self) -> list[str]:
        return [f"{'[x]' if column_id in self._shown else '[ ]'} {title}" for column_id, title in self._columns]
