"""Work off the event loop: answers arrive, are dropped, are superseded; nothing ends the app."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from certtui import work
from certtui.errors import Interrupted, NotFound
from certtui.screens.base import Place
from certtui.widgets.dialogs import Message, ProgressDialog
from certtui.widgets.progress import bar
from tests.screens.harness import console, press, settle, text_of
from tests.screens.memory import MemoryBackend


async def test_an_answer_arrives_on_the_event_loop() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        seen: list[tuple[int, bool]] = []
        here = threading.get_ident()
        work.run(
            app.screen,
            lambda: threading.get_ident() != here,
            done=lambda away: seen.append((threading.get_ident(), away)),
        )
        await settle(pilot)
        assert seen == [(here, True)]


async def test_an_answer_for_a_screen_that_is_gone_is_dropped() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        gate = threading.Event()
        seen: list[Any] = []
        screen = Place()
        await app.push_screen(screen)
        work.run(screen, lambda: gate.wait(5), done=seen.append)
        await app.pop_screen()
        gate.set()
        await settle(pilot)
        assert seen == []


async def test_a_newer_call_of_the_same_kind_supersedes_the_older() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        gate = threading.Event()
        seen: list[str] = []
        work.run(app.screen, lambda: gate.wait(5) and "old", done=lambda answer: seen.append(str(answer)), key="pane")
        work.run(app.screen, lambda: "new", done=seen.append, key="pane")
        gate.set()
        await settle(pilot)
        assert seen == ["new"]


async def test_an_error_of_the_family_goes_to_who_asked() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        seen: list[str] = []

        def fails() -> None:
            raise NotFound("It is gone.")

        work.run(app.screen, fails, done=lambda _: None, failed=lambda error: seen.append(error.message))
        await settle(pilot)
        assert seen == ["It is gone."]


async def test_an_error_that_nobody_takes_becomes_a_dialog() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):

        def fails() -> None:
            raise NotFound("It is gone.", "Refresh.")

        work.run(app.screen, fails, done=lambda _: None)
        await settle(pilot)
        assert isinstance(app.screen, Message)


async def test_an_answer_that_cannot_be_shown_becomes_a_dialog_and_not_the_end() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):

        def breaks(_: None) -> None:
            raise KeyError("x")

        work.run(app.screen, lambda: None, done=breaks)
        await settle(pilot)
        assert isinstance(app.screen, Message)
        app.unexpected.clear()


async def test_threads_are_daemons_so_that_leaving_never_waits_for_them() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        seen: list[bool] = []
        work.run(app.screen, lambda: threading.current_thread().daemon, done=seen.append)
        await settle(pilot)
        assert seen == [True]


async def test_a_long_job_shows_how_far_it_is_and_closes_its_dialog() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        step, seen = threading.Event(), list[str]()

        def job(progress: Any) -> str:
            progress(50, 200)
            step.wait(5)
            return "done"

        work.run_long(app.screen, "Importing", job, done=seen.append)
        while not isinstance(app.screen, ProgressDialog):
            await pilot.pause()
        assert app.jobs.titled() == ["Importing"]
        step.set()
        await settle(pilot)
        assert seen == ["done"]
        assert not isinstance(app.screen, ProgressDialog)


async def test_cancelling_a_long_job_interrupts_it_at_its_next_step() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        go, ended = threading.Event(), list[Any]()

        def job(progress: Any) -> None:
            go.wait(5)
            progress(1, 2)

        work.run_long(app.screen, "Importing", job, done=ended.append, failed=lambda error: ended.append(type(error)))
        while not isinstance(app.screen, ProgressDialog):
            await pilot.pause()
        app.screen.action_cancel()
        go.set()
        await settle(pilot)
        assert ended == [Interrupted]
        assert app.screen is app.place("inventory")


async def test_leaving_asks_while_a_long_job_runs() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        app.jobs.titled = lambda: ["Importing"]  # type: ignore[method-assign]
        await press(pilot, "q")
        assert "Importing is still running." in text_of(app)


def test_the_bar_is_as_long_as_what_is_done() -> None:
    head, words = bar(50, 200, 10.0)
    assert head[0][0].count("█") == 11
    assert words[0][0] == "50 of 200, about 31 s left"


def test_without_a_total_the_bar_only_counts() -> None:
    assert bar(1234, None, 0.0)[0][0][0] == "1,234 done"


class _OpenedByWaiting(threading.Thread):
    """A thread whose gate opens when somebody waits for it, and not before."""

    gate = threading.Event()

    def join(self, timeout: float | None = None) -> None:
        self.gate.set()
        super().join(timeout)


async def test_leaving_waits_for_what_is_to_be_done_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_OpenedByWaiting, "gate", threading.Event())
    monkeypatch.setattr("certtui.work.threading.Thread", _OpenedByWaiting)
    recorded: list[str] = []

    def record() -> None:
        if _OpenedByWaiting.gate.wait(5):
            recorded.append("view")

    async with console(MemoryBackend(3)) as (app, _):
        work.run(app.screen, record, done=lambda _: None, to_the_end=True)
        app.exit(0)
    assert recorded == []
    app.jobs.see_through(5)
    assert recorded == ["view"]


async def test_leaving_waits_for_nothing_that_only_reads() -> None:
    gate = threading.Event()
    async with console(MemoryBackend(3)) as (app, _):
        work.run(app.screen, lambda: gate.wait(5), done=lambda _: None)
        app.exit(0)
    app.jobs.see_through(5)
    assert len(app.jobs) == 1
    gate.set()
