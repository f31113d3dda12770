"""Soft policies that something passed all the same: an alert for as long as the policy stands and nobody waived it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope
from certtui.model.query import Query, Sort
from tests.backend.entries import add, cert, new
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import complete, local_authority
from tests.backend.test_policies import policy, waived
from tests.backend.test_saved_csrs import request, signed
from tests.certs import NOW

WEAK = PolicyRules(max_names=1)
TWO = {"sans": ("DNS:two.example.com", "DNS:2.example.com")}


def alerts(backend, text: str = "kind:policy_finding state:open") -> list[tuple[str, str]]:
    """(name, detail) after a sweep."""
    backend.alerts.sweep()
    rows = backend.alerts.search(Query(text, Sort("id"))).rows(0, 20)
    return [(row.object_name, row.detail) for row in rows]


def soft(backend, name: str = "one name", act: str = "import") -> Any:
    return policy(backend, name, "soft", WEAK, scope=PolicyScope((act,)))


def passed(backend, **labels: str) -> int:
    """A certificate that was imported with a word."""
    made = replace(new(cert("two.example.com", **TWO), **labels), reason="the old box goes in May")
    return backend.certificates.add([made])[0].id


def test_what_was_imported_against_advice_is_told_with_the_policy(backend) -> None:
    soft(backend)
    passed(backend)
    add(backend, cert("one.example.com", number=1))
    assert alerts(backend) == [("two.example.com", "one name")]


def test_several_that_came_at_once_are_told_each(backend) -> None:
    soft(backend)
    soft(backend, "again")
    both = [
        replace(new(cert(f"{name}.example.com", number=number, **TWO)), reason="old")
        for number, name in enumerate("ab")
    ]
    backend.certificates.add(both, skip_refused=True)
    assert alerts(backend) == [("a.example.com", "again +1"), ("b.example.com", "again +1")]


def test_the_certificate_of_a_saved_csr_is_told_too(backend) -> None:
    saved = backend.csrs.create(request("shop.example.com"))
    policy(backend, "keys", "soft", PolicyRules(keys=("rsa-4096",)), scope=PolicyScope(("import",)))
    backend.csrs.complete(saved.id, saved.version, replace(signed(saved), reason="they have nothing else"))
    assert alerts(backend) == [("shop.example.com", "keys")]


def test_what_an_order_passed_with_is_told_once_it_is_issued(backend) -> None:
    local_authority(backend)
    soft(backend, act="issue")
    order = complete(backend, "two.example.com", sans=("DNS:2.example.com",), reason="one box, two names")
    assert order.row.status == "complete"
    assert alerts(backend) == [("two.example.com", "one name")]


def test_a_policy_that_is_disabled_or_removed_is_silent(backend) -> None:
    made = soft(backend)
    passed(backend)
    assert alerts(backend)
    off = backend.policies.edit(made.id, made.version, PolicyForm(enabled=False))
    assert alerts(backend) == []
    on = backend.policies.edit(made.id, off.version, PolicyForm(enabled=True))
    assert alerts(backend)
    backend.policies.remove(made.id, on.version)
    assert alerts(backend) == []


def test_a_waiver_made_later_silences_it_until_the_waiver_ends(backend, harness) -> None:
    made = soft(backend)
    passed(backend)
    assert alerts(backend)
    waived(backend, made.id, entry="other")
    assert alerts(backend)
    waiver = waived(backend, made.id, entry="two.*")
    assert alerts(backend) == []
    harness.clock.advance(seconds=(waiver.expires_at - harness.clock.now()).total_seconds() + 1)
    assert alerts(backend) == [("two.example.com", "one name")]


def test_a_waiver_that_is_taken_back_brings_it_up(backend) -> None:
    made = soft(backend)
    waiver = waived(backend, made.id, entry="", names=("*.example.com",))
    add(backend, cert("two.example.com", **TWO))
    assert alerts(backend) == []
    backend.policies.remove_waiver(waiver.id)
    assert alerts(backend) == [("two.example.com", "one name")]


def test_it_resolves_with_the_entry_and_when_a_newer_one_renews_it(backend) -> None:
    soft(backend)
    old = passed(backend)
    assert alerts(backend)
    later = add(backend, cert("three.example.com", number=2, not_after=NOW + timedelta(days=300)))
    backend.certificates.replace(backend.certificates.plan_replacement(old, later.id))
    assert alerts(backend) == []
    other = replace(new(cert("four.example.com", number=3, **TWO)), reason="old")
    entry = backend.certificates.get(backend.certificates.add([other])[0].id)
    assert alerts(backend) == [("four.example.com", "one name")]
    backend.certificates.delete(entry.id, entry.version)
    assert alerts(backend) == []


def test_who_sees_a_part_sees_those_of_the_part(local: LocalSqlite) -> None:
    from certtui.model.access import Access, Identity, Role
    from certtui.model.audit import Actor

    owner = local.open(create=True)
    soft(owner)
    passed(owner, business_group="payments")
    assert alerts(owner)
    for group, seen in (("payments", 1), ("web", 0)):
        part = owner.acting(Identity(Actor("eve", credential="token 9"), Access(Role.OPERATOR, groups=(group,))))
        assert len(part.alerts.search(Query("kind:policy_finding", Sort("id"))).rows(0, 5)) == seen


def test_a_store_of_before_takes_over_what_its_orders_passed_with(local: LocalSqlite) -> None:
    import sqlite3

    from certtui.backend.local.migrate import upgrade

    backend = local.open(create=True)
    local_authority(backend)
    made = soft(backend, act="issue")
    order = complete(backend, "two.example.com", sans=("DNS:2.example.com",), reason="one box, two names")
    local.close()
    with sqlite3.connect(local.file) as connection:
        (kept,) = connection.execute("SELECT findings FROM certificate_order").fetchone()
        assert json.loads(kept)[0][0] == made.id
        younger = "renewal acme_dns_name acme_staging acme_record acme_order acme_account "
        younger += (
            "acl_name acl consumer container_part container_version container secret repository_policy repository"
        )
        for table in (*younger.split(), "soft_finding"):
            connection.execute(f"DROP TABLE {table}")
        connection.executescript(
            "DROP INDEX ix_certificate_repository; ALTER TABLE certificate DROP COLUMN repository_id; "
            "ALTER TABLE certificate DROP COLUMN created_by; ALTER TABLE certificate DROP COLUMN keep_key; "
            "DROP INDEX ix_revocation_renew; ALTER TABLE revocation DROP COLUMN renew; UPDATE alembic_version SET version_num = '0006'"
        )
    connection.close()
    upgrade(local.file)
    with sqlite3.connect(local.file) as connection:
        assert connection.execute("SELECT * FROM soft_finding").fetchall() == [(order.row.certificate_id, made.id, 0)]
    connection.close()


@pytest.mark.parametrize(("detail", "said"), [("keys", "policy keys."), ("keys +2", "policy keys and 2 more.")])
def test_the_sentence_names_the_policy(detail: str, said: str) -> None:
    from certtui.model.alert import AlertKind
    from certtui.model.alert_words import sentence

    assert sentence(AlertKind.POLICY_FINDING, detail, None, NOW).endswith(said)
