"""The place Authorities: who issues, as configured here (CA profiles); the CAs of the built-in PKI are a key away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.model.authority import AuthorityRow
from certtui.model.query import Query, Sort
from certtui.screens.authority_acts import ActsOnAuthorities
from certtui.screens.list_place import ListPlace
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field


def _state(row: AuthorityRow) -> Cell:
    return Cell("enabled", "ok") if row.enabled else Cell("x disabled", "dim")


def _test(row: AuthorityRow) -> Cell:
    if row.tested_at is None:
        return Cell("not yet", "dim")
    return Cell(f"ok {row.tested_at:%m-%d}", "ok") if row.test_ok else Cell(f"! failed {row.tested_at:%m-%d}", "bad")


COLUMNS: tuple[Column[AuthorityRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column("type", "Type", 11, lambda row: Cell(row.type.title), priority=2, sort="type"),
    Column("enabled", "State", 10, _state, priority=1, sort="enabled"),
    Column("summary", "By", 16, lambda row: Cell(row.summary), priority=3, flex=2, most=60),
    Column(
        "orders", "Open", 4, lambda row: Cell(str(row.open_orders), "" if row.open_orders else "dim"), priority=3, right=True,
    ),
    Column("test", "Test", 14, _test, priority=4, sort="tested"),
    Column("created", "Added", 10, lambda row: Cell(f"{row.created_at:%Y-%m-%d}", "dim"), priority=6, sort="created"),
)  # fmt: skip


class AuthoritiesScreen(ActsOnAuthorities, ListPlace[AuthorityRow]):
    """The list of profiles."""

    PLACE = "authorities"
    KINDS = ("authority", "ca", "order")
    TITLE = "Authorities"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "authorities")
    COLUMNS = COLUMNS
    SORT = Sort("name")
    NOUN = ("authority", "authorities")

    def search(self, query: Query) -> Listing[AuthorityRow]:
        return self.backend.authorities.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_orders import AUTHORITY

        return AUTHORITY

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "No authority yet.",
            "An authority is whom one orders from: a CA of the built-in PKI, one that is asked by ACME, or one elsewhere that signs a CSR.",
            "",
            f"{keys.label('authority.pki')}  the built-in PKI: make a root, and a CA under it that issues",
            f"{keys.label('authority.add')}  adds an authority: Let's Encrypt and others by ACME, a CA that is here, an external one",
        ]

    def why_not(self, action: Action) -> str:
        alone = ("authority.add", "authority.pki")
        acts_on_row = action.id.startswith("authority.") and action.id not in alone
        if acts_on_row and self.is_mounted and self.table.current is None:
            return "There is no row here."
        return super().why_not(action)

    def opened(self, row: AuthorityRow) -> None:
        self.open_screen("certtui.screens.authority_page:AuthorityScreen", row.id)

    def authority_id(self) -> int | None:
        row = self.table.current
        return None if row is None else row.id
