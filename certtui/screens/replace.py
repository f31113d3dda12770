"""Update after renewal: pick the new certificate, see which associations move, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, PasswordNeeded
from certtui.model.certificate import Certificate, CertificateRow, ReplacementPlan
from certtui.model.filters import quoted
from certtui.model.query import Gone, Query, Sort
from certtui.screens.replace_file import entry_from_file
from certtui.screens.unlock import with_key
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import AskPassword, Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.secret import Secret
    from certtui.screens.base import Place

OFFERED = 100


class ChooseRenewal(Dialog[int]):
    """Answers the id of the entry that takes the old one's place."""

    DEFAULT_CSS = "ChooseRenewal ChoiceList { max-height: 8; }"

    def __init__(self, screen: Place, old: Certificate) -> None:
        super().__init__(f"Update {old.row.name} after renewal", command=f"certtui replace {old.id} NEW")
        self._screen = screen
        self._old = old
        self._rows: list[CertificateRow] = []
        self._busy = False

    def body(self) -> ComposeResult:
        yield SafeText("Which one takes its place? Newest with the same names first.", id="says")
        yield Labelled("Find", Entry(placeholder="a filter over the inventory", id="find"))
        yield ChoiceList([])
        yield Labelled(
            "or a file", PathField(PathInput(placeholder="the renewed certificate, PFX, PEM or DER", id="file"))
        )
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("See the plan"), id="accept")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")
        if event.input.id == "find":
            self._ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "find":
            self.query_one(ChoiceList).focus()
        else:
            self.accept()

    def on_choice_list_chosen(self) -> None:
        # The list was chosen from, so the list is meant, whatever stands in the line of the file.
        self._take_row()

    def accept(self) -> None:
        if self._busy:
            return
        path = self.query_one("#file", PathInput).value.strip()
        if path:
            self._take_file(path, ())
        else:
            self._take_row()

    def _take_row(self) -> None:
        if not self._rows:
            self.problem("Choose an entry, or name a file.")
            return
        self.dismiss(self._rows[self.query_one(ChoiceList).cursor].id)

    def _take_file(self, path: str, passwords: Sequence[Secret], reason: str = "") -> None:
        inspect = self._screen.console_app.inspect
        if inspect is None:
            return
        backend = self._screen.backend
        self._busy = True
        with_key(
            self._screen,
            lambda: entry_from_file(backend, inspect, path, passwords, self._old, reason),
            done=self.dismiss,
            failed=lambda error: self._not_taken(error, path, passwords),
            cancelled=self._free,
            needs_key=False,
            why="The file has a private key, which the store seals.",
        )

    def _not_taken(self, error: CerttuiError, path: str, passwords: Sequence[Secret]) -> None:
        from certtui.screens.policy_reason import stopped_by_policy

        def again(reason: str) -> None:
            self._take_file(path, passwords, reason)

        self._free()
        if stopped_by_policy(self, error, again=again, cancelled=self._free):
            return
        if not isinstance(error, PasswordNeeded):
            self.problem(str(error))
            return

        def typed(password: Secret | None) -> None:
            if password is not None:
                self._take_file(path, (password,))

        problem = error.message if error.wrong else ""
        self.app.push_screen(AskPassword("Password of the file", [path], problem=problem, allow_empty=True), typed)

    def _free(self) -> None:
        self._busy = False

    def _ask(self) -> None:
        typed = self.query_one("#find", Entry).value.strip()
        backend, old = self._screen.backend, self._old
        work.run(self, lambda: candidates(backend, old, typed), done=self._found, failed=self._refused, key="search")

    def _found(self, rows: list[CertificateRow]) -> None:
        self._rows = rows
        self.problem("")
        self.query_one(ChoiceList).offer([_label(row) for row in rows])
        if not rows:
            self.problem("Nothing else in the inventory matches.")

    def _refused(self, error: CerttuiError) -> None:
        self.problem(str(error))


class PlanDialog(Dialog[bool]):
    """The plan: what moves, what does not and why, what to know first."""

    def __init__(self, old: Certificate, new: Certificate, plan: ReplacementPlan) -> None:
        super().__init__(f"Replace {old.row.name}", command=f"certtui replace {plan.old_id} {plan.new_id}")
        self._lines = plan_lines(old, new, plan)
        self._careful = bool(plan.warnings)

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield SafeText("\n".join(self._lines))

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Replace"), id="accept")

    def on_mount(self) -> None:
        # A warning is to be read before enter does anything.
        self.query_one("#cancel" if self._careful else "#accept").focus()

    def nothing(self) -> bool:
        return False

    def accept(self) -> None:
        self.dismiss(True)


def plan_lines(old: Certificate, new: Certificate, plan: ReplacementPlan) -> list[str]:
    """The plan in words; raw text."""
    lines = [
        f"Old  {old.row.name}, {_until(old.row)}",
        f"New  {new.row.name}, {_until(new.row)}",
        "",
    ]
    lines += [f"! {warning}" for warning in plan.warnings]
    if plan.warnings:
        lines.append("")
    moving = [move for move in plan.moves if move.move]
    staying = [move for move in plan.moves if not move.move]
    if moving:
        lines.append(
            f"{len(moving)} association{'' if len(moving) == 1 else 's'} move{'s' if len(moving) == 1 else ''}:"
        )
        lines += [f"  {each.resource.name}  {each.resource.type}  as {each.resource.role}" for each in moving]
    else:
        lines.append("No association moves.")
    if staying:
        lines.append("These stay as they are:")
        lines += [f"  {each.resource.name}  {each.reason}" for each in staying]
    for held in plan.containers:
        count = held.consumer_count
        consumers = f"; {count} consumer{'' if count == 1 else 's'} get{'s' if count == 1 else ''} it" if count else ""
        lines.append(f"The container {held.name} gives it out as version {held.number + 1}{consumers}.")
    return [*lines, "", "The new one is recorded as the renewal of the old one, which stays in the inventory."]


def candidates(backend: Backend, old: Certificate, typed: str) -> list[CertificateRow]:
    """Entries that could take its place: those with its names first, the newest first, then the rest; in a thread."""
    queries = [Query(typed, Sort("not_after", descending=True))]
    if not typed:
        name = next((san.removeprefix("DNS:") for san in old.sans if san.startswith("DNS:")), old.row.common_name)
        queries = [Query("", Sort("created", descending=True))]
        if name:
            queries.insert(0, Query(f"san:{quoted(name)}", Sort("not_after", descending=True)))
    found: dict[int, CertificateRow] = {}
    for query in queries:
        listing = backend.certificates.search(query)
        try:
            rows = listing.rows(0, OFFERED)
        finally:
            listing.close()
        for row in rows:
            if not isinstance(row, Gone) and row.id != old.id and row.not_after is not None:
                found.setdefault(row.id, row)
    return list(found.values())[:OFFERED]


def _label(row: CertificateRow) -> str:
    key = "key here" if row.has_private_key else "no key"
    return f"{row.name}  {row.common_name or '-'}  {_until(row)}  {key}"


def _until(row: CertificateRow) -> str:
    return f"until {row.not_after:%Y-%m-%d}" if row.not_after else "no certificate"
