"""Secrets of profiles, channels and OCSP responders, and stored ones: sealed as private keys are, read back by who uses them only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import sealing
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.errors import Locked, Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.open_store import Change, OpenStore

AUTHORITY, CHANNEL, OCSP, STORED, ACME_DNS = "authority", "channel", "ocsp", "secret", "acme-dns"
"""The kinds of owners; of OCSP responders the owner is the CA, of stored secrets the row of `secret`, of acme-dns `acme_dns_name`."""


def seal_secrets(
    store: OpenStore, change: Change, owner_kind: str, owner_id: int, secrets: Mapping[str, Secret]
) -> None:
    """Keep secrets of an owner by name; one that is there is replaced, an empty one forgotten. Raises `Locked`.

    Where something is replaced or forgotten, the change is one of `wiping.destroying`.
    """
    from certtui.backend.local.tables_issuing import SealedSecretTable

    forget_secrets(change, owner_kind, owner_id, tuple(secrets))
    kept = {name: secret for name, secret in secrets.items() if secret}
    if not kept:
        return
    wrapping = change.wrapping_key()
    store_key = store.keyring.open(wrapping)
    rows = []
    for row_id, (name, secret) in zip(change.new_ids("sealed_secret", len(kept)), kept.items(), strict=True):
        sealed = sealing.seal(secret, wrapping.store_uid, store_key)
        rows.append(
            {
                "id": row_id,
                "owner_kind": owner_kind,
                "owner_id": owner_id,
                "name": name,
                "key_uid": sealed.key_uid,
                "wrapping_key_id": wrapping.id,
                "created_at": change.now,
                "wrapped_data_key": sealed.wrapped_data_key,
                "payload": sealed.payload,
            }
        )
    change.insert_many(SealedSecretTable, rows)


def forget_secrets(change: Change, owner_kind: str, owner_id: int, names: Sequence[str] | None = None) -> None:
    """Destroy secrets of an owner, all of them without names; within `wiping.destroying`."""
    from sqlalchemy import delete
    from sqlmodel import col

    from certtui.backend.local.tables_issuing import SealedSecretTable as Row

    statement = delete(Row).where(col(Row.owner_kind) == owner_kind, col(Row.owner_id) == owner_id)
    if names is not None:
        statement = statement.where(col(Row.name).in_(names))
    change.session.flush()
    change.session.execute(statement)


def open_secrets(store: OpenStore, owner_kind: str, owner_id: int) -> dict[str, Secret]:
    """All secrets of an owner by name. Raises `Locked` where there is one, `Unreachable` for one that does not open."""
    while True:
        with store.readers.use() as connection:
            connection.execute("BEGIN")
            rows = connection.execute(
                "SELECT name, key_uid, wrapped_data_key, payload FROM sealed_secret "
                "WHERE owner_kind = ? AND owner_id = ? ORDER BY name",
                (owner_kind, owner_id),
            ).fetchall()
            wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone()) if rows else None
            connection.execute("COMMIT")
        if wrapping is None:
            return {}
        try:
            store_key = store.keyring.open(wrapping)
            return {
                name: sealing.unseal(sealing.SealedKey(*sealed), wrapping.store_uid, store_key)
                for name, *sealed in rows
            }
        except (Locked, Unreachable):
            # A re-key of another process may have come in between: then there is a newer wrap to open.
            now = store.wrapping_key()
            if now is None or now.id == wrapping.id:
                raise


def secrets_set(
    connection: sqlite3.Connection, owner_kind: str, owner_ids: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """Which secrets owners have: their names by owner, nothing of what they hold."""
    wanted = list(owner_ids)
    if not wanted:
        return {}
    marks = ", ".join("?" * len(wanted))
    found: dict[int, list[str]] = {}
    rows = connection.execute(
        f"SELECT owner_id, name FROM sealed_secret WHERE owner_kind = ? AND owner_id IN ({marks}) ORDER BY name",  # noqa: S608
        (owner_kind, *wanted),
    )
    for owner_id, name in rows:
        found.setdefault(owner_id, []).append(name)
    return {owner_id: tuple(names) for owner_id, names in found.items()}
