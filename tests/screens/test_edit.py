"""Editing labels: what is saved, and what happens when somebody else was faster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Button

from certtui.app import CerttuiApp
from certtui.model.ca import CaSpec
from certtui.model.certificate import CertificateEdit
from certtui.model.csr import SubjectFields
from certtui.screens.edit import EditDialog
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Message
from certtui.widgets.labelled import Entry
from tests.backend.issuing import local_authority
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        yield made


async def test_what_is_typed_is_saved_and_shown(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        await pilot.press("l")
        await settle(pilot)
        app.screen.query_one("#business_group", Entry).value = "platform"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert made.backend.certificates.get(made.ids["api-gateway"]).row.business_group == "platform"
        assert app.screen is screen
        assert "Saved api-gateway." in text_of(app)


async def test_a_conflict_is_shown_and_what_was_typed_is_kept(made: Estate) -> None:
    number = made.ids["api-gateway"]
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, EditDialog)
        dialog.query_one("#description", Entry).value = "mine"
        now = made.backend.certificates.get(number)
        made.backend.certificates.edit(
            number, now.version, CertificateEdit(business_group="theirs", description="theirs")
        )
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert "It was changed in the meantime" in text_of(app)
        assert dialog.query_one("#business_group", Entry).value == "theirs"
        assert dialog.query_one("#description", Entry).value == "mine"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        saved = made.backend.certificates.get(number)
        assert (saved.row.business_group, saved.description) == ("theirs", "mine")


async def test_an_imported_certificate_is_given_an_authority_and_days_and_it_is_said_where_that_would_refuse(
    made: Estate,
) -> None:
    backend, number = made.backend, made.ids["api-gateway"]
    local_authority(backend)
    spec = CaSpec(SubjectFields(common_name="Narrow"), key_type="ec-256", days=1000, permitted=("DNS:example.org",))
    narrow = backend.cas.create_intermediate(backend.cas.resolve("Root"), spec)
    local_authority(backend, "narrow", ca=narrow.row.name)
    async with made.page("api-gateway") as (app, pilot, _):
        await press(pilot, "l")
        dialog = app.screen
        assert isinstance(dialog, EditDialog)
        assert "Authorities: internal, narrow" in text_of(app)
        dialog.query_one("#authority", Entry).value = "internal"
        dialog.query_one("#auto_renew_days", Entry).value = "soon"
        await accepted(app, pilot)
        assert "soon is no number of days." in text_of(app)
        dialog.query_one("#auto_renew_days", Entry).value = "400"
        await accepted(app, pilot)
        assert "can't be renewed 400 days before its end" in text_of(app)
        dialog.query_one("#auto_renew_days", Entry).value = ""
        await accepted(app, pilot)
        page = backend.certificates.get(number)
        assert (page.authority, page.auto_renew_days) == ("internal", 7)
        assert "Saved api-gateway." in text_of(app)
        await press(pilot, "l")
        app.screen.query_one("#authority", Entry).value = "narrow"
        await accepted(app, pilot)
        assert isinstance(app.screen, Message)
        assert "api-gateway is saved, and would not be renewed as it is:" in text_of(app)
        assert "may not issue for api-gateway.example.com" in text_of(app)


async def accepted(app: CerttuiApp, pilot: Pilot[int]) -> None:
    """The button is pressed, and what comes of it is seen."""
    app.screen.query_one("#accept", Button).press()
    await settle(pilot)


async def test_renewals_are_given_the_same_key_where_it_is_here(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        app.screen.query_one("#keep_key", ChoiceRow).value = "same"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert made.backend.certificates.get(made.ids["api-gateway"]).keep_key
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        assert not app.screen.query("#keep_key")


async def test_nothing_changed_writes_nothing(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "certificate.edit.success" not in made.events()


async def test_marked_rows_get_one_group_and_it_says_how_many(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("space", "space", "l")
        await settle(pilot)
        app.screen.query_one("#group", Entry).value = "platform"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        for name in ("api-gateway", "billing"):
            assert made.backend.certificates.get(made.ids[name]).row.business_group == "platform"
        assert "Changed the group of 2." in text_of(app)


async def test_a_marked_row_that_moved_is_skipped_and_named(made: Estate) -> None:
    number = made.ids["billing"]
    async with made.console() as (app, pilot):
        await pilot.press("space", "space", "l")
        await settle(pilot)
        now = made.backend.certificates.get(number)
        made.backend.certificates.edit(number, now.version, CertificateEdit(description="moved"))
        app.screen.query_one("#group", Entry).value = "platform"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "skipped 1" in text_of(app)
        assert made.backend.certificates.get(number).row.business_group == "payments"


@SIZES
async def test_the_edit_dialog_looks_like_this(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_the_group_of_several_looks_like_this(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await pilot.press("space", "space", "l")
        await settle(pilot)
        assert shot(app) == picture
