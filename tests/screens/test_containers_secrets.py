"""Stored secrets: the list, the form that stores one, its page without the payload; and containers that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from syrupy.assertion import SnapshotAssertion

from certtui.errors import NotFound
from certtui.model.container import ContainerForm, ContainerType
from certtui.model.policy import PolicyForm, PolicyRules
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecret, StoredSecretForm
from certtui.screens.container_form import ContainerFormScreen, part_name
from certtui.screens.containers import ContainersScreen
from certtui.screens.containers_page import ContainerScreen
from certtui.screens.secret_form import SecretFormScreen
from certtui.screens.secrets import StoredSecretsScreen
from certtui.screens.secrets_page import StoredSecretScreen
from certtui.widgets.frame import NoticeLine
from tests.certs import make_cert
from tests.screens.estate import Estate, estate, seeded
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.memory import NOW
from tests.screens.test_containers import add_root, held, names, write
from tests.screens.test_order_form import fill

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
CANARY = "correct-horse-battery"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    monkeypatch.chdir(tmp_path)
    with estate(tmp_path) as found:
        add_root(found)
        yield found


def store(found: Estate, name: str, kind: str, payload: bytes, **more: Any) -> StoredSecret:
    return found.backend.secrets.store(StoredSecretForm(name, kind, Secret(payload), **more))


@pytest.fixture
def made(empty: Estate) -> Estate:
    """Four secrets, of which a container has one."""
    word = store(empty, "reports-db", "passphrase", CANARY.encode(), business_group="data", description="The role.")
    store(empty, "old-token", "opaque", b"x" * 40, expires_at=NOW - timedelta(days=2))
    store(empty, "token", "opaque", b"y" * 40, expires_at=NOW + timedelta(days=20))
    key = seeded("lonely")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    store(empty, "signer", "public", public)
    form = ContainerForm("reports", ContainerType.GENERIC, parts={"db_password": word.id}, business_group="data")
    empty.backend.containers.create(form)
    return empty


def cert_and_key_of(name: str) -> tuple[bytes, bytes]:
    """A certificate that signs itself, and its key, as PEM."""
    made = make_cert(name, key=seeded(name), not_before=NOW - timedelta(days=1), not_after=NOW + timedelta(days=90))
    return made.pem, made.key_pem


def stored(found: Estate) -> list[str]:
    listing = found.backend.secrets.search(Query("", Sort("name")))
    try:
        return [row.name for row in listing.rows(0, 50)]
    finally:
        listing.close()


def notice(app) -> str:
    return app.screen.query_one(NoticeLine).sentence


def payload_of(found: Estate, parts: dict[str, int]) -> dict[str, bytes]:
    """What a consumer of these would get."""
    made = found.backend.containers.create(ContainerForm("probe", ContainerType.GENERIC, parts=parts))
    fetched = found.backend.containers.fetch(made.id)
    assert fetched is not None
    return {part.name: part.content.reveal() for part in fetched.parts}


async def test_the_list_is_a_key_away_and_leads_back(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "t")
        assert isinstance(app.screen, StoredSecretsScreen)
        text = text_of(app)
        assert "x expired" in next(line for line in text.splitlines() if "old-token" in line)
        assert "esc back" in text
        await press(pilot, "/")
        await write(pilot, "unused")
        await press(pilot, "enter")
        assert "3 of 4" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, StoredSecretsScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, ContainersScreen)


async def test_who_may_take_it_out_is_a_key_away(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "t", "p")
        assert "Who can take it out?" in text_of(app)


async def test_the_page_never_shows_what_is_in_it(made: Estate) -> None:
    async with made.console((120, 36)) as (app, pilot):
        await press(pilot, "5", "t", "j", "enter")
        page = app.screen
        assert isinstance(page, StoredSecretScreen)
        text = page.view.text
        assert "21 octets" in text
        assert "reports, as db_password" in text
        assert CANARY not in text
        page.view.do_list_last()
        await press(pilot, "enter")
        assert isinstance(app.screen, ContainerScreen)


async def test_what_a_container_has_as_a_part_is_not_destroyed(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "t", "j", "x")
        assert notice(app) == "Destroy: A container has it as a part, now or in an earlier version."
        await press(pilot, "k", "x")
        assert "Destroy old-token" in text_of(app)
        assert "certtui secret delete" in text_of(app)
        await write(pilot, "old-token")
        await press(pilot, "enter")
        assert notice(app) == "Destroyed old-token."
    assert stored(made) == ["reports-db", "signer", "token"]


async def test_a_typed_passphrase_is_masked_and_asked_twice(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "t", "a")
        form = app.screen
        assert isinstance(form, SecretFormScreen)
        await fill(app, pilot, name="db", passphrase=f" {CANARY}", passphrase_again="else", expires="30", group="data")
        assert CANARY not in text_of(app)
        await press(pilot, "ctrl+s")
        assert form.field("passphrase_again").said.startswith("The two are not the same.")
        assert stored(empty) == []
        await fill(app, pilot, passphrase_again=f" {CANARY}")
        assert form.sentence.startswith("Will store db: a passphrase of 22 octets, sealed.")
        assert "certtui secret store db --type passphrase --expires 30 --group data" in text_of(app)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, StoredSecretsScreen)
        row = app.screen.table.current
        assert (row.name, row.type, row.business_group, row.days_remaining) == ("db", "passphrase", "data", 30)
        assert notice(app) == "Stored db, passphrase, 22 octets."
    # Blanks belong to a passphrase.
    assert payload_of(empty, {"word": row.id}) == {"word": f" {CANARY}".encode()}


async def test_a_passphrase_is_not_kept_with_the_unsaved_form(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "t", "a")
        await fill(app, pilot, name="db", passphrase=CANARY)
        await press(pilot, "escape", "enter")
        await press(pilot, "a")
        assert app.screen.field("name").value == "db"
        assert app.screen.field("passphrase").value == ""


async def test_a_key_comes_from_a_file_that_is_read(empty: Estate, tmp_path: Path) -> None:
    (tmp_path / "shop.key").write_bytes(b"not a key")
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "t", "a")
        form: Any = app.screen
        await fill(app, pilot, type="private", name="shop-key", file="nowhere.key")
        assert not form.field("passphrase").display
        await press(pilot, "ctrl+s")
        assert "There is no file nowhere.key" in form.field("file").said
        await fill(app, pilot, file="shop.key")
        await press(pilot, "ctrl+s")
        assert app.screen is form
        assert form.field("file").said
        _, key = cert_and_key_of("shop.example.com")
        (tmp_path / "shop.key").write_bytes(key)
        form.changed(at_once=True)
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert notice(app).startswith("Stored shop-key, private, ")
    assert stored(empty) == ["shop-key"]


async def test_what_can_not_be_is_said_beside_its_field(empty: Estate, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 70_000)
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "t", "a")
        form: Any = app.screen
        await fill(app, pilot, name="x", file="big", expires="soon")
        assert form.field("file").said == "That has 70,000 octets. 64 KiB are the most."
        assert form.field("expires").said.startswith("soon is neither days nor a date.")
        await fill(app, pilot, file="big", passphrase="too", passphrase_again="too", expires="")
        assert form.field("file").said.startswith("It comes from a file or is typed, not both.")


# -- containers that are made of them ----------------------------------------------------------------------------


async def test_a_container_of_any_secrets_is_made_from_lines_and_picks(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "a", "down", "enter")
        form: Any = app.screen
        assert isinstance(form, ContainerFormScreen)
        await fill(app, pilot, type="generic", name="job", parts="password = nowhere")
        assert "nowhere" in form.field("parts").said
        await fill(app, pilot, parts="password = reports-db")
        form.field("pick").focus_editor()
        await press(pilot, "enter", "down", "down", "down", "enter")
        assert form.field("parts").value == "password = reports-db\ntoken = token"
        await settle(pilot)
        assert "--part token=" in text_of(app)
        await press(pilot, "ctrl+s")
        assert notice(app) == "Made the container job."
        assert app.screen.table.current.name == "job"
    assert held(made, "job").row.parts == ("password", "token")


async def test_other_secrets_are_given_out_as_a_new_version(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "u")
        form: Any = app.screen
        assert form.field("parts").value == "db_password = reports-db"
        await fill(app, pilot, parts="db_password = reports-db\ntoken = token")
        assert "It becomes version 2." in form.sentence
        await press(pilot, "ctrl+s")
        assert notice(app) == "reports gives out version 2 now."
        await press(pilot, "o", "enter", "enter")
    row = held(made, "reports").row
    assert (row.number, row.parts) == (3, ("db_password",))


async def test_a_certificate_of_stored_parts_is_made_whole_or_refused_by_the_part_that_is_wrong(empty: Estate) -> None:
    leaf, key = cert_and_key_of("shop.example.com")
    _, other = cert_and_key_of("other.example.com")
    store(empty, "shop-cert", "certificate", leaf)
    store(empty, "wrong-key", "private", other)
    right = store(empty, "shop-key", "private", key)
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "a", "down", "enter")
        form: Any = app.screen
        await press(pilot, "ctrl+s")
        assert form.field("certificate").said == "It needs a certificate."
        form.field("certificate").focus_editor()
        await press(pilot, "enter", "enter")
        form.field("private_key").focus_editor()
        await press(pilot, "enter", "G", "enter")
        assert [name for _, name in form.field("private_key").editor.picked] == ["wrong-key"]
        await press(pilot, "ctrl+s")
        assert app.screen is form
        assert form.field("private_key").said
        assert names(empty) == []
        form.field("private_key").editor.pick([(right.id, "shop-key")])
        await settle(pilot)
        await press(pilot, "ctrl+s")
    container = held(empty, "shop.example.com")
    assert container.row.certificate_id is not None
    assert empty.backend.certificates.get(container.row.certificate_id).row.has_private_key


async def test_a_policy_asks_why_a_certificate_of_stored_parts_may_come_in(empty: Estate) -> None:
    leaf, key = cert_and_key_of("shop.example.com")
    parts = {
        "certificate": f"{store(empty, 'c', 'certificate', leaf).id}\tc",
        "private_key": f"{store(empty, 'k', 'private', key).id}\tk",
    }
    rules = PolicyRules(keys=("rsa-4096",))
    empty.backend.policies.add(PolicyForm(name="big", outcome="soft", enabled=True, rules=rules))
    async with empty.console() as (app, pilot):
        await press(pilot, "5", "a", "down", "enter")
        await fill(app, pilot, name="shop", **parts)
        await press(pilot, "ctrl+s")
        assert "Why may it pass?" in text_of(app)
        await write(pilot, "lab")
        await press(pilot, "enter")
    assert names(empty) == ["shop"]


def test_a_part_is_named_after_its_secret() -> None:
    assert [part_name(name) for name in ("DB Word", "a/b", "--", "../x", "ok_1.pem")] == [
        "db_word", "a_b", "part", "x", "ok_1.pem",
    ]  # fmt: skip


# -- pictures ----------------------------------------------------------------------------------------------------


@SIZES
async def test_the_list_of_secrets_in_a_picture(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "t")
        assert shot(app) == picture


@SIZES
async def test_the_form_of_a_secret_in_a_picture(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "t", "a")
        await fill(app, pilot, name="db", passphrase=CANARY, passphrase_again="other", expires="soon")
        await press(pilot, "ctrl+s")
        assert shot(app) == picture


@SIZES
async def test_the_form_of_a_container_in_a_picture(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "a", "down", "enter")
        await fill(app, pilot, type="generic", name="job", parts="password = reports-db\ntoken = token")
        assert shot(app) == picture


async def test_the_form_of_a_certificate_of_parts_in_a_picture(made: Estate, picture: SnapshotAssertion) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "a", "down", "enter")
        await press(pilot, "ctrl+s")
        assert shot(app) == picture


async def test_the_page_of_a_secret_in_a_picture(made: Estate, picture: SnapshotAssertion) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "t", "j", "enter")
        assert shot(app) == picture


async def test_destroying_a_missing_one_says_so(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "t")
        gone = app.screen.table.current
        made.backend.secrets.delete(gone.id, gone.version)
        await press(pilot, "x")
        assert "There is no stored secret" in notice(app)
    with pytest.raises(NotFound):
        made.backend.secrets.get(gone.id)
