"""Every path into the inventory passes the gate of policies: refused, asked for a word, waived, left out; and on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from certtui.errors import PolicyRefused, ReasonNeeded
from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope
from certtui.model.query import Gone, Query
from tests.backend.entries import add, cert, new
from tests.backend.test_policies import policy, waived
from tests.backend.test_saved_csrs import request, signed

WEAK = {"kind": "rsa-1024"}


def import_policy(backend, outcome: str = "hard", name: str = "keys"):
    return policy(backend, name, outcome, scope=PolicyScope(("import",)))


def listed(backend) -> list[str]:
    return [row.name for row in backend.certificates.search(Query()).rows(0, 50) if not isinstance(row, Gone)]


def last(backend):
    return backend.audit.get(backend.audit.head().seq)


def test_a_hard_policy_refuses_an_import_and_says_why(backend) -> None:
    import_policy(backend)
    with pytest.raises(PolicyRefused) as refused:
        add(backend, cert("weak.example.com", **WEAK))
    assert "“keys”" in refused.value.message
    assert "Ask pki@example.com." in refused.value.message
    assert [one.rule for one in refused.value.findings] == ["keys"]
    assert listed(backend) == []


def test_what_was_refused_is_on_record_although_nothing_else_is(backend) -> None:
    import_policy(backend)
    with pytest.raises(PolicyRefused):
        add(backend, cert("weak.example.com", **WEAK))
    event = last(backend)
    assert (event.event, event.object_name) == ("certificate.policy_hard_fail", "weak.example.com")
    assert '"rule": "keys"' in event.detail or '"rule":"keys"' in event.detail
    assert backend.audit.verify().problem == ""


def test_one_that_is_refused_keeps_all_of_its_batch_out(backend) -> None:
    import_policy(backend)
    batch = [new(cert("good.example.com")), new(cert("weak.example.com", **WEAK))]
    with pytest.raises(PolicyRefused, match=r"weak\.example\.com: "):
        backend.certificates.add(batch)
    assert listed(backend) == []


def test_a_soft_policy_asks_for_a_word_and_keeps_it(backend) -> None:
    import_policy(backend, "soft")
    weak = new(cert("weak.example.com", **WEAK))
    with pytest.raises(ReasonNeeded) as asked:
        backend.certificates.add([weak])
    assert (asked.value.field, listed(backend)) == ("reason", [])
    (outcome,) = backend.certificates.add([replace(weak, reason="the old box goes in May")])
    assert outcome.created
    event = last(backend)
    assert (event.event, event.object_id) == ("certificate.policy_soft_fail", outcome.id)
    assert "the old box goes in May" in event.detail


def test_a_reason_opens_no_hard_policy(backend) -> None:
    import_policy(backend)
    with pytest.raises(PolicyRefused):
        backend.certificates.add([replace(new(cert("weak.example.com", **WEAK)), reason="but I want to")])


def test_what_is_waived_passes_without_a_word_and_is_on_record(backend) -> None:
    made = import_policy(backend, "soft")
    waiver = waived(backend, made.id, entry="", names=("*.example.com",))
    add(backend, cert("weak.example.com", **WEAK))
    event = last(backend)
    assert event.event == "certificate.policy_soft_fail"
    assert f'"waiver":{waiver.id}' in event.detail.replace(" ", "")


def test_those_that_a_policy_keeps_out_can_be_left_out(backend) -> None:
    import_policy(backend)
    batch = [
        new(cert("good.example.com")),
        new(cert("weak.example.com", **WEAK)),
        new(cert("fine.example.com", number=1)),
        new(cert("poor.example.com", **WEAK)),
    ]
    outcomes = backend.certificates.add(batch, skip_refused=True)
    assert [bool(one.refused) for one in outcomes] == [False, True, False, True]
    assert "“keys”" in outcomes[1].refused
    assert (outcomes[1].id, outcomes[1].created) == (0, False)
    assert listed(backend) == ["fine.example.com", "good.example.com"]
    event = last(backend)
    assert (event.event, event.object_name) == ("certificate.policy_hard_fail", "2 certificates")
    assert "poor.example.com" in event.detail


def test_soft_findings_of_a_batch_are_one_record(backend) -> None:
    import_policy(backend, "soft")
    batch = [replace(new(cert(f"{name}.example.com", **WEAK)), reason="old") for name in ("a", "b")]
    outcomes = backend.certificates.add(batch, skip_refused=True)
    event = last(backend)
    assert (event.event, event.object_name) == ("certificate.policy_soft_fail", "2 certificates")
    assert all(str(one.id) in event.detail for one in outcomes)


def test_what_is_there_already_is_not_judged_again(backend) -> None:
    weak = cert("weak.example.com", **WEAK)
    add(backend, weak)
    import_policy(backend)
    assert add(backend, weak, key=True).key_attached


def test_a_policy_about_orders_lets_imports_pass(backend) -> None:
    policy(backend, scope=PolicyScope(("issue", "renew")))
    assert add(backend, cert("weak.example.com", **WEAK)).created


def test_an_import_is_judged_by_its_group_and_name(backend) -> None:
    rules = PolicyRules(entry_name="pay-*")
    policy(backend, "names", rules=rules, scope=PolicyScope(("import",), groups=("payments",)))
    assert add(backend, cert("www.example.com")).created
    with pytest.raises(PolicyRefused):
        add(backend, cert("api.example.com"), business_group="payments")
    assert add(backend, cert("api.example.com"), business_group="payments", name="pay-api").created


def test_a_certificate_for_a_saved_csr_passes_the_gate_as_well(backend) -> None:
    saved = backend.csrs.create(request("shop.example.com"))
    made = policy(backend, rules=PolicyRules(max_names=1, common_name_only=False))
    with pytest.raises(PolicyRefused):
        backend.csrs.complete(saved.id, saved.version, signed(saved))
    assert backend.csrs.get(saved.id).version == saved.version
    backend.policies.edit(made.id, made.version, PolicyForm(enabled=False))
    assert backend.csrs.complete(saved.id, saved.version, signed(saved)).completed_csr
