"""The dialog of a waiver: for which entries, until when, who answers for it, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Invalid
from certtui.model.policy import Policy, PolicyWaiver, WaiverForm
from certtui.model.policy_json import day_of
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.screens.base import Place

_DAYS = 90


class WaiveDialog(Dialog[PolicyWaiver]):
    """Answers the waiver that was made, or None."""

    def __init__(self, screen: Place, policy: Policy, *, entry: str = "") -> None:
        command = f"certtui policy waive {policy.id} --owner O --reason TEXT --until DAYS --names PATTERN"
        super().__init__(f"Waive {policy.name}", command=command)
        self._backend = screen.backend
        self._policy = policy
        self._entry = entry
        self._owner = screen.backend.info.actor.name
        self._until = f"{screen.console_app.clock.now() + timedelta(days=_DAYS):%Y-%m-%d}"
        self._busy = False

    def body(self) -> ComposeResult:
        yield Labelled("Names", Entry(placeholder="old.example.com, .legacy.example.com", id="names"))
        yield Labelled("or entries", Entry(self._entry, placeholder="old-*", id="entry"))
        yield Labelled("Until", Entry(self._until, id="expires_at"))
        yield Labelled("Owner", Entry(self._owner, id="owner"))
        yield Labelled("Why", Entry(id="reason"))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Waive"), id="accept")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")

    def accept(self) -> None:
        if self._busy:
            return
        typed = {each.id or "": each.value.strip() for each in self.query(Entry)}
        try:
            until = day_of(typed["expires_at"])
        except ValueError:
            self._refused(Invalid("This is no day.", "Write it as 2027-03-15.", field="expires_at"))
            return
        form = WaiverForm(
            policy_id=self._policy.id,
            owner=typed["owner"],
            reason=typed["reason"],
            expires_at=until,
            entry=typed["entry"],
            names=tuple(typed["names"].replace(",", " ").split()),
        )
        self._busy = True
        work.run(self, lambda: self._backend.policies.waive(form), done=self.dismiss, failed=self._refused)

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        self.problem(str(error))
        field = getattr(error, "field", "")
        if field and self.query(f"#{field}"):
            self.query_one(f"#{field}").focus()
