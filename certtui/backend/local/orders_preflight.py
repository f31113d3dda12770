"""Trying a form at its authority's staging server; the inventory hears nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.orders_preview import findings, meaning
from certtui.errors import Conflict, Invalid
from certtui.model.authority import CheckedLine
from certtui.model.order import OrderForm, Preflight

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore


def preflight(store: OpenStore, form: OrderForm) -> Preflight:
    """See `Orders.preflight`."""
    store.require_writable()
    meant = meaning(store, form)
    if meant.row is None or meant.authority is None:
        raise Invalid("The order names no authority.", "Choose whom to ask.", field="authority")
    if meant.problems:
        raise Invalid(meant.problems[0], "It can't be tried as it is.")
    if why := meant.authority.capabilities.why_no_preflight:
        raise Conflict(f"There is no staging server to try it at. {why}")
    store.store_key()
    lines = [
        CheckedLine(each.policy_name, False, each.message) for each in findings(store, meant) if each.outcome == "hard"
    ] or list(meant.authority.rehearse(meant.request))
    ok = all(line.ok for line in lines)
    with store.changing() as change:
        event = events.AUTHORITY_PREFLIGHT if ok else events.AUTHORITY_PREFLIGHT_FAILED
        # Whose names they are is nobody's business who sees the authority.
        change.record(event, "authority", meant.row.id, meant.row.name, {"names": len(meant.request.sans)})
    return Preflight(ok, tuple(lines))
