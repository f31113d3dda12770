"""The place Orders: requests to authorities, how far each is, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from certtui.model.order import OrderRow, OrderStatus
from certtui.model.query import Query, Sort
from certtui.screens.list_place import ListPlace
from certtui.screens.order_acts import ActsOnOrders
from certtui.screens.orders_columns import COLUMNS, SHOWN
from certtui.screens.orders_pane import OrdersPane
from certtui.widgets.strip_bar import Choice, Pickable, StatusStrip

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.backend.base import Listing
    from certtui.errors import CerttuiError
    from certtui.model.filter_fields import Field
    from certtui.model.order import OrdersOverview

STYLES = {"failed": "bad", "pending": "note", "processing": "note", "complete": "ok"}
SHORT = {"processing": "Proc", "complete": "Done", "cancelled": "Canc", "pending": "Pend"}


class OrdersScreen(ListPlace[OrderRow], ActsOnOrders):
    """The list, the newest order first."""

    PLACE = "orders"
    KINDS = ("order",)
    TITLE = "Orders"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "orders")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("created", descending=True)
    NOUN = ("order", "orders")

    def __init__(self) -> None:
        super().__init__()
        self._overview: OrdersOverview | None = None

    def head(self) -> ComposeResult:
        yield StatusStrip()

    def pane(self) -> ComposeResult:
        yield OrdersPane()

    def search(self, query: Query) -> Listing[OrderRow]:
        return self.backend.orders.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_orders import ORDER

        return ORDER

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        if self._overview is not None and not self._overview.authorities:
            there = "go.authorities" in {action.id for action in keys.actions}
            return [
                "No authority is set up to order from.",
                "An order asks an authority for a certificate: the built-in PKI, one by ACME as Let's Encrypt, or a CA that signs a CSR.",
                self._overview.may_add_authority,
                "",
                *([f"{keys.label('go.authorities')}  go to Authorities, to add one or enable one"] if there else []),
                f"{keys.label('order.new')}  write an order down as a draft meanwhile",
            ]
        return [
            "No order yet.",
            "An order asks an authority for a certificate, and keeps the story: what was asked, what it said, what is next.",
            "",
            f"{keys.label('order.new')}  order a certificate",
            f"{keys.label('order.import')}  order many, from a CSV file",
        ]

    # -- strip, pane ---------------------------------------------------------------------------------------------

    def listed(self) -> None:
        self.work(self.backend.orders.overview, done=self._survey, failed=self._not_surveyed, key="overview")
        self.moved()

    def switched(self) -> None:
        self._overview = None
        super().switched()

    def _not_surveyed(self, error: CerttuiError) -> None:
        if not self.away(error):
            self.fail(error)

    def _survey(self, overview: OrdersOverview) -> None:
        self._overview = overview
        self._everything = sum(overview.counts.values())
        self._lay_strip()
        self.lay_count()
        self.refresh_frame()
        if self.table.total == 0:
            self._lay_state()

    def _lay_strip(self) -> None:
        if self._overview is None:
            return
        text, counts = self.query_now.text, self._overview.counts
        self.query_one(StatusStrip).offer(
            [
                Choice(
                    status.value.capitalize(),
                    counts.get(status.value, 0),
                    f"status:{status}",
                    STYLES.get(status.value, ""),
                    _has(text, f"status:{status}", self.fields()),
                    SHORT.get(status.value, ""),
                )
                for status in OrderStatus
            ]
        )

    def on_pickable_picked(self, event: Pickable.Picked) -> None:
        from certtui.model.filter_edit import toggled
        from certtui.model.filters import FilterError

        try:
            self.filter_to(toggled(self.query_now.text, event.choice.filter, self.fields()))
        except FilterError:
            self.filter_to(event.choice.filter)

    def filter_to(self, text: str, *, anchor: int | None = None) -> None:
        super().filter_to(text, anchor=anchor)
        self._lay_strip()

    def do_orders_strip(self) -> None:
        self.set_focus(self.query_one(StatusStrip))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.moved)  # the pane may be seen now

    def moved(self) -> None:
        if self.size.width >= 100 and self.console_app.backend is not None:
            self.query_one(OrdersPane).follow(self.backend, self.table.current)

    # -- acts ----------------------------------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        row = self.table.current if self.is_mounted else None
        if action.id == "order.certificate" and self._overview is not None and not self._overview.counts.get("pending"):
            return "No order waits."
        if action.id == "order.cancel" and row is not None and not row.status.open:
            return f"It is {row.status}."
        return super().why_not(action)

    def offers(self, action: Action) -> bool:
        if action.id == "order.certificate" and self._overview is not None and not self._overview.counts.get("pending"):
            return False  # the key line has room for what can be done
        return super().offers(action)

    def opened(self, row: OrderRow) -> None:
        self.open_screen("certtui.screens.order_page:OrderScreen", row.id)

    def order_id(self) -> int | None:
        row = self.table.current
        return None if row is None else row.id

    def ordered(self, order_id: int) -> None:
        """A form that lay over this screen made this order."""
        self.next_row = order_id

    def do_order_certificate(self) -> None:
        """It finds its order by the public key."""
        self.open_screen("certtui.screens.order_certificate:OrderCertificateScreen")

    def do_order_new(self) -> None:
        self.open_screen("certtui.screens.order_form:OrderFormScreen")

    def do_order_import(self) -> None:
        self.open_screen("certtui.screens.order_many:OrderManyScreen")


def _has(text: str, addition: str, fields: Mapping[str, Field]) -> bool:
    if not text:
        return False
    from certtui.model.filter_edit import has_terms
    from certtui.model.filters import FilterError

    try:
        return has_terms(text, addition, fields)
    except FilterError:
        return False
