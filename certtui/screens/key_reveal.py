"""A revealed private key, on a screen of its own: hidden on leaving, on locking, and after a minute."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.timer import Timer

from certtui.actions import Action
from certtui.clock import rfc3339
from certtui.model.secret import Secret
from certtui.screens.base import Place
from certtui.screens.copy_text import copy
from certtui.widgets.fields import FieldView, blank, sentence, text_line

SHOWN_FOR = 60
"""Seconds until it is hidden again."""


class RevealScreen(Place):
    """Shows one key. Nothing of it outlives the screen, but for what the person copies."""

    TITLE = "Private key"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "lines", "secret")
    # Selecting with the mouse would put the key where this screen can't take it back from.
    ALLOW_SELECT = False

    def __init__(self, name: str, secret: Secret) -> None:
        super().__init__()
        self._of = name
        self._secret: Secret | None = secret
        self._timer: Timer | None = None

    def content(self) -> ComposeResult:
        yield FieldView()

    def offers(self, action: Action) -> bool:
        return action.id != "list.open" and super().offers(action)

    def about(self) -> str:
        return self._of

    def ready(self) -> None:
        view = self.query_one(FieldView)
        self.bind_table(view)
        until = rfc3339(self.console_app.clock.now())[11:19]
        lines = self._secret.reveal().decode("ascii", "replace").splitlines() if self._secret else []
        view.show(
            [
                sentence(f"The private key of {self._of}. Its revealing is in the audit log.", "warn"),
                sentence(f"Shown at {until} UTC, hidden after {SHOWN_FOR} seconds, on leaving and on locking.", "dim"),
                blank(),
                *(text_line(line) for line in lines),
            ]
        )
        view.focus()
        self._timer = self.set_timer(SHOWN_FOR, self.hide_secret)

    def hide_secret(self) -> None:
        """Forget the key and go."""
        self._forget()
        if self.app.screen is self:
            self.app.pop_screen()

    def do_key_copy(self) -> None:
        if self._secret is not None:
            copy(self, "Private key", self._secret.reveal().decode("ascii", "replace"), secret=True)

    def do_key_hide(self) -> None:
        self.hide_secret()

    def do_app_back(self) -> None:
        self.hide_secret()

    def on_screen_suspend(self) -> None:
        """Something lies over it: the key is not left standing there, unless it is the way to select it."""
        if self.is_mounted and self.app.screen is not self:
            self._forget()

    def on_screen_resume(self) -> None:
        if self._secret is None and self._ready:
            self.call_after_refresh(self.hide_secret)

    def on_unmount(self) -> None:
        self._secret = None

    def _forget(self) -> None:
        self._secret = None
        if self._timer is not None:
            self._timer.stop()
        for view in self.query(FieldView):
            view.show([sentence("Hidden.", "dim")])
