"""Policies and people with a role and a scope: all are bound by them and see them, admins alone change them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.errors import CerttuiError, Conflict, Denied, NotFound, PolicyRefused
from certtui.model.access import Access, Role
from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope, PolicySubject, WaiverForm
from certtui.model.query import Query
from tests.backend.entries import add, cert
from tests.backend.test_access_changes import csr, seen_by, whole
from tests.backend.test_policies import KEYS, names, policy, waived
from tests.backend.test_saved_csrs import signed
from tests.certs import NOW

__all__ = ["whole"]  # the fixture

WEAK = {"kind": "rsa-1024"}
PAY = Access(Role.OPERATOR, groups=("pay",))
VIEWER = Access(Role.VIEWER, groups=("pay",))
ADMIN_OF_PAY = Access(Role.ADMIN, groups=("pay",))


def test_whoever_reads_sees_all_policies_whatever_the_scope(whole: LocalBackend) -> None:
    made = policy(whole, "soft", scope=PolicyScope(groups=("ops",)))
    view = seen_by(whole, VIEWER)
    assert names(view.policies.search(Query())) == ["soft"]
    assert view.policies.get(view.policies.resolve("soft")).row.rules == KEYS
    assert view.policies.judge(PolicySubject("issue", key_algorithm="rsa-1024", business_group="ops"))
    assert list(view.policies.list_waivers(made.id)) == []
    assert view.policies.sets()


@pytest.mark.parametrize("access", [VIEWER, PAY, ADMIN_OF_PAY], ids=["viewer", "operator", "admin of a group"])
def test_no_one_but_an_admin_of_everything_changes_them(whole: LocalBackend, access: Access) -> None:
    made = policy(whole, "soft", "soft")
    waiver = waived(whole, made.id)
    acts = seen_by(whole, access).policies
    for act in (
        lambda: acts.add(PolicyForm(name="x", rules=KEYS)),
        lambda: acts.edit(made.id, made.version, PolicyForm(enabled=False)),
        lambda: acts.remove(made.id, made.version),
        lambda: acts.add_set("Strict"),
        lambda: acts.waive(WaiverForm(made.id, "ada", "x", NOW + timedelta(days=1), "x")),
        lambda: acts.remove_waiver(waiver.id),
    ):
        with pytest.raises(Denied):
            act()
    assert whole.policies.get(made.id).row.enabled


def test_the_gate_holds_for_somebody_with_a_scope_and_knows_the_group_that_is_settled(whole: LocalBackend) -> None:
    policy(whole, scope=PolicyScope(("import",), groups=("pay",)))
    view = seen_by(whole, PAY)
    with pytest.raises(PolicyRefused):
        add(view, cert("weak.example.com", **WEAK))
    event = whole.audit.get(whole.audit.head().seq)
    assert (event.event, '"carol"' in event.actor) == ("certificate.policy_hard_fail", True)
    assert add(whole, cert("weak.example.com", **WEAK), business_group="ops").created


def test_the_gate_tells_nothing_of_a_csr_that_lies_outside_the_scope(whole: LocalBackend) -> None:
    policy(whole, rules=PolicyRules(max_names=5), scope=PolicyScope(("import",)))
    saved = whole.csrs.create(csr("shop.example.com", "secret-group"))
    view = seen_by(whole, PAY)
    for batch in ([signed(saved)], [replace(signed(saved), csr_id=saved.id)]):
        with pytest.raises(CerttuiError) as refused:
            view.certificates.add(batch)
        assert isinstance(refused.value, (Conflict, NotFound))
        assert "secret-group" not in str(refused.value)


def test_a_dry_run_within_a_scope_counts_what_lies_there(whole: LocalBackend) -> None:
    add(whole, cert("a.example.com", **WEAK), business_group="pay")
    add(whole, cert("b.example.com", **WEAK), business_group="ops")
    run = seen_by(whole, VIEWER).policies.dry_run(PolicyForm(rules=KEYS))
    assert (run.judged, [one.certificate_name for one in run.findings]) == (1, ["a.example.com"])


def test_a_change_of_a_policy_is_in_everybodys_feed(whole: LocalBackend) -> None:
    view = seen_by(whole, VIEWER)
    before = view.feed.latest()
    made = policy(whole)
    assert [(one.object_kind, one.object_ids) for one in view.feed.since(before)] == [("policy", (made.id,))]
