"""Picking certificates that are filed in a repository: found by typing, ticked with space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.model.filters import quoted
from certtui.model.query import Gone, Query, Sort
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.model.repository import RepositoryRow
    from certtui.screens.base import Place

OFFERED = 200


class Picked(NamedTuple):
    """One certificate, as far as a form has to know it."""

    id: int
    name: str
    key_algorithm: str
    facts: str = ""


class PickFiled(Dialog[tuple[Picked, ...]]):
    """Answers those that are ticked; of one alone, the line that was taken."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]

    def __init__(
        self,
        screen: Place,
        repository: RepositoryRow,
        title: str,
        picked: Sequence[Picked] = (),
        *,
        several: bool,
        with_key: bool,
    ) -> None:
        super().__init__(title)
        self._certificates = screen.backend.certificates
        self._repository_id = repository.id
        self._condition = f"repository:{quoted(repository.name)}{' has:key' if with_key else ''}"
        self._several = several
        self._offered: list[Picked] = []
        self._ticked = {each.id: each for each in picked} if several else {}

    def body(self) -> ComposeResult:
        yield Labelled("Find", Entry(placeholder="name, key:rsa-*, days>30", id="find"))
        yield ChoiceList([])
        yield SafeText("", id="none")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Take these" if self._several else "Take it"), id="accept")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask()

    def action_turn(self) -> None:
        """Tick or untick the line under the cursor; where one is wanted, take it."""
        choices = self.query_one(ChoiceList)
        if not choices.has_focus or not self._offered:
            return
        each = self._offered[choices.cursor]
        if not self._several:
            self.dismiss((each,))
        elif self._ticked.pop(each.id, None) is None:
            self._ticked[each.id] = each
        self.problem("")
        self._lay()

    def on_choice_list_chosen(self) -> None:
        self.action_turn()

    def on_input_changed(self) -> None:
        self._ask()

    def submitted(self, field: Input) -> None:
        """Enter after typing: where one is wanted, it is the first line."""
        if self._several:
            self.query_one(ChoiceList).focus()
        else:
            self.accept()

    def accept(self) -> None:
        if not self._several and self._offered:
            self.dismiss((self._offered[self.query_one(ChoiceList).cursor],))
        elif self._ticked:
            self.dismiss(tuple(self._ticked.values()))
        else:
            self.problem("Tick a certificate with space.")

    def _ask(self) -> None:
        typed = self._typed()
        query = Query(f"{self._condition} {typed}".strip(), Sort("name"))
        certificates, repository_id = self._certificates, self._repository_id

        def search() -> list[Picked]:
            listing = certificates.search(query)
            try:
                rows = [row for row in listing.rows(0, OFFERED) if not isinstance(row, Gone)]
            finally:
                listing.close()
            # Another group's repository may be called the same.
            return [
                Picked(row.id, row.name, row.key_algorithm, f"{row.key_algorithm}  {row.status}")
                for row in rows
                if row.repository_id == repository_id
            ]

        work.run(self, search, done=self._found, failed=self._refused, key="search")

    def _found(self, offered: list[Picked]) -> None:
        self._offered = offered
        self.problem("")
        self._lay()
        nothing = "No certificate matches." if self._typed() else "No certificate is filed there that could be used."
        self.query_one("#none", SafeText).say("" if offered else nothing)

    def _refused(self, error: CerttuiError) -> None:
        self.problem(str(error))

    def _typed(self) -> str:
        return self.query_one("#find", Entry).value.strip()

    def _lay(self) -> None:
        labels = []
        for each in self._offered:
            mark = ("[x] " if each.id in self._ticked else "[ ] ") if self._several else ""
            labels.append(f"{mark}{each.name}  {each.facts}")
        self.query_one(ChoiceList).offer(labels)
