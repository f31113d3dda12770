"""Access lists: `backend.base_acls.Acls` on the local store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.acl_sql import CERTIFICATE, CONTAINER, REPOSITORY, SECRET
from certtui.backend.local.labels import one_line
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import from_epoch
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import OWNER, Role
from certtui.model.acl import KINDS, Acl

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.access_sql import Scope
    from certtui.backend.local.people import LocalPeople
    from certtui.backend.local.readers import Readers
    from certtui.backend.local.tables_acl import AclTable
    from certtui.model.acl import AclForm, Reach, Reacher

TABLES = {CERTIFICATE: "certificate", CONTAINER: "container", REPOSITORY: "repository", SECRET: "secret"}
"""Where an object of each kind stands; each has a name and knows who made it."""

_MAX_NAME = 128
_MOST_NAMES = 500
_ENDLESS = 2**31
"""Beyond what a database takes for an id."""


class LocalAcls:
    """The access lists of a local store."""

    def __init__(
        self, store: OpenStore, *, people: LocalPeople, scope: Scope | None = None, shared: Readers | None = None
    ) -> None:
        """`people` are those whom whoever asks may know of; `shared` reads all of the store, `scope` what they see."""
        self._store = store
        self._people = people
        self._scope = scope
        self._shared = shared or store.readers

    def get(self, kind: str, object_id: int) -> Acl:
        with self._store.readers.use() as connection:
            return acl_of(connection, kind, object_id)

    def set(self, kind: str, object_id: int, version: int, form: AclForm) -> Acl:
        # What this person does not see is not there for them; then the list alone is asked under the write lock.
        seen = self.get(kind, object_id)
        self._require_in_charge(seen)
        wanted = _checked(form)
        with self._store.changing() as change:
            row = list_of(change, kind, object_id)
            if (0 if row is None else row.version) != version:
                raise Conflict(
                    f"The access list of {seen.object_name} was changed by somebody else since you opened it.",
                    "Look at it again, then repeat the change.",
                )
            before = _said(change, row)
            after = _settled(before | wanted)
            if changed := {field: [before[field], after[field]] for field in after if after[field] != before[field]}:
                _write(change, row or _new(change, kind, object_id, seen.owner), after)
                change.record(events.ACL_SET, kind, object_id, seen.object_name, {"changed": changed})
                if kind == CERTIFICATE:
                    _follow(change, object_id, seen.owner, after)
        return self.get(kind, object_id)

    def who(self, kind: str, object_id: int) -> Sequence[Reacher]:
        from certtui.backend.local.acls_reach import reachers

        found = self.get(kind, object_id)
        return reachers(self._store, self._shared, self._people, found)

    def reach(self, credential: str) -> Reach:
        from certtui.backend.local.acls_reach import reach_of

        return reach_of(self._store, self._shared, self._people, credential, within=self._scope)

    def _require_in_charge(self, seen: Acl) -> None:
        rights = self._store.rights or OWNER
        if rights.role < Role.ADMIN and (not seen.owner or seen.owner != self._store.actor.name):
            owner = f"its owner {seen.owner}" if seen.owner else "its owner"
            raise Denied(
                f"The access list of {seen.object_name} is changed by {owner} and by admins.", "Ask one of them."
            )


def acl_of(connection: sqlite3.Connection, kind: str, object_id: int) -> Acl:
    """The list of an object that the connection shows. Raises `NotFound`, `Invalid` (kind)."""
    table = table_of(kind)
    found = connection.execute(
        f"SELECT name, created_by, business_group FROM {table} WHERE id = ?",  # noqa: S608 (our own)
        (object_id if 0 < object_id < _ENDLESS else 0,),
    ).fetchone()
    if found is None:
        raise NotFound(f"There is no {kind} {object_id} here (any more).", "Refresh the list.")
    row = connection.execute(
        "SELECT id, version, read_group, use_group, owner, updated_at, updated_by FROM acl "
        "WHERE object_kind = ? AND object_id = ?",
        (kind, object_id),
    ).fetchone()
    if row is None:
        return Acl(kind, object_id, found[0], 0, True, True, (), (), found[1], business_group=found[2])
    acl_id, version, read_group, use_group, owner, updated_at, updated_by = row
    names = connection.execute(
        "SELECT name, may_use FROM acl_name WHERE acl_id = ? ORDER BY name", (acl_id,)
    ).fetchall()
    return Acl(
        kind,
        object_id,
        found[0],
        version,
        bool(read_group),
        bool(use_group),
        tuple(name for name, may_use in names if not may_use),
        tuple(name for name, may_use in names if may_use),
        owner,
        from_epoch(updated_at),
        updated_by,
        found[2],
    )


def table_of(kind: str) -> str:
    """Where objects of a kind stand. Raises `Invalid` (kind)."""
    if kind not in TABLES:
        raise Invalid(f"{kind} has no access list.", f"One of {', '.join(KINDS)} has.", field="kind")
    return TABLES[kind]


def list_of(change: Change, kind: str, object_id: int) -> AclTable | None:
    """The row of an object's list under the write lock."""
    from sqlmodel import select

    from certtui.backend.local.tables_acl import AclTable

    return change.session.exec(
        select(AclTable).where(AclTable.object_kind == kind, AclTable.object_id == object_id)
    ).first()


def inherit(change: Change, old_id: int, new_id: int) -> None:
    """A certificate that renews another is for the same people, unless somebody wrote it a list of its own."""
    old = list_of(change, CERTIFICATE, old_id)
    if old is None or list_of(change, CERTIFICATE, new_id) is not None:
        return
    _write(change, _new(change, CERTIFICATE, new_id, old.owner), _said(change, old))


def _follow(change: Change, certificate_id: int, owner: str, said: Said) -> None:
    """What is to renew an entry, and may have its key already, is for the same people from now on."""
    from sqlmodel import col, select

    from certtui.backend.local.orders_form import form_of
    from certtui.backend.local.orders_rows import OPEN
    from certtui.backend.local.tables_issuing import CertificateOrderTable as Order

    mark = f'%"renews_id":%{certificate_id}%'
    for row in change.session.exec(select(Order).where(col(Order.status).in_(OPEN), col(Order.form).like(mark))).all():
        if row.certificate_id is not None and form_of(row.form, row.reference).renews_id == certificate_id:
            new_id = row.certificate_id
            _write(change, list_of(change, CERTIFICATE, new_id) or _new(change, CERTIFICATE, new_id, owner), said)


Said = dict[str, object]


def _checked(form: AclForm) -> Said:
    """What a form says, names without blanks around them. Raises `Invalid` (field)."""
    wanted: Said = {}
    for field in ("read_group", "use_group"):
        if (value := getattr(form, field)) is not None:
            wanted[field] = bool(value)
    for field, names in (("readers", form.readers), ("users", form.users)):
        if names is None:
            continue
        if len(names) > _MOST_NAMES:
            raise Invalid(
                f"{len(names)} names are more than a list takes.", f"{_MOST_NAMES} are the limit.", field=field
            )
        cleaned = [one_line(one, field, _MAX_NAME) for one in names]
        if not all(cleaned):
            raise Invalid("A name on the list is empty.", "Leave it out.", field=field)
        wanted[field] = sorted(set(cleaned))
    return wanted


def _settled(said: Said) -> Said:
    """Who may use may read: no name stands twice."""
    users = list(_names(said, "users"))
    return said | {"readers": [one for one in _names(said, "readers") if one not in users], "users": users}


def _names(said: Said, field: str) -> list[str]:
    names = said[field]
    return [str(one) for one in names] if isinstance(names, list) else []


def _said(change: Change, row: AclTable | None) -> Said:
    """What a list says now; what holds without one."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_acl import AclNameTable

    if row is None:
        return {"read_group": True, "use_group": True, "readers": [], "users": []}
    named = change.session.exec(
        select(AclNameTable).where(AclNameTable.acl_id == row.id).order_by(col(AclNameTable.name))
    ).all()
    return {
        "read_group": bool(row.read_group),
        "use_group": bool(row.use_group),
        "readers": [one.name for one in named if not one.may_use],
        "users": [one.name for one in named if one.may_use],
    }


def _new(change: Change, kind: str, object_id: int, owner: str) -> AclTable:
    from certtui.backend.local.tables_acl import AclTable

    (row_id,) = change.new_ids("acl", 1)
    return AclTable(id=row_id, version=0, object_kind=kind, object_id=object_id, owner=owner, updated_at=change.now)


def _write(change: Change, row: AclTable, said: Said) -> None:
    from sqlalchemy import delete
    from sqlmodel import col

    from certtui.backend.local.tables_acl import AclNameTable

    row.read_group, row.use_group = int(bool(said["read_group"])), int(bool(said["use_group"]))
    row.version += 1
    row.updated_at, row.updated_by = change.now, change.actor
    change.session.add(row)
    change.session.flush()
    change.session.execute(delete(AclNameTable).where(col(AclNameTable.acl_id) == row.id))
    for field, may_use in (("readers", 0), ("users", 1)):
        for name in _names(said, field):
            change.session.add(AclNameTable(acl_id=row.id, name=name, may_use=may_use))
    change.session.flush()
