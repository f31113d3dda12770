"""Setting, changing and taking away the passphrase of the store key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.secret import Secret
from certtui.screens.unlock import with_key
from certtui.widgets.dialogs import AskPassword, Choose, Confirm

if TYPE_CHECKING:
    from certtui.model.store import StoreStatus
    from certtui.screens.base import Place


def set_passphrase(screen: Place) -> None:
    """Ask what protects the store key from now on; a locked store is unlocked first."""
    with_key(
        screen, screen.backend.store.status, done=lambda status: _offer(screen, status), why="The store key is needed."
    )


def _offer(screen: Place, status: StoreStatus) -> None:
    if status.locked:
        # `status` itself needs no key, so the lock shows only here.
        from certtui.screens.unlock import unlock

        unlock(screen, then=lambda: set_passphrase(screen), why="The store key is needed.")
        return
    if status.protection != "passphrase":
        _ask_new(screen)
        return
    options = [("change", "Another passphrase"), ("key-file", "No passphrase: back to a key file")]

    def chosen(what: str | None) -> None:
        match what:
            case "change":
                _ask_new(screen)
            case "key-file":
                _back_to_key_file(screen)

    screen.app.push_screen(Choose("Passphrase of the store", options), chosen)


def _ask_new(screen: Place) -> None:
    lines = [
        "The store key is sealed by it (Argon2id). It is asked when a key is needed, and after an idle lock.",
        "There is no way back in without it: keep it where you keep such things.",
    ]

    def typed(passphrase: Secret | None) -> None:
        if passphrase is not None:
            _set(screen, passphrase)

    dialog = AskPassword("Set a passphrase", lines, confirm=True, label="Set", word="passphrase")
    screen.app.push_screen(dialog, typed)


def _back_to_key_file(screen: Place) -> None:
    lines = [
        "The store key goes back into a key file (0600) beside the store.",
        "Whoever can read that file and the store can use every private key.",
    ]

    def answered(answer: bool | None) -> None:
        if answer:
            _set(screen, None)

    screen.app.push_screen(Confirm("Take the passphrase away", lines, "Take away", danger=True), answered)


def _set(screen: Place, passphrase: Secret | None) -> None:
    def done(status: StoreStatus) -> None:
        screen.refresh_frame()
        if status.protection == "passphrase":
            screen.say("The store key is protected by the passphrase now.", "ok")
        else:
            screen.say(f"The store key is in {status.key_file} now.", "ok")

    screen.work(lambda: screen.backend.store.set_passphrase(passphrase), done=done, to_the_end=True)
