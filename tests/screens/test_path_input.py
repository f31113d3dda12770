"""The line for a path or a paste: completion as in a shell, and pastes that are held and not shown."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from textual import events

from certtui.widgets.path_input import is_material, plain_path
from tests.certs import make_cert
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.harness import burst, settle, text_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    here = tmp_path / "here"
    (here / "keys").mkdir(parents=True)
    for name in ("server-a.pem", "server-b.pem", "lonely.pem", "keys/one.key"):
        (here / name).write_bytes(make_cert().pem)
    monkeypatch.chdir(here)
    return here


async def at_certificate(desk: Desk) -> None:
    await desk.fill(method="pair")
    desk.form.field("certificate").focus_editor()


async def test_tab_completes_a_path_that_only_one_file_fits(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.write("lo")
        await desk.press("tab")
        assert desk.form.field("certificate").value == "lonely.pem"


async def test_tab_goes_as_far_as_all_matches_agree_and_lists_them(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.write("s")
        await desk.press("tab")
        assert desk.form.field("certificate").value == "server-"
        assert "server-b.pem" in text_of(desk.app)
        await desk.press("down", "down", "enter")
        assert desk.form.field("certificate").value == "server-b.pem"
        assert "server-a.pem" not in text_of(desk.app)


async def test_tab_leaves_the_field_when_there_is_nothing_to_complete(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.write("lonely.pem")
        await desk.press("tab")
        assert desk.form.field("key").editor.has_focus


async def test_a_folder_is_completed_with_a_slash_and_then_what_is_in_it(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.write("k")
        await desk.press("tab", "tab")
        assert desk.form.field("certificate").value == "keys/one.key"


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        (["b.pfx", "tab"], "b.pfx"),  # names a file, though another one begins like it
        (["nothing", "tab"], "nothing"),
        (["only", "tab"], "only.pfx"),
        (["only", "tab", "tab"], "only.pfx"),
        (["s", "tab"], "server-"),
        (["k", "tab"], "keys/"),
        (["k", "tab", "tab"], "keys/one.key"),
        (["s", "tab", "down", "tab"], "server-a.pem"),
    ],
)
async def test_a_password_typed_in_one_burst_after_a_path_is_never_in_the_path(
    tmp_path: Path, folder: Path, keys: list[str], path: str
) -> None:
    for name in ("b.pfx", "b.pfx.old", "only.pfx"):
        (folder / name).write_bytes(b"")
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pfx")
        desk.form.field("file").focus_editor()
        typed = [key for word in keys for key in ([word] if word in ("tab", "down") else word)]
        await burst(desk.pilot, *typed, *"hunter2", "enter")
        assert (desk.form.field("file").value, desk.form.field("password").value) == (path, "hunter2")


async def test_a_folder_that_does_not_answer_holds_the_keys_no_longer_than_bearable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = threading.Event()
    monkeypatch.setattr("certtui.widgets.path_input.PATIENCE", 0.02)
    monkeypatch.setattr("certtui.files.complete", lambda typed, **_: [f"{typed}nely.pem"] if late.wait(5) else [])
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pfx")
        desk.form.field("file").focus_editor()
        asyncio.get_running_loop().call_later(0.2, late.set)
        await burst(desk.pilot, *"lo", "tab", *"hunter2")
        assert (desk.form.field("file").value, desk.form.field("password").value) == ("lo", "hunter2")


async def test_a_file_is_chosen_by_browsing(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.press("ctrl+o")
        await desk.write("keys")
        await desk.press("enter")
        await desk.write("one")
        await desk.press("enter")
        assert desk.form.field("certificate").value.endswith("/here/keys/one.key")


async def test_a_paste_that_the_terminal_does_not_bracket_is_held_too(tmp_path: Path) -> None:
    made = make_cert()
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        line = desk.form.field("certificate").editor
        for char in made.pem.decode():
            line.post_message(events.Key("enter", "\r") if char == "\n" else events.Key(char, char))
        await settle(desk.pilot)
        assert desk.form.field("certificate").paste is not None
        assert desk.said("certificate") == "A certificate, www.example.com (ec-256)."


async def test_a_stray_key_does_not_cost_what_was_pasted_and_backspace_clears_it(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await at_certificate(desk)
        await desk.paste(certificate=make_cert().pem)
        await desk.press("x")
        assert desk.form.field("certificate").paste is not None
        await desk.press("backspace")
        assert desk.form.field("certificate").paste is None
        await desk.write("lonely.pem")
        assert desk.form.field("certificate").value == "lonely.pem"


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        ("/etc/ssl/cert.pem\n", "/etc/ssl/cert.pem"),
        ("'/home/o/my cert.pem'", "/home/o/my cert.pem"),
        ("/home/o/my\\ cert.pem", "/home/o/my cert.pem"),
        ("file:///home/o/my%20cert.pem", "/home/o/my cert.pem"),
        ("one\ntwo", ""),
    ],
)
def test_a_pasted_path_is_taken_as_terminals_drop_it(pasted: str, path: str) -> None:
    assert plain_path(pasted) == path


def test_pem_bare_base64_and_several_lines_are_material_and_paths_are_not() -> None:
    assert is_material(make_cert().pem.decode())
    assert is_material("MII" + "B" * 400)
    assert is_material("one\ntwo")
    assert not is_material("/etc/ssl/MIICA/cert.pem\n")
