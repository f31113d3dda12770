"""Orders: requests to authorities, and their story."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.certificate import NewCertificate
    from certtui.model.order import Order, OrderForm, OrderPreview, OrderRow, OrdersOverview
    from certtui.model.query import Query


class LocalOrders:
    """`backend.base_issuing.Orders` on the local store."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[OrderRow]:
        raise NotImplementedError

    def overview(self) -> OrdersOverview:
        raise NotImplementedError

    def get(self, order_id: int) -> Order:
        raise NotImplementedError

    def resolve(self, reference: str) -> int:
        raise NotImplementedError

    def preview(self, form: OrderForm) -> OrderPreview:
        raise NotImplementedError

    def save(self, form: OrderForm) -> Order:
        raise NotImplementedError

    def edit(self, order_id: int, version: int, form: OrderForm) -> Order:
        raise NotImplementedError

    def generate(self, order_id: int, version: int) -> Order:
        raise NotImplementedError

    def submit(self, order_id: int, version: int) -> Order:
        raise NotImplementedError

    def complete(self, order_id: int, version: int, new: NewCertificate) -> Order:
        raise NotImplementedError

    def look(self, order_id: int) -> Order:
        raise NotImplementedError

    def cancel(self, order_id: int, version: int) -> Order:
        raise NotImplementedError

    def back_to_draft(self, order_id: int, version: int) -> Order:
        raise NotImplementedError

    def send_again(self, order_id: int, version: int, form: OrderForm) -> Order:
        raise NotImplementedError
