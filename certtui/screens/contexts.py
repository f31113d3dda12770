"""Choosing another context inside the console: `:ctx`, or from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import switching
from certtui.errors import CerttuiError
from certtui.model.secret import Secret
from certtui.widgets.dialogs import Choose, Dialog
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.screens.base import Place
    from certtui.switching import Choice


def choose_context(screen: Place) -> None:
    """Offer the contexts of the configuration; the chosen one is opened, and one stays at the same place."""
    app = screen.console_app
    if app.jobs.titled():
        screen.say(f"{app.jobs.titled()[0]} is still running; another context waits for it.", "warn")
        return
    choices = app.contexts.choices() if app.contexts else ()
    if not choices:
        screen.say("There are no other contexts. `certtui context add` makes one.")
        return
    now = app.backend.info.name if app.backend else ""
    width = max(len(each.name) for each in choices)
    labels = [
        (each, f"{each.name:<{width}}  {each.place}{', open now' if each.name == now else ''}") for each in choices
    ]
    current = next((index for index, each in enumerate(choices) if each.name == now), 0)

    def chosen(choice: Choice | None) -> None:
        if choice is None:
            return
        if choice.asks_token:
            app.push_screen(TokenDialog(choice.name), lambda token: _open(screen, choice, token) if token else None)
        else:
            _open(screen, choice, None)

    app.push_screen(Choose("Context", labels, current=current, command="certtui --context NAME"), chosen)


def _open(screen: Place, choice: Choice, token: Secret | None) -> None:
    app = screen.console_app
    assert app.contexts is not None, "it was chosen from them"  # noqa: S101
    screen.say(f"Opening {choice.name}.")
    try:
        opener = app.contexts.opener(choice.name, token)
    except CerttuiError as error:
        screen.fail(error)
        return
    switching.switch(app, opener, failed=screen.fail)


class TokenDialog(Dialog[Secret]):
    """Asks for the token of a context that has it nowhere else."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Open {name}")
        self._name = name

    def body(self) -> ComposeResult:
        yield SafeText(f"The token for {self._name}. It is kept until you leave, and nowhere else.")
        yield Input(password=True, id="token", placeholder="token")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Open"), id="accept")

    def accept(self) -> None:
        typed = self.query_one("#token", Input).value.strip()
        if not typed:
            self.problem("Type the token.")
            return
        self.dismiss(Secret(typed))
