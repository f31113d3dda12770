"""An order whose CSR was made elsewhere: it enters pending, and takes over the saved CSR that has its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.access_entries import inside
from certtui.backend.local.cas_guard import ca_names
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_checks import pass_policies
from certtui.backend.local.orders_entry import put_csr, set_entry
from certtui.backend.local.orders_form import request_facts
from certtui.backend.local.orders_rows import move, open_orders, step
from certtui.errors import Conflict
from certtui.model.order import OrderForm
from certtui.model.order_states import OrderEvent
from certtui.model.x509 import CsrFacts

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable


def csr_facts_of(form: OrderForm) -> CsrFacts | None:
    from certtui.pki.facts import csr_facts

    return csr_facts(form.csr) if form.csr else None


def waiting_for(change: Change, facts: CsrFacts) -> CertificateTable | None:
    """The saved CSR with this key, which the order then is for. Raises `Conflict` where another order or a CA has it."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable as Row

    for entry in change.session.exec(
        select(Row).where(Row.state == "pending", Row.has_csr == 1, col(Row.spki_sha256) == facts.spki_sha256)
    ):
        if not inside(change, entry):
            raise Conflict("A request with this key is here already.", "Make another key and CSR.")
        if (ca := ca_names(change, [entry.id]).get(entry.id)) is not None:
            raise Conflict(
                f"This is the CSR of the CA {ca}, which waits for its certificate.",
                "Give the certificate to that CA when it is signed; see `certtui ca complete --help`.",
            )
        order = open_orders(change, [entry.id]).get(entry.id)
        if order is not None:
            raise Conflict(
                f"Order {order.id} for {order.name} has a CSR with this key already.",
                "Open that order, or make another key.",
            )
        return entry
    return None


def take_csr(
    store: OpenStore,
    change: Change,
    row: CertificateOrderTable,
    form: OrderForm,
    facts: CsrFacts,
    entry: CertificateTable,
) -> None:
    """An uploaded CSR makes the order pending at once."""
    from certtui.pki.request import names_of_csr

    move(row, OrderEvent.GENERATE)
    row.csr, row.spki_sha256, row.key_algorithm = facts.der, facts.spki_sha256, facts.key_algorithm
    pass_policies(store, change, row, form, row.name)
    put_csr(change, entry.id, facts.der)
    set_entry(change, entry, request_facts(facts) | names_of(row) | {"state": "pending", "has_csr": 1})
    where = "Its key is here." if entry.has_private_key else "Its key is not here."
    step(row, change.now, "csr", " ".join(["The CSR was uploaded.", where, *names_of_csr(facts.der).notes]))
    change.record(
        events.ORDER_CSR_MADE,
        "order",
        row.id,
        row.name,
        {"certificate": entry.id, "uploaded": True, "spki_sha256": facts.spki_sha256},
    )


def require_free(change: Change, facts: CsrFacts) -> None:
    if (waiting := waiting_for(change, facts)) is not None:
        raise Conflict(f"This CSR is saved here, as {waiting.name}.", "Make a new order with it: it takes that entry.")


def names_of(row: CertificateOrderTable) -> dict[str, object]:
    return {column: getattr(row, column) for column in ("common_name", "san_count", "sans", "domain")}
