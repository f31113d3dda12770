"""The other ways to prove a name: each from an order to a certificate, by real Pebble and BIND, and what is refused before it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.errors import Invalid
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from tests.acme.test_orders import Ahead, backend, clock, dies_everywhere, left_behind, ordered, panel
from tests.lab import CUSTOMER, TECH, Lab, lab

pytestmark = pytest.mark.real("pebble", "named")
__all__ = ["backend", "clock"]


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


def complete(backend: LocalBackend, order_id: int) -> bool:
    return backend.orders.get(order_id).row.status is OrderStatus.COMPLETE


# -- dns ---------------------------------------------------------------------------------------------------------


def test_records_go_into_the_zone_of_each_name_and_where_a_cname_leads(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend, proof="dns")
    assert "tech_zone" not in authority.settings
    assert [line.label for line in backend.authorities.test(authority.row.id).lines] == [
        "Directory",
        "Terms",
        "Account",
    ]
    server.dns.put(CUSTOMER, f"_acme-challenge.led.{CUSTOMER}", "CNAME", f"elsewhere.{TECH}.")

    order = ordered(backend, CUSTOMER, f"*.{CUSTOMER}", f"led.{CUSTOMER}")
    assert complete(backend, order.id), order
    assert left_behind(backend) == []
    assert server.dns.texts(f"_acme-challenge.{CUSTOMER}") == server.dns.texts(f"elsewhere.{TECH}") == set()


def test_a_zone_that_is_named_is_tested_by_a_record_named_as_a_proof(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend, proof="dns", dns_zone=CUSTOMER)
    tested = backend.authorities.test(authority.row.id)
    assert tested.ok, tested.lines
    assert [line.label for line in tested.lines][-2:] == ["Zone", "Records"]


def test_a_name_that_leads_in_a_circle_is_said_before_the_ca_is_asked(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    server.authority(backend, proof="dns")
    here, there = f"_acme-challenge.round.{CUSTOMER}", f"there.{TECH}"
    server.dns.put(CUSTOMER, here, "CNAME", there + ".")
    server.dns.put(TECH, there, "CNAME", here + ".")
    order = ordered(backend, f"round.{CUSTOMER}")
    assert order.row.status is OrderStatus.PENDING
    (said,) = panel(order, "TXT")
    assert f"leads in a circle: {here} → {there} → {here}" in said
    assert panel(order, "Order at the CA") == []
    server.dns.take(TECH, there)
    clock.seconds = 40
    backend.work.run_due()
    assert complete(backend, order.id)


def test_records_of_the_own_zone_are_made_once_and_removed_wherever_it_dies(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, proof="dns")
    assert dies_everywhere(backend, clock, monkeypatch) >= 12


@pytest.mark.parametrize("proof", ["delegated", "dns"])
def test_an_address_is_not_proved_by_dns(server: Lab, backend: LocalBackend, proof: str) -> None:
    server.authority(backend, proof=proof)
    with pytest.raises(Invalid, match="an address, which has no DNS record") as met:
        backend.orders.preview(OrderForm("pebble", SubjectFields(), ("IP:127.0.0.1",)))
    assert met.value.field == "sans"
