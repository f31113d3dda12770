"""Removing entries, with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.acl import keys_barred, not_named, refuse_key_in
from certtui.backend.local.cas_guard import ca_names, is_ca, refuse_ca
from certtui.backend.local.chain_material import drop_unused_chain
from certtui.backend.local.containers_follow import let_go, require_confirmed
from certtui.backend.local.containers_write import containers_of
from certtui.backend.local.entries import as_it_was, associations_of, batches, entries_as_seen, entry_as_seen
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_delete import cancel_drafts, ordered_now
from certtui.backend.local.revoke import untold_of
from certtui.backend.local.wiping import destroying
from certtui.errors import Conflict
from certtui.model.certificate import BulkOutcome

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import ContainerTable

NAMED_AT_MOST = 5


def delete_certificate(
    store: OpenStore, certificate_id: int, version: int, *, dissociate: bool, consumers: Sequence[int] = ()
) -> None:
    """Remove one entry with its key.

    Raises `NotFound`, `Conflict` when it moved, is associated (unless `dissociate`), or has consumers that nobody confirmed.
    """
    with destroying(store) as change:
        row = entry_as_seen(change, certificate_id, version)
        refuse_ca(change, certificate_id, "deleted")
        refuse_key_in(change, row)
        if (ordered := ordered_now(change, [row])).get(row.id):
            raise ordered[row.id]
        require_confirmed(change, row.name, containers_of(change, [row.id]), frozenset(consumers))
        cancel_drafts(store, change, [row])
        detail = _remove(change, row, dissociate=dissociate)
        drop_unused_chain(change)
        change.record(events.CERTIFICATE_DELETED, "certificate", certificate_id, row.name, detail)


def delete_certificates(
    store: OpenStore, versions: Sequence[tuple[int, int]], *, dissociate: bool, consumers: Sequence[int] = ()
) -> BulkOutcome:
    """Remove many, a thousand a transaction; rows that moved, are associated or have consumers are skipped and named."""
    confirmed = frozenset(consumers)
    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    for part in batches(versions):
        with destroying(store) as change:
            seen = entries_as_seen(change, part)
            used = _resource_names(change, list(seen.rows))
            cas = ca_names(change, seen.rows)
            untold = untold_of(change, list(seen.rows))
            ordered = ordered_now(change, list(seen.rows.values()))
            barred = keys_barred(change, [row for row in seen.rows.values() if row.has_private_key])
            consumed = _consumed(change, seen.rows, confirmed)
            gone = {}
            for row_id, row in seen.rows.items():
                if row_id in cas:
                    skipped.append((row_id, is_ca(cas[row_id], "deleted").message))
                elif row_id in untold:
                    skipped.append((row_id, _not_told(row.name).message))
                elif row_id in barred:
                    skipped.append((row_id, not_named(row.name).message))
                elif row_id in ordered:
                    skipped.append((row_id, ordered[row_id].message))
                elif row_id in used and not dissociate:
                    skipped.append((row_id, _in_use(row.name, used[row_id]).message))
                elif row_id in consumed:
                    skipped.append((row_id, consumed[row_id].message))
                else:
                    gone[row_id] = row
            skipped += seen.skipped
            cancel_drafts(store, change, list(gone.values()))
            _remove_all(change, gone, used)
            done += gone
    order = {row_id: place for place, (row_id, _) in enumerate(versions)}
    return BulkOutcome(tuple(done), tuple(sorted(skipped, key=lambda one: order[one[0]])))


def _remove_all(change: Change, gone: Mapping[int, CertificateTable], used: Mapping[int, Sequence[str]]) -> None:
    from sqlalchemy import delete
    from sqlmodel import col

    from certtui.backend.local.tables import AssociationTable, CertificateTable

    if not gone:
        return
    containers = let_go(change, list(gone.values()))
    change.session.execute(delete(AssociationTable).where(col(AssociationTable.certificate_id).in_(gone)))
    change.session.expunge_all()
    change.session.execute(delete(CertificateTable).where(col(CertificateTable.id).in_(gone)))
    drop_unused_chain(change)
    fingerprints = [row.fingerprint_sha256 or "" for row in gone.values()]
    change.record(
        events.CERTIFICATE_DELETED,
        "certificate",
        next(iter(gone)) if len(gone) == 1 else None,
        f"{len(gone)} certificates" if len(gone) > 1 else next(iter(gone.values())).name,
        {
            "ids": list(gone),
            "fingerprints": fingerprints,
            "dissociated": sorted(row_id for row_id in used if row_id in gone),
            **({"containers": containers} if containers else {}),
            "were": [as_it_was(row) for row in gone.values()],
        },
    )


def _consumed(change: Change, rows: Mapping[int, CertificateTable], confirmed: Collection[int]) -> dict[int, Conflict]:
    """Entries whose containers have consumers that nobody confirmed, each with the sentence that lists them."""
    held: dict[int, list[ContainerTable]] = {}
    for container in containers_of(change, list(rows)):
        held.setdefault(container.certificate_id or 0, []).append(container)
    found: dict[int, Conflict] = {}
    for row_id, containers in held.items():
        try:
            require_confirmed(change, rows[row_id].name, containers, confirmed)
        except Conflict as error:
            found[row_id] = error
    return found


def _resource_names(change: Change, ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the resources that use entries, by entry."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import AssociationTable, ResourceTable

    used: dict[int, list[str]] = {}
    for certificate_id, name in change.session.exec(
        select(AssociationTable.certificate_id, ResourceTable.name)
        .where(AssociationTable.resource_id == ResourceTable.id)
        .where(col(AssociationTable.certificate_id).in_(ids))
        .order_by(col(ResourceTable.name_key))
    ):
        names = used.setdefault(certificate_id, [])
        if name not in names:
            names.append(name)
    return used


def _not_told(name: str) -> Conflict:
    """With the entry would go the only note that its authority has to be told."""
    return Conflict(
        f"{name} is revoked, and its authority was not told yet.",
        "It is asked again by itself; or tell it, and note that it was told.",
    )


def _in_use(name: str, resources: Sequence[str]) -> Conflict:
    shown = ", ".join(resources[:NAMED_AT_MOST])
    if len(resources) > NAMED_AT_MOST:
        shown += f" and {len(resources) - NAMED_AT_MOST} more"
    return Conflict(f"{name} is in use on {shown}.", "Dissociate it first, or confirm the dissociation.")


def _remove(change: Change, row: CertificateTable, *, dissociate: bool) -> dict[str, object]:
    if untold_of(change, [row.id]):
        raise _not_told(row.name)
    used = associations_of(change, row.id)
    if used and not dissociate:
        raise _in_use(row.name, list(dict.fromkeys(resource.name for _, resource in used)))
    for association, _ in used:
        change.session.delete(association)
    change.session.flush()
    containers = let_go(change, [row])
    change.session.delete(row)
    change.session.flush()
    return {
        "fingerprint_sha256": row.fingerprint_sha256 or "",
        "had_key": bool(row.has_private_key),
        "dissociated": [resource.id for _, resource in used],
        **({"containers": containers} if containers else {}),
        "were": [as_it_was(row)],
    }
