"""Associating and dissociating: which resources use it, with one added on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError
from certtui.model.query import Gone, Query, Sort
from certtui.model.resource import ROLES
from certtui.screens.resource_form import ResourceDialog
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.model.certificate import ResourceRef
    from certtui.model.resource import Resource
    from certtui.screens.base import Place

OFFERED = 200


@dataclass(frozen=True, slots=True)
class Association:
    """The answer: which resources, in what role."""

    resources: tuple[tuple[int, str], ...]
    """(id, name)."""
    role: str


@dataclass(frozen=True, slots=True)
class _Offered:
    id: int
    name: str
    facts: str


class AssociateDialog(Dialog[Association]):
    """Tick resources, filter them by typing, add a new one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", show=False, priority=False),
        Binding("ctrl+n", "new", show=False),
    ]

    def __init__(self, screen: Place, title: str, command: str, already: Sequence[ResourceRef] = ()) -> None:
        super().__init__(title, command=command)
        self._screen = screen
        self._already = {each.id: each.role for each in already}
        self._offered: list[_Offered] = []
        self._ticked: dict[int, str] = {}

    def body(self) -> ComposeResult:
        yield Labelled("Find", Entry(placeholder="name, endpoint, type:load-balancer", id="find"))
        yield ChoiceList([])
        yield SafeText("", id="none")
        yield Labelled("As", ChoiceRow([(role, ROLE_WORDS[role]) for role in ROLES], id="role"))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("New resource"), id="new")
        yield Button(Content("Associate"), id="accept")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "new":
            event.stop()
            self.action_new()
        else:
            super().on_button_pressed(event)

    def action_new(self) -> None:
        """Add a resource, which is ticked then."""

        def added(resource: Resource | None) -> None:
            if resource is not None:
                self._ticked[resource.row.id] = resource.row.name
                self.query_one("#find", Entry).value = ""
                self._ask()

        self.app.push_screen(ResourceDialog(self._screen), added)

    def action_turn(self) -> None:
        """Tick or untick the line under the cursor."""
        choices = self.query_one(ChoiceList)
        if choices.has_focus and self._offered:
            each = self._offered[choices.cursor]
            if each.id in self._ticked:
                del self._ticked[each.id]
            else:
                self._ticked[each.id] = each.name
            self.problem("")
            self._lay()

    def on_choice_list_chosen(self) -> None:
        self.action_turn()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(ChoiceList).focus()

    def accept(self) -> None:
        if not self._ticked:
            self.problem("Tick a resource with space, or add a new one.")
            return
        self.dismiss(Association(tuple(self._ticked.items()), self.query_one(ChoiceRow).value))

    def _ask(self) -> None:
        query = Query(self.query_one("#find", Entry).value.strip(), Sort("name"))
        resources = self._screen.backend.resources

        def search() -> list[_Offered]:
            listing = resources.search(query)
            try:
                rows = listing.rows(0, OFFERED)
            finally:
                listing.close()
            return [
                _Offered(row.id, row.name, "  ".join(part for part in (row.type, row.endpoint) if part))
                for row in rows
                if not isinstance(row, Gone)
            ]

        work.run(self, search, done=self._found, failed=self._refused, key="search")

    def _found(self, offered: list[_Offered]) -> None:
        self._offered = offered
        self.problem("")
        self._lay()
        empty = "" if offered else "There is no resource yet; add one." if not self._typed() else "No resource matches."
        self.query_one("#none", SafeText).say(empty)

    def _refused(self, error: CerttuiError) -> None:
        self.problem(str(error))

    def _typed(self) -> str:
        return self.query_one("#find", Entry).value.strip()

    def _lay(self) -> None:
        labels = []
        for each in self._offered:
            mark = "[x]" if each.id in self._ticked else "[ ]"
            now = f"  (now {self._already[each.id]})" if each.id in self._already else ""
            labels.append(f"{mark} {each.name}  {each.facts}{now}")
        self.query_one(ChoiceList).offer(labels)


class DissociateDialog(Dialog[tuple[int, ...]]):
    """Tick which resources no longer use it; answers their ids."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]

    def __init__(self, name: str, resources: Sequence[ResourceRef], command: str) -> None:
        super().__init__(f"Dissociate {name}", danger=True, command=command)
        # One line for each resource, in whatever roles it uses it: it is dissociated in all of them.
        self._resources = list({each.id: each for each in resources}.values())
        self._ticked: set[int] = set() if len(self._resources) > 1 else {each.id for each in self._resources}

    def body(self) -> ComposeResult:
        yield SafeText("Which resources no longer use it? Space ticks.")
        yield ChoiceList(self._labels())
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Dissociate"), id="accept", classes="-danger")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def on_choice_list_chosen(self) -> None:
        self.action_turn()

    def action_turn(self) -> None:
        choices = self.query_one(ChoiceList)
        if choices.has_focus:
            self._ticked ^= {self._resources[choices.cursor].id}
            choices.offer(self._labels())
            self.problem("")

    def accept(self) -> None:
        if not self._ticked:
            self.problem("Tick a resource with space.")
            return
        self.dismiss(tuple(each.id for each in self._resources if each.id in self._ticked))

    def _labels(self) -> list[str]:
        return [
            f"{'[x]' if each.id in self._ticked else '[ ]'} {each.name}  {each.type}  {each.endpoint}".rstrip()
            for each in self._resources
        ]


ROLE_WORDS = {"server": "server certificate", "client-ca": "client CA"}
