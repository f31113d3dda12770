"""The place Authorities and the built-in PKI: profiles, the tree of CAs, CRLs, rolling over, retiring."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from syrupy.assertion import SnapshotAssertion

from certtui.authorities import external
from certtui.authorities.acme import profile as acme
from certtui.authorities.acme.books import KeptAccount
from certtui.backend.base import Backend
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.backend import LocalBackend
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.ca import CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaState
from certtui.model.order import OrderForm
from certtui.model.query import Query, Sort
from certtui.screens.account_page import AccountScreen
from certtui.screens.authorities import AuthoritiesScreen
from certtui.screens.authority_form import AuthorityFormScreen, form_of
from certtui.screens.authority_page import AuthorityScreen
from certtui.screens.ca_form import CaFormScreen
from certtui.screens.ca_page import CaScreen
from certtui.screens.cas import CasScreen
from tests.certs import make_cert
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.harness import shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


def spec(name: str, **more: object) -> CaSpec:
    return CaSpec(SubjectFields(common_name=name), key_type="ec-256", **more)  # type: ignore[arg-type]


def test_what_an_empty_field_says_is_not_cut_at_80_columns() -> None:
    # 80 less the labels' column, the margins and the scroll bar.
    said = {
        f"{info.type} {field.key}": field.help
        for info in (acme.INFO, external.INFO)
        for field in info.fields
        if field.kind not in ("choice", "flag", "choices")
    }
    assert {key: text for key, text in said.items() if len(text) > 59} == {}


@pytest.fixture
def empty(tmp_path: Path) -> Backend:
    return store_at(tmp_path)


@pytest.fixture
def pki(empty: Backend) -> Backend:
    """A root, a CA under it, and a profile for each type."""
    root = empty.cas.create_root(spec("Example Root", path_length=2))
    empty.cas.create_intermediate(root.row.id, spec("Example Issuing 1", path_length=0))
    empty.authorities.add(
        AuthorityForm(name="internal", type=AuthorityType.LOCAL, settings={"ca": "Example Issuing 1"})
    )
    empty.authorities.add(
        AuthorityForm(name="corporate", type=AuthorityType.EXTERNAL, settings={"contact": "pki@example.com"})
    )
    return empty


def cas(backend: Backend) -> dict[str, CaState]:
    rows = backend.cas.search(Query("", Sort("name"))).rows(0, 50)
    return {row.name: row.state for row in rows}


def names(backend: Backend) -> list[str]:
    return [row.name for row in backend.authorities.search(Query("", Sort("name"))).rows(0, 50)]


async def choose(desk: Desk, label: str) -> None:
    """Choose the option of the dialog that begins with this."""
    from certtui.widgets.choice_list import ChoiceList

    options = desk.app.screen.query_one(ChoiceList)
    index = next(i for i, each in enumerate(options._labels) if each.startswith(label))
    await desk.press("g", *(["j"] * index), "enter")


async def test_an_empty_place_says_what_an_authority_is_and_which_key_makes_one(empty: Backend) -> None:
    async with at_desk(empty, key="7") as desk:
        assert isinstance(desk.app.screen, AuthoritiesScreen)
        assert "No authority yet." in text_of(desk.app)
        assert "p  the built-in PKI" in text_of(desk.app)


async def test_a_root_and_a_ca_under_it_are_made_by_typing(empty: Backend) -> None:
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A root")
        assert isinstance(desk.app.screen, CaFormScreen)
        await desk.write("Example Root")
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, CasScreen)
        assert desk.notice == "Made Example Root."
        await desk.press("a")
        await choose(desk, "A CA under Example Root")
        await desk.write("Issuing 1")
        await desk.press("ctrl+s")
        assert desk.notice == "Made Issuing 1. The authority Issuing 1 orders from it."
        assert "└─ Issuing 1" in text_of(desk.app)
        assert cas(desk.backend) == {"Example Root": CaState.ACTIVE, "Issuing 1": CaState.ACTIVE}
        assert names(desk.backend) == ["Issuing 1"]


async def test_a_name_is_asked_for_and_numbers_must_be_numbers(empty: Backend) -> None:
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A root")
        await desk.fill(days="many", crl_days="7.5")
        await desk.press("ctrl+s")
        assert desk.said("common_name") == "Give it a name: what certificates call their issuer."
        assert desk.said("days") == "Give a whole number of days."
        assert desk.said("crl_days") == "Give a whole number of days."
        assert cas(desk.backend) == {}


async def test_what_the_parent_does_not_allow_stays_in_the_form_with_its_sentence(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A CA under Example Issuing 1")
        await desk.write("Too deep")
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, CaFormScreen)
        assert "path length" in desk.notice
        assert "Too deep" not in cas(desk.backend)


async def test_the_limits_that_were_typed_are_in_the_certificate(empty: Backend) -> None:
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A root")
        await desk.fill(
            common_name="Narrow Root",
            path_length="1",
            permitted="DNS:example.com\nIP:10.0.0.0/8",
            usages="serverAuth",
            crl_urls="http://pki.example.com/narrow.crl",
        )
        await desk.press("ctrl+s")
        ca = desk.backend.cas.get(desk.backend.cas.resolve("Narrow Root"))
        made = x509.load_der_x509_certificate(desk.backend.cas.certificate(ca.row.id))
        constraints = made.extensions.get_extension_for_class(x509.NameConstraints).value
        assert constraints.permitted_subtrees is not None
        assert len(constraints.permitted_subtrees) == 2
        assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1
        assert ca.settings.crl_urls == ("http://pki.example.com/narrow.crl",)


async def test_a_new_crl_counts_on_and_says_until_when_it_holds(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "j", "enter", "n")
        assert isinstance(desk.app.screen, CaScreen)
        assert desk.notice == "CRL 2 with 0 entries holds until 2026-11-27 12:00 UTC."


async def test_publishing_is_edited(pki: Backend) -> None:
    async with at_desk(pki, key="7", size=(80, 50)) as desk:
        await desk.press("p", "j", "enter", "l")
        await desk.fill(crl_days="14", ocsp_urls="http://ocsp.example.com/")
        await desk.press("ctrl+s")
        ca = desk.backend.cas.get(desk.backend.cas.resolve("Example Issuing 1"))
        assert (ca.settings.crl_days, ca.settings.ocsp_urls) == (14, ("http://ocsp.example.com/",))
        assert "http://ocsp.example.com/" in text_of(desk.app)


async def test_rolling_over_makes_a_successor_that_the_profile_issues_by(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "j", "enter", "o", "enter")
        successor = next(name for name in cas(desk.backend) if name not in ("Example Root", "Example Issuing 1"))
        assert desk.notice == f"{successor} issues from now on."
        profile = desk.backend.authorities.get(desk.backend.authorities.resolve("internal"))
        assert profile.row.summary == successor


async def test_retiring_lists_what_lives_and_wants_the_name_typed(pki: Backend) -> None:
    orders = pki.orders
    form = OrderForm(authority="internal", subject=SubjectFields(common_name="www.example.com"), key_type="ec-256")
    draft = orders.save(form)
    orders.submit(draft.id, draft.version)
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "j", "enter", "x")
        said = text_of(desk.app)
        assert "1 of its certificates live" in said
        assert "www.example.com" in said
        await desk.write("Example Issuing")
        await desk.press("enter")
        assert cas(desk.backend)["Example Issuing 1"] is CaState.ACTIVE
        await desk.write(" 1")
        await desk.press("enter")
        assert cas(desk.backend)["Example Issuing 1"] is CaState.RETIRED


async def test_an_offline_root_signs_a_csr_and_its_certificate_is_brought_back(empty: Backend, tmp_path: Path) -> None:
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A CA whose CSR")
        await desk.write("Waiting CA")
        await desk.press("ctrl+s", "enter")
        assert isinstance(desk.app.screen, CaScreen)
        ca = desk.backend.cas.get(1)
        assert ca.row.state is CaState.WAITING
        signed = sign_ca(ca.csr_pem)
        (tmp_path / "signed.pem").write_bytes(signed)
        await desk.press("p")
        await desk.fill(certificate=str(tmp_path / "signed.pem"))
        await desk.press("ctrl+s")
        assert desk.notice == "Waiting CA can issue now."
        assert cas(desk.backend)["Waiting CA"] is CaState.ACTIVE


def sign_ca(csr_pem: str) -> bytes:
    """The offline root at work."""
    from datetime import timedelta

    from cryptography.hazmat.primitives import hashes

    from tests.certs import make_key
    from tests.screens.memory import NOW

    csr = x509.load_pem_x509_csr(csr_pem.encode())
    issuer = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "Offline Root")])
    key = make_key("ec-256", 77)
    builder = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(issuer)
        .public_key(csr.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


async def test_a_ca_that_would_outlive_its_parent_is_said_to_end_with_it(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A CA under Example Root")
        await desk.write("Long")
        assert "It ends" not in text_of(desk.app)
        await desk.fill(days="9000")
        assert " ".join(text_of(desk.app).split()).count("It ends 2036-11-17, as Example Root does.") == 1


async def test_a_successor_that_waits_for_the_offline_root_is_not_said_to_issue(empty: Backend, tmp_path: Path) -> None:
    ca = empty.cas.request_intermediate(spec("Waiting CA"))
    (tmp_path / "signed.pem").write_bytes(sign_ca(ca.csr_pem))
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "enter", "p")
        await desk.fill(certificate=str(tmp_path / "signed.pem"))
        await desk.press("ctrl+s")
        assert desk.notice == "Waiting CA can issue now."
        await desk.press("o")
        assert "Its issuer can't sign here" in text_of(desk.app)
        await desk.press("enter")
        assert desk.notice == "Waiting CA G2 waits for its certificate; Waiting CA issues until it has come."


async def test_a_ca_that_has_expired_does_not_say_that_it_issues(empty: Backend) -> None:
    empty.cas.create_root(spec("Short", days=3))
    async with at_desk(empty, key="7") as desk:
        desk.app.clock.advance(days=4)
        await desk.press("p")
        assert "! expired" in text_of(desk.app)
        await desk.press("enter")
        assert "It has expired: it issues no more" in text_of(desk.app)


async def test_a_long_name_loses_its_middle_and_pushes_nothing_over_the_edge(empty: Backend) -> None:
    root = empty.cas.create_root(spec("Example Corporation Root Certification Authority 2026"))
    empty.cas.create_intermediate(root.row.id, spec("Example Corporation Issuing Certification Authority 7"))
    async with at_desk(empty, key="7") as desk:
        await desk.press("p")
        lines = [line.rstrip() for line in text_of(desk.app).splitlines() if "CRL to" in line]
        assert len(lines) == 2
        assert ("…" in lines[0], "2026  ec-256" in lines[0], "rity 7  ec-256" in lines[1]) == (True, True, True)
        assert lines[0].index("CRL to") == lines[1].index("CRL to")
        await desk.press("enter")
        assert "Example Corporation Root Certification Authority 2026" in text_of(desk.app)


async def test_the_certificate_of_a_ca_is_written_as_pem(pki: Backend, tmp_path: Path) -> None:
    der = pki.cas.certificate(pki.cas.resolve("Example Root"))
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "enter", "w")
        await choose(desk, "Its certificate (PEM)")
        await desk.press("ctrl+u")
        await desk.write(str(tmp_path / "root.pem"))
        await desk.press("enter")
    written = x509.load_pem_x509_certificate((tmp_path / "root.pem").read_bytes())
    assert written.public_bytes(Encoding.DER) == der
    assert (tmp_path / "root.pem").read_bytes() == written.public_bytes(Encoding.PEM)


async def test_what_is_no_ca_is_not_imported_as_one(empty: Backend, tmp_path: Path) -> None:
    (tmp_path / "leaf.pem").write_bytes(make_cert("www.example.com").pem)
    async with at_desk(empty, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A CA that exists")
        await desk.fill(certificate=str(tmp_path / "leaf.pem"))
        await desk.press("ctrl+s")
        assert "no CA" in desk.said("certificate")
        assert cas(desk.backend) == {}


async def test_a_profile_is_added_and_tested_in_one_go(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        assert isinstance(desk.app.screen, AuthorityFormScreen)
        await desk.fill(type="local", name="servers")
        await desk.fill(**{"local.ca": "Example Issuing 1"})
        await desk.press("ctrl+s")
        assert "Everything that was looked at is in order." in text_of(desk.app)
        await desk.press("escape")
        assert "servers" in names(desk.backend)


async def test_a_wrong_setting_stands_beside_its_field(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        await desk.fill(type="external", name="outside")
        await desk.fill(**{"external.watch_folder": "relative/folder"})
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, AuthorityFormScreen)
        assert desk.said("external.watch_folder")
        assert "outside" not in names(desk.backend)


async def test_only_what_matters_for_the_choices_is_shown_asked_for_and_kept(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        shown = desk.form.field

        await desk.fill(type="acme", name="own", **{"acme.server": "other"})
        await desk.press("ctrl+s")
        assert desk.said("acme.tech_zone") == "Tech zone is needed."
        assert shown("acme.directory").display
        assert not shown("acme.hook").display
        await desk.fill(**{"acme.dns": "hook", "acme.hook": "no whole path"})
        assert [shown(f"acme.{key}").display for key in ("hook", "dns_server", "tsig_name")] == [True, False, False]
        # A second thought: what was typed for the first one is no fault of the second.
        await desk.fill(**{"acme.dns": "update", "acme.directory": "http://not.allowed/", "acme.server": "letsencrypt"})
        assert not any(shown(f"acme.{key}").display for key in ("hook", "directory", "eab_kid"))
        await desk.fill(**{"acme.tech_zone": "acme.example.net"})
        # Saving would test it, which asks on the Internet.
        made = desk.backend.authorities.add(form_of(desk.form.typed(), desk.form._types["acme"], name_type=True))
        assert made.row.type is AuthorityType.ACME
        assert {"hook", "directory"} & set(made.settings) == set()


async def test_the_form_says_what_a_way_to_prove_names_is(pki: Backend, picture: SnapshotAssertion) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        await desk.fill(type="acme", name="web", **{"acme.proof": "http"})
        assert desk.said("acme.proof") == "Port 80 of each name leads to a web root, or a port here."
        await desk.press("ctrl+s")
        assert desk.said("acme.web_root") == "Web root is needed."
        await desk.fill(**{"acme.http_by": "listener"})
        assert not any(desk.form.field(f"acme.{key}").display for key in ("web_root", "dns", "tech_zone", "tls_listen"))
        assert shot(desk.app) == picture


async def test_a_name_that_is_taken_stands_beside_the_name(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        await desk.fill(type="external", name="internal")
        await desk.press("ctrl+s")
        assert "internal" in desk.said("name")


async def test_the_page_shows_settings_abilities_and_the_last_test(pki: Backend) -> None:
    async with at_desk(pki, key="7", size=(100, 50)) as desk:
        await desk.press("j", "enter")
        assert isinstance(desk.app.screen, AuthorityScreen)
        assert "It was not tested yet." in text_of(desk.app)
        await desk.press("t")
        await desk.press("escape")
        page = text_of(desk.app)
        assert "It was not tested yet." not in page
        assert "Issuing CA" in page


async def test_disabling_asks_and_is_undone_by_the_same_key(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("d")
        assert "Nothing more can be ordered from it" in text_of(desk.app)
        await desk.press("right", "enter")
        assert desk.notice == "corporate is disabled."
        await desk.press("d", "enter")
        assert desk.notice == "corporate is enabled."


async def test_removing_wants_the_name_typed(pki: Backend) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("x")
        await desk.write("corporate")
        await desk.press("enter")
        assert names(desk.backend) == ["internal"]
        assert desk.notice == "Removed corporate."


async def test_nothing_changes_read_only_and_it_says_so(pki: Backend, tmp_path: Path) -> None:
    pki.close()
    async with at_desk(store_at(tmp_path, read_only=True), key="7") as desk:
        await desk.press("d")
        assert desk.notice == "Disable or enable: This was opened read-only."
        await desk.press("p", "a")
        assert desk.notice == "Add a CA: This was opened read-only."


async def test_hostile_names_are_drawn_as_text(empty: Backend) -> None:
    empty.cas.create_root(spec("[red]Root[/foo]\u202e"))
    async with at_desk(empty, key="7") as desk:
        await desk.press("p")
        assert "[red]Root[/foo]" in text_of(desk.app)
        await desk.press("enter")
        assert "\u202e" not in text_of(desk.app)


@SIZES
async def test_authorities(pki: Backend, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with at_desk(pki, key="7", size=size) as desk:
        assert shot(desk.app) == picture


@SIZES
async def test_the_tree_of_cas(pki: Backend, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    pki.cas.request_intermediate(spec("Waiting CA"))
    async with at_desk(pki, key="7", size=size) as desk:
        await desk.press("p")
        assert shot(desk.app) == picture


async def test_the_form_of_a_ca(pki: Backend, picture: SnapshotAssertion) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("p", "a")
        await choose(desk, "A CA under Example Root")
        assert shot(desk.app) == picture


async def test_the_form_of_an_authority(pki: Backend, picture: SnapshotAssertion) -> None:
    async with at_desk(pki, key="7") as desk:
        await desk.press("a")
        assert shot(desk.app) == picture


async def test_the_account_at_a_ca(pki: Backend, picture: SnapshotAssertion) -> None:
    settings = {"server": "letsencrypt", "tech_zone": "acme.example.net", "email": "ops@example.com", "agree": "yes"}
    authority = pki.authorities.add(AuthorityForm("le", AuthorityType.ACME, settings=settings))
    url = "https://acme-v02.api.letsencrypt.org/acme/acct/1234"
    account = KeptAccount(
        "https://acme-v02.api.letsencrypt.org/directory", url, "ops@example.com", "valid",
        terms="https://letsencrypt.org/documents/LE-SA-v1.5.pdf", key_type="ec-256", seen_at=NOW,
    )  # fmt: skip
    assert isinstance(pki, LocalBackend)
    StoreBooks(pki._store, authority.row.id).keep_account(account)
    async with at_desk(pki, key="7", size=(80, 24)) as desk:
        desk.app.push_screen(AccountScreen(authority.row.id))
        await desk.press("j")
        assert shot(desk.app) == picture
