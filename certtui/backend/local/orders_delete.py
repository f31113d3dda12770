"""Entries that are deleted, and the orders that have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.orders_rows import move, open_orders, step, written
from certtui.errors import Conflict
from certtui.model.order import OrderStatus
from certtui.model.order_states import OrderEvent

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable


def ordered_now(change: Change, rows: Sequence[CertificateTable]) -> dict[int, Conflict]:
    """The entries that can't be deleted since an order waits for their certificate, and what to say."""
    return {
        entry_id: Conflict(
            f"Order {row.id} for {row.name} is {row.status} and will fill this entry.", "Cancel the order instead."
        )
        for entry_id, row in _orders(change, rows).items()
        if row.status != OrderStatus.DRAFT.value
    }


def cancel_drafts(store: OpenStore, change: Change, rows: Sequence[CertificateTable]) -> None:
    """The drafts of entries that are about to be deleted end with them."""
    for row in _orders(change, rows).values():
        move(row, OrderEvent.CANCEL)
        row.finished_at = change.now
        row.certificate_id = None
        step(row, change.now, "cancelled", f"Its draft was deleted by {store.actor.name}.")
        change.record(events.ORDER_CANCELLED, "order", row.id, row.name, {"authority": row.authority_name})
        written(change, row)
    change.session.flush()


def _orders(change: Change, rows: Sequence[CertificateTable]) -> dict[int, CertificateOrderTable]:
    return open_orders(change, [row.id for row in rows if row.state])
