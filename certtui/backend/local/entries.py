"""An entry under the write lock: found, and still as the person saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local.access_entries import inside
from certtui.backend.local.certificate_values import searchable
from certtui.backend.local.open_store import Change
from certtui.errors import Conflict, NotFound
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.tables import AssociationTable, CertificateTable, ResourceTable


BULK = 1_000


def entry(change: Change, certificate_id: int) -> CertificateTable:
    """The row of an entry. Raises `NotFound`, also for one outside the scope."""
    from certtui.backend.local.tables import CertificateTable

    row = change.session.get(CertificateTable, certificate_id)
    if row is None or not inside(change, row):
        raise _gone(certificate_id)
    return row


def entry_as_seen(change: Change, certificate_id: int, version: int) -> CertificateTable:
    """The row of an entry that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = entry(change, certificate_id)
    if row.version != version:
        raise _moved(row.name)
    return row


@dataclass(frozen=True, slots=True)
class Seen:
    """Entries that are as the person saw them, in the order asked, and (id, reason) of those that are not."""

    rows: dict[int, CertificateTable]
    skipped: list[tuple[int, str]]


def batches(versions: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """What a bulk act does in one transaction each: other writers get their turn, and records stay readable."""
    return (versions[start : start + BULK] for start in range(0, len(versions), BULK))


def entries_as_seen(change: Change, versions: Sequence[tuple[int, int]]) -> Seen:
    """The same for many, in one statement."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable

    there = {
        row.id: row
        for row in change.session.exec(
            select(CertificateTable).where(col(CertificateTable.id).in_([row_id for row_id, _ in versions]))
        )
    }
    seen = Seen({}, [])
    for row_id, version in versions:
        row = there.get(row_id)
        if row is None or not inside(change, row):
            seen.skipped.append((row_id, _gone(row_id).message))
        elif row.version != version:
            seen.skipped.append((row_id, _moved(row.name).message))
        else:
            seen.rows[row_id] = row
    return seen


def as_it_was(row: CertificateTable) -> list[object]:
    """What an audit record keeps of an entry that leaves its place: by it those who could see the entry see that it left."""
    return [row.id, row.business_group, row.domain]


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


def _gone(certificate_id: int) -> NotFound:
    return NotFound(f"There is no certificate {certificate_id} here (any more).", "Refresh the list.")


def _moved(name: str) -> Conflict:
    return Conflict(
        f"{name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
    )
