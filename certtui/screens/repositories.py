"""The place Repositories: where certificates are filed, by data source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.model.query import Query, Sort
from certtui.model.repository import RepositoryRow, RepositoryState
from certtui.screens.list_place import ListPlace
from certtui.screens.repository_acts import ActsOnRepositories
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field

COLUMNS: tuple[Column[RepositoryRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column(
        "source", "Data source", 15, lambda row: Cell(source_in_short(row), "" if row.data_source else "dim"),
        priority=2, sort="source",
    ),
    Column(
        "state", "State", 7, lambda row: Cell(row.state.value, "warn" if row.state is RepositoryState.RESET else ""),
        priority=2, sort="state",
    ),
    Column(
        "certificates", "Certs", 5, lambda row: Cell(f"{row.certificates:,}", "" if row.certificates else "dim"),
        priority=2, right=True, sort="certificates",
    ),
    Column("ca", "CA", 12, lambda row: Cell(row.ca_name or "-"), priority=3, flex=1, most=30, sort="ca"),
    Column("created", "Created", 10, lambda row: Cell(f"{row.created_at:%Y-%m-%d}", "dim"), priority=4, sort="created"),
    Column("group", "Group", 10, lambda row: Cell(row.business_group or "all"), priority=5, most=24, sort="group"),
    Column("by", "Created by", 10, lambda row: Cell(row.created_by, "dim"), priority=7, most=20),
)  # fmt: skip


def source_in_short(row: RepositoryRow) -> str:
    """The data source in a few cells."""
    return row.data_source.label.removesuffix(" certificates") if row.data_source else "-"


class RepositoriesScreen(ActsOnRepositories, ListPlace[RepositoryRow]):
    """The list."""

    PLACE = "repositories"
    KINDS = ("repository", "certificate", "ca")
    TITLE = "Repositories"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "repositories")
    COLUMNS = COLUMNS
    SORT = Sort("name")
    NOUN = ("repository", "repositories")

    def search(self, query: Query) -> Listing[RepositoryRow]:
        return self.backend.repositories.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_fields import REPOSITORY

        return REPOSITORY

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "No repository yet.",
            "Certificates are filed in it by where they come from: uploaded ones, CA",
            "certificates with a complete chain, what one CA here issues, the same",
            "under policies. Each is in at most one, and stays in the inventory.",
            "",
            f"{keys.label('repository.create')}  makes the first one",
        ]

    def opened(self, row: RepositoryRow) -> None:
        self.open_screen("certtui.screens.repositories_page:RepositoryScreen", row.id)

    def repository_row(self) -> RepositoryRow | None:
        return self.table.current if self.is_mounted else None

    def made(self, certificate_id: int) -> None:
        """A form that lay over this list made a repository, or enabled one."""
        self.ask(anchor=certificate_id)

    def do_repository_create(self) -> None:
        from certtui.screens.repository_form import open_form

        open_form(self, None)
