"""An ACME profile and an order from the console's own screens, with a real Pebble and a real BIND behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.authorities.acme.profile import INFO
from certtui.backend.base import Backend
from certtui.backend.factory import StoreOptions, open_backend
from certtui.clock import Clock
from certtui.model.audit import Actor
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.screens.account_page import AccountScreen
from certtui.screens.authority_form import field_name
from certtui.screens.order_page import OrderScreen
from tests.acme_dns import acme_dns
from tests.lab import CUSTOMER, Lab, lab
from tests.pebble import pebble
from tests.screens.desk import at_desk
from tests.screens.harness import text_of

pytestmark = pytest.mark.real("pebble", "named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    made = open_backend(StoreOptions(str(tmp_path / "store.db"), create=True), actor=Actor("ada"), clock=Clock())
    yield made
    made.close()


async def test_save_and_test_says_what_was_tried(server: Lab, backend: Backend) -> None:
    async with at_desk(backend, key="7", size=(100, 60)) as desk:
        await desk.press("a")
        await desk.fill(type="acme")
        names = {each.key: field_name("acme", each) for each in INFO.fields}
        texts = {names[key]: value for key, value in server.settings.items()}
        secrets = {names[key]: value.reveal().decode() for key, value in server.secrets.items()}
        await desk.fill(name="pebble", **texts, **secrets)
        await desk.press("ctrl+s")
        shown = text_of(desk.app)
        page = backend.authorities.get(1)
    for said in ("Everything that was looked at is in order.", "Records: A record was written", "Agreed: data:text"):
        assert said in shown
    assert page.row.test_ok
    assert page.settings["tech_zone"] == server.settings["tech_zone"]


async def test_with_acme_dns_the_form_asks_for_its_server_and_not_for_a_zone(server: Lab, backend: Backend) -> None:
    with acme_dns(server.dns) as names:
        async with at_desk(backend, key="7", size=(100, 60)) as desk:
            await desk.press("a")
            await desk.fill(type="acme")
            wanted = {**server.settings, "dns": "acme-dns", "acmedns_url": names.url}
            asked = ("server", "directory", "ca_file", "agree", "eab_kid", "dns", "acmedns_url", "resolvers")
            fields = {each.key: field_name("acme", each) for each in INFO.fields}
            texts = {fields[key]: wanted[key] for key in asked}
            eab = server.secrets["eab_key"].reveal().decode()
            await desk.fill(name="pebble", **texts, **{fields["eab_key"]: eab})
            form = text_of(desk.app)
            await desk.press("ctrl+s")
            shown = text_of(desk.app)
            page = backend.authorities.get(1)
    assert "Update server" not in form
    assert "Changed from" in form
    for said in ("Everything that was looked at is in order.", "acme-dns: ", "Records: A record was written and read"):
        assert said in shown
    assert page.row.test_ok
    assert not {"tech_zone", "dns_server", "tsig_name"} & set(page.settings)


async def test_an_order_shows_its_cnames_and_goes_on_when_they_are_there(server: Lab, backend: Backend) -> None:
    server.authority(backend)
    draft = backend.orders.save(OrderForm("pebble", SubjectFields(CUSTOMER), (f"DNS:{CUSTOMER}",)))
    order = backend.orders.submit(draft.id, draft.version)
    line = next(line for line in order.panel if line.label == "CNAME")
    async with at_desk(backend, key="2", size=(110, 40)) as desk:
        await desk.press("enter")
        assert isinstance(desk.app.screen, OrderScreen)
        shown = text_of(desk.app)
        assert "[waiting for DNS]" in shown
        assert line.text in shown
        assert "no such name" in shown
        name, _, target = line.text.partition(" → ")
        server.dns.put(CUSTOMER, name, "CNAME", target + ".")
        await desk.press("r")
        assert "[issued]" in text_of(desk.app)
        assert backend.orders.get(order.id).row.status is OrderStatus.COMPLETE


async def test_the_account_of_an_authority_and_its_end(server: Lab, backend: Backend) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    first = backend.accounts.get(1)
    async with at_desk(backend, key="7", size=(100, 40)) as desk:
        await desk.press("enter", "u")
        assert isinstance(desk.app.screen, AccountScreen)
        shown = text_of(desk.app)
        assert "It is open: orders are made by it." in shown
        assert first.url in shown
        await desk.press("n", "down", "enter")
        assert backend.accounts.get(1).key_type == "ec-384"
        assert "another key (ec-384)" in desk.notice
        await desk.press("l", "end", *"-x".replace("-", ","), "enter")
        assert "x" in desk.notice  # refused, with the address
        assert backend.accounts.get(1).contact == first.contact
        await desk.press("t")
        assert desk.notice == "The CA says that it is valid."
        await desk.press("m")
        assert desk.notice == "These are agreed to."
        await desk.press("x")
        assert "This can't be undone." in " ".join(text_of(desk.app).replace("│", " ").split())
        await desk.press(*"pebble", "enter")
        assert backend.accounts.get(1).status == "deactivated"
        shown = text_of(desk.app)
        assert "nothing can be ordered until another one is made on purpose" in shown
        await desk.press("n")
        assert desk.notice == "Another key: It is closed."
        await desk.press("a", "enter")
        assert backend.accounts.get(1).status == "valid"
        assert backend.accounts.get(1).url != first.url


async def test_an_order_is_tried_at_staging_before_it_is_sent(server: Lab, backend: Backend) -> None:
    with pebble(dns_port=server.dns.port) as stage:
        server.authority(backend, staging_directory=stage.url)
        backend.orders.save(OrderForm("pebble", SubjectFields(), (f"DNS:try.{CUSTOMER}",)))
        async with at_desk(backend, key="2", size=(110, 40)) as desk:
            await desk.press("enter", "s", "ctrl+t")
            shown = text_of(desk.app)
            assert "It would not go well." in shown
            assert f"!   CNAME: _acme-challenge.try.{CUSTOMER} leads nowhere yet" in shown
            name, _, target = next(
                line.text for line in backend.orders.preview(backend.orders.get(1).form).lines if line.label == "CNAME"
            ).partition(" → ")
            server.dns.put(CUSTOMER, name, "CNAME", target + ".")
            await desk.press("escape", "ctrl+t")
            assert "All of it went well, and nothing of it is kept." in text_of(desk.app)
            assert backend.orders.get(1).row.status is OrderStatus.DRAFT


async def test_by_hand_an_order_shows_what_to_make_and_copies_it(server: Lab, backend: Backend) -> None:
    server.authority(backend, proof="manual")
    draft = backend.orders.save(OrderForm("pebble", SubjectFields(), (f"DNS:hand.{CUSTOMER}",)))
    order = backend.orders.submit(draft.id, draft.version)
    (record,) = [line for line in order.panel if line.label == "TXT"]
    (value,) = [line.text for line in order.panel if line.label == "Value"]
    async with at_desk(backend, key="2") as desk:
        await desk.press("enter")
        shown = text_of(desk.app)
        for said in ("[waiting for DNS]", "Make this record, then leave", record.text, value, "no TXT record"):
            assert said in shown
        assert record.copy == f'_acme-challenge.hand.{CUSTOMER}. 60 IN TXT "{value}"'
        server.dns.put(CUSTOMER, record.text, "TXT", f'"{value}"')
        await desk.press("r")
        shown = text_of(desk.app)
        assert "[issued]" in shown
        assert "What was made for it by hand can go" in " ".join(
            step.text for step in backend.orders.get(order.id).steps
        )
