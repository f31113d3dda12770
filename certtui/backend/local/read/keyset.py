"""Pages for scripts: each begins behind the last row of the one before, whatever was added or deleted meanwhile.

The cursor names that row: the segment of the order it stood in, what it was sorted by there, and its id; the instant of
the first page, so that no status moves under a script; and a digest of the query it belongs to. It holds nothing that the
row itself did not show.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from certtui.backend.local.read import dialect
from certtui.backend.local.read.certificates import COLUMNS, certificate_plan
from certtui.backend.local.read.row_text import certificate_text
from certtui.clock import epoch
from certtui.errors import Invalid
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.read.order import Segment
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.query import Query

_BEFORE_ALL = -(2**62)
"""Stands for a time that is missing: SQLite sorts NULL before every number."""

_LOWERED = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
"""ASCII alone, as NOCASE has it."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """The last row of a page."""

    as_of: int
    segment: int
    value: str | int | None
    id: int


def certificate_page(readers: Readers, clock: Clock, query: Query, cursor: str, limit: int) -> tuple[list[str], str]:
    """Up to `limit` rows (JSON texts) behind a cursor ("" for the first page), and the cursor behind them, "" at the end.

    Raises `Invalid` (field "filter", "sort", "cursor").
    """
    mark = _read(cursor, query) if cursor else None
    as_of = epoch(clock.now()) if mark is None else mark.as_of
    rows: list[str] = []
    last: _Mark | None = None
    with readers.use() as connection:
        plan = certificate_plan(connection, query, as_of)
        for number, segment in enumerate(plan.segments):
            if mark is not None and number < mark.segment:
                continue
            column, down = _column(segment)
            behind = _behind(column, down, mark) if mark is not None and number == mark.segment else dialect.EVERYTHING
            statement, parameters = _statement(segment, plan.where, column, behind, led=plan.led)
            room = limit - len(rows)
            # One more than asked tells whether there is another page.
            found = connection.execute(f"{statement} LIMIT ?", (*parameters, room + 1)).fetchall()
            rows += [certificate_text(row[1:], as_of) for row in found[:room]]
            if room and found:
                at = found[:room][-1]
                last = _Mark(as_of, number, at[0], at[1])
            if len(found) > room and last is not None:
                return rows, _written(last, query)
    return rows, ""


def _statement(segment: Segment, where: Sql, column: str, behind: Sql, *, led: bool) -> Sql:
    first, order = segment.where, segment.order
    if led:
        first, order = dialect.opaque(first), dialect.unindexed(order)
    condition, parameters = dialect.both([first, where, behind])
    # Columns, order and condition are texts of this package; what a person typed is in the parameters.
    return f"SELECT {column}, {COLUMNS} FROM certificate WHERE {condition} ORDER BY {order}", parameters  # noqa: S608


def _column(segment: Segment) -> tuple[str, bool]:
    """What a segment sorts by before the id, and whether downwards; "id" where by nothing else."""
    first = segment.order.partition(",")[0]
    return first.removesuffix(" DESC").replace(" COLLATE NOCASE", ""), first.endswith(" DESC")


def _behind(column: str, down: bool, mark: _Mark) -> Sql:
    """The rows of a segment behind the mark."""
    compared = "<" if down else ">"
    if column == "id":
        return f"id {compared} ?", (mark.id,)
    if mark.value is None or column == "not_after":
        value = _BEFORE_ALL if mark.value is None else mark.value
        return f"(coalesce({column}, {_BEFORE_ALL}), id) {compared} (?, ?)", (value, mark.id)
    if isinstance(mark.value, str) and column != "name_key":
        # In lower case already: PostgreSQL lowers the column alone, and for NOCASE it makes no difference.
        return f"({column} COLLATE NOCASE, id) {compared} (?, ?)", (mark.value.translate(_LOWERED), mark.id)
    return f"({column}, id) {compared} (?, ?)", (mark.value, mark.id)


def _written(mark: _Mark, query: Query) -> str:
    parts = [1, _digest(query), mark.as_of, mark.segment, mark.value, mark.id]
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _read(cursor: str, query: Query) -> _Mark:
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        form, digest, as_of, segment, value, row_id = parts
    except (ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    numbers: Sequence[object] = (form, as_of, segment, row_id)
    if any(type(each) is not int or not -(2**40) < each < 2**62 for each in numbers) or form != 1:
        raise _no_cursor()
    if not (value is None or isinstance(value, str) or (type(value) is int and abs(value) < 2**62)):
        raise _no_cursor()
    if digest != _digest(query):
        raise Invalid("The cursor belongs to another filter or sort.", "Begin again without a cursor.", field="cursor")
    return _Mark(as_of, segment, value, row_id)


def _no_cursor() -> Invalid:
    return Invalid("That is no cursor of ours.", "Send `next` of the last page, or begin without one.", field="cursor")


def _digest(query: Query) -> str:
    return sha256(f"{query.sort}\n{query.text}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
