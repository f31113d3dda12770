"""The Inventory: every certificate, filtered, sorted, marked, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from certtui.model.query import Query, Sort
from certtui.screens.access_acts import OpensAccess
from certtui.screens.certificate_acts import ActsOnCertificates
from certtui.screens.inventory_columns import COLUMNS, SHOWN
from certtui.screens.inventory_pane import InventoryPane
from certtui.screens.list_place import ListPlace
from certtui.screens.renew import RenewsCertificates
from certtui.widgets.strip_bar import Choice, ExpiryChart, Pickable, StatusStrip

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.base import Listing
    from certtui.errors import CerttuiError
    from certtui.model.certificate import CertificateRow, ExpiryBar, Overview

BUCKET_STYLES = {"expired": "bad", "7d": "bad", "30d": "warn", "90d": "warn", "active": "ok", "error": "bad"}
BUCKET_SHORT = {
    "expired": "Exp", "active": "Act", "not_yet_valid": "Not yet", "revoked": "Rev", "pending": "Pend", "error": "Err",
}  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class InventoryScreen(ListPlace["CertificateRow"], ActsOnCertificates, RenewsCertificates, OpensAccess):
    """The first place."""

    PLACE = "inventory"
    KINDS = ("certificate", "order", "ca", "resource")
    TITLE = "Inventory"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "inventory")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("name")
    NOUN = ("certificate", "certificates")

    def __init__(self) -> None:
        super().__init__()
        self._overview: Overview | None = None

    def head(self) -> ComposeResult:
        yield StatusStrip()
        yield ExpiryChart()

    def pane(self) -> ComposeResult:
        yield InventoryPane()

    def search(self, query: Query) -> Listing[CertificateRow]:
        return self.backend.certificates.search(query)

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "This inventory is empty.",
            "It will show every certificate you own, what expires when, and what uses it.",
            self._where_it_goes(),
            "",
            f"{keys.label('certificate.import')}  import a folder: the places of this system are offered",
            f"{keys.label('certificate.from-server')}  take the certificate of a running server",
            f"{keys.label('certificate.add')}  add one: PFX, certificate and key, or a new CSR",
            f"{keys.label('go.orders')}  order one, from a CA made here or one elsewhere",
            "",
            "certtui --demo  in a shell: look around in one that is full",
        ]

    def _where_it_goes(self) -> str:
        backend = self.console_app.backend
        if backend is not None and backend.info.kind == "remote":
            return f"What you add goes to {backend.info.place}; what you only look at stays here."
        return "Nothing leaves this machine; keys are sealed in the store."

    # -- strip, chart, pane --------------------------------------------------------------------------------------

    def listed(self) -> None:
        self.work(self.backend.certificates.overview, done=self._survey, failed=self._not_surveyed, key="overview")
        self.moved()

    def _not_surveyed(self, error: CerttuiError) -> None:
        if not self.away(error):
            self.fail(error)

    def _survey(self, overview: Overview) -> None:
        self._overview = overview
        self._everything = overview.total
        self._lay_pictures()
        self.lay_count()

    def _lay_pictures(self) -> None:
        if self._overview is None:
            return
        text = self.query_now.text
        self.query_one(StatusStrip).offer(
            [
                Choice(
                    bucket.label,
                    bucket.count,
                    bucket.filter,
                    BUCKET_STYLES.get(bucket.key, ""),
                    _has(text, bucket.filter),
                    BUCKET_SHORT.get(bucket.key, ""),
                )
                for bucket in self._overview.buckets
                if bucket.count or bucket.key not in ("error", "not_yet_valid")
            ]
        )
        self.query_one(ExpiryChart).offer(
            [
                Choice(
                    f"{MONTHS[bar.month - 1]} {bar.year}",
                    bar.count,
                    bar.filter,
                    _month_style(bar, self._overview.as_of),
                    _has(text, bar.filter),
                )
                for bar in self._overview.expiries
            ]
        )

    def on_pickable_picked(self, event: Pickable.Picked) -> None:
        from certtui.model.filter_edit import toggled
        from certtui.model.filters import FilterError

        try:
            self.filter_to(toggled(self.query_now.text, event.choice.filter))
        except FilterError:
            self.filter_to(event.choice.filter)

    def filter_to(self, text: str, *, anchor: int | None = None) -> None:
        super().filter_to(text, anchor=anchor)
        self._lay_pictures()

    def do_inventory_strip(self) -> None:
        self.set_focus(self.query_one(StatusStrip))

    def do_inventory_chart(self) -> None:
        self.set_focus(self.query_one(ExpiryChart))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.moved)  # the pane may be seen now

    def moved(self) -> None:
        pane = self.query_one(InventoryPane)
        if self.size.width >= 100 and self.console_app.backend is not None:
            row = self.table.current
            pane.follow(self.backend, row)

    # -- acts ----------------------------------------------------------------------------------------------------

    def opened(self, row: CertificateRow) -> None:
        self.open_screen("certtui.screens.certificate:CertificateScreen", row.id)

    def made(self, certificate_id: int) -> None:
        self.next_row = certificate_id

    def access_object(self) -> tuple[str, int] | None:
        row = self.table.current
        return None if row is None else ("certificate", row.id)

    def do_certificate_add(self) -> None:
        self.open_screen("certtui.screens.add:AddScreen")

    def do_certificate_import(self) -> None:
        self.open_screen("certtui.screens.bulk:BulkImportScreen")

    def do_certificate_from_server(self) -> None:
        self.open_screen("certtui.screens.server:ServerScreen")

    def do_certificate_match(self) -> None:
        self.open_screen("certtui.screens.match:MatchScreen")


def _month_style(bar: ExpiryBar, now: datetime) -> str:
    """Months burn like the buckets do: what is due within about 90 days stands out."""
    away = (bar.year - now.year) * 12 + bar.month - now.month
    return "bad" if away <= 0 else "warn" if away <= 3 else "note"


def _has(text: str, addition: str) -> bool:
    if not text:
        return False
    from certtui.model.filter_edit import has_terms
    from certtui.model.filters import FilterError

    try:
        return has_terms(text, addition)
    except FilterError:
        return False
