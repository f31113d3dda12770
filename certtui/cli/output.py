"""Rows and objects on standard output: as a table for people, as JSON or CSV for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice

from certtui.cli import terminal
from certtui.record import dataclass
from certtui.text import cells, clipped, shown

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
Document = dict[str, Value]

_MEASURED = 1000
"""Rows by which the columns of a table are measured; it is then written row by row, however many come."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `least` are the cells that stay when the terminal is narrow, 0: it is never cut."""

    title: str
    least: int = 0
    right: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> int:
    """Write a table with one line a row; cut to the terminal, whole elsewhere. Returns the number of rows."""
    texts: Iterator[list[str]] = ([_cell(value) for value in row] for row in rows)
    first = list(islice(texts, _MEASURED))
    if not first:
        return 0
    widths = [max(len(column.title), max(cells(row[index]) for row in first)) for index, column in enumerate(columns)]
    available = terminal.width()
    if available is not None:
        _shrink(widths, columns, available)
    count = 0
    _line([column.title for column in columns], columns, widths, cut=available)
    for row in chain(first, texts):
        _line(row, columns, widths, cut=available)
        count += 1
    return count


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Write one object as lines of a name and a value; each further item of a list stands below its first."""
    kept = [
        (name, [_cell(item) for item in value] if isinstance(value, list) else [_cell(value)]) for name, value in pairs
    ]
    wide = max((len(name) for name, _ in kept), default=0)
    for name, texts in kept:
        for at, text in enumerate(texts or ["-"]):
            sys.stdout.write(terminal.plain(f"{'' if at else name:<{wide}}  {text}".rstrip()) + "\n")


def lines(raw: Iterable[str], *, indent: str = "") -> None:
    """Write lines of text, each made safe to draw."""
    for line in raw:
        sys.stdout.write(terminal.plain(f"{indent}{shown(line)}".rstrip()) + "\n")


def json_array(documents: Iterable[Mapping[str, Value]]) -> int:
    """Write a JSON array, an object a line, ASCII alone. Returns the number of objects."""
    count = 0
    write = sys.stdout.write
    for document in documents:
        write("[\n" if count == 0 else ",\n")
        write(json_text(document))
        count += 1
    write("\n]\n" if count else "[]\n")
    return count


def json_object(document: Mapping[str, Value]) -> None:
    """Write one JSON object, indented, ASCII alone."""
    sys.stdout.write(json_text(document, indent=2) + "\n")


def json_text(document: Mapping[str, Value], indent: int | None = None) -> str:
    """JSON in ASCII. DEL is a control character too, which `json` leaves as it is."""
    import json

    return json.dumps(document, indent=indent).replace("\x7f", "\\u007f")


def csv(names: Sequence[str], documents: Iterable[Mapping[str, Value]]) -> int:
    """Write CSV (RFC 4180) with a heading: exact texts, except that a terminal gets only what is safe to draw."""
    import csv as csv_module

    safe = terminal.is_out_terminal()
    writer = csv_module.writer(sys.stdout, lineterminator="\n" if safe else "\r\n")
    writer.writerow(names)
    count = 0
    for document in documents:
        texts = [_flat(document[name]) for name in names]
        writer.writerow([terminal.plain(shown(text)) for text in texts] if safe else texts)
        count += 1
    return count


def day(instant: datetime | None) -> str:
    """A date for a table, UTC; `-` for none."""
    return f"{instant.year:04d}-{instant.month:02d}-{instant.day:02d}" if instant else "-"


def minute(instant: datetime | None) -> str:
    """A date with its time for people, UTC."""
    return f"{day(instant)} {instant.hour:02d}:{instant.minute:02d}:{instant.second:02d} UTC" if instant else "-"


def _flat(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return " ".join(_flat(each) for each in value)
        case dict():
            return _flat(value.get("name", ""))
        case _:
            return str(value)


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case True:
            return "yes"
        case False:
            return "no"
        case _:
            # Before anything is measured: an escape is wider than what it stands for.
            return terminal.plain(shown(value))


def _shrink(widths: list[int], columns: Sequence[Column], available: int) -> None:
    """Take from the widest of the columns that may be cut, cell by cell, until it fits or nothing is left to take."""
    excess = sum(widths) + 2 * (len(widths) - 1) - available
    while excess > 0:
        able = [index for index, column in enumerate(columns) if 0 < column.least < widths[index]]
        if not able:
            return
        widest = max(able, key=lambda index: widths[index])
        widths[widest] -= 1
        excess -= 1


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int], *, cut: int | None) -> None:
    parts = []
    for text, column, wide in zip(texts, columns, widths, strict=True):
        if cut is not None and column.least:
            text = clipped(text, wide, terminal.ellipsis())
        gap = " " * max(0, wide - cells(text))
        parts.append(gap + text if column.right else text + gap)
    line = "  ".join(parts).rstrip()
    if cut is not None:
        line = clipped(line, cut, terminal.ellipsis())
    sys.stdout.write(terminal.plain(line) + "\n")
