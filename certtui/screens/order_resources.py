"""Picking the resources that are to use what an order brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button

from certtui.screens.associate import AssociateDialog, Association
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.screens.base import Place


class PickResources(AssociateDialog):
    """The dialog that associates, for later: nobody is associated before the certificate is here."""

    def __init__(self, screen: Place, picked: Sequence[tuple[int, str]]) -> None:
        super().__init__(screen, "Which resources will use it?", "")
        self._ticked = dict(picked)

    def body(self) -> ComposeResult:
        yield Labelled("Find", Entry(placeholder="name, endpoint, type:load-balancer", id="find"))
        yield ChoiceList([])
        yield SafeText("", id="none")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("New resource"), id="new")
        yield Button(Content("Take these"), id="accept")

    def accept(self) -> None:
        self.dismiss(Association(tuple(self._ticked.items()), "server"))
