"""The change feed over a network: a number that costs nothing to ask for, a stream that comes back by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certtui.errors import Unreachable
from certtui.model.resource import ResourceForm
from tests.chaos_proxy import Chaos
from tests.remote.estate import Served, served


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def chaos(team: Served) -> Iterator[Chaos]:
    with Chaos(team.server.port) as made:
        yield made


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread brings about, at most ten seconds."""
    tick = threading.Event()
    for _ in range(5_000):
        if holds():
            return
        tick.wait(0.002)
    raise AssertionError("it did not happen")


def change(team: Served, name: str) -> int:
    """Somebody else does something; the number it has."""
    team.estate.backend.resources.add(ResourceForm(name=name, type="host"))
    return team.estate.backend.feed.latest()


def test_a_stream_tells_the_number_and_asking_for_it_needs_no_network(team: Served, chaos: Chaos) -> None:
    feed = team.open(url=chaos.url, follow=True).feed
    feed.latest()
    until(lambda: feed.live() is not None)
    number = change(team, "one")
    until(lambda: feed.live() == number)
    before = len(chaos.asked)
    assert [feed.latest() for _ in range(100)] == [number] * 100
    assert len(chaos.asked) == before


def test_without_following_every_question_is_asked(team: Served) -> None:
    feed = team.open().feed
    assert feed.latest() == team.estate.backend.feed.latest()
    assert feed.latest() != change(team, "one") == feed.latest()
    assert feed.live() is None


def test_ones_own_change_is_counted_in_at_once(team: Served) -> None:
    backend = team.open(follow=True)
    backend.feed.latest()
    until(lambda: backend.feed.live() is not None)
    backend.resources.add(ResourceForm(name="mine", type="host"))
    assert backend.feed.latest() == team.estate.backend.feed.latest()


def test_a_stream_that_breaks_goes_on_where_it_was(team: Served, chaos: Chaos) -> None:
    feed = team.open(url=chaos.url, follow=True).feed
    feed.latest()
    until(lambda: feed.live() is not None)
    chaos.cut()
    number = change(team, "while it was cut")
    until(lambda: feed.live() == number)
    assert [each.event for each in feed.since(number - 1)] == ["resource.create.success"]


def test_a_server_that_is_away_is_told_at_once_and_comes_back_by_itself(team: Served) -> None:
    feed = team.open(follow=True).feed
    feed.latest()
    until(lambda: feed.live() is not None)
    team.server.stop()

    def away() -> bool:
        try:
            feed.latest()
        except Unreachable:
            return True
        return False

    until(away)
    assert feed.live() is None
    number = change(team, "meanwhile")
    team.server.start()
    until(lambda: not away())
    assert feed.latest() == number


def test_an_answer_to_anything_wakes_the_feed(team: Served) -> None:
    backend = team.open(follow=True)
    backend.feed.latest()
    until(lambda: backend.feed.live() is not None)
    team.server.stop()
    until(lambda: backend.feed._failure is not None)
    team.server.start()
    backend.certificates.overview()
    until(lambda: backend.feed.live() is not None)


def test_where_no_stream_gets_through_the_number_is_asked_for_now_and_then(
    team: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.backend.remote.feed.PATH", "/feed/no-such-thing")
    monkeypatch.setattr("certtui.backend.remote.feed.POLL", 0.01)
    feed = team.open(follow=True).feed
    feed.latest()
    number = change(team, "one")
    until(lambda: feed.latest() == number)
    assert feed.live() is None


def test_closing_ends_the_thread(team: Served) -> None:
    backend = team.open(follow=True)
    backend.feed.latest()
    until(lambda: backend.feed.live() is not None)
    thread = backend.feed._thread
    assert thread is not None
    backend.close()
    thread.join(10)
    assert not thread.is_alive()
    backend.close()
