"""Locking and unlocking: the dialog that comes when a key is needed, and the act that goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Locked
from certtui.model.secret import Secret
from certtui.widgets.dialogs import Confirm, Dialog
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.screens.base import Place

T = TypeVar("T")


def with_key(
    screen: Place,
    func: Callable[[], T],
    *,
    done: Callable[[T], object],
    failed: Callable[[CerttuiError], object] | None = None,
    cancelled: Callable[[], object] | None = None,
    needs_key: bool = True,
    why: str = "A private key is needed.",
) -> None:
    """Run `func` in a thread; when the store is locked, unlock it first and then go on with the same act.

    Someone who cancels the unlocking has cancelled the act: `cancelled` hears of it, nothing is said. Without `needs_key`
    it is tried first, since it may need no key at all.
    """

    def run() -> None:
        screen.work(func, done=done, failed=refused)

    def refused(error: CerttuiError) -> None:
        if isinstance(error, Locked):
            unlock(screen, then=run, cancelled=cancelled, why=why)
        else:
            (failed or screen.fail)(error)

    if needs_key and screen.backend.store.locked:
        unlock(screen, then=run, cancelled=cancelled, why=why)
    else:
        run()


def unlock(
    screen: Place,
    *,
    then: Callable[[], object] | None = None,
    cancelled: Callable[[], object] | None = None,
    why: str = "",
) -> None:
    """Ask for the passphrase (or, with only a key file, for a yes) and unlock; `then` runs once it is open."""
    store = screen.backend.store
    if not store.locked:
        if then is not None:
            then()
        else:
            screen.say("The store is unlocked already.")
        return

    def opened(answer: bool | None) -> None:
        screen.refresh_frame()
        if not answer:
            if cancelled is not None:
                cancelled()
            return
        if then is not None:
            then()
        else:
            screen.say("The store is unlocked.", "ok")

    def ask(protection: str) -> None:
        if protection == "passphrase":
            screen.app.push_screen(UnlockDialog(screen, why), opened)
            return
        lines = [line for line in (why, "The store is locked. Its key file opens it, no passphrase is set.") if line]
        screen.app.push_screen(Confirm("Unlock the store", lines, "Unlock"), read_key_file)

    def read_key_file(answer: bool | None) -> None:
        if not answer:
            opened(False)
            return
        screen.work(lambda: store.unlock(Secret(b"")), done=lambda _: opened(True), failed=refused)

    def refused(error: CerttuiError) -> None:
        opened(False)
        screen.fail(error)

    screen.work(lambda: store.status().protection, done=ask)


def lock(screen: Place) -> None:
    """Forget the store key now; revealed keys go from the screen."""
    store = screen.backend.store
    if store.locked:
        screen.say("The store is locked already.")
        return

    def done(_: None) -> None:
        hide_secrets(screen)
        screen.refresh_frame()
        screen.say("Locked: lists work, keys do not until it is unlocked.")

    screen.work(store.lock, done=done)


def hide_secrets(screen: Place) -> None:
    """Take every revealed key off the screens that lie above or below this one."""
    for other in screen.app.screen_stack:
        hide = getattr(other, "hide_secret", None)
        if hide is not None:
            hide()


class UnlockDialog(Dialog[bool]):
    """Asks for the passphrase until it fits or is given up; answers whether the store is open."""

    def __init__(self, screen: Place, why: str = "") -> None:
        super().__init__("Unlock the store")
        self._store = screen.backend.store
        self._why = why
        self._busy = False

    def body(self) -> ComposeResult:
        yield SafeText(f"{self._why} The store is locked by a passphrase.".strip())
        yield Input(password=True, id="passphrase", placeholder="passphrase")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Unlock"), id="accept")

    def nothing(self) -> bool:
        return False

    def accept(self) -> None:
        typed = self.query_one("#passphrase", Input)
        if self._busy:
            return
        if not typed.value:
            self.problem("Type the passphrase.")
            return
        passphrase = Secret(typed.value)
        self._busy = True
        self.problem("Opening; this takes a moment by design.")
        work.run(self, lambda: self._store.unlock(passphrase), done=lambda _: self.dismiss(True), failed=self._refused)

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        typed = self.query_one("#passphrase", Input)
        typed.value = ""
        typed.focus()
        self.problem(str(error))
