"""What people do to an order, from the list and from its page alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.order import Order


class ActsOnOrders(Place):
    """Clone and cancel."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def order_id(self) -> int | None:
            """The one that the act is for."""

    def do_order_clone(self) -> None:
        def show(order: Order) -> None:
            from certtui.screens.order_form import OrderFormScreen
            from certtui.screens.order_sending import Aim

            self.app.push_screen(OrderFormScreen(Aim("clone", order)))

        self.with_order(show)

    def do_order_cancel(self) -> None:
        def show(order: Order) -> None:
            from certtui.widgets.dialogs import Confirm

            self.app.push_screen(
                Confirm(
                    f"Cancel the order for {order.row.common_name or order.row.name}",
                    _lost(order),
                    "Cancel the order",
                    danger=True,
                    command=f"certtui order cancel {order.id}",
                ),
                lambda yes: self._cancel(order) if yes else None,
            )

        self.with_order(show)

    def _cancel(self, order: Order) -> None:
        def done(now: Order) -> None:
            self.changed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(
                screen.say, f"The order for {now.row.common_name or now.row.name} is cancelled.", "ok"
            )

        self.work(lambda: self.backend.orders.cancel(order.id, order.version), done=done, to_the_end=True)

    def with_order(self, then: Callable[[Order], object]) -> None:
        """Read the order as it is now, and go on."""
        order_id = self.order_id()
        if order_id is None:
            self.say("There is no order here.", "warn")
            return
        self.work(lambda: self.backend.orders.get(order_id), done=then, key="target")


def _lost(order: Order) -> list[str]:
    row = order.row
    lines = [f"It is {row.status}" + (f", with {row.authority}." if row.authority else ".")]
    lines.append("Its entry leaves the inventory; the order stays in this list, and can be sent again.")
    if order.csr_pem and not order.form.csr:
        lines.append("Its private key stays archived in the store, sealed; it is not destroyed.")
    if row.submitted_at is not None:
        lines.append("The authority was asked already: what it issues all the same will not be taken in.")
    return lines
