"""Ordering many from a CSV file: a dry run that says what each line would come to, the orders, and going on after a stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.errors import Unreachable
from certtui.screens.order_many import OrderManyScreen
from certtui.screens.order_many_report import OrderManyReport
from certtui.screens.order_page import OrderScreen
from tests.screens.estate import Estate
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.test_order_form import fill
from tests.screens.test_orders_real import made, store

__all__ = ["made", "store"]

LINES = """common_name,authority,key_type,days
one.example.com,internal,ec-256,30
two.example.com,nobody,ec-256,
three.example.com,,ec-256,
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "orders.csv"
    path.write_text(LINES)
    return path


def rewrite(file: Path, text: str) -> None:
    file.write_text(text)


def statuses(made: Estate) -> dict[str, str]:
    """Common names and where their orders stand."""
    from certtui.model.query import Query, Sort

    listing = made.backend.orders.search(Query("", Sort("id")))
    listing.wait(5)
    return {row.common_name: str(row.status) for row in listing.rows(0, 100)}  # type: ignore[union-attr]


async def test_a_dry_run_orders_nothing_and_says_what_each_line_would_come_to(made: Estate, file: Path) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "2", "i")
        assert isinstance(app.screen, OrderManyScreen)
        await fill(app, pilot, file="orders.csv", authority="internal")
        assert "3 orders. The dry run shows" in app.screen.sentence
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, OrderManyReport)
        assert "Nothing is ordered yet. 3 lines: 2 fine, 1 refused." in text_of(app)
        await press(pilot, "enter")
        assert "Line 3: There is no authority “nobody”." in text_of(app)
        assert statuses(made) == {}


async def test_what_is_not_refused_is_ordered_and_enter_goes_to_an_order(made: Estate, file: Path) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "2", "i")
        await fill(app, pilot, file="orders.csv", authority="internal")
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "3 lines: 2 complete, 1 refused." in text_of(app)
        assert statuses(made) == {"one.example.com": "complete", "three.example.com": "complete"}
        await press(pilot, "j", "enter")
        assert isinstance(app.screen, OrderScreen)
        assert "one.example.com" in text_of(app)


async def test_the_same_file_again_orders_only_what_was_not(made: Estate, file: Path) -> None:
    async with made.console() as (app, pilot):
        for _ in range(2):
            await press(pilot, "2", "i")
            await fill(app, pilot, file="orders.csv", authority="internal")
            await press(pilot, "ctrl+s", "ctrl+s")
            await press(pilot, "escape", "escape")
            await press(pilot, "escape")
        await press(pilot, "2", "i")
        await fill(app, pilot, file="orders.csv", authority="internal")
        screen: Any = app.screen
        assert "of which 2 were done before" in screen.sentence
        assert len(statuses(made)) == 2


async def test_a_run_that_breaks_off_goes_on_where_it_stopped(made: Estate, file: Path) -> None:
    saving, broken = made.backend.orders.save, [False, True]

    def save(form: Any) -> Any:
        if broken and broken.pop(0):
            raise Unreachable("The disk is full.", "Make room.")
        return saving(form)

    orders: Any = made.backend.orders
    rewrite(file, LINES.replace("nobody", "internal"))
    async with made.console() as (app, pilot):
        type(orders).save, kept = lambda self, form: save(form), type(orders).save
        try:
            await press(pilot, "2", "i")
            await fill(app, pilot, file="orders.csv", authority="internal")
            await press(pilot, "ctrl+s", "ctrl+s")
            assert "It stopped: The disk is full. Make room. after 1 of 3: 1 complete." in text_of(app)
            await press(pilot, "ctrl+s")
        finally:
            type(orders).save = kept
        assert "3 lines: 3 complete. 1 were done before." in text_of(app)
        assert len(statuses(made)) == 3


async def test_a_file_that_is_no_table_of_orders_is_said_beside_the_field(made: Estate, file: Path) -> None:
    rewrite(file, "common_nome\nx\n")
    async with made.console() as (app, pilot):
        await press(pilot, "2", "i")
        await fill(app, pilot, file="orders.csv")
        screen: Any = app.screen
        assert "The column “common_nome” is not known; the nearest is common_name." in screen.field("file").said


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
@pytest.mark.parametrize("what", ["form", "dry-run", "done"])
async def test_ordering_many_looks_like_this(
    made: Estate, file: Path, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "2", "i")
        await fill(app, pilot, file="orders.csv", authority="internal")
        match what:
            case "dry-run":
                await press(pilot, "ctrl+s")
            case "done":
                await press(pilot, "ctrl+s", "ctrl+s")
        await settle(pilot)
        assert shot(app) == picture
