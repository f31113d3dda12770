"""What only some servers have: renewal information and profiles, with every Pebble there is; reused proofs with the newest."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta

import pytest

from certtui.authorities.acme.authority import AcmeCa
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.model.certificate import Certificate
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from tests.acme.test_orders import Ahead, backend, clock, delegate, left_behind, ordered
from tests.acme.test_renewals import lines
from tests.lab import CUSTOMER, Lab, lab
from tests.pebble import NEWEST, VERSIONS

__all__ = ["backend", "clock"]  # fixtures
pytestmark = pytest.mark.real("pebble", "named")
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with lab(program=VERSIONS[request.param]) as made:
        yield made


def issued(backend: LocalBackend, name: str) -> Certificate:
    form = OrderForm("pebble", SubjectFields(name), (f"DNS:{name}",), auto_renew_days=30)
    draft = backend.orders.save(form)
    order = backend.orders.submit(draft.id, draft.version)
    assert order.row.status is OrderStatus.COMPLETE, order.steps
    return backend.certificates.get(order.row.certificate_id or 0)


def test_the_window_that_the_server_names_is_renewed_in(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    """Without ARI the days before the end count."""
    server.authority(backend)
    delegate(server, backend, f"ari.{CUSTOMER}")
    old = issued(backend, f"ari.{CUSTOMER}")
    assert old.x509 is not None
    assert backend.renewals.run_due().orders == ()
    directory = server.acme.directory
    meta = directory["meta"]
    assert isinstance(meta, dict)
    if "profiles" in meta:  # the one that can be told what to wish
        server.acme.wish(ssl.DER_cert_to_PEM_cert(old.x509.der).encode(), clock.now() - 2 * DAY, clock.now() - DAY)
        clock.seconds += 86_401
        why = "Its CA suggests to renew it from "
    else:
        clock.seconds += int((old.x509.not_after - clock.now() - 10 * DAY).total_seconds())
        why = ""
    (order_id,) = backend.renewals.run_due().orders
    order = backend.orders.get(order_id)
    assert order.row.status is OrderStatus.COMPLETE, order
    told = lines(backend.certificates.get(old.id), "Decided")
    assert why in " ".join(told)
    assert ("(ARI)" in " ".join(told)) == ("renewalInfo" in directory)
    assert backend.renewals.run_due().orders == ()


def test_a_profile_makes_a_certificate_of_its_kind(server: Lab, backend: LocalBackend) -> None:
    meta = server.acme.directory["meta"]
    assert isinstance(meta, dict)
    authority = server.authority(backend, profile="shortlived")
    tested = backend.authorities.test(authority.row.id).lines[0]
    delegate(server, backend, f"short.{CUSTOMER}")
    if "profiles" not in meta:
        # Said by the test; a server that knows no profiles ignores that one is asked for.
        assert (tested.ok, "no ACME profile “shortlived”" in tested.text) == (False, True)
        return
    assert tested.ok
    page = issued(backend, f"short.{CUSTOMER}")
    assert page.x509 is not None
    assert page.x509.not_after - page.x509.not_before <= 6 * DAY


@pytest.fixture(scope="module")
def reusing() -> Iterator[Lab]:
    with lab(reuse_authorizations=100, program=NEWEST) as made:
        yield made


def test_names_that_the_server_holds_proved_need_no_record(
    reusing: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that is ready when it is made; one of which a name is new; the wildcard, whose proof is its own."""
    reusing.authority(backend)
    delegate(reusing, backend, CUSTOMER, f"www.{CUSTOMER}")
    ca = authority_of(backend._store, 1)
    assert isinstance(ca, AcmeCa)
    written: list[int] = []
    plant = type(ca.books).plant
    monkeypatch.setattr(type(ca.books), "plant", lambda *args: (written.append(len(args[2])), plant(*args))[1])
    for names, records in (
        ((CUSTOMER,), 1),
        ((CUSTOMER,), 0),
        ((CUSTOMER, f"www.{CUSTOMER}", f"*.{CUSTOMER}"), 2),
        ((CUSTOMER, f"www.{CUSTOMER}", f"*.{CUSTOMER}"), 0),
    ):
        written.clear()
        order = ordered(backend, *names)
        assert order.row.status is OrderStatus.COMPLETE, order
        assert sum(written) == records, names
    assert left_behind(backend) == []
