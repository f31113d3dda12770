"""Containers go with their certificates: made with a completed order, moved on by a renewal, let go with a deleted entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.containers_access import container_inside
from certtui.backend.local.containers_write import containers_of, make, new_ref, next_version, parts_of
from certtui.errors import Conflict
from certtui.model.consumer import ConsumerForm, consumer_words
from certtui.model.container import ContainerType, VersionReason
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import ConsumerTable, ContainerTable

_CHUNK = 500
_NAMED_AT_MOST = 10


def of_order(change: Change, entry: CertificateTable, renewed: CertificateTable | None) -> str:
    """A certificate was issued: containers of the one that it renews move on to it, else it gets one of its own.

    Answers a sentence for the order's story where containers had to stay behind, "" else. Without its key here there is
    nothing that a consumer could use.
    """
    behind = [] if renewed is None else _following(change, renewed.id)
    if not entry.has_private_key:
        return _stay(behind)
    if behind:
        _move(change, behind, entry, VersionReason.RENEWED)
    elif not containers_of(change, [entry.id]):
        make(
            change,
            name=entry.name,
            kind=ContainerType.CERTIFICATE,
            entry=entry,
            parts={},
            group=entry.business_group,
            follows=True,
            reason=VersionReason.ISSUED,
            by=entry.created_by,
        )
    return ""


def of_orders(change: Change, entries: Sequence[Mapping[str, object]]) -> None:
    """The same for many new entries with their keys at once, given as `id`, `name` and `business_group`."""
    from certtui.backend.local.tables_filing import ContainerTable, ContainerVersionTable

    if not entries:
        return
    ids = change.new_ids("container", len(entries))
    who = {"created_at": change.now, "created_by": change.actor}
    change.insert_many(
        ContainerTable,
        [
            {
                "id": row_id,
                "version": 1,
                "updated_at": change.now,
                "number": 1,
                "certificate_id": entry["id"],
                "follows": 1,
                "name": entry["name"],
                "name_key": fold(str(entry["name"])),
                "type": ContainerType.CERTIFICATE.value,
                "ref": new_ref(),
                "business_group": entry["business_group"],
                **who,
            }
            for row_id, entry in zip(ids, entries, strict=True)
        ],
    )
    change.insert_many(
        ContainerVersionTable,
        [
            {
                "container_id": row_id,
                "number": 1,
                "certificate_id": entry["id"],
                "reason": VersionReason.ISSUED,
                **who,
            }
            for row_id, entry in zip(ids, entries, strict=True)
        ],
    )
    change.record(events.CONTAINER_CREATED, "container", None, f"{len(ids)} containers", {"ids": list(ids)})


def replaced(change: Change, old_id: int, entry: CertificateTable) -> list[int]:
    """One certificate took the place of another by hand: containers move on to it. Answers their ids."""
    behind = _following(change, old_id)
    if not entry.has_private_key:
        return []
    _move(change, behind, entry, VersionReason.REPLACED)
    return [row.id for row in behind]


def _following(change: Change, entry_id: int) -> list[ContainerTable]:
    return [row for row in containers_of(change, [entry_id]) if row.follows]


def _move(change: Change, behind: Sequence[ContainerTable], entry: CertificateTable, reason: str) -> None:
    for row in behind:
        next_version(change, row, entry=entry, parts=parts_of(change, row.id, row.number), reason=reason)


def _stay(behind: Sequence[ContainerTable]) -> str:
    if not behind:
        return ""
    names = ", ".join(row.name for row in behind[:_NAMED_AT_MOST])
    verb = "keeps" if len(behind) == 1 else "keep"
    return f"The key is not here, so {names} {verb} giving out the earlier certificate."


def require_confirmed(
    change: Change, what: str, rows: Sequence[ContainerTable], confirmed: Collection[int], verb: str = "deleted"
) -> None:
    """Raises `Conflict`, listing who they are, unless the ids of all consumers of these containers are confirmed."""
    using = consumers_of(change, [row.id for row in rows])
    left = [one for one in using if one.id not in confirmed]
    if not left:
        return
    hidden = [row for row in rows if not container_inside(change, row)]
    if hidden:
        raise Conflict(
            f"{what} is in a container whose consumers you may not see, so it can't be {verb}.",
            "Ask whoever owns the container.",
        )
    shown = "; ".join(_words(one) for one in left[:_NAMED_AT_MOST])
    more = f"; and {len(left) - _NAMED_AT_MOST} more" if len(left) > _NAMED_AT_MOST else ""
    raise Conflict(
        f"{what} is used by consumers of its containers: {shown}{more}.",
        "Look at each of them, then confirm them, or take them away first.",
    )


def consumers_of(change: Change, container_ids: Sequence[int]) -> list[ConsumerTable]:
    """The consumers of these containers."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_filing import ConsumerTable as Row

    found: list[ConsumerTable] = []
    for start in range(0, len(container_ids), _CHUNK):
        chosen = col(Row.container_id).in_(container_ids[start : start + _CHUNK])
        found += change.session.exec(select(Row).where(chosen).order_by(col(Row.service), col(Row.id)))
    return found


def _words(row: ConsumerTable) -> str:
    return f"{consumer_words(ConsumerForm(row.service, row.resource_type, row.resource))} ({row.id})"


def let_go(change: Change, entries: Sequence[CertificateTable]) -> list[int]:
    """Entries are about to be deleted: what of their containers still means something stays, incomplete. Answers who left.

    A container that nobody uses, and that never held anything but what is deleted, goes with it.
    """
    gone = {entry.id: entry for entry in entries}
    left = []
    for row in containers_of(change, list(gone)):
        entry = gone[row.certificate_id or 0]
        if consumers_of(change, [row.id]) or _held_others(change, row, gone):
            row.business_group = entry.business_group
            row.version += 1
            row.updated_at = change.now
            change.session.add(row)
            detail: dict[str, object] = {"certificate": entry.id, "incomplete": True}
            change.record(events.CONTAINER_EDITED, "container", row.id, row.name, detail)
        else:
            change.session.delete(row)
            left.append(row.id)
    change.session.flush()
    return left


def _held_others(change: Change, row: ContainerTable, gone: Collection[int]) -> bool:
    from sqlmodel import select

    from certtui.backend.local.tables_filing import ContainerPartTable, ContainerVersionTable

    entries = change.session.exec(
        select(ContainerVersionTable.certificate_id).where(ContainerVersionTable.container_id == row.id)
    )
    if any(entry_id is not None and entry_id not in gone for entry_id in entries):
        return True
    parts = select(ContainerPartTable.name).where(ContainerPartTable.container_id == row.id)
    return change.session.exec(parts).first() is not None
