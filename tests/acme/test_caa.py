"""CAA with a real BIND: the climb, aliases, servers that differ, and an order that waits until the record is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.authorities.acme import caa_order
from certtui.authorities.acme.caa import CaaRecord, Found
from certtui.authorities.acme.caa_look import find
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local.backend import LocalBackend
from certtui.model.audit import Actor
from certtui.model.order import OrderStatus
from tests.acme.test_orders import Ahead, delegate, ordered, panel
from tests.bind import CUSTOMER, TECH, Bind, also_at, bind, records
from tests.directory_front import Front, fronted
from tests.lab import Lab, lab

pytestmark = pytest.mark.real("pebble", "named")
CA = "ca.example.net"


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture(scope="module")
def front(server: Lab) -> Iterator[Front]:
    with fronted(server.acme, caaIdentities=[CA, "ca.example.org"]) as made:
        yield made


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def backend(tmp_path: Path, clock: Ahead) -> Iterator[LocalBackend]:
    made = open_backend(StoreOptions(str(tmp_path / "store.db"), create=True), actor=Actor("ada"), clock=clock)
    assert isinstance(made, LocalBackend)
    yield made
    made.close()


@pytest.fixture
def zone(server: Lab) -> Iterator[Bind]:
    yield server.dns
    for name in ("", "a.", "b.a.", "alias.", "tree.", "loop1.", "loop2."):
        for kind in ("CAA", "CNAME", "DNAME"):
            server.dns.take(CUSTOMER, name + CUSTOMER, kind)


def issue(value: str) -> CaaRecord:
    return CaaRecord(0, "issue", value.encode())


def test_the_closest_name_with_records_speaks(zone: Bind) -> None:
    name = f"c.b.a.{CUSTOMER}"
    assert find(zone.resolver, [name])[name] == (Found("test"),)
    zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue "apex.example"', '0 iodef "mailto:ops@example.test"')
    found = find(zone.resolver, [name, f"*.{CUSTOMER}", f"www.{CUSTOMER}"])
    apex = (Found(CUSTOMER, (CaaRecord(0, "iodef", b"mailto:ops@example.test"), issue("apex.example"))),)
    assert list(found.values()) == [apex] * 3
    zone.put(CUSTOMER, f"a.{CUSTOMER}", "CAA", '0 issue ";"')
    assert find(zone.resolver, [name])[name] == (Found(f"a.{CUSTOMER}", (issue(";"),)),)


def test_aliases_are_followed_and_the_climb_goes_on_at_the_name_itself(zone: Bind) -> None:
    name = f"x.alias.{CUSTOMER}"
    zone.put(TECH, f"target.{TECH}", "CAA", '0 issue "target.example"')
    zone.put(TECH, TECH, "CAA", '0 issue "parent.of.the.target"')
    try:
        zone.put(CUSTOMER, f"alias.{CUSTOMER}", "CNAME", f"target.{TECH}.")
        assert find(zone.resolver, [name])[name] == (
            Found(f"target.{TECH}", (issue("target.example"),), f"alias.{CUSTOMER}"),
        )
        # Nothing at the target: what stands above the target does not count, what stands above the name does.
        zone.take(TECH, f"target.{TECH}", "CAA")
        zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue "apex.example"')
        assert find(zone.resolver, [name])[name] == (Found(CUSTOMER, (issue("apex.example"),)),)
        zone.put(CUSTOMER, f"tree.{CUSTOMER}", "DNAME", f"{TECH}.")
        zone.put(TECH, f"leaf.{TECH}", "CAA", '0 issue "leaf.example"')
        name = f"leaf.tree.{CUSTOMER}"
        assert find(zone.resolver, [name])[name] == (Found(f"leaf.{TECH}", (issue("leaf.example"),), name),)
    finally:
        for each in (f"target.{TECH}", TECH, f"leaf.{TECH}"):
            zone.take(TECH, each, "CAA")


def test_what_can_not_be_looked_up_is_a_sentence_and_no_leave(zone: Bind) -> None:
    zone.put(CUSTOMER, f"loop1.{CUSTOMER}", "CNAME", f"loop2.{CUSTOMER}.")
    zone.put(CUSTOMER, f"loop2.{CUSTOMER}", "CNAME", f"loop1.{CUSTOMER}.")
    name = f"loop1.{CUSTOMER}"
    said = find(zone.resolver, [name])[name]
    assert isinstance(said, str)
    assert said.startswith(f"CAA records of {name} can't be looked up, and a CA that can't either refuses. ")
    # Delegated to a server that does not serve it.
    zone.put(CUSTOMER, f"dead.{CUSTOMER}", "NS", f"ns1.{CUSTOMER}.")
    said = find(zone.resolver, [f"x.dead.{CUSTOMER}"])[f"x.dead.{CUSTOMER}"]
    zone.take(CUSTOMER, f"dead.{CUSTOMER}", "NS")
    assert isinstance(said, str)
    assert "127.0.0.1: SERVFAIL" in said


def test_servers_that_differ_are_both_heard() -> None:
    both = {"ns1": "127.0.0.1", "ns2": "127.0.0.2"}
    old = records(CUSTOMER, '@ IN CAA 0 issue "old.example"', servers=both)
    with (
        bind({CUSTOMER: records(CUSTOMER, servers=both)}) as first,
        bind({CUSTOMER: old}, recursive=False) as second,
        also_at("127.0.0.2", first.port, second),
    ):
        found = find(first.resolver, [CUSTOMER])[CUSTOMER]
    assert found == (Found(CUSTOMER), Found(CUSTOMER, (issue("old.example"),)))


def test_an_order_waits_for_caa_says_which_record_and_goes_on_when_it_is_mended(
    server: Lab, front: Front, zone: Bind, backend: LocalBackend, clock: Ahead
) -> None:
    authority = server.authority(backend, directory=front.url)
    tested = backend.authorities.test(authority.row.id)
    assert f"In CAA records it is {CA} or ca.example.org." in tested.lines[0].text
    zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue "digicert.com"', '0 issuewild ";"')
    order = ordered(backend, f"a.{CUSTOMER}", f"*.a.{CUSTOMER}")
    assert order.row.status is OrderStatus.PENDING
    assert f"leads nowhere yet: ns1.{CUSTOMER}" in order.steps[-1].text  # both are said, and both can be mended at once
    assert f'{CUSTOMER} CAA 0 issuewild ";" forbids every CA to issue for *.a.{CUSTOMER}.' in order.steps[-1].text

    assert [line.label for line in order.panel[:5]] == ["CAA", "Allowed by", "CAA", "Allowed by", "To do"]

    delegate(server, backend, f"a.{CUSTOMER}")
    order = backend.orders.look(order.id)
    assert panel(order, "CAA") == [
        f'{CUSTOMER} CAA 0 issuewild ";" forbids every CA to issue for *.a.{CUSTOMER}.',
        f'{CUSTOMER} CAA 0 issue "digicert.com" forbids {CA} to issue for a.{CUSTOMER}.',
    ]
    assert [line.copy for line in order.panel if line.label == "Allowed by"] == [
        f'{CUSTOMER}. 300 IN CAA 0 issuewild "{CA}"',
        f'{CUSTOMER}. 300 IN CAA 0 issue "{CA}"',
    ]
    # As it is written there, and nothing else: for this account, by this proof.
    account = next(line.text for line in backend.authorities.get(authority.row.id).panel if line.label == "Account")
    one = f'0 issue "{CA}; accounturi={account}; validationmethods=dns-01"'
    zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue "digicert.com"', '0 issuewild ";"', one)
    assert len(panel(backend.orders.look(order.id), "CAA")) == 1
    zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue "digicert.com"', f'0 issuewild "{CA}"', one)
    clock.seconds = 4_000
    assert backend.work.run_due().problems == ()
    order = backend.orders.get(order.id)
    assert order.row.status is OrderStatus.COMPLETE, order
    assert panel(order, "CAA") == []


def test_an_order_waits_where_caa_can_not_be_looked_up(
    server: Lab, front: Front, zone: Bind, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, directory=front.url)
    delegate(server, backend, f"c.{CUSTOMER}")
    said = f"CAA records of c.{CUSTOMER} can't be looked up, and a CA that can't either refuses."
    with monkeypatch.context() as patch:
        patch.setattr(caa_order, "find", lambda _resolver, names: dict.fromkeys(names, said))
        order = ordered(backend, f"c.{CUSTOMER}")
    assert (order.row.status, panel(order, "CAA")) == (OrderStatus.PENDING, [said])
    assert order.looks_at is not None
    assert backend.orders.look(order.id).row.status is OrderStatus.COMPLETE


def test_a_profile_may_ignore_caa_and_a_ca_without_identities_is_not_looked_for(
    server: Lab, front: Front, zone: Bind, backend: LocalBackend
) -> None:
    zone.put(CUSTOMER, CUSTOMER, "CAA", '0 issue ";"')
    server.authority(backend, "lax", directory=front.url, caa="ignore")
    server.authority(backend, "unnamed")
    waiting = ordered(backend, f"b.{CUSTOMER}", authority="unnamed")
    assert panel(waiting, "CAA") == [
        "It is not looked at: the CA's directory does not say what it calls itself in CAA records."
    ]
    delegate(server, backend, f"b.{CUSTOMER}", authority="lax")
    assert ordered(backend, f"b.{CUSTOMER}", authority="lax").row.status is OrderStatus.COMPLETE
    assert backend.orders.look(waiting.id).row.status is OrderStatus.COMPLETE
