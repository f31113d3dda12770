"""Stored secrets from their tables, on a reading connection: what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import instant
from certtui.clock import from_epoch
from certtui.errors import NotFound
from certtui.model.status import days_remaining
from certtui.model.stored_secret import SecretUse, StoredSecret, StoredSecretRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

_CHUNK = 500
_ENDLESS = 1 << 63
_COLUMNS = (
    "id, version, name, type, algorithm, spki_sha256, size, expires_at, business_group, description, created_by, "
    "created_at, (SELECT count(DISTINCT p.container_id) FROM container_part p WHERE p.secret_id = secret.id)"
)
_USES = (
    "SELECT k.id, k.name, p.name, p.number, k.number FROM container_part p JOIN container k ON k.id = p.container_id "
    "WHERE p.secret_id = ? ORDER BY k.name_key, k.id, p.number DESC"
)


def secret_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, StoredSecretRow]:
    """The stored secrets with these ids that are there."""
    found: dict[int, StoredSecretRow] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = tuple(ids[start : start + _CHUNK])
        marks = ", ".join("?" * len(chunk))
        for row in connection.execute(f"SELECT {_COLUMNS} FROM secret WHERE id IN ({marks})", chunk):  # noqa: S608 (our own)
            row_id, version, name, kind, algorithm, spki, size, expires, group, about, by, created_at, count = row
            expires_at = instant(expires)
            found[row_id] = StoredSecretRow(
                id=row_id,
                version=version,
                name=name,
                type=kind,
                algorithm=algorithm,
                spki_sha256=spki,
                size=size,
                expires_at=expires_at,
                days_remaining=None if expires_at is None else days_remaining(expires_at, as_of),
                container_count=count,
                business_group=group,
                description=about,
                created_by=by,
                created_at=from_epoch(created_at),
            )
    return found


def secret_page(connection: sqlite3.Connection, now: datetime, secret_id: int) -> StoredSecret:
    """One stored secret with what uses it. Raises `NotFound`."""
    connection.execute("BEGIN")
    try:
        found = secret_rows(connection, [secret_id], now) if 0 < secret_id < _ENDLESS else {}
        if secret_id not in found:
            raise gone(secret_id)
        uses: dict[tuple[int, str], SecretUse] = {}
        for container_id, name, part, number, current in connection.execute(_USES, (secret_id,)):
            uses.setdefault((container_id, part), SecretUse(container_id, name, part, number == current))
        return StoredSecret(found[secret_id], tuple(uses.values()))
    finally:
        connection.execute("ROLLBACK")


def gone(secret_id: int) -> NotFound:
    """For a secret that is not there, or not to be seen."""
    return NotFound(f"There is no stored secret {secret_id} here (any more).", "Refresh the list.")
