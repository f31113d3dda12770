"""The bar of a long job: what is done, what is left, about how long it takes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from certtui.widgets.line import Lines, Part

if TYPE_CHECKING:
    from certtui.work import Job

WIDTH = 44


class Progress(Lines):
    """Looks at the job five times a second while it runs; sends nothing when nothing moved."""

    def __init__(self, job: Job) -> None:
        super().__init__([[("Starting", "dim")], [("", "")]])
        self._job = job
        self._began = monotonic()

    def on_mount(self) -> None:
        self.set_interval(0.2, self.look)

    def look(self) -> None:
        """Draw what the job last reported."""
        done, total = self._job.progress
        if self._job.cancelled:
            self.show([[("Stopping at the next whole file or row.", "dim")], [("", "")]])
        else:
            self.show(bar(done, total, monotonic() - self._began))


def bar(done: int, total: int | None, seconds: float) -> list[list[Part]]:
    """Two lines: the bar with numbers, and the estimate in words."""
    if not total:
        return [[(f"{done:,} done", "")], [(_ago(seconds), "dim")]]
    part = min(1.0, done / total)
    full = int(part * WIDTH)
    head: list[Part] = [("█" * full, "accent"), ("·" * (WIDTH - full), "dim"), (f" {int(part * 100):3d} %", "")]
    left = seconds * (1 - part) / part if part > 0.02 and seconds > 1 else None
    words = f"{done:,} of {total:,}" + ("" if left is None else f", about {_span(left)} left")
    return [head, [(words, "dim")]]


def _ago(seconds: float) -> str:
    return "" if seconds < 2 else f"for {_span(seconds)}"


def _span(seconds: float) -> str:
    whole = int(seconds) + 1
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 5400 else f"{whole // 3600} h"
