"""The list of orders, and one with everything that its page shows, on the bare driver."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import instant
from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.backend.local.read.name_pattern import names_regex
from certtui.clock import epoch, from_epoch
from certtui.errors import Ambiguous, NotFound
from certtui.model.authority import AuthorityType
from certtui.model.filter_orders import ORDER
from certtui.model.filters import parse
from certtui.model.order import OrderRow, OrdersOverview, OrderStatus, OrderStep
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_COLUMNS = (
    "id, version, certificate_id, name, common_name, san_count, type, authority_name, authority_id, status, "
    "requester_kind, requester, business_group, created_at, submitted_at, finished_at, error"
)
_OPEN = ", ".join(f"'{status.value}'" for status in OrderStatus if status.open)
_BATCH = 500
_SHOWN = 10
_WHO_ADDS = "No authority is enabled: an admin adds one in Authorities, or with `certtui authority add`."


def open_orders_list(readers: Readers, clock: Clock, query: Query) -> LocalListing[OrderRow]:
    """Open the list of orders. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(_plan, order_rows))


def order_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, OrderRow]:
    """The orders with these ids that are there."""
    found: dict[int, OrderRow] = {}
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        sql = f"SELECT {_COLUMNS} FROM certificate_order WHERE id IN ({marks})"  # noqa: S608 (our own names)
        for row in connection.execute(sql, tuple(chunk)):
            found[row[0]] = _row(row, as_of)
    return found


def full_row(connection: sqlite3.Connection, order_id: int) -> sqlite3.Row:
    """All columns of one order. Raises `NotFound`."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found: list[sqlite3.Row] = cursor.execute("SELECT * FROM certificate_order WHERE id = ?", (order_id,)).fetchall()
    if not found:
        raise NotFound(f"There is no order {order_id} here (any more).", "Refresh the list.")
    return found[0]


def listed(row: sqlite3.Row, as_of: datetime) -> OrderRow:
    """The list facts of all columns."""
    return _row([row[name] for name in _COLUMNS.split(", ")], as_of)


def steps_of(kept: str) -> tuple[OrderStep, ...]:
    """The story."""
    return tuple(OrderStep(from_epoch(at), name, text, outcome) for at, name, text, outcome in json.loads(kept))


def orders_overview(readers: Readers) -> OrdersOverview:
    """How many stand where, and whom one can order from."""
    with readers.use() as connection:
        connection.execute("BEGIN")
        counts = {status.value: 0 for status in OrderStatus}
        counts |= dict(connection.execute("SELECT status, count(*) FROM certificate_order GROUP BY status").fetchall())
        names = connection.execute("SELECT name FROM authority WHERE enabled = 1 ORDER BY name_key").fetchall()
    return OrdersOverview(counts, tuple(name for (name,) in names), "" if names else _WHO_ADDS)


def resolve_order(readers: Readers, reference: str) -> int:
    """The id of an order by its id, name or common name; open ones before ended ones. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    with readers.use() as connection:
        if kind in ("", "id") and text.isascii() and text.isdigit() and len(text) < 19:
            by_id = connection.execute("SELECT id FROM certificate_order WHERE id = ?", (int(text),)).fetchone()
            if by_id:
                return int(by_id[0])
        named: list[tuple[int, str, str, str]] = []
        if kind in ("", "name") and text.isprintable():
            condition, parameters = dialect.either([dialect.equal("name", text), dialect.equal("common_name", text)])
            named = connection.execute(
                f"SELECT id, name, status, common_name FROM certificate_order WHERE {condition} ORDER BY id DESC LIMIT ?",  # noqa: S608
                (*parameters, _SHOWN + 1),
            ).fetchall()
    living = [one for one in named if OrderStatus(one[2]).open]
    found = living or named
    if not found:
        raise NotFound(f"There is no order `{reference}`.", "`certtui order list` shows them all.")
    if len(found) > 1:
        candidates = tuple((row_id, f"{name} ({status})") for row_id, name, status, _ in found)[:_SHOWN]
        raise Ambiguous(f"`{reference}` fits more than one order.", candidates, "Name the one by its id, as `id:17`.")
    return found[0][0]


def _row(row: Sequence[object], as_of: datetime) -> OrderRow:
    (
        row_id, version, certificate_id, name, common_name, san_count, kind, authority, authority_id, status,
        requester_kind, requester, group, created_at, submitted_at, finished_at, error,
    ) = row  # fmt: skip
    return OrderRow(
        id=_number(row_id),
        version=_number(version),
        certificate_id=None if certificate_id is None else _number(certificate_id),
        name=str(name),
        common_name=str(common_name) or str(name),
        san_count=_number(san_count),
        type=AuthorityType(kind) if kind else None,
        authority=str(authority),
        authority_id=None if authority_id is None else _number(authority_id),
        status=OrderStatus(status),
        requester_kind=str(requester_kind),
        requester=str(requester),
        business_group=str(group),
        created_at=from_epoch(_number(created_at)),
        submitted_at=instant(None if submitted_at is None else _number(submitted_at)),
        finished_at=instant(None if finished_at is None else _number(finished_at)),
        duration_seconds=_duration(submitted_at, finished_at, as_of),
        error=str(error),
    )


def _duration(submitted_at: object, finished_at: object, as_of: datetime) -> int | None:
    if submitted_at is None:
        return None
    ends = epoch(as_of) if finished_at is None else _number(finished_at)
    return max(ends - _number(submitted_at), 0)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise AssertionError("the column holds whole numbers")
    return value


def _plan(_connection: sqlite3.Connection, query: Query, _now: int) -> Plan:
    where = conditions.where(parse(query.text, ORDER), _condition)
    return Plan("certificate_order", "id", where, order.segments(query.sort, _SORTS, "id", _now))


_SORTS = {
    "created": order.number("created_at"),
    "name": order.words("name"),
    "common_name": order.words("common_name"),
    "type": order.words("type"),
    "authority": order.words("authority_name"),
    # As an operator's eye goes: what can still be acted on first.
    "status": order.number(
        "CASE status WHEN 'failed' THEN 0 WHEN 'pending' THEN 1 WHEN 'processing' THEN 2 WHEN 'draft' THEN 3 "
        "WHEN 'complete' THEN 4 ELSE 5 END"
    ),
    "requester": order.words("requester"),
    "group": order.words("business_group"),
    "submitted": order.instant("submitted_at"),
    "finished": order.instant("finished_at"),
    "duration": order.instant("(finished_at - submitted_at)"),
    "id": order.number("id"),
}


def _condition(term: Term) -> Sql:
    match term.key:
        case "":
            return dialect.either([dialect.scanned(fold(value.text)) for value in term.values])
        case "status" | "type":
            return dialect.either([(f"{term.key} = ?", (value.text,)) for value in term.values])
        case "open":
            return f"status IN ({_OPEN})", ()
        case "authority":
            return conditions.pattern("authority_name", term.values)
        case "group":
            return conditions.pattern("business_group", term.values)
        case "by":
            who = conditions.pattern("requester", term.values)
            kinds = dialect.either([("requester_kind = ?", (value.text,)) for value in term.values])
            return dialect.either([who, kinds])
        case "name":
            return conditions.text("name", term.values)
        case "cn":
            return dialect.either([dialect.finds("common_name", names_regex(value)) for value in term.values])
        case "san":
            return dialect.either([dialect.finds("sans", names_regex(value)) for value in term.values])
        case "created":
            return conditions.dates("created_at", term)
        case "submitted":
            return conditions.dates("submitted_at", term)
    return conditions.numbers("id", term.values)
