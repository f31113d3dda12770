"""Access lists where something is changed or a key is used: asked of the lists themselves, whatever the way there.

Reading is limited in `access_sql`. Here stand the same rules for rows under the write lock, and `require_use`, which every
act on a payload or a key calls first. Whoever opens a local store is its owner, and no list holds for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.acl_sql import CERTIFICATE, REPOSITORY, barred, closed_to, hidden, not_for_use_by
from certtui.errors import Denied
from certtui.model.access import Role

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables import CertificateTable

_CHUNK = 500


def hidden_among(change: Change, kind: str, ids: Collection[int]) -> set[int]:
    """Those of these objects that a list of their own hides from whoever makes the change."""
    if change.rights is None or change.rights.role >= Role.ADMIN:
        return set()
    return _listed(change, closed_to(kind), ids)


def barred_among(change: Change, kind: str, ids: Collection[int]) -> set[int]:
    """Those that whoever makes the change may not use, by a list of their own; admins have to be named as well."""
    if change.rights is None:
        return set()
    return _listed(change, not_for_use_by(kind), ids) | hidden_among(change, kind, ids)


def _listed(change: Change, condition: str, ids: Collection[int]) -> set[int]:
    wanted, found = sorted(ids), set[int]()
    connection = change.session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        statement = f"SELECT object_id FROM acl WHERE {condition} AND object_id IN ({marks})"  # noqa: S608 (marks only)
        rows = connection.exec_driver_sql(statement.replace("?", mark), (change.actor, change.actor, *chunk))
        found |= {row[0] for row in rows}
    return found


def keys_barred(change: Change, rows: Collection[CertificateTable]) -> set[int]:
    """Entries whose keys whoever makes the change may not use, by their own list or that of their repository."""
    repositories = {row.repository_id for row in rows if row.repository_id is not None}
    closed = barred_among(change, REPOSITORY, repositories)
    return barred_among(change, CERTIFICATE, {row.id for row in rows}) | {
        row.id for row in rows if row.repository_id in closed
    }


def refuse_key_in(change: Change, row: CertificateTable) -> None:
    """Raises `Denied` where the key of an entry may not be used, and so not be destroyed."""
    if row.has_private_key and keys_barred(change, (row,)):
        raise not_named(row.name)


def not_named(name: str) -> Denied:
    """For who is not on the list of what is called so."""
    return Denied(
        f"The access list of {name} does not let you use it.",
        "Ask its owner or an admin to name you there; `certtui acl show` tells who may.",
    )


def hides(change: Change, kind: str, object_id: int) -> bool:
    """Whether a list hides one object from whoever makes the change."""
    return object_id in hidden_among(change, kind, (object_id,))


def hides_entry(change: Change, row: CertificateTable) -> bool:
    """Whether an entry is hidden, by its own list or by that of its repository."""
    if hides(change, CERTIFICATE, row.id):
        return True
    return row.repository_id is not None and hides(change, REPOSITORY, row.repository_id)


def require_use(store: OpenStore, kind: str, object_id: int, name: str) -> None:
    """Raises `Denied` where the list of an object lets somebody else use it; `name` is what the object is called."""
    if store.rights is None:
        return
    with store.readers.use() as connection:
        refuse_use(connection, store, kind, object_id, name)


def require_use_of_key(store: OpenStore, certificate_id: int) -> None:
    """The same for the key of an entry: its own list, and that of the repository where it is filed. Raises `NotFound`, `Denied`."""
    from certtui.backend.local.page import entry_row

    if store.rights is None:
        return
    with store.readers.use() as connection:
        row = entry_row(connection, certificate_id)
        refuse_use(connection, store, CERTIFICATE, certificate_id, row["name"])
        if row["repository_id"] is not None:
            refuse_use(connection, store, REPOSITORY, row["repository_id"], f"the repository of {row['name']}")


def refuse_use(connection: sqlite3.Connection, store: OpenStore, kind: str, object_id: int, name: str) -> None:
    """As `require_use`, within a reading that has begun."""
    if store.rights is None:
        return
    named = (store.actor.name, store.actor.name)
    conditions = [barred(kind, "?")]
    given: list[object] = [object_id, *named]
    if store.rights.role < Role.ADMIN:
        # Admins read what lists hide, so that they can be mended; using is for who is named.
        conditions.append(hidden(kind, "?"))
        given += [object_id, *named]
    statement = f"SELECT 1 WHERE {' OR '.join(conditions)}"
    if connection.execute(statement, given).fetchone() is not None:
        raise not_named(name)
