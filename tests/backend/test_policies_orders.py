"""Orders pass the gate: when they are previewed, made ready, sent, sent again; and what an authority outside gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from certtui.errors import PolicyRefused, ReasonNeeded
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope, ValidityLimit
from tests.backend.entries import events
from tests.backend.issuing import complete, csr, external_authority, form, local_authority, pending, saved, signed
from tests.backend.test_policies import policy, waived

OURS = PolicyRules(allowed_names=("*.example.com",))
ELSEWHERE = "shop.example.org"
ISSUE = PolicyScope(("issue",))


def last(backend) -> Any:
    return backend.audit.get(backend.audit.head().seq)


def submitted(backend) -> None:
    draft = saved(backend, ELSEWHERE)
    backend.orders.submit(draft.id, draft.version)


PATHS: dict[str, Callable[[Any], object]] = {
    "generate": lambda backend: pending(backend, ELSEWHERE),
    "submit a draft": submitted,
    "submit an uploaded CSR": lambda backend: [
        backend.orders.submit(order.id, order.version)
        for order in [backend.orders.save(OrderForm(authority="internal", csr=csr(ELSEWHERE)))]
    ],
}


@pytest.mark.parametrize("path", PATHS)
def test_a_hard_policy_refuses_on_every_path_and_it_is_on_record(backend, path: str) -> None:
    local_authority(backend)
    policy(backend, "ours", rules=OURS, scope=ISSUE)
    with pytest.raises(PolicyRefused, match="“ours”"):
        PATHS[path](backend)
    assert last(backend).event == "certificate.policy_hard_fail"
    assert "certificate.issue.success" not in events(backend)


@pytest.mark.parametrize("path", PATHS)
def test_a_soft_policy_asks_on_every_path(backend, path: str) -> None:
    local_authority(backend)
    policy(backend, "ours", "soft", OURS, scope=ISSUE)
    with pytest.raises(ReasonNeeded) as asked:
        PATHS[path](backend)
    assert asked.value.field == "reason"


def test_with_a_reason_the_order_goes_on_and_keeps_the_findings(backend) -> None:
    local_authority(backend)
    policy(backend, "ours", "soft", OURS, scope=ISSUE)
    order = complete(backend, ELSEWHERE, reason="the lab")
    assert order.row.status is OrderStatus.COMPLETE
    assert [one.rule for one in order.findings] == ["allowed_names"]
    assert "certificate.policy_soft_fail" in events(backend)


def test_with_a_waiver_it_goes_on_without_a_word(backend) -> None:
    local_authority(backend)
    made = policy(backend, "ours", "soft", OURS, scope=ISSUE)
    waiver = waived(backend, made.id, entry="", names=(ELSEWHERE,))
    order = complete(backend, ELSEWHERE)
    assert order.row.status is OrderStatus.COMPLETE
    assert [one.waiver_id for one in order.findings] == [waiver.id]


def test_a_preview_tells_findings_and_refuses_nothing(backend) -> None:
    local_authority(backend)
    policy(backend, "ours", rules=OURS, scope=ISSUE)
    before = backend.audit.head().seq
    preview = backend.orders.preview(form(ELSEWHERE))
    assert [one.rule for one in preview.findings] == ["allowed_names"]
    assert backend.audit.head().seq == before


def test_a_draft_may_say_anything(backend) -> None:
    local_authority(backend)
    policy(backend, "ours", rules=OURS, scope=ISSUE)
    assert saved(backend, ELSEWHERE).row.status is OrderStatus.DRAFT


def test_a_renewal_is_judged_as_one(backend) -> None:
    local_authority(backend)
    first = complete(backend)
    policy(backend, "no renewals", rules=PolicyRules(forbidden_names=("**",)), scope=PolicyScope(("renew",)))
    assert complete(backend, "other.example.com").row.status is OrderStatus.COMPLETE
    with pytest.raises(PolicyRefused):
        complete(backend, renews_id=first.row.certificate_id)


def test_the_authority_and_the_validity_of_an_order_are_judged(backend) -> None:
    local_authority(backend)
    made = policy(backend, "short", rules=PolicyRules(validity=(ValidityLimit(30),)), scope=ISSUE)
    with pytest.raises(PolicyRefused, match="60 days"):
        complete(backend, days=60)
    assert complete(backend, days=30).row.status is OrderStatus.COMPLETE
    form = PolicyForm(rules=PolicyRules(authorities=("type:external",)))
    backend.policies.edit(made.id, made.version, form)
    with pytest.raises(PolicyRefused, match="internal may not issue this"):
        complete(backend, "b.example.com")


def test_what_the_built_in_pki_issued_is_not_judged_again_as_an_import(backend) -> None:
    local_authority(backend)
    policy(backend, "no imports", rules=PolicyRules(forbidden_names=("**",)), scope=PolicyScope(("import",)))
    assert complete(backend).row.status is OrderStatus.COMPLETE


def test_what_comes_back_from_outside_passes_as_an_import_with_the_orders_reason(backend) -> None:
    external_authority(backend)
    order = pending(backend, authority="globex", reason="the lab")
    sent = backend.orders.submit(order.id, order.version)
    policy(backend, "san", "soft", PolicyRules(common_name_only=False), scope=PolicyScope(("import",)))
    # The CSR has SANs, but this authority signs without them.
    done = backend.orders.complete(sent.id, sent.version, signed(sent.csr_pem))
    assert done.row.status is OrderStatus.COMPLETE
    soft = [backend.audit.get(seq) for seq in range(1, backend.audit.head().seq + 1)]
    (event,) = [one for one in soft if one.event == "certificate.policy_soft_fail"]
    assert '"the lab"' in event.detail


def test_a_hard_policy_keeps_out_what_comes_back_and_the_order_waits(backend) -> None:
    external_authority(backend)
    order = pending(backend, authority="globex")
    sent = backend.orders.submit(order.id, order.version)
    made = policy(backend, "san", rules=PolicyRules(common_name_only=False), scope=PolicyScope(("import",)))
    with pytest.raises(PolicyRefused):
        backend.orders.complete(sent.id, sent.version, signed(sent.csr_pem))
    now = backend.orders.get(sent.id)
    assert now.row.status in (OrderStatus.PENDING, OrderStatus.PROCESSING)
    backend.policies.edit(made.id, made.version, PolicyForm(enabled=False))
    done = backend.orders.complete(now.id, now.version, replace(signed(sent.csr_pem)))
    assert done.row.status is OrderStatus.COMPLETE
