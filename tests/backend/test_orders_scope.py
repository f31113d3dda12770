"""Orders and profiles as somebody sees and makes them who came in over a server, with a role and a scope."""

from __future__ import annotations

import pytest

from certtui.backend.base import Backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit, Labels
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from tests.backend.entries import added
from tests.backend.issuing import complete, csr, external_authority, form, local_authority, pending, saved, signed

PAY = Access(Role.OPERATOR, groups=("pay",))
EXAMPLE = Access(Role.OPERATOR, domains=("example.com",))
VIEWER = Access(Role.VIEWER)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def whole(request: pytest.FixtureRequest) -> LocalBackend:
    """A store without limits, on either database, with both kinds of profiles."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    opened = request.getfixturevalue(name).open(create=True)
    local_authority(opened)
    external_authority(opened)
    return opened


def seen_by(whole: LocalBackend, access: Access, credential: str = "token 3") -> Backend:
    return whole.acting(Identity(Actor("carol", credential=credential), access), via="api")


def ids(backend: Backend) -> set[int]:
    return {row.id for row in backend.orders.search(Query()).rows(0, 50)}


def test_an_order_by_a_token_says_so_and_is_issued_by_a_ca_outside_of_the_scope(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    order = complete(view)
    assert (order.row.status, order.row.requester_kind, order.row.requester) == (OrderStatus.COMPLETE, "token", "carol")
    assert order.row.business_group == "pay"
    assert view.certificates.get(order.row.certificate_id).row.business_group == "pay"
    assert [line.text for line in pending(view, "b.example.com").panel if line.label == "Issuing CA"] == ["Issuing"]


def test_others_orders_are_neither_seen_nor_counted_nor_touched(whole: LocalBackend) -> None:
    theirs = saved(whole, labels=Labels(business_group="ops"))
    view = seen_by(whole, PAY)
    mine = saved(view, "b.example.com")
    assert ids(view) == {mine.id}
    assert sum(view.orders.overview().counts.values()) == 1
    for act in (
        lambda: view.orders.get(theirs.id),
        lambda: view.orders.resolve(theirs.row.name),
        lambda: view.orders.edit(theirs.id, theirs.version, theirs.form),
        lambda: view.orders.generate(theirs.id, theirs.version),
        lambda: view.orders.submit(theirs.id, theirs.version),
        lambda: view.orders.cancel(theirs.id, theirs.version),
        lambda: view.orders.look(theirs.id),
        lambda: view.orders.send_again(theirs.id, theirs.version, theirs.form),
    ):
        with pytest.raises(NotFound):
            act()
    assert whole.orders.get(theirs.id) == theirs


def test_a_group_or_a_domain_outside_the_scope_is_denied(whole: LocalBackend) -> None:
    with pytest.raises(Denied):
        saved(seen_by(whole, PAY), labels=Labels(business_group="ops"))
    view = seen_by(whole, EXAMPLE)
    with pytest.raises(Denied):
        saved(view, "www.example.org")
    order = saved(view, "www.example.com")
    with pytest.raises(Denied):
        view.orders.edit(order.id, order.version, form("www.example.com", sans=("www.example.org",)))
    with pytest.raises(Denied):
        view.orders.save(OrderForm(authority="internal", csr=csr("www.example.com", "www.example.org")))
    problems = view.orders.preview(form("www.example.org")).problems
    assert any("outside your domains" in problem for problem in problems)


def test_a_renewal_of_somebody_elses_certificate_is_refused(whole: LocalBackend) -> None:
    old = added(whole, business_group="ops")
    with pytest.raises(Invalid) as refused:
        saved(seen_by(whole, PAY), renews_id=old.id)
    assert refused.value.field == "renews_id"


def test_an_order_follows_its_entry_into_another_group(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    order = saved(view)
    entry = whole.certificates.get(order.row.certificate_id)
    whole.certificates.edit(entry.id, entry.version, CertificateEdit(business_group="ops"))
    assert ids(view) == set()
    with pytest.raises(NotFound):
        view.orders.get(order.id)


def test_a_reference_and_a_key_of_somebody_else_are_conflicts_that_tell_nothing(whole: LocalBackend) -> None:
    theirs = whole.orders.save(
        OrderForm(authority="internal", csr=csr(), reference="mark", labels=Labels(business_group="ops"))
    )
    view = seen_by(whole, PAY)
    with pytest.raises(Conflict) as refused:
        saved(view, "b.example.com", reference="mark")
    assert str(theirs.id) not in refused.value.message
    with pytest.raises(Conflict) as refused:
        view.orders.save(OrderForm(authority="internal", csr=csr()))
    assert theirs.row.name not in refused.value.message


def test_a_certificate_that_is_added_does_not_complete_somebody_elses_order(whole: LocalBackend) -> None:
    theirs = complete(whole, authority="globex", labels=Labels(business_group="ops"))
    view = seen_by(whole, PAY)
    with pytest.raises(Conflict):
        view.certificates.add([signed(theirs.csr_pem)])
    assert whole.orders.get(theirs.id).row.status is OrderStatus.PENDING


def test_changes_of_orders_in_the_scope_are_in_the_feed_and_in_the_log(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY, credential="token 4")
    before = view.feed.latest()
    saved(whole, "theirs.example.com", labels=Labels(business_group="ops"))
    mine = saved(whole, "mine.example.com", labels=Labels(business_group="pay"))
    changes = [change for change in view.feed.since(before) if change.object_kind == "order"]
    assert [change.object_ids for change in changes] == [(mine.id,)]
    listed = view.audit.search(Query("event:order.*")).rows(0, 10)
    assert [event.object_id for event in listed] == [mine.id]


def test_a_cancelled_order_stays_in_the_scope_without_its_entry(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    order = pending(view)
    ended = view.orders.cancel(order.id, order.version)
    assert (ended.archived_keys, ids(view)) == (1, {order.id})


def test_a_viewer_reads_and_an_operator_makes_no_profiles(whole: LocalBackend) -> None:
    viewer = seen_by(whole, VIEWER)
    assert len(viewer.authorities.search(Query()).rows(0, 5)) == 2
    assert viewer.authorities.get(1).settings["ca"] == "Issuing"
    for act in (
        lambda: saved(viewer),
        lambda: external_authority(viewer, "x"),
        lambda: external_authority(seen_by(whole, PAY), "x"),
        lambda: seen_by(whole, PAY).work.run_due(),
        lambda: seen_by(whole, PAY).authorities.test(1),
    ):
        with pytest.raises(Denied):
            act()
    assert seen_by(whole, PAY).work.status().due == 0
