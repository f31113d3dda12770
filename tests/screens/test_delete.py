"""Deleting: what is listed, what has to be ticked and typed, what is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.errors import NotFound
from certtui.screens.delete import DeleteDialog, deletion_of, deletion_of_many
from certtui.widgets.labelled import Entry
from certtui.widgets.tick import Tick
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of
from tests.screens.memory import make_row

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        made.add("old-lb", days=-10, key=False)
        made.backend.resources.associate(made.ids["api-gateway"], [made.resource("lb-west")], "server")
        yield made


def gone(made: Estate, name: str) -> bool:
    try:
        made.backend.certificates.get(made.ids[name])
    except NotFound:
        return True
    return False


async def test_it_starts_on_cancel(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, screen):
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is screen
        assert not gone(made, "billing")


async def test_one_without_key_and_use_goes_by_the_button(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("x")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert gone(made, "billing")
        assert app.screen.title == "Inventory"
        assert "Deleted billing." in text_of(app)


async def test_one_in_use_lists_its_uses_and_needs_the_tick_and_the_name(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("x")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, DeleteDialog)
        assert "lb-west" in text_of(app)
        accept = dialog.query_one("#accept", Button)
        dialog.query_one("#typed", Entry).value = "api-gateway"
        await settle(pilot)
        assert accept.disabled
        dialog.query_one(Tick).action_turn()
        await settle(pilot)
        assert accept.disabled, "the tick changes what was confirmed, so it is typed again"
        dialog.query_one("#typed", Entry).value = "api-gateway"
        await settle(pilot)
        accept.press()
        await settle(pilot)
        assert gone(made, "api-gateway")


def test_one_without_a_key_cannot_be_brought_back_either(made: Estate) -> None:
    page = made.backend.certificates.get(made.ids["billing"])
    assert "This can't be undone: a copy can be added again, as a new entry." in deletion_of(page).lines


def test_several_are_named_the_first_ones_at_least() -> None:
    rows = [replace(make_row(0), id=number, name=f"www-{number}") for number in range(8)]
    lines = deletion_of_many(8, rows).lines
    assert lines[0].endswith(": www-0, www-1, www-2, www-3, www-4, www-5, and 2 more.")
    assert deletion_of_many(2, rows[:2]).lines[0].endswith(": www-0, www-1.")


async def test_several_say_how_many_and_ask_for_the_number(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("asterisk")
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, DeleteDialog)
        assert "3 certificates go from the inventory" in text_of(app)
        dialog.query_one("#typed", Entry).value = "3"
        await settle(pilot)
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert gone(made, "billing")
        assert gone(made, "old-lb")
        assert not gone(made, "api-gateway"), "it is in use, and the tick was left out"
        assert "api-gateway" in text_of(app)
        assert "skipped 1" in text_of(app)


@SIZES
@pytest.mark.parametrize("name", ["api-gateway", "billing"])
async def test_the_delete_dialog_looks_like_this(
    made: Estate, picture: SnapshotAssertion, name: str, size: tuple[int, int]
) -> None:
    async with made.page(name, size=size) as (app, pilot, _):
        await pilot.press("x")
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_deleting_several_looks_like_this(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await pilot.press("asterisk")
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert shot(app) == picture
