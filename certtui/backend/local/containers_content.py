"""What is in a container, read in one transaction: leaf, sealed key, chain and stored parts always belong to one version.

Nothing is opened here. The digest stands for exactly this content, made of what can be seen of it: the same while a re-key
wraps its keys anew, another one when a chain is completed.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from certtui.backend.local.certificate_values import instant
from certtui.backend.local.containers_page import gone
from certtui.backend.local.full_chain import full_chain
from certtui.backend.local.keyring import CURRENT, WrappingKey, wrapping_key_of
from certtui.backend.local.page import chain_of, entry_row, leaf_of
from certtui.backend.local.sealing import SealedKey
from certtui.backend.local.secrets import STORED
from certtui.model.container import ContainerType
from certtui.record import dataclass

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from certtui.model.x509 import X509Facts

_ENDLESS = 1 << 63
_CONTAINER = "SELECT ref, name, type, number, certificate_id FROM container WHERE id = ?"
_PARTS = "SELECT name, secret_id FROM container_part WHERE container_id = ? AND number = ? ORDER BY name"
_STORED = "SELECT id, name, type, algorithm, spki_sha256, expires_at FROM secret WHERE id = ?"
_SEALED = (
    "SELECT key_uid, wrapped_data_key, payload FROM sealed_secret WHERE owner_kind = ? AND owner_id = ? ORDER BY id"
)
_KEY = "SELECT key_uid, wrapped_data_key, payload FROM sealed_key WHERE certificate_id = ?"


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A stored secret, sealed, with what is known of it."""

    secret_id: int
    name: str
    """What the secret is called, not the part."""
    type: str
    algorithm: str
    spki_sha256: str
    expires_at: datetime | None
    sealed: SealedKey


@dataclass(frozen=True, slots=True)
class Content:
    """What a container holds, sealed."""

    container_id: int
    ref: str
    name: str
    type: ContainerType
    number: int
    certificate_id: int | None
    entry: str
    """The name of its entry."""
    leaf: X509Facts | None
    chain: tuple[X509Facts, ...]
    key: SealedKey | None
    revoked_at: datetime | None
    stored: dict[str, StoredPart]
    """By the names of the parts."""
    wrapping: WrappingKey

    @property
    def digest(self) -> str:
        """Stands for this content under this number."""
        seen = [
            self.ref,
            self.number,
            "" if self.leaf is None else self.leaf.fingerprint_sha256,
            [one.fingerprint_sha256 for one in self.chain],
            "" if self.key is None else self.key.key_uid,
            [[name, part.sealed.key_uid] for name, part in sorted(self.stored.items())],
        ]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def read_content(connection: sqlite3.Connection, container_id: int) -> Content:
    """What a container holds now, within the limits of the connection. Raises `NotFound`."""
    connection.execute("BEGIN")
    try:
        return _read(connection, container_id)
    finally:
        connection.execute("ROLLBACK")


def read_stored(connection: sqlite3.Connection, secret_id: int) -> StoredPart | None:
    """A stored secret, sealed; None for one that is not there, or not to be seen."""
    row = connection.execute(_STORED, (secret_id,)).fetchone() if 0 < secret_id < _ENDLESS else None
    return None if row is None else _stored(connection, row)


def _read(connection: sqlite3.Connection, container_id: int) -> Content:
    found = connection.execute(_CONTAINER, (container_id,)).fetchone() if 0 < container_id < _ENDLESS else None
    if found is None:
        raise gone(container_id)
    ref, name, kind, number, certificate_id = found
    whole = _whole(connection)
    stored = {
        part: _stored(connection, whole.execute(_STORED, (secret_id,)).fetchone())
        for part, secret_id in whole.execute(_PARTS, (container_id, number)).fetchall()
    }
    leaf: X509Facts | None = None
    chain: tuple[X509Facts, ...] = ()
    key, entry, revoked_at = None, "", None
    if certificate_id is not None:
        row = entry_row(connection, certificate_id)
        entry, revoked_at = row["name"], instant(row["revoked_at"])
        leaf = leaf_of(connection, row)
        chain = () if leaf is None else full_chain(connection, leaf, chain_of(connection, certificate_id))
        sealed = whole.execute(_KEY, (certificate_id,)).fetchone()
        key = None if sealed is None else SealedKey(*sealed)
    return Content(
        container_id=container_id,
        ref=ref,
        name=name,
        type=ContainerType(kind),
        number=number,
        certificate_id=certificate_id,
        entry=entry,
        leaf=leaf,
        chain=chain,
        key=key,
        revoked_at=revoked_at,
        stored=stored,
        wrapping=wrapping_key_of(whole.execute(CURRENT).fetchone()),
    )


def _stored(connection: sqlite3.Connection, row: tuple[Any, ...]) -> StoredPart:  # Any: a database row
    secret_id, name, kind, algorithm, spki, expires = row
    sealed = _whole(connection).execute(_SEALED, (STORED, secret_id)).fetchone()
    return StoredPart(secret_id, name, kind, algorithm, spki, instant(expires), SealedKey(*sealed))


def _whole(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The connection without its limits, in the same transaction: the container itself was found within them.

    What lies sealed is never to be read by a limited view, and is not given out by it either, but by who asked before.
    """
    unlimited = getattr(connection, "unlimited", None)
    whole: sqlite3.Connection = connection if unlimited is None else unlimited()
    return whole
