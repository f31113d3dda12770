"""One row of the table: pairs measured in turns, so that what else the machine does hits both sides alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

PAIRS = 11


@dataclass(frozen=True)
class Row:
    """One line: the median of the ratios of pairs, and the medians of both sides in their unit."""

    what: str
    against: str
    aim: float
    ratio: float
    """What is judged: ours by theirs, or ours itself where there is nothing to compare with."""
    ours: float
    theirs: float | None
    unit: str
    pairs: int
    spread: tuple[float, float] = (0.0, 0.0)
    """The ratios' first and third quartile."""
    at_least: bool = False
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)  # Any: whatever a row wants to keep in the JSON

    @property
    def met(self) -> bool:
        """Whether the aim is met."""
        return self.ratio >= self.aim if self.at_least else self.ratio <= self.aim

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"met": self.met}


def in_turns(
    ours: Callable[[], float], theirs: Callable[[], float], pairs: int, *, warm_up: int = 1
) -> tuple[list[float], list[float]]:
    """Both sides in turns, the first one changing; what they return, pair by pair, after `warm_up` pairs that don't count."""
    left: list[float] = []
    right: list[float] = []
    for number in range(pairs + warm_up):
        if number % 2:
            b, a = theirs(), ours()
        else:
            a, b = ours(), theirs()
        if number >= warm_up:
            left.append(a)
            right.append(b)
    return left, right


def compared(
    what: str,
    against: str,
    aim: float,
    ours: Iterable[float],
    theirs: Iterable[float],
    *,
    unit: str = "ms",
    upside_down: bool = False,
    note: str = "",
    **extra: Any,  # Any: see Row.extra
) -> Row:
    """The row of pairs. `upside_down` judges theirs by ours: a rate, from times; then the aim is a least."""
    left, right = list(ours), list(theirs)
    ratios = [b / a if upside_down else a / b for a, b in zip(left, right, strict=True)]
    return Row(
        what,
        against,
        aim,
        statistics.median(ratios),
        statistics.median(left),
        statistics.median(right),
        unit,
        len(ratios),
        quartiles(ratios),
        at_least=upside_down,
        note=note,
        extra=extra,
    )


def alone(what: str, against: str, aim: float, values: Iterable[float], *, unit: str, note: str = "") -> Row:
    """The row of something that is judged by itself."""
    found = list(values)
    middle = statistics.median(found)
    return Row(what, against, aim, middle, middle, None, unit, len(found), quartiles(found), note=note)


def quartiles(values: list[float]) -> tuple[float, float]:
    """First and third quartile."""
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third
