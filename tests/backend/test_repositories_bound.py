"""Repositories that are bound to a CA: what it issues is filed by itself, and attached policies hold for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from certtui.errors import Conflict, Invalid, PolicyRefused
from certtui.model.certificate import Labels
from certtui.model.order import OrderStatus
from certtui.model.policy import SOFT, PolicyForm, PolicyRules, PolicyScope
from certtui.model.repository import RepositoryForm, RepositorySource
from tests.backend import issuing
from tests.backend.cas import intermediate, root
from tests.backend.entries import added, events
from tests.backend.repositories import file, filed, issuing_ca, repository


def policy(backend, name: str = "no wildcards", outcome: str = "hard", rules: PolicyRules | None = None):
    """A policy that is not enabled, and about imports alone."""
    rules = rules or PolicyRules(wildcards=False)
    return backend.policies.add(PolicyForm(name, outcome=outcome, scope=PolicyScope(("import",)), rules=rules))


def compliant(backend, *policies, **more):
    ca = issuing_ca(backend, compliant=True)
    ids = tuple(each.id for each in policies)
    return ca, repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_ids=ids, **more)


# --- private ---------------------------------------------------------------------------------------------------------


def test_what_a_bound_ca_issues_is_filed_by_itself(backend) -> None:
    ca = issuing_ca(backend)
    before = issuing.complete(backend, "before.example.com")
    where = repository(backend, "private", "private", ca_id=ca.row.id)
    assert (where.row.ca_id, where.row.ca_name) == (ca.row.id, "Issuing")
    bound = backend.cas.get(ca.row.id)
    assert (bound.row.bound, bound.repository) == (True, "private")
    order = issuing.complete(backend)
    assert order.row.status is OrderStatus.COMPLETE
    assert filed(backend, order.row.certificate_id) == "private"
    assert filed(backend, before.row.certificate_id) == ""
    assert events(backend).count("certificate.file.success") == 1
    # What it issued before is filed by hand.
    assert file(backend, where, before.row.certificate_id).done == (before.row.certificate_id,)


def test_a_renewal_goes_where_its_ca_is_bound(backend) -> None:
    ca = issuing_ca(backend)
    repository(backend, "private", "private", ca_id=ca.row.id)
    first = issuing.complete(backend)
    second = issuing.complete(backend, renews_id=first.row.certificate_id)
    assert backend.certificates.get(second.row.certificate_id).lineage
    assert filed(backend, second.row.certificate_id) == "private"


def test_an_intermediate_below_it_is_filed_too(backend) -> None:
    ca = issuing_ca(backend)
    repository(backend, "private", "private", ca_id=ca.row.id)
    below = intermediate(backend, ca, "Below", path_length=0)
    assert filed(backend, below.row.certificate_id) == "private"


def test_what_others_issued_is_not_taken(backend) -> None:
    ca = issuing_ca(backend)
    where = repository(backend, "private", "private", ca_id=ca.row.id)
    other = intermediate(backend, root(backend, "Other root"), "Other")
    for entry in (added(backend).id, other.row.certificate_id):
        assert "was not issued by Issuing" in file(backend, where, entry).skipped[0][1]


def test_only_an_issuing_intermediate_that_is_free_can_be_bound(backend) -> None:
    ca = issuing_ca(backend)
    above = backend.cas.get(ca.row.parent_id)
    retired = intermediate(backend, above, "Retired")
    backend.cas.retire(retired.row.id, retired.row.version)
    for ca_id in (above.row.id, retired.row.id):
        with pytest.raises(Invalid) as refused:
            repository(backend, "private", "private", ca_id=ca_id)
        assert refused.value.field == "ca_id"
    repository(backend, "private", "private", ca_id=ca.row.id)
    with pytest.raises(Conflict) as taken:
        repository(backend, "again", "private", ca_id=ca.row.id)
    assert "bound to the repository private already" in taken.value.message


def test_a_reset_frees_the_ca_and_what_it_issues_is_filed_no_more(backend) -> None:
    ca = issuing_ca(backend)
    where = repository(backend, "private", "private", ca_id=ca.row.id)
    first = issuing.complete(backend)
    plan = backend.repositories.plan_reset(where.id)
    assert (plan.total, plan.ca_name) == (1, "Issuing")
    backend.repositories.reset(where.id, plan.version, leaving=1)
    second = issuing.complete(backend, "second.example.com")
    assert [filed(backend, each.row.certificate_id) for each in (first, second)] == ["", ""]
    assert not backend.cas.get(ca.row.id).row.bound
    repository(backend, "next", "private", ca_id=ca.row.id)


def test_a_successor_takes_over_and_both_count(backend) -> None:
    ca = issuing_ca(backend)
    where = repository(backend, "private", "private", ca_id=ca.row.id)
    old = issuing.complete(backend)
    backend.repositories.remove_certificates(
        where.id, [(old.row.certificate_id, backend.certificates.get(old.row.certificate_id).version)]
    )
    successor = backend.cas.roll_over(ca.row.id, ca.row.version)
    assert backend.repositories.get(where.id).row.ca_id == successor.row.id
    new = issuing.complete(backend, "second.example.com")
    assert filed(backend, new.row.certificate_id) == "private"
    assert file(backend, where, old.row.certificate_id).done == (old.row.certificate_id,)
    assert "repository.rebind.success" in events(backend)


# --- compliant -------------------------------------------------------------------------------------------------------


def test_only_a_ca_that_is_marked_can_be_bound_and_keeps_its_mark(backend) -> None:
    ca = issuing_ca(backend)
    rule = policy(backend)
    with pytest.raises(Invalid) as refused:
        repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_ids=(rule.id,))
    assert "not marked as compliant" in refused.value.message
    marked = backend.cas.edit(ca.row.id, ca.row.version, replace(ca.settings, compliant=True))
    assert marked.row.compliant
    where = repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_ids=(rule.id,))
    with pytest.raises(Conflict) as bound:
        backend.cas.edit(ca.row.id, marked.row.version, replace(marked.settings, compliant=False))
    assert "bound to the repository audited" in bound.value.message
    backend.repositories.reset(where.id, where.version, leaving=0)
    assert not backend.cas.edit(ca.row.id, marked.row.version, replace(marked.settings, compliant=False)).row.compliant


def test_an_attached_policy_refuses_before_the_ca_signs_enabled_elsewhere_or_not(backend) -> None:
    rule = policy(backend)
    assert not rule.row.enabled
    ca, where = compliant(backend, rule)
    assert [one.name for one in where.policies] == ["no wildcards"]
    with pytest.raises(PolicyRefused):
        issuing.complete(backend, "*.example.com")
    assert backend.cas.get(ca.row.id).row.issued == 0
    assert events(backend)[-1] == "certificate.policy_hard_fail"
    order = issuing.complete(backend)
    assert filed(backend, order.row.certificate_id) == "audited"
    # Another CA's orders are not its business.
    above = backend.cas.get(ca.row.parent_id)
    issuing.local_authority(backend, "other", ca=intermediate(backend, above, "Second").row.name)
    assert issuing.complete(backend, "*.example.com", "other").row.status is OrderStatus.COMPLETE


def test_a_preview_foretells_what_is_attached(backend) -> None:
    compliant(backend, policy(backend))
    preview = backend.orders.preview(issuing.form("*.example.com"))
    assert [one.policy_name for one in preview.findings] == ["no wildcards"]


def test_what_is_filed_is_judged_by_what_is_attached(backend) -> None:
    ca = issuing_ca(backend, compliant=True)
    wild = issuing.complete(backend, "*.example.com").row.certificate_id
    rule, word = policy(backend), policy(backend, "word", SOFT, PolicyRules(keys=("rsa-4096",)))
    where = repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_ids=(rule.id,))
    outcome = file(backend, where, wild)
    assert outcome.done == ()
    assert "no wildcards" in outcome.skipped[0][1]
    assert outcome.needs_reason == ()
    assert events(backend)[-1] == "certificate.policy_hard_fail"
    backend.repositories.reset(where.id, where.version, leaving=0)
    again = backend.repositories.enable(
        where.id, where.version + 1, RepositorySource("compliant", ca.row.id, (word.id,))
    )
    assert file(backend, again, wild).needs_reason == (wild,)
    assert file(backend, again, wild, reason="until May").done == (wild,)
    assert "certificate.policy_soft_fail" in events(backend)


def test_a_ready_made_set_is_added_where_it_is_missing(backend) -> None:
    ca = issuing_ca(backend, compliant=True)
    with pytest.raises(Invalid) as unknown:
        repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_set="lenient")
    assert unknown.value.field == "policy_set"
    where = repository(backend, "audited", "compliant", ca_id=ca.row.id, policy_set="internal modern")
    assert [one.name for one in where.policies] == [
        "Internal: a year at most",
        "Internal: keys and digests",
        "Internal: names in SANs",
    ]
    assert not any(backend.policies.get(one.id).row.enabled for one in where.policies)


def test_a_policy_that_is_attached_can_not_be_removed(backend) -> None:
    rule = policy(backend)
    _, where = compliant(backend, rule)
    with pytest.raises(Conflict) as kept:
        backend.policies.remove(rule.id, rule.version)
    assert "attached to the repository audited" in kept.value.message
    plan = backend.repositories.plan_reset(where.id)
    assert plan.policies == ("no wildcards",)
    backend.repositories.reset(where.id, where.version, leaving=0)
    backend.policies.remove(rule.id, rule.version)


def test_the_group_of_a_repository_does_not_keep_out_what_its_ca_issues(backend) -> None:
    ca = issuing_ca(backend)
    backend.repositories.create(RepositoryForm(RepositorySource("private", ca.row.id), "ours", "payments"))
    order = issuing.complete(backend, labels=Labels(business_group="shop"))
    assert filed(backend, order.row.certificate_id) == "ours"
