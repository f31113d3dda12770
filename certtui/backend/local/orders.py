"""Orders: requests to authorities, and their story. `backend.base_issuing.Orders` on the local store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.backend.local.orders_many import Placed
    from certtui.model.certificate import NewCertificate
    from certtui.model.order import Order, OrderForm, OrderPreview, OrderRow, OrdersOverview, Preflight
    from certtui.model.query import Query


class LocalOrders:
    """Every act is in a module of its own (`orders_*`); here they are one noun."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[OrderRow]:
        from certtui.backend.local.read.orders import open_orders_list

        return open_orders_list(self._store.readers, self._store.clock, query)

    def overview(self) -> OrdersOverview:
        from certtui.backend.local.read.orders import orders_overview

        return orders_overview(self._store.readers)

    def get(self, order_id: int) -> Order:
        from certtui.backend.local.orders_page import order_page

        return order_page(self._store, order_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.orders import resolve_order

        return resolve_order(self._store.readers, reference)

    def preview(self, form: OrderForm) -> OrderPreview:
        from certtui.backend.local.orders_preview import preview

        return preview(self._store, form)

    def preflight(self, form: OrderForm) -> Preflight:
        from certtui.backend.local.orders_preflight import preflight

        return preflight(self._store, form)

    def save(self, form: OrderForm) -> Order:
        from certtui.backend.local.orders_make import save

        return self.get(save(self._store, form))

    def edit(self, order_id: int, version: int, form: OrderForm) -> Order:
        from certtui.backend.local.orders_make import edit

        edit(self._store, order_id, version, form)
        return self.get(order_id)

    def generate(self, order_id: int, version: int) -> Order:
        from certtui.backend.local.orders_make import generate

        generate(self._store, order_id, version)
        return self.get(order_id)

    def submit(self, order_id: int, version: int) -> Order:
        from certtui.backend.local.orders_make import generate, is_draft, require_authority
        from certtui.backend.local.orders_send import submit

        if is_draft(self._store, order_id):
            require_authority(self._store, order_id)
            version = generate(self._store, order_id, version, to_send=True)
        submit(self._store, order_id, version)
        return self.get(order_id)

    def place_many(self, forms: Sequence[OrderForm]) -> Sequence[Placed | None]:
        """Beyond the seam, for a file of orders on a store that is here: see `orders_many.place_many`."""
        from certtui.backend.local.orders_many import place_many

        return place_many(self._store, forms)

    def complete(self, order_id: int, version: int, new: NewCertificate) -> Order:
        from certtui.backend.local.orders_arrive import complete

        complete(self._store, order_id, version, new)
        return self.get(order_id)

    def look(self, order_id: int) -> Order:
        from certtui.backend.local.orders_send import look

        look(self._store, order_id)
        return self.get(order_id)

    def cancel(self, order_id: int, version: int) -> Order:
        from certtui.backend.local.orders_make import cancel

        cancel(self._store, order_id, version)
        return self.get(order_id)

    def back_to_draft(self, order_id: int, version: int) -> Order:
        from certtui.backend.local.orders_make import back_to_draft

        back_to_draft(self._store, order_id, version)
        return self.get(order_id)

    def send_again(self, order_id: int, version: int, form: OrderForm) -> Order:
        from certtui.backend.local.orders_make import send_again

        return self.get(send_again(self._store, order_id, version, form))
