"""Every table whose rows hold something sealed: `key_uid`, `wrapped_data_key`, `payload`, `wrapping_key_id`.

A re-key wraps all of them anew, a check opens all of them, a move takes all of them along. A test holds this equal to
the tables that refer to a wrapping key.
"""

from __future__ import annotations

from sqlite3 import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.tables import SealedKeyTable
    from certtui.backend.local.tables_issuing import ArchivedKeyTable, SealedSecretTable

    Sealed = type[SealedKeyTable | ArchivedKeyTable | SealedSecretTable]

NAMES = ("sealed_key", "archived_key", "sealed_secret")

NAMED = (
    "SELECT c.name, k.key_uid, k.wrapped_data_key, k.payload FROM sealed_key k "
    "LEFT JOIN certificate c ON c.id = k.certificate_id ORDER BY k.id",
    "SELECT 'archived key ' || k.id, k.key_uid, k.wrapped_data_key, k.payload FROM archived_key k ORDER BY k.id",
    "SELECT 'secret ' || k.name || ' of ' || k.owner_kind || ' ' || k.owner_id, k.key_uid, k.wrapped_data_key, k.payload "
    "FROM sealed_secret k ORDER BY k.id",
)
"""A name for a person, and what opens, of every row of each."""


def models() -> Sequence[Sealed]:
    """The same as SQLModel classes."""
    from certtui.backend.local.tables import SealedKeyTable
    from certtui.backend.local.tables_issuing import ArchivedKeyTable, SealedSecretTable

    return SealedKeyTable, ArchivedKeyTable, SealedSecretTable


def count(connection: Connection) -> int:
    """How many there are in all."""
    return sum(int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in NAMES)  # noqa: S608 - our own names
