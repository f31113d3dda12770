"""The place Audit: newest first, one record, the proof, the head; and the store's page."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.screens.audit_detail import AuditEventScreen
from certtui.screens.copy_text import SelectYourself
from certtui.widgets.path_input import PathInput
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.resource("edge-3", "host")
        made.backend.resources.associate(made.ids["api-gateway"], [made.ids["edge-3"]], "server")
        yield made


async def test_the_newest_record_stands_first(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        rows = [line for line in text_of(app).splitlines() if "2026-11-20 12:00" in line]
        assert "certificate.associate" in rows[0]
        assert "store.create.success" in rows[-1]
        assert "tester" in rows[0]


async def test_a_record_opens_with_its_detail_as_json(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, AuditEventScreen)
        assert '"role": "server"' in text_of(app)


async def test_a_whole_log_says_so_and_names_its_head(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert "The audit log is whole" in text_of(app)
        assert made.backend.audit.head().hash[:40] in text_of(app).replace("\n", "")


async def test_a_changed_record_is_found_and_named(made: Estate, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE audit_event SET object_name = 'another' WHERE seq = 2")
    connection.close()
    async with made.console() as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert "The audit log is broken" in text_of(app)
        assert "Record 2 is the first that does not fit" in text_of(app)


async def test_the_head_is_copied_or_shown_to_be_selected(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, SelectYourself)
        head = made.backend.audit.head()
        assert f"{head.seq} {head.hash}" in text_of(app)


async def test_the_store_page_checks_with_progress_and_shows_what_it_found(made: Estate) -> None:
    async with made.console() as (app, pilot):
        app.screen.do_store_status()  # type: ignore[attr-defined]
        await settle(pilot)
        assert "a key file" in text_of(app)
        await pilot.press("c")
        await settle(pilot)
        assert "checks passed" in text_of(app)


async def test_the_store_page_backs_up_and_says_where_the_key_is(made: Estate, tmp_path: Path) -> None:
    target = tmp_path / "copy.backup"
    async with made.console() as (app, pilot):
        app.screen.do_store_status()  # type: ignore[attr-defined]
        await settle(pilot)
        await pilot.press("b")
        await settle(pilot)
        app.screen.query_one("#path", PathInput).value = str(target)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert target.stat().st_mode & 0o777 == 0o600
        assert "The store key is not in it" in text_of(app)


@SIZES
@pytest.mark.parametrize("what", ["list", "record", "whole", "nothing-matches"])
async def test_the_audit_place_looks_like_this(
    made: Estate, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await pilot.press("9")
        await settle(pilot)
        match what:
            case "record":
                await pilot.press("enter")
            case "whole":
                await pilot.press("v")
            case "nothing-matches":
                app.screen.filter_to("event:nothing.*")  # type: ignore[attr-defined]
        await settle(pilot)
        assert without_hashes(shot(app)) == picture


def without_hashes(svg: str) -> str:
    """Hashes hold what differs from run to run (uids); in pictures they are noughts."""
    return re.sub(r"[0-9a-f]{16,64}", lambda found: "0" * len(found[0]), svg)
