"""Columns as data: what a column shows, how wide it is, when it gives way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from certtui.record import dataclass

R = TypeVar("R")


class Cell(NamedTuple):
    """Raw text and the name of its style (`themes.STYLE_NAMES`, "" for the row's own)."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. `render` is a pure function of the row; `sort` the listing's sort field, "" where it has none.

    `width` is what it needs at least; `flex` its share of what is left (0: never wider); with too little room the column
    of the highest `priority` number goes first.
    """

    id: str
    title: str
    width: int
    render: Callable[[R], Cell]
    priority: int = 5
    flex: int = 0
    most: int = 60
    right: bool = False
    sort: str = ""


class Placed(NamedTuple):
    """Where a column stands: its index in the columns given, offset and width in cells."""

    column: int
    offset: int
    width: int


GAP = 2


def fit(columns: Sequence[Column[R]], room: int) -> list[Placed]:
    """The columns that have room, in their order, with flexible ones widened; the last resort is the first column cut."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and _needed(columns, kept) > room:
        kept.remove(max(kept, key=lambda index: (columns[index].priority, index)))
    widths = {index: columns[index].width for index in kept}
    left = room - _needed(columns, kept)
    growing = [index for index in kept if columns[index].flex]
    while left > 0 and growing:
        share = sum(columns[index].flex for index in growing)
        given = 0
        for index in list(growing):
            more = min(left * columns[index].flex // share, columns[index].most - widths[index])
            widths[index] += more
            given += more
            if widths[index] >= columns[index].most:
                growing.remove(index)
        if not given:
            if growing:
                widths[growing[0]] += min(left, columns[growing[0]].most - widths[growing[0]])
            break
        left -= given
    placed: list[Placed] = []
    offset = 0
    for index in kept:
        width = min(widths[index], max(0, room - offset))
        placed.append(Placed(index, offset, width))
        offset += width + GAP
    return placed


def _needed(columns: Sequence[Column[R]], kept: Sequence[int]) -> int:
    return sum(columns[index].width for index in kept) + GAP * (len(kept) - 1)
