"""A random password, shown once: it is written down or copied before anything is sealed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button

from certtui import clipboard, work
from certtui.screens.copy_text import clear_later, terminal_writer
from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText
from certtui.widgets.tick import Tick

if TYPE_CHECKING:
    from certtui.clipboard import CopyResult
    from certtui.model.secret import Secret
    from certtui.screens.base import Place


class ShowPassword(Dialog[bool]):
    """Answers whether the person has the password: it is written down, which they say, or copied.

    Nothing is written before one of the two. The password lives in this dialog alone and is gone with it.
    """

    DEFAULT_CSS = "ShowPassword #password { margin: 1 0; text-style: bold; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "Copy", show=False)]

    def __init__(self, screen: Place, password: Secret, path: str) -> None:
        super().__init__("The password")
        self._screen = screen
        self._password: Secret | None = password
        self._path = path
        self._copied_it = False

    def body(self) -> ComposeResult:
        yield SafeText(f"It seals {self._path}. It is shown once and not kept anywhere.")
        yield SafeText(self._text(), id="password")
        yield Tick("I noted it")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Copy (y)"), id="copy")
        yield Button(Content("Write"), id="accept", disabled=True)

    def on_mount(self) -> None:
        self.query_one("#copy").focus()

    def on_unmount(self) -> None:
        self._password = None

    def nothing(self) -> bool:
        return False

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "copy":
            event.stop()
            self.action_copy()
        else:
            super().on_button_pressed(event)

    def on_tick_changed(self) -> None:
        self.query_one("#accept", Button).disabled = not self.has_it

    @property
    def has_it(self) -> bool:
        """Whether the person has the password."""
        return self._copied_it or self.query_one(Tick).value

    def accept(self) -> None:
        if self.has_it:
            self.dismiss(True)

    def action_copy(self) -> None:
        """Put it on the clipboard, from which it is cleared after a while."""
        text = self._text()
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
        self._copied_it = True
        button = self.query_one("#accept", Button)
        button.disabled = False
        button.focus()

    def _text(self) -> str:
        return self._password.reveal().decode() if self._password is not None else ""
