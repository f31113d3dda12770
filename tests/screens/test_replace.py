"""Update after renewal: suggestions, the plan, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button, Input

from certtui.screens.certificate import CertificateScreen
from certtui.screens.replace import ChooseRenewal, PlanDialog
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.path_input import PathInput
from tests.certs import make_cert
from tests.screens.estate import Estate, estate, seeded
from tests.screens.harness import settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        made.add(
            "api-2026", days=300, lived=1, sans=("api-gateway.example.com",), common_name="api-gateway.example.com"
        )
        made.add("zzz", lived=2)
        made.backend.resources.associate(made.ids["api-gateway"], [made.resource("lb-west")], "server")
        yield made


async def test_one_with_the_same_names_is_suggested_first(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, ChooseRenewal)
        assert dialog._rows[0].name == "api-2026"
        assert "api-gateway" not in [row.name for row in dialog._rows]


async def test_the_plan_is_shown_and_confirmed_before_anything_moves(made: Estate) -> None:
    new = made.ids["api-2026"]
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, PlanDialog)
        assert "1 association moves:" in text_of(app)
        assert "lb-west" in text_of(app)
        assert made.backend.certificates.get(new).resources == ()
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        now = made.backend.certificates.get(new)
        assert [each.name for each in now.resources] == ["lb-west"]
        assert [entry.name for entry in now.lineage] == ["api-gateway", "api-2026"]
        page = app.screen
        assert isinstance(page, CertificateScreen)
        assert page.certificate_id == new, "the page goes on to what stands in its place"


async def test_the_renewed_certificate_may_come_as_a_file_with_a_password(made: Estate, tmp_path: Path) -> None:
    renewed = make_cert(
        "billing.example.com", issuer=made.issuing, key=seeded("renewed"),
        not_before=NOW - timedelta(days=1), not_after=NOW + timedelta(days=364),
    )  # fmt: skip
    path = tmp_path / "renewed.pfx"
    path.write_bytes(renewed.pfx(b"secret"))
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        app.screen.query_one("#file", PathInput).value = str(path)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        app.screen.query_one("#first", Input).value = "secret"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert isinstance(app.screen, PlanDialog)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        lineage = made.backend.certificates.get(made.ids["billing"]).lineage
        assert [entry.relation for entry in lineage] == ["this", "renewal"]


async def test_a_file_that_is_none_says_so_beside_it(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        app.screen.query_one("#file", PathInput).value = "/no/such/file"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "There is no file" in text_of(app)
        assert app.screen.query_one("#file", PathInput).value == "/no/such/file"


async def test_filtering_offers_others(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        app.screen.query_one("#find", Input).value = "zzz"
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, ChooseRenewal)
        assert [row.name for row in dialog._rows] == ["zzz"]


@SIZES
@pytest.mark.parametrize("step", ["choose", "plan"])
async def test_the_update_looks_like_this(
    made: Estate, picture: SnapshotAssertion, step: str, size: tuple[int, int]
) -> None:
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press("u")
        await settle(pilot)
        app.screen.query_one(ChoiceList)
        if step == "plan":
            await pilot.press("enter")
            await settle(pilot)
        assert shot(app) == picture
