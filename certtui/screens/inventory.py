"""The Inventory: every certificate, filtered, sorted, marked, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.model.query import Query, Sort
from certtui.screens.base import Place
from certtui.screens.inventory_columns import COLUMNS
from certtui.widgets.record_table import RecordTable

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.certificate import CertificateRow


class InventoryScreen(Place):
    """The first place. Filter, row, scroll and marks stay while the console runs."""

    PLACE = "inventory"
    TITLE = "Inventory"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "inventory")

    def __init__(self) -> None:
        super().__init__()
        self._listing: Listing[CertificateRow] | None = None
        self._query = Query("", Sort("name"))

    def content(self) -> ComposeResult:
        yield RecordTable(COLUMNS, self._fetch)

    @property
    def table(self) -> RecordTable[CertificateRow]:
        return self.query_one(RecordTable)

    def ready(self) -> None:
        self.bind_table(self.table)
        self.table.focus()
        self.work(lambda: self.backend.certificates.search(self._query), done=self._opened, key="search")

    def _opened(self, listing: Listing[CertificateRow]) -> None:
        self._listing = listing
        self.table.open(listing.total)

    def _fetch(self, start: int, stop: int, generation: int) -> None:
        listing = self._listing
        if listing is not None:
            self.work(lambda: listing.rows(start, stop), done=lambda rows: self.table.deliver(start, rows, generation))

    def on_record_table_opened(self) -> None:
        self.do_list_open()

    def do_list_open(self) -> None:
        row = self.table.current
        if row is None:
            return
        self.open_screen("certtui.screens.certificate:CertificateScreen", row.id)

    def do_certificate_add(self) -> None:
        self.open_screen("certtui.screens.add:AddScreen")

    def do_certificate_import(self) -> None:
        self.open_screen("certtui.screens.bulk:BulkImportScreen")

    def do_list_refresh(self) -> None:
        self.ready()
