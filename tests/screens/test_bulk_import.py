"""The bulk import in the console: what is chosen, what becomes of it, and the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from certtui.screens.bulk import expanded
from certtui.screens.bulk_report import BulkReportScreen
from tests.certs import make_cert, make_chain
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.harness import text_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check follows the key at once; the usual places are those of no machine."""
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    monkeypatch.setattr("certtui.screens.bulk.USUAL", ())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as they are: a pair in two files, a PFX, a broken file, something else, and a folder below."""
    leaf, issuer, root = make_chain("api.example.com")
    here = tmp_path / "here"
    (here / "certs" / "old").mkdir(parents=True)
    (here / "certs" / "api.pem").write_bytes(leaf.pem)
    (here / "certs" / "api.key").write_bytes(leaf.key_pem)
    (here / "certs" / "broken.pem").write_bytes(issuer.pem[:300])
    (here / "certs" / "README").write_text("nothing to see")
    (here / "certs" / "old" / "root.crt").write_bytes(root.der)
    (here / "certs" / "vpn.pfx").write_bytes(make_cert("vpn.example.com", number=3).pfx(b"secret"))
    monkeypatch.chdir(here)
    return here


def report(desk: Desk) -> BulkReportScreen:
    screen = desk.app.screen
    assert isinstance(screen, BulkReportScreen), screen
    return screen


async def test_a_folder_goes_in_in_depth_and_the_report_has_three_parts(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.write("certs")
        await desk.press("enter")
        assert desk.form.field("sources").value == "certs"
        assert desk.form.sentence.startswith("Will look into 6 files")
        await desk.press("ctrl+s")
        assert [(row.name, row.has_private_key) for row in desk.rows()] == [
            ("api.example.com", True),
            ("Test Root 0", False),
        ]
        assert report(desk).head() == "2 added, 0 there already, 2 rejected."
        assert "The PFX file is protected by a password." in text_of(desk.app)
        await desk.press("t", "t")
        assert report(desk).part == "notes"


async def test_a_second_run_finds_everything_there_already(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        for _ in range(2):
            await desk.fill(path="certs/old")
            await desk.press("ctrl+s")
            last = report(desk)
            await desk.press("escape", "i")
        assert last.head() == "0 added, 1 there already, 0 rejected."
        assert len(desk.rows()) == 1


async def test_what_wanted_a_password_can_be_tried_again_with_another(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="certs/vpn.pfx")
        await desk.press("ctrl+s", "p")
        await desk.write("secret")
        await desk.press("enter")
        assert report(desk).head() == "1 added, 0 there already, 0 rejected."
        assert [row.name for row in desk.rows()] == ["vpn.example.com"]


async def test_a_password_given_at_the_start_opens_what_it_fits(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="certs", password="secret", group="network")
        await desk.press("ctrl+s")
        assert {row.name for row in desk.rows()} == {"api.example.com", "Test Root 0", "vpn.example.com"}
        assert {row.business_group for row in desk.rows()} == {"network"}


async def test_a_path_that_is_not_there_is_said_beside_it_but_not_while_it_is_typed(
    folder: Path, tmp_path: Path
) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="nowhere")
        assert desk.said("path") == ""
        await desk.press("ctrl+s")
        assert desk.said("path") == "There is no file or folder nowhere."
        assert desk.rows() == []


async def test_a_chosen_path_is_taken_out_again_by_enter(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(sources="certs\ncerts/old")
        desk.form.field("sources").focus_editor()
        await desk.press("enter")
        assert desk.form.field("sources").value == "certs/old"


async def test_the_usual_places_of_the_system_are_offered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.screens.bulk.USUAL", (str(folder / "certs"), str(folder / "absent")))
    async with at_desk(store_at(tmp_path), key="i") as desk:
        assert desk.form.field("usual").value == str(folder / "certs")
        desk.form.field("usual").focus_editor()
        await desk.press("enter")
        assert desk.form.field("sources").value == str(folder / "certs")


async def test_the_report_is_filtered_by_words(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="certs")
        await desk.press("ctrl+s", "slash")
        await desk.write("vpn")
        assert report(desk).table.total == 1
        await desk.press("escape")
        assert report(desk).table.total == 2


async def test_the_report_is_written_to_a_file(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="certs")
        await desk.press("ctrl+s", "w", "enter")
        text = (folder / "import-2026-11-20-1200.txt").read_text()
        assert "Added: 2" in text
        assert "broken.pem" in text


async def test_cancelling_leaves_whole_files_in_or_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first report of progress finds the person gone: what follows is not read."""
    from certtui.errors import Interrupted
    from certtui.work import Job

    def cancelled(self: Job, done: int, total: int | None) -> None:
        self.cancelled = done > 0
        if self.cancelled:
            raise Interrupted("Cancelled.")

    monkeypatch.setattr(Job, "report", cancelled)
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(path="certs")
        await desk.press("ctrl+s")
        assert report(desk).head().startswith("Cancelled. Every file is wholly in or out")
        assert desk.rows() == []


async def test_a_locked_store_is_unlocked_on_the_way(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path, passphrase="open sesame"), key="i") as desk:
        await desk.fill(path="certs/api.key", sources="certs/api.pem")
        await desk.press("ctrl+s")
        await desk.write("open sesame")
        await desk.press("enter")
        assert [row.has_private_key for row in desk.rows()] == [True]


def test_wildcards_are_followed_where_no_such_file_is(folder: Path) -> None:
    assert [path.name for path in expanded("certs/*.p*")] == ["api.pem", "broken.pem", "vpn.pfx"]
    (folder / "certs" / "[x].pem").write_text("")
    assert [path.name for path in expanded("certs/[x].pem")] == ["[x].pem"]


async def test_starting_afresh_still_offers_the_usual_places(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.screens.bulk.USUAL", (str(folder / "certs"),))
    async with at_desk(store_at(tmp_path), key="i") as desk:
        await desk.fill(sources="certs", path="certs/old", group="network")
        await desk.press("ctrl+r")
        values = desk.form.typed().values
        assert (values["sources"], values["path"], values["group"]) == ("", "", "")
        assert desk.form.field("usual").value == str(folder / "certs")


async def test_the_key_line_says_import_where_that_is_what_happens(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="i") as desk:
        assert "ctrl+s import" in text_of(desk.app)
        assert "ctrl+s save" not in text_of(desk.app)
