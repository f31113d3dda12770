"""Orders over a server: the same screens, the same acts, and what a lost answer must not do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from certtui.errors import Unreachable
from certtui.model.access import Access, Role
from certtui.model.order import OrderStatus
from certtui.screens.order_page import OrderScreen
from tests.remote.estate import Served, served
from tests.screens.harness import press, text_of
from tests.screens.test_order_form import fill
from tests.screens.test_orders_real import draft, signed, with_authorities

SCREENS: dict[str, Sequence[str]] = {
    "place": ("2",),
    "filtered": ("2", "slash", *"type:external", "enter"),
    "a filter that is wrong": ("2", "slash", *"stat:x", "enter"),
    "counts": ("2", "b", "right", "enter"),
    "draft": ("2", "enter"),
    "waiting": ("2", "j", "enter"),
    "complete": ("2", "j", "j", "enter"),
    "edit": ("2", "enter", "l"),
    "edit pending": ("2", "j", "enter", "l"),
    "preview": ("2", "enter", "s"),
    "cancel": ("2", "x"),
    "bring": ("2", "j", "enter", "p"),
    "new": ("2", "a"),
    "clone": ("2", "d"),
}
SMALL_AND_WIDE = [(name, (80, 24)) for name in SCREENS] + [(name, (120, 36)) for name in ("place", "waiting")]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One store for all: nothing here is saved."""
    with served(tmp_path_factory.mktemp("team")) as made:
        with_authorities(made.estate)
        orders = made.estate.backend.orders
        for name, authority in (("done.example.com", "internal"), ("waits.example.com", "paper-ca")):
            order = orders.get(draft(made.estate, name, authority))
            orders.submit(order.id, order.version)
        draft(made.estate, "begun.example.com")
        yield made


@pytest.mark.parametrize(("name", "size"), SMALL_AND_WIDE, ids=[f"{name}-{size[0]}" for name, size in SMALL_AND_WIDE])
async def test_a_screen_of_orders_over_a_server_is_the_local_one(
    team: Served, name: str, size: tuple[int, int]
) -> None:
    shown = []
    for backend in (team.estate.backend, team.open()):
        async with team.console(size, backend=backend) as (app, pilot):
            await press(pilot, *SCREENS[name])
            shown.append(text_of(app).splitlines()[1:])
            assert app.unexpected == []
    assert shown[1] == shown[0]


async def test_one_orders_and_brings_a_certificate_back_over_a_server(tmp_path: Path) -> None:
    with served(tmp_path) as team:
        with_authorities(team.estate)
        async with team.console() as (app, pilot):
            await press(pilot, "2", "a")
            await fill(app, pilot, authority="internal", common_name="shop.example.com", key_type="ec-256")
            await press(pilot, "ctrl+s", "ctrl+s")
            assert "[issued]" in text_of(app)
            await press(pilot, "escape", "a")
            await fill(app, pilot, authority="paper-ca", common_name="paper.example.com", key_type="ec-256")
            await press(pilot, "ctrl+s", "ctrl+s")
            assert "[waiting]" in text_of(app)
            assert isinstance(app.screen, OrderScreen)
            assert app.screen.order is not None
            (tmp_path / "back.pem").write_bytes(signed(app.screen.order.csr_pem))
            await press(pilot, "p")
            await fill(app, pilot, certificate=str(tmp_path / "back.pem"))
            await press(pilot, "ctrl+s")
            assert "[issued]" in text_of(app)
        rows = team.estate.backend.orders.overview().counts
        assert rows["complete"] == 2
        order = team.estate.backend.orders.get(1)
        assert order.row.requester == "ada"


async def test_an_order_whose_answer_is_lost_on_the_way_is_sent_once(tmp_path: Path) -> None:
    with served(tmp_path) as team:
        with_authorities(team.estate)
        backend = team.open()
        submitting, lost = backend.orders.submit, [True]

        def submit(order_id: int, version: int) -> object:
            order = submitting(order_id, version)
            if lost:
                lost.clear()
                raise Unreachable("The server went away.", "It is tried again.")
            return order

        backend.orders.submit = submit  # type: ignore[method-assign, assignment]
        async with team.console(backend=backend) as (app, pilot):
            await press(pilot, "2", "a")
            await fill(app, pilot, authority="internal", common_name="shop.example.com", key_type="ec-256")
            await press(pilot, "ctrl+s", "ctrl+s")
            assert "The server went away." in text_of(app)
            await press(pilot, "ctrl+s")
            assert "[issued]" in text_of(app)
        counts = team.estate.backend.orders.overview().counts
        assert sum(counts.values()) == 1
        assert counts["complete"] == 1


async def test_who_may_only_read_sees_orders_and_is_told_why_nothing_else(tmp_path: Path) -> None:
    with served(tmp_path, access=Access(Role.VIEWER)) as team:
        with_authorities(team.estate)
        order_id = draft(team.estate)
        async with team.console() as (app, pilot):
            await press(pilot, "2", "enter", "m")
            assert "Make key and CSR:" in text_of(app)
            assert team.estate.backend.orders.get(order_id).row.status is OrderStatus.DRAFT
