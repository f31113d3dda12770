"""The place Repositories: the list, a repository's page, its form, filing, resetting; and what other screens say of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.model.ca import CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaSettings
from certtui.model.policy import SOFT, PolicyForm, PolicyRules
from certtui.model.query import Query
from certtui.model.repository import Repository, RepositoryForm, RepositorySource, RepositoryState
from certtui.screens.associate_here import GiveDialog
from certtui.screens.certificate import CertificateScreen
from certtui.screens.certificate_pick import PickCertificates
from certtui.screens.inventory import InventoryScreen
from certtui.screens.repositories_page import RepositoryScreen
from certtui.screens.repository_form import RepositoryFormScreen
from certtui.screens.repository_reset import RISKS, ResetDialog
from certtui.widgets.dialogs import AskText
from certtui.widgets.labelled import Entry
from certtui.widgets.tick import Tick
from tests.backend.cas import make_ca
from tests.backend.entries import new
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        yield made


def create(made: Estate, name: str, source: str = "uploaded", group: str = "", **more) -> Repository:
    return made.backend.repositories.create(RepositoryForm(RepositorySource(source, **more), name, group))


def file(made: Estate, name: str, *entries: str) -> None:
    """File entries as they are now."""
    versions = [(made.ids[each], made.backend.certificates.get(made.ids[each]).version) for each in entries]
    assert not made.backend.repositories.add_certificates(where(made, name).id, versions).skipped


def where(made: Estate, name: str) -> Repository:
    return made.backend.repositories.get(made.backend.repositories.resolve(name))


def filed(made: Estate, entry: str) -> str:
    return made.backend.certificates.get(made.ids[entry]).row.repository


def issuing(made: Estate, name: str = "Issuing", *, compliant: bool = False) -> int:
    """A CA that can be bound."""
    cas = made.backend.cas
    root = cas.create_root(CaSpec(SubjectFields(common_name=f"{name} root"), "ed25519"))
    spec = CaSpec(SubjectFields(common_name=name), "ed25519", days=1825)
    return cas.create_intermediate(root.row.id, spec, CaSettings(compliant=compliant)).row.id


@pytest.fixture
def made(empty: Estate) -> Estate:
    empty.add("api-gateway", days=29)
    empty.add("billing", key=False, days=163)
    empty.add("old-lb", days=-18, group="web")
    create(empty, "web servers", group="payments")
    create(empty, "partners")
    file(empty, "web servers", "api-gateway", "billing")
    return empty


def accept(app) -> None:
    app.screen.query_one("#accept", Button).press()


# --- the list and the page -------------------------------------------------------------------------------------------


async def test_an_empty_place_says_what_a_repository_is_and_makes_the_first_one(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "4")
        assert "No repository yet." in text_of(app)
        await press(pilot, "a")
        assert isinstance(app.screen, RepositoryFormScreen)
        assert "a repository with a made-up name, for uploaded certificates." in app.screen.sentence
        app.screen.field("name").put("web servers")
        app.screen.field("business_group").put("payments")
        app.screen.changed()
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert "Made the repository web servers." in text_of(app)
        row = where(empty, "web servers").row
        assert (row.data_source and row.data_source.value, row.business_group) == ("uploaded", "payments")


async def test_the_page_says_what_it_takes_and_what_is_filed_and_opens_it(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "G", "enter")
        assert isinstance(app.screen, RepositoryScreen)
        text = text_of(app)
        assert "It takes any certificate that is uploaded" in text
        assert "Certificates (2)" in text
        await press(pilot, "G", "enter")
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == made.ids["billing"]
        await press(pilot, "G")
        assert "web servers" in text_of(app)


async def test_what_can_not_be_done_as_it_stands_says_why(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "x")
        assert "Delete: It is enabled. Reset it first: only then it can be deleted." in text_of(app)
        await press(pilot, "e")
        assert "Enable: It is enabled already. Reset it to choose another data source." in text_of(app)
        partners = where(made, "partners")
        made.backend.repositories.reset(partners.id, partners.version, leaving=0)
        await press(pilot, "r", "i")
        assert "Put certificates in: It was reset. Enable it first" in text_of(app)
        await press(pilot, "ctrl+r")
        assert "Reset: It was reset already." in text_of(app)


async def test_it_is_shown_in_the_inventory(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "G", "v")
        assert isinstance(app.screen, InventoryScreen)
        assert app.screen.query_now.text == 'repository:"web servers"'
        assert app.screen.table.total == 2


async def test_its_name_is_modified(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "l")
        assert isinstance(app.screen, AskText)
        app.screen.query_one("#answer").value = "partner mTLS"
        await settle(pilot)
        accept(app)
        await settle(pilot)
        assert "partners is called partner mTLS now." in text_of(app)
        assert where(made, "partner mTLS").row.version == 2


# --- filing ----------------------------------------------------------------------------------------------------------


async def test_certificates_are_put_in_from_the_page_and_one_that_is_elsewhere_moves(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "enter", "i")
        assert isinstance(app.screen, PickCertificates)
        assert "api-gateway  until 2026-12-19  moves from web servers" in text_of(app)
        await press(pilot, "space", "G", "space")
        accept(app)
        await settle(pilot)
        assert "Filed 2 certificates in partners." in text_of(app)
        assert [filed(made, each) for each in ("api-gateway", "billing", "old-lb")] == [
            "partners",
            "web servers",
            "partners",
        ]


async def test_the_one_under_the_cursor_is_taken_out_and_stays(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "G", "enter", "z")
        assert "Take out: Stand on a certificate first." in text_of(app)
        await press(pilot, "G", "z")
        accept(app)
        await settle(pilot)
        assert "Took billing out of web servers." in text_of(app)
        assert filed(made, "billing") == ""


async def test_marked_rows_of_the_inventory_are_filed_and_it_is_said_from_where_they_move(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "asterisk", "F")
        text = text_of(app)
        assert "File 3 certificates" in text
        assert "2 of them are filed already, and leave web servers (2)." in text
        await press(pilot, "enter")
        assert "Filed 3 certificates in partners." in text_of(app)
        assert where(made, "partners").row.certificates == 3


async def test_one_is_filed_from_its_page_and_taken_out_again(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        await press(pilot, "F")
        assert "It is filed in web servers now, and leaves that." in text_of(app)
        await press(pilot, "G", "enter")
        assert "Took billing out of web servers." in text_of(app)
        assert filed(made, "billing") == ""


async def test_what_a_data_source_does_not_take_is_told_with_the_reason(made: Estate) -> None:
    create(made, "CAs", "uploaded-ca")
    async with made.console() as (app, pilot):
        await press(pilot, "F", "enter")
        text = " ".join(text_of(app).replace("│", " ").split())
        assert "Not filed in CAs" in text
        assert "not the certificate of a CA, and CAs takes only those." in text
        assert filed(made, "api-gateway") == "web servers"


async def test_a_soft_policy_asks_why_and_files_with_the_word(made: Estate) -> None:
    from tests.backend.issuing import complete, local_authority

    ca = issuing(made, compliant=True)
    local_authority(made.backend, ca="Issuing")
    order = complete(made.backend, "word.example.com")
    rule = made.backend.policies.add(
        PolicyForm("large keys", outcome=SOFT, rules=PolicyRules(keys=("rsa-4096",)), description="Ask pki.")
    )
    create(made, "audited", "compliant", ca_id=ca, policy_ids=(rule.id,))
    made.ids["word"] = order.row.certificate_id or 0
    async with made.page("word") as (app, pilot, _):
        await press(pilot, "F", "enter")
        assert isinstance(app.screen, AskText)
        assert "large keys" in text_of(app)
        await press(pilot, *"legacy")
        accept(app)
        await settle(pilot)
        assert "Filed word.example.com in audited." in text_of(app)
        assert filed(made, "word") == "audited"


async def test_the_add_form_files_what_it_adds_by_the_name_of_a_repository(made: Estate, tmp_path: Path) -> None:
    root = make_ca()
    (tmp_path / "root.pem").write_bytes(root.pem)
    create(made, "CAs", "uploaded-ca")
    async with made.console() as (app, pilot):
        await press(pilot, "a")
        form = app.screen
        form.field("method").put("pair")
        form.field("certificate").put(str(tmp_path / "root.pem"))
        form.field("repository").put("nowhere")
        form.changed()
        await settle(pilot)
        assert "There is no repository `nowhere`." in form.field("repository").said
        form.field("repository").put("cas")
        form.changed()
        await settle(pilot)
        assert "Uploaded CA certificates." in form.field("repository").said
        await press(pilot, "ctrl+s")
        accept(app)
        await settle(pilot)
    assert where(made, "CAs").row.certificates == 1


# --- CAs -------------------------------------------------------------------------------------------------------------


async def test_a_compliant_one_is_made_of_a_ca_that_is_marked(made: Estate) -> None:
    issuing(made, "Other")
    ca = issuing(made, compliant=True)
    async with made.console() as (app, pilot):
        await press(pilot, "4", "a")
        form = app.screen
        assert isinstance(form, RepositoryFormScreen)
        form.field("name").put("audited")
        form.field("data_source").put("compliant")
        form.changed()
        await settle(pilot)
        assert "for compliant certificates of Issuing." in form.sentence
        await press(pilot, "ctrl+s")
        assert "Choose a set, or name policies" in text_of(app)
        form.field("policy_set").put("Strict")
        form.changed()
        await settle(pilot)
        await press(pilot, "ctrl+s")
    row = where(made, "audited").row
    assert (row.ca_id, row.data_source and row.data_source.value) == (ca, "compliant")
    assert made.backend.cas.get(ca).repository == "audited"


async def test_a_ca_is_marked_in_its_form_and_its_page_says_where_it_is_bound(made: Estate) -> None:
    from certtui.screens.ca_form import CaSettingsScreen
    from certtui.screens.ca_page import CaScreen

    ca = issuing(made)
    create(made, "private", "private", ca_id=ca)
    async with made.console() as (app, pilot):
        await app.push_screen(CaScreen(ca))
        await settle(pilot)
        assert "private: what it issues is filed there" in text_of(app)
        await press(pilot, "l")
        assert isinstance(app.screen, CaSettingsScreen)
        app.screen.field("compliant").put("yes")
        app.screen.changed()
        await settle(pilot)
        await press(pilot, "ctrl+s", "o")
        assert "The repository private is bound to the new CA then." in text_of(app)
    assert made.backend.cas.get(ca).row.compliant


# --- reset, enable, delete -------------------------------------------------------------------------------------------


async def test_a_reset_shows_what_leaves_wants_the_tick_and_can_be_enabled_or_deleted(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "G", "ctrl+r")
        assert isinstance(app.screen, ResetDialog)
        text = text_of(app)
        assert "This can't be undone. 2 certificates leave it and stay in the inventory:" in text
        assert "api-gateway" in text
        assert RISKS in " ".join(text.replace("│", " ").split())
        assert app.screen.query_one("#accept", Button).disabled
        assert app.screen.focused is app.screen.query_one("#cancel")
        app.screen.query_one(Tick).action_turn()
        await settle(pilot)
        accept(app)
        await settle(pilot)
        assert "Reset web servers: 2 certificates left it, and stayed in the inventory." in text_of(app)
        assert where(made, "web servers").row.state is RepositoryState.RESET
        assert filed(made, "billing") == ""
        await press(pilot, "e")
        form = app.screen
        assert isinstance(form, RepositoryFormScreen)
        form.field("data_source").put("uploaded-ca")
        form.changed()
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert "web servers is enabled." in text_of(app)
        again = where(made, "web servers")
        made.backend.repositories.reset(again.id, again.version, leaving=0)
        await press(pilot, "r", "x")
        accept(app)
        await settle(pilot)
        assert "Deleted web servers." in text_of(app)
    assert len(made.backend.repositories.search(Query()).ids()) == 1


async def test_what_was_filed_meanwhile_is_not_reset_unseen(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "4", "G", "ctrl+r")
        file(made, "web servers", "old-lb")
        app.screen.query_one(Tick).action_turn()
        await settle(pilot)
        accept(app)
        await settle(pilot)
        assert "3 certificates are filed in web servers now, and not 2." in text_of(app)
        assert where(made, "web servers").row.certificates == 3


# --- a listener's client CA ------------------------------------------------------------------------------------------


async def test_a_client_ca_is_picked_from_repositories_of_ca_certificates_first(made: Estate) -> None:
    made.resource("edge", "listener")
    cas = create(made, "client CAs", "uploaded-ca")
    (ours, _) = made.backend.certificates.add([new(make_ca("Ours", number=601)), new(make_ca("Theirs", number=602))])
    made.backend.repositories.add_certificates(cas.id, [(ours.id, 1)])
    async with made.console() as (app, pilot):
        await press(pilot, "6", "w")
        dialog = app.screen
        assert isinstance(dialog, GiveDialog)
        dialog.query_one("#role").value = "client-ca"
        await settle(pilot)
        text = text_of(app)
        assert "CA certificates filed in client CAs." in text
        assert "Ours" in text
        assert "Theirs" not in text
        await press(pilot, "ctrl+n")
        assert "Theirs" in text_of(app)
        await press(pilot, "ctrl+n", "space")
        accept(app)
        await settle(pilot)
        assert "edge uses Ours as client CA." in text_of(app)
    (used,) = made.backend.certificates.get(ours.id).resources
    assert (used.name, used.role) == ("edge", "client-ca")


async def test_a_server_certificate_is_picked_from_the_whole_inventory(made: Estate) -> None:
    made.resource("edge", "listener")
    async with made.console() as (app, pilot):
        await press(pilot, "6", "w")
        app.screen.query_one("#find", Entry).value = "billing"
        await settle(pilot)
        await press(pilot, "space")
        accept(app)
        await settle(pilot)
        assert "edge uses billing as server certificate." in text_of(app)


# --- pictures --------------------------------------------------------------------------------------------------------


@SIZES
async def test_picture_of_the_empty_place(empty: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with empty.console(size) as (app, pilot):
        await press(pilot, "4")
        assert shot(app) == picture


@SIZES
async def test_picture_of_the_list(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    create(made, "private", "private", ca_id=issuing(made))
    partners = where(made, "partners")
    made.backend.repositories.reset(partners.id, partners.version, leaving=0)
    async with made.console(size) as (app, pilot):
        await press(pilot, "4")
        assert shot(app) == picture


@SIZES
async def test_picture_of_a_page(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "4", "G", "enter", "G")
        assert shot(app) == picture


async def test_picture_of_a_compliant_page(made: Estate, picture: SnapshotAssertion) -> None:
    create(made, "audited", "compliant", ca_id=issuing(made, compliant=True), policy_set="Strict")
    async with made.console() as (app, pilot):
        await press(pilot, "4", "enter")
        assert shot(app) == picture


async def test_picture_of_a_page_after_a_reset(made: Estate, picture: SnapshotAssertion) -> None:
    partners = where(made, "partners")
    made.backend.repositories.reset(partners.id, partners.version, leaving=0)
    async with made.console() as (app, pilot):
        await press(pilot, "4", "enter", "x")
        await press(pilot, "escape", "z")
        assert shot(app) == picture


@SIZES
async def test_picture_of_the_reset(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "4", "G", "ctrl+r", "tab", "space")
        await press(pilot, "tab")
        assert shot(app) == picture


@SIZES
async def test_picture_of_the_form(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    issuing(made, compliant=True)
    async with made.console(size) as (app, pilot):
        await press(pilot, "4", "a")
        form = app.screen
        form.field("data_source").put("compliant")
        form.field("policy_set").put("Strict")
        form.changed()
        await settle(pilot)
        assert shot(app) == picture


async def test_picture_of_filing(made: Estate, picture: SnapshotAssertion) -> None:
    create(made, "CAs", "uploaded-ca")
    async with made.console() as (app, pilot):
        await press(pilot, "asterisk", "F")
        assert shot(app) == picture


async def test_picture_of_the_inventory_with_its_column(made: Estate, picture: SnapshotAssertion) -> None:
    columns = {"inventory": ("name", "status", "days", "repository")}
    async with made.console(columns=columns) as (app, pilot):
        await settle(pilot)
        assert shot(app) == picture


async def test_picture_of_a_client_ca(made: Estate, picture: SnapshotAssertion) -> None:
    made.resource("edge", "listener")
    cas = create(made, "client CAs", "uploaded-ca")
    (ours,) = made.backend.certificates.add([new(make_ca("Ours", number=601))])
    made.backend.repositories.add_certificates(cas.id, [(ours.id, 1)])
    async with made.console() as (app, pilot):
        await press(pilot, "6", "w")
        app.screen.query_one("#role").value = "client-ca"
        await settle(pilot)
        assert shot(app) == picture
