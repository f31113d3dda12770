"""Using a repository's keys in the console: what is asked for, what is written, what verifying shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.model.cms import SignOptions
from certtui.model.repository import Repository
from certtui.model.secret import Secret
from certtui.pki import cms
from certtui.screens.repositories_page import RepositoryScreen
from certtui.screens.repository_pick import Picked, PickFiled
from certtui.screens.repository_use import UseKeysDialog, use_keys
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.path_input import PathInput
from tests.backend import issuing
from tests.backend.repositories import issuing_ca, repository
from tests.certs import make_chain
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
CONTENT = b"Pay 100 to Alice."


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    """A store with the private repository `private`: `rsa` and `ec` are filed there; the file `order.txt` is in the folder."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    put("order.txt", CONTENT)
    with estate(tmp_path) as made:
        ca = issuing_ca(made.backend)
        made.ids["private"] = repository(made.backend, "private", "private", ca_id=ca.row.id).id
        for name, kind in (("rsa", "rsa-2048"), ("ec", "ec-256")):
            order = issuing.complete(made.backend, f"{name}.example.com", key_type=kind, template="messages")
            assert order.row.certificate_id is not None
            made.ids[name] = order.row.certificate_id
        yield made


def content(name: str) -> bytes:
    return Path(name).read_bytes()


def there(name: str) -> bool:
    return Path(name).exists()


def mode(name: str) -> int:
    return Path(name).stat().st_mode & 0o777


def put(name: str, data: bytes) -> None:
    Path(name).write_bytes(data)


def where(made: Estate) -> Repository:
    return made.backend.repositories.get(made.ids["private"])


@asynccontextmanager
async def page(made: Estate, repository_id: int) -> AsyncIterator[tuple]:  # type: ignore[type-arg]
    """The page of a repository, over the inventory."""
    async with made.console() as (app, pilot):
        app.push_screen(RepositoryScreen(repository_id))
        await settle(pilot)
        yield app, pilot, app.screen


@asynccontextmanager
async def dialog(made: Estate, act: str = "sign", size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple]:  # type: ignore[type-arg]
    """The dialog over the inventory."""
    async with made.console(size) as (app, pilot):
        use_keys(app.screen, where(made).row, act)  # type: ignore[arg-type]  # a Place
        await settle(pilot)
        shown = app.screen
        assert isinstance(shown, UseKeysDialog)
        yield app, pilot, shown


async def fill(pilot, shown: UseKeysDialog, certificate: int | None = None, **fields: str) -> None:
    """Fill the fields in; rows of choices by their value."""
    if certificate is not None:
        facts = shown._screen.backend.certificates.get(certificate)
        picked = Picked(certificate, facts.row.name, facts.row.key_algorithm)
        shown._picked = {certificate: picked}
        shown._show_picked()
    for name, value in fields.items():
        field = shown.query_one(f"#{name}")
        if isinstance(field, ChoiceRow):
            field.value = value
        else:
            assert isinstance(field, PathInput)
            field.take(value)
    await settle(pilot)


async def act(pilot, shown: UseKeysDialog) -> None:
    shown.query_one("#accept", Button).press()
    await settle(pilot)


async def test_a_file_is_signed_beside_itself_and_verified_in_the_dialog(made: Estate) -> None:
    async with dialog(made) as (app, pilot, shown):
        await fill(pilot, shown, made.ids["rsa"], file="order.txt", signature="pss", place="detached")
        assert shown.query_one("#out", PathInput).value == "order.txt.p7s"
        await act(pilot, shown)
        assert "Wrote order.txt.p7s." in text_of(app)
        found = cms.verify(content("order.txt.p7s"), CONTENT)
        assert (found.signers[0].good, found.signers[0].algorithm) == (True, "rsa-pss sha256")
        use_keys(app.screen, where(made).row, "verify")
        await settle(pilot)
        again = app.screen
        await fill(pilot, again, file="order.txt.p7s")
        await act(pilot, again)
        assert "The signature is detached" in text_of(app)
        await fill(pilot, again, content="order.txt")
        await act(pilot, again)
        assert app.screen is again
        assert "Good: signed by rsa.example.com." in text_of(app)
        await fill(pilot, again, content="order.txt.p7s")
        # What was found was about another content.
        assert "Good: signed" not in text_of(app)
        await act(pilot, again)
        assert "its digest is another" in " ".join(text_of(app).split())
    assert "repository.sign.success" in made.events()


async def test_a_file_is_encrypted_to_several_and_opened_by_whom_it_is_for(made: Estate) -> None:
    async with dialog(made, "encrypt") as (app, pilot, shown):
        shown.query_one("#certificates").focus()
        await press(pilot, "enter")
        picker = app.screen
        assert isinstance(picker, PickFiled)
        await press(pilot, "space", "j", "space")
        picker.query_one("#accept", Button).press()
        await settle(pilot)
        await fill(pilot, shown, file="order.txt", form="der")
        await act(pilot, shown)
        message = content("order.txt.p7m")
        assert len(cms.recipients(message)) == 2
        use_keys(app.screen, where(made).row, "decrypt")
        await settle(pilot)
        again = app.screen
        await fill(pilot, again, file="order.txt.p7m", out="opened.txt")
        await act(pilot, again)
        assert "Opened with the key of" in " ".join(text_of(app).split())
        assert content("opened.txt") == CONTENT
        assert mode("opened.txt") == 0o600


async def test_the_picker_offers_what_is_filed_there_and_takes_one_to_sign(made: Estate) -> None:
    made.add("elsewhere")
    async with dialog(made) as (app, pilot, shown):
        shown.query_one("#certificates").focus()
        await press(pilot, "enter")
        picker = app.screen
        assert isinstance(picker, PickFiled)
        assert "elsewhere" not in text_of(app)
        picker.query_one("#find").focus()
        await press(pilot, *"key:rsa-*")
        assert len(picker.query_one(ChoiceList)._labels) == 1
        await press(pilot, "enter")
        assert app.screen is shown
        assert shown.use.certificates == (made.ids["rsa"],)


async def test_what_is_missing_is_asked_for_and_what_is_there_is_not_overwritten_unasked(made: Estate) -> None:
    put("there", b"x")
    async with dialog(made) as (app, pilot, shown):
        await act(pilot, shown)
        assert "Pick a certificate." in text_of(app)
        await fill(pilot, shown, made.ids["ec"])
        await act(pilot, shown)
        assert "Name a file to read." in text_of(app)
        await fill(pilot, shown, file="nowhere", out="there")
        await act(pilot, shown)
        assert "there is there already." in text_of(app)
        await press(pilot, "escape")
        assert content("there") == b"x"
        await fill(pilot, shown, file="there")
        await act(pilot, shown)
        assert "That is the file that is read" in text_of(app)
        await fill(pilot, shown, file="nowhere", out="new")
        await act(pilot, shown)
        assert "There is no file nowhere" in text_of(app)
        await fill(pilot, shown, file="order.txt")
        made.backend.certificates.delete_key(made.ids["ec"], made.backend.certificates.get(made.ids["ec"]).version)
        await act(pilot, shown)
        assert "has no private key here" in text_of(app)
        assert not there("new")


async def test_a_locked_store_asks_for_its_passphrase_and_goes_on(made: Estate) -> None:
    made.backend.store.set_passphrase(Secret("open sesame"))
    made.backend.store.lock()
    async with dialog(made) as (app, pilot, shown):
        await fill(pilot, shown, made.ids["ec"], file="order.txt")
        await act(pilot, shown)
        assert "locked by a passphrase" in text_of(app)
        await press(pilot, *"open sesame".replace(" ", "")[:4])
        await press(pilot, "space", *"sesame", "enter")
        assert cms.verify(content("order.txt.p7m")).signers[0].good


async def test_the_command_line_means_the_same(made: Estate) -> None:
    async with dialog(made) as (_, pilot, shown):
        await fill(pilot, shown, made.ids["rsa"], file="order.txt", signature="pss", digest="sha512", form="der")
        said = str(shown.query_one(".command").render())
        number, rsa = made.ids["private"], made.ids["rsa"]
        words = f"sign {number} order.txt --cert {rsa} --pss --digest sha512 --form der --out order.txt.p7m"
        assert words in " ".join(said.split())


async def test_the_page_of_a_repository_opens_it_with_one_key(made: Estate) -> None:
    async with page(made, made.ids["private"]) as (app, pilot, below):
        await press(pilot, "u")
        assert isinstance(app.screen, UseKeysDialog)
        await fill(pilot, app.screen, made.ids["ec"], file="order.txt")
        await act(pilot, app.screen)
        assert app.screen is below
        assert "Wrote order.txt.p7m." in text_of(app)


async def test_the_page_of_uploads_says_why_it_does_not(made: Estate) -> None:
    uploads = repository(made.backend, "uploads")
    async with page(made, uploads.id) as (app, pilot, below):
        await press(pilot, "u")
        assert app.screen is below
        assert "Keys are used in private and compliant repositories" in " ".join(text_of(app).split())


async def test_keys_of_uploads_are_not_used_and_the_dialog_says_so(made: Estate) -> None:
    uploads = repository(made.backend, "uploads")
    async with made.console() as (app, pilot):
        use_keys(app.screen, uploads.row)  # type: ignore[arg-type]  # a Place
        await settle(pilot)
        assert "Keys are used in private and compliant repositories" in " ".join(text_of(app).split())
        assert app.screen.query_one("#accept", Button).disabled


@SIZES
async def test_picture_of_signing(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with dialog(made, "sign", size) as (app, pilot, shown):
        await fill(pilot, shown, made.ids["rsa"], file="order.txt")
        assert shot(app) == picture


async def test_picture_of_a_verification_that_failed(made: Estate, picture: SnapshotAssertion) -> None:
    leaf, issuing_one, _ = make_chain("Mallory", number=90, server=False)
    message = cms.sign(CONTENT, leaf.facts, Secret(leaf.key_der), [issuing_one.der], SignOptions(), NOW)
    put("order.txt.p7m", message)
    async with dialog(made, "verify") as (app, pilot, shown):
        await fill(pilot, shown, file="order.txt.p7m")
        # Not by its button, which shows for a moment that it was pressed.
        shown.accept()
        await settle(pilot)
        assert shot(app) == picture


async def test_picture_of_encrypting(made: Estate, picture: SnapshotAssertion) -> None:
    async with dialog(made, "encrypt") as (app, pilot, shown):
        await fill(pilot, shown, made.ids["rsa"], file="order.txt")
        assert shot(app) == picture
