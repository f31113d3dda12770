"""A list over a network: one round trip to open it, the next page before it is asked for, and what happens when it is let go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.errors import Interrupted
from certtui.model.certificate import CertificateEdit, CertificateRow
from certtui.model.query import Gone, Query, Sort
from tests.backend.entries import new
from tests.certs import make_cert
from tests.chaos_proxy import Chaos
from tests.remote.estate import Served, served
from tests.screens.estate import seeded
from tests.screens.harness import press, settle, text_of

COUNT = 300


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """More certificates than a page, which nobody changes."""
    with served(tmp_path_factory.mktemp("many")) as made:
        fill(made, COUNT)
        yield made


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Served]:
    """Certificates to change."""
    with served(tmp_path) as made:
        fill(made, 140)
        yield made


def fill(team: Served, count: int) -> None:
    key = seeded("many")
    made = [make_cert(f"h{number:03d}.example.com", key=key) for number in range(count)]
    team.estate.backend.certificates.add([new(each, name=f"n{number:03d}") for number, each in enumerate(made)])


def names(rows: object) -> list[str]:
    return [row.name if isinstance(row, CertificateRow) else f"gone {row.id}" for row in rows]  # type: ignore[attr-defined]


def test_a_list_is_open_with_its_first_page_after_one_round_trip(many: Served) -> None:
    with Chaos(many.server.port) as chaos:
        backend = many.open(url=chaos.url)
        chaos.asked.clear()
        listing = backend.certificates.search(Query())
        assert len(listing.rows(0, 128)) == 128
        assert [line.split()[1] for line in chaos.asked][:1] == ["/api/v1/certificates/listings"]
        assert sum("POST" in line for line in chaos.asked) == 1


def test_the_next_page_is_there_before_it_is_asked_for(many: Served) -> None:
    with Chaos(many.server.port) as chaos:
        listing = many.open(url=chaos.url).certificates.search(Query())
        listing.rows(0, 128)
        listing._ahead[128].there.wait(10)  # type: ignore[attr-defined]  # what the network brought by itself
        before = len(chaos.asked)
        assert names(listing.rows(128, 256)) == [f"n{number:03d}" for number in range(128, 256)]
        assert sum("start=128" in line for line in chaos.asked) == 1
        assert sum("start=128" in line for line in chaos.asked[before:]) == 0


def test_walking_down_gives_every_row_once_and_in_order(many: Served) -> None:
    listing = many.open().certificates.search(Query())
    found = [name for start in range(0, 400, 128) for name in names(listing.rows(start, start + 128))]
    assert found == [f"n{number:03d}" for number in range(COUNT)]
    assert listing.wait(10)
    assert listing.total == COUNT


def test_any_stretch_is_the_same_whatever_was_fetched_ahead(many: Served) -> None:
    listing = many.open().certificates.search(Query("", Sort("name", descending=True)))
    expected = [f"n{number:03d}" for number in reversed(range(COUNT))]
    for start, stop in (
        (0, 10),
        (5, 140),
        (128, 256),
        (0, 128),
        (120, 300),
        (256, 384),
        (128, 256),
        (290, 2_000),
        (300, 310),
        (7, 7),
    ):
        assert names(listing.rows(start, stop)) == expected[start:stop]


def test_rows_that_were_fetched_ahead_are_not_given_out_after_ones_own_change(few: Served) -> None:
    backend = few.open()
    listing = backend.certificates.search(Query("", Sort("id")))
    listing.rows(0, 128)
    listing._ahead[128].there.wait(10)  # type: ignore[attr-defined]
    page = backend.certificates.get(130)
    backend.certificates.edit(page.id, page.version, CertificateEdit(name="changed"))
    assert names(listing.rows(128, 256))[1] == "changed"


def test_rows_that_were_fetched_ahead_are_not_given_out_after_anothers_change_that_the_stream_told(few: Served) -> None:
    backend = few.open(follow=True)
    backend.feed.latest()
    listing = backend.certificates.search(Query("", Sort("id")))
    listing.rows(0, 128)
    listing._ahead[128].there.wait(10)  # type: ignore[attr-defined]
    known = backend.feed.latest()
    few.estate.backend.certificates.delete(130, 1)
    tick = threading.Event()
    while (backend.feed.live() or 0) <= known:
        tick.wait(0.005)
    assert names(listing.rows(128, 256))[1] == "gone 130"


def test_a_list_that_the_server_let_go_is_opened_again_where_nothing_changed(few: Served) -> None:
    listing = few.open().certificates.search(Query())
    first = names(listing.rows(0, 128))
    few.server.app.state.certtui.listings.close()
    assert names(listing.rows(0, 140))[:128] == first
    few.server.app.state.certtui.listings.close()
    assert len(listing.ids()) == 140
    few.server.app.state.certtui.listings.close()
    assert listing.position(140) == listing.ids().index(140)


def test_a_server_that_was_restarted_is_no_matter(few: Served) -> None:
    listing = few.open().certificates.search(Query())
    listing.rows(0, 128)
    few.server.stop()
    few.server.start()
    assert names(listing.rows(100, 140)) == [f"n{number:03d}" for number in range(100, 140)]


def test_where_the_order_changed_since_it_is_said_so_and_not_mixed_up(few: Served) -> None:
    backend = few.open()
    listing = backend.certificates.search(Query())
    listing.rows(0, 128)
    few.estate.backend.certificates.delete(3, 1)
    few.server.app.state.certtui.listings.close()
    with pytest.raises(Interrupted, match="changed since"):
        listing.rows(0, 140)
    again = listing.reopen()
    assert again.wait(10)
    assert again.total == 139
    with pytest.raises(Interrupted, match="was closed"):
        listing.rows(0, 1)


def test_a_row_that_is_no_more_stands_as_gone(few: Served) -> None:
    listing = few.open().certificates.search(Query("", Sort("id")))
    listing.rows(0, 10)
    few.estate.backend.certificates.delete(2, 1)
    assert listing.rows(0, 10)[1] == Gone(2)


async def test_the_console_asks_again_at_its_row_when_its_list_was_let_go_and_changed(few: Served) -> None:
    async with few.console() as (app, pilot):
        place = app.screen
        await press(pilot, *("j",) * 5)
        row = place.table.current.id
        few.estate.backend.certificates.delete(1, 1)
        few.server.app.state.certtui.listings.close()
        place.table.refetch()
        await settle(pilot)
        assert place.table.current.id == row
        assert place.table.cursor == 4
        assert "n000" not in text_of(app)


async def test_the_cursor_never_waits_for_the_network(few: Served) -> None:
    with Chaos(few.server.port) as chaos:
        async with few.console(backend=few.open(url=chaos.url)) as (app, pilot):
            table = app.screen.table
            chaos.plan(*("late",) * 8, only="/api/v1/")
            async with asyncio.timeout(5):
                await pilot.press(*("j",) * 20)
                while table.cursor != 20:  # noqa: ASYNC110 - keys are on their way through Textual's queues
                    await asyncio.sleep(0.001)
            assert table.current.name == "n020"
            chaos.gate.set()
            await settle(pilot)
