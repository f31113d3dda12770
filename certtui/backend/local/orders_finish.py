"""The end of an order: its certificate in its entry, on record with its CA, on its resources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.base import Issued
from certtui.backend.local import events
from certtui.backend.local.acls import inherit
from certtui.backend.local.certificate_values import split, x509_values
from certtui.backend.local.chain_material import store_chains
from certtui.backend.local.containers_follow import of_order
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_entry import entry_of, make_entry, set_entry
from certtui.backend.local.orders_form import form_of, name_values
from certtui.backend.local.orders_rows import move, step, written
from certtui.clock import from_epoch, rfc3339
from certtui.model.authority import AuthorityType
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.order_states import OrderEvent
from certtui.model.x509 import X509Facts

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable
    from certtui.model.status import ExpiringRule

_NAMED_AT_MOST = 5


def finish(store: OpenStore, change: Change, issued: Sequence[tuple[CertificateOrderTable, Issued]]) -> None:
    """Complete orders with what their authorities answered."""
    from certtui.backend.local.cas_issue import IssuedEntry, Reserved, record_issued
    from certtui.backend.local.repositories_filing import file_issued
    from certtui.backend.local.tables import CertificateDerTable

    if not issued:
        return
    rule = change.expiring_rule()
    recorded: list[IssuedEntry] = []
    chains: dict[int, Sequence[X509Facts]] = {}
    ders: list[dict[str, object]] = []
    for row, answer in issued:
        entry = _filled_entry(change, row, answer.leaf, rule)
        ders.append({"certificate_id": entry.id, "der": answer.leaf.der})
        if answer.chain:
            chains[entry.id] = answer.chain
        if row.type == AuthorityType.LOCAL.value:
            ca_id = Reserved.parse(row.authority_ref).ca_id
            recorded.append(IssuedEntry(ca_id, answer.leaf, entry.id, row.id))
        for note in answer.notes:
            step(row, change.now, "note", note)
        end(change, row, entry, answer.leaf, OrderEvent.ISSUED, f"{row.authority_name} issued the certificate.")
    change.session.flush()
    change.insert_many(CertificateDerTable, ders)
    store_chains(change, chains)
    if recorded:
        record_issued(change, recorded)
        file_issued(change, [(each.ca_id, each.certificate_id) for each in recorded if each.certificate_id])
    for row, _ in issued:
        associate(change, row)
        written(change, row)


def _filled_entry(change: Change, row: CertificateOrderTable, leaf: X509Facts, rule: ExpiringRule) -> CertificateTable:
    """The entry with its X.509; made anew where somebody took it away by force."""
    entry = entry_of(change, row)
    if entry is None:
        labels = form_of(row.form, row.reference).labels
        labels = Labels(row.name, row.business_group, labels.description, labels.contact_email)
        entry = make_entry(change, labels, name_values(row.name, leaf.common_name, leaf.sans), "pending")
        row.certificate_id = entry.id
    set_entry(change, entry, x509_values(leaf, rule))
    return entry


def arrived(change: Change, row: CertificateOrderTable, entry: CertificateTable, new: NewCertificate) -> None:
    """An order's certificate came by another way than its authority's answer; the entry has it already."""
    for note in _unlike(row, new.x509, from_epoch(change.now)):
        step(row, change.now, "note", note)
    end(change, row, entry, new.x509, OrderEvent.ARRIVED, "Its certificate was brought in.")
    associate(change, row)
    written(change, row)


def _unlike(row: CertificateOrderTable, leaf: X509Facts, now: datetime) -> list[str]:
    """What a person should know of a certificate that somebody else made for the order's key."""
    notes = []
    if leaf.not_after < now:
        notes.append(f"The certificate that was brought in expired on {rfc3339(leaf.not_after)[:10]}.")
    if leaf.is_ca:
        notes.append("The certificate that was brought in is that of a CA.")
    names = leaf.sans or ((f"DNS:{leaf.common_name}",) if leaf.common_name else ())
    asked = {san.lower() for san in split(row.sans)}
    has = {san.lower() for san in names}
    if lacking := [san for san in split(row.sans) if san.lower() not in has]:
        notes.append(f"It lacks {_few(lacking)}, which was asked for.")
    if more := [san for san in names if asked and san.lower() not in asked]:
        notes.append(f"It has {_few(more)}, which was not asked for.")
    return notes


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return ", ".join(names[:_NAMED_AT_MOST]) + more


def end(
    change: Change,
    row: CertificateOrderTable,
    entry: CertificateTable,
    leaf: X509Facts,
    event: OrderEvent,
    said: str,
) -> None:
    """The order is complete, and the entry says where its certificate comes from."""
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import AuthorityTable

    move(row, event)
    row.finished_at = change.now
    if row.submitted_at is None:
        row.submitted_at = change.now
    form = form_of(row.form, row.reference)
    profile = None if row.authority_id is None else change.session.get(AuthorityTable, row.authority_id)
    renewed = None if form.renews_id is None else change.session.get(CertificateTable, form.renews_id)
    days = form.auto_renew_days
    if days is None and renewed is not None:
        days = renewed.auto_renew_days
    if days is None and profile is not None:
        days = profile.auto_renew_days
    entry.source = "managed"
    entry.provider = row.type or AuthorityType.EXTERNAL.value
    entry.authority_id = row.authority_id
    entry.auto_renew_days = days or None
    # After a revocation the key is new; that the next one is kept again is still wanted.
    again = renewed is not None and renewed.revoked_at is not None and renewed.keep_key
    entry.keep_key = int(bool(entry.has_private_key and (form.keep_key or again)))
    entry.renews_id = None if renewed is None or renewed.id == entry.id else renewed.id
    change.session.add(entry)
    if entry.renews_id is not None:
        inherit(change, entry.renews_id, entry.id)
    step(row, change.now, "issued", f"{said} Serial number {leaf.serial_number}.")
    detail: dict[str, object] = {
        "order": row.id,
        "authority": row.authority_name,
        "serial": leaf.serial_number,
        "fingerprint_sha256": leaf.fingerprint_sha256,
    }
    if entry.renews_id is not None:
        detail["renews"] = entry.renews_id
    change.record(events.CERTIFICATE_ISSUED, "certificate", entry.id, entry.name, detail)
    if behind := of_order(change, entry, renewed if entry.renews_id is not None else None):
        step(row, change.now, "container", behind, "failed")
    change.record(events.ORDER_COMPLETED, "order", row.id, row.name, {"certificate": entry.id})


def associate(change: Change, row: CertificateOrderTable) -> None:
    """Put the certificate on the resources that the form names; those that are gone are told in the story."""
    from certtui.backend.local.entries import recount
    from certtui.backend.local.tables import AssociationTable, ResourceTable

    form = form_of(row.form, row.reference)
    if row.certificate_id is None:
        return
    if form.take_over:
        _take_over(change, row, row.certificate_id)
    wanted = form.resource_ids
    if not wanted:
        return
    names, gone = [], []
    ids = []
    for resource_id in wanted:
        resource = change.session.get(ResourceTable, resource_id)
        if resource is None:
            gone.append(str(resource_id))
            continue
        if change.session.get(AssociationTable, (row.certificate_id, resource_id, "server")) is None:
            change.session.add(
                AssociationTable(
                    certificate_id=row.certificate_id, resource_id=resource_id, role="server", created_at=change.now
                )
            )
            ids.append(resource_id)
        names.append(resource.name)
    if ids:
        entry = entry_of(change, row)
        recount(change, row.certificate_id)
        change.record(
            events.CERTIFICATE_ASSOCIATED,
            "certificate",
            row.certificate_id,
            entry.name if entry is not None else row.name,
            {"resources": ids, "role": "server"},
        )
    if names:
        step(row, change.now, "associated", f"Associated with {', '.join(names[:20])}.")
    if gone:
        step(row, change.now, "associated", f"Resources that are gone were left out: {', '.join(gone)}.", "failed")


def _take_over(change: Change, row: CertificateOrderTable, new_id: int) -> None:
    """The new certificate takes the place of the one before, in each role that it has there now; the story says where."""
    from certtui.backend.local.replace import move_all
    from certtui.backend.local.tables import CertificateTable

    new = change.session.get(CertificateTable, new_id)
    old = None if new is None or new.renews_id is None else change.session.get(CertificateTable, new.renews_id)
    if new is None or old is None:
        return
    moved = move_all(change, old, new)
    if moved:
        names = [name if role == "server" else f"{name} ({role})" for _, name, role in moved]
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        step(row, change.now, "associated", f"Took the place of the one before on {', '.join(names[:_TOLD])}{more}.")


_TOLD = 20
