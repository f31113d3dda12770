"""A scope as SQL: in each statement of a reading connection the tables stand for what one person may see of them.

Before a statement comes `WITH certificate AS NOT MATERIALIZED (SELECT * FROM main.certificate WHERE …)`, and the same for
every table that hangs on it. A name in WITH hides the table of that name, so no list, count, page or lookup can forget
the scope, and what is written tomorrow has it too. The database plans it as if the condition stood in the statement.
"""

from __future__ import annotations

import re
from dataclasses import replace

from certtui.backend.local.acl_sql import CERTIFICATE, CONTAINER, REPOSITORY, SECRET, Hiding, hidden, hidden_ids, hiding
from certtui.backend.local.read import dialect
from certtui.model.access import Access, Role
from certtui.model.domains import forks, reversed_name
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.clock import Clock

_OF_THE_ENTRY = "EXISTS (SELECT 1 FROM certificate own WHERE own.id = {table}.certificate_id)"
_HANGING = ("association", "csr", "certificate_der", "chain_link", "sealed_key", "revocation", "issued", "alert")
_OF_THE_ALERT = "EXISTS (SELECT 1 FROM alert own WHERE own.id = alert_event.alert_id)"
_OF_A_GROUP = "EXISTS (SELECT 1 FROM certificate own WHERE own.business_group = alert_threshold.business_group)"
_OF_THE_ORDER = "EXISTS (SELECT 1 FROM certificate_order own WHERE own.id = archived_key.order_id)"
_CHAIN = "EXISTS (SELECT 1 FROM chain_link own WHERE own.chain_certificate_id = chain_certificate.id)"
_OF_THE_CONTAINER = "EXISTS (SELECT 1 FROM container own WHERE own.id = {table}.container_id)"
_OF_CONTAINERS = tuple(
    (table, _OF_THE_CONTAINER.format(table=table)) for table in ("container_version", "container_part", "consumer")
)
_OPEN_ORDER = (
    "certificate_order.certificate_id IS NULL "
    "OR EXISTS (SELECT 1 FROM certificate own WHERE own.id = certificate_order.certificate_id)"
)
_LIMITED_KINDS = "'certificate', 'order', 'alert', 'resource', 'repository', 'container', 'secret'"
"""Kinds of objects on record that lie in a scope or have an access list."""

_TABLES = re.compile(
    r"\b(certificate|chain_certificate|certificate_order|archived_key|audit_event|alert_event|alert_threshold|sealed_secret|"
    r"repository|container|container_version|container_part|consumer|secret|" + "|".join(_HANGING) + r")\b"
)
_IDS = "SELECT id FROM certificate WHERE "
_FEW = 4_000
"""Entries that are read by their index and sorted in some 20 ms."""

_REMEMBERED = 60
"""Seconds."""

_SCOPES = 1_000
_PLAIN = frozenset({"BEGIN", "COMMIT", "ROLLBACK"})
_SECRET = re.compile(r"\b(token|certificate_mapping|channel|delivery|ocsp_responder)\b")
_ARCHIVED = "id, order_id, spki_sha256, key_algorithm, created_at, archived_at"
_WHICH_SECRETS = "owner_kind, owner_id, name"
"""Which secrets there are, and never what is in them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see, as conditions: by scope, and by what access lists hide. Acts by `name` with the same `credential` are their own.

    A `wide` scope holds so many entries that its index would only be in the way of a list's order.
    """

    access: Access
    name: str
    credential: str = ""
    wide: bool = False
    hiding: Hiding | None = None

    @property
    def limits(self) -> bool:
        """Whether anything at all may lie outside."""
        return self.access.scoped or (self.hiding is not None and bool(self.hiding.kinds))

    def asked(self, connection: sqlite3.Connection) -> Scope:
        """The same with what access lists hide now; admins see all of their scope."""
        if self.access.role >= Role.ADMIN:
            return self
        return replace(self, hiding=hiding(connection, self.name))

    def limited(self, statement: str, parameters: Sequence[object]) -> Sql:
        """The statement within the scope. Raises `AssertionError` for one that is no reading of the inventory."""
        if statement in _PLAIN:
            return statement, tuple(parameters)
        if not statement.startswith("SELECT ") or (self.access.scoped and _SECRET.search(statement)):
            raise AssertionError("a limited view only selects")
        named = set(_TABLES.findall(statement))
        if not named:
            return statement, tuple(parameters)
        parts, given = self._tables(named)
        return f"WITH {', '.join(parts)} {statement}", (*given, *parameters)

    def sifting(self, connection: sqlite3.Connection, statement: str) -> tuple[Scope, frozenset[int]] | None:
        """For the ids of a whole order on SQLite: the scope without the lists of entries, and the entries that these hide.

        The database would look into the lists for every row; PostgreSQL joins them once.
        """
        if self.hiding is None or CERTIFICATE not in self.hiding.kinds or not statement.startswith(_IDS):
            return None
        if not hasattr(connection, "create_function"):
            return None
        found = connection.execute(hidden_ids(CERTIFICATE), (self.name, self.name))
        rest = replace(self.hiding, kinds=self.hiding.kinds - {CERTIFICATE})
        return replace(self, hiding=rest), frozenset(row[0] for row in found)

    def _tables(self, named: set[str]) -> tuple[list[str], tuple[object, ...]]:
        if "chain_certificate" in named:
            named = named | {"chain_link"}
        if named & {"alert_event", "audit_event"}:
            named = named | {"alert"}
        if named & {"container_version", "container_part", "consumer", "audit_event"}:
            named = named | {"container"}
        if "audit_event" in named:
            named = named | {"repository", "secret"}
        scope = condition_of(self.access)
        shadows = [("certificate", self._certificates(scope))]
        shadows += [(table, (self._of_the_entry(table), ())) for table in _HANGING if table in named]
        if "chain_certificate" in named:
            shadows.append(("chain_certificate", (_CHAIN, ())))
        if named & {"certificate_order", "archived_key", "audit_event"}:
            # An order keeps its group and names when its entry is gone.
            hides = self.hiding is not None and self.hiding.certificates
            shadows.append(("certificate_order", dialect.both([scope, (_OPEN_ORDER, ())]) if hides else scope))
        for table, condition in (("alert_event", _OF_THE_ALERT), *_OF_CONTAINERS):
            if table in named:
                shadows.append((table, (condition, ())))
        shadows += [(table, self._filed(table)) for table in (REPOSITORY, SECRET) if table in named]
        if CONTAINER in named:
            # Before what hangs on it, though the order of names in WITH says nothing.
            shadows.append((CONTAINER, self._containers()))
        if "audit_event" in named:
            shadows.append(("audit_event", self._events()))
        parts = [_shadow(table, condition) for table, (condition, _) in shadows]
        given = tuple(value for _, (_, values) in shadows for value in values)
        if self.access.scoped:
            more, also = self._parts_of_columns(named)
            parts, given = parts + more, given + also
        return parts, given

    def _parts_of_columns(self, named: set[str]) -> tuple[list[str], tuple[object, ...]]:
        """Tables of which whoever sees a part of the store sees some columns, or the rows of their groups."""
        parts: list[str] = []
        given: tuple[object, ...] = ()
        if "archived_key" in named:
            parts.append(_shadow("archived_key", _OF_THE_ORDER, _ARCHIVED))
        if "sealed_secret" in named:
            parts.append(_shadow("sealed_secret", "owner_kind = 'authority'", _WHICH_SECRETS))
        if "alert_threshold" in named:
            groups = self.access.groups
            mine = (_OF_A_GROUP, ()) if groups is None else dialect.one_of("business_group", groups)
            parts.append(_shadow("alert_threshold", f"business_group = '' OR {mine[0]}"))
            given = mine[1]
        return parts, given

    def _certificates(self, scope: Sql) -> Sql:
        conditions: list[Sql | None] = [dialect.opaque(scope) if self.wide else scope]
        if self.hiding is not None:
            conditions += [
                self.hiding.open_to(CERTIFICATE, "certificate.id"),
                self.hiding.filed_openly("repository_id"),
            ]
        return dialect.both([one for one in conditions if one is not None])

    def _of_the_entry(self, table: str) -> str:
        """What hangs on an entry; what hangs on none is for those who see all of the store."""
        condition = _OF_THE_ENTRY.format(table=table)
        if self.access.scoped:
            return condition
        return f"{table}.certificate_id IS NULL OR {condition}"

    def _filed(self, table: str) -> Sql:
        """A repository without a group is everybody's; a secret without one is of those who see all groups."""
        if table == REPOSITORY:
            groups = self._of_the_groups()
            shared = (f"(business_group = '' OR {groups[0]})", groups[1]) if self.access.groups is not None else groups
            return self._open(table, shared)
        return self._open(table, self._without_names())

    def _containers(self) -> Sql:
        """By the scope of its entry; one without an entry by its group."""
        bare, given = self._without_names()
        own = f"EXISTS (SELECT 1 FROM certificate own WHERE own.id = {CONTAINER}.certificate_id)"  # noqa: S608 (our own)
        return self._open(CONTAINER, (f"CASE WHEN certificate_id IS NULL THEN {bare} ELSE {own} END", given))

    def _of_the_groups(self) -> Sql:
        groups = self.access.groups
        return dialect.EVERYTHING if groups is None else dialect.one_of("business_group", groups)

    def _without_names(self) -> Sql:
        """What has no names lies in no domain."""
        return dialect.NOTHING if self.access.domains is not None else self._of_the_groups()

    def _open(self, kind: str, condition: Sql) -> Sql:
        """Within a condition, and hidden by no list of its own."""
        listed = None if self.hiding is None else self.hiding.open_to(kind, f"{kind}.id")
        return condition if listed is None else dialect.both([condition, listed])

    def _events(self) -> Sql:
        """One's own acts, acts on resources, and acts all of whose entries are, or were then, in the scope and open."""
        was_in, given = condition_of(
            self.access, group=dialect.json_item("was.value", 1), domain=dialect.json_item("was.value", 2), names=""
        )
        closed = self.hiding is not None and CERTIFICATE in self.hiding.kinds
        asked = (*given, *((self.name, self.name) if closed else ()))

        def seen(entry: str) -> str:
            was = f"{dialect.json_number(dialect.json_item('was.value', 0))} = {entry} AND {was_in}"
            if closed:
                was = f"{was} AND NOT {hidden(CERTIFICATE, entry)}"
            return (
                f"(EXISTS (SELECT 1 FROM certificate own WHERE own.id = {entry}) "  # noqa: S608 (texts of this package)
                f"OR EXISTS (SELECT 1 FROM {dialect.json_items('detail', 'were')} was WHERE {was}))"
            )

        listed = dialect.json_items("detail", "ids")
        used = dialect.json_items("detail", "dissociated")
        detached = dialect.json_items("detail", "detached")
        each = f"NOT EXISTS (SELECT 1 FROM {listed} one WHERE NOT {seen(dialect.json_number('one.value'))})"  # noqa: S608 (texts of this package)
        by_object = " ".join(
            f"OR (object_kind = '{kind}' AND EXISTS (SELECT 1 FROM {table} own WHERE own.id = audit_event.object_id))"  # noqa: S608 (texts of this package)
            for kind, table in (
                ("order", "certificate_order"),
                ("alert", "alert"),
                (CONTAINER, CONTAINER),
                (SECRET, SECRET),
            )
        )
        others = "" if self.access.scoped else f"OR object_kind NOT IN ({_LIMITED_KINDS}) "
        visible = (
            f"({dialect.json_text('actor', 'name')} = ? AND {dialect.json_text('actor', 'credential')} = ?) "  # noqa: S608 (texts of this package)
            f"{others}OR (object_kind = 'resource' AND NOT EXISTS (SELECT 1 FROM {used} one WHERE NOT EXISTS "
            f"(SELECT 1 FROM certificate own WHERE own.id = {dialect.json_number('one.value')}))) {by_object} "
            f"OR (object_kind = 'repository' AND EXISTS (SELECT 1 FROM repository own WHERE own.id = audit_event.object_id) "
            f"AND {each} AND NOT EXISTS (SELECT 1 FROM {detached} one WHERE NOT EXISTS "
            f"(SELECT 1 FROM certificate own WHERE own.id = {dialect.json_number('one.value')}))) "
            f"OR (object_kind = 'certificate' AND ({seen('audit_event.object_id')} OR (object_id IS NULL "
            f"AND EXISTS (SELECT 1 FROM {listed} one))) AND {each})"
        )
        return visible, (self.name, self.credential, *asked, *asked, *asked)


class Widths:
    """Which scopes are wide, counted up to a limit by their index and remembered for a minute. For SQLite alone.

    It plans without knowing how many rows a scope holds, and then sorts half of the inventory to show the first page.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Access, tuple[datetime, bool]] = {}

    def fitted(self, connection: sqlite3.Connection, scope: Scope) -> Scope:
        """The scope as of now: with what access lists hide, wide or not."""
        scope = scope.asked(connection)
        if not scope.access.scoped or not hasattr(connection, "create_function"):
            return scope  # PostgreSQL's, which knows by its statistics
        now = self._clock.now()
        known = self._known.get(scope.access)
        if known is None or abs((now - known[0]).total_seconds()) >= _REMEMBERED:
            if len(self._known) >= _SCOPES:
                self._known.clear()
            self._known[scope.access] = known = (now, _is_wide(connection, scope.access))
        return replace(scope, wide=known[1])


def _is_wide(connection: sqlite3.Connection, access: Access) -> bool:
    """Whether more than a few entries lie in the groups, and in the domains: each has an index of its own."""
    halves = [
        Access(access.role, groups=access.groups) if access.groups is not None else None,
        Access(access.role, domains=access.domains) if access.domains is not None else None,
    ]
    for half in halves:
        if half is None:
            continue
        condition, parameters = condition_of(half)
        counting = f"SELECT count(*) FROM (SELECT 1 FROM certificate WHERE {condition} LIMIT ?)"  # noqa: S608 (our own)
        if connection.execute(counting, (*parameters, _FEW + 1)).fetchone()[0] <= _FEW:
            return False
    return True


def condition_of(
    access: Access, *, group: str = "business_group", domain: str = "domain", names: str = "sans, common_name"
) -> Sql:
    """The entries of a scope, by these columns. Without `names`, entries spread over several domains are left out."""
    parts = []
    if access.groups is not None:
        parts.append(dialect.one_of(group, access.groups))
    if access.domains is not None:
        below = [_below(domain, reversed_name(one)) for one in access.domains]
        spread = [
            (f"{domain} = ? AND {text}", (fork, *more))
            for fork in forks(access.domains)
            for text, more in [dialect.names_within(names, access.domains)]
            if names
        ]
        parts.append(dialect.either([*below, *spread]))
    return dialect.both(parts)


def _below(column: str, start: str) -> Sql:
    """At or below a domain: a range of the index. `/` follows the dot."""
    return f"{column} >= ? AND {column} < ?", (start, f"{start[:-1]}/")


def _shadow(table: str, condition: str, columns: str = "*") -> str:
    return f"{table} AS NOT MATERIALIZED (SELECT {columns} FROM main.{table} WHERE {condition})"  # noqa: S608
