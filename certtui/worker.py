"""The worker: does what is due, again and again, inside the console, the server, or as `certtui worker`.

It knows nothing of what the work is: `backend.work.run_due()` does it, and rows with leases keep several workers apart.
"""

from __future__ import annotations

import logging
import threading

from certtui.clock import Clock
from certtui.errors import CerttuiError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.model.work import WorkReport

    Heard = Callable[[WorkReport], None]

INTERVAL = 10.0
"""Seconds from one round to the next where nothing is due sooner."""

SHORTEST = 0.5
"""Seconds between rounds at least, whatever is due."""

LONGEST_PAUSE = 300.0
"""Seconds until the next try, at most, while the store can't be reached."""

_log = logging.getLogger(__name__)


def loop(
    backend: Backend,
    clock: Clock,
    stop: threading.Event,
    interval: float = INTERVAL,
    heard: Heard | None = None,
) -> None:
    """Work until `stop` is set; each round's report goes to `heard`. What fails as a whole is tried again, later and later."""
    failures = 0
    said: tuple[str, ...] = ()
    while not stop.is_set():
        report = once(backend, said)
        failures = failures + 1 if report is None else 0
        said = report.problems if report is not None else ()
        if report is not None and heard is not None:
            heard(report)
        stop.wait(_pause(report, clock.now(), interval, failures))


def once(backend: Backend, said: Sequence[str] = ()) -> WorkReport | None:
    """One round; None where the store could not be worked on at all, which the log says. Problems `said` are not logged again."""
    try:
        report = backend.work.run_due()
    except CerttuiError as error:
        _log.warning("The worker could not work: %s", error)
        return None
    except Exception:
        # A thread of the console or the server: what went wrong must not be silent, nor end the worker.
        _log.exception("The worker failed")
        return None
    for problem in report.problems:
        if problem not in said:
            _log.warning("%s", problem)
    return report


def _pause(report: WorkReport | None, now: datetime, interval: float, failures: int) -> float:
    if report is None:
        return float(min(interval * 2 ** min(failures, 10), LONGEST_PAUSE))
    if report.next_due is None:
        return interval
    until = (report.next_due - now).total_seconds()
    if until <= 0 and report.problems and not report.done:
        # What is due could not be done (the store is locked): trying without a pause would not help it.
        return interval
    return min(max(until, SHORTEST), interval)


class Running:
    """A worker in a daemon thread: it never keeps a process from ending, and a kill costs nothing."""

    def __init__(
        self, backend: Backend, clock: Clock | None = None, interval: float = INTERVAL, heard: Heard | None = None
    ) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=loop,
            args=(backend, clock or Clock(), self._stop, interval, heard),
            name="certtui-worker",
            daemon=True,
        )

    def start(self) -> Running:
        self._thread.start()
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """Let the round end; raises `Unreachable` when it takes longer, in seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            raise Unreachable("The worker is still busy.", "It ends with this process.")

    def ask_to_stop(self) -> None:
        """After the round that runs now, no other begins."""
        self._stop.set()


def works_here(backend: Backend) -> bool:
    """Whether a worker of this process makes sense: on a store of this machine that may be changed."""
    return backend.info.kind == "local" and not backend.info.read_only and not backend.info.demo


class OfThisProcess:
    """The worker of a console: for the backend that stands behind it, and for another one after a switch."""

    def __init__(self, clock: Clock, *, wanted: bool) -> None:
        self._clock = clock
        self._wanted = wanted
        self._running: Running | None = None

    def work_on(self, backend: Backend | None) -> None:
        """Work on this one from now on, if it is one to work on here; None for no more work."""
        if self._running is not None:
            self._running.ask_to_stop()
            self._running = None
        if self._wanted and backend is not None and works_here(backend):
            self._running = Running(backend, self._clock).start()
