"""Associating and dissociating, one and several, with a resource made on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.screens.associate import AssociateDialog, DissociateDialog
from certtui.screens.resource_form import ResourceDialog
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.labelled import Entry
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        made.resource("edge-3", "host")
        made.resource("lb-west")
        yield made


def uses(made: Estate, name: str) -> list[tuple[str, str]]:
    return [(each.name, each.role) for each in made.backend.certificates.get(made.ids[name]).resources]


async def test_ticked_resources_are_associated_in_the_chosen_role(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("w")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, AssociateDialog)
        await pilot.press("space", "j", "space")
        dialog.query_one(ChoiceRow).value = "client-ca"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert uses(made, "api-gateway") == [("edge-3", "client-ca"), ("lb-west", "client-ca")]
        assert "Associated with edge-3, lb-west." in text_of(app)


async def test_typing_narrows_the_resources(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("w")
        await settle(pilot)
        app.screen.query_one("#find", Entry).value = "west"
        await settle(pilot)
        assert "lb-west" in text_of(app)
        assert "edge-3" not in text_of(app)


async def test_a_resource_made_on_the_spot_is_ticked(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("w")
        await settle(pilot)
        app.screen.query_one("#new", Button).press()
        await settle(pilot)
        assert isinstance(app.screen, ResourceDialog)
        app.screen.query_one("#name", Entry).value = "nginx-1"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "[x] nginx-1" in text_of(app)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert uses(made, "api-gateway") == [("nginx-1", "server")]


async def test_marked_rows_are_associated_together(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("space", "space", "w")
        await settle(pilot)
        await pilot.press("space")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert uses(made, "api-gateway") == uses(made, "billing") == [("edge-3", "server")]


async def test_dissociating_takes_the_ticked_ones_away(made: Estate) -> None:
    made.backend.resources.associate(made.ids["billing"], [made.ids["edge-3"], made.ids["lb-west"]], "server")
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("z")
        await settle(pilot)
        assert isinstance(app.screen, DissociateDialog)
        await pilot.press("space")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert uses(made, "billing") == [("lb-west", "server")]


@SIZES
@pytest.mark.parametrize("key", ["w", "z"])
async def test_the_dialogs_look_like_this(
    made: Estate, picture: SnapshotAssertion, key: str, size: tuple[int, int]
) -> None:
    made.backend.resources.associate(made.ids["api-gateway"], [made.ids["edge-3"], made.ids["lb-west"]], "server")
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press(key)
        await settle(pilot)
        assert shot(app) == picture
