"""*Does this belong together?* with what is stored, from the page of a certificate and by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.screens.match import MatchScreen
from certtui.widgets.frame import NoticeLine
from tests.certs import make_cert
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    (tmp_path / "other.key").write_bytes(make_cert("other.example.com", number=7).key_pem)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as one:
        one.add("api")
        one.add("old", days=-3)
        yield one


async def give(pilot, name: str) -> None:
    pilot.app.screen.field("part").put(name)
    pilot.app.screen.changed()
    await settle(pilot)
    await press(pilot, "enter")


async def test_the_page_of_a_certificate_compares_its_own_parts(made: Estate) -> None:
    async with made.page("api") as (app, pilot, _):
        await press(pilot, "m")
        assert isinstance(app.screen, MatchScreen)
        assert app.screen.sentence == "Yes. They belong together: certificate, private key, chain."
        assert [event for event in made.events() if "key" in event] == []


async def test_a_file_that_does_not_belong_to_it_is_named(made: Estate) -> None:
    async with made.page("api") as (app, pilot, _):
        await press(pilot, "m")
        await give(pilot, "other.key")
        assert app.screen.sentence.startswith("No. The private key does not belong to the certificate")
        wrong = [line for line in text_of(app).splitlines() if line.strip().startswith("wrong")]
        assert len(wrong) == 1
        assert "other.key" in wrong[0]


async def test_what_has_expired_is_said_though_it_belongs_together(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "m")
        await give(pilot, "cert:old")
        assert app.screen.field("sources").value == "cert:old"
        assert "The certificate “old.example.com” in cert:old expired" in app.screen.sentence


async def test_a_name_that_is_not_there_is_said_and_not_taken(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "m")
        await give(pilot, "cert:none")
        assert app.screen.field("sources").value == ""
        assert "none" in app.screen.query_one(NoticeLine).sentence


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_stored_parts_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "m")
        await give(pilot, "cert:old")
        await give(pilot, "cert:api")
        assert shot(app) == picture
