"""Who reaches what: every way in over a server, tried with the very conditions that every reading and every use is under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from certtui.backend.local.access import limited
from certtui.backend.local.access_sql import Scope
from certtui.backend.local.acl_sql import CERTIFICATE, REPOSITORY, barred
from certtui.backend.local.acls import TABLES, table_of
from certtui.errors import Invalid, NotFound
from certtui.model.access import Access, Role
from certtui.model.acl import KINDS, Named, Reach, ReachCount, Reacher

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.people import LocalPeople
    from certtui.backend.local.readers import Readers
    from certtui.model.acl import Acl

_MOST_NAMED = 200
_SEALED = {CERTIFICATE: "has_private_key = 1"}
"""What of a kind has something sealed to use; of the other kinds everything has."""


@dataclass(frozen=True, slots=True)
class _Credential:
    name: str
    """Whom it stands for."""
    credential: str
    access: Access
    ended: bool


def reachers(store: OpenStore, shared: Readers, people: LocalPeople, acl: Acl) -> Sequence[Reacher]:
    """What each credential that is still good may do with the object of a list, most first."""
    good = [one for one in _credentials(people, store.clock.now()) if not one.ended]
    with shared.use() as connection:
        found = [_reacher(connection, one, acl) for one in good]
    return sorted(found, key=lambda one: (-one.takes_key, -one.uses, -one.reads, one.name, one.credential))


def reach_of(store: OpenStore, shared: Readers, people: LocalPeople, credential: str, *, within: Scope | None) -> Reach:
    """What a credential reaches. Raises `NotFound`, `Invalid` (credential).

    Only credentials whose scope lies within that of whoever asks are known to them, so nothing is told that they may not see.
    """
    kind, _, number = credential.strip().partition(" ")
    if kind not in ("token", "mapping") or not number.isdigit():
        raise Invalid(f"{credential} is no credential.", "Write `token 3` or `mapping 2`.", field="credential")
    asked = f"{kind} {int(number)}"
    one = next((each for each in _credentials(people, store.clock.now()) if each.credential == asked), None)
    if one is None:
        raise NotFound(f"There is no {asked} here.", "`certtui token list` tells what there is.")
    with shared.use() as connection:
        seen = _view(connection, one)
        counts = tuple(_count(seen, one, object_kind) for object_kind in KINDS)
        named = tuple(_named(_within(connection, within), one))
    return Reach(
        one.name,
        one.credential,
        str(one.access.role),
        one.access.export_keys,
        one.access.groups,
        one.access.domains,
        one.ended,
        counts,
        named,
    )


def _credentials(people: LocalPeople, now: datetime) -> Iterator[_Credential]:
    for token in people.list_tokens():
        ended = token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now)
        yield _Credential(token.actor, f"token {token.id}", token.access, ended)
    for mapping in people.list_mappings():
        yield _Credential(mapping.actor, f"mapping {mapping.id}", mapping.access, False)


def _view(connection: sqlite3.Connection, one: _Credential) -> sqlite3.Connection:
    """The store as this credential sees it."""
    return _within(connection, Scope(one.access, one.name, one.credential))


def _within(connection: sqlite3.Connection, scope: Scope | None) -> sqlite3.Connection:
    asked = None if scope is None else scope.asked(connection)
    return connection if asked is None or not asked.limits else limited(connection, asked)


def _reacher(connection: sqlite3.Connection, one: _Credential, acl: Acl) -> Reacher:
    reads = bool(_rows(_view(connection, one), acl.kind, "id = ?", (acl.object_id,)))
    uses = reads and bool(_rows(_view(connection, one), acl.kind, *_usable(one, acl.kind, acl.object_id)))
    takes = uses and one.access.export_keys
    return Reacher(
        one.name,
        one.credential,
        str(one.access.role),
        one.access.export_keys,
        reads,
        uses,
        takes,
        _why(one, acl, reads=reads, uses=uses),
    )


def _why(one: _Credential, acl: Acl, *, reads: bool, uses: bool) -> str:
    if not reads:
        closed = not acl.read_group and one.name not in (*acl.readers, *acl.users, acl.owner)
        return "Its access list does not name them." if closed else "It lies outside of what they may see."
    if not uses:
        how = (
            "Admins read what a list closes" if one.access.role >= Role.ADMIN and not acl.read_group else "They read it"
        )
        return f"{how}; the list does not let them use it."
    if one.name == acl.owner:
        by = "They own it"
    elif one.name in acl.users and not acl.use_group:
        by = "The list names them"
    else:
        by = "It is open to its group"
    if not one.access.export_keys:
        return f"{by}; without export-keys what is sealed stays here."
    return f"{by}."


def _usable(one: _Credential, kind: str, object_id: int | None = None) -> tuple[str, tuple[object, ...]]:
    """The condition that an object seen may be used as well."""
    table = TABLES[kind]
    conditions = [f"NOT {barred(kind, f'{table}.id')}"]
    given: list[object] = [one.name, one.name]
    if kind == CERTIFICATE:
        conditions.append(f"NOT {barred(REPOSITORY, 'certificate.repository_id')}")
        given += [one.name, one.name]
    if kind in _SEALED:
        conditions.append(_SEALED[kind])
    if object_id is not None:
        conditions.append("id = ?")
        given.append(object_id)
    return " AND ".join(conditions), tuple(given)


def _rows(connection: sqlite3.Connection, kind: str, condition: str, given: Sequence[object]) -> int:
    statement = f"SELECT count(*) FROM {table_of(kind)} WHERE {condition}"  # noqa: S608 (texts of this package)
    return int(connection.execute(statement, tuple(given)).fetchone()[0])


def _count(seen: sqlite3.Connection, one: _Credential, kind: str) -> ReachCount:
    return ReachCount(kind, _rows(seen, kind, "TRUE", ()), _rows(seen, kind, *_usable(one, kind)))


def _named(connection: sqlite3.Connection, one: _Credential) -> Iterator[Named]:
    """The objects whose lists name this person, as far as whoever asks sees them."""
    left = _MOST_NAMED
    for kind in KINDS:
        table = TABLES[kind]
        rows = connection.execute(
            f"SELECT {table}.id, {table}.name, named.may_use FROM acl_name named JOIN acl list ON list.id = named.acl_id "  # noqa: S608 (texts of this package)
            f"JOIN {table} ON {table}.id = list.object_id WHERE named.name = ? AND list.object_kind = ? "
            f"ORDER BY {table}.name_key, {table}.id LIMIT ?",
            (one.name, kind, left),
        ).fetchall()
        left -= len(rows)
        for object_id, name, may_use in rows:
            yield Named(kind, object_id, name, bool(may_use))
