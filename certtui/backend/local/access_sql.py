"""A scope as SQL: in each statement of a reading connection the tables stand for what one person may see of them.

Before a statement comes `WITH certificate AS NOT MATERIALIZED (SELECT * FROM main.certificate WHERE …)`, and the same for
every table that hangs on it. A name in WITH hides the table of that name, so no list, count, page or lookup can forget
the scope, and what is written tomorrow has it too. The database plans it as if the condition stood in the statement.
"""

from __future__ import annotations

import re
from dataclasses import replace

from certtui.backend.local.read import dialect
from certtui.model.access import Access
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
_TABLES = re.compile(
    r"\b(certificate|chain_certificate|certificate_order|archived_key|audit_event|alert_event|alert_threshold|sealed_secret|"
    + "|".join(_HANGING)
    + r")\b"
)
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
    """What a person with a limited access may see, as conditions. Acts by `name` with the same `credential` are their own.

    A `wide` scope holds so many entries that its index would only be in the way of a list's order.
    """

    access: Access
    name: str
    credential: str = ""
    wide: bool = False

    def limited(self, statement: str, parameters: Sequence[object]) -> Sql:
        """The statement within the scope. Raises `AssertionError` for one that is no reading of the inventory."""
        if statement in _PLAIN:
            return statement, tuple(parameters)
        if not statement.startswith("SELECT ") or _SECRET.search(statement):
            raise AssertionError("a limited view only selects")
        named = set(_TABLES.findall(statement))
        if not named:
            return statement, tuple(parameters)
        parts, given = self._tables(named)
        return f"WITH {', '.join(parts)} {statement}", (*given, *parameters)

    def _tables(self, named: set[str]) -> tuple[list[str], tuple[object, ...]]:
        chosen = condition_of(self.access)
        condition, given = dialect.opaque(chosen) if self.wide else chosen
        parts = [_shadow("certificate", condition)]
        if "chain_certificate" in named:
            named = named | {"chain_link"}
        if named & {"alert_event", "audit_event"}:
            named = named | {"alert"}
        parts += [_shadow(table, _OF_THE_ENTRY.format(table=table)) for table in _HANGING if table in named]
        if "chain_certificate" in named:
            parts.append(_shadow("chain_certificate", _CHAIN))
        if named & {"certificate_order", "archived_key", "audit_event"}:
            # An order keeps its group and names when its entry is gone.
            parts.append(_shadow("certificate_order", chosen[0]))
            given += chosen[1]
        if "archived_key" in named:
            parts.append(_shadow("archived_key", _OF_THE_ORDER, _ARCHIVED))
        if "sealed_secret" in named:
            parts.append(_shadow("sealed_secret", "owner_kind = 'authority'", _WHICH_SECRETS))
        if "alert_event" in named:
            parts.append(_shadow("alert_event", _OF_THE_ALERT))
        if "alert_threshold" in named:
            groups = self.access.groups
            mine = (_OF_A_GROUP, ()) if groups is None else dialect.one_of("business_group", groups)
            parts.append(_shadow("alert_threshold", f"business_group = '' OR {mine[0]}"))
            given += mine[1]
        if "audit_event" in named:
            visible, more = self._events()
            parts.append(_shadow("audit_event", visible))
            given += more
        return parts, given

    def _events(self) -> Sql:
        """One's own acts, acts on resources, and acts all of whose entries are, or were then, in the scope."""
        was_in, given = condition_of(
            self.access, group=dialect.json_item("was.value", 1), domain=dialect.json_item("was.value", 2), names=""
        )

        def seen(entry: str) -> str:
            was = f"{dialect.json_number(dialect.json_item('was.value', 0))} = {entry} AND {was_in}"
            return (
                f"(EXISTS (SELECT 1 FROM certificate own WHERE own.id = {entry}) "  # noqa: S608 (texts of this package)
                f"OR EXISTS (SELECT 1 FROM {dialect.json_items('detail', 'were')} was WHERE {was}))"
            )

        listed = dialect.json_items("detail", "ids")
        used = dialect.json_items("detail", "dissociated")
        visible = (
            f"({dialect.json_text('actor', 'name')} = ? AND {dialect.json_text('actor', 'credential')} = ?) "  # noqa: S608 (texts of this package)
            f"OR (object_kind = 'resource' AND NOT EXISTS (SELECT 1 FROM {used} one WHERE NOT EXISTS "
            f"(SELECT 1 FROM certificate own WHERE own.id = {dialect.json_number('one.value')}))) "
            "OR (object_kind = 'order' AND EXISTS (SELECT 1 FROM certificate_order own WHERE own.id = object_id)) "
            "OR (object_kind = 'alert' AND EXISTS (SELECT 1 FROM alert own WHERE own.id = audit_event.object_id)) "
            f"OR (object_kind = 'certificate' AND ({seen('object_id')} OR (object_id IS NULL "
            f"AND EXISTS (SELECT 1 FROM {listed} one))) "
            f"AND NOT EXISTS (SELECT 1 FROM {listed} one WHERE NOT {seen(dialect.json_number('one.value'))}))"
        )
        return visible, (self.name, self.credential, *given, *given)


class Widths:
    """Which scopes are wide, counted up to a limit by their index and remembered for a minute. For SQLite alone.

    It plans without knowing how many rows a scope holds, and then sorts half of the inventory to show the first page.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Access, tuple[datetime, bool]] = {}

    def fitted(self, connection: sqlite3.Connection, scope: Scope) -> Scope:
        """The scope, wide or not."""
        if not hasattr(connection, "create_function"):
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
