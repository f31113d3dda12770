"""The private key on the page: revealing and destroying it, and the store that is locked in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button, Input

from certtui.model.secret import Secret
from certtui.screens.key_reveal import RevealScreen
from certtui.screens.unlock import UnlockDialog
from tests.screens.estate import PASSPHRASE, Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        yield made


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Estate]:
    """A store with a passphrase, locked."""
    with estate(tmp_path, passphrase=PASSPHRASE) as made:
        made.add("api-gateway", days=29)
        made.backend.store.lock()
        yield made


async def test_revealing_is_confirmed_beginning_on_cancel(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, screen):
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is screen
        assert "certificate.key.revealed" not in made.events()


async def test_a_revealed_key_is_shown_audited_and_gone_after_leaving(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, screen):
        await pilot.press("v")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        reveal = app.screen
        assert isinstance(reveal, RevealScreen)
        assert "-----BEGIN PRIVATE KEY-----" in text_of(app)
        assert "certificate.key.revealed" in made.events()
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert "PRIVATE KEY" not in text_of(app)
        assert reveal._secret is None


async def test_it_hides_by_itself(made: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.screens.key_reveal.SHOWN_FOR", 0.01)
    async with made.page("api-gateway", "Key") as (app, pilot, screen):
        await app.push_screen(RevealScreen("api-gateway", Secret(b"-----BEGIN PRIVATE KEY-----")))
        while app.screen is not screen:
            await pilot.pause(0.005)
        assert "BEGIN PRIVATE" not in text_of(app)


async def test_locking_hides_it(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, screen):
        reveal = RevealScreen("api-gateway", Secret(b"-----BEGIN PRIVATE KEY-----"))
        await app.push_screen(reveal)
        await settle(pilot)
        screen.do_store_lock()
        await settle(pilot)
        assert reveal._secret is None
        assert app.screen is screen


async def test_something_over_it_hides_it_too(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, screen):
        reveal = RevealScreen("api-gateway", Secret(b"-----BEGIN PRIVATE KEY-----"))
        await app.push_screen(reveal)
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert reveal._secret is None
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen


async def test_a_locked_store_asks_for_its_passphrase_and_the_act_goes_on(guarded: Estate) -> None:
    async with guarded.page("api-gateway", "Key") as (app, pilot, _):
        await pilot.press("v")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, UnlockDialog)
        dialog.query_one(Input).value = "wrong"
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is dialog
        assert guarded.backend.store.locked
        dialog.query_one(Input).value = PASSPHRASE.reveal().decode()
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, RevealScreen)


async def test_giving_up_the_passphrase_gives_up_the_act(guarded: Estate) -> None:
    async with guarded.page("api-gateway", "Key") as (app, pilot, screen):
        await pilot.press("v")
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert "certificate.key.revealed" not in guarded.events()


async def test_deleting_the_key_keeps_the_certificate_and_is_confirmed_by_typing(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, _):
        await pilot.press("ctrl+k")
        await settle(pilot)
        app.screen.query_one("#typed", Input).value = "api-gatewa"
        await settle(pilot)
        assert app.screen.query_one("#accept", Button).disabled
        app.screen.query_one("#typed", Input).value = "api-gateway"
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert not made.backend.certificates.get(made.ids["api-gateway"]).row.has_private_key
        assert "not here" in text_of(app)


async def test_lock_and_unlock_with_a_key_file_ask_no_passphrase(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        screen.do_store_lock()
        await settle(pilot)
        assert made.backend.store.locked
        assert "locked" in text_of(app).splitlines()[0]
        screen.do_store_unlock()
        await settle(pilot)
        assert "Its key file opens it" in text_of(app)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert not made.backend.store.locked


async def test_a_passphrase_is_set_typed_twice(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        screen.do_store_set_passphrase()
        await settle(pilot)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "Type a passphrase." in text_of(app)
        app.screen.query_one("#first", Input).value = "open sesame"
        app.screen.query_one("#second", Input).value = "open sesame"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert made.backend.store.status().protection == "passphrase"
        made.backend.store.lock()
        made.backend.store.unlock(PASSPHRASE)
        assert "protected by the passphrase now" in text_of(app)


@SIZES
@pytest.mark.parametrize("what", ["reveal", "delete", "shown"])
async def test_the_dialogs_of_the_key_look_like_this(
    made: Estate, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    async with made.page("api-gateway", "Key", size) as (app, pilot, _):
        if what == "shown":
            lines = ["-----BEGIN PRIVATE KEY-----", "bm90IGEga2V5IGF0IGFsbA==", "-----END PRIVATE KEY-----"]
            await app.push_screen(RevealScreen("api-gateway", Secret("\n".join(lines))))
        else:
            await pilot.press("v" if what == "reveal" else "ctrl+k")
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_the_unlock_dialog_looks_like_this(
    guarded: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with guarded.page("api-gateway", "Key", size) as (app, pilot, screen):
        screen.do_store_unlock()
        await settle(pilot)
        assert shot(app) == picture
