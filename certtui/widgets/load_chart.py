"""The chart of what comes when: bars of days, weeks and months as high as their load a day, a line of dates under them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from certtui.record import dataclass
from certtui.text import cells
from certtui.widgets.glyphs import BLOCKS, DOT, ascii_only
from certtui.widgets.line import Part, spread, strip_of
from certtui.widgets.strip_bar import Choice, Pickable

ROWS = 2
"""Rows of blocks; under them dates, and what the bar under the cursor holds."""

_STEPS = len(BLOCKS) - 1


@dataclass(frozen=True, slots=True)
class LoadBar:
    """One bar: what it filters to and is called, how high it is, and the date under it, "" for none."""

    choice: Choice
    height: float
    tick: str = ""
    gap: bool = False
    """A blank column stands before it: another unit begins."""


class LoadChart(Pickable):
    """Bars that filter; one that is empty is a dot, so that every day has its place."""

    DEFAULT_CSS = f"LoadChart {{ height: {ROWS + 2}; padding: 0 1; }}"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._bars: tuple[LoadBar, ...] = ()
        self._said: tuple[str, str] = ("", "")
        self._of_bars: tuple[str, ...] = ()

    def chart(self, bars: Sequence[LoadBar], of_bars: Sequence[str], said: tuple[str, str]) -> None:
        """Other bars; `of_bars` says what each holds, `said` what all of them come to: left and right."""
        self._bars, self._of_bars, self._said = tuple(bars), tuple(of_bars), said
        self.offer([bar.choice for bar in bars])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if not self._bars:
            return Strip.blank(width, self.rich_style)
        if y == ROWS + 1:
            return strip_of(self, self._legend(width), width)
        if ascii_only(self):
            return strip_of(self, self._words() if y == 0 else [], width)
        placed = self._placed(width)
        if y == ROWS:
            return strip_of(self, _ticks(placed, self._bars), width)
        return strip_of(self, self._blocks(placed, ROWS - 1 - y), width)

    def at(self, x: int) -> int | None:
        for index, (start, cell) in enumerate(self._placed(self.content_size.width)):
            if start <= x < start + cell:
                return index
        return None

    def _placed(self, width: int) -> list[tuple[int, int]]:
        """Offset and width of each bar that has room; days are wider where there is much of it."""
        for day in (2, 1):
            placed: list[tuple[int, int]] = []
            x = unit = 0
            for bar in self._bars:
                x += bar.gap
                unit += bar.gap
                cell = (3, day, 2, 2)[min(unit, 3)]
                placed.append((x, cell))
                x += cell
            if x <= width:
                return placed
        return [(start, cell) for start, cell in placed if start + cell <= width]

    def _blocks(self, placed: list[tuple[int, int]], row: int) -> list[Part]:
        """One row of blocks, the lowest is row 0."""
        peak = max(bar.height for bar in self._bars) or 1.0
        parts: list[Part] = []
        end = 0
        for index, (start, cell) in enumerate(placed):
            bar = self._bars[index]
            parts.append((" " * (start - end), ""))
            end = start + cell
            level = max(1, round(bar.height / peak * _STEPS * ROWS)) if bar.height else 0
            block = BLOCKS[max(0, min(_STEPS, level - row * _STEPS))]
            if not level and row == 0:
                block = DOT
            thick = max(1, cell - 1) if level else 1
            here = bar.choice.chosen or (self.has_focus and index == self.cursor)
            style = "cursor" if here else bar.choice.style if level else "dim"
            parts.append((block * thick, style))
            parts.append((" " * (cell - thick), ""))
        return parts

    def _legend(self, width: int) -> list[Part]:
        if self.has_focus and self.cursor < len(self._of_bars):
            return [(self._of_bars[self.cursor], "accent")]
        left, right = self._said
        if cells(left) + cells(right) + 2 > width:
            return [(left, "dim")]
        return spread([(left, "dim")], [(right, "dim")], width)

    def _words(self) -> list[Part]:
        parts: list[Part] = []
        start = self.cursor if self.has_focus else 0
        for index, bar in enumerate(self._bars[start:], start):
            here = self.has_focus and index == self.cursor
            if bar.choice.count or here:
                parts += [
                    (f"{bar.choice.label} {bar.choice.count:,}", "cursor" if here else bar.choice.style),
                    ("  ", ""),
                ]
        return parts or [("Nothing renews.", "dim")]


def _ticks(placed: list[tuple[int, int]], bars: Sequence[LoadBar]) -> list[Part]:
    """The dates that have room, from left to right."""
    line = ""
    for (start, _), bar in zip(placed, bars, strict=False):
        if bar.tick and (not line or start > len(line)):
            line = line.ljust(start) + bar.tick
    return [(line, "dim")]
