"""The order of a list as segments: each one query in index order, one after the other, so that the first page is at once.

What has no value stands last in both directions; ties are broken by id in the direction of the sort, so that one index
serves both.
"""

from __future__ import annotations

from certtui.backend.local.read.dialect import EVERYTHING, Sql
from certtui.backend.local.read.status_conditions import PRECEDENCE, status_is
from certtui.errors import Invalid
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from certtui.model.query import Sort


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of an order: which rows, and how they follow each other."""

    where: Sql
    order: str


@dataclass(frozen=True, slots=True)
class Column:
    """What a sort field sorts by; `empty` says which rows have nothing there."""

    expression: str
    present: str = ""
    empty: str = ""


def number(column: str) -> Column:
    """A column of numbers that is never NULL."""
    return Column(column)


def instant(column: str) -> Column:
    """A column of instants, NULL for none."""
    return Column(column, f"{column} IS NOT NULL", f"{column} IS NULL")


def words(column: str) -> Column:
    """A column of text, "" for none, whatever the case."""
    return Column(f"{column} COLLATE NOCASE", f"{column} COLLATE NOCASE > ''", f"{column} = ''")


def segments(sort: Sort, columns: Mapping[str, Column], key: str, now: int) -> list[Segment]:
    """The segments of a sort. Raises `Invalid` (field "sort") for a field that this list does not have."""
    down = " DESC" if sort.descending else ""
    column = columns.get(sort.field)
    if column is None:
        known = ", ".join(columns)
        raise Invalid(f"This list has no field `{sort.field}` to sort by.", f"Known: {known}.", field="sort")
    if column is STATUS:
        ranked = reversed(PRECEDENCE) if sort.descending else PRECEDENCE
        return [Segment(status_is([status], now), f"not_after{down}, {key}{down}") for status in ranked]
    if column.expression == key:
        return [Segment(EVERYTHING, f"{key}{down}")]
    order = f"{column.expression}{down}, {key}{down}"
    if not column.empty:
        return [Segment(EVERYTHING, order)]
    return [Segment((column.present, ()), order), Segment((column.empty, ()), f"{key}{down}")]


STATUS = Column("status")
"""Sorts by the precedence of statuses, then by expiry."""
