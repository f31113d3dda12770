"""Containers and their consumers from their tables, on a reading connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from certtui.backend.local.certificate_values import instant
from certtui.clock import from_epoch
from certtui.model.consumer import Consumer, ContainerRef
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    PRIVATE_KEY,
    ContainerRow,
    ContainerStatus,
    ContainerType,
)
from certtui.model.status import Status, days_remaining, status_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    Row = Sequence[Any]  # Any: a row's values, each of its own type

_CHUNK = 500
_COLUMNS = (
    "k.id, k.version, k.ref, k.name, k.type, k.number, k.certificate_id, k.follows, k.business_group, k.created_by, "
    "k.created_at, k.updated_at, c.id, c.name, c.business_group, c.has_private_key, c.revoked_at, c.not_before, "
    "c.not_after, c.expiring_from, (SELECT count(*) FROM consumer u WHERE u.container_id = k.id), "
    "(SELECT count(*) FROM chain_link l WHERE l.certificate_id = k.certificate_id)"
)
_PARTS = (
    "SELECT p.container_id, p.name, s.expires_at FROM container_part p "
    "JOIN container k ON k.id = p.container_id AND k.number = p.number LEFT JOIN secret s ON s.id = p.secret_id "
    "WHERE p.container_id IN ({marks}) ORDER BY p.container_id, p.name"
)
_CONSUMER = (
    "u.id, u.container_id, k.name, u.service, u.resource_type, u.resource, u.created_at, u.created_by, "
    "u.fetched_at, u.fetched_number, k.number"
)
_BY_NAME = "ORDER BY u.service, u.resource_type, u.resource, u.id"


def container_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, ContainerRow]:
    """The containers with these ids that are there."""
    found: dict[int, ContainerRow] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = tuple(ids[start : start + _CHUNK])
        marks = ", ".join("?" * len(chunk))
        stored: dict[int, list[tuple[str, int | None]]] = {}
        for container_id, name, expires in connection.execute(_PARTS.format(marks=marks), chunk):
            stored.setdefault(container_id, []).append((name, expires))
        statement = (
            f"SELECT {_COLUMNS} FROM container k LEFT JOIN certificate c ON c.id = k.certificate_id "  # noqa: S608 (our own)
            f"WHERE k.id IN ({marks})"
        )
        for row in connection.execute(statement, chunk):
            found[row[0]] = _row(row, stored.get(row[0], []), as_of)
    return found


def consumers_in(connection: sqlite3.Connection, container_id: int | None = None) -> tuple[Consumer, ...]:
    """The consumers of a container, or of all."""
    only, given = ("WHERE u.container_id = ? ", (container_id,)) if container_id is not None else ("", ())
    return _consumers(connection, only, given)


def consumers_of_entry(connection: sqlite3.Connection, certificate_id: int) -> tuple[Consumer, ...]:
    """Who gets this certificate now by way of a container: with the associations, everything that would break."""
    return _consumers(connection, "WHERE k.certificate_id = ? ", (certificate_id,))


def containers_of_entry(connection: sqlite3.Connection, certificate_id: int) -> tuple[ContainerRef, ...]:
    """The containers that give this certificate out now, the oldest first."""
    rows = connection.execute(
        "SELECT k.id, k.name, k.ref, k.number, k.follows, (SELECT count(*) FROM consumer u WHERE u.container_id = k.id) "
        "FROM container k WHERE k.certificate_id = ? ORDER BY k.id LIMIT 1000",
        (certificate_id,),
    )
    return tuple(
        ContainerRef(row_id, name, ref, number, bool(follows), count)
        for row_id, name, ref, number, follows, count in rows
    )


def ref_of_order(connection: sqlite3.Connection, certificate_id: int | None) -> str:
    """The reference of the container that an order's certificate went into, also when it gives out a newer one by now."""
    found = connection.execute(
        "SELECT k.ref FROM container_version v JOIN container k ON k.id = v.container_id "
        "WHERE v.certificate_id = ? ORDER BY k.id LIMIT 1",
        (certificate_id,),
    ).fetchone()
    return str(found[0]) if found else ""


def _consumers(connection: sqlite3.Connection, only: str, given: tuple[object, ...]) -> tuple[Consumer, ...]:
    statement = f"SELECT {_CONSUMER} FROM consumer u JOIN container k ON k.id = u.container_id {only}{_BY_NAME}"  # noqa: S608 (our own)
    return tuple(map(_consumer, connection.execute(statement, given)))


def _consumer(row: Row) -> Consumer:
    row_id, container_id, name, service, kind, resource, created_at, created_by, fetched_at, number, current = row
    return Consumer(
        id=row_id,
        container_id=container_id,
        container=name,
        service=service,
        resource_type=kind,
        resource=resource,
        created_at=from_epoch(created_at),
        created_by=created_by,
        fetched_at=instant(fetched_at),
        fetched_number=number,
        behind=number < current,
    )


def _row(row: Row, stored: Sequence[tuple[str, int | None]], as_of: datetime) -> ContainerRow:
    row_id, version, ref, name, kind, number, entry_id, follows, group, created_by, created_at, updated_at = row[:12]
    there, entry_name, entry_group, has_key, revoked_at, not_before, not_after, expiring_from, count, links = row[12:]
    names = tuple(part for part, _ in stored)
    if kind == ContainerType.CERTIFICATE.value:
        ends = instant(not_after)
        status = _of_entry(bool(there and has_key), as_of, revoked_at, not_before, not_after, expiring_from)
        own = (CERTIFICATE, PRIVATE_KEY, INTERMEDIATES) if links else (CERTIFICATE, PRIVATE_KEY)
        names = (*(own if has_key else own[:1]), *names) if there else names
    else:
        ends = instant(min((expires for _, expires in stored if expires is not None), default=None))
        status = ContainerStatus.EXPIRED if ends is not None and ends < as_of else ContainerStatus.ACTIVE
    return ContainerRow(
        id=row_id,
        version=version,
        ref=ref,
        name=name,
        type=ContainerType(kind),
        status=status,
        number=number,
        certificate_id=entry_id,
        certificate=entry_name or "",
        not_after=ends,
        days_remaining=None if ends is None else days_remaining(ends, as_of),
        parts=names,
        consumer_count=count,
        follows=bool(follows),
        business_group=group if there is None else entry_group,
        created_by=created_by,
        created_at=from_epoch(created_at),
        updated_at=from_epoch(updated_at),
    )


def _of_entry(
    whole: bool, now: datetime, revoked_at: int | None, begins: int | None, ends: int | None, expiring: int | None
) -> ContainerStatus:
    """The status of its certificate, where that and its key are here."""
    if not whole or ends is None:
        return ContainerStatus.INCOMPLETE
    status = status_of(
        now=now,
        state="",
        revoked_at=instant(revoked_at),
        not_before=instant(begins),
        not_after=instant(ends),
        expiring_at=instant(expiring),
    )
    return _STATUSES.get(status, ContainerStatus.INCOMPLETE)


_STATUSES = {
    Status.ACTIVE: ContainerStatus.ACTIVE,
    Status.EXPIRING: ContainerStatus.EXPIRING,
    Status.EXPIRED: ContainerStatus.EXPIRED,
    Status.NOT_YET_VALID: ContainerStatus.NOT_YET_VALID,
    Status.REVOKED: ContainerStatus.REVOKED,
}
