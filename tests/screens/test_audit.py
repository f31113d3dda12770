"""The place Audit: newest first, one record, the proof, the head; and the store's page."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.model.certificate import CertificateEdit
from certtui.screens import audit_words
from certtui.screens.audit_detail import AuditEventScreen
from certtui.screens.audit_export import AuditExportDialog
from certtui.screens.copy_text import SelectYourself
from certtui.screens.targets import PAGES
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.path_input import PathInput
from certtui.widgets.safe_text import SafeText
from certtui.widgets.tick import Tick
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of

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
        assert "Expected" in text_of(app)
        broken = made.backend.audit.verify()
        assert broken.found == made.backend.audit.get(2).hash
        assert broken.expected != broken.found
        await press(pilot, "escape")
        assert app.screen.table.current.id == 2  # type: ignore[attr-defined]


async def test_an_edit_shows_what_was_before_and_what_is_now(made: Estate) -> None:
    page = made.backend.certificates.get(made.ids["api-gateway"])
    edit = CertificateEdit(business_group="shop", description="the new one")
    made.backend.certificates.edit(page.id, page.version, edit)
    async with made.console() as (app, pilot):
        await press(pilot, "9", "enter")
        said = " ".join(text_of(app).replace("┃", " ").replace("│", " ").split())
        assert "Before and after" in said
        assert "business_group before payments now shop" in said
        assert "description before (empty) now the new one" in said


async def test_the_list_says_in_a_few_words_what_an_edit_changed(made: Estate) -> None:
    page = made.backend.certificates.get(made.ids["api-gateway"])
    made.backend.certificates.edit(page.id, page.version, CertificateEdit(business_group="shop", description="new"))
    event = made.backend.audit.get(made.backend.audit.head().seq)
    assert audit_words.about(event) == "business_group: payments -> shop, description: empty -> new"


async def test_an_edit_of_many_shows_it_of_each(made: Estate) -> None:
    other = made.add("billing", group="backoffice")
    versions = [(each, made.backend.certificates.get(each).version) for each in (made.ids["api-gateway"], other)]
    made.backend.certificates.edit_many(versions, CertificateEdit(business_group="shop"))
    async with made.console((120, 60)) as (app, pilot):
        await press(pilot, "9", "enter")
        said = " ".join(text_of(app).replace("┃", " ").replace("│", " ").split())
        assert f"business_group of {made.ids['api-gateway']} before payments now shop" in said
        assert f"business_group of {other} before backoffice now shop" in said
        assert f"About certificate {made.ids['api-gateway']}" in said


async def test_from_a_record_one_goes_to_what_it_is_about(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "9", "enter")
        await press(pilot, "j", "j", "j", "j", "enter")
        assert app.screen.title == "Certificate"
        await press(pilot, "escape", "j", "enter")
        assert app.screen.title == "Resource"


def test_every_kind_that_opens_has_a_page_that_is_there() -> None:
    for factory in PAGES.values():
        module, _, name = factory.partition(":")
        assert getattr(import_module(module), name)


@pytest.mark.parametrize("form", ["jsonl", "csv", "syslog"])
async def test_the_log_is_written_to_a_file(made: Estate, tmp_path: Path, form: str) -> None:
    target = tmp_path / "log"
    async with made.console() as (app, pilot):
        await press(pilot, "9", "e")
        dialog = app.screen
        assert isinstance(dialog, AuditExportDialog)
        dialog.query_one("#form", ChoiceRow).value = form
        dialog.query_one("#path", PathInput).value = str(target)
        await settle(pilot)
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        exported = made.backend.audit.get(made.backend.audit.head().seq)
        count = exported.id - 1
        assert (exported.event, f'"count":{count}' in exported.detail) == ("audit.export.success", True)
        assert f'"form":"{form}"' in exported.detail
        assert f"Wrote {count} records" in " ".join(text_of(app).split())
    lines = target.read_text().splitlines()
    assert len(lines) == count + (form == "csv")
    assert target.stat().st_mode & 0o777 == 0o600


async def test_only_what_the_filter_takes_is_written_and_the_command_says_so(made: Estate, tmp_path: Path) -> None:
    target = tmp_path / "log"
    async with made.console() as (app, pilot):
        await press(pilot, "9")
        app.screen.filter_to("event:resource.*")  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "e")
        app.screen.query_one("#path", PathInput).value = str(target)
        await settle(pilot)
        assert "--format jsonl --filter 'event:resource.*' --out" in " ".join(
            app.screen.query_one(".command", SafeText).raw.split()
        )
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
    assert [json.loads(line)["event"] for line in target.read_text().splitlines()] == ["resource.create.success"]


async def test_a_file_that_is_there_is_kept_unless_it_is_ticked(made: Estate, tmp_path: Path) -> None:
    target = tmp_path / "log"
    target.write_text("precious")
    async with made.console() as (app, pilot):
        await press(pilot, "9", "e")
        dialog = app.screen
        dialog.query_one("#path", PathInput).value = str(target)
        await settle(pilot)
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert "is there already" in dialog.query_one(".problem", SafeText).raw
        assert target.read_text() == "precious"
        dialog.query_one(Tick).action_turn()
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert target.read_text() != "precious"


@SIZES
@pytest.mark.parametrize("what", ["export", "edit", "broken"])
async def test_what_one_does_with_the_log_looks_like_this(
    made: Estate, picture: SnapshotAssertion, tmp_path: Path, what: str, size: tuple[int, int]
) -> None:
    page = made.backend.certificates.get(made.ids["api-gateway"])
    made.backend.certificates.edit(page.id, page.version, CertificateEdit(business_group="shop"))
    if what == "broken":
        with sqlite3.connect(tmp_path / "store.db") as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute("UPDATE audit_event SET object_name = 'another' WHERE seq = 2")
        connection.close()
    async with made.console(size) as (app, pilot):
        await press(pilot, "9", {"export": "e", "edit": "enter", "broken": "v"}[what])
        assert without_hashes(shot(app)) == picture


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
