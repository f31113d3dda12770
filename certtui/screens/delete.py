"""Deleting: the dialog names what goes, lists what uses it, and asks for both the tick and the typing where they matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui.screens.container_words import consumer_lines
from certtui.text import shown
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry
from certtui.widgets.safe_text import SafeText
from certtui.widgets.tick import Tick

if TYPE_CHECKING:
    from certtui.model.certificate import BulkOutcome, Certificate, CertificateRow
    from certtui.model.consumer import ContainerRef

LISTED = 6


@dataclass(frozen=True, slots=True)
class Deletion:
    """What would be deleted: words for the dialog, and what has to be typed ("" for nothing)."""

    title: str
    lines: tuple[str, ...]
    associations: int
    """Associations that would go with it; more than 0 asks for the tick."""
    associated: int
    """Certificates that have associations."""
    expected: str
    command: str
    several: bool = False
    label: str = "Delete"
    """The word on the button."""
    tick: str = ""
    """What the tick says."""
    unticked: str = "It is in use; tick the line above to dissociate it first."
    """What is said while it is not ticked."""


class DeleteDialog(Dialog[bool]):
    """Answers whether associations are to be dissolved (True or False), or None for no deletion."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(6)", show=False),
        Binding("pageup", "scroll(-6)", show=False),
    ]

    def __init__(self, deletion: Deletion) -> None:
        super().__init__(deletion.title, danger=True, command=deletion.command)
        self._deletion = deletion

    def body(self) -> ComposeResult:
        deletion = self._deletion
        with VerticalScroll(can_focus=False):
            yield SafeText("\n".join(deletion.lines))
        if deletion.associations:
            yield Tick(deletion.tick, id="dissociate")
        if deletion.expected:
            yield SafeText(f"Type  {deletion.expected}", classes="expected")
            yield Entry(id="typed")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(self._deletion.label), id="accept", classes="-danger", disabled=True)

    def on_mount(self) -> None:
        self._lay()
        self.query_one("#cancel").focus()

    def on_tick_changed(self) -> None:
        # What was typed confirmed another deletion than the one it is now.
        for entry in self.query("#typed").results(Entry):
            entry.value = ""
        self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._lay()

    def action_scroll(self, lines: int) -> None:
        """What uses it may be more than the dialog has room for."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    @property
    def dissociate(self) -> bool:
        return any(tick.value for tick in self.query(Tick))

    def accept(self) -> None:
        if self._missing():
            self.problem(self._missing())
        else:
            self.dismiss(self.dissociate)

    def _lay(self) -> None:
        self.problem("")
        self.query_one("#accept", Button).disabled = bool(self._missing())

    def _missing(self) -> str:
        deletion = self._deletion
        # Of several, those that nothing uses can go without the tick; the others are skipped then.
        if deletion.associations and not deletion.several and not self.dissociate:
            return deletion.unticked
        if deletion.expected:
            typed = self.query_one("#typed", Entry).value.strip()
            if typed not in (deletion.expected, shown(deletion.expected)):
                return "That is not what is asked for."
        return ""


def deletion_of(certificate: Certificate) -> Deletion:
    """The deletion of one: resources and consumers are listed; a key, or a use, asks for the name to be typed."""
    row, resources, consumers = certificate.row, certificate.resources, certificate.consumers
    lines = [f"{row.name} goes from the inventory."]
    if row.has_private_key:
        lines.append("Its private key is destroyed with it. This can't be undone, unless a copy is kept elsewhere.")
    else:
        lines.append("This can't be undone: a copy can be added again, as a new entry.")
    lines += [_without_it(each) for each in certificate.containers]
    if resources:
        lines += ["", "These use it:"]
        shown = len(resources) if consumers else LISTED
        lines += [f"  {each.name}  {each.type}  {each.endpoint}".rstrip() for each in resources[:shown]]
        if len(resources) > shown:
            lines.append(f"  and {len(resources) - shown} more")
    if consumers:
        lines += ["", "These consumers fetch it:", *consumer_lines(consumers, certificate.containers)]
    count = len(resources) + len(consumers)
    command = f"certtui delete {row.id}" + (" --dissociate" if resources else "")
    expected = row.name if row.has_private_key or count else ""
    return Deletion(
        f"Delete {row.name}",
        tuple(lines),
        count,
        min(1, count),
        expected,
        command,
        tick=_tick_of_one(len(resources), len(consumers)),
        unticked="It is in use; tick the line above once you have seen by what.",
    )


def _without_it(container: ContainerRef) -> str:
    return f"! The container {container.name} gives nothing out then, until it is updated to another certificate."


def _tick_of_one(resources: int, consumers: int) -> str:
    what = "this resource" if resources == 1 else f"these {resources} resources"
    whom = "This consumer" if consumers == 1 else f"These {consumers} consumers"
    if not consumers:
        return f"Dissociate it from {what}"
    if not resources:
        return f"{whom} may fetch in vain from now on"
    return f"Dissociate it from {what}; {whom[0].lower()}{whom[1:]} may fetch in vain from now on"


def deletion_of_many(count: int, rows: Sequence[CertificateRow], fetched: frozenset[int] = frozenset()) -> Deletion:
    """The deletion of several; `rows` are those that were looked at, consumers fetch those in `fetched`. The number is to be typed."""
    keys = sum(row.has_private_key for row in rows)
    used = [row for row in rows if row.resource_count]
    uses = sum(row.resource_count for row in used)
    names = ", ".join(row.name for row in rows[:LISTED])
    if count > LISTED:
        names += f", and {count - LISTED:,} more"
    lines = [f"{count:,} certificates go from the inventory: {names}.", "This can't be undone."]
    if keys:
        lines.append(f"{keys:,} of them have their private key here; it is destroyed with them.")
    if used:
        lines += ["", f"{len(used):,} {'is' if len(used) == 1 else 'are'} in use:"]
        lines += [f"  {row.name}  by {row.resource_count} resource{_s(row.resource_count)}" for row in used[:LISTED]]
        if len(used) > LISTED:
            lines.append(f"  and {len(used) - LISTED:,} more")
    kept = [row.name for row in rows if row.id in fetched]
    if kept:
        more = f" and {len(kept) - LISTED:,} more" if len(kept) > LISTED else ""
        lines += [
            "",
            f"! Consumers fetch {', '.join(kept[:LISTED])}{more}: skipped here. Delete such a one by itself, where each consumer is shown.",
        ]
    return Deletion(
        f"Delete {count:,} certificates",
        tuple(lines),
        uses,
        len(used),
        str(count),
        "certtui delete ID …",
        several=True,
        tick=_tick_of_many(len(used)),
    )


def outcome_lines(outcome: BulkOutcome, done: str, names: dict[int, str]) -> list[str]:
    """What became of a bulk act: how many, and which were skipped with the reason of each."""
    lines = [f"{done} {len(outcome.done):,}, skipped {len(outcome.skipped):,}."]
    if outcome.skipped:
        lines.append("")
        lines += [f"{names.get(row_id, f'id {row_id}')}: {reason}" for row_id, reason in outcome.skipped[:200]]
        if len(outcome.skipped) > 200:
            lines.append(f"and {len(outcome.skipped) - 200:,} more")
    return lines


def _tick_of_many(used: int) -> str:
    if used == 1:
        return "Delete the one in use too, and dissociate it; otherwise it is skipped"
    return f"Delete those {used:,} too, and dissociate them; otherwise they are skipped"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
