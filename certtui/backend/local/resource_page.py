"""One resource with what it uses, read on the bare driver."""

from __future__ import annotations

import sqlite3

from certtui.backend.local.certificate_values import instant
from certtui.clock import Clock, from_epoch
from certtui.errors import NotFound
from certtui.model.resource import AssociatedCertificate, Resource, ResourceRow
from certtui.model.status import status_of


def resource_page(connection: sqlite3.Connection, clock: Clock, resource_id: int) -> Resource:
    """Everything of one resource. Raises `NotFound`."""
    connection.execute("BEGIN")
    try:
        row = connection.execute(
            "SELECT id, version, name, type, endpoint, notes, created_at FROM resource WHERE id = ?", (resource_id,)
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no resource {resource_id} here (any more).", "Refresh the list.")
        used = connection.execute(
            "SELECT c.id, c.name, a.role, c.state, c.not_before, c.not_after, c.expiring_from, c.revoked_at "
            "FROM association a JOIN certificate c ON c.id = a.certificate_id WHERE a.resource_id = ? "
            "ORDER BY c.name_key, c.id, a.role",
            (resource_id,),
        ).fetchall()
    finally:
        connection.execute("ROLLBACK")
    now = clock.now()
    alive = [ends for _, _, _, _, _, ends, _, revoked in used if ends is not None and revoked is None]
    return Resource(
        row=ResourceRow(
            id=row[0],
            version=row[1],
            name=row[2],
            type=row[3],
            endpoint=row[4],
            notes=row[5],
            certificate_count=len({one[0] for one in used}),
            next_expiry=instant(min(alive)) if alive else None,
            created_at=from_epoch(row[6]),
        ),
        certificates=tuple(
            AssociatedCertificate(
                id=found,
                name=name,
                role=role,
                status=status_of(
                    now=now,
                    state=state,
                    revoked_at=instant(revoked),
                    not_before=instant(begins),
                    not_after=instant(ends),
                    expiring_at=instant(expiring),
                ).value,
                not_after=instant(ends),
            )
            for found, name, role, state, begins, ends, expiring, revoked in used
        ),
    )
