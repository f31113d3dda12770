"""Access lists as SQL: what they hide from somebody, and what they let somebody use. Light: every reading asks.

An object without a list is open to its business group. A list that closes an object to the group names who may read and
who may use it; its owner may both. Admins read everything in their scope, so that a list can be mended; to use a key they
have to be named like everybody else.
"""

from __future__ import annotations

from certtui.backend.local.read.dialect import Sql
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from certtui.model.certificate import Restriction

CERTIFICATE, CONTAINER, REPOSITORY, SECRET = KINDS = ("certificate", "container", "repository", "secret")
"""What has an access list."""

_HIDDEN = (
    "EXISTS (SELECT 1 FROM acl list WHERE list.object_kind = '{kind}' AND list.object_id = {row} AND list.read_group = 0 "
    "AND list.owner <> ? AND NOT EXISTS (SELECT 1 FROM acl_name named WHERE named.acl_id = list.id AND named.name = ?))"
)
_BARRED = (
    "EXISTS (SELECT 1 FROM acl list WHERE list.object_kind = '{kind}' AND list.object_id = {row} AND list.use_group = 0 "
    "AND list.owner <> ? AND NOT EXISTS "
    "(SELECT 1 FROM acl_name named WHERE named.acl_id = list.id AND named.name = ? AND named.may_use = 1))"
)
_ANY = "EXISTS (SELECT 1 FROM acl WHERE object_kind = '{kind}' AND read_group = 0)"
_WHICH = "SELECT " + ", ".join(_ANY.format(kind=kind) for kind in KINDS)
_CLOSED_TO = (
    "object_kind = '{kind}' AND read_group = 0 AND owner <> ? "
    "AND NOT EXISTS (SELECT 1 FROM acl_name WHERE acl_id = acl.id AND name = ?)"
)


_NOT_FOR_USE_BY = (
    "object_kind = '{kind}' AND use_group = 0 AND owner <> ? "
    "AND NOT EXISTS (SELECT 1 FROM acl_name WHERE acl_id = acl.id AND name = ? AND may_use = 1)"
)
_RESTRICTS = (
    "SELECT object_kind, read_group, use_group, "
    "(SELECT count(*) FROM acl_name WHERE acl_id = acl.id AND may_use = 0 AND name <> acl.owner), "
    "(SELECT count(*) FROM acl_name WHERE acl_id = acl.id AND may_use = 1 AND name <> acl.owner) "
    "+ CASE WHEN owner = '' THEN 0 ELSE 1 END "
    "FROM acl WHERE ((object_kind = 'certificate' AND object_id = ?) OR (object_kind = 'repository' AND object_id = ?)) "
    "AND (read_group = 0 OR use_group = 0) ORDER BY object_kind"
)
_CLOSING = "SELECT object_id FROM acl WHERE object_kind = '{kind}' AND (read_group = 0 OR use_group = 0)"
RESTRICTED = (
    f"(id IN ({_CLOSING.format(kind=CERTIFICATE)}) "
    f"OR (repository_id IS NOT NULL AND repository_id IN ({_CLOSING.format(kind=REPOSITORY)})))"
)
"""The condition on `certificate` that a list of the entry, or of the repository that it is filed in, closes something of it."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What lists may hide from a person: kinds of which some object is closed, and the repositories closed to them."""

    name: str
    kinds: frozenset[str] = frozenset()
    repositories: tuple[int, ...] = ()

    @property
    def certificates(self) -> bool:
        """Whether an entry may be hidden, by its own list or by that of its repository."""
        return CERTIFICATE in self.kinds or bool(self.repositories)

    def open_to(self, kind: str, row: str) -> Sql | None:
        """That no list hides the object whose id the expression `row` gives; None where none of the kind is closed."""
        if kind not in self.kinds:
            return None
        return f"NOT {_HIDDEN.format(kind=kind, row=row)}", (self.name, self.name)

    def filed_openly(self, column: str) -> Sql | None:
        """That the repository in the column is not closed; None where none is."""
        if not self.repositories:
            return None
        marks = ", ".join("?" * len(self.repositories))
        return f"coalesce({column}, 0) NOT IN ({marks})", self.repositories


def hiding(connection: sqlite3.Connection, name: str) -> Hiding:
    """What lists may hide from somebody, as of now."""
    row = connection.execute(_WHICH).fetchone()
    kinds = frozenset(kind for kind, any_closed in zip(KINDS, row, strict=True) if any_closed)
    closed: tuple[int, ...] = ()
    if REPOSITORY in kinds:
        closed = tuple(one[0] for one in connection.execute(hidden_ids(REPOSITORY), (name, name)))
    return Hiding(name, kinds, closed)


def closed_to(kind: str) -> str:
    """The condition on `acl` that a list of the kind hides its object; takes the person's name twice."""
    return _CLOSED_TO.format(kind=kind)


def hidden_ids(kind: str) -> str:
    """The ids of the objects that lists of the kind hide, as a query; takes the person's name twice."""
    return f"SELECT object_id FROM acl WHERE {closed_to(kind)}"  # noqa: S608 (our own)


def not_for_use_by(kind: str) -> str:
    """The condition on `acl` that a list of the kind bars from using its object; takes the person's name twice."""
    return _NOT_FOR_USE_BY.format(kind=kind)


def hidden(kind: str, row: str) -> str:
    """The condition that a list hides an object; takes the person's name twice."""
    return _HIDDEN.format(kind=kind, row=row)


def barred(kind: str, row: str) -> str:
    """The condition that a list does not let somebody use an object; takes the person's name twice."""
    return _BARRED.format(kind=kind, row=row)


def restrictions(
    connection: sqlite3.Connection, certificate_id: int, repository_id: int | None
) -> tuple[Restriction, ...]:
    """The lists that close something of an entry: its own first, then that of the repository that it is filed in."""
    from certtui.model.certificate import Restriction

    rows = connection.execute(_RESTRICTS, (certificate_id, repository_id or 0))
    return tuple(Restriction(kind, bool(read), bool(use), readers, users) for kind, read, use, readers, users in rows)
