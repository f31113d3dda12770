"""How the screens of orders look."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.model.order import OrderError, OrderStatus
from certtui.model.panel import PanelLine
from certtui.model.policy import PolicyFinding
from certtui.screens.order_follow import sentence_of
from tests.screens.harness import press, settle, shot
from tests.screens.orders_memory import OrdersBackend
from tests.screens.test_order_form import fill
from tests.screens.test_orders import orders

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
HARD = PolicyFinding(
    1, "no-wildcards", "wildcards", "hard", "*.example.com is a wildcard.", "Each host has its own name."
)
SOFT = PolicyFinding(
    2, "short-lived", "validity", "soft", "It would live 397 days; 90 are allowed.", "Renewal is automatic here."
)


def made() -> OrdersBackend:
    """Orders of every status."""
    backend = OrdersBackend(5)
    put = backend.orders.put
    put("old-lb", OrderStatus.CANCELLED, minutes=9000)
    panel = (
        PanelLine("CSR", "For paper-ca to sign; copy it, or write it to a file.", copy="PEM"),
        PanelLine("Waiting", "2 days, since 2026-11-17", "waiting"),
        PanelLine("Reminder", "on 2026-11-20"),
    )
    put("partner", OrderStatus.PENDING, authority="paper-ca", minutes=4000, panel=panel)
    put("mail", OrderStatus.COMPLETE, minutes=100, by="ada")
    put("api", minutes=70, sans=("DNS:api.example.com", "DNS:api2.example.com", "IP:10.0.0.7"))
    error = OrderError(
        "internal refused the request.",
        "Example Issuing CA permits only names below example.org (name constraints).",
        "Order it from another authority, or change its names.",
    )
    put("vpn", OrderStatus.FAILED, minutes=30, by="ci-deploy", kind="token", error=error)
    put("intranet", OrderStatus.PENDING, minutes=10, unsent=True)
    put("billing", OrderStatus.PROCESSING, minutes=3)
    return backend


KEYS = {
    "many": (),
    "processing": ("enter",),
    "csr-made": ("j", "enter"),
    "failed": ("j", "j", "enter"),
    "draft": ("j", "j", "j", "enter"),
    "complete": ("G", "k", "k", "enter"),
    "waiting": ("G", "k", "enter"),
    "cancel": ("x",),
    "edit-pending": ("G", "k", "enter", "l"),
}


@SIZES
@pytest.mark.parametrize("what", list(KEYS))
async def test_orders_look_like_this(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    async with orders(made(), *KEYS[what], size=size) as (app, _):
        assert shot(app) == picture


@SIZES
@pytest.mark.parametrize("what", ["empty", "no-authority"])
async def test_an_empty_place_looks_like_this(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    backend = OrdersBackend()
    if what == "no-authority":
        backend.orders.names = {}
    async with orders(backend, size=size) as (app, _):
        assert shot(app) == picture


@SIZES
@pytest.mark.parametrize("what", ["blank", "filled", "faulty", "csr"])
async def test_the_form_looks_like_this(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    async with orders(OrdersBackend(), "a", size=size) as (app, pilot):
        match what:
            case "filled":
                await fill(
                    app, pilot, common_name="shop.example.com", sans="shop.example.com\nwww.shop.example.com", days="90",
                    group="payments", contact="ops@example.com", resources="1\tlb-west\n2\tedge-3",
                )  # fmt: skip
            case "faulty":
                await fill(app, pilot, common_name="shop.example.com", sans="DNS:a..b", country="Germany", days="many")
            case "csr":
                await fill(app, pilot, key_type="csr")
        assert shot(app) == picture


@SIZES
@pytest.mark.parametrize("what", ["nothing-against", "refused", "asks-why"])
async def test_the_preview_looks_like_this(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    backend = OrdersBackend()
    backend.orders.findings = {"refused": (HARD, SOFT), "asks-why": (SOFT,)}.get(what, ())
    async with orders(backend, "a", size=size) as (app, pilot):
        await fill(app, pilot, common_name="shop.example.com", days="397", group="payments")
        await press(pilot, "ctrl+s")
        assert shot(app) == picture


@SIZES
async def test_the_end_of_an_order_is_told_like_this(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    backend = made()
    async with orders(backend, "1", size=size) as (app, pilot):
        row = backend.orders.get(3).row
        app.orders = type(
            "Watch",
            (),
            {"news": "order done: f2", "ended": [row], "seen": lambda self, row: None, "forget": lambda self: None},
        )()
        app.screen.refresh_frame()  # type: ignore[attr-defined]
        app.screen.say(*sentence_of([row], "f2"))  # type: ignore[attr-defined]
        await settle(pilot)
        assert shot(app) == picture
