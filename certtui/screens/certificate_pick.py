"""Picking certificates of the inventory: filtered by typing, ticked with space."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.model.query import Gone, Query, Sort
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.model.certificate import CertificateRow
    from certtui.screens.base import Place

OFFERED = 200

Told = Callable[["CertificateRow"], str]
"""A few words behind a certificate, "" for none."""


class PickCertificates(Dialog[tuple["CertificateRow", ...]]):
    """Answers the rows that were ticked, or None."""

    DEFAULT_CSS = "PickCertificates ChoiceList { max-height: 10; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False, priority=False)]

    def __init__(
        self,
        screen: Place,
        title: str,
        *,
        label: str,
        command: str = "",
        told: Told | None = None,
        left_out: int | None = None,
    ) -> None:
        """`left_out` is a repository whose own certificates are not offered."""
        super().__init__(title, command=command)
        self._screen = screen
        self._label = label
        self._told = told
        self._left_out = left_out
        self._offered: list[CertificateRow] = []
        self._ticked: dict[int, CertificateRow] = {}

    def body(self) -> ComposeResult:
        yield Labelled("Find", Entry(placeholder="a filter over the inventory: issuer:R11, repository:web", id="find"))
        yield ChoiceList([])
        yield SafeText("", id="none")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(self._label), id="accept")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask()

    def on_choice_list_chosen(self) -> None:
        self.action_turn()

    def action_turn(self) -> None:
        """Tick or untick the line under the cursor."""
        choices = self.query_one(ChoiceList)
        if choices.has_focus and self._offered:
            each = self._offered[choices.cursor]
            if self._ticked.pop(each.id, None) is None:
                self._ticked[each.id] = each
            self.problem("")
            self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(ChoiceList).focus()

    def accept(self) -> None:
        if self._ticked:
            self.dismiss(tuple(self._ticked.values()))
        else:
            self.problem("Tick a certificate with space.")

    # -- what is offered -----------------------------------------------------------------------------------------

    def asked(self, typed: str) -> str:
        """The filter that is asked, from what is typed."""
        return typed

    def _ask(self) -> None:
        query = Query(self.asked(self.query_one("#find", Entry).value.strip()), Sort("name"))
        certificates = self._screen.backend.certificates

        def search() -> list[CertificateRow]:
            listing = certificates.search(query)
            try:
                rows = listing.rows(0, OFFERED)
            finally:
                listing.close()
            return [row for row in rows if not isinstance(row, Gone) and row.not_after is not None]

        work.run(self, search, done=self._found, failed=self._refused, key="search")

    def _found(self, rows: list[CertificateRow]) -> None:
        self._offered = [row for row in rows if self._left_out is None or row.repository_id != self._left_out]
        self.problem("")
        self._lay()
        self.query_one("#none", SafeText).say("" if self._offered else "No certificate here matches.")

    def _refused(self, error: CerttuiError) -> None:
        self.problem(str(error))

    def _lay(self) -> None:
        labels = []
        for each in self._offered:
            mark = "[x]" if each.id in self._ticked else "[ ]"
            told = self._told(each) if self._told else ""
            until = f"until {each.not_after:%Y-%m-%d}" if each.not_after else ""
            labels.append("  ".join(filter(None, (f"{mark} {each.name}", until, told))))
        self.query_one(ChoiceList).offer(labels)
