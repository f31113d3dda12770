"""Orders on a server: keys and CSRs are made there, and the server asks the authorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import ASKING, asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import Id, upload
from certtui.errors import NotFound
from certtui.model.certificate import NewCertificate
from certtui.model.order import Order, OrderForm, OrderPreview, OrderRow, OrdersOverview, Preflight

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query

TRYING = 240.0
"""Seconds more than usual for a run at a staging server."""


class RemoteOrders:
    """`backend.base_issuing.Orders` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[OrderRow]:
        return open_listing(self._view, "orders", OrderRow, query)

    def overview(self) -> OrdersOverview:
        found: OrdersOverview = self._http.read("/orders/overview", OrdersOverview)
        return found

    def get(self, order_id: int) -> Order:
        found: Order = self._http.read(_path(order_id), Order)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/orders/resolve", Id, reference=asked(reference))
        return found.id

    def preview(self, form: OrderForm) -> OrderPreview:
        found: OrderPreview = self._http.post("/orders/preview", form, OrderPreview)
        return found

    def preflight(self, form: OrderForm) -> Preflight:
        self._view.may_change()
        found: Preflight = self._http.change("POST", "/orders/preflight", form, Preflight, slow=TRYING)
        return found

    def save(self, form: OrderForm) -> Order:
        self._view.may_change()
        found: Order = self._http.change("POST", "/orders", form, Order)
        return found

    def edit(self, order_id: int, version: int, form: OrderForm) -> Order:
        self._view.may_change()
        found: Order = self._http.change("PUT", _path(order_id), form, Order, version=version)
        return found

    def generate(self, order_id: int, version: int) -> Order:
        return self._act(order_id, "generate", version)

    def submit(self, order_id: int, version: int) -> Order:
        return self._act(order_id, "submit", version)

    def complete(self, order_id: int, version: int, new: NewCertificate) -> Order:
        return self._act(order_id, "complete", version, upload(new))

    def look(self, order_id: int) -> Order:
        return self._act(order_id, "look", None)

    def cancel(self, order_id: int, version: int) -> Order:
        return self._act(order_id, "cancel", version)

    def back_to_draft(self, order_id: int, version: int) -> Order:
        return self._act(order_id, "back-to-draft", version)

    def send_again(self, order_id: int, version: int, form: OrderForm) -> Order:
        return self._act(order_id, "send-again", version, form)

    def _act(self, order_id: int, act: str, version: int | None, body: object | None = None) -> Order:
        self._view.may_change()
        path = f"{_path(order_id)}/{act}"
        found: Order = self._http.change("POST", path, body, Order, version=version, slow=ASKING)
        return found


def _path(order_id: int) -> str:
    if order_id < 0:
        raise NotFound(f"There is no order {order_id}.", "`certtui order list` tells what there is.")
    return f"/orders/{order_id}"
