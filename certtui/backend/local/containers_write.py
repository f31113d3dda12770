"""The rows of containers, under the write lock. A version and what points to it are one transaction, whoever makes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.model.container import ContainerType
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import ContainerTable

_REF_BYTES = 16


def new_ref() -> str:
    """The stable part of a reference: random, so that it tells nothing and is never met again."""
    return secrets.token_hex(_REF_BYTES)


def make(
    change: Change,
    *,
    name: str,
    kind: ContainerType,
    entry: CertificateTable | None,
    parts: Mapping[str, int],
    group: str,
    follows: bool,
    reason: str,
    by: str = "",
) -> ContainerTable:
    """A new container with its first version; `by` is who it is for, where a worker makes it."""
    from certtui.backend.local.tables_filing import ContainerTable, ContainerVersionTable

    (row_id,) = change.new_ids("container", 1)
    entry_id = None if entry is None else entry.id
    row = ContainerTable(
        id=row_id,
        created_at=change.now,
        updated_at=change.now,
        certificate_id=entry_id,
        follows=int(follows),
        name=name,
        name_key=fold(name),
        type=kind.value,
        ref=new_ref(),
        business_group=group if entry is None else entry.business_group,
        created_by=by or change.actor,
    )
    change.session.add(row)
    change.session.flush()
    change.session.add(
        ContainerVersionTable(
            container_id=row_id,
            number=1,
            certificate_id=entry_id,
            created_at=change.now,
            created_by=change.actor,
            reason=reason,
        )
    )
    _put_parts(change, row_id, 1, parts)
    detail: dict[str, object] = {"type": kind.value, "ref": row.ref, "reason": reason}
    change.record(events.CONTAINER_CREATED, "container", row_id, name, detail | _held(entry_id, parts))
    return row


def next_version(
    change: Change,
    row: ContainerTable,
    *,
    entry: CertificateTable | None,
    parts: Mapping[str, int],
    reason: str,
    event: str = events.CONTAINER_UPDATED,
) -> None:
    """Give out this from now on. Numbers only grow, so a consumer knows a newer one without asking what is in it."""
    from certtui.backend.local.tables_filing import ContainerVersionTable

    entry_id = None if entry is None else entry.id
    row.number += 1
    row.version += 1
    row.updated_at = change.now
    row.certificate_id = entry_id
    if entry is not None:
        row.business_group = entry.business_group
    change.session.add(row)
    change.session.add(
        ContainerVersionTable(
            container_id=row.id,
            number=row.number,
            certificate_id=entry_id,
            created_at=change.now,
            created_by=change.actor,
            reason=reason,
        )
    )
    _put_parts(change, row.id, row.number, parts)
    detail: dict[str, object] = {"number": row.number, "reason": reason}
    change.record(event, "container", row.id, row.name, detail | _held(entry_id, parts))


def parts_of(change: Change, container_id: int, number: int) -> dict[str, int]:
    """The stored secrets of a version, by the names of the parts."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_filing import ContainerPartTable as Row

    found = change.session.exec(
        select(Row.name, Row.secret_id)
        .where(Row.container_id == container_id, Row.number == number)
        .order_by(col(Row.name))
    )
    return dict(found.all())


def containers_of(change: Change, entry_ids: Sequence[int]) -> list[ContainerTable]:
    """The containers that give out one of these entries now."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_filing import ContainerTable as Row

    if not entry_ids:
        return []
    chosen = col(Row.certificate_id).in_(list(entry_ids))
    return list(change.session.exec(select(Row).where(chosen).order_by(col(Row.id))))


def _put_parts(change: Change, container_id: int, number: int, parts: Mapping[str, int]) -> None:
    from certtui.backend.local.tables_filing import ContainerPartTable

    for name, secret_id in parts.items():
        change.session.add(ContainerPartTable(container_id=container_id, number=number, name=name, secret_id=secret_id))
    change.session.flush()


def _held(entry_id: int | None, parts: Mapping[str, int]) -> dict[str, object]:
    held: dict[str, object] = {} if entry_id is None else {"certificate": entry_id}
    return held | ({"parts": dict(parts)} if parts else {})
