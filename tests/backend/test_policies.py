"""Policies: written, judged, tried on the inventory, waived; and what they say on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from certtui.errors import Ambiguous, Conflict, Interrupted, Invalid, NotFound
from certtui.model.policy import (
    PolicyForm,
    PolicyRules,
    PolicyScope,
    PolicySubject,
    ValidityLimit,
    WaiverForm,
)
from certtui.model.query import Gone, Query, Sort
from tests.backend.entries import add, cert, events
from tests.certs import NOW

KEYS = PolicyRules(keys=("rsa-2048", "ec-256"))


def policy(backend, name: str = "keys", outcome: str = "hard", rules: PolicyRules = KEYS, **more):
    """Add an enabled policy."""
    scope = more.pop("scope", PolicyScope())
    return backend.policies.add(
        PolicyForm(
            name=name, outcome=outcome, enabled=True, scope=scope, rules=rules, description="Ask pki@example.com."
        )
    )


def names(listing) -> list[str]:
    return [row.name for row in listing.rows(0, 50) if not isinstance(row, Gone)]


def test_a_policy_is_there_as_it_was_written(backend) -> None:
    rules = PolicyRules(
        allowed_names=("*.example.com",),
        wildcards=False,
        validity=(ValidityLimit(200), ValidityLimit(100, NOW.replace(hour=0))),
        subject_fields=("O=Example",),
    )
    scope = PolicyScope(("issue", "renew"), ("**.example.com",), ("payments",), ("type:local",), cas=True)
    made = policy(backend, "names", "soft", rules, scope=scope)
    row = backend.policies.get(made.id).row
    assert (row.name, row.outcome, row.enabled, row.version) == ("names", "soft", True, 1)
    assert (row.rules, row.scope, row.waiver_count) == (rules, scope, 0)
    assert row.description == "Ask pki@example.com."
    assert events(backend)[-1] == "policy.create.success"


def test_a_new_policy_is_not_in_force_until_somebody_says_so(backend) -> None:
    made = backend.policies.add(PolicyForm(name="later", rules=KEYS))
    assert not made.row.enabled
    weak = PolicySubject("issue", key_algorithm="rsa-1024")
    assert list(backend.policies.judge(weak)) == []
    after = backend.policies.edit(made.id, made.version, PolicyForm(enabled=True))
    assert after.row.enabled
    assert after.row.rules == KEYS
    assert [one.rule for one in backend.policies.judge(weak)] == ["keys"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (PolicyForm(rules=KEYS), "name"),
        (PolicyForm(name=" ", rules=KEYS), "name"),
        (PolicyForm(name="x"), "rules"),
        (PolicyForm(name="x", rules=PolicyRules()), "rules"),
        (PolicyForm(name="x", rules=KEYS, outcome="firm"), "outcome"),
        (PolicyForm(name="x", rules=KEYS, scope=PolicyScope(())), "acts"),
        (PolicyForm(name="x", rules=KEYS, scope=PolicyScope(("sell",))), "acts"),
        (PolicyForm(name="x", rules=PolicyRules(allowed_names=("a b",))), "allowed_names"),
        (PolicyForm(name="x", rules=PolicyRules(keys=("toast",))), "keys"),
        (PolicyForm(name="x", rules=PolicyRules(digests=("crc32",))), "digests"),
        (PolicyForm(name="x", rules=PolicyRules(validity=(ValidityLimit(0),))), "validity"),
        (PolicyForm(name="x", rules=PolicyRules(registered_domains=("-/-",))), "registered_domains"),
        (PolicyForm(name="x", rules=PolicyRules(subject_fields=("=",))), "subject_fields"),
        (PolicyForm(name="x", rules=PolicyRules(max_names=-1)), "max_names"),
    ],
)
def test_a_form_that_cannot_be_is_refused_by_field(backend, form: PolicyForm, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        backend.policies.add(form)
    assert refused.value.field == field
    assert names(backend.policies.search(Query())) == []


def test_a_name_is_taken_once_whatever_its_case(backend) -> None:
    policy(backend, "Keys")
    with pytest.raises(Conflict):
        policy(backend, "keys")


def test_an_edit_changes_only_what_it_names_and_only_what_was_seen(backend) -> None:
    made = policy(backend)
    after = backend.policies.edit(made.id, made.version, PolicyForm(outcome="soft"))
    assert (after.row.outcome, after.row.rules, after.row.name) == ("soft", KEYS, "keys")
    with pytest.raises(Conflict):
        backend.policies.edit(made.id, made.version, PolicyForm(outcome="hard"))
    assert events(backend)[-1] == "policy.edit.success"


def test_the_list_is_searched_sorted_and_filtered(backend) -> None:
    policy(backend, "alpha")
    policy(backend, "beta", "soft")
    third = backend.policies.add(PolicyForm(name="gamma", rules=KEYS, description="about bears"))
    search = backend.policies.search
    assert names(search(Query())) == ["alpha", "beta", "gamma"]
    assert names(search(Query(sort=Sort("name", descending=True)))) == ["gamma", "beta", "alpha"]
    assert names(search(Query("bears"))) == ["gamma"]
    assert names(search(Query("outcome:soft"))) == ["beta"]
    assert names(search(Query("disabled"))) == ["gamma"]
    assert names(search(Query("enabled"))) == ["alpha", "beta"]
    assert names(search(Query(f"id:{third.id}"))) == ["gamma"]


def test_a_policy_is_found_by_id_and_name(backend) -> None:
    made = policy(backend, "Public TLS: names")
    assert backend.policies.resolve(str(made.id)) == made.id
    assert backend.policies.resolve("public tls: names") == made.id
    with pytest.raises(NotFound):
        backend.policies.resolve("nothing")
    with pytest.raises(NotFound):
        backend.policies.get(made.id + 1)


def test_a_number_that_is_anothers_name_is_ambiguous(backend) -> None:
    made = policy(backend, "one")
    policy(backend, str(made.id))
    with pytest.raises(Ambiguous):
        backend.policies.resolve(str(made.id))


def test_what_is_removed_is_gone_with_its_waivers(backend) -> None:
    made = policy(backend, outcome="soft")
    waived(backend, made.id)
    with pytest.raises(Conflict):
        backend.policies.remove(made.id, made.version + 1)
    backend.policies.remove(made.id, made.version)
    assert names(backend.policies.search(Query())) == []
    assert list(backend.policies.list_waivers()) == []
    assert events(backend)[-1] == "policy.delete.success"


def waived(backend, policy_id: int, **more):
    given = {"owner": "ada", "reason": "old box", "expires_at": NOW + timedelta(days=30), "entry": "old-*"} | more
    return backend.policies.waive(WaiverForm(policy_id, **given))


def test_a_waiver_names_its_owner_and_counts_until_it_ends(harness, backend) -> None:
    made = policy(backend, outcome="soft")
    waiver = waived(backend, made.id)
    assert (waiver.owner, waiver.policy_name, waiver.entry, waiver.created_by) == ("ada", "keys", "old-*", "ada")
    old = PolicySubject("issue", key_algorithm="rsa-1024", entry_name="old-box")
    assert [one.waiver_id for one in backend.policies.judge(old)] == [waiver.id]
    assert [one.waiver_id for one in backend.policies.judge(replace(old, entry_name="new"))] == [None]
    assert backend.policies.get(made.id).row.waiver_count == 1
    assert names(backend.policies.search(Query("waived"))) == ["keys"]
    harness.clock.advance(days=31)
    assert [one.waiver_id for one in backend.policies.judge(old)] == [None]
    assert backend.policies.get(made.id).row.waiver_count == 0
    assert [one.id for one in backend.policies.list_waivers(made.id)] == [waiver.id]
    backend.policies.remove_waiver(waiver.id)
    assert list(backend.policies.list_waivers()) == []
    assert [one for one in events(backend) if "waive" in one] == ["policy.waive.success", "policy.unwaive.success"]
    with pytest.raises(NotFound):
        backend.policies.remove_waiver(waiver.id)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"owner": ""}, "owner"),
        ({"reason": " "}, "reason"),
        ({"expires_at": NOW}, "expires_at"),
        ({"entry": ""}, "names"),
        ({"names": ("a b",)}, "names"),
    ],
)
def test_a_waiver_that_cannot_be_is_refused_by_field(backend, changed: dict[str, object], field: str) -> None:
    made = policy(backend, outcome="soft")
    with pytest.raises(Invalid) as refused:
        waived(backend, made.id, **changed)
    assert refused.value.field == field


def test_nothing_is_waived_from_a_hard_policy(backend) -> None:
    made = policy(backend)
    with pytest.raises(Invalid, match="hard"):
        waived(backend, made.id)
    with pytest.raises(NotFound):
        waived(backend, made.id + 1)


def test_a_dry_run_counts_what_of_the_living_inventory_would_fail(harness, backend) -> None:
    good, bad = cert("good.example.com"), cert("bad.example.com", kind="rsa-1024")
    gone = cert("gone.example.com", kind="rsa-1024", days=1)
    for made in (good, bad, gone):
        add(backend, made)
    harness.clock.advance(days=2)
    seen: list[tuple[int, int | None]] = []
    run = backend.policies.dry_run(PolicyForm(rules=KEYS), lambda done, total: seen.append((done, total)))
    assert (run.judged, run.applies, run.failing, run.waived) == (2, 2, 1, 0)
    (found,) = run.findings
    assert (found.certificate_name, found.finding.rule) == ("bad.example.com", "keys")
    assert backend.certificates.get(found.certificate_id).row.common_name == "bad.example.com"
    assert seen[-1] == (2, 2)


def test_a_dry_run_of_a_kept_policy_knows_its_waivers_and_its_scope(backend) -> None:
    add(backend, cert("old.example.com", kind="rsa-1024"), name="old-box")
    add(backend, cert("other.example.org", kind="rsa-1024"))
    made = policy(backend, "keys", "soft", scope=PolicyScope(("issue",), (".example.com",)))
    waived(backend, made.id)
    run = backend.policies.dry_run(made.id)
    assert (run.judged, run.applies, run.failing, run.waived) == (2, 1, 0, 1)
    with pytest.raises(NotFound):
        backend.policies.dry_run(made.id + 1)


def test_a_dry_run_can_be_broken_off(backend) -> None:
    add(backend, cert())

    def stop(done: int, total: int | None) -> None:
        raise Interrupted("Cancelled.")

    with pytest.raises(Interrupted):
        backend.policies.dry_run(PolicyForm(rules=KEYS), stop)
    assert len(backend.certificates.search(Query()).rows(0, 5)) == 1


def test_a_ready_made_set_is_added_once_and_not_enabled(backend) -> None:
    public = backend.policies.sets()[0]
    added = backend.policies.add_set(public.name)
    assert [one.name for one in added] == [form.name for form in public.policies]
    assert not any(one.row.enabled for one in added)
    assert list(backend.policies.add_set(public.name.upper())) == []
    with pytest.raises(NotFound):
        backend.policies.add_set("nothing")
