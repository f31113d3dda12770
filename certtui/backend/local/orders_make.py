"""Orders until they are sent: saved, edited, given a key and a CSR, taken back, cancelled, sent again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.acls import inherit
from certtui.backend.local.add import seal_keys
from certtui.backend.local.authorities_rows import profile_named
from certtui.backend.local.certificate_values import label_values, split
from certtui.backend.local.entries import as_it_was
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_checks import (
    authority_and_row,
    check_references,
    check_renewal,
    key_type_of,
    pass_policies,
    request_of,
    uploaded,
    with_group,
    without_csr,
)
from certtui.backend.local.orders_csr import csr_facts_of, names_of, require_free, take_csr, waiting_for
from certtui.backend.local.orders_entry import (
    NO_REQUEST,
    archive_key,
    drop_csr,
    entry_of,
    make_entry,
    put_csr,
    remove_entry,
    set_entry,
)
from certtui.backend.local.orders_form import (
    checked_form,
    form_json,
    form_of,
    name_values,
    normalised,
    request_facts,
    shown_form,
)
from certtui.backend.local.orders_kept_key import kept_key
from certtui.backend.local.orders_rows import (
    leased,
    move,
    order_as_seen,
    requester_kind,
    step,
    written,
)
from certtui.clock import from_epoch
from certtui.errors import Conflict, Invalid
from certtui.model.certificate import Labels
from certtui.model.csr import CsrRequest
from certtui.model.order import CSR_FIELDS, OrderForm, OrderStatus
from certtui.model.order_states import SENT_AGAIN_FROM, OrderEvent
from certtui.model.search_text import fold
from certtui.model.x509 import CsrFacts

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable

_ASKED_FIELDS = ("authority", "template", "days", "renews_id")
"""Fields that the authority was asked by: fixed once it was."""


def save(store: OpenStore, form: OrderForm) -> int:
    """A new order, or the one that has the form's reference; answers its id. See `Orders.save`."""
    form = checked_form(form)
    if form.reference and (there := _by_reference(store, form.reference)) is not None:
        return there
    if form.csr:
        form = uploaded(form)
    with store.changing() as change:
        if form.reference and (row := _referenced(change, form.reference)) is not None:
            return row.id
        return _new(store, change, form).id


def _by_reference(store: OpenStore, reference: str) -> int | None:
    with store.readers.use() as connection:
        found = connection.execute("SELECT id FROM certificate_order WHERE reference = ?", (reference,)).fetchone()
    return int(found[0]) if found else None


def _referenced(change: Change, reference: str) -> CertificateOrderTable | None:
    from sqlmodel import select

    from certtui.backend.local.orders_rows import order_inside
    from certtui.backend.local.tables_issuing import CertificateOrderTable as Row

    row = change.session.exec(select(Row).where(Row.reference == reference)).first()
    if row is not None and not order_inside(change, row):
        raise Conflict("This reference belongs to another order already.", "Choose another reference.")
    return row


def _new(
    store: OpenStore, change: Change, form: OrderForm, again: CertificateOrderTable | None = None
) -> CertificateOrderTable:
    """The order's row, with its entry: a new one, that of the order sent again, or that of the saved CSR uploaded."""
    from certtui.backend.local.tables_issuing import CertificateOrderTable

    check_references(change, form)
    facts = csr_facts_of(form)
    waiting = waiting_for(change, facts) if facts is not None else None
    if waiting is not None:
        form = replace(form, labels=_filled(form.labels, waiting))
    common_name, sans = normalised(form)
    form = with_group(change, form, sans, common_name)
    names = name_values(form.labels.name, common_name, sans)
    (row_id,) = change.new_ids("certificate_order", 1)
    row = CertificateOrderTable(
        id=row_id,
        status=OrderStatus.DRAFT.value,
        created_at=change.now,
        updated_at=change.now,
        version=0,
        requester_kind=requester_kind(store.actor),
        requester=store.actor.name,
        reference=form.reference or None,
        again_of=None if again is None else again.id,
    )
    _put_form(change, row, form, common_name, sans)
    change.session.add(row)
    change.session.flush()
    entry = waiting if waiting is not None else _entry_for(change, row, form, again, facts)
    row.certificate_id = entry.id
    if form.renews_id is not None:
        inherit(change, form.renews_id, entry.id)
    if again is None:
        step(row, change.now, "draft", f"Saved by {store.actor.name}.")
    else:
        step(row, change.now, "draft", f"Order {again.id} is sent again by {store.actor.name}.")
    values = label_values(form.labels, names["name"]) | names
    set_entry(change, entry, values | {"state": "draft", "auto_renew_days": None, "renews_id": None})
    change.record(
        events.ORDER_CREATED,
        "order",
        row.id,
        row.name,
        {"certificate": entry.id, "authority": row.authority_name, "names": list(sans[:20])},
    )
    if facts is not None:
        take_csr(store, change, row, form, facts, entry)
    written(change, row)
    return row


def _filled(labels: Labels, entry: CertificateTable) -> Labels:
    """The labels, and those of the entry where nothing was written."""
    return Labels(**{one.name: getattr(labels, one.name) or getattr(entry, one.name) for one in fields(labels)})


def _entry_for(
    change: Change,
    row: CertificateOrderTable,
    form: OrderForm,
    again: CertificateOrderTable | None,
    facts: CsrFacts | None,
) -> CertificateTable:
    """The entry of a new order: that of the order sent again, if it still has one."""
    if again is not None and (entry := entry_of(change, again)) is not None:
        again.certificate_id = None
        change.session.add(again)
        if facts is not None and facts.spki_sha256 == entry.spki_sha256:
            return entry  # the same CSR once more: its key, if it is here, stays with it
        archive_key(change, again, entry.id)
        drop_csr(change, entry.id)
        set_entry(change, entry, NO_REQUEST)
        return entry
    return make_entry(change, form.labels, name_values(row.name, row.common_name, split(row.sans)), "draft")


def _put_form(
    change: Change, row: CertificateOrderTable, form: OrderForm, common_name: str, sans: tuple[str, ...]
) -> None:
    """The form, and the columns that follow from it."""
    profile = profile_named(change, form.authority) if form.authority else None
    row.form = form_json(form)
    for column, value in name_values(form.labels.name, common_name, sans).items():
        setattr(row, column, value)
    row.business_group = form.labels.business_group
    row.authority_id = None if profile is None else profile.id
    row.authority_name = form.authority if profile is None else profile.name
    row.type = "" if profile is None else profile.type


def edit(store: OpenStore, order_id: int, version: int, form: OrderForm) -> None:
    """Change the form. See `Orders.edit`."""
    form = checked_form(form)
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        status = OrderStatus(row.status)
        before = form_of(row.form, row.reference)
        if status not in (OrderStatus.DRAFT, OrderStatus.PENDING) or leased(row, change.now):
            raise Conflict(
                f"The order for {row.name} can't be changed any more: it is {status}.", "Send it again instead."
            )
        form = replace(form, reference=before.reference)
        if status is OrderStatus.PENDING:
            shown = shown_form(before, row.status, split(row.sans))
            _require_fixed(shown, form, submitted=row.submitted_at is not None)
            form = replace(form, sans=before.sans)
        elif form.csr:
            form = uploaded(form)
        check_references(change, form)
        common_name, sans = (row.common_name, split(row.sans)) if status is OrderStatus.PENDING else normalised(form)
        form = with_group(change, form, sans, common_name)
        changed = [one.name for one in fields(form) if getattr(form, one.name) != getattr(before, one.name)]
        if not changed:
            return
        entry = _own_entry(change, row)
        were = as_it_was(entry)
        _put_form(change, row, form, common_name, sans)
        if form.renews_id is not None and row.certificate_id is not None:
            inherit(change, form.renews_id, row.certificate_id)
        set_entry(change, entry, label_values(form.labels, row.name) | names_of(row))
        if were != as_it_was(entry):
            detail = {"changed": {"business_group": [were[1], entry.business_group]}, "were": [were]}
            change.record(events.CERTIFICATE_EDITED, "certificate", entry.id, entry.name, detail)
        if status is OrderStatus.DRAFT and form.csr:
            facts = csr_facts_of(form)
            if facts is not None:
                require_free(change, facts)
                take_csr(store, change, row, form, facts, entry)
        change.record(events.ORDER_EDITED, "order", row.id, row.name, {"certificate": entry.id, "changed": changed})
        written(change, row)


def _require_fixed(before: OrderForm, form: OrderForm, *, submitted: bool) -> None:
    for name in (*CSR_FIELDS, *(_ASKED_FIELDS if submitted else ())):
        if getattr(form, name) != getattr(before, name):
            why = "it is in the CSR" if name in CSR_FIELDS else "the authority was asked already"
            raise Invalid(
                f"This can't be changed any more: {why}.",
                "Take the order back to draft first; its CSR is discarded then.",
                field=name,
            )


def _own_entry(change: Change, row: CertificateOrderTable) -> CertificateTable:
    entry = entry_of(change, row)
    if entry is None:
        raise Conflict(f"The entry of the order for {row.name} is gone from the inventory.", "Make a new order.")
    return entry


def generate(store: OpenStore, order_id: int, version: int, *, to_send: bool = False) -> int:
    """Make key and CSR of a draft; answers its new version. See `Orders.generate`."""
    from certtui.pki.csr import checked, make

    store.require_writable()
    # Locked is said before a key is made, which may take seconds.
    store.store_key()
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        form = form_of(row.form, row.reference)
        _may_generate(row)
    kept = kept_key(store, form)
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        _, authority = authority_and_row(store, change, form)
        check_renewal(form, authority)
        key_type = key_type_of(form, authority) if kept is None else kept.key_algorithm
        if to_send and authority is not None:
            # What the authority would refuse is said before a key is made, which nobody would use.
            subject, sans = checked(CsrRequest(form.subject, form.sans, key_type, form.labels))
            request = request_of(row, form, from_epoch(change.now))
            authority.ask(replace(request, sans=sans, common_name=subject.common_name, key_type=key_type))
    facts, key = make(CsrRequest(form.subject, form.sans, key_type, form.labels), kept)
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        entry = _own_entry(change, row)
        move(row, OrderEvent.GENERATE)
        form = with_group(change, form, facts.sans, facts.common_name)
        _put_form(change, row, form, facts.common_name, facts.sans)
        row.csr, row.spki_sha256, row.key_algorithm = facts.der, facts.spki_sha256, facts.key_algorithm
        pass_policies(store, change, row, form, row.name)
        put_csr(change, entry.id, facts.der)
        values = request_facts(facts) | {"state": "pending", "has_csr": 1, "has_private_key": 1}
        set_entry(change, entry, values | {"name": row.name, "name_key": fold(row.name)})
        change.session.flush()
        seal_keys(store, change, {entry.id: key})
        made = (
            f"Key ({facts.key_algorithm}) and CSR were made; the key is sealed here."
            if kept is None
            else f"The key of the certificate before ({facts.key_algorithm}) is kept; a CSR was made with it."
        )
        step(row, change.now, "csr", made)
        change.record(
            events.ORDER_CSR_MADE,
            "order",
            row.id,
            row.name,
            {"certificate": entry.id, "key_algorithm": facts.key_algorithm, "spki_sha256": facts.spki_sha256}
            | ({} if kept is None else {"kept": True, "renews": form.renews_id}),
        )
        written(change, row)
        return row.version


def _may_generate(row: CertificateOrderTable) -> None:
    from certtui.model.order_states import moved

    moved(OrderEvent.GENERATE, OrderStatus(row.status), row.name)


def back_to_draft(store: OpenStore, order_id: int, version: int) -> None:
    """Discard the CSR. See `Orders.back_to_draft`."""
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        _require_unleased(change, row)
        entry = _own_entry(change, row)
        move(row, OrderEvent.BACK_TO_DRAFT)
        archived = archive_key(change, row)
        drop_csr(change, entry.id)
        form = without_csr(form_of(row.form, row.reference))
        row.form = form_json(form)
        row.csr, row.spki_sha256, row.key_algorithm = None, "", ""
        row.authority_ref, row.submitted_at, row.due_at, row.attempts, row.findings = "", None, None, 0, "[]"
        set_entry(change, entry, {**NO_REQUEST, "state": "draft"})
        kept = "its key is kept in the archive" if archived else "its key was never here"
        step(row, change.now, "draft", f"The CSR was discarded by {store.actor.name}; {kept}.")
        change.record(
            events.ORDER_BACK_TO_DRAFT, "order", row.id, row.name, {"certificate": entry.id, "key_archived": archived}
        )
        written(change, row)


def cancel(store: OpenStore, order_id: int, version: int) -> None:
    """End an order. See `Orders.cancel`."""
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        _require_unleased(change, row)
        cancel_row(store, change, row, f"Cancelled by {store.actor.name}.")


def cancel_row(store: OpenStore, change: Change, row: CertificateOrderTable, said: str) -> None:
    """The same within a change."""
    move(row, OrderEvent.CANCEL)
    row.finished_at = change.now
    step(row, change.now, "cancelled", said)
    remove_entry(change, row)
    change.record(events.ORDER_CANCELLED, "order", row.id, row.name, {"authority": row.authority_name})
    written(change, row)


def _require_unleased(change: Change, row: CertificateOrderTable) -> None:
    if leased(row, change.now):
        raise Conflict(
            f"The order for {row.name} is being worked on just now.", "Wait a moment, then look at it again."
        )


def send_again(store: OpenStore, order_id: int, version: int, form: OrderForm) -> int:
    """A failed or cancelled order once more; answers the new order's id. See `Orders.send_again`."""
    form = checked_form(form)
    if form.csr:
        form = uploaded(form)
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        if OrderStatus(row.status) not in SENT_AGAIN_FROM:
            raise Conflict(
                f"The order for {row.name} is {row.status}: only what failed or was cancelled is sent again.",
                "Clone it to order the same once more.",
            )
        if (newer := _again_of(change, row.id)) is not None:
            raise Conflict(f"It was sent again already, as order {newer}.", "Open that order.")
        made = _new(store, change, replace(form, reference=_other(form.reference, row.reference)), again=row)
        step(row, change.now, "sent-again", f"Sent again as order {made.id} by {store.actor.name}.")
        change.record(events.ORDER_SENT_AGAIN, "order", row.id, row.name, {"order": made.id})
        written(change, row)
        return made.id


def _other(reference: str, old: str | None) -> str:
    """A reference is unique: what the form took over from the order that failed stays with that."""
    return "" if reference == old else reference


def _again_of(change: Change, order_id: int) -> int | None:
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CertificateOrderTable as Row

    return change.session.exec(select(Row.id).where(Row.again_of == order_id)).first()


def is_draft(store: OpenStore, order_id: int) -> bool:
    """Whether the order has no CSR yet. Raises `NotFound`."""
    from certtui.backend.local.read.orders import full_row

    with store.readers.use() as connection:
        return bool(full_row(connection, order_id)["status"] == OrderStatus.DRAFT.value)


def require_authority(store: OpenStore, order_id: int) -> None:
    """Raises `Invalid` where a draft that is to be sent says not to whom: before a key is made, which nobody would use."""
    from certtui.backend.local.read.orders import full_row

    with store.readers.use() as connection:
        row = full_row(connection, order_id)
    if not form_of(row["form"], row["reference"]).authority:
        raise Invalid(
            f"Order {order_id} names no authority, and stays a draft.", "Choose whom to ask.", field="authority"
        )
