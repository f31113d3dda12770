"""An entry under the write lock: found, and still as the person saw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import searchable
from certtui.backend.local.open_store import Change
from certtui.errors import Conflict, NotFound

if TYPE_CHECKING:
    from certtui.backend.local.tables import AssociationTable, CertificateTable, ResourceTable


def entry(change: Change, certificate_id: int) -> CertificateTable:
    """The row of an entry. Raises `NotFound`."""
    from certtui.backend.local.tables import CertificateTable

    row = change.session.get(CertificateTable, certificate_id)
    if row is None:
        raise NotFound(f"There is no certificate {certificate_id} here (any more).", "Refresh the list.")
    return row


def entry_as_seen(change: Change, certificate_id: int, version: int) -> CertificateTable:
    """The row of an entry that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = entry(change, certificate_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def touch(change: Change, row: CertificateTable) -> None:
    """Count a change of the row: version, time, and search text where a label moved."""
    row.version += 1
    row.updated_at = change.now
    text = searchable(row.model_dump())
    if text != row.search_text:
        row.search_text = text
    change.session.add(row)


def associations_of(change: Change, certificate_id: int) -> Sequence[tuple[AssociationTable, ResourceTable]]:
    """Associations of an entry with their resources, by the resources' names."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import AssociationTable, ResourceTable

    return change.session.exec(
        select(AssociationTable, ResourceTable)
        .where(AssociationTable.resource_id == ResourceTable.id)
        .where(AssociationTable.certificate_id == certificate_id)
        .order_by(col(ResourceTable.name_key), col(AssociationTable.role))
    ).all()


def recount(change: Change, certificate_id: int) -> None:
    """Bring `resource_count` up to its associations: resources, not roles."""
    from sqlmodel import func, select

    from certtui.backend.local.tables import AssociationTable

    change.session.flush()
    row = entry(change, certificate_id)
    row.resource_count = change.session.exec(
        select(func.count(func.distinct(AssociationTable.resource_id))).where(
            AssociationTable.certificate_id == certificate_id
        )
    ).one()
    touch(change, row)
