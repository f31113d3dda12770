"""The life of a certificate as one line of stops with a line of facts under it."""

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


def strip_lines(stops: Sequence[Stop], width: int) -> list[list[Part]]:
    """Two lines: names joined by a way, facts under them; three when the facts need more room than there is."""
    if not stops:
        return []
    room = max(cells(stops[-1].name), cells(stops[-1].fact))
    each = max(8, (width - min(room, width // len(stops))) // max(1, len(stops) - 1))
    if any(max(cells(stop.name), cells(stop.fact)) > each for stop in stops[:-1]):
        return [[(f"{stop.name:<10} ", "accent" if stop.reached else "dim"), (stop.fact, stop.style)] for stop in stops]
    names: list[Part] = []
    facts: list[Part] = []
    for index, stop in enumerate(stops):
        last = index == len(stops) - 1
        names.append((stop.name, "accent" if stop.reached else "dim"))
        fact = clipped(stop.fact, width if last else each - 1)
        facts.append((fact, stop.style))
        if not last:
            way = max(0, each - cells(stop.name) - 2)
            names += [(" ", ""), ("─" * way, "accent" if stops[index + 1].reached else "dim"), (" ", "")]
            facts.append((" " * (each - cells(fact)), ""))
    return [names, facts]
