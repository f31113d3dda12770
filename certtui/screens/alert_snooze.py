"""Until when an alert is to be quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui.model.alert_words import MORNING, time_of
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText


def choices(now: datetime) -> list[tuple[datetime, str]]:
    """The times one mostly wants, with their words."""
    tomorrow = (now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0)
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=MORNING, minute=0, second=0)
    named = [
        (now + timedelta(hours=1), "1 hour"),
        (now + timedelta(hours=4), "4 hours"),
        (tomorrow, "until tomorrow"),
        (monday, "until Monday"),
        (now + timedelta(days=7), "7 days"),
    ]
    return [(until, f"{words:<15} {until:%a %Y-%m-%d %H:%M} UTC") for until, words in named]


class SnoozeDialog(Dialog[datetime]):
    """Answers an instant, or None."""

    def __init__(self, what: str, now: datetime, ids: str) -> None:
        super().__init__(f"Snooze {what}", command=f"certtui alert snooze {ids} --until DATE")
        self._now = now
        self._choices = choices(now)

    def body(self) -> ComposeResult:
        yield SafeText("It comes back then, or earlier if it becomes more urgent.")
        yield ChoiceList([label for _, label in self._choices])
        yield Input(placeholder="or type: 2027-03-15, 2027-03-15 14:30, 3d, 12h", id="until")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Snooze"), id="accept")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(ChoiceList))

    def on_choice_list_chosen(self) -> None:
        self.dismiss(self._choices[self.query_one(ChoiceList).cursor][0])

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")

    def accept(self) -> None:
        typed = self.query_one("#until", Input).value
        if not typed.strip():
            self.dismiss(self._choices[self.query_one(ChoiceList).cursor][0])
            return
        until = time_of(typed, self._now)
        if until is None:
            self.problem("That is no time. Write 2027-03-15, 2027-03-15 14:30, 3d or 12h; times are UTC.")
        elif until <= self._now:
            self.problem("That is in the past.")
        else:
            self.dismiss(until)
