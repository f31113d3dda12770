"""Stored secrets: kept beside certificates as parts of containers. A list that one enters from Containers; payloads are never in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.model.query import Query, Sort
from certtui.model.stored_secret import StoredSecretRow
from certtui.screens.list_place import ListPlace
from certtui.screens.secret_acts import ActsOnSecrets
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certtui.actions import Action
    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field


def _left(row: StoredSecretRow) -> Cell:
    days = row.days_remaining
    if days is None:
        return Cell("-", "dim")
    return Cell(f"{days:,}d" if days > -10_000 else f"{days}d", "bad" if days < 0 else "warn" if days < 30 else "")


def _status(row: StoredSecretRow) -> Cell:
    days = row.days_remaining
    if days is None or days >= 0:
        return Cell("  good")
    return Cell("x expired", "bad")


COLUMNS: tuple[Column[StoredSecretRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column("type", "Type", 11, lambda row: Cell(row.type), priority=1, sort="type"),
    Column("algorithm", "Algorithm", 9, lambda row: Cell(row.algorithm or "-"), priority=3, sort="algorithm"),
    Column("status", "Status", 9, _status, priority=4),
    Column("left", "Left", 6, _left, priority=2, right=True, sort="expires"),
    Column(
        "containers", "Used", 4, lambda row: Cell(f"{row.container_count}", "" if row.container_count else "dim"),
        priority=2, right=True,
    ),
    Column("size", "Octets", 6, lambda row: Cell(f"{row.size:,}"), priority=5, right=True, sort="size"),
    Column("group", "Group", 10, lambda row: Cell(row.business_group or "-"), priority=6, flex=1, most=24),
    Column("created_by", "Stored by", 9, lambda row: Cell(row.created_by, "dim"), priority=7, flex=1, most=24),
    Column("created", "Stored", 10, lambda row: Cell(f"{row.created_at:%Y-%m-%d}", "dim"), priority=8, sort="created"),
    Column("description", "Description", 16, lambda row: Cell(row.description, "dim"), priority=9, flex=2, most=60),
)  # fmt: skip

SHOWN = ("name", "type", "algorithm", "status", "left", "containers", "size", "group", "created_by", "created")


class StoredSecretsScreen(ListPlace[StoredSecretRow], ActsOnSecrets):
    """The list; `esc` goes back to where one came from."""

    PLACE = "secrets"
    KINDS = ("secret", "container")
    TITLE = "Stored secrets"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "secrets")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("name")
    NOUN = ("secret", "secrets")

    def search(self, query: Query) -> Listing[StoredSecretRow]:
        return self.backend.secrets.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_fields import STORED_SECRET

        return STORED_SECRET

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "No secret is stored yet.",
            "Passphrases, keys and whatever else belongs beside certificates, sealed.",
            "What is in one is never shown: it comes out only as a part of a container.",
            "",
            f"{keys.label('secret.add')}  stores one, from a file or typed",
            f"{keys.label('app.back')}  back to the containers",
        ]

    def opened(self, row: StoredSecretRow) -> None:
        self.open_screen("certtui.screens.secrets_page:StoredSecretScreen", row.id)

    def secret_row(self) -> StoredSecretRow | None:
        return self.table.current

    def made(self, certificate_id: int) -> None:
        """The form that lay over this list stored it."""
        self.next_row = certificate_id

    def do_secret_add(self) -> None:
        self.open_screen("certtui.screens.secret_form:SecretFormScreen")

    # -- it lies over a place, and is none -----------------------------------------------------------------------

    def key_line_acts(self) -> list[Action]:
        acts = super().key_line_acts()
        return [*acts, self.console_app.keys.get("app.back")]

    def do_app_back(self) -> None:
        on_list = self.focused is self.table or self.has_class("-state")
        if on_list and not self.query_now.text and len(self.app.screen_stack) > 1:
            if self.listing is not None:
                # Nobody comes back to this list: what it holds open is let go.
                listing, self.listing = self.listing, None
                self.work(listing.close, done=lambda _: None, key="close")
            self.app.pop_screen()
            return
        super().do_app_back()
