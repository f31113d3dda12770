"""Renewals: what is due, renewed once, by days that fit the life, over every backend."""

from __future__ import annotations

import pytest

from certtui.errors import Conflict, Denied, Invalid, NotFound, Unsupported
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.certificate import Labels
from certtui.model.order import OrderStatus
from tests.backend.entries import add, cert, events, resource
from tests.backend.issuing import complete, local_authority

NAME = "shop.example.com"


def renewing(backend, days: int = 30, life: int = 20):  # type: ignore[no-untyped-def]
    """A certificate of the built-in PKI whose time has come: it renews itself earlier than it lives."""
    local_authority(backend)
    order = complete(backend, NAME, days=life, auto_renew_days=days)
    return backend.certificates.get(order.row.certificate_id)


def said(page, label: str) -> list[str]:  # type: ignore[no-untyped-def]
    return [line.text for line in page.panel if line.label == label]


def test_what_renews_itself_says_when_and_why(backend) -> None:
    page = renewing(backend, days=5)
    assert said(page, "Why then") == ["5 days before it expires."]
    (when,) = said(page, "Renewal")
    assert when.endswith(" UTC")
    assert backend.renewals.due() == ()


def test_days_that_are_longer_than_the_life_do_not_renew_in_a_loop(backend) -> None:
    page = renewing(backend, days=30)
    assert said(page, "Why then") == ["In the last third of its life, which is too short for 30 days."]
    assert backend.renewals.due() == ()


def test_a_person_renews_one_now_with_a_new_key_and_its_lineage(backend) -> None:
    old = renewing(backend, days=5)
    backend.resources.associate(old.id, [resource(backend).row.id])
    old = backend.certificates.get(old.id)
    order = backend.certificates.renew(old.id, old.version)
    assert order.row.status is OrderStatus.COMPLETE
    new = backend.certificates.get(order.row.certificate_id)
    assert new.x509.sans == old.x509.sans
    assert new.x509.spki_sha256 != old.x509.spki_sha256
    assert (new.x509.not_after - new.x509.not_before).days == (old.x509.not_after - old.x509.not_before).days
    assert [(each.id, each.relation) for each in new.lineage] == [(old.id, "renewed"), (new.id, "this")]
    assert [each.name for each in new.resources] == ["lb-west"]
    assert new.auto_renew_days == 5
    assert "order.submit.success" in events(backend)


def test_a_version_that_was_changed_is_a_conflict(backend) -> None:
    old = renewing(backend, days=5)
    with pytest.raises(Conflict):
        backend.certificates.renew(old.id, old.version + 1)


def test_without_an_authority_there_is_nobody_to_ask(backend) -> None:
    outcome = add(backend, cert())
    page = backend.certificates.get(outcome.id)
    with pytest.raises(NotFound, match="No authority is known"):
        backend.certificates.renew(page.id, page.version)


def test_an_authority_that_is_disabled_issues_no_renewal_and_nothing_is_left(backend) -> None:
    old = renewing(backend, days=5)
    authority = backend.authorities.get(backend.authorities.resolve("internal"))
    authority = backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=False))
    with pytest.raises(Invalid, match="internal is disabled"):
        backend.certificates.renew(old.id, old.version)
    backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=True))
    # The order that was begun is the one that is sent now.
    order = backend.certificates.renew(old.id, old.version)
    assert order.row.status is OrderStatus.COMPLETE
    assert backend.orders.overview().counts["draft"] == 0


def test_what_is_due_is_listed_renewed_once_and_then_no_more(backend, harness) -> None:
    old = renewing(backend, days=5)
    harness.clock.advance(days=16)
    (due,) = backend.renewals.due()
    assert (due.certificate_id, due.name, due.authority, due.blocked) == (old.id, NAME, "internal", "")
    assert due.why == "5 days before it expires."
    if reason := backend.capabilities.why_not("renewals.run_due"):
        with pytest.raises(Unsupported, match="renews by itself"):
            backend.renewals.run_due()
        assert "renews by itself" in reason
        return
    report = backend.renewals.run_due()
    assert (len(report.orders), report.problems) == (1, ())
    assert backend.renewals.due() == ()
    assert backend.renewals.run_due().orders == ()
    order = backend.orders.get(report.orders[0])
    assert order.row.status is OrderStatus.COMPLETE
    assert "30 days" not in said(backend.certificates.get(old.id), "Decided")[0]


@pytest.mark.needs("work.run_due")
def test_the_worker_renews_and_the_order_is_by_schedule(backend, harness) -> None:
    renewing(backend, days=5)
    harness.clock.advance(days=16)
    assert backend.work.run_due().done["renewals"] == 1
    order = backend.orders.get(2)
    assert order.row.requester_kind == "schedule"
    assert "renewals" not in backend.work.run_due().done


def test_what_expired_long_ago_is_left_alone(backend, harness) -> None:
    renewing(backend, days=5)
    harness.clock.advance(days=20 + 31)
    assert backend.renewals.due() == ()


def test_whoever_sees_a_part_renews_that_part_alone(local) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    ids = {}
    for name, group in (("a.example.com", "web"), ("b.example.com", "db")):
        order = complete(backend, name, days=20, auto_renew_days=5, labels=Labels(business_group=group))
        ids[name] = order.row.certificate_id
    local.clock.advance(days=16)
    part = backend.acting(Identity(Actor("eve"), Access(Role.OPERATOR, groups=("web",))))
    assert [each.name for each in part.renewals.due()] == ["a.example.com"]
    page = part.certificates.get(ids["a.example.com"])
    assert said(page, "Why then") == ["5 days before it expires."]
    assert part.certificates.renew(page.id, page.version).row.status is OrderStatus.COMPLETE
    with pytest.raises(NotFound):
        part.certificates.renew(ids["b.example.com"], 1)
    with pytest.raises(Denied):
        part.renewals.run_due()
