"""Resetting a repository: what will leave stands above, the risks are ticked off below, and it starts on Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button

from certtui.widgets.dialogs import Dialog
from certtui.widgets.safe_text import SafeText
from certtui.widgets.tick import Tick

if TYPE_CHECKING:
    from certtui.model.repository import ResetPlan

RISKS = "I understand the risks of the reset operation and confirm the operation"


class ResetDialog(Dialog[bool]):
    """Answers True for a reset."""

    DEFAULT_CSS = """
    ResetDialog #plan { max-height: 40vh; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(6)", show=False),
        Binding("pageup", "scroll(-6)", show=False),
    ]

    def __init__(self, plan: ResetPlan) -> None:
        super().__init__(
            f"Reset {plan.name}", danger=True, command=f"certtui repository reset {plan.repository_id} --yes"
        )
        self._plan = plan

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False, id="plan"):
            yield SafeText("\n".join(plan_lines(self._plan)))
        yield Tick(RISKS, id="risks")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Reset"), id="accept", classes="-danger", disabled=True)

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#cancel"))

    def on_tick_changed(self) -> None:
        self.query_one("#accept", Button).disabled = not self.query_one(Tick).value
        self.problem("")

    def accept(self) -> None:
        if self.query_one(Tick).value:
            self.dismiss(True)
        else:
            self.problem("Tick the line above first.")

    def action_scroll(self, lines: int) -> None:
        self.query_one("#plan", VerticalScroll).scroll_relative(y=lines, animate=False)


def plan_lines(plan: ResetPlan) -> list[str]:
    """What a reset would do, in words; raw text."""
    lines = []
    if plan.total:
        what = (
            "1 certificate leaves it and stays" if plan.total == 1 else f"{plan.total:,} certificates leave it and stay"
        )
        lines.append(f"This can't be undone. {what} in the inventory:")
        wide = min(34, max((len(one.name) for one in plan.certificates), default=0))
        lines += [
            f"  {one.name:{wide}}  {f'until {one.not_after:%Y-%m-%d}' if one.not_after else ''}".rstrip()
            for one in plan.certificates
        ]
        if (more := plan.total - len(plan.certificates)) > 0:
            lines.append(f"  and {more:,} more")
    else:
        lines.append("This can't be undone. Nothing is filed there.")
    if plan.ca_name:
        lines.append(f"The CA {plan.ca_name} is free then; what it issues is filed here no more.")
    if plan.policies:
        lines.append(f"Attached no more: {', '.join(plan.policies)}.")
    return lines
