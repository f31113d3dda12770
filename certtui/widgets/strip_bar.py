"""The status strip and the chart of expiries: one line each, pictures that filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from certtui.record import dataclass
from certtui.text import cells, shown
from certtui.themes import styles
from certtui.widgets.glyphs import BAR, BLOCKS, DASH, DOT, ascii_only
from certtui.widgets.line import Part, strip_of

LEGEND = 32
"""Cells kept for the words beside the chart."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One part of the strip or bar of the chart: what it is called, how many, and the filter that shows exactly it."""

    label: str
    count: int
    filter: str
    style: str = ""
    chosen: bool = False
    short: str = ""
    """What it is called where there is little room, the label when empty."""


class Pickable(Widget, can_focus=True):
    """A line of choices: left and right move, enter or a click picks; posts `Picked` with the filter."""

    DEFAULT_CSS = "Pickable { height: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
        Binding("enter,space", "pick", show=False),
    ]

    class Picked(Message):
        """A part was picked."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.choices: tuple[Choice, ...] = ()
        self.cursor = 0

    def offer(self, choices: Sequence[Choice]) -> None:
        """Other numbers; the cursor stays."""
        new = tuple(choices)
        if new != self.choices:
            self.choices = new
            self.cursor = max(0, min(self.cursor, len(new) - 1))
            self.refresh()

    def action_move(self, by: int) -> None:
        new = max(0, min(len(self.choices) - 1, self.cursor + by))
        if new != self.cursor:
            self.cursor = new
            self.refresh()

    def action_pick(self) -> None:
        if self.choices:
            self.post_message(self.Picked(self.choices[self.cursor]))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self.at(event.x - self.gutter.left)
        if index is not None:
            self.cursor = index
            self.refresh()
            self.action_pick()

    def at(self, x: int) -> int | None:
        """Which choice is drawn at this cell."""
        return None


class StatusStrip(Pickable):
    """Disjoint parts of the inventory with their numbers."""

    def render_line(self, y: int) -> Strip:
        return strip_of(self, self._parts(), self.content_size.width)

    def at(self, x: int) -> int | None:
        offset = 0
        fitting, between = self._fitting()
        for index, label in fitting:
            width = cells(shown(label)) + len(between)
            if offset <= x < offset + width:
                return index
            offset += width
        return None

    def _parts(self) -> list[Part]:
        parts: list[Part] = []
        fitting, between = self._fitting()
        for index, label in fitting:
            choice = self.choices[index]
            if parts:
                parts.append((between, "dim"))
            here = self.has_focus and index == self.cursor
            style = "cursor" if here else choice.style if choice.count else "dim"
            if choice.chosen and not here:
                style = "badge"
            parts.append((label, style))
        return parts

    def _fitting(self) -> tuple[list[tuple[int, str]], str]:
        """The parts that fit, by index and label, and what stands between.

        Blanks go first, then letters from the last label on, then parts that are empty, then those farthest from the
        cursor: the arrow keys reach all of them.
        """
        room = self.content_size.width
        count = len(self.choices)
        for shortened in range(count + 1):
            labels = [(i, _label(choice, i >= count - shortened)) for i, choice in enumerate(self.choices)]
            for between in (f" {BAR} ", BAR):
                if _room(labels, between) <= room:
                    return labels, between
        labels = [(i, _label(choice, True)) for i, choice in enumerate(self.choices)]
        for item in reversed(tuple(labels)):
            if _room(labels, BAR) > room and not self.choices[item[0]].count and item[0] != self.cursor:
                labels.remove(item)
        while len(labels) > 1 and _room(labels, BAR) > room:
            first_is_farther = self.cursor - labels[0][0] > labels[-1][0] - self.cursor
            labels.pop(0 if first_is_farther else -1)
        return labels, BAR


class ExpiryChart(Pickable):
    """Bars by month; in ASCII the same in words."""

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if not self.choices:
            return Strip.blank(width, self.rich_style)
        if ascii_only(self):
            return strip_of(self, self._words(), width)
        named = styles(self)
        base = self.rich_style
        cell, legend = self._layout(width)
        peak = max(choice.count for choice in self._fitting(width)) or 1
        segments: list[Segment] = []
        for index, choice in enumerate(self._fitting(width)):
            # Any certificate is seen; an empty month is a dot on the ground, which no bar looks like.
            height = max(1, round(choice.count / peak * (len(BLOCKS) - 1)))
            bar = BLOCKS[height] * cell if choice.count else DOT.ljust(cell)
            name = choice.style if choice.count else "dim"
            style = base + named[name]
            if choice.chosen or (self.has_focus and index == self.cursor):
                style += named["cursor"]
            segments.append(Segment(bar, style))
        used = cell * len(segments)
        rest = strip_of(self, [("  ", ""), (legend, "dim")], max(0, width - used))
        return Strip([*Segment.simplify(segments), *rest], width)

    def at(self, x: int) -> int | None:
        cell, _ = self._layout(self.content_size.width)
        index = x // cell
        return index if index < len(self._fitting(self.content_size.width)) else None

    def _layout(self, width: int) -> tuple[int, str]:
        """Cells of a bar, and the words beside them: the longest ones that leave the bars two cells each."""
        drawn = self._fitting(width)
        words = self._legends(drawn)
        for legend in words:
            cell = (width - cells(legend) - 2) // max(1, len(drawn))
            if cell >= 2:
                return min(3, cell), legend
        return 1, words[0]

    def _fitting(self, width: int) -> tuple[Choice, ...]:
        return self.choices[: max(1, width - LEGEND)]

    def _legends(self, drawn: tuple[Choice, ...]) -> tuple[str, ...]:
        span = f"{drawn[0].label} {DASH} {drawn[-1].label}"
        most = max(choice.count for choice in drawn)
        peak = f"peak {most:,}" if most else "none expire"
        if self.has_focus:
            choice = self.choices[self.cursor]
            return (
                f"{choice.label}: {choice.count:,} expire".ljust(len(span)),
                f"{choice.label}: {choice.count:,}".ljust(len(span)),
            )
        return (f"{span}  {peak}", span)

    def _words(self) -> list[Part]:
        parts: list[Part] = [("Expire ", "dim")]
        start = max(0, self.cursor - 2) if self.has_focus else 0
        for index, choice in enumerate(self.choices[start:], start):
            if choice.count or index == self.cursor:
                here = self.has_focus and index == self.cursor
                parts.append((f"{choice.label} {choice.count:,}", "cursor" if here else choice.style))
                parts.append(("  ", ""))
        return parts


def _room(labels: Sequence[tuple[int, str]], between: str) -> int:
    return sum(cells(shown(label)) + len(between) for _, label in labels) - len(between)


def _label(choice: Choice, short: bool) -> str:
    return shown(f"{choice.short if short and choice.short else choice.label} {choice.count:,}")
