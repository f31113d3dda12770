"""The place Resources: the list, its pages, adding, changing, removing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.errors import NotFound
from certtui.model.resource import ResourceForm
from certtui.screens.certificate import CertificateScreen
from certtui.screens.resources_page import ResourceScreen
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.labelled import Entry
from certtui.widgets.tick import Tick
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        yield made


@pytest.fixture
def made(empty: Estate) -> Estate:
    empty.add("api-gateway", days=29)
    empty.add("billing", key=False)
    empty.resource("edge-3", "host")
    empty.resource("lb-west")
    for number in range(40):
        empty.resource(f"node-{number:02d}", "listener")
    empty.backend.resources.associate(empty.ids["api-gateway"], [empty.ids["edge-3"]], "server")
    empty.backend.resources.associate(empty.ids["billing"], [empty.ids["edge-3"]], "client-ca")
    return empty


async def test_the_list_counts_uses_and_names_the_next_expiry(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        line = next(line for line in text_of(app).splitlines() if "edge-3" in line)
        assert line.split()[-2:] == ["2", "2026-12-19"]


async def test_enter_opens_its_certificates_and_enter_goes_on_to_one(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ResourceScreen)
        assert "api-gateway  ! expiring  until 2026-12-19 (29d)" in text_of(app)
        await pilot.press("G")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == made.ids["billing"]


async def test_one_is_added(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        assert "No resource yet." in text_of(app)
        await pilot.press("a")
        await settle(pilot)
        app.screen.query_one("#name", Entry).value = "lb-east"
        app.screen.query_one("#type", ChoiceRow).value = "load-balancer"
        app.screen.query_one("#endpoint", Entry).value = "lb-east:443"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        found = empty.backend.resources.get(empty.backend.resources.resolve("lb-east")).row
        assert (found.type, found.endpoint) == ("load-balancer", "lb-east:443")
        assert "lb-east" in text_of(app)


async def test_a_name_that_is_taken_is_said_and_the_form_stays(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        dialog = app.screen
        dialog.query_one("#name", Entry).value = "lb-west"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert dialog.query_one("#name", Entry).value == "lb-west"
        assert "lb-west" in text_of(app)


async def test_a_change_under_ones_feet_keeps_what_was_typed(made: Estate) -> None:
    number = made.ids["edge-3"]
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        await pilot.press("l")
        await settle(pilot)
        dialog = app.screen
        dialog.query_one("#notes", Entry).value = "mine"
        now = made.backend.resources.get(number).row
        made.backend.resources.edit(number, now.version, ResourceForm(endpoint="elsewhere:8443"))
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert "It was changed in the meantime" in text_of(app)
        assert dialog.query_one("#notes", Entry).value == "mine"


async def test_removing_lists_its_certificates_and_needs_the_tick_and_the_name(made: Estate) -> None:
    number = made.ids["edge-3"]
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert "api-gateway  as server" in text_of(app)
        dialog = app.screen
        dialog.query_one(Tick).action_turn()
        await settle(pilot)
        dialog.query_one("#typed", Entry).value = "edge-3"
        await settle(pilot)
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        with pytest.raises(NotFound):
            made.backend.resources.get(number)
        assert made.backend.certificates.get(made.ids["api-gateway"]).resources == ()


async def test_a_filter_that_finds_nothing_says_how_to_go_on(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        app.screen.filter_to("nothing-like-that")  # type: ignore[attr-defined]
        await settle(pilot)
        assert "No resource matches the filter." in text_of(app)


async def test_read_only_refuses_to_add(tmp_path: Path, made: Estate) -> None:
    with estate(tmp_path, read_only=True) as reading:
        async with reading.console() as (app, pilot):
            await pilot.press("6")
            await settle(pilot)
            await pilot.press("a")
            await settle(pilot)
            assert "Add: This was opened read-only." in text_of(app)


@SIZES
@pytest.mark.parametrize("what", ["many", "empty", "page", "add", "remove"])
async def test_the_resources_look_like_this(
    request: pytest.FixtureRequest, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    backend: Estate = request.getfixturevalue("empty" if what == "empty" else "made")
    async with backend.console(size) as (app, pilot):
        await pilot.press("6")
        await settle(pilot)
        keys = {"page": "enter", "add": "a", "remove": "x"}
        if what in keys:
            await pilot.press(keys[what])
            await settle(pilot)
        assert shot(app) == picture
