"""The place Renewals, the simulator, and renewing now: what they say, what filters, and what comes of an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.backend.base import Backend
from certtui.errors import Unreachable
from certtui.model.query import Query
from certtui.screens.certificate import CertificateScreen
from certtui.screens.renew import RenewDialog
from certtui.screens.renewals import RenewalsScreen
from certtui.screens.renewals_simulator import SimulatorScreen
from certtui.widgets.dialogs import Message
from certtui.widgets.load_chart import LoadChart
from tests.backend.entries import added, resource
from tests.backend.issuing import complete, local_authority
from tests.screens.desk import at_desk, store_at
from tests.screens.harness import console, press, shot, text_of
from tests.screens.renewals_memory import ESTATE, RenewalsBackend


@asynccontextmanager
async def renewals(
    backend: RenewalsBackend, *keys: str, size: tuple[int, int] = (80, 24), **settings: Any
) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
    """The console at Renewals, and on from there by keys."""
    wanted = Settings(**{"follow_seconds": 0, "clipboard": "none", **settings})
    async with console(backend, size=size, settings=wanted) as (app, pilot):
        await press(pilot, "0", *keys)
        yield app, pilot


async def test_the_busiest_day_and_each_authoritys_share_are_told() -> None:
    async with renewals(RenewalsBackend()) as (app, pilot):
        assert "most on Thu 3 Dec: 48" in text_of(app)
        await press(pilot, "h", *["right"] * 14)
        assert "Thu 3 Dec: 48 (Let's Encrypt 47, internal 1)" in text_of(app)
        await press(pilot, "right")
        assert "Fri 4 Dec: none" in text_of(app)


async def test_counts_and_bars_filter_and_escape_takes_it_back() -> None:
    async with renewals(RenewalsBackend(), "b", "enter") as (app, pilot):
        assert isinstance(app.screen, RenewalsScreen)
        assert app.screen.query_now.text == "state:blocked"
        assert "paper-ca is disabled." in text_of(app)
        assert "billing" not in text_of(app)
        await press(pilot, "h", "right", "right", "right", "enter")
        assert app.screen.query_now.text == "state:blocked due:2026-11-22 !overdue"
        assert app.screen.query_one(LoadChart).choices[3].chosen
        await press(pilot, "escape", "escape")
        assert app.screen.query_now.text == ""


async def test_without_renewals_it_says_what_makes_some_and_a_server_that_is_away_is_told() -> None:
    async with renewals(RenewalsBackend(())) as (app, _):
        assert "Nothing renews itself yet." in text_of(app)
    backend = RenewalsBackend()
    backend.renewals.error = Unreachable("db.example.com does not answer.", "Look whether it runs.")
    async with renewals(backend) as (app, pilot):
        assert "db.example.com does not answer." in text_of(app)
        backend.renewals.error = None
        await press(pilot, "r")
        assert "billing" in text_of(app)


async def test_the_simulator_is_a_key_away_and_says_what_it_comes_to() -> None:
    backend = RenewalsBackend()
    backend.renewals.estate = ESTATE
    async with renewals(backend, "t") as (app, pilot):
        assert isinstance(app.screen, SimulatorScreen)
        assert "Under 47 days there are" in text_of(app)
        assert "145 of 330 need" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, RenewalsScreen)


async def test_in_ascii_the_chart_is_words() -> None:
    async with renewals(RenewalsBackend(), ascii=True) as (app, _):
        assert "due now 4" in text_of(app)


# --- renewing now -----------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Backend]:
    """A certificate of the built-in PKI on a load balancer, a second one, and one that nobody knows the authority of."""
    backend = store_at(tmp_path)
    local_authority(backend)
    for name in ("shop.example.com", "api.example.com"):
        complete(backend, name, days=90, auto_renew_days=7)
    page = backend.certificates.get(backend.certificates.resolve("shop.example.com"))
    backend.resources.associate(page.id, [resource(backend).row.id])
    added(backend, "old.example.com")
    return backend  # closed with the desk


def newest(backend: Backend) -> Any:
    """The certificate that was issued last."""
    listing = backend.orders.search(Query())
    order_id = max(row.id for row in listing.rows(0, 50))
    return backend.certificates.get(backend.orders.get(order_id).row.certificate_id or 0)


async def test_the_dialog_says_what_is_ordered_and_the_new_one_goes_where_one_says(store: Backend) -> None:
    async with at_desk(store, key="") as desk:
        await desk.press("/", *"name:shop", "enter", "R")
        assert isinstance(desk.app.screen, RenewDialog)
        said = text_of(desk.app)
        for part in (
            "Renew shop.example.com now",
            "internal",
            "onto lb-west",
            "which stays until it expires",
            "certtui renew",
        ):
            assert part in said
        await desk.press("shift+tab", "shift+tab", "right", "tab", "tab", "enter")
        assert "renewed shop.example.com" in desk.notice
        new = newest(store)
        assert [each.relation for each in new.lineage] == ["renewed", "this"]
        assert new.resources == ()
        assert "renews it already" not in said

        await desk.press("R")
        assert f"(id {new.id}) renews it already" in text_of(desk.app)


async def test_where_nothing_renews_it_the_dialog_says_what_would(store: Backend) -> None:
    async with at_desk(store, key="") as desk:
        await desk.press("/", *"name:old", "enter", "enter", "R")
        assert isinstance(desk.app.screen, RenewDialog)
        assert "No authority is known for it: nothing renews it." in text_of(desk.app)
        await desk.press("enter")
        assert isinstance(desk.app.screen, CertificateScreen)


async def test_all_that_are_marked_are_renewed_and_the_rest_is_named(store: Backend) -> None:
    async with at_desk(store, key="") as desk:
        await desk.press("/", *"!is:ca", "enter", "*", "R")
        assert "Renew 3 certificates now" in text_of(desk.app)
        await desk.press("enter")
        assert isinstance(desk.app.screen, Message)
        assert "Ordered 2, skipped 1." in text_of(desk.app)
        assert "No authority is known" in text_of(desk.app)
        assert store.renewals.calendar().total == 2


# --- pictures ---------------------------------------------------------------------------------------------------------


PICTURES = [(what, (80, 24)) for what in ("full", "chart", "blocked", "empty", "error", "simulator")]
PICTURES += [("full", (120, 36)), ("simulator", (120, 36))]


@pytest.mark.parametrize(("what", "size"), PICTURES, ids=[f"{what}-{size[0]}x{size[1]}" for what, size in PICTURES])
async def test_renewals_look_like_this(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    backend = RenewalsBackend(()) if what == "empty" else RenewalsBackend()
    backend.renewals.estate = ESTATE
    if what == "error":
        backend.renewals.error = Unreachable("db.example.com does not answer.", "Look whether it runs.")
    keys = {"chart": ("h", *["right"] * 14), "blocked": ("b", "enter"), "simulator": ("t",)}.get(what, ())
    async with renewals(backend, *keys, size=size) as (app, _):
        assert shot(app) == picture


async def test_the_dialog_looks_like_this(picture: SnapshotAssertion, store: Backend) -> None:
    async with at_desk(store, key="") as desk:
        await desk.press("/", *"name:shop", "enter", "R")
        assert shot(desk.app) == picture
