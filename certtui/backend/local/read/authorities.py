"""The list of CA profiles, and one with everything that its page shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.cas_whole import whole
from certtui.backend.local.certificate_values import instant
from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import from_epoch
from certtui.errors import Ambiguous, CerttuiError, NotFound
from certtui.model.authority import (
    Authority,
    AuthorityCapabilities,
    AuthorityRow,
    AuthorityType,
    AuthorityTypeInfo,
    CheckedLine,
)
from certtui.model.filter_orders import AUTHORITY
from certtui.model.filters import parse
from certtui.model.panel import PanelLine
from certtui.model.search_text import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_OPEN = (
    "(SELECT count(*) FROM certificate_order o WHERE o.authority_id = authority.id "
    "AND o.status IN ('draft', 'pending', 'processing'))"
)
_BATCH = 500
_FILES_SHOWN = 5


def authority_types(store: OpenStore) -> tuple[AuthorityTypeInfo, ...]:
    """What can be added here; the choices of a local profile are the CAs that can issue."""
    from certtui.authorities.factory import types

    with whole(store).readers.use() as connection:
        names = connection.execute("SELECT name FROM ca WHERE state = 'active' ORDER BY name_key").fetchall()
    return types([name for (name,) in names])


def open_authorities(readers: Readers, clock: Clock, query: Query) -> LocalListing[AuthorityRow]:
    """Open the list of profiles. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, authority_rows))


def authority_rows(connection: sqlite3.Connection, ids: Sequence[int], _as_of: datetime) -> dict[int, AuthorityRow]:
    """The profiles with these ids that are there."""
    found: dict[int, AuthorityRow] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        rows = connection.execute(
            f"SELECT id, version, name, type, enabled, summary, {_OPEN}, tested_at, test_ok, created_at "  # noqa: S608
            f"FROM authority WHERE id IN ({marks})",
            tuple(chunk),
        )
        for row_id, version, name, kind, enabled, summary, open_orders, tested_at, test_ok, created_at in rows:
            found[row_id] = AuthorityRow(
                id=row_id,
                version=version,
                name=name,
                type=AuthorityType(kind),
                enabled=bool(enabled),
                summary=summary,
                open_orders=open_orders,
                tested_at=instant(tested_at),
                test_ok=bool(test_ok),
                created_at=from_epoch(created_at),
            )
    return found


def authority_page(store: OpenStore, authority_id: int) -> Authority:
    """Everything of one profile. Raises `NotFound`."""
    from certtui.backend.local.authorities_made import CA_SETTING, made
    from certtui.backend.local.authorities_rows import gone
    from certtui.backend.local.secrets import AUTHORITY as OWNER
    from certtui.backend.local.secrets import secrets_set

    now = store.clock.now()
    with store.readers.use() as connection:
        row = authority_rows(connection, [authority_id], now).get(authority_id)
        if row is None:
            raise gone(authority_id)
        description, renew, settings, lines = connection.execute(
            "SELECT description, auto_renew_days, settings, test_lines FROM authority WHERE id = ?", (authority_id,)
        ).fetchone()
        shown: dict[str, str] = json.loads(settings)
        if CA_SETTING in shown:
            ca = connection.execute("SELECT name FROM ca WHERE id = ?", (int(shown[CA_SETTING]),)).fetchone()
            shown[CA_SETTING] = ca[0] if ca else shown[CA_SETTING]
        secrets = secrets_set(connection, OWNER, [authority_id]).get(authority_id, ())
        files = connection.execute(
            "SELECT problem FROM watched_file WHERE authority_id = ? AND problem <> '' ORDER BY seen_at DESC LIMIT ?",
            (authority_id, _FILES_SHOWN),
        ).fetchall()
    capabilities = AuthorityCapabilities()
    panel: tuple[PanelLine, ...]
    try:
        authority = made(store, row.name, row.type.value, settings, authority_id)
        capabilities = authority.capabilities
        panel = (
            *authority.panel(None, "", now),
            *(PanelLine("Of no use", problem, mark="problem") for (problem,) in files),
        )
    except CerttuiError as error:
        panel = (PanelLine("Profile", error.message, mark="problem"),)
    return Authority(
        row=row,
        description=description,
        auto_renew_days=renew,
        settings=shown,
        secrets_set=secrets,
        capabilities=capabilities,
        panel=panel,
        last_test=tuple(CheckedLine(label, bool(ok), text) for label, ok, text in json.loads(lines)),
    )


def resolve_authority(readers: Readers, reference: str) -> int:
    """The id of a profile by its id or name; `id:` or `name:` before it says which. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    found: dict[int, str] = {}
    with readers.use() as connection:
        if kind in ("", "id") and text.isascii() and text.isdigit() and len(text) < 19:
            found |= dict(connection.execute("SELECT id, name FROM authority WHERE id = ?", (int(text),)).fetchall())
        if kind in ("", "name") and text.isprintable():
            named = connection.execute("SELECT id, name FROM authority WHERE name_key = ?", (fold(text),))
            found |= dict(named.fetchall())
    if not found:
        raise NotFound(f"There is no authority `{reference}`.", "`certtui authority list` shows them all.")
    if len(found) > 1:
        raise Ambiguous(
            f"`{reference}` fits more than one authority.", tuple(sorted(found.items())), "Say `id:3` or `name:3`."
        )
    return next(iter(found))


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    where = conditions.where(parse(query.text, AUTHORITY), _condition)
    return Plan("authority", "id", where, order.segments(query.sort, _SORTS, "id", now))


_SORTS = {
    "name": order.number("name_key"),
    "type": order.words("type"),
    "enabled": order.number("enabled"),
    "open_orders": order.number(_OPEN),
    "tested": order.instant("tested_at"),
    "created": order.number("created_at"),
    "id": order.number("id"),
}


def _condition(term: Term) -> Sql:
    match term.key:
        case "":
            return dialect.either([_word(value.text) for value in term.values])
        case "type":
            return dialect.either([("type = ?", (value.text,)) for value in term.values])
        case "enabled":
            return dialect.either([("enabled = ?", (int(value.text == "yes"),)) for value in term.values])
        case "name":
            return conditions.text("name", term.values)
    return conditions.numbers("id", term.values)


def _word(text: str) -> Sql:
    return dialect.either([dialect.contains(column, text) for column in ("name", "summary", "description")])
