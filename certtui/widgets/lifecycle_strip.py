"""The life of a certificate as one line of stops with a line or two of facts under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from certtui.text import cells, clipped
from certtui.widgets.line import Part


class Stop(NamedTuple):
    """One stop: its name, the fact under it, and the style of that fact; `reached` draws the way to it as gone."""

    name: str
    fact: str
    style: str = ""
    reached: bool = False
    more: str = ""
    """A second fact under the first one."""


def strip_lines(stops: Sequence[Stop], width: int) -> list[list[Part]]:
    """Names joined by a way, facts under them and what stands under those; a line for each stop where there is less room."""
    if not stops:
        return []
    room = max(map(cells, (stops[-1].name, stops[-1].fact, stops[-1].more)))
    each = max(8, (width - min(room, width // len(stops))) // max(1, len(stops) - 1))
    if any(max(cells(stop.name), cells(stop.fact)) > each for stop in stops[:-1]):
        return [
            [
                (f"{stop.name:<13} ", "accent" if stop.reached else "dim"),
                (stop.fact, stop.style),
                *([(f"  {stop.more}", "dim")] if stop.more else []),
            ]
            for stop in stops
        ]
    names: list[Part] = []
    facts: list[Part] = []
    under: list[Part] = []
    for index, stop in enumerate(stops):
        last = index == len(stops) - 1
        names.append((stop.name, "accent" if stop.reached else "dim"))
        fact = clipped(stop.fact, width if last else each - 1)
        facts.append((fact, stop.style))
        more = clipped(stop.more, width if last else each - 1)
        under.append((more, "dim"))
        if not last:
            way = max(0, each - cells(stop.name) - 2)
            names += [(" ", ""), ("─" * way, "accent" if stops[index + 1].reached else "dim"), (" ", "")]
            facts.append((" " * (each - cells(fact)), ""))
            under.append((" " * (each - cells(more)), ""))
    return [names, facts, under] if any(stop.more for stop in stops) else [names, facts]
