"""The place Orders: the list, its counts, what it says when it is empty, and what others change under it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.model.order import OrderStatus
from certtui.pki.inspector import Inspector
from certtui.screens.order_page import OrderScreen
from certtui.screens.orders import OrdersScreen
from certtui.widgets.strip_bar import StatusStrip
from tests.screens.harness import console, press, settle, text_of
from tests.screens.orders_memory import OrdersBackend


@asynccontextmanager
async def orders(
    backend: OrdersBackend, *keys: str, size: tuple[int, int] = (80, 24), **settings: Any
) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
    """The console at Orders, and on from there by keys."""
    wanted = Settings(**{"follow_seconds": 0, "clipboard": "none", **settings})
    async with console(backend, Inspector(), size=size, settings=wanted) as (app, pilot):
        await press(pilot, "2", *keys)
        yield app, pilot


def line_of(app: CerttuiApp, word: str) -> str:
    """The first line of the screen with this word."""
    return next((line for line in text_of(app).splitlines() if word in line), "")


async def test_a_row_says_whom_what_where_by_whom_when_and_how_long() -> None:
    backend = OrdersBackend()
    backend.orders.put("vpn", OrderStatus.FAILED, by="ci", kind="token", minutes=30)
    async with orders(backend) as (app, _):
        line = line_of(app, "vpn")
        for part in ("vpn.example.com", "Local PKI", "x failed", "ci (to", "11-20 11:31", "4 s"):
            assert part in line


async def test_the_newest_stands_first_and_enter_opens_it() -> None:
    backend = OrdersBackend()
    backend.orders.put("older", minutes=60)
    newest = backend.orders.put("newer", minutes=5)
    async with orders(backend, "enter") as (app, _):
        assert isinstance(app.screen, OrderScreen)
        assert app.screen.order is not None
        assert app.screen.order.id == newest.id


async def test_counts_stand_on_top_and_filter() -> None:
    backend = OrdersBackend()
    backend.orders.put("one", OrderStatus.FAILED)
    backend.orders.put("two")
    async with orders(backend, "b", "right", "right", "right", "right", "enter") as (app, _):
        assert isinstance(app.screen, OrdersScreen)
        assert "Failed 1" in text_of(app)
        assert app.screen.query_one(StatusStrip).choices[4].chosen
        assert app.screen.query_now.text == "status:failed"
        assert "two" not in text_of(app)


async def test_without_an_authority_it_says_so_and_who_may_add_one() -> None:
    backend = OrdersBackend()
    backend.orders.names = {}
    async with orders(backend) as (app, _):
        assert "No authority is set up to order from." in text_of(app)
        assert "an admin adds one in Authorities" in text_of(app)


async def test_an_empty_place_names_the_key_of_a_new_order() -> None:
    async with orders(OrdersBackend()) as (app, pilot):
        assert "a  order a certificate" in text_of(app)
        await press(pilot, "n")
        assert app.screen.title == "New order" or "New order" in text_of(app)


async def test_what_the_worker_does_shows_by_itself() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    async with orders(backend, follow_seconds=3600) as (app, pilot):
        backend.orders.move(order.id, OrderStatus.COMPLETE)
        app.screen.follow_feed()  # type: ignore[attr-defined]
        await settled_with_background(pilot)
        assert "complete" in line_of(app, "api.example.com")
        assert "Complete 1" in text_of(app)


async def settled_with_background(pilot: Pilot[int]) -> None:
    """`settle`, and for what nobody waits for, too."""
    app: Any = pilot.app
    while app.jobs._running:
        await pilot.pause(0.001)
    await settle(pilot)


async def test_a_pane_follows_the_cursor_where_there_is_room() -> None:
    backend = OrdersBackend()
    backend.orders.put("first", minutes=60)
    backend.orders.put("second", OrderStatus.PROCESSING, minutes=5)
    async with orders(backend, size=(120, 36)) as (app, pilot):
        assert "[processing]" in text_of(app)
        await press(pilot, "j")
        assert "[draft]" in text_of(app)


async def test_an_order_is_cancelled_after_a_question_that_starts_on_no() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api", OrderStatus.PENDING, unsent=True)
    async with orders(backend, "x") as (app, pilot):
        assert "Its private key stays archived" in text_of(app)
        assert "$ certtui order cancel 1" in text_of(app)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await press(pilot, "right", "enter")
        assert backend.orders.get(order.id).row.status is OrderStatus.CANCELLED
        assert "- cancelled" in line_of(app, "api.example.com")


async def test_what_has_ended_can_not_be_cancelled() -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.COMPLETE)
    async with orders(backend, "x") as (app, _):
        assert "Cancel the order: It is complete." in text_of(app)


async def test_read_only_refuses_new_orders() -> None:
    backend = OrdersBackend(read_only=True)
    backend.orders.put("api")
    async with orders(backend, "a") as (app, _):
        assert "New order: This was opened read-only." in text_of(app)


async def test_names_written_by_strangers_are_only_text() -> None:
    backend = OrdersBackend()
    hostile = "[/red]\x1b]52;c;aGk=\x07\u202eevil.example.com"
    order = backend.orders.put(hostile, OrderStatus.FAILED, by=hostile, group=hostile, sans=(f"DNS:{hostile}",))
    async with orders(backend, size=(120, 36)) as (app, pilot):
        assert "[/red]␛]52" in text_of(app)
        await press(pilot, "enter")
        assert "[/red]␛]52" in text_of(app)
        await press(pilot, "escape", "d")
        assert "[/red]␛]52" in text_of(app)
        await press(pilot, "escape")
        assert "\x1b" not in text_of(app)
        assert backend.orders.get(order.id).row.requester == hostile
