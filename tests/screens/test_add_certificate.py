"""Add certificate: four methods on one screen, each against a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from certtui.files import safe_name
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.secret import Secret
from certtui.screens.csr import CsrScreen
from certtui.screens.inventory import InventoryScreen
from certtui.screens.unlock import UnlockDialog
from certtui.widgets.dialogs import Choose, Confirm
from certtui.widgets.path_input import PathInput
from tests.certs import Made, make_cert, make_chain
from tests.screens.desk import at_desk, store_at
from tests.screens.harness import burst, settle, text_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check follows the key at once, so that a test waits for nothing."""
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one stands in, with what a colleague left there."""
    leaf, issuer, root = make_chain("api.example.com")
    here = tmp_path / "here"
    here.mkdir()
    (here / "api.pfx").write_bytes(leaf.pfx(b"secret", chain=(issuer, root)))
    (here / "api.crt").write_bytes(leaf.pem)
    (here / "api.key").write_bytes(leaf.key_pem)
    (here / "api.enc.key").write_bytes(leaf.encrypted_key_pem(b"secret"))
    (here / "chain.pem").write_bytes(root.pem + issuer.pem)
    (here / "other.key").write_bytes(make_cert("other.example.com", number=7).key_pem)
    monkeypatch.chdir(here)
    return here


def leaf() -> Made:
    return make_chain("api.example.com")[0]


# -- PFX ---------------------------------------------------------------------------------------------------------


async def test_a_pfx_is_added_with_its_key_and_chain(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("tab")
        await desk.write("api.pfx")
        await desk.press("tab")
        await desk.write("secret")
        assert desk.said("file").startswith("Certificate api.example.com, private key (ec-256), chain: Test Issuing CA")
        assert desk.form.sentence.startswith("Will add api.example.com (ec-256, until 2027-05-16) with its key")
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert (row.name, row.has_private_key, row.source) == ("api.example.com", True, "imported")
        assert len(desk.backend.certificates.get(row.id).chain) == 2
        assert desk.notice == "Added api.example.com, with its private key."


async def test_what_is_typed_at_once_goes_to_the_first_field(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await burst(desk.pilot, *"api.pfx")
        assert desk.form.query(PathInput).first().value == "api.pfx"


async def test_what_was_just_added_is_under_the_cursor_of_the_list(folder: Path, tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    async with at_desk(backend) as desk:
        for file, password in (("api.pfx", "secret"), ("api.pfx", "secret")):
            await desk.fill(file=file, password=password)
            await desk.press("ctrl+s")
            inventory = desk.app.screen
            assert isinstance(inventory, InventoryScreen)
            assert inventory.table.current is not None
            assert inventory.table.current.name == "api.example.com"
            assert not inventory.unseen
            await desk.press("a")


async def test_a_wrong_password_is_said_beside_the_password(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="sekret")
        assert desk.said("password") == "The password does not open the PFX file."
        await desk.press("ctrl+s")
        assert desk.rows() == []
        assert desk.form.field("file").value == "api.pfx"
        assert desk.form.field("password").editor.has_focus


async def test_saving_an_empty_form_says_what_is_missing_and_where(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        assert desk.said("file") == ""
        await desk.press("ctrl+s")
        assert desk.said("file") == "Give the PFX file."
        assert desk.form.field("file").editor.has_focus


async def test_labels_go_with_the_certificate(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="secret", name="gateway", group="payments", contact="ops@example.com")
        await desk.fill(description="the front door")
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert (row.name, row.business_group, row.contact_email) == ("gateway", "payments", "ops@example.com")
        assert desk.backend.certificates.get(row.id).description == "the front door"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "The file is empty"),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "This is no certificate, key or request"),
        (lambda path: path.write_bytes(leaf().pfx()[:700]), "cut off"),
        (lambda path: path.open("wb").truncate(100 * 1024 * 1024), "100 MiB; 32 are read at most"),
        (lambda path: path.symlink_to("/dev/zero"), "is no ordinary file"),
        (lambda path: None, "There is no file"),
    ],
    ids=["folder", "empty", "garbage", "truncated", "huge", "device", "absent"],
)
async def test_what_is_no_pfx_gets_one_sentence_and_changes_nothing(
    make: object, sentence: str, folder: Path, tmp_path: Path
) -> None:
    assert callable(make)
    make(folder / "bad.pfx")
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="bad.pfx")
        assert sentence in desk.said("file")
        await desk.press("ctrl+s")
        assert desk.rows() == []
        assert desk.form.field("file").value == "bad.pfx"


async def test_an_unreadable_file_is_said_to_be_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    opened = os.open

    def refuse(path: object, *rest: object) -> int:
        if str(path).endswith("secret.pfx"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("certtui.given.os.open", refuse)
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="secret.pfx")
        assert "can't be read: permission denied" in desk.said("file")


# -- certificate and key -----------------------------------------------------------------------------------------


async def test_a_pair_from_files_is_added_with_a_chain_in_any_order(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt", key="api.key", chain="chain.pem")
        assert "the chain is complete" in desk.form.sentence
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert row.has_private_key
        assert [each.common_name for each in desk.backend.certificates.get(row.id).chain] == [
            "Test Issuing CA 0.0",
            "Test Root 0",
        ]


async def test_a_pasted_pair_is_added_and_the_pasted_key_is_never_on_the_screen(tmp_path: Path) -> None:
    made = leaf()
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.paste(certificate=made.pem, key=made.key_pem)
        seen = text_of(desk.app)
        assert "pasted: 5 lines" in seen
        assert made.key_pem.splitlines()[1].decode()[:20] not in seen
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert row.has_private_key


async def test_der_files_are_taken_too(folder: Path, tmp_path: Path) -> None:
    (folder / "api.cer").write_bytes(leaf().der)
    (folder / "api.p8").write_bytes(leaf().key_der)
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.cer", key="api.p8")
        await desk.press("ctrl+s")
        assert [row.has_private_key for row in desk.rows()] == [True]


async def test_another_key_is_refused_naming_both_key_identities(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt", key="other.key")
        said = desk.said("key")
        assert f"sha256:{leaf().facts.spki_sha256[:8]}" in said
        assert f"sha256:{make_cert('other.example.com', number=7).facts.spki_sha256[:8]}" in said
        assert "is that of no certificate given or in the inventory." in said
        await desk.press("ctrl+s")
        assert desk.rows() == []


async def test_the_passphrase_is_asked_only_for_an_encrypted_key(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt", key="api.key")
        assert not desk.form.field("key_password").display
        await desk.fill(key="api.enc.key")
        assert desk.form.field("key_password").display
        assert desk.said("key_password") == "The private key is encrypted."
        await desk.fill(key_password="wrong")
        assert desk.said("key_password") == "The password does not open the private key."
        await desk.fill(key_password="secret")
        await desk.press("ctrl+s")
        assert [row.has_private_key for row in desk.rows()] == [True]


async def test_a_key_where_the_certificate_belongs_is_said(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.key", key="api.crt")
        assert desk.said("certificate") == "There is no certificate in it, but a private key (ec-256)."
        assert "There is no private key in it, but a certificate, api.example.com" in desk.said("key")


async def test_without_a_key_it_is_added_only_after_a_question(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt")
        assert "without its private key" in desk.form.sentence
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, Confirm)
        await desk.press("escape")
        assert desk.rows() == []
        await desk.press("ctrl+s", "enter")
        assert [row.has_private_key for row in desk.rows()] == [False]


async def test_a_missing_intermediate_is_named(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt", key="api.key")
        assert "the chain lacks “Test Issuing CA 0.0”: give it under Chain" in desk.form.sentence


async def test_a_missing_intermediate_that_the_inventory_has_will_be_used(folder: Path, tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    add_all(backend, *make_chain("api.example.com")[1:])
    async with at_desk(backend) as desk:
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt", key="api.key")
        assert "the chain lacks “Test Issuing CA 0.0”, found in this inventory: it will be used" in desk.form.sentence
        await desk.press("ctrl+s")
        added = max(row.id for row in desk.rows())
        assert "missing" not in desk.notice
        assert [link.found_in for link in desk.backend.certificates.chain(added).paths[0].links][:2] == [
            "inventory"
        ] * 2


async def test_what_is_there_already_is_not_added_twice(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="secret")
        await desk.press("ctrl+s", "a")
        await desk.fill(file="api.pfx", password="secret")
        assert "is in the inventory already, as “api.example.com”, with its key" in desk.form.sentence
        await desk.press("ctrl+s")
        assert len(desk.rows()) == 1
        assert "there already; nothing was added" in desk.notice


async def test_a_key_that_was_missing_is_attached_and_that_is_said(folder: Path, tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    add_all(backend, leaf())
    async with at_desk(backend) as desk:
        await desk.fill(file="api.pfx", password="secret")
        assert "the key will be attached" in desk.form.sentence
        await desk.press("ctrl+s")
        assert [row.has_private_key for row in desk.rows()] == [True]
        assert "its private key was attached" in desk.notice


async def test_a_file_that_is_not_there_is_said_once_the_field_is_left(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        desk.form.field("file").focus_editor()
        await desk.fill(file="ap")
        assert desk.said("file") == ""
        desk.form.field("name").focus_editor()
        await desk.press("x")
        assert desk.said("file") == "There is no file ap. Tab completes a path."


async def test_what_is_typed_while_it_is_being_saved_does_not_stop_the_saving(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="secret")
        desk.form.do_form_save()
        desk.form.changed()
        await settle(desk.pilot)
        assert len(desk.rows()) == 1


async def test_switching_the_method_keeps_what_both_have(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(name="gateway", group="payments")
        await desk.press("ctrl+n")
        await desk.fill(certificate="api.crt")
        await desk.press("ctrl+n", "ctrl+n")
        values = desk.form.typed().values
        assert (values["name"], values["group"], values["certificate"]) == ("gateway", "payments", "api.crt")


async def test_what_is_typed_right_after_the_method_is_changed_goes_where_it_belongs(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await burst(desk.pilot, "ctrl+n", "ctrl+n", "tab", *"half", "tab", *"Example")
        values = desk.form.typed().values
        assert (values["common_name"], values["organization"]) == ("half", "Example")


# -- CSRs --------------------------------------------------------------------------------------------------------


async def test_a_csr_is_stored_with_its_key_before_it_is_shown(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(
            method="csr", common_name="shop.example.com", sans="www.shop.example.com\n10.0.0.7", country="DE"
        )
        assert "Will make a key (ec-256) and a CSR for shop.example.com" in desk.form.sentence
        await desk.press("ctrl+s")
        (saved,) = desk.backend.csrs.list()
        names = ("DNS:shop.example.com", "DNS:www.shop.example.com", "IP:10.0.0.7")
        assert (saved.common_name, saved.sans) == ("shop.example.com", names)
        (row,) = desk.rows()
        assert (row.status, row.has_private_key) == ("pending", True)
        assert isinstance(desk.app.screen, CsrScreen)
        assert "BEGIN CERTIFICATE REQUEST" in text_of(desk.app)


async def test_bad_names_are_named_and_international_ones_are_shown_as_they_are_stored(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com", sans="münchen.example\n")
        assert desk.said("sans").startswith("1 name; stored as xn--mnchen-3ya.example.")
        await desk.fill(sans="www.example.com\nfoo..bar")
        assert "“foo..bar” is not a host name" in desk.said("sans")
        await desk.press("ctrl+s")
        assert desk.backend.csrs.list() == []


async def test_a_country_is_two_letters(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com", country="Germany")
        assert desk.said("country") == "The country is two letters, such as DE."


async def test_a_common_name_alone_is_put_among_the_names(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com")
        assert "Clients look only here" in desk.said("sans")
        await desk.press("ctrl+s")
        assert desk.backend.csrs.list()[0].sans == ("DNS:shop.example.com",)


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-384", "ed25519"])
async def test_the_key_is_of_the_chosen_kind(kind: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com", key_type=kind)
        await desk.press("ctrl+s")
        assert desk.backend.csrs.list()[0].key_algorithm == kind


async def test_the_signed_certificate_completes_the_csr_at_once(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com")
        await desk.press("ctrl+s")
        await desk.paste(certificate=signed(desk.backend.csrs.list()[0].pem))
        assert "Will complete the saved CSR “shop.example.com”" in desk.form.sentence
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert (row.common_name, row.has_private_key) == ("shop.example.com", True)
        assert row.status != "pending"
        assert desk.backend.csrs.list() == []


async def test_leaving_keeps_the_csr_for_later(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com")
        await desk.press("ctrl+s")
        assert "leave with esc: the CSR is saved for later" in desk.form.sentence
        await desk.press("escape")
        assert len(desk.backend.csrs.list()) == 1
        await desk.press("a")
        await desk.fill(method="saved")
        await desk.paste(certificate=signed(desk.backend.csrs.list()[0].pem))
        await desk.press("ctrl+s")
        assert desk.backend.csrs.list() == []


async def test_the_csr_is_written_to_a_file_and_nothing_is_overwritten_unasked(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com")
        await desk.press("ctrl+s", "ctrl+t", "enter")
        place = folder / f"{safe_name('shop.example.com')}.csr"
        assert place.read_text() == desk.backend.csrs.list()[0].pem
        place.write_text("somebody's")
        await desk.press("ctrl+t", "enter")
        assert isinstance(desk.app.screen, Confirm)
        await desk.press("escape")
        assert place.read_text() == "somebody's"


async def test_a_certificate_for_another_saved_csr_is_offered_to_that_one(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    make_csr(backend, "one.example.com")
    other = make_csr(backend, "two.example.com")
    async with at_desk(backend) as desk:
        await desk.fill(method="saved")
        await desk.fill(csr=str(min(each.id for each in desk.backend.csrs.list())))
        await desk.paste(certificate=signed(other.pem))
        assert "It belongs to the saved CSR “two.example.com” (same public key)" in desk.said("certificate")
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, Confirm)
        await desk.press("enter")
        assert [each.name for each in desk.backend.csrs.list()] == ["one.example.com"]
        assert desk.backend.certificates.get(other.id).x509 is not None


async def test_a_certificate_of_no_csr_is_refused_naming_both_keys(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    saved = make_csr(backend, "one.example.com")
    async with at_desk(backend) as desk:
        await desk.fill(method="saved")
        await desk.paste(certificate=leaf().pem)
        assert leaf().facts.spki_sha256[:8] in desk.said("certificate")
        assert saved.spki_sha256[:8] in desk.said("certificate")
        await desk.press("ctrl+s")
        assert len(desk.backend.csrs.list()) == 1


async def test_a_pair_without_a_key_goes_to_the_saved_csr_whose_key_it_has(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    saved = make_csr(backend, "one.example.com")
    async with at_desk(backend) as desk:
        await desk.fill(method="pair")
        await desk.paste(certificate=signed(saved.pem))
        assert "Will complete the saved CSR “one.example.com”" in desk.form.sentence
        await desk.press("ctrl+s")
        assert desk.backend.csrs.list() == []


# -- locked, read-only -------------------------------------------------------------------------------------------


async def test_a_locked_store_asks_for_the_passphrase_and_then_the_saving_goes_on(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path, passphrase="open sesame")) as desk:
        await desk.fill(file="api.pfx", password="secret")
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, UnlockDialog)
        await desk.write("open sesame")
        await desk.press("enter")
        assert [row.has_private_key for row in desk.rows()] == [True]


async def test_giving_up_the_unlocking_keeps_the_form(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path, passphrase="open sesame")) as desk:
        await desk.fill(file="api.pfx", password="secret")
        await desk.press("ctrl+s", "escape")
        assert desk.rows() == []
        assert desk.form.field("file").value == "api.pfx"
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, UnlockDialog)


async def test_read_only_says_why_nothing_is_added(tmp_path: Path) -> None:
    store_at(tmp_path).close()
    async with at_desk(store_at(tmp_path, read_only=True)) as desk:
        assert desk.notice == "Add: This was opened read-only."


# -- what is kept ------------------------------------------------------------------------------------------------


async def test_an_unsaved_form_is_back_when_one_comes_again(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair", certificate="api.crt", name="gateway")
    async with at_desk(store_at(tmp_path)) as desk:
        assert desk.notice.startswith("Your form from 12:00 UTC is back.")
        values = desk.form.typed().values
        assert (values["method"], values["certificate"], values["name"]) == ("pair", "api.crt", "gateway")


async def test_a_pasted_key_comes_back_and_lies_nowhere_in_the_clear(tmp_path: Path, own_home: Path) -> None:
    made = leaf()
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair")
        await desk.paste(certificate=made.pem, key=made.key_pem)
    assert made.key_pem.splitlines()[1] not in everything_in(own_home, tmp_path)
    async with at_desk(store_at(tmp_path)) as desk:
        assert desk.form.field("key").paste == Secret(made.key_pem)
        await desk.press("ctrl+s")
        assert [row.has_private_key for row in desk.rows()] == [True]


async def test_a_password_is_never_kept(folder: Path, tmp_path: Path, own_home: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="hunter2-canary")
    kept = everything_in(own_home)
    assert b"api.pfx" in kept
    assert b"hunter2-canary" not in kept


async def test_a_locked_store_says_what_of_the_form_could_not_be_kept(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path, passphrase="open sesame")) as desk:
        await desk.fill(method="pair", name="gateway")
        await desk.paste(key=leaf().key_pem)
    async with at_desk(store_at(tmp_path)) as desk:
        assert "Without what was pasted under Private key" in desk.notice
        assert desk.form.field("name").value == "gateway"


async def test_a_saved_form_does_not_come_back(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file="api.pfx", password="secret")
        await desk.press("ctrl+s", "a")
        assert desk.form.field("file").value == ""


async def test_leaving_asks_whether_to_keep_what_was_typed(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(name="gateway")
        await desk.press("escape")
        assert isinstance(desk.app.screen, Choose)
        await desk.press("escape")
        assert desk.form.field("name").value == "gateway"
        await desk.press("escape", "enter", "a")
        assert desk.form.field("name").value == "gateway"


async def test_a_discarded_form_is_gone(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(name="gateway")
        await desk.press("escape", "down", "enter")
        assert desk.drafts.load("add") is None
        await desk.press("a")
        assert desk.form.field("name").value == ""


async def test_an_empty_form_is_left_without_a_question(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.press("escape")
        assert desk.app.screen.TITLE == "Inventory"


async def test_starting_afresh_empties_the_form(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", name="gateway", common_name="shop.example.com")
        await desk.press("ctrl+r")
        assert not desk.form.touched
        assert desk.drafts.load("add") is None


def everything_in(*folders: Path) -> bytes:
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


def add_all(backend: object, *made: Made) -> None:
    from certtui.model.certificate import NewCertificate

    backend.certificates.add([NewCertificate(x509=each.facts) for each in made])  # type: ignore[attr-defined]


def make_csr(backend: object, name: str) -> object:
    return backend.csrs.create(CsrRequest(SubjectFields(common_name=name), (f"DNS:{name}",)))  # type: ignore[attr-defined]


def signed(csr_pem: str) -> bytes:
    """What an authority makes of a request."""
    from cryptography import x509

    from tests.certs import make_key

    request = x509.load_pem_x509_csr(csr_pem.encode())
    issuer = make_chain("api.example.com")[1]
    from datetime import timedelta

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    from tests.certs import NOW

    assert make_key is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(request.public_key())
        .serial_number(4711)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=300))
    )
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)
