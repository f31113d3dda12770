"""The base of read-only pages of lines: a field view, copying of the line under the cursor, reading again."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from certtui.actions import Action
from certtui.errors import CerttuiError
from certtui.screens.base import Place
from certtui.screens.copy_text import copy
from certtui.screens.targets import open_target
from certtui.widgets.fields import FieldView, Item, sentence


class LinesPage(Place):
    """Subclasses read in `load` and show by `show`."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page")

    def content(self) -> ComposeResult:
        yield FieldView()

    def load(self) -> None:
        """Read what the page shows, through `self.work`."""

    def ready(self) -> None:
        self.bind_table(self.view)
        self.view.focus()
        self.load()

    @property
    def view(self) -> FieldView:
        return self.query_one(FieldView)

    def show(self, items: list[Item], *, keep: bool = False) -> None:
        """Show these fields."""
        self.view.show(items, keep=keep)
        self.refresh_frame()

    def cannot(self, error: CerttuiError) -> None:
        """There is nothing to show, and why."""
        self.show([sentence(error.message, "bad"), sentence(error.hint, "dim")])

    def offers(self, action: Action) -> bool:
        if action.id == "list.open":
            return self.is_mounted and any(item.target for item in self.view.items)
        return super().offers(action)

    def do_page_copy(self) -> None:
        item = self.view.current
        if item is None or not item.copy_text:
            self.say("There is nothing to copy on this line.", "warn")
            return
        copy(self, item.label.strip() or "Line", item.copy_text)

    def do_page_refresh(self) -> None:
        self.load()

    def on_screen_resume(self) -> None:
        if self._ready:
            self.load()

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        open_target(self, event.target)
