"""Giving a resource certificates: its own, or the CAs of its clients, which repositories of CA certificates offer first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button

from certtui.model.filters import quoted
from certtui.model.query import Gone, Query, Sort
from certtui.model.resource import ROLES
from certtui.record import dataclass
from certtui.screens.associate import ROLE_WORDS
from certtui.screens.certificate_pick import PickCertificates
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.labelled import Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.model.certificate import CertificateRow
    from certtui.model.resource import Resource
    from certtui.screens.base import Place

_REPOSITORIES = 100


@dataclass(frozen=True, slots=True)
class CaRepositories:
    """Names of the repositories of CA certificates."""

    names: tuple[str, ...]


def ca_repositories(screen: Place) -> CaRepositories:
    """Those in which CA certificates are filed; in a thread."""
    if screen.backend.capabilities.why_not("repositories.search"):
        return CaRepositories(())
    listing = screen.backend.repositories.search(Query("source:uploaded-ca", Sort("name")))
    try:
        rows = [row for row in listing.rows(0, _REPOSITORIES) if not isinstance(row, Gone)]
    finally:
        listing.close()
    return CaRepositories(tuple(row.name for row in rows if row.certificates))


class GiveDialog(PickCertificates):
    """Ticks certificates in a role; `role` says in which once it was answered."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+n", "widen", show=False)]

    def __init__(self, screen: Place, resource: Resource, cas: CaRepositories) -> None:
        super().__init__(
            screen,
            f"Give {resource.row.name} a certificate",
            label="Associate",
            command=f"certtui associate CERT {resource.row.id} --role ROLE",
            told=lambda row: f"in {row.repository}" if row.repository and self.role == "client-ca" else "",
        )
        self._cas = cas
        self._wide = not cas.names
        self.answered_as = ""
        """The role in which they were ticked."""

    def body(self) -> ComposeResult:
        yield Labelled("As", ChoiceRow([(role, ROLE_WORDS[role]) for role in ROLES], id="role"))
        yield from super().body()
        yield SafeText("", id="which")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("All CA certificates"), id="widen", disabled=True)
        yield Button(Content("Associate"), id="accept")

    @property
    def role(self) -> str:
        return self.query_one("#role", ChoiceRow).value

    def accept(self) -> None:
        self.answered_as = self.role
        super().accept()

    def on_choice_row_changed(self) -> None:
        self._ticked.clear()
        self._lay_which()
        self._ask()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "widen":
            event.stop()
            self.action_widen()
        else:
            super().on_button_pressed(event)

    def action_widen(self) -> None:
        """All CA certificates of the inventory, or those of the repositories again."""
        if self.role == "client-ca" and self._cas.names:
            self._wide = not self._wide
            self._lay_which()
            self._ask()

    def asked(self, typed: str) -> str:
        if self.role != "client-ca":
            return typed
        filed = "" if self._wide else f"repository:{','.join(map(quoted, self._cas.names))}"
        return " ".join(filter(None, ("is:ca", filed, typed)))

    def _lay_which(self) -> None:
        said = ""
        if self.role == "client-ca":
            if not self._cas.names:
                said = "No CA certificate is filed in a repository; these are all of the inventory."
            elif self._wide:
                said = "All CA certificates of the inventory."
            else:
                said = f"CA certificates filed in {', '.join(self._cas.names)}. ctrl+n: all of the inventory."
        self.query_one("#which", SafeText).say(said)
        widen = self.query_one("#widen", Button)
        widen.disabled = self.role != "client-ca" or not self._cas.names
        widen.label = Content("Filed ones" if self._wide and self._cas.names else "All CA certificates")


def give_certificates(screen: Place, resource: Resource, cas: CaRepositories, *, done: Callable[[str], object]) -> None:
    """Ask which, and associate them; `done` gets the sentence of what was done."""
    dialog = GiveDialog(screen, resource, cas)
    resources = screen.backend.resources

    def answered(rows: tuple[CertificateRow, ...] | None) -> None:
        if not rows:
            return
        role = dialog.answered_as

        def act() -> str:
            for row in rows:
                resources.associate(row.id, [resource.row.id], role)
            what = rows[0].name if len(rows) == 1 else f"{len(rows):,} certificates"
            return f"{resource.row.name} uses {what} as {ROLE_WORDS[role]}."

        screen.work(act, done=done, to_the_end=True)

    screen.app.push_screen(dialog, answered)
