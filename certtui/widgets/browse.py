"""A dialog to choose a file: one folder at a time, typing narrows, enter goes in, backspace goes up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Input

from certtui import files, work
from certtui.text import shown
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText

_MOST = 5000


class Browse(Dialog[str]):
    """Answers the path chosen, or None. With `folders`, a folder can be chosen with tab and the button."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("ctrl+t", "take_folder", show=False),
    ]

    def __init__(self, start: str = "", *, folders: bool = False) -> None:
        super().__init__("Choose a folder" if folders else "Choose a file")
        self._folders = folders
        self._folder = _folder_of(start)
        self._entries: list[str] = []
        self._seen: list[str] = []

    def body(self) -> ComposeResult:
        yield SafeText(str(self._folder), id="where")
        yield Input(placeholder="type to narrow", id="narrow", select_on_focus=False)
        yield ChoiceList([])

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(shown("This folder" if self._folders else "Choose")), id="accept")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._enter(self._folder)

    def action_move(self, by: int) -> None:
        self.query_one(ChoiceList).action_move(by)

    def action_take_folder(self) -> None:
        if self._folders:
            self.dismiss(str(self._folder))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        # Not what a dialog does on enter: a folder is entered, not answered.
        event.prevent_default()
        self._take()

    def on_choice_list_chosen(self) -> None:
        self._take()

    def on_key(self, event: events.Key) -> None:
        if event.key == "backspace" and not self.query_one(Input).value:
            event.stop()
            self._enter(self._folder.parent)

    def accept(self) -> None:
        if self._folders:
            self.dismiss(str(self._folder))
        else:
            self._take()

    def _take(self) -> None:
        if not self._seen:
            return
        name = self._seen[self.query_one(ChoiceList).cursor]
        if name == "../":
            self._enter(self._folder.parent)
        elif name.endswith("/"):
            self._enter(self._folder / name)
        else:
            self.dismiss(str(self._folder / name))

    def _enter(self, folder: Path) -> None:
        def look() -> list[str]:
            typed = f"{folder}/" if str(folder) != "/" else "/"
            found = [path.removeprefix(typed) for path in files.complete(typed, folders_only=False, limit=_MOST)]
            return [name for name in found if name.endswith("/") or not self._folders]

        def show(entries: list[str]) -> None:
            self._folder = folder
            self._entries = ["../", *entries] if folder != folder.parent else entries
            self.query_one("#where", SafeText).say(folder)
            line = self.query_one(Input)
            if line.value:
                line.value = ""
            self._narrow()

        work.run(self, look, done=show, key="enter")

    def _narrow(self) -> None:
        typed = self.query_one(Input).value.casefold()
        self._seen = [name for name in self._entries if typed in name.casefold()]
        found = self.query_one(ChoiceList)
        found.offer(self._seen)
        found.action_move(-_MOST)
        if typed == "" and len(self._seen) > 1 and self._seen[0] == "../":
            found.action_move(1)


def _folder_of(typed: str) -> Path:
    start = Path(os.path.abspath(os.path.expanduser(typed.strip() or ".")))  # noqa: PTH100, PTH111  # links stay as typed
    while not start.is_dir() and start != start.parent:
        start = start.parent
    return start
