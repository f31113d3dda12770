"""Exporting from the console: what is written, with what mode, and what is asked before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui import clipboard
from certtui.model.certificate import ExportForm
from certtui.model.secret import Secret
from certtui.screens.export import ExportDialog
from certtui.screens.export_password import ShowPassword
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.labelled import Entry
from certtui.widgets.path_input import PathInput
from certtui.widgets.tick import Tick
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
ORDER = list(ExportForm)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        yield made


def content(name: str) -> bytes:
    return Path(name).read_bytes()


def there(name: str) -> bool:
    return Path(name).exists()


def mode(name: str) -> int:
    return Path(name).stat().st_mode & 0o777


def put(name: str, data: bytes) -> None:
    Path(name).write_bytes(data)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def choose(app: object, form: ExportForm) -> ExportDialog:
    dialog = app.screen  # type: ignore[attr-defined]
    assert isinstance(dialog, ExportDialog)
    dialog.query_one(ChoiceList).action_move(ORDER.index(form))
    return dialog


async def test_the_certificate_alone_is_the_pem_that_went_in(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        await pilot.press("e")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is screen
        assert content("api-gateway.crt") == made.made["api-gateway"].pem
        assert "Wrote api-gateway.crt" in text_of(app)
        assert "certificate.download.success" in made.events()


async def test_a_pfx_with_a_random_password_is_written_only_after_it_was_noted(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = choose(app, ExportForm.PFX)
        await settle(pilot)
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        shown = app.screen
        assert isinstance(shown, ShowPassword)
        password = str(shown.query_one("#password").render()).strip()
        accept = shown.query_one("#accept", Button)
        assert accept.disabled
        shown.query_one(Tick).action_turn()
        await settle(pilot)
        assert not there("api-gateway.pfx")
        assert not accept.disabled
        accept.press()
        await settle(pilot)
        key, leaf, chain = pkcs12.load_key_and_certificates(content("api-gateway.pfx"), password.encode())
        assert leaf == made.made["api-gateway"].certificate
        assert key is not None
        assert len(chain) == 1
        assert mode("api-gateway.pfx") == 0o600
        assert password not in text_of(app)


async def shown_password(app, pilot) -> ShowPassword:
    """The dialog with the random password of a PFX."""
    await pilot.press("e")
    await settle(pilot)
    dialog = choose(app, ExportForm.PFX)
    await settle(pilot)
    dialog.query_one("#accept", Button).press()
    await settle(pilot)
    assert isinstance(app.screen, ShowPassword)
    return app.screen


async def test_copying_the_password_is_as_good_as_noting_it(made: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []

    def copy(text: str, **more: object) -> clipboard.CopyResult:
        copied.append((text, more["secret"]))
        return clipboard.CopyResult(clipboard.Way.OSC52, "Sent to your terminal.")

    monkeypatch.setattr(clipboard, "copy", copy)
    async with made.page("api-gateway") as (app, pilot, _):
        shown = await shown_password(app, pilot)
        password = str(shown.query_one("#password").render()).strip()
        await press(pilot, "y")
        assert copied == [(password, True)]
        assert not shown.query_one("#accept", Button).disabled
        await press(pilot, "enter")
        assert there("api-gateway.pfx")


async def test_a_copy_that_reaches_no_clipboard_is_none(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        shown = await shown_password(app, pilot)
        await press(pilot, "y")
        assert "Note it from the screen." in text_of(app)
        assert shown.query_one("#accept", Button).disabled
        await press(pilot, "escape")
        assert not there("api-gateway.pfx")


async def test_the_password_is_gone_with_its_dialog_and_another_one_comes_next(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        seen = []
        for _ in range(2):
            shown = await shown_password(app, pilot)
            seen.append(str(shown.query_one("#password").render()).strip())
            await press(pilot, "escape", "escape")
            assert shown._password is None
            assert seen[-1] not in text_of(app)
        assert seen[0] != seen[1]


async def test_a_typed_password_seals_the_key(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = choose(app, ExportForm.KEY)
        await settle(pilot)
        dialog.query_one("#seal", ChoiceRow).value = "typed"
        await settle(pilot)
        dialog.query_one("#first", Entry).value = "correct horse"
        dialog.query_one("#second", Entry).value = "correct horsf"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert "The two are not the same." in text_of(app)
        dialog.query_one("#second", Entry).value = "correct horse"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert load_pem_private_key(content("api-gateway.key"), b"correct horse") is not None


async def test_a_key_in_the_clear_is_asked_for_and_begins_on_cancel(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = choose(app, ExportForm.KEY)
        await settle(pilot)
        dialog.query_one("#seal", ChoiceRow).value = "none"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert not there("api-gateway.key")
        assert app.screen is dialog


async def test_a_file_that_is_there_is_overwritten_only_after_asking(made: Estate) -> None:
    put("api-gateway.crt", b"mine")
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "is there already" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert content("api-gateway.crt") == b"mine"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert content("api-gateway.crt") == made.made["api-gateway"].pem


async def test_a_failure_keeps_the_dialog_with_what_was_typed(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = app.screen
        dialog.query_one("#path", PathInput).value = "./no/such/folder/x.crt"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert "can't be written" in text_of(app)
        assert dialog.query_one("#path", PathInput).value == "./no/such/folder/x.crt"


async def test_without_the_key_its_forms_say_why_not(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = choose(app, ExportForm.PFX)
        await settle(pilot)
        assert "the private key is not here" in text_of(app)
        assert dialog.query_one("#accept", Button).disabled


async def test_the_dialog_shows_the_command_line_that_does_the_same(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        choose(app, ExportForm.PFX)
        await settle(pilot)
        number = made.ids["api-gateway"]
        said = f"$ certtui export {number} --as pfx --out ./api-gateway.pfx --generate-password"
        assert said in " ".join(text_of(app).replace("│", " ").split())


async def test_marked_rows_go_into_a_folder_one_file_each(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await pilot.press("space", "space", "e")
        await settle(pilot)
        app.screen.query_one("#folder", PathInput).value = "./out"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert names("out") == ["api-gateway.example.com.crt", "billing.example.com.crt"]


@SIZES
@pytest.mark.parametrize("form", [ExportForm.PEM, ExportForm.PFX, ExportForm.KEY])
async def test_the_export_dialog_looks_like_this(
    made: Estate, picture: SnapshotAssertion, form: ExportForm, size: tuple[int, int]
) -> None:
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        choose(app, form)
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_the_password_looks_like_this(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.passwords.generated", lambda: Secret("abcde-fghij-kmnpq-rstuv-wxyz2"))
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press("e")
        await settle(pilot)
        dialog = choose(app, ExportForm.PFX)
        await settle(pilot)
        accept = dialog.query_one("#accept", Button)
        accept.active_effect_duration = 0  # the button's flash would be on the picture, or not
        accept.press()
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_the_export_of_several_looks_like_this(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await pilot.press("space", "space", "e")
        await settle(pilot)
        assert shot(app) == picture
