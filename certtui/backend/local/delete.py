"""Removing entries, with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.chain_material import drop_unused_chain
from certtui.backend.local.entries import associations_of, entry_as_seen
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Conflict, NotFound
from certtui.model.certificate import BulkOutcome

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable

NAMED_AT_MOST = 5


def delete_certificate(store: OpenStore, certificate_id: int, version: int, *, dissociate: bool) -> None:
    """Remove one entry with its key. Raises `NotFound`, `Conflict` when it moved or is associated (unless `dissociate`)."""
    with store.changing() as change:
        row = entry_as_seen(change, certificate_id, version)
        detail = _remove(change, row, dissociate=dissociate)
        drop_unused_chain(change)
        change.record(events.CERTIFICATE_DELETED, "certificate", certificate_id, row.name, detail)


def delete_certificates(store: OpenStore, versions: Sequence[tuple[int, int]], *, dissociate: bool) -> BulkOutcome:
    """Remove many in one transaction; rows that moved or are associated are skipped and named."""
    done: list[int] = []
    details: list[dict[str, object]] = []
    skipped: list[tuple[int, str]] = []
    with store.changing() as change:
        for certificate_id, version in versions:
            try:
                row = entry_as_seen(change, certificate_id, version)
                detail = _remove(change, row, dissociate=dissociate)
            except (Conflict, NotFound) as error:
                skipped.append((certificate_id, error.message))
                continue
            done.append(certificate_id)
            details.append({"id": certificate_id, "name": row.name, **detail})
        if done:
            drop_unused_chain(change)
            change.record(
                events.CERTIFICATE_DELETED,
                "certificate",
                done[0] if len(done) == 1 else None,
                f"{len(done)} certificates" if len(done) > 1 else "",
                {"ids": done, "deleted": details},
            )
    return BulkOutcome(tuple(done), tuple(skipped))


def _remove(change: Change, row: CertificateTable, *, dissociate: bool) -> dict[str, object]:
    used = associations_of(change, row.id)
    if used and not dissociate:
        names = list(dict.fromkeys(resource.name for _, resource in used))
        shown = ", ".join(names[:NAMED_AT_MOST]) + (
            f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
        )
        raise Conflict(f"{row.name} is in use on {shown}.", "Dissociate it first, or confirm the dissociation.")
    for association, _ in used:
        change.session.delete(association)
    change.session.flush()
    change.session.delete(row)
    change.session.flush()
    return {
        "fingerprint_sha256": row.fingerprint_sha256 or "",
        "had_key": bool(row.has_private_key),
        "dissociated": [resource.id for _, resource in used],
    }
