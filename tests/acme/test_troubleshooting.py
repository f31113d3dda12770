"""What people ask when an order by ACME does not come to an end, each answered by the console itself; named as they ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from certtui.backend.base import Backend
from certtui.model.order import OrderStatus
from certtui.screens.order_page import OrderScreen
from tests.acme.test_orders import backend, clock, delegate, left_behind, ordered, panel
from tests.bind import CUSTOMER, TECH, Bind, bind, records
from tests.journeys.command_line import certtui
from tests.lab import Lab, lab
from tests.pebble import pebble
from tests.screens.desk import at_desk
from tests.screens.harness import text_of

__all__ = ["backend", "clock"]
pytestmark = pytest.mark.real("pebble", "named")
SHOP = f"shop.{CUSTOMER}"
NAME = f"_acme-challenge.{SHOP}"


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


def profile(server: Lab) -> None:
    """The same by the command line."""
    settings = [word for key, value in server.settings.items() for word in ("--set", f"{key}={value}")]
    secrets = Path("secrets")
    secrets.mkdir(exist_ok=True)
    for name, secret in server.secrets.items():
        file = secrets / name
        file.write_bytes(secret.reveal())
        settings += ["--secret-file", f"{name}={file}"]
    certtui("authority", "add", "pebble", "--type", "acme", *settings)


def test_stuck_in_pending_cname_not_resolving_or_wrong_target_says_which_and_the_ttl(
    server: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile(server)
    certtui("order", "create", "--authority", "pebble", "--cn", SHOP, "--submit")
    shown = " ".join(certtui("order", "show", SHOP).out.split())
    assert "pending" in shown
    assert f"{NAME} leads nowhere yet: ns1.{CUSTOMER} (127.0.0.1) has no such name." in shown
    assert "Caches may keep that for 1 second." in shown
    assert "no such name (TTL 1 s)" in shown

    server.dns.put(CUSTOMER, NAME, "CNAME", f"other.{TECH}.", ttl=240)
    certtui("order", "look", SHOP)
    shown = " ".join(certtui("order", "show", SHOP).out.split())
    assert f"{NAME} leads to the wrong target: other.{TECH}, not to " in shown
    assert "Caches may keep that for 240 seconds." in shown
    assert f"ns1.{CUSTOMER} (127.0.0.1) CNAME other.{TECH} (TTL 240 s)" in shown
    server.dns.take(CUSTOMER, NAME)


async def test_stuck_in_pending_is_said_on_the_page_too(server: Lab, backend: Backend) -> None:
    server.authority(backend)
    server.dns.put(CUSTOMER, NAME, "CNAME", f"other.{TECH}.", ttl=240)
    ordered(backend, SHOP)  # type: ignore[arg-type]  # a local one
    async with at_desk(backend, key="2", size=(110, 40)) as desk:
        await desk.press("enter")
        assert isinstance(desk.app.screen, OrderScreen)
        shown = " ".join(text_of(desk.app).split())
    assert "leads to the wrong target" in shown
    assert f"CNAME other.{TECH} (TTL 240 s)" in shown
    server.dns.take(CUSTOMER, NAME)


def test_issuance_does_not_start_no_csr_yet(server: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    profile(server)
    created = certtui("order", "create", "--authority", "pebble", "--cn", SHOP)
    assert "No CSR yet" in created.err + created.out
    shown = " ".join(certtui("order", "show", SHOP).out.split())
    assert "draft" in shown
    assert "No CSR yet: generate it, or submit the order, which does both." in shown
    certtui("order", "generate", SHOP)
    shown = " ".join(certtui("order", "show", SHOP).out.split())
    assert "The CSR is made: submit it to pebble." in shown


def test_cname_there_but_not_active_the_cas_own_words_and_whether_the_tech_zone_is_publicly_resolvable(
    backend: Backend,
) -> None:
    """The CA asks a resolver that knows nothing of the tech zone; ours does."""
    with bind() as blind, lab() as server, pebble(dns_port=blind.port) as acme:
        server.authority(backend, directory=acme.url, ca_file=acme.ca_file, eab_kid="")
        delegate(server, backend, SHOP)  # type: ignore[arg-type]  # a local one
        order = ordered(backend, SHOP)  # type: ignore[arg-type]
        for _ in range(20):
            if not order.row.status.open:
                break
            order = backend.orders.look(order.id)
    assert order.row.status is OrderStatus.FAILED
    assert order.error is not None
    assert order.error.message == f"pebble could not prove control of {SHOP}."
    assert f'shop.{CUSTOMER}: Error retrieving TXT records for DNS challenge ("DNS lookup for' in order.error.words
    assert order.error.words.count("DNS lookup for") == 1
    assert order.error.hint == (
        f"{TECH} is resolvable through 127.0.0.1, and its name servers answer. That resolver is of this network: the CA may "
        "see less than it does. Test the authority, look at the CNAMEs, then send the order again."
    )
    assert order.next == order.error.hint
    assert left_behind(backend) == []  # type: ignore[arg-type]


@contextmanager
def hidden_tech_zone() -> Iterator[tuple[Bind, Bind]]:
    """Its parent does not delegate it: its server serves it and takes updates, and nobody who asks finds it."""
    parent = TECH.partition(".")[2]
    with bind({CUSTOMER: records(CUSTOMER), parent: records(parent)}) as world, bind({TECH: records(TECH)}) as hidden:
        yield world, hidden


def test_a_tech_zone_that_nobody_delegates_is_said_before_the_ca_is_asked(backend: Backend) -> None:
    with hidden_tech_zone() as (world, hidden), pebble(dns_port=world.port) as acme:
        server = Lab(acme, world, False)
        made = server.authority(backend, dns_server=hidden.setting)
        said = backend.authorities.test(made.row.id).lines[-1]
        assert (said.label, said.ok) == ("Tech zone", False)
        assert said.text == (
            f"{hidden.setting} serves {TECH}, but nobody finds it there: its parent zone tech.test does not delegate it. "
            f"Add NS records for {TECH} to tech.test."
        )
        delegate(server, backend, SHOP)  # type: ignore[arg-type]  # a local one
        order = ordered(backend, SHOP)  # type: ignore[arg-type]
        sentence = f"{NAME} is right, but {TECH} can't be found: its parent zone tech.test does not delegate it."
        assert order.row.status is OrderStatus.PENDING
        assert order.steps[-1].text == sentence
        assert panel(order, "Problem") == [sentence]
        assert panel(order, "To do") == []
        assert panel(order, "Zone file") == []
        assert panel(order, "Order at the CA") == []
