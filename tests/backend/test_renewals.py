"""Renewals: what is due, renewed once, by days that fit the life, over every backend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui.errors import Conflict, Denied, Invalid, NotFound, Unsupported
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.certificate import CertificateEdit, Labels
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.policy import PolicyRules, PolicyScope
from certtui.model.query import Query
from certtui.model.revocation import RevocationForm, RevocationReason
from certtui.model.secret import Secret
from tests.backend.entries import add, cert, events, resource
from tests.backend.issuing import complete, local_authority
from tests.backend.test_policies import policy

NAME = "shop.example.com"


def renewing(backend, days: int = 30, life: int = 20):  # type: ignore[no-untyped-def]
    """A certificate of the built-in PKI that renews itself; days that its life does not have come from the profile."""
    authority_id = local_authority(backend).row.id
    given = {"auto_renew_days": days}
    if days >= life:
        authority = backend.authorities.get(authority_id)
        backend.authorities.edit(authority_id, authority.row.version, AuthorityForm(auto_renew_days=days))
        given = {}
    order = complete(backend, NAME, days=life, **given)
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
    assert said(backend.certificates.get(old.id), "Decided")[-1].endswith(f"Order {order.id} renews it, as ada wished.")
    assert [each.name for each in new.resources] == ["lb-west"]
    assert backend.certificates.get(old.id).resources == ()
    assert any("Took the place of the one before on lb-west." in step.text for step in order.steps)
    # Where a person wants that, they stay.
    left = backend.certificates.renew(new.id, new.version, take_over=False)
    assert backend.certificates.get(left.row.certificate_id).resources == ()
    assert [each.name for each in backend.certificates.get(new.id).resources] == ["lb-west"]
    assert new.auto_renew_days == 5
    assert "order.submit.success" in events(backend)


def test_a_profile_may_leave_resources_and_a_person_may_say_otherwise(backend) -> None:
    local_authority(backend, take_over="no")
    page = backend.certificates.get(complete(backend, NAME, days=20).row.certificate_id)
    backend.resources.associate(page.id, [resource(backend).row.id])
    page = backend.certificates.get(page.id)
    left = backend.certificates.renew(page.id, page.version)
    assert backend.certificates.get(left.row.certificate_id).resources == ()
    again = backend.certificates.get(page.id)
    taken = backend.certificates.renew(again.id, again.version, take_over=True)
    assert [each.name for each in backend.certificates.get(taken.row.certificate_id).resources] == ["lb-west"]
    with pytest.raises(Invalid, match="neither yes nor no"):
        backend.authorities.edit(1, 1, AuthorityForm(settings={"take_over": "perhaps"}))


def test_a_word_on_soft_findings_is_said_again_by_renewals(backend) -> None:
    local_authority(backend)
    scope = PolicyScope(("issue", "renew"))
    policy(backend, "one name", "soft", PolicyRules(max_names=1), scope=scope)
    sans = ("DNS:two.example.com",)
    order = complete(backend, NAME, sans=sans, days=20, auto_renew_days=5, reason="one box, two names")
    page = backend.certificates.get(order.row.certificate_id)
    renewed = backend.certificates.renew(page.id, page.version)
    assert renewed.row.status is OrderStatus.COMPLETE
    assert [each.policy_name for each in renewed.findings] == ["one name"]


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


def revoked(backend, page, reason: RevocationReason, renew: bool | None = None):  # type: ignore[no-untyped-def]
    """The same entry, revoked."""
    form = RevocationForm(page.x509.serial_number, reason, renew=renew)
    return backend.certificates.revoke(page.id, backend.certificates.get(page.id).version, form)


def test_what_is_revoked_and_still_needed_is_replaced_at_once_and_once(backend, harness) -> None:
    old = renewing(backend, days=5)
    page = revoked(backend, old, RevocationReason.KEY_COMPROMISE)
    assert page.revocation.renew
    (due,) = backend.renewals.due()
    assert (due.certificate_id, due.revoked, due.blocked) == (old.id, True, "")
    assert due.why == ("It was revoked for keyCompromise: it is replaced without waiting for its end, with a new key.")
    assert said(page, "Why then") == [due.why]
    if backend.capabilities.why_not("renewals.run_due"):
        return
    (order_id,) = backend.renewals.run_due().orders
    new = backend.certificates.get(backend.orders.get(order_id).row.certificate_id)
    assert new.x509.spki_sha256 != old.x509.spki_sha256
    assert backend.renewals.due() == ()
    # The new one is revoked too, by the person who is not kept waiting: it is replaced, and the first is not once more.
    revoked(backend, new, RevocationReason.SUPERSEDED)
    (due,) = backend.renewals.due()
    assert due.certificate_id == new.id
    (order_id,) = backend.renewals.run_due().orders
    last = backend.certificates.get(backend.orders.get(order_id).row.certificate_id)
    # And what nobody needs any more ends the line, though the first two are still to expire.
    revoked(backend, last, RevocationReason.CESSATION_OF_OPERATION)
    assert backend.renewals.due() == ()


def test_a_person_says_whether_what_is_revoked_gets_a_successor(backend) -> None:
    page = renewing(backend, days=5)
    plan = backend.certificates.plan_revocation(page.id)
    assert (plan.renews_itself, plan.why_no_renewal) == (True, "")
    revoked(backend, page, RevocationReason.KEY_COMPROMISE, renew=False)
    assert backend.renewals.due() == ()
    other = backend.certificates.get(complete(backend, "b.example.com", days=20).row.certificate_id)
    revoked(backend, other, RevocationReason.UNSPECIFIED, renew=True)
    assert [each.certificate_id for each in backend.renewals.due()] == [other.id]
    nobody = backend.certificates.get(add(backend, cert("c.example.com")).id)
    assert "No authority is known" in backend.certificates.plan_revocation(nobody.id).why_no_renewal
    with pytest.raises(Invalid, match="nobody can be asked") as refused:
        revoked(backend, nobody, RevocationReason.UNSPECIFIED, renew=True)
    assert refused.value.field == "renew"


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


def test_nobody_takes_the_mark_of_a_renewal_that_is_not_theirs(backend) -> None:
    """The worker would find their order there, and never renew."""
    page = renewing(backend, days=5)
    mark = f"renews-{page.id}-1"
    theirs = OrderForm("internal", SubjectFields("evil.example.com"), reference=mark)
    with pytest.raises(Invalid, match="mark of a renewal of another certificate") as refused:
        backend.orders.save(theirs)
    assert refused.value.field == "reference"
    order = backend.certificates.renew(page.id, page.version)
    assert (order.form.reference, order.row.common_name) == (mark, NAME)


def test_days_that_no_life_has_are_refused_where_a_person_sets_them(backend) -> None:
    """1 to the life minus 1, 0 for none; a profile may give more, which is fitted to the life."""
    local_authority(backend)
    with pytest.raises(Invalid, match="It lives 20 days, and can't be renewed 20 days before") as refused:
        complete(backend, NAME, days=20, auto_renew_days=20)
    assert (refused.value.field, refused.value.hint) == (
        "auto_renew_days",
        "Give 1 to 19, or 0 for one that does not renew itself.",
    )
    page = backend.certificates.get(complete(backend, NAME, days=20, auto_renew_days=19).row.certificate_id)
    for days in (20, 40_000):
        with pytest.raises(Invalid) as refused:
            backend.certificates.edit(page.id, page.version, CertificateEdit(auto_renew_days=days))
        assert refused.value.field == "auto_renew_days"
    page = backend.certificates.edit(page.id, page.version, CertificateEdit(auto_renew_days=0))
    assert page.auto_renew_days is None
    assert backend.authorities.add(AuthorityForm(name="new", type=AuthorityType.EXTERNAL)).auto_renew_days == 7
    with pytest.raises(Invalid):
        backend.authorities.add(AuthorityForm(name="x", type=AuthorityType.EXTERNAL, auto_renew_days=-1))


def test_a_life_that_only_the_template_knows_counts_too(backend) -> None:
    local_authority(backend)
    form = OrderForm("internal", SubjectFields(NAME), (f"DNS:{NAME}",), auto_renew_days=90)
    with pytest.raises(Invalid, match="It lives 90 days"):
        backend.orders.preview(form)
    draft = backend.orders.save(form)
    with pytest.raises(Invalid, match="It lives 90 days"):
        backend.orders.submit(draft.id, draft.version)


def test_an_imported_certificate_is_given_an_authority_and_days_and_renews_itself(backend, harness) -> None:
    local_authority(backend)
    page = backend.certificates.get(add(backend, cert()).id)
    with pytest.raises(Invalid, match="No authority is known") as refused:
        backend.certificates.edit(page.id, page.version, CertificateEdit(auto_renew_days=7))
    assert refused.value.field == "authority"
    with pytest.raises(Invalid, match="There is no authority"):
        backend.certificates.edit(page.id, page.version, CertificateEdit(authority="nobody", auto_renew_days=7))
    changes = CertificateEdit(authority="INTERNAL", auto_renew_days=7)
    page = backend.certificates.edit(page.id, page.version, changes)
    assert (page.authority, page.auto_renew_days) == ("internal", 7)
    assert said(page, "Why then") == ["7 days before it expires."]
    # Taken away again, nothing renews it.
    page = backend.certificates.edit(page.id, page.version, CertificateEdit(authority=""))
    assert (page.authority, page.auto_renew_days) == ("", None)


def test_many_are_given_days_and_those_that_do_not_live_so_long_are_named(backend) -> None:
    local_authority(backend)
    pages = [
        backend.certificates.get(complete(backend, f"{days}.example.com", days=days).row.certificate_id)
        for days in (20, 8)
    ]
    outcome = backend.certificates.edit_many(
        [(page.id, page.version) for page in pages], CertificateEdit(auto_renew_days=10)
    )
    assert outcome.done == (pages[0].id,)
    ((skipped, why),) = outcome.skipped
    assert (skipped, why.split(",")[0]) == (pages[1].id, "It lives 8 days")
    assert [backend.certificates.get(page.id).auto_renew_days for page in pages] == [10, None]


def test_a_key_is_kept_where_one_wants_it_and_only_while_it_is_safe(backend) -> None:
    local_authority(backend)
    order = complete(backend, NAME, days=20, auto_renew_days=5, keep_key=True)
    old = backend.certificates.get(order.row.certificate_id)
    assert old.keep_key
    order = backend.certificates.renew(old.id, old.version)
    new = backend.certificates.get(order.row.certificate_id)
    assert new.x509.spki_sha256 == old.x509.spki_sha256
    assert (new.keep_key, new.row.has_private_key) == (True, True)
    assert any("The key of the certificate before (ec-256) is kept" in step.text for step in order.steps)
    # Compromised, it is nobody's any more: neither for an order nor for the next one.
    form = RevocationForm(old.x509.serial_number, RevocationReason.KEY_COMPROMISE)
    backend.certificates.revoke(old.id, backend.certificates.get(old.id).version, form)
    with pytest.raises(Invalid, match="revoked for keyCompromise") as refused:
        complete(backend, NAME, days=20, renews_id=new.id, keep_key=True)
    assert refused.value.field == "keep_key"
    # One that is not here can't be had again.
    page = backend.certificates.get(add(backend, cert("pin.example.com")).id)
    with pytest.raises(Invalid, match="is not here"):
        backend.certificates.edit(page.id, page.version, CertificateEdit(keep_key=True))


def test_whoever_does_not_see_the_successor_does_not_renew_again(local) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    order = complete(backend, NAME, days=20, auto_renew_days=5, labels=Labels(business_group="web"))
    old = backend.certificates.get(order.row.certificate_id)
    local.clock.advance(days=16)
    part = backend.acting(Identity(Actor("eve"), Access(Role.OPERATOR, groups=("web",))))
    assert [each.certificate_id for each in part.renewals.due()] == [old.id]
    new = backend.certificates.renew(old.id, old.version).row.certificate_id
    version = backend.certificates.get(new).version
    backend.certificates.edit(new, version, CertificateEdit(business_group="db"))
    assert part.renewals.due() == ()
    assert said(part.certificates.get(old.id), "Why then") == []


def blocked(backend) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    """What alerts say of renewals that can't be."""
    backend.alerts.sweep()
    rows = backend.alerts.search(Query("state:open kind:renewal_blocked,order_failed")).rows(0, 10)
    return [(str(row.severity), row.detail) for row in rows]


def test_a_store_that_is_locked_keeps_renewals_waiting_and_an_alert_says_so(local) -> None:
    backend = local.open(create=True, passphrase="correct horse")
    old = renewing(backend, days=5)
    local.clock.advance(days=16)
    backend.store.lock()
    (problem,) = [each for each in backend.work.run_due().problems if "renewal" in each]
    assert problem.endswith("1 renewal waits until it is unlocked.")
    ((severity, detail),) = blocked(backend)
    assert (severity, "locked" in detail) == ("warning", True)
    assert "locked" in said(backend.certificates.get(old.id), "Now")[0]
    backend.store.unlock(Secret("correct horse"))
    local.clock.advance(minutes=6)
    assert backend.work.run_due().done["renewals"] == 1
    assert blocked(backend) == []


def test_attempts_that_fail_follow_each_other_with_reasons_and_leave_one_entry_behind(local, monkeypatch) -> None:
    """Each is later than the one before, and told as one alert that grows with the end in view."""
    from certtui.authorities.base import Refused
    from certtui.authorities.local import LocalPki

    backend = local.open(create=True)
    old = renewing(backend, days=5)
    before = backend.certificates.overview().total
    monkeypatch.setattr(LocalPki, "submit", lambda *_: Refused("The CA is on holiday."))
    local.clock.advance(days=15, hours=1)
    pauses = []
    for _ in range(3):
        (order_id,) = backend.renewals.run_due().orders
        assert backend.orders.get(order_id).row.status is OrderStatus.FAILED
        (due,) = backend.renewals.due()
        pauses.append((due.try_at - local.clock.now()) // timedelta(hours=1))
        assert due.blocked == f"Order {order_id} failed: The CA is on holiday."
        assert backend.renewals.run_due().orders == ()
        local.clock.advance(hours=pauses[-1], seconds=1)
    assert pauses == [1, 4, 12]
    assert blocked(backend) == [("warning", f"order {order_id} failed: The CA is on holiday")]
    assert backend.certificates.overview().total == before + 1
    local.clock.advance(days=2)
    assert blocked(backend)[0][0] == "critical"
    monkeypatch.undo()
    (order_id,) = backend.renewals.run_due().orders
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE
    assert blocked(backend) == []
    assert backend.certificates.overview().total == before + 1
    assert "on holiday" in " ".join(said(backend.certificates.get(old.id), "Decided"))
