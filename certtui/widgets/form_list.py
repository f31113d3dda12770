"""A list as an editor of a form: its cursor is lit only while it has the focus, and it is left at its ends."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.glyphs import CURSOR
from certtui.widgets.line import strip_of


class FormList(ChoiceList):
    """`marks` says whether the line under the cursor is marked also without the focus, being the value."""

    DEFAULT_CSS = """
    FormList { max-height: 5; }
    FormList:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move_or_leave(1)", show=False),
        Binding("up", "move_or_leave(-1)", show=False),
    ]
    marks = False

    def action_move_or_leave(self, by: int) -> None:
        """One line on; past the ends to the next field."""
        if 0 <= self.cursor + by < len(self._labels):
            self.action_move(by)
        elif by > 0:
            self.app.action_focus_next()
        else:
            self.app.action_focus_previous()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self.has_focus:
            return super().render_line(y)
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self._labels):
            return Strip.blank(width, self.rich_style)
        marked = self.marks and index == self.cursor
        return strip_of(self, [(f"{CURSOR if marked else ' '} {self._labels[index]}", "" if marked else "dim")], width)
