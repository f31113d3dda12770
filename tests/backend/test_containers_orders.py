"""Containers go with orders: each completed one has its own, and a renewal moves it on instead of making another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from certtui.errors import Invalid
from certtui.model.certificate import Labels
from certtui.model.consumer import ConsumerForm
from certtui.model.container import ContainerEdit, ContainerStatus
from certtui.model.order import OrderForm
from certtui.model.query import Gone, Query, Sort
from certtui.model.revocation import RevocationForm
from tests.backend.filing import consumer, container, fetched, parts_in
from tests.backend.issuing import complete, csr, external_authority, local_authority, pending, signed
from tests.backend.test_containers import key_spki, spki


def containers(backend):
    """All containers, the oldest first."""
    rows = backend.containers.search(Query(sort=Sort("id"))).rows(0, 50)
    return [row for row in rows if not isinstance(row, Gone)]


def test_a_completed_order_has_a_container_that_can_be_fetched(backend) -> None:
    local_authority(backend)
    order = complete(backend, labels=Labels("shop", "web"))
    (row,) = containers(backend)
    assert (row.name, row.ref, row.certificate_id) == ("shop", order.container_ref, order.row.certificate_id)
    assert (row.business_group, row.created_by, row.status) == ("web", "ada", ContainerStatus.ACTIVE)
    assert backend.containers.get(row.id).versions[0].reason == "issued"
    assert backend.containers.check(row.id).ok
    given = parts_in(fetched(backend, row.id))
    assert key_spki(given["private_key"]) == spki(given["certificate"])


def test_an_order_for_a_key_that_is_elsewhere_has_none(backend) -> None:
    local_authority(backend)
    draft = backend.orders.save(OrderForm(authority="internal", csr=csr()))
    order = backend.orders.submit(draft.id, draft.version)
    assert (order.row.status.value, order.container_ref) == ("complete", "")
    assert containers(backend) == []


def test_a_certificate_that_is_brought_back_completes_its_order_with_a_container(backend) -> None:
    external_authority(backend)
    waiting = pending(backend, authority="globex")
    waiting = backend.orders.submit(waiting.id, waiting.version)
    order = backend.orders.complete(waiting.id, waiting.version, signed(waiting.csr_pem))
    assert order.container_ref == containers(backend)[0].ref


def test_a_renewal_moves_the_container_on_with_its_consumers(backend) -> None:
    local_authority(backend)
    first = complete(backend)
    (row,) = containers(backend)
    one = consumer(backend, row.id)
    digest = fetched(backend, row.id, consumer=ConsumerForm("nginx", "host", "web-1.example.com")).digest
    second = complete(backend, renews_id=first.row.certificate_id)
    (moved,) = containers(backend)
    assert (moved.id, moved.ref, moved.number) == (row.id, row.ref, 2)
    assert moved.certificate_id == second.row.certificate_id
    page = backend.containers.get(row.id)
    assert [(each.number, each.reason, each.certificate_id) for each in page.versions] == [
        (2, "renewed", second.row.certificate_id),
        (1, "issued", first.row.certificate_id),
    ]
    assert [(each.id, each.behind) for each in page.consumers] == [(one.id, True)]
    for order in (first, second):
        assert backend.orders.get(order.id).container_ref == row.ref
    after = fetched(backend, row.id, have=digest)
    assert after.number == 2
    back = backend.containers.rollback(page.id, page.version)
    assert (back.row.number, back.row.certificate_id) == (3, first.row.certificate_id)


def test_a_container_that_does_not_follow_stays_and_the_renewal_gets_its_own(backend) -> None:
    local_authority(backend)
    first = complete(backend)
    (row,) = containers(backend)
    backend.containers.edit(row.id, row.version, ContainerEdit(follows=False))
    second = complete(backend, renews_id=first.row.certificate_id)
    assert [each.certificate_id for each in containers(backend)] == [
        first.row.certificate_id,
        second.row.certificate_id,
    ]


def test_a_renewal_by_a_key_that_is_elsewhere_leaves_the_container_and_says_so(backend) -> None:
    local_authority(backend)
    first = complete(backend)
    wanted = replace(OrderForm(authority="internal", csr=csr("shop.example.com")), renews_id=first.row.certificate_id)
    draft = backend.orders.save(wanted)
    order = backend.orders.submit(draft.id, draft.version)
    (row,) = containers(backend)
    assert (row.number, row.certificate_id) == (1, first.row.certificate_id)
    assert any(step.name == "container" and "shop.example.com" in step.text for step in order.steps)


def test_what_a_revocation_breaks_is_the_container_s_status(backend) -> None:
    local_authority(backend)
    order = complete(backend)
    (row,) = containers(backend)
    consumer(backend, row.id)
    plan = backend.certificates.plan_revocation(order.row.certificate_id)
    assert [each.service for each in plan.consumers] == ["nginx"]
    form_ = RevocationForm(serial_number=plan.serial_number)
    backend.certificates.revoke(plan.certificate_id, plan.version, form_)
    assert backend.containers.get(row.id).row.status is ContainerStatus.REVOKED
    assert [each.id for each in containers_with(backend, "status:revoked")] == [row.id]
    assert any("revoked" in each for each in fetched(backend, row.id).warnings)


def containers_with(backend, text: str):
    return [row for row in backend.containers.search(Query(text)).rows(0, 50) if not isinstance(row, Gone)]


def test_the_key_of_a_ca_is_in_no_container(backend) -> None:
    local_authority(backend)
    ca = backend.cas.search(Query()).rows(0, 1)[0]
    with pytest.raises(Invalid, match="stays with the CA"):
        container(backend, ca.certificate_id)
