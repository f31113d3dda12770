"""One order with everything that its page shows."""

from __future__ import annotations

from sqlite3 import Row
from typing import TYPE_CHECKING

from certtui.authorities.base import Request
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.certificate_values import instant, split
from certtui.backend.local.containers_rows import ref_of_order
from certtui.backend.local.orders_form import form_of, shown_form
from certtui.backend.local.orders_rows import findings_of
from certtui.backend.local.page import csr_pem
from certtui.backend.local.read.orders import full_row, listed, steps_of
from certtui.clock import from_epoch
from certtui.errors import CerttuiError
from certtui.model.order import Order, OrderError, OrderForm, OrderStatus
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore


def order_page(store: OpenStore, order_id: int) -> Order:
    """Everything of one order. Raises `NotFound`."""
    now = store.clock.now()
    with store.readers.use() as connection:
        connection.execute("BEGIN")
        row = full_row(connection, order_id)
        form = shown_form(form_of(row["form"], row["reference"]), row["status"], split(row["sans"]))
        again = connection.execute("SELECT id FROM certificate_order WHERE again_of = ?", (order_id,)).fetchone()
        ref = ref_of_order(connection, row["certificate_id"])
        (archived,) = connection.execute("SELECT count(*) FROM archived_key WHERE order_id = ?", (order_id,)).fetchone()
        connection.execute("ROLLBACK")
    shown = listed(row, now)
    return Order(
        row=shown,
        form=form,
        csr_pem=csr_pem(row["csr"]) if row["csr"] else "",
        steps=steps_of(row["steps"]),
        findings=findings_of(row["findings"]),
        error=OrderError(row["error"], row["error_words"], row["error_hint"]) if row["error"] else None,
        panel=_panel(store, row, form) if shown.status.open else (),
        next=next_words(row, form),
        looks_at=instant(row["due_at"]) if row["status"] in ("pending", "processing") else None,
        key_algorithm=row["key_algorithm"],
        spki_sha256=row["spki_sha256"],
        again_id=again[0] if again else None,
        archived_keys=archived,
        container_ref=ref,
    )


def _panel(store: OpenStore, row: Row, form: OrderForm) -> tuple[PanelLine, ...]:
    if row["authority_id"] is None:
        return ()
    request = None
    if row["csr"] and row["submitted_at"] is not None:
        request = Request(
            order_id=row["id"],
            csr=row["csr"],
            sans=split(row["sans"]),
            common_name=row["common_name"],
            template=form.template,
            days=form.days,
            submitted_at=from_epoch(row["submitted_at"]),
            subject=form.subject,
            key_type=row["key_algorithm"],
        )
    try:
        authority = authority_of(store, row["authority_id"])
        return tuple(authority.panel(request, row["authority_ref"], store.clock.now()))
    except CerttuiError as error:
        return (PanelLine("Authority", error.message, mark="problem"),)


def next_words(row: Row, form: OrderForm) -> str:
    """What to do now, one sentence."""
    match OrderStatus(row["status"]):
        case OrderStatus.DRAFT:
            return "No CSR yet: generate it, or submit the order, which does both."
        case OrderStatus.PENDING if row["submitted_at"] is None and not form.authority:
            return "The CSR is made: choose an authority, then submit the order."
        case OrderStatus.PENDING if row["submitted_at"] is None:
            return f"The CSR is made: submit it to {form.authority}."
        case OrderStatus.PENDING if row["type"] == "external":
            return f"Give the CSR to {row['authority_name']}, and bring its certificate back here."
        case OrderStatus.PENDING if row["type"] == "acme":
            return "What it waits for stands below: it looks for that by itself, and goes on alone."
        case OrderStatus.PENDING:
            return "It waits; the worker looks again by itself."
        case OrderStatus.PROCESSING:
            return f"{row['authority_name']} works on it; the worker looks again by itself."
        case OrderStatus.COMPLETE:
            return "The certificate is here: open it."
        case OrderStatus.FAILED:
            return row["error_hint"] or "Change what was refused, and send it again."
    return "It can be sent again."
