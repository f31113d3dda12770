"""Numbers for Prometheus, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/).

Eighty lines of our own instead of a client library: counters, one histogram, and gauges read when asked.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the latency buckets, seconds."""

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]


class Metrics:
    """What one server counted; safe to call from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.running = 0

    def count(self, method: str, act: str, status: int, seconds: float) -> None:
        """One request that was answered; `act` is the route's name, never what stood in the path."""
        with self._guard:
            self._requests[method, act, status] += 1
            self._buckets[method, act][bisect_left(BOUNDS, seconds)] += 1
            self._seconds[method, act] += seconds

    def text(self, gauges: Iterable[tuple[str, str, Iterable[Sample]]]) -> str:
        """All of it, and gauges given as (name, help, samples)."""
        lines: list[str] = []
        with self._guard:
            _family(
                lines,
                "certtui_http_requests_total",
                "counter",
                "Requests answered, by act and status.",
                (
                    ("", (("method", method), ("act", act), ("status", str(status))), number)
                    for (method, act, status), number in sorted(self._requests.items())
                ),
            )
            _family(lines, "certtui_http_request_seconds", "histogram", "How long answers took.", self._histogram())
            _family(
                lines, "certtui_http_requests_running", "gauge", "Requests being answered.", [("", (), self.running)]
            )
        for name, help, samples in gauges:
            _family(lines, name, "gauge", help, samples)
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterable[Sample]:
        for (method, act), counts in sorted(self._buckets.items()):
            labels = (("method", method), ("act", act))
            total = 0
            for bound, number in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                total += number
                yield "_bucket", (*labels, ("le", bound)), total
            yield "_sum", labels, round(self._seconds[method, act], 6)
            yield "_count", labels, total


def _family(lines: list[str], name: str, kind: str, help: str, samples: Iterable[Sample]) -> None:
    lines += [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
    for suffix, labels, value in samples:
        marked = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
        lines.append(f"{name}{suffix}{{{marked}}} {value:g}" if marked else f"{name}{suffix} {value:g}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
