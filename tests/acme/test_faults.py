"""An order through a network that spoils every request in every way: one certificate, one order, one account, nothing left.

The answer that never arrives is tried on every request of an order, every other fault on some; with CERTTUI_FAULTS=all every
fault is tried on every request.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from certtui.authorities.acme import advance, connections
from certtui.authorities.acme import orders as server_orders
from certtui.authorities.acme.authority import AcmeCa
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.model.order import Order, OrderStatus
from tests.acme.test_orders import Ahead, delegate, left_behind, opened, ordered, panel
from tests.acme_faults import DANGEROUS, FAULTS, HARMLESS, PASS, Faults, faults_before
from tests.lab import CUSTOMER, Lab, lab

pytestmark = pytest.mark.real("pebble", "named")

STEPS = (
    ("/dir", 0),
    ("nonce-plz", 0),
    ("sign-me-up", 0),
    ("order-plz", 0),
    ("authZ", 0),
    ("chalZ", 0),
    ("my-order", 0),
    ("finalize-order", 0),
    ("my-order", 1),
    ("certZ", 0),
)
"""The requests of an order, by what their paths hold, and how many like it come before."""


def cases() -> list[tuple[str, str, int]]:
    every = [(fault, on, after) for fault in FAULTS for on, after in STEPS]
    if os.environ.get("CERTTUI_FAULTS") == "all":
        return every
    drawn = random.Random(1)
    chosen = [each for each in every if each[0] == "drop-answer"]
    for fault in FAULTS:
        if fault != "drop-answer":
            chosen += drawn.sample([each for each in every if each[0] == fault], 4 if fault in DANGEROUS else 1)
    return chosen


class Road:
    """One store, one laboratory, and the proxy between; each order has a profile, and so an account, of its own."""

    def __init__(self, server: Lab, faults: Faults, backend: LocalBackend, clock: Ahead) -> None:
        self.server, self.faults, self.backend, self.clock = server, faults, backend, clock
        self._numbers = count()

    def order(self) -> tuple[Order, AcmeCa]:
        """Send an order for a new name by a new account, everything asked anew."""
        number = next(self._numbers)
        name, profile = f"f{number}.{CUSTOMER}", f"p{number}"
        connections._open.clear()
        authority = self.server.authority(self.backend, profile, directory=self.faults.url)
        delegate(self.server, self.backend, name, authority=profile)
        order = ordered(self.backend, name, authority=profile)
        ca = authority_of(self.backend._store, self.backend.authorities.resolve(profile))
        assert isinstance(ca, AcmeCa)
        assert authority.row.name == profile
        return order, ca

    def brought_to_its_end(self, order: Order) -> tuple[Order, list[str]]:
        """Let a worker come again and again; what went wrong meanwhile."""
        said = [order.steps[-1].text] if order.row.status is not OrderStatus.COMPLETE else []
        for _ in range(40):
            if not order.row.status.open:
                break
            self.clock.seconds += 3_700
            said += self.backend.work.run_due().problems
            order = self.backend.orders.get(order.id)
            said += panel(order, "Now")
        return order, said

    def one_of_each(self, order: Order, ca: AcmeCa) -> None:
        """One order at the CA, made by one account; no record, neither in the store nor in the zone."""
        self.faults.sequence(())
        session = ca.session()
        made = [server_orders.fetch(session, url) for url in server_orders.listed(session)]
        assert [(each.status, each.identifiers[0].value) for each in made] == [("valid", order.row.name)]
        assert len({each.jwk for each in self.faults.seen if each.jwk}) == 1
        assert left_behind(self.backend) == []
        (delegation,) = ca.delegations([f"DNS:{order.row.name}"])
        assert self.server.dns.texts(delegation.target) == set()


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    clock = Ahead()
    quick = {"retryAfter": {"authz": 0, "order": 0}}
    with lab(external_accounts=False, reject_nonces=0, settings=quick) as server, faults_before(server.acme) as faults:
        backend = opened(tmp_path_factory.mktemp("road"), clock)
        yield Road(server, faults, backend, clock)
        backend.close()


@pytest.fixture(autouse=True)
def fresh(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    road.faults.reset()
    monkeypatch.setattr(advance, "_FIRST_PAUSE", 0.003)


@pytest.mark.parametrize(("fault", "on", "after"), cases())
def test_one_request_is_spoilt(road: Road, fault: str, on: str, after: int) -> None:
    road.faults.plan(fault, on, after=after)
    order, ca = road.order()
    at_once = order.row.status is OrderStatus.COMPLETE
    order, said = road.brought_to_its_end(order)
    assert order.row.status is OrderStatus.COMPLETE, (order.steps, order.error, said)
    assert road.faults.waiting == 0 or (on, after) == ("my-order", 1), "the request did not come"
    assert at_once or fault not in HARMLESS or (fault, on) == ("bad-nonce-text", "nonce-plz"), said
    road.one_of_each(order, ca)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.sampled_from([PASS, PASS, PASS, *FAULTS]), min_size=4, max_size=24))
@example(list(FAULTS))
@example(["drop-answer", PASS] * 12)
@example(["portal-after", "stale-nonce"] * 8)
def test_many_requests_are_spoilt(road: Road, sequence: list[str]) -> None:
    road.faults.reset()
    road.faults.sequence(sequence)
    order, ca = road.order()
    order, said = road.brought_to_its_end(order)
    assert order.row.status is OrderStatus.COMPLETE, (order.steps, order.error, said)
    road.one_of_each(order, ca)
