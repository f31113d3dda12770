"""Renewal by ACME, unattended: once, by whoever comes first; with the CA's own wish where it has one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.base import Wish
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Conflict
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.certificate import Certificate
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from tests.acme.test_orders import Ahead, delegate
from tests.backend.entries import resource
from tests.lab import CUSTOMER, Lab, lab

pytestmark = pytest.mark.real("pebble", "named")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def backend(tmp_path: Path, clock: Ahead) -> Iterator[LocalBackend]:
    made = _opened(tmp_path, clock)
    yield made
    made.close()


def _opened(folder: Path, clock: Ahead) -> LocalBackend:
    made = open_backend(StoreOptions(str(folder / "store.db"), create=True), actor=Actor("ada"), clock=clock)
    assert isinstance(made, LocalBackend)
    return made


def issued(server: Lab, backend: LocalBackend, name: str = f"shop.{CUSTOMER}", days: int = 30) -> Certificate:
    """A certificate that renews itself so many days before its end."""
    server.authority(backend)
    delegate(server, backend, name)
    form = OrderForm("pebble", SubjectFields(name), (f"DNS:{name}",), auto_renew_days=days)
    draft = backend.orders.save(form)
    order = backend.orders.submit(draft.id, draft.version)
    assert order.row.status is OrderStatus.COMPLETE, order.steps
    assert order.row.certificate_id is not None
    return backend.certificates.get(order.row.certificate_id)


def lines(page: Certificate, label: str) -> list[str]:
    return [line.text for line in page.panel if line.label == label]


def move_to(clock: Ahead, instant: datetime) -> None:
    clock.seconds += int((instant - clock.now()).total_seconds())


def test_it_is_renewed_once_when_its_time_has_come(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    old = issued(server, backend)
    assert old.x509 is not None
    assert backend.renewals.due() == ()
    assert backend.renewals.run_due().orders == ()
    move_to(clock, old.x509.not_after - 30 * DAY + timedelta(minutes=1))
    (foreseen,) = backend.renewals.due()
    assert (foreseen.certificate_id, foreseen.blocked) == (old.id, "")
    # A newer Pebble has a wish of its own, which comes first.
    assert foreseen.why in ("30 days before it expires.", "Within the time that its CA suggests (ARI).")
    assert lines(backend.certificates.get(old.id), "Renewal")[0].startswith("due since ")

    report = backend.renewals.run_due()
    assert report.problems == ()
    (order_id,) = report.orders
    order = backend.orders.get(order_id)
    assert order.row.status is OrderStatus.COMPLETE
    new = backend.certificates.get(order.row.certificate_id or 0)
    assert new.x509 is not None
    assert new.x509.sans == old.x509.sans
    assert new.x509.spki_sha256 != old.x509.spki_sha256
    assert (new.row.name, new.auto_renew_days, new.authority) == (old.row.name, 30, "pebble")
    assert [(each.relation, each.id) for each in new.lineage if each.id == old.id]

    # A second run has nothing to do, nor has the worker.
    assert backend.renewals.run_due().orders == ()
    assert "renewals" not in backend.work.run_due().done
    told = lines(backend.certificates.get(old.id), "Decided")
    assert told[-1].endswith(f"{foreseen.why} Order {order_id} renews it: it is complete.")


def test_two_at_the_same_time_renew_it_once(server: Lab, backend: LocalBackend, clock: Ahead, tmp_path: Path) -> None:
    old = issued(server, backend)
    assert old.x509 is not None
    move_to(clock, old.x509.not_after - 20 * DAY)
    others = [_opened(tmp_path, clock) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda each: each.renewals.run_due(), [backend, *others]))
    for each in others:
        each.close()
    assert {order for report in reports for order in report.orders} == {2}
    assert backend.orders.overview().counts["complete"] == 2


def test_a_renewal_whose_cname_is_gone_waits_and_is_not_ordered_again(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    name = f"broken.{CUSTOMER}"
    old = issued(server, backend, name)
    assert old.x509 is not None
    server.dns.take(CUSTOMER, f"_acme-challenge.{name}")
    move_to(clock, old.x509.not_after - 20 * DAY)
    (order_id,) = backend.renewals.run_due().orders
    assert backend.orders.get(order_id).row.status is OrderStatus.PENDING
    assert backend.renewals.run_due().orders == ()
    page = backend.certificates.get(old.id)
    assert lines(page, "Now") == [f"Its renewal is under way: order {order_id} is pending."]
    delegate(server, backend, name)
    clock.seconds += 3_700
    backend.work.run_due()
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE


def test_a_renewal_that_fails_is_tried_again_later_and_says_why(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    old = issued(server, backend, f"later.{CUSTOMER}")
    assert old.x509 is not None
    move_to(clock, old.x509.not_after - 20 * DAY)
    authority = backend.authorities.get(1)
    edited = backend.authorities.edit(1, authority.row.version, AuthorityForm(settings={"agree": "no"}))
    (problem,) = backend.renewals.run_due().problems
    assert "Nobody has agreed to the terms" in problem
    assert backend.renewals.run_due().problems == ()  # not before an hour is over
    (due,) = backend.renewals.due()
    assert due.try_at is not None
    assert due.try_at - clock.now() == timedelta(hours=1)
    assert "Nobody has agreed" in lines(backend.certificates.get(old.id), "Now")[0]
    backend.alerts.sweep()
    details = [row.detail for row in backend.alerts.search(Query("kind:renewal_blocked")).rows(0, 5)]
    assert ["Nobody has agreed" in each for each in details] == [True]
    backend.authorities.edit(1, edited.row.version, AuthorityForm(settings={"agree": "yes"}))
    clock.seconds += 3_601
    assert len(backend.renewals.run_due().orders) == 1
    assert backend.renewals.due() == ()


def test_a_disabled_authority_stands_in_the_way_and_is_named(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    old = issued(server, backend, f"off.{CUSTOMER}")
    assert old.x509 is not None
    authority = backend.authorities.get(1)
    backend.authorities.edit(1, authority.row.version, AuthorityForm(enabled=False))
    move_to(clock, old.x509.not_after - 20 * DAY)
    assert backend.renewals.run_due().problems == (f"off.{CUSTOMER}: pebble is disabled.",)
    assert lines(backend.certificates.get(old.id), "Decided")[-1].endswith(
        "It is due, and not renewed: pebble is disabled."
    )


def test_the_cas_own_wish_comes_first(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window in the past means now; it is asked for again as the CA says."""
    old = issued(server, backend, f"ari.{CUSTOMER}")
    assert old.x509 is not None
    now = clock.now()
    asked = []

    def window(ca: AcmeCa, leaf: object) -> Wish:
        asked.append(leaf)
        return Wish(
            now - 3 * DAY, now - 2 * DAY, now - 2 * DAY - timedelta(hours=1), now + DAY, "https://ca.example/why"
        )

    monkeypatch.setattr(AcmeCa, "window", window)
    (order_id,) = backend.renewals.run_due().orders
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE
    told = lines(backend.certificates.get(old.id), "Decided")
    assert told[0].split(" ", 2)[2].startswith("Its CA suggests to renew it from ")
    assert "(ARI). See https://ca.example/why" in told[1]
    # The new one is asked about once, and has a day of peace whatever its CA says.
    assert backend.renewals.run_due().orders == ()
    assert backend.renewals.run_due().orders == ()
    assert len(asked) == 2


def test_a_person_renews_before_the_time_and_resources_go_along(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    old = issued(server, backend, f"hand.{CUSTOMER}")
    old = backend.resources.associate(old.id, [resource(backend).row.id])
    order = backend.certificates.renew(old.id, old.version)
    assert order.row.status is OrderStatus.COMPLETE
    new = backend.certificates.get(order.row.certificate_id or 0)
    assert [each.name for each in new.resources] == ["lb-west"]
    assert backend.certificates.get(old.id).resources == ()
    with pytest.raises(Conflict):
        backend.certificates.renew(old.id, old.version - 1)


def test_the_worker_renews_several_in_one_round(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    first = issued(server, backend, f"w0.{CUSTOMER}")
    assert first.x509 is not None
    for number in range(1, 4):
        name = f"w{number}.{CUSTOMER}"
        delegate(server, backend, name)
        form = OrderForm("pebble", SubjectFields(name), (f"DNS:{name}",), auto_renew_days=30)
        draft = backend.orders.save(form)
        assert backend.orders.submit(draft.id, draft.version).row.status is OrderStatus.COMPLETE
    move_to(clock, first.x509.not_after - 20 * DAY)
    done = backend.work.run_due().done
    assert (done["renewals"], done["orders"]) == (4, 4)
    assert backend.orders.overview().counts["complete"] == 8
    assert "renewals" not in backend.work.run_due().done
