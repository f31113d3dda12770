"""One line of a record table: pure functions of row, columns and room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from certtui.model.query import Gone, Sort
from certtui.text import cells, clipped
from certtui.widgets.columns import GAP, Column, Placed
from certtui.widgets.glyphs import CURSOR, DOWN, ELLIPSIS, MARK, UP

R = TypeVar("R")
GUTTER = 2
"""Cells before the first column, for the mark and the cursor."""
Look = Callable[[str], Style]
"""The style of a name, `themes.STYLE_NAMES` or "", on this line."""


def header_line(columns: Sequence[Column[R]], placed: Sequence[Placed], sort: Sort, width: int, look: Look) -> Strip:
    """The titles, an arrow at the one that the rows are sorted by."""
    parts = [" " * (GUTTER - GAP)]
    for place in placed:
        column = columns[place.column]
        title = column.title
        if column.sort and column.sort == sort.field:
            title += f" {DOWN if sort.descending else UP}"
        parts.append(" " * GAP + fitted(title, place.width, column.right))
    return Strip([Segment(fitted("".join(parts), width), look("head"))], width)


def record_line(
    row: R | Gone | None,
    columns: Sequence[Column[R]],
    placed: Sequence[Placed],
    width: int,
    look: Look,
    *,
    marked: bool,
    here: bool,
) -> Strip:
    """One row; None while it is not known. `here` is where the cursor stands."""
    if row is None:
        return Strip([Segment(fitted(f" {ELLIPSIS}", width), look(""))], width)
    gutter = f"{MARK if marked else CURSOR if here else ' '} "
    if isinstance(row, Gone):
        text = f"{gutter}gone: deleted since the list was opened"
        return Strip([Segment(fitted(text, width), look("gone"))], width)
    # Runs of one style are one segment, and a blank belongs to the run before it: every change of style costs some
    # twenty bytes on the wire.
    segments: list[Segment] = []
    name = "mark" if marked else ""
    run, used = gutter, GUTTER
    blank = " " * GAP
    for place in placed:
        column = columns[place.column]
        text, style = column.render(row)
        piece = fitted(text, place.width, column.right)
        if style != name and not piece.isspace():
            segments.append(Segment(run, look(name)))
            run, name = "", style
        run += piece + blank
        used += place.width + GAP
    run = run + " " * (width - used) if used <= width else run[: width - used]
    segments.append(Segment(run, look(name)))
    return Strip(segments, width)


def fitted(raw: str, width: int, right: bool = False) -> str:
    """Safe text in exactly `width` cells: padded, or cut with an ellipsis."""
    safe = clipped(raw, width)
    missing = width - (len(safe) if safe.isascii() else cells(safe))
    if not missing:
        return safe
    return " " * missing + safe if right else safe + " " * missing
