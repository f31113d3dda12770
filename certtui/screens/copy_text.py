"""Copying: which field, by what way, and what was really done; a screen to select from where no way works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui import clipboard, work
from certtui.screens.base import Place
from certtui.widgets.dialogs import Choose
from certtui.widgets.fields import FieldView, sentence, text_line

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.clipboard import CopyResult

PREVIEW = 44


def choose_and_copy(screen: Place, fields: Sequence[tuple[str, str]], *, current: int = 0) -> None:
    """Ask which of (label, text) to copy, then copy it; empty ones are left out."""
    offered = [(label, text) for label, text in fields if text]
    if not offered:
        screen.say("There is nothing to copy.", "warn")
        return
    options = [(index, f"{label:<20.20} {_preview(text)}") for index, (label, text) in enumerate(offered)]

    def chosen(index: int | None) -> None:
        if index is not None:
            copy(screen, *offered[index])

    screen.app.push_screen(Choose("Copy", options, current=min(current, len(options) - 1)), chosen)


def copy(screen: Place, label: str, text: str, *, secret: bool = False) -> None:
    """Copy a text as it is and say what was done; a secret is taken back out after the configured time."""
    app = screen.console_app
    write = terminal_writer(screen)
    setting = app.settings.clipboard

    def done(result: CopyResult) -> None:
        if result.way is clipboard.Way.NONE and secret:
            screen.say(f"{label}: {result.sentence} Select it on this screen.", "warn")
            return
        if result.way is clipboard.Way.NONE:
            screen.app.push_screen(SelectYourself(label, text, result.sentence))
            return
        screen.say(f"{label}: {result.sentence}{clear_later(screen, result.clear)}", "ok")

    screen.work(lambda: clipboard.copy(text, write=write, secret=secret, setting=setting), done=done)


def clear_later(screen: Place, clear: Callable[[], str] | None) -> str:
    """Take a copied secret back out after the configured time; the sentence that says so, "" when it stays."""
    app = screen.console_app
    seconds = app.settings.clipboard_clear_seconds
    if clear is None or not seconds:
        return ""

    def said(words: str) -> None:
        if isinstance(app.screen, Place):
            app.screen.say(words)

    # The app owns the timer: the clipboard is cleared although the screen may be gone by then.
    app.set_timer(seconds, lambda: work.run(app, clear, done=said))
    return f" It is taken back out after {seconds:g} seconds."


def terminal_writer(screen: Place) -> Callable[[str], object]:
    """What writes raw text to this terminal, from any thread."""
    driver = screen.app._driver
    # Textual's driver queues what it is given for its own writer thread, so this may be called from any.
    return driver.write if driver is not None else str


def _preview(text: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) > 1:
        return f"{len(lines):,} lines"
    return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"


class SelectYourself(Place):
    """The text alone on the screen, from edge to edge, so that the terminal's own selection takes it."""

    TITLE = "Select it yourself"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "lines")

    def __init__(self, label: str, text: str, why: str) -> None:
        super().__init__()
        self._label = label
        self._text = text
        self._why = why

    def content(self) -> ComposeResult:
        yield FieldView()

    def offers(self, action: Action) -> bool:
        return action.id != "list.open" and super().offers(action)

    def about(self) -> str:
        return self._label

    def ready(self) -> None:
        view = self.query_one(FieldView)
        self.bind_table(view)
        view.show(
            [
                sentence(
                    f"{self._why} Select with the mouse (shift or option held, in most terminals); esc goes back.",
                    "dim",
                ),
                *(text_line(line) for line in self._text.splitlines()),
            ]
        )
        view.focus()
