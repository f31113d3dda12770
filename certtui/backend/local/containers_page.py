"""One container with everything that its page shows, read in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import instant
from certtui.backend.local.containers_rows import consumers_in, container_rows
from certtui.clock import from_epoch
from certtui.errors import NotFound
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    PRIVATE_KEY,
    Container,
    ContainerPart,
    ContainerRow,
    ContainerStatus,
    ContainerType,
    ContainerVersion,
)

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_ENDLESS = 1 << 63
_VERSIONS = (
    "SELECT v.number, v.certificate_id, c.name, c.not_after, c.has_private_key, v.created_at, v.created_by, v.reason "
    "FROM container_version v LEFT JOIN certificate c ON c.id = v.certificate_id "
    "WHERE v.container_id = ? ORDER BY v.number DESC LIMIT 1000"
)
_PARTS = (
    "SELECT p.number, p.name, p.secret_id, s.name, s.type, s.algorithm, s.size "
    "FROM container_part p LEFT JOIN secret s ON s.id = p.secret_id WHERE p.container_id = ? ORDER BY p.name"
)
_ENTRY = (
    "SELECT key_algorithm, has_private_key, "
    "(SELECT count(*) FROM chain_link l WHERE l.certificate_id = certificate.id) FROM certificate WHERE id = ?"
)


def container_page(connection: sqlite3.Connection, now: datetime, container_id: int) -> Container:
    """Everything of one container. Raises `NotFound`."""
    connection.execute("BEGIN")
    try:
        found = container_rows(connection, [container_id], now) if 0 < container_id < _ENDLESS else {}
        if container_id not in found:
            raise gone(container_id)
        row = found[container_id]
        parts: dict[int, list[ContainerPart]] = {}
        for number, name, secret_id, secret, kind, algorithm, size in connection.execute(_PARTS, (container_id,)):
            about = f"{' '.join(filter(None, (algorithm, kind)))}, {size} octets" if kind else "stored secret"
            parts.setdefault(number, []).append(ContainerPart(name, about, secret_id, secret or ""))
        stored = parts.get(row.number, [])
        return Container(
            row=row,
            status_reason=_reason(connection, row),
            parts=(*_of_entry(connection, row), *stored),
            versions=tuple(_versions(connection, row, parts)),
            consumers=consumers_in(connection, container_id),
        )
    finally:
        connection.execute("ROLLBACK")


def gone(container_id: int) -> NotFound:
    """For a container that is not there, or not to be seen."""
    return NotFound(f"There is no container {container_id} here (any more).", "Refresh the list.")


def _of_entry(connection: sqlite3.Connection, row: ContainerRow) -> list[ContainerPart]:
    found = connection.execute(_ENTRY, (row.certificate_id,)).fetchone() if row.certificate_id else None
    if found is None or row.not_after is None:
        return []
    algorithm, has_key, links = found
    parts = [ContainerPart(CERTIFICATE, f"{row.certificate}, until {row.not_after:%Y-%m-%d}")]
    if has_key:
        parts.append(ContainerPart(PRIVATE_KEY, algorithm))
    if links:
        parts.append(ContainerPart(INTERMEDIATES, f"{links} stored with it"))
    return parts


def _reason(connection: sqlite3.Connection, row: ContainerRow) -> str:
    """Why this status, one sentence."""
    until = f"{row.not_after:%Y-%m-%d}" if row.not_after else ""
    match row.status:
        case ContainerStatus.INCOMPLETE if not row.certificate:
            return "Its certificate is not in the inventory any more: update it to another one."
        case ContainerStatus.INCOMPLETE:
            return f"The private key of {row.certificate} is not here (any more)."
        case ContainerStatus.REVOKED:
            return f"{row.certificate} is revoked."
        case ContainerStatus.EXPIRED:
            return f"{row.certificate or 'One of its parts'} expired on {until}."
        case ContainerStatus.NOT_YET_VALID:
            return f"{row.certificate} is not valid yet."
        case ContainerStatus.EXPIRING:
            return f"{row.certificate} expires on {until}."
    return f"Complete, valid until {until}." if until else "Complete; nothing in it expires."


def _versions(
    connection: sqlite3.Connection, row: ContainerRow, parts: Mapping[int, Sequence[ContainerPart]]
) -> list[ContainerVersion]:
    rows = connection.execute(_VERSIONS, (row.id,)).fetchall()
    contents = {one[0]: (one[1], _ids(parts.get(one[0], ()))) for one in rows}
    made = []
    for number, entry_id, name, not_after, has_key, created_at, created_by, reason in rows:
        why_not = ""
        if number == row.number:
            why_not = "It is what is given out now."
        elif row.type is ContainerType.CERTIFICATE and (problem := unusable(entry_id, name, has_key)):
            why_not = problem
        elif contents[number] == contents.get(row.number):
            why_not = "It is the same as what is given out now."
        made.append(
            ContainerVersion(
                number=number,
                certificate_id=entry_id,
                certificate=name or "",
                not_after=instant(not_after),
                created_at=from_epoch(created_at),
                created_by=created_by,
                reason=reason,
                parts=tuple(part.name for part in parts.get(number, ())),
                why_not=why_not,
            )
        )
    return made


def unusable(entry_id: int | None, name: str | None, has_key: object) -> str:
    """Why the entry of a version can't be given out, one sentence; "" where it can."""
    if entry_id is None:
        return "Its certificate was deleted from the inventory."
    if name is None:
        return "Its certificate is not to be seen by you."
    return "" if has_key else f"The private key of {name} is not here any more."


def _ids(parts: Sequence[ContainerPart]) -> dict[str, int | None]:
    return {part.name: part.secret_id for part in parts}
