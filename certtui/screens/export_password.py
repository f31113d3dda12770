"""A random password, shown once: it is written down or copied before anything is sealed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button

from certtui import clipboard, work
from certtui.screens.copy_text import clear_later, terminal_writer
from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.clipboard import CopyResult
    from certtui.model.secret import Secret
    from certtui.screens.base import Place


class ShowPassword(Dialog[bool]):
    """Answers whether the person has the password: noted, or copied by the button."""

    DEFAULT_CSS = "ShowPassword #password { margin: 1 0; text-style: bold; }"

    def __init__(self, screen: Place, password: Secret, path: str) -> None:
        super().__init__("The password")
        self._screen = screen
        self._password = password
        self._path = path

    def body(self) -> ComposeResult:
        yield SafeText(f"It seals {self._path}. It is shown once and not kept anywhere.")
        yield SafeText(self._password.reveal().decode(), id="password")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Copy"), id="copy")
        yield Button(Content("I noted it, write"), id="accept")

    def on_mount(self) -> None:
        self.query_one("#copy").focus()

    def nothing(self) -> bool:
        return False

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "copy":
            event.stop()
            self._copy()
        else:
            super().on_button_pressed(event)

    def accept(self) -> None:
        self.dismiss(True)

    def _copy(self) -> None:
        text = self._password.reveal().decode()
        write = terminal_writer(self._screen)
        setting = self._screen.console_app.settings.clipboard
        work.run(
            self, lambda: clipboard.copy(text, write=write, secret=True, setting=setting), done=self._copied, key="copy"
        )

    def _copied(self, result: CopyResult) -> None:
        if result.way is clipboard.Way.NONE:
            self.problem(f"{result.sentence} Note it from the screen.")
            return
        self.problem(result.sentence + clear_later(self._screen, result.clear))
        button = self.query_one("#accept", Button)
        button.label = Content("Write")
        button.focus()
