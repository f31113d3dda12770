"""The worker's loop: how long it waits, what it survives, how it ends."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from certtui import worker
from certtui.clock import FixedClock
from certtui.errors import Unreachable
from certtui.model.work import WorkReport
from tests.certs import NOW


@dataclass
class Backend:
    """Answers rounds from a list; the last one again and again."""

    rounds: list[WorkReport | Exception]
    asked: int = 0
    info: Any = field(default_factory=lambda: SimpleNamespace(kind="local", read_only=False, demo=False))

    @property
    def work(self) -> Backend:
        return self

    def run_due(self) -> WorkReport:
        found = self.rounds[min(self.asked, len(self.rounds) - 1)]
        self.asked += 1
        if isinstance(found, Exception):
            raise found
        return found


class Stop(threading.Event):
    """Does not wait, but remembers for how long it was asked to; ends after some rounds."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0)
        if len(self.waited) >= self.rounds:
            self.set()
        return self.is_set()


def waits(*rounds: WorkReport | Exception, interval: float = 10.0) -> list[float]:
    stop = Stop(len(rounds))
    worker.loop(Backend(list(rounds)), FixedClock(NOW), stop, interval)  # type: ignore[arg-type]  # what the loop uses
    return stop.waited


def test_it_waits_until_something_is_due_and_never_longer_than_its_interval() -> None:
    due = [NOW + timedelta(seconds=3), NOW + timedelta(hours=3), NOW - timedelta(seconds=5), None]
    assert waits(*(WorkReport(next_due=at) for at in due)) == [3.0, 10.0, worker.SHORTEST, 10.0]


def test_what_is_due_and_can_not_be_done_is_tried_at_its_interval_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    locked = WorkReport({}, ("The store is locked. 1 order waits until it is unlocked.",), NOW - timedelta(hours=1))
    other = WorkReport({}, ("A folder can't be read.",), NOW - timedelta(hours=1))
    assert waits(locked, locked, locked, other, locked) == [10.0] * 5
    assert [record.getMessage()[:3] for record in caplog.records] == ["The", "A f", "The"]


def test_a_store_that_is_away_is_tried_later_and_later_and_then_as_before() -> None:
    away = Unreachable("The database does not answer.")
    waited = waits(away, away, away, WorkReport(), away)
    assert waited == [20.0, 40.0, 80.0, 10.0, 20.0]


def test_it_never_waits_longer_than_five_minutes() -> None:
    assert waits(*[Unreachable("away")] * 12)[-1] == worker.LONGEST_PAUSE


def test_a_fault_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    assert waits(RuntimeError("a fault"), WorkReport()) == [20.0, 10.0]
    assert "The worker failed" in caplog.text


def test_reports_are_heard_and_problems_logged(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[WorkReport] = []
    report = WorkReport({"orders": 1}, ("A folder can't be read.",))
    stop = Stop(1)
    worker.loop(Backend([report]), FixedClock(NOW), stop, 10, heard.append)  # type: ignore[arg-type]
    assert heard == [report]
    assert "A folder can't be read." in caplog.text


def test_a_console_works_on_the_store_behind_it_and_on_no_server() -> None:
    first, server = Backend([WorkReport()]), Backend([WorkReport()])
    server.info.kind = "remote"
    here = worker.OfThisProcess(FixedClock(NOW), wanted=True)
    here.work_on(first)  # type: ignore[arg-type]
    here.work_on(server)  # type: ignore[arg-type]
    here.work_on(None)
    assert server.asked == 0
    unwanted = worker.OfThisProcess(FixedClock(NOW), wanted=False)
    quiet = Backend([WorkReport()])
    unwanted.work_on(quiet)  # type: ignore[arg-type]
    assert quiet.asked == 0
