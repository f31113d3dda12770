"""The page of one repository: what it takes, how it stands, and what is filed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.clock import rfc3339
from certtui.model.filters import quoted
from certtui.model.query import Gone, Query, Sort
from certtui.model.repository import DataSource, RepositoryState
from certtui.screens.certificate_life import STATUS_STYLE
from certtui.screens.certificate_overview import STATUS_SIGN
from certtui.screens.page import LinesPage
from certtui.screens.repository_acts import ActsOnRepositories
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.errors import CerttuiError
    from certtui.model.certificate import CertificateRow
    from certtui.model.repository import Repository, RepositoryRow

LISTED = 200
"""Certificates that the page names; the inventory shows them all."""

TAKES = {
    DataSource.UPLOADED: "It takes any certificate that is uploaded: self-signed, of third parties.",
    DataSource.UPLOADED_CA: "It takes CA certificates whose chain is complete.",
    DataSource.PRIVATE: "It takes what {ca} issued; what that CA issues is filed here by itself.",
    DataSource.COMPLIANT: "It takes what {ca} issued and the policies below let pass; they hold before that CA signs.",
}


class RepositoryScreen(ActsOnRepositories, LinesPage):
    """Opened by id; enter on a certificate, a CA or a policy goes on to it."""

    TITLE = "Repository"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "repository")

    def __init__(self, repository_id: int) -> None:
        super().__init__()
        self._key = repository_id
        self._repository: Repository | None = None
        self._rows: dict[int, CertificateRow] = {}

    def about(self) -> str:
        return self._repository.name if self._repository else ""

    def repository_row(self) -> RepositoryRow | None:
        return self._repository.row if self._repository else None

    def changed(self) -> None:
        self.load()

    def made(self, certificate_id: int) -> None:
        """The form that lay over it enabled it."""
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def filed_here(self) -> CertificateRow | None:
        """The certificate under the cursor."""
        item = self.view.current if self.is_mounted else None
        target = item.target if item is not None else None
        return self._rows.get(target[1]) if target is not None and target[0] == "certificate" else None

    def load(self) -> None:
        self.work(self._read, done=lambda both: self._loaded(*both), failed=self._failed, key="get")

    def _read(self) -> tuple[Repository, Sequence[CertificateRow]]:
        repository = self.backend.repositories.get(self._key)
        if not repository.row.certificates:
            return repository, ()
        listing = self.backend.certificates.search(Query(f"repository:{quoted(repository.name)}", Sort("name")))
        try:
            rows = listing.rows(0, LISTED)
        finally:
            listing.close()
        # Another group's repository may be called the same.
        return repository, [row for row in rows if not isinstance(row, Gone) and row.repository_id == self._key]

    def _failed(self, error: CerttuiError) -> None:
        self._repository = None
        self.cannot(error)

    def _loaded(self, repository: Repository, rows: Sequence[CertificateRow]) -> None:
        again = self._repository is not None
        self._repository = repository
        self._rows = {each.id: each for each in rows}
        row = repository.row
        items = [
            self._state(row),
            blank(),
            Item("Name", row.name),
            Item("Data source", row.data_source.label if row.data_source else "none: choose one anew"),
            Item("State", row.state.value, "warn" if row.state is RepositoryState.RESET else ""),
        ]
        if row.ca_id is not None:
            items.append(Item("CA", row.ca_name, target=("ca", row.ca_id)))
        items += [
            Item("Group", row.business_group or "none: shared by all", copies=row.business_group),
            Item("Created", f"{rfc3339(row.created_at)} by {row.created_by}", copies=rfc3339(row.created_at)),
            Item("Changed", rfc3339(repository.updated_at)),
        ]
        if repository.policies:
            items += [blank(), heading("Policies that are attached")]
            items += [
                Item(one.outcome, one.name, copies=one.name, target=("policy", one.id)) for one in repository.policies
            ]
        items += [blank(), heading(f"Certificates ({row.certificates:,})"), *self._certificates(row, rows)]
        self.show(items, keep=again)

    def _state(self, row: RepositoryRow) -> Item:
        keys = self.console_app.keys
        if row.data_source is None:
            return sentence(
                f"It was reset: nothing is filed here. {keys.label('repository.enable')} enables it with a data source "
                f"chosen anew, {keys.label('repository.delete')} deletes it.",
                "warn",
            )
        return sentence(TAKES[row.data_source].format(ca=row.ca_name or "its CA"), "ok")

    def _certificates(self, row: RepositoryRow, rows: Sequence[CertificateRow]) -> list[Item]:
        if not rows:
            key = self.console_app.keys.label("repository.put-in")
            said = "None." if row.data_source is None else f"None yet. {key} puts certificates in."
            return [sentence(said, "dim")]
        items = [self._certificate(each) for each in rows]
        if (more := row.certificates - len(rows)) > 0:
            key = self.console_app.keys.label("repository.list")
            items.append(sentence(f"and {more:,} more: {key} shows them all in the inventory", "dim"))
        return items

    def _certificate(self, each: CertificateRow) -> Item:
        until = f"  until {each.not_after:%Y-%m-%d} ({each.days_remaining}d)" if each.not_after else ""
        text = f"{each.name}  {STATUS_SIGN.get(each.status, '')}{each.status}{until}"
        style = STATUS_STYLE.get(each.status, "")
        return Item(each.business_group or "-", text, style, copies=each.name, target=("certificate", each.id))
