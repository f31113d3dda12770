"""Whole journeys at acme2certifier: a second server, by other people, that reads RFC 8555 in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from certtui.authorities.acme import accounts, orders
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.connection import Connection, Reply
from certtui.authorities.acme.jose import AccountKey, new_key
from certtui.authorities.acme.problems import AcmeError
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Unreachable
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.revocation import RevocationForm, RevocationReason
from tests.acme.test_orders import Ahead, backend, clock, delegate, left_behind, ordered
from tests.acme2certifier import Acme2Certifier, acme2certifier
from tests.bind import CUSTOMER, bind
from tests.lab import Lab

__all__ = ["backend", "clock"]  # fixtures
pytestmark = pytest.mark.real("named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with bind() as dns, acme2certifier(dns.port) as acme:
        yield Lab(acme, dns, external=False)


def test_from_a_name_to_a_certificate_and_its_end(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    authority = server.authority(backend)
    test = backend.authorities.test(authority.row.id)
    assert test.ok, test.lines
    names = (CUSTOMER, f"www.{CUSTOMER}", f"*.{CUSTOMER}")
    order = ordered(backend, *names)
    assert order.row.status is OrderStatus.PENDING
    delegate(server, backend, *names)
    clock.seconds = 40
    report = backend.work.run_due()
    assert report.problems == ()
    order = backend.orders.get(order.id)
    assert order.row.status is OrderStatus.COMPLETE, order
    assert left_behind(backend) == []
    page = backend.certificates.get(order.row.certificate_id or 0)
    assert page.x509 is not None
    assert set(page.x509.sans) == {f"DNS:{name}" for name in names}
    backend.certificates.revoke(
        page.id, page.version, RevocationForm(page.x509.serial_number, RevocationReason.SUPERSEDED)
    )
    backend.work.run_due()
    assert isinstance(server.acme, Acme2Certifier)
    assert int(page.x509.serial_number, 16) in server.acme.revoked


def test_an_order_whose_answer_was_lost_is_asked_for_again(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This server names a list of orders and has none: what was lost there runs out, and the certificate is made once."""
    server.authority(backend)
    delegate(server, backend, f"lost.{CUSTOMER}")
    real = Connection.post

    def lost(self: Connection, url: str, *args: Any, **more: Any) -> Reply:  # Any: as Connection.post has them
        reply = real(self, url, *args, **more)
        if url == self.directory.new_order:
            raise Unreachable("The line went dead.")
        return reply

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "post", lost)
        order = ordered(backend, f"lost.{CUSTOMER}")
    assert order.row.status is OrderStatus.PROCESSING
    clock.seconds = 400
    assert backend.work.run_due().problems == ()
    assert backend.orders.get(order.id).row.status is OrderStatus.COMPLETE
    assert left_behind(backend) == []


def test_a_name_whose_record_it_does_not_find_fails_without_a_reason_of_its_own(
    server: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend)
    delegate(server, backend, f"blind.{CUSTOMER}")
    monkeypatch.setattr(AccountKey, "dns_value", lambda *_: "something-else")
    order = ordered(backend, f"blind.{CUSTOMER}")
    assert order.row.status is OrderStatus.FAILED
    assert order.error is not None
    assert order.error.message == f"pebble could not prove control of blind.{CUSTOMER}."
    assert order.error.words == f"blind.{CUSTOMER}: invalid, and it does not say why"
    assert left_behind(backend) == []


def test_it_is_renewed_within_the_servers_window(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    server.authority(backend)
    delegate(server, backend, f"ari.{CUSTOMER}")
    form = OrderForm("pebble", SubjectFields(f"ari.{CUSTOMER}"), (f"DNS:ari.{CUSTOMER}",), auto_renew_days=7)
    draft = backend.orders.save(form)
    old = backend.certificates.get(backend.orders.submit(draft.id, draft.version).row.certificate_id or 0)
    assert old.x509 is not None
    assert backend.renewals.run_due().orders == ()
    ca = authority_of(backend._store, 1)
    assert isinstance(ca, AcmeCa)
    wish = ca.window(old.x509)
    assert wish is not None
    clock.seconds = int((wish.end - timedelta(hours=1) - clock.now()).total_seconds())
    (order_id,) = backend.renewals.run_due().orders
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE, backend.orders.get(order_id)
    assert wish.start < old.x509.not_after - timedelta(days=8)


def test_an_account_is_found_changed_given_another_key_and_closed(server: Lab) -> None:
    with Connection(server.acme.url, ca_file=server.acme.ca_file) as connection:
        key = AccountKey(new_key("rsa-2048"))
        made = accounts.create(connection, key, accounts.mailto(["ops@example.test"]))
        session = Session(connection, key, made.url)
        assert accounts.create(connection, key, accounts.mailto(["ops@example.test"])).url == made.url
        found = accounts.find(connection, key)
        assert found is not None
        assert found.url == made.url
        assert accounts.find(connection, AccountKey(new_key())) is None
        changed = accounts.set_contact(session, accounts.mailto(["new@example.test"]))
        assert changed.contact == ("mailto:new@example.test",)
        rolled = accounts.roll_over(session, AccountKey(new_key()))
        assert accounts.get(rolled).status == "valid"
        accounts.deactivate(rolled)
        with pytest.raises(AcmeError):
            orders.new(rolled, orders.identifiers([f"DNS:{CUSTOMER}"]))
