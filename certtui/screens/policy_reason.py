"""What a policy says to whoever wants to do something: a refusal to read, or a question why.

    def refused(self, error):
        if not stopped_by_policy(self, error, again=self._again, cancelled=self.resume):
            super().refused(error)

`again` gets the reason and does the same once more with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui.errors import CerttuiError, PolicyRefused, ReasonNeeded
from certtui.widgets.dialogs import Dialog, Message
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from textual.screen import Screen

    from certtui.model.policy import PolicyFinding

_LONGEST = 1_000


class ReasonDialog(Dialog[str]):
    """The findings, and one line why it may pass all the same. Answers the reason, or None."""

    def __init__(self, findings: Sequence[PolicyFinding], *, label: str = "Go on", reason: str = "") -> None:
        super().__init__("Why may it pass?")
        self._findings = tuple(findings)
        self._label = label
        self._reason = reason

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield SafeText("\n".join(finding_lines(self._findings)))
        yield Labelled("Why", Entry(self._reason, id="reason"))
        yield SafeText("It is kept in the audit log with your name.", classes="command")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(self._label), id="accept")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")

    def accept(self) -> None:
        reason = self.query_one("#reason", Entry).value.strip()
        if not reason:
            self.problem("Say why.")
            self.query_one("#reason", Entry).focus()
        elif len(reason) > _LONGEST:
            self.problem(f"That is too long: {_LONGEST} characters are the limit.")
        else:
            self.dismiss(reason)


def finding_lines(findings: Sequence[PolicyFinding]) -> list[str]:
    """Findings by policy: its name and own words, then each sentence; what is waived says so."""
    lines: list[str] = []
    before = None
    for each in findings:
        if each.policy_id != before:
            before = each.policy_id
            if lines:
                lines.append("")
            lines.append(f"{each.policy_name} ({each.outcome})")
            if each.description:
                lines.append(f"  {each.description}")
        waived = "" if each.waiver_id is None else f"  (waived, waiver {each.waiver_id})"
        lines.append(f"  - {each.message}{waived}")
    return lines


def stopped_by_policy(
    screen: Screen[Any],  # Any: whatever it answers
    error: CerttuiError,
    *,
    again: Callable[[str], object],
    cancelled: Callable[[], object],
    label: str = "Go on",
) -> bool:
    """Deal with what a policy said: whether that is what the error was."""
    if isinstance(error, PolicyRefused):

        def read(_: None) -> None:
            cancelled()

        lines = finding_lines(error.findings) or [error.message]
        screen.app.push_screen(Message("A policy refuses this", [*lines, "", error.hint]), read)
        return True
    if isinstance(error, ReasonNeeded):

        def answered(reason: str | None) -> None:
            if reason:
                again(reason)
            else:
                cancelled()

        screen.app.push_screen(ReasonDialog(error.findings, label=label), answered)
        return True
    return False
