"""Choosing what goes into a container: a certificate whose key is here, or stored secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError
from certtui.model.filters import quoted
from certtui.model.query import Gone, Query, Sort
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.certificate import CertificateRow
    from certtui.model.stored_secret import StoredSecretRow
    from certtui.screens.base import Place

OFFERED = 100
Choice = tuple[int, str]
"""Id and name."""


class _ChooseRow(Dialog[Choice]):
    """A line to filter by, and a list under it. Answers (id, name)."""

    DEFAULT_CSS = "_ChooseRow ChoiceList { max-height: 10; margin-top: 1; }"
    PLACEHOLDER = ""

    def __init__(self, screen: Place, title: str, says: str, *, command: str = "") -> None:
        super().__init__(title, command=command)
        self._screen = screen
        self._says = says
        self._offered: list[tuple[int, str, str]] = []
        """Id, name and line."""

    def rows(self, typed: str) -> list[tuple[int, str, str]]:
        """What is offered for a filter; in a thread."""
        raise NotImplementedError

    def nothing_there(self, typed: str) -> str:
        """The sentence of an empty list."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield SafeText(self._says)
        yield Labelled("Find", Entry(placeholder=self.PLACEHOLDER, id="find"))
        yield ChoiceList([])
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Choose"), id="accept")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._ask()

    def submitted(self, field: Input) -> None:
        self.query_one(ChoiceList).focus()

    def on_choice_list_chosen(self) -> None:
        self.accept()

    def accept(self) -> None:
        if self._offered:
            number, name, _ = self._offered[self.query_one(ChoiceList).cursor]
            self.dismiss((number, name))

    def _ask(self) -> None:
        typed = self.query_one("#find", Entry).value.strip()
        work.run(
            self,
            lambda: self.rows(typed),
            done=lambda found: self._found(found, typed),
            failed=self._refused,
            key="search",
        )

    def _found(self, offered: list[tuple[int, str, str]], typed: str) -> None:
        self._offered = offered
        self.query_one(ChoiceList).offer([line for _, _, line in offered])
        self.problem("" if offered else self.nothing_there(typed))
        self.query_one("#accept", Button).disabled = not offered

    def _refused(self, error: CerttuiError) -> None:
        self.problem(str(error))


class ChooseCertificate(_ChooseRow):
    """An entry of the inventory whose key is here; those with the names of another one first."""

    PLACEHOLDER = "a filter over the inventory"

    def __init__(self, screen: Place, title: str, says: str, *, command: str = "", like_id: int | None = None) -> None:
        super().__init__(screen, title, says, command=command)
        self._like_id = like_id

    def rows(self, typed: str) -> list[tuple[int, str, str]]:
        found = with_keys(self._screen.backend, typed, self._like_id)
        return [(row.id, row.name, _certificate_line(row)) for row in found]

    def nothing_there(self, typed: str) -> str:
        if typed:
            return "No certificate with its key here matches."
        if self._like_id is not None:
            return "There is no other certificate whose key is here."
        return "There is no certificate whose key is here: add or order one first."


class ChooseSecret(_ChooseRow):
    """A stored secret of one of these types, none for all."""

    PLACEHOLDER = "a name, or type:passphrase"

    def __init__(self, screen: Place, part: str, types: Sequence[str] = ()) -> None:
        super().__init__(screen, "Which stored secret", f"It becomes the part {part}." if part else "As another part.")
        self._types = tuple(types)

    def rows(self, typed: str) -> list[tuple[int, str, str]]:
        text = f"{typed} type:{','.join(self._types)}".strip() if self._types else typed
        listing = self._screen.backend.secrets.search(Query(text, Sort("name")))
        try:
            rows = listing.rows(0, OFFERED)
        finally:
            listing.close()
        return [(row.id, row.name, _secret_line(row)) for row in rows if not isinstance(row, Gone)]

    def nothing_there(self, typed: str) -> str:
        what = f"secret of the type {' or '.join(self._types)}" if self._types else "secret"
        return f"No stored {what} matches." if typed else f"There is no stored {what}: store it first."


def with_keys(backend: Backend, typed: str, like_id: int | None) -> list[CertificateRow]:
    """Entries whose key is here: with the names of `like_id` first, then the newest; in a thread."""
    queries = [Query(f"{typed} has:key".strip(), Sort("created", descending=True))]
    if like_id is not None and not typed:
        like = backend.certificates.get(like_id)
        name = next((san.removeprefix("DNS:") for san in like.sans if san.startswith("DNS:")), like.row.common_name)
        if name:
            queries.insert(0, Query(f"san:{quoted(name)} has:key", Sort("not_after", descending=True)))
    found: dict[int, CertificateRow] = {}
    for query in queries:
        listing = backend.certificates.search(query)
        try:
            rows = listing.rows(0, OFFERED)
        finally:
            listing.close()
        for row in rows:
            if not isinstance(row, Gone) and row.id != like_id and row.not_after is not None:
                found.setdefault(row.id, row)
    return list(found.values())[:OFFERED]


def _certificate_line(row: CertificateRow) -> str:
    ends = f"until {row.not_after:%Y-%m-%d}" if row.not_after else ""
    return f"{row.name}  {row.common_name if row.common_name != row.name else ''}  {ends}  {row.status}"


def _secret_line(row: StoredSecretRow) -> str:
    ends = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else ""
    return "  ".join(filter(None, (row.name, row.type, row.algorithm, ends)))
