"""Paths as an editor of a form: those that were chosen, or those that are offered; enter takes the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from certtui.widgets.form_list import FormList


class SourceList(FormList):
    """A list of raw paths. `chosen` ones are taken out again by enter, delete or backspace; offered ones are taken in by enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete,backspace", "drop", show=False)]

    class Taken(Message):
        """Enter on a path."""

        def __init__(self, source: SourceList, path: str) -> None:
            super().__init__()
            self.source = source
            self.path = path

        @property
        def control(self) -> SourceList:
            return self.source

    def __init__(self, *, empty: str, chosen: bool = False) -> None:
        super().__init__([])
        self._empty = empty
        self.chosen = chosen
        self.paths: tuple[str, ...] = ()
        self.fill(())

    @property
    def value(self) -> str:
        """The paths, one a line."""
        return "\n".join(self.paths)

    @value.setter
    def value(self, value: str) -> None:
        self.fill(value.splitlines())

    def fill(self, paths: Sequence[str]) -> None:
        """Other paths."""
        self.paths = tuple(path for path in paths if path)
        self.can_focus = bool(self.paths)
        self.offer(self.paths or [self._empty])

    def add(self, path: str) -> None:
        """One more, at the end."""
        self.fill((*self.paths, path))

    def drop(self, path: str) -> None:
        """One fewer."""
        self.fill([each for each in self.paths if each != path])

    def action_drop(self) -> None:
        if self.chosen:
            self.action_choose()

    def action_choose(self) -> None:
        if self.paths:
            self.post_message(self.Taken(self, self.paths[self.cursor]))
