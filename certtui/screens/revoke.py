"""Revoking: what breaks stands above, a random code has to be typed below, and it starts on Cancel."""

from __future__ import annotations

import shlex
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui import confirm_code
from certtui.errors import CerttuiError
from certtui.model.revocation import (
    RevocationForm,
    RevocationReason,
    invalidity_from,
    renewed_after,
    require_possible,
    warning_of,
)
from certtui.screens.container_words import consumer_lines
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog, as_typed
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.clock import Clock
    from certtui.model.certificate import Certificate
    from certtui.model.revocation_plan import RevocationPlan

NONE, ORDERED = "none", "ordered"
SUCCESSOR = ((NONE, "none"), (ORDERED, "is ordered at once, with a new key"))
REASONS = tuple((reason.value, reason.value) for reason in RevocationReason)


class First(Enum):
    """What can be done before revoking: the word on the button, "" for no button."""

    REPLACE = "Replace first"
    ORDER = "Order one first"
    NOTHING = ""


class RevokeDialog(Dialog[RevocationForm | First]):
    """Answers what is to be told of the revocation, or what is to be done first, or None."""

    DEFAULT_CSS = """
    RevokeDialog #plan { max-height: 37vh; margin-bottom: 1; }
    RevokeDialog #meaning { margin-left: 13; color: $certtui-dim; }
    RevokeDialog #plan:focus { background: $panel; }
    RevokeDialog #code SafeText { text-style: bold; color: $foreground; }
    RevokeDialog .command { margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(6)", show=False),
        Binding("pageup", "scroll(-6)", show=False),
    ]

    def __init__(
        self,
        certificate: Certificate,
        plan: RevocationPlan,
        *,
        clock: Clock,
        first: First = First.NOTHING,
    ) -> None:
        super().__init__(f"Revoke {plan.name}", danger=True)
        self._clock = clock
        self._plan = plan
        self._first = first
        self._is_ca = certificate.x509 is not None and certificate.x509.is_ca
        self._not_before = certificate.row.not_before
        self._code = confirm_code.new()
        self._chosen = False

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False, id="plan"):
            yield SafeText("\n".join(plan_lines(self._plan)))
        yield Labelled("Reason", ChoiceRow(REASONS, id="reason"))
        yield SafeText("", id="meaning")
        if not self._plan.why_no_renewal:
            yield Labelled("Successor", ChoiceRow(SUCCESSOR, id="successor"))
        yield Labelled("Bad since", Entry(placeholder="perhaps a day in UTC: 2026-11-20 14:30", id="since"))
        yield Labelled(
            confirm_code.spaced(self._code), Entry(placeholder="type these six digits", id="typed"), id="code"
        )
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        if self._first is not First.NOTHING:
            yield Button(Content(self._first.value), id="first")
        yield Button(Content("Revoke"), id="accept", classes="-danger", disabled=True)

    def on_mount(self) -> None:
        self._lay()
        self.set_focus(self.query_one("#cancel"))

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def reason(self) -> RevocationReason:
        return RevocationReason(self.query_one("#reason", ChoiceRow).value)

    @property
    def _suggested(self) -> bool:
        """Whether the reason suggests a successor."""
        return renewed_after(self.reason, renews_itself=self._plan.renews_itself)

    @property
    def renew(self) -> bool | None:
        """Whether one is to be ordered; None where there can be none."""
        return None if self._plan.why_no_renewal else self.query_one("#successor", ChoiceRow).value == ORDERED

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        if not self._plan.why_no_renewal:
            row = self.query_one("#successor", ChoiceRow)
            if event.row is row:
                # Chosen by hand; or laid by the reason, which it then says as well.
                self._chosen = (row.value == ORDERED) is not self._suggested
            elif not self._chosen:
                row.value = ORDERED if self._suggested else NONE
        self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._lay()

    def _lay(self) -> None:
        reason = self.reason
        warning = warning_of(reason, is_ca=self._is_ca)
        self.query_one("#meaning", SafeText).say(warning or reason.meaning)
        self.problem(self._wrong_date())
        self.query_one("#accept", Button).disabled = not self._fits()
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, self._command_line())}")

    def _fits(self) -> bool:
        return confirm_code.fits(self.query_one("#typed", Entry).value, self._code)

    def _wrong_date(self) -> str:
        typed = self.query_one("#since", Entry)
        try:
            self._invalidity()
        except CerttuiError as error:
            # While it is being typed it is no date yet.
            return "" if typed.has_focus else str(error)
        return ""

    def _invalidity(self) -> datetime | None:
        """The date that was typed. Raises `Invalid`."""
        invalidity = invalidity_from(self.query_one("#since", Entry).value)
        if invalidity is not None:
            require_possible(invalidity, self._not_before, self._clock.now())
        return invalidity

    def _command_line(self) -> str:
        words = ["certtui", "revoke", str(self._plan.certificate_id)]
        if self.reason is not RevocationReason.UNSPECIFIED:
            words += ["--reason", self.reason.value]
        since = self.query_one("#since", Entry).value.strip()
        if since:
            words += ["--invalidity-date", since]
        if self.renew is not None and self.renew is not self._suggested:
            words.append("--renew" if self.renew else "--no-renew")
        return shlex.join([*words, "--yes", "--serial", self._plan.serial_number])

    # -- acts ----------------------------------------------------------------------------------------------------

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "first":
            event.stop()
            self.dismiss(self._first)
        else:
            super().on_button_pressed(event)

    def submitted(self, field: Input) -> None:
        if field.id == "typed" and self._fits():
            # Enter behind the last digit is one key too near to it: it goes to the button and asks for one more.
            self.query_one("#accept", Button).focus()
        else:
            self.accept()

    def accept(self) -> None:
        try:
            invalidity = self._invalidity()
        except CerttuiError as error:
            self.problem(str(error))
            self.query_one("#since", Entry).focus()
            return
        if not self._fits():
            self.problem("These are not the six digits.")
            self.query_one("#typed", Entry).focus()
            return
        self.dismiss(RevocationForm(self._plan.serial_number, self.reason, invalidity, self.renew))

    def action_scroll(self, lines: int) -> None:
        self.query_one("#plan", VerticalScroll).scroll_relative(y=lines, animate=False)


def plan_lines(plan: RevocationPlan) -> list[str]:
    """What revoking would break, in words; raw text."""
    lines = []
    if plan.resources:
        lines.append("This can't be undone. These will break:")
        names = max(len(one.name) for one in plan.resources)
        kinds = max(len(one.type) for one in plan.resources)
        lines += [
            f"  {one.name:{min(names, 24)}}  {one.type:{min(kinds, 16)}}  {one.endpoint}".rstrip()
            + ("  as client-ca" if one.role == "client-ca" else "")
            for one in plan.resources
        ]
    elif plan.consumers:
        lines.append("This can't be undone. No resource is known to use it.")
    else:
        lines.append("This can't be undone. Nothing is known here to use it.")
    if plan.consumers:
        lines += ["These consumers fetch it:", *consumer_lines(plan.consumers)]
    lines += [f"! {warning}" for warning in plan.warnings]
    lines += [plan.replacement, plan.authority]
    others = [member for member in plan.lineage if member.relation != "this"]
    if others:
        named = ", ".join(f"{member.name} ({member.relation}, {member.status})" for member in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        lines.append(f"Lineage: {named}{more}.")
    return lines
