"""Putting a form where it belongs, and on from there: a new order, a changed one, one sent again. Called in threads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.order import CSR_FIELDS, Order, OrderForm, OrderStatus
from certtui.screens.order_words import unsent

if TYPE_CHECKING:
    from certtui.backend.base_issuing import Orders
    from certtui.model.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Aim:
    """What a form is for: `new`, `clone` (of `order`), `edit` (it), `again` (send it again), `renew` (`certificate`)."""

    kind: str = "new"
    order: Order | None = None
    certificate: Certificate | None = None


class Sending:
    """The order that a form is becoming. A try that fails half-way goes on where it was, never a second time."""

    def __init__(self, orders: Orders, aim: Aim) -> None:
        self._orders = orders
        self._aim = aim
        self.order: Order | None = aim.order if aim.kind == "edit" else None

    def keep(self, form: OrderForm) -> Order:
        """As a draft, or, with an uploaded CSR, pending."""
        order = self.order
        if order is not None:
            if _differs(order, form):
                order = self._orders.edit(order.id, order.version, form)
        elif self._aim.kind == "again" and self._aim.order is not None:
            order = self._orders.send_again(self._aim.order.id, self._aim.order.version, form)
        else:
            order = self._orders.save(form)
            if order.row.status is OrderStatus.DRAFT and _differs(order, form):
                # Its mark was there: an earlier try was saved, and its answer lost.
                order = self._orders.edit(order.id, order.version, form)
        self.order = order
        return order

    def generate(self, form: OrderForm) -> Order:
        """With key and CSR; no authority is asked."""
        order = self.keep(form)
        if order.row.status is not OrderStatus.DRAFT:
            return order
        return self._on(order, self._orders.generate)

    def submit(self, form: OrderForm) -> Order:
        """Sent to its authority, unless it was already."""
        order = self.keep(form)
        return self._on(order, self._orders.submit) if unsent(order.row) else order

    def _on(self, order: Order, act: Callable[[int, int], Order]) -> Order:
        try:
            self.order = act(order.id, order.version)
        except CerttuiError:
            # The try itself may have moved it on (its CSR made, say): the next one starts from there.
            with contextlib.suppress(CerttuiError):
                self.order = self._orders.get(order.id)
            raise
        return self.order


def _differs(order: Order, form: OrderForm) -> bool:
    before = order.form
    if order.row.status is not OrderStatus.DRAFT:
        form = replace(form, **{name: getattr(before, name) for name in CSR_FIELDS})
    return replace(form, reference=before.reference) != before
