"""Hostile material in the adding form: it gets a sentence or goes in, and acts on nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from certtui.model.secret import Secret
from tests import hostile
from tests.certs import make_cert
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.harness import settle, text_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)


def drawn_safely(desk: Desk) -> bool:
    """Nothing on the screen is anything but a character in a cell."""
    return all(line.isprintable() for line in text_of(desk.app).split("\n"))


async def hold(desk: Desk, name: str, content: bytes) -> None:
    desk.form.field(name).put("", Secret(content))
    await settle(desk.pilot)


async def test_every_hostile_certificate_can_be_looked_at_in_the_form(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair")
        for name, make in {**hostile.CERTIFICATES, **hostile.REFUSED}.items():
            await hold(desk, "certificate", make())
            assert drawn_safely(desk), name
            assert desk.app.unexpected == [], name
            assert desk.said("certificate"), name


@pytest.mark.parametrize("name", sorted(hostile.REFUSED))
async def test_what_can_not_be_parsed_is_refused_and_nothing_changes(name: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair")
        await hold(desk, "certificate", hostile.REFUSED[name]())
        await desk.press("ctrl+s")
        assert desk.rows() == []
        assert desk.notice == "Not saved: look at Certificate."


@pytest.mark.parametrize("make", [hostile.clipboard_cert, hostile.markup_cert, hostile.many_names_cert])
async def test_escape_sequences_markup_and_thousands_of_names_are_only_text(make: object, tmp_path: Path) -> None:
    assert callable(make)
    async with at_desk(store_at(tmp_path), size=(120, 36)) as desk:
        await desk.fill(method="pair")
        await hold(desk, "certificate", make())
        await desk.press("ctrl+s", "enter")
        assert len(desk.rows()) == 1
        assert drawn_safely(desk)


async def test_a_pfx_that_would_compute_for_minutes_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "bomb.pfx").write_bytes(hostile.iteration_bomb_pfx(make_cert()))
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file=str(tmp_path / "bomb.pfx"), password="secret")
        assert "10,000,000" in desk.said("file")


async def test_a_pfx_without_a_mac_goes_in_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "open.pfx").write_bytes(hostile.no_mac_pfx(make_cert()))
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file=str(tmp_path / "open.pfx"), password="secret")
        assert "has no integrity check (MAC)" in desk.said("file")
        await desk.press("ctrl+s")
        assert len(desk.rows()) == 1


async def test_an_empty_password_needs_no_typing(tmp_path: Path) -> None:
    (tmp_path / "empty.pfx").write_bytes(hostile.empty_password_pfx(make_cert()))
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file=str(tmp_path / "empty.pfx"))
        await desk.press("ctrl+s")
        assert [row.has_private_key for row in desk.rows()] == [True]


async def test_a_file_name_can_not_act_on_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = tmp_path / "files" / "a\x1b]52;c;aGk=\x07\u202e.pem"
    evil.parent.mkdir()
    evil.write_bytes(make_cert().pem)
    (evil.parent / "b.pem").write_bytes(b"")
    monkeypatch.chdir(evil.parent)
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair", certificate="./")
        desk.form.field("certificate").focus_editor()
        await desk.press("end", "tab")
        assert drawn_safely(desk)
        await desk.press("down", "enter", "ctrl+o")
        assert drawn_safely(desk)
        await desk.press("escape")
        assert "A certificate, www.example.com" in desk.said("certificate")
        assert drawn_safely(desk)
