"""The page of a certificate: what it says on every tab, and that opening it is on record once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.model.chain import ChainLink, ChainPath, ChainReport
from certtui.screens.certificate import TABS, CertificateScreen
from certtui.widgets.chain_tree import chain_items
from certtui.widgets.fields import FieldView
from certtui.widgets.frame import KeyLine
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add(
            "api-gateway", days=29, sans=("api.example.com", "api2.example.com", "*.api.example.com", "IP:10.0.0.7")
        )
        lb, edge = made.resource("lb-west"), made.resource("edge-3", "host")
        made.backend.resources.associate(made.ids["api-gateway"], [lb, edge], "server")
        made.add("billing", days=163, key=False)
        yield made


def view_text(screen: CertificateScreen) -> str:
    return screen.query_one(FieldView).text


async def test_it_opens_with_what_state_it_is_in_and_what_to_do_next(made: Estate) -> None:
    async with made.page("api-gateway") as (_, _, screen):
        assert "Expires in 29 days. Nothing renews it: order a replacement with o" in view_text(screen)


async def test_the_overview_has_every_fact_that_the_store_has(made: Estate) -> None:
    async with made.page("api-gateway", size=(120, 60)) as (_, _, screen):
        text = view_text(screen)
        facts = made.made["api-gateway"].facts
        for expected in (
            facts.fingerprint_sha256, facts.fingerprint_sha1, facts.serial_number, facts.subject, facts.issuer,
            "ed25519, here", "api2.example.com", "TLS Web Server Authentication", "payments", "ops@example.com",
            "imported", "lb-west", "29 days left",
        ):  # fmt: skip
            assert expected in text


async def test_the_status_says_why_naming_the_rule(made: Estate) -> None:
    async with made.page("api-gateway") as (_, _, screen):
        assert "less than 90 days" in view_text(screen)


async def test_opening_a_page_is_on_record_once_however_often_it_is_read_again(made: Estate) -> None:
    async with made.page("api-gateway") as (_, pilot, _):
        await pilot.press("right", "right", "r")
        await settle(pilot)
        assert made.events().count("certificate.view.accessed") == 1


async def test_left_and_right_go_through_the_tabs_and_round(made: Estate) -> None:
    async with made.page("api-gateway") as (_, pilot, screen):
        await pilot.press("right")
        assert screen.tab == "Names"
        await pilot.press("left", "left")
        assert screen.tab == TABS[-1]


async def test_a_missing_link_of_the_chain_is_marked_where_it_breaks(made: Estate) -> None:
    async with made.page("api-gateway", "Chain") as (_, _, screen):
        lines = view_text(screen).splitlines()
        root = next(index for index, line in enumerate(lines) if line.startswith("Test Root"))
        assert "missing" in lines[root]
        assert lines[root + 1].startswith("✗ ")
        assert "└─ api-gateway.example.com" in view_text(screen)


def test_a_root_that_is_not_trusted_is_said_once() -> None:
    root = ChainLink("CN=Root", "Root", "", None, "inventory", None, "", "")
    path = ChainPath((root,), False, "the root Root is not in this system's trust store")
    report = ChainReport((path,), "roots.pem", "Complete, but the root “Root” is not in this system's trust store.")
    assert [item.value for item in chain_items(report)].count(path.problem) == 0
    assert [item.value for item in chain_items(replace(report, paths=(path, path)))].count(path.problem) == 1


async def test_the_key_tab_never_shows_the_key(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (_, _, screen):
        text = view_text(screen)
        assert made.made["api-gateway"].facts.spki_sha256 in text
        assert "PRIVATE KEY" not in text


async def test_without_its_key_revealing_says_why_not(made: Estate) -> None:
    async with made.page("billing", "Key") as (app, pilot, _):
        await pilot.press("v")
        await settle(pilot)
        assert "Reveal key: its private key is not here." in text_of(app)


async def test_the_audit_tab_shows_who_did_what(made: Estate) -> None:
    async with made.page("api-gateway", "Audit") as (_, _, screen):
        assert "certificate.associate.success  by tester" in view_text(screen)


async def test_the_key_line_says_how_to_go_on_and_how_to_go_back(made: Estate) -> None:
    async with made.page("api-gateway") as (app, _, _):
        keys = app.screen.query_one(KeyLine).plain
        assert "right next tab" in keys
        assert "esc back" in keys


async def test_the_pem_tab_has_the_certificate_and_its_chain(made: Estate) -> None:
    async with made.page("api-gateway", "PEM") as (_, _, screen):
        text = view_text(screen)
        for line in made.made["api-gateway"].pem.decode().splitlines():
            assert line in text
        assert "Chain: Test Issuing CA" in text


async def test_the_text_tab_reads_like_openssl(made: Estate) -> None:
    async with made.page("api-gateway", "Text") as (_, _, screen):
        assert "X509v3 Subject Alternative Name" in view_text(screen)


async def test_enter_on_a_resource_opens_it_and_esc_comes_back(made: Estate) -> None:
    async with made.page("api-gateway", "Used by") as (app, pilot, screen):
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen.title == "Resource"
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert screen.tab == "Used by"


async def test_esc_goes_back_to_the_list(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.title == "Inventory"


async def test_an_entry_that_is_gone_says_so(made: Estate) -> None:
    made.ids["nothing"] = 4711
    async with made.page("nothing") as (app, pilot, _):
        assert "There is no certificate 4711" in text_of(app)
        await pilot.press("e")
        await settle(pilot)
        assert "not read yet, or gone" in text_of(app)


async def test_read_only_refuses_changes_and_says_why(tmp_path: Path, made: Estate) -> None:
    with estate(tmp_path, read_only=True) as reading:
        reading.ids = made.ids
        async with reading.page("api-gateway") as (app, pilot, _):
            await pilot.press("l")
            await settle(pilot)
            assert "This was opened read-only" in text_of(app)


async def test_five_thousand_names_are_all_there_and_only_a_screenful_is_drawn(made: Estate) -> None:
    made.add("many", sans=tuple(f"host-{number}.example.com" for number in range(5000)), lived=20)
    async with made.page("many", "Names") as (app, pilot, screen):
        view = screen.query_one(FieldView)
        assert sum(item.label == "DNS" for item in view.items) == 5000
        await pilot.press("G")
        assert "host-4999.example.com" in text_of(app)
        await pilot.press("g")
        assert "5,000 names" in text_of(app)


@SIZES
@pytest.mark.parametrize("tab", ["Overview", "Names", "Chain", "Used by", "Lineage", "Key", "Audit", "CSR"])
async def test_a_tab_looks_like_this(made: Estate, picture: SnapshotAssertion, tab: str, size: tuple[int, int]) -> None:
    async with made.page("api-gateway", tab, size) as (app, pilot, screen):
        if tab == "Chain":
            hide_roots(screen)
            await settle(pilot)
        assert shot(app) == picture


def hide_roots(screen: CertificateScreen) -> None:
    """The trust store is that of the machine; the picture is not."""
    view = screen.query_one(FieldView)
    view.show([item for item in view.items if item.label != "Judged by"])
