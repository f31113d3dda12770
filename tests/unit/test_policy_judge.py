"""The judge of policies: each rule by what it lets pass and what not; scopes, waivers, dated limits; hostile facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.policy import (
    OUTCOMES,
    POLICY_ACTS,
    Policy,
    PolicyForm,
    PolicyRow,
    PolicyRules,
    PolicyScope,
    PolicySubject,
    PolicyWaiver,
    ValidityLimit,
)
from certtui.model.policy_check import checked_form, checked_rules, checked_scope
from certtui.model.policy_json import dumped, form_of, rules_json, rules_of, scope_json, scope_of
from certtui.model.policy_judge import judge, limit_at, validity_days
from certtui.model.policy_sets import PUBLIC_VALIDITY, ready_made_sets
from certtui.model.policy_words import refusal_sentence, rule_sentences, rules_in_short, scope_in_short, scope_sentence

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
SUBJECT = PolicySubject(
    "issue",
    ("DNS:www.example.com", "DNS:api.example.com"),
    "www.example.com",
    (("C", "DE"), ("O", "Example"), ("CN", "www.example.com")),
    "ec-256",
    "sha256",
    90,
    None,
    "Example CA",
    "local",
    "payments",
    "www",
)


def policy(outcome: str = "hard", scope: PolicyScope | None = None, **rules: Any) -> Policy:
    row = PolicyRow(
        1, 1, "p", "Ask ada.", True, outcome, scope or PolicyScope(), checked_rules(PolicyRules(**rules)), 0, NOW, NOW
    )
    return Policy(row)


def found(one: Policy, subject: PolicySubject = SUBJECT, now: datetime = NOW) -> list[str]:
    return [finding.message for finding in judge([one], subject, now)]


@pytest.mark.parametrize(
    ("rules", "good", "bad"),
    [
        ({"allowed_names": ("*.example.com",)}, {}, {"names": ("DNS:www.example.com", "DNS:example.org")}),
        ({"allowed_names": ("*.example.com",)}, {}, {"names": ("DNS:www.example.com", "IP:10.0.0.1")}),
        ({"allowed_names": ("*.example.com",)}, {}, {"names": (), "common_name": "example.org"}),
        ({"allowed_names": ("*.example.com",)}, {}, {"common_name": "evil.example.org"}),
        ({"allowed_names": ("*.example.com",)}, {"common_name": "Ada Lovelace"}, {"names": (), "common_name": ""}),
        ({"forbidden_names": ("secret.example.com",)}, {}, {"names": ("DNS:*.example.com",)}),
        ({"wildcards": False}, {}, {"names": ("DNS:*.example.com",)}),
        ({"registered_domains": ("example.com",)}, {}, {"names": ("DNS:www.badexample.com",)}),
        ({"registered_domains": ("example.com",)}, {"names": ("EMAIL:a@example.com",)}, {"names": ("EMAIL:a@b.org",)}),
        (
            {"registered_domains": ("example.com",)},
            {"names": ("URI:https://u@a.example.com:8/x",)},
            {"names": ("URI:https://example.com@evil.org/",)},
        ),
        ({"registered_domains": ("example.com",)}, {}, {"names": ("IP:8.8.8.8",)}),
        ({"internal_names": False}, {}, {"names": ("DNS:db.local",)}),
        ({"internal_names": False}, {"names": ("IP:8.8.8.8",)}, {"names": ("IP:192.168.0.1",)}),
        ({"internal_names": False}, {}, {"names": ("DNS:mail",)}),
        ({"common_name_only": False}, {}, {"names": ()}),
        ({"common_name_only": False}, {"common_name": "Ada Lovelace"}, {"common_name": "x.example.com"}),
        ({"keys": ("rsa-2048", "ec-256")}, {"key_algorithm": "rsa-4096"}, {"key_algorithm": "rsa-1024"}),
        ({"keys": ("rsa-2048",)}, {"key_algorithm": "rsa-2048"}, {"key_algorithm": "ed25519"}),
        ({"keys": ("ec-256",)}, {"key_algorithm": "ec-384"}, {"key_algorithm": "ec-secp256k1"}),
        ({"keys": ("ml-dsa-65",)}, {"key_algorithm": "ml-dsa-87"}, {"key_algorithm": "ml-dsa-44"}),
        ({"keys": ("ed25519", "rsa")}, {"key_algorithm": "rsa-512"}, {"key_algorithm": "1.2.3.4"}),
        ({"digests": ("sha256",)}, {"signature_digest": ""}, {"signature_digest": "sha1"}),
        ({"validity": (ValidityLimit(90),)}, {"validity_days": None}, {"validity_days": 91}),
        ({"subject_fields": ("O", "C=D?")}, {}, {"subject": (("C", "DE"), ("O", ""))}),
        ({"subject_fields": ("C=DE",)}, {}, {"subject": (("C", "FR"),)}),
        ({"authorities": ("example*",)}, {"authority": "", "provider": ""}, {"authority": "Other CA"}),
        ({"authorities": ("type:local",)}, {}, {"provider": "acme"}),
        ({"max_names": 2}, {}, {"names": ("DNS:a", "DNS:b", "DNS:c")}),
        ({"entry_name": "w*"}, {"entry_name": ""}, {"entry_name": "api"}),
    ],
)
def test_each_rule_lets_the_good_pass_and_says_what_is_wrong(
    rules: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    one = policy(**rules)
    assert found(one) == [] or good
    assert found(one, replace(SUBJECT, **good)) == []
    (message,) = found(one, replace(SUBJECT, **bad))
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("scope", "about"),
    [
        (PolicyScope(), True),
        (PolicyScope(("renew",)), False),
        (PolicyScope(domains=(".example.com",)), True),
        (PolicyScope(domains=("example.org",)), False),
        (PolicyScope(groups=("payments",)), True),
        (PolicyScope(groups=("Payments",)), False),
        (PolicyScope(authorities=("type:local",)), True),
        (PolicyScope(authorities=("example ca",)), True),
        (PolicyScope(authorities=("type:acme",)), False),
        (PolicyScope(("issue",), (".example.com",), ("payments",), ("Example*",)), True),
        (PolicyScope(("issue",), (".example.com",), ("web",), ("Example*",)), False),
    ],
)
def test_a_policy_is_about_what_its_scope_says(scope: PolicyScope, about: bool) -> None:
    assert bool(found(policy(scope=scope, max_names=1))) is about


def test_a_wildcard_that_covers_a_name_of_the_scope_is_in_it() -> None:
    one = policy(scope=PolicyScope(domains=("pay.example.com",)), wildcards=False)
    assert found(one, replace(SUBJECT, names=("DNS:*.example.com",)))


def test_ca_certificates_are_left_out_unless_they_are_meant() -> None:
    ca = replace(SUBJECT, is_ca=True, validity_days=3650)
    assert found(policy(validity=(ValidityLimit(90),)), ca) == []
    assert found(policy(scope=PolicyScope(cas=True), validity=(ValidityLimit(90),)), ca)


@pytest.mark.parametrize(
    ("day", "most"),
    [
        ("2025-06-01", 398),
        ("2026-03-14", 398),
        ("2026-03-15", 200),
        ("2027-03-14", 200),
        ("2027-03-15", 100),
        ("2029-03-15", 47),
    ],
)
def test_public_validity_follows_the_ballot_by_its_dates(day: str, most: int) -> None:
    assert limit_at(PUBLIC_VALIDITY, datetime.fromisoformat(day).replace(tzinfo=timezone.utc)) == most


def test_a_dated_limit_counts_by_the_day_of_issue_and_not_by_today() -> None:
    one = policy(validity=PUBLIC_VALIDITY)
    old = replace(SUBJECT, validity_days=300, issued_on=datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert found(one, old) == []
    assert found(one, replace(old, issued_on=None)) == ["It is valid for 300 days; 200 are the most."]
    assert found(one, replace(old, validity_days=150), datetime(2026, 11, 20, tzinfo=timezone.utc)) == []
    assert found(one, replace(old, validity_days=150, issued_on=None), datetime(2027, 3, 15, tzinfo=timezone.utc))


def test_days_are_counted_with_both_ends() -> None:
    assert validity_days(NOW, NOW + timedelta(days=200, seconds=-1)) == 200
    assert validity_days(NOW, NOW + timedelta(days=200)) == 201


def waiver(**more: Any) -> PolicyWaiver:
    given = {"entry": "", "names": (), "expires_at": NOW + timedelta(days=1)} | more
    return PolicyWaiver(
        id=7, policy_id=1, policy_name="p", owner="ada", reason="old", created_at=NOW, created_by="ada", **given
    )


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"entry": "w*"}, True),
        ({"entry": "api"}, False),
        ({"names": (".example.com",)}, True),
        ({"names": ("www.example.com",)}, False),
        ({"entry": "w*", "names": ("example.org",)}, False),
        ({}, False),
        ({"entry": "w*", "expires_at": NOW}, False),
    ],
)
def test_a_waiver_counts_for_what_it_names_until_it_ends(given: dict[str, Any], counts: bool) -> None:
    one = replace(policy("soft", max_names=1), waivers=(waiver(**given),))
    (finding,) = judge([one], SUBJECT, NOW)
    assert (finding.waiver_id == 7) is counts
    assert finding.needs_reason is not counts


def test_a_hard_policy_knows_no_waiver() -> None:
    one = replace(policy("hard", max_names=1), waivers=(waiver(entry="*"),))
    (finding,) = judge([one], SUBJECT, NOW)
    assert finding.waiver_id is None
    assert not finding.needs_reason


def test_a_refusal_has_name_sentence_and_the_policys_own_words() -> None:
    said = refusal_sentence(judge([policy(max_names=1, wildcards=False)], SUBJECT, NOW))
    assert said == "Policy “p”: It has 2 names; 1 are the most. Ask ada."


def test_what_is_not_known_yet_is_not_judged() -> None:
    everything = policy(
        keys=("ec-256",),
        digests=("sha256",),
        validity=(ValidityLimit(1),),
        authorities=("x",),
        entry_name="y",
        forbidden_names=("z",),
        max_names=1,
    )
    assert found(everything, PolicySubject("issue")) == []


def test_a_name_without_end_does_not_make_a_sentence_without_end() -> None:
    endless = replace(SUBJECT, names=("DNS:" + "a" * 100_000,), common_name="b." * 50_000, entry_name="c" * 100_000)
    one = policy(allowed_names=("*.example.com",), forbidden_names=("**",), entry_name="x", common_name_only=False)
    assert all(len(message) < 1_000 for message in found(one, endless))
    assert len(found(one, endless)) == 4


def test_ready_made_policies_are_valid_and_say_what_they_ask() -> None:
    names = [form.name for one in ready_made_sets() for form in one.policies]
    assert len(set(names)) == len(names)
    for one in ready_made_sets():
        for form in one.policies:
            assert checked_form(form) == form
            assert form.description
            assert form.enabled is False
            assert rule_sentences(form.rules or PolicyRules())


# --- anything -------------------------------------------------------------------------------------------------------------

_TEXT = st.text(max_size=12)
_PATTERNS = st.lists(
    st.sampled_from(["*.example.com", ".example.com", "**", "ip:10.0.0.0/8", "email:*", "x?.y"]), max_size=3
).map(tuple)
RULES = st.builds(
    PolicyRules,
    allowed_names=_PATTERNS,
    forbidden_names=_PATTERNS,
    wildcards=st.booleans(),
    registered_domains=st.lists(st.sampled_from(["example.com", "example.org"]), max_size=2, unique=True).map(tuple),
    internal_names=st.booleans(),
    common_name_only=st.booleans(),
    keys=st.lists(st.sampled_from(["rsa-2048", "ec-256", "ed25519", "ml-dsa-65"]), max_size=3, unique=True).map(tuple),
    digests=st.lists(st.sampled_from(["sha256", "sha384"]), max_size=2, unique=True).map(tuple),
    validity=st.lists(
        st.builds(
            ValidityLimit,
            st.integers(1, 900),
            st.none()
            | st.integers(0, 3000).map(lambda days: datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(days)),
        ),
        max_size=3,
        unique_by=lambda limit: limit.from_date,
    ).map(tuple),
    subject_fields=st.lists(st.sampled_from(["O", "C=DE", "OU=*"]), max_size=2, unique=True).map(tuple),
    authorities=st.lists(st.sampled_from(["type:local", "Example*"]), max_size=2, unique=True).map(tuple),
    max_names=st.integers(0, 4),
    entry_name=st.sampled_from(["", "pay-*"]),
)
SCOPES = st.builds(
    PolicyScope,
    acts=st.lists(st.sampled_from(POLICY_ACTS), min_size=1, unique=True).map(
        lambda acts: tuple(act for act in POLICY_ACTS if act in acts)
    ),
    domains=_PATTERNS,
    groups=st.lists(st.sampled_from(["payments", "web"]), max_size=2, unique=True).map(tuple),
    authorities=st.sampled_from([(), ("type:acme",)]),
    cas=st.booleans(),
)
SUBJECTS = st.builds(
    PolicySubject,
    act=st.sampled_from(POLICY_ACTS),
    names=st.lists(
        st.builds(str.__add__, st.sampled_from(["DNS:", "IP:", "EMAIL:", "URI:", "OTHER:", ""]), _TEXT), max_size=4
    ).map(tuple),
    common_name=_TEXT,
    subject=st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple),
    key_algorithm=_TEXT | st.sampled_from(["rsa-1024", "rsa-99999999", "ec-256", "rsa-²"]),
    signature_digest=_TEXT,
    validity_days=st.none() | st.integers(-10, 10**7),
    authority=_TEXT,
    provider=_TEXT,
    business_group=_TEXT,
    entry_name=_TEXT,
    is_ca=st.booleans(),
)


@given(rules=RULES, scope=SCOPES, subject=SUBJECTS, outcome=st.sampled_from(OUTCOMES))
def test_any_policy_judges_any_subject_by_sentences(
    rules: PolicyRules, scope: PolicyScope, subject: PolicySubject, outcome: str
) -> None:
    one = Policy(PolicyRow(1, 1, "p", "", True, outcome, scope, rules, 0, NOW, NOW))
    findings = judge([one], subject, NOW)
    asked = {rule for rule, _ in rule_sentences(rules)}
    assert {finding.rule for finding in findings} <= asked
    assert len({finding.rule for finding in findings}) == len(findings)
    assert all(finding.message.endswith(".") and finding.outcome == outcome for finding in findings)
    if subject.act not in scope.acts:
        assert findings == ()
    assert judge([one, one], subject, NOW) == findings * 2


@given(rules=RULES, scope=SCOPES, subject=SUBJECTS)
def test_a_stricter_policy_finds_no_less(rules: PolicyRules, scope: PolicyScope, subject: PolicySubject) -> None:
    def rules_found(more: PolicyRules) -> set[str]:
        row = PolicyRow(1, 1, "p", "", True, "hard", scope, more, 0, NOW, NOW)
        return {finding.rule for finding in judge([Policy(row)], subject, NOW)}

    stricter = replace(rules, wildcards=False, max_names=1, internal_names=False)
    assert rules_found(rules) <= rules_found(stricter)


@given(rules=RULES, scope=SCOPES)
def test_what_was_checked_stays_as_it_is_and_survives_json(rules: PolicyRules, scope: PolicyScope) -> None:
    assert checked_scope(checked_scope(scope)) == checked_scope(scope)
    assert scope_of(json.loads(dumped(scope_json(scope)))) == scope
    assert scope_sentence(scope).endswith(".")
    assert scope_in_short(scope)
    if rules == PolicyRules():
        return
    once = checked_rules(rules)
    assert checked_rules(once) == once
    assert rules_of(json.loads(dumped(rules_json(once)))) == once
    assert rules_in_short(once)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", "{", '{"rules": []}', '{"rules": {"keys": "rsa-2048"}}', '{"rules": {"max_names": true}}',
     '{"rules": {"validity": [{"days": "many"}]}}', '{"rules": {"validity": [{"days": 2, "from_date": "May"}]}}',
     '{"scope": {"cas": 1}}', '{"name": 7}', '{"nonsense": 1}', "[" * 100_000],
)  # fmt: skip
def test_json_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        form_of(text)


def test_what_a_file_leaves_out_stays_open() -> None:
    assert form_of('{"rules": {"validity": 200}}') == PolicyForm(rules=PolicyRules(validity=(ValidityLimit(200),)))
