"""Orders that end while one stands elsewhere are told in the frame, once, and a key goes there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.model.order import OrderStatus
from certtui.pki.inspector import Inspector
from certtui.screens.order_follow import OrderWatch
from certtui.screens.order_form import OrderFormScreen
from certtui.screens.order_page import OrderScreen
from tests.screens.harness import console, press, text_of
from tests.screens.orders_memory import OrdersBackend
from tests.screens.test_orders import settled_with_background


@asynccontextmanager
async def watching(backend: OrdersBackend, *keys: str) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
    """The console with a watch that is asked by hand, as its timer would."""
    settings = Settings(follow_seconds=3600, clipboard="none")
    async with console(backend, Inspector(), settings=settings) as (app, pilot):
        app.orders = OrderWatch(app)
        await asked(app, pilot)
        await press(pilot, *keys)
        yield app, pilot


async def asked(app: CerttuiApp, pilot: Pilot[Any]) -> None:
    """The watch asks, and gets its answer."""
    assert app.orders is not None
    app.orders.look()
    await settled_with_background(pilot)


async def test_the_end_of_an_own_order_is_told_where_one_stands_and_a_key_goes_there() -> None:
    backend = OrdersBackend(3)
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    async with watching(backend) as (app, pilot):
        backend.orders.move(order.id, OrderStatus.COMPLETE)
        await asked(app, pilot)
        assert "The certificate for api.example.com is here. f2 goes to its order." in text_of(app)
        await press(pilot, "j")
        assert "is here. f2" not in text_of(app)
        assert "order done: f2" in text_of(app).splitlines()[0]
        await press(pilot, "f2")
        assert isinstance(app.screen, OrderScreen)
        assert app.screen.order is not None
        assert app.screen.order.id == order.id
        assert "f2" not in text_of(app)
        await press(pilot, "escape")
        assert "f2" not in text_of(app)


async def test_a_failure_is_told_as_one() -> None:
    backend = OrdersBackend(3)
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    async with watching(backend) as (app, pilot):
        backend.orders.move(order.id, OrderStatus.FAILED)
        await asked(app, pilot)
        assert "The order for api.example.com failed. f2 shows why." in text_of(app)
        assert "order failed: f2" in text_of(app)


async def test_it_takes_neither_the_focus_nor_a_key_from_who_types() -> None:
    backend = OrdersBackend(3)
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    async with watching(backend, "2", "a") as (app, pilot):
        await press(pilot, *"shop")
        backend.orders.move(order.id, OrderStatus.COMPLETE)
        await asked(app, pilot)
        await press(pilot, *"east")
        form = app.screen
        assert isinstance(form, OrderFormScreen)
        assert form.field("common_name").value == "shopeast"
        assert "order done: f2" in text_of(app)
        await press(pilot, "f2")
        assert isinstance(app.screen, OrderScreen)
        await press(pilot, "escape")
        assert app.screen is form
        assert form.field("common_name").value == "shopeast"


async def test_orders_of_others_are_their_own_business() -> None:
    backend = OrdersBackend(3)
    order = backend.orders.put("api", OrderStatus.PROCESSING, by="somebody")
    async with watching(backend) as (app, pilot):
        backend.orders.move(order.id, OrderStatus.COMPLETE, requester="somebody")
        await asked(app, pilot)
        assert "f2" not in text_of(app)


async def test_an_end_that_one_saw_happen_is_not_told_again() -> None:
    backend = OrdersBackend(3)
    backend.orders.put("api")
    async with watching(backend, "2", "enter", "s", "ctrl+s") as (app, pilot):
        assert "[issued]" in text_of(app)
        await press(pilot, "1")
        await asked(app, pilot)
        assert "f2" not in text_of(app)


async def test_several_at_once_are_one_sentence() -> None:
    backend = OrdersBackend(3)
    ids = [backend.orders.put(f"api-{number}", OrderStatus.PROCESSING).id for number in range(3)]
    async with watching(backend) as (app, pilot):
        for order_id in ids:
            backend.orders.move(order_id, OrderStatus.FAILED if order_id == ids[0] else OrderStatus.COMPLETE)
        await asked(app, pilot)
        assert "3 orders ended, 1 of them failed. f2 goes to the newest." in text_of(app)
        assert "3 orders ended: f2" in text_of(app)
        await press(pilot, "f2")
        assert "2 orders ended: f2" in text_of(app)


async def test_what_ended_before_one_came_is_no_news() -> None:
    backend = OrdersBackend(3)
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    backend.orders.move(order.id, OrderStatus.COMPLETE)
    async with watching(backend) as (app, pilot):
        await asked(app, pilot)
        assert "f2" not in text_of(app)
        await press(pilot, "f2")
        assert "No order has ended that you were not told of." in text_of(app)
