"""What needs a person: found by sweeps, handled by people, seen within a scope."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.alert import AlertKind, AlertRow, AlertState, Severity
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query, Sort
from tests.backend.entries import add, added, cert, events, resource
from tests.backend.harness import Harness
from tests.certs import NOW


def rows(backend, text: str = "", sort: str = "id") -> list[AlertRow]:
    return list(backend.alerts.search(Query(text, Sort.parse(sort))).rows(0, 100))


def kinds(backend, text: str = "state:open") -> list[str]:
    return sorted(str(row.kind) for row in rows(backend, text))


def only(backend, text: str = "") -> AlertRow:
    (row,) = rows(backend, text)
    return row


@pytest.fixture
def soon(backend, harness: Harness):
    """A certificate with ten days left, and the alert that a sweep raised for it."""
    page = added(backend, "soon.example.com", business_group="payments")
    harness.clock.advance(seconds=(page.row.not_after - NOW).total_seconds() - 10 * 86_400)
    backend.alerts.sweep()
    return backend.alerts.get(only(backend).id)


def test_a_quiet_inventory_raises_nothing(backend) -> None:
    added(backend)
    report = backend.alerts.sweep()
    assert (report.opened, report.open, rows(backend)) == (0, 0, [])


def test_what_expires_soon_raises_one_alert_that_says_what_and_where(backend, soon) -> None:
    row = soon.row
    assert (row.kind, row.severity, row.level, row.state) == (
        AlertKind.EXPIRING, Severity.WARNING, 14, AlertState.OPEN,
    )  # fmt: skip
    assert (row.object_kind, row.object_name, row.business_group) == ("certificate", "soon.example.com", "payments")
    assert row.due_at == backend.certificates.get(row.object_id).row.not_after
    assert [line.what for line in soon.history] == ["opened"]
    assert events(backend)[-1] == "alert.opened"


def test_a_sweep_that_finds_nothing_new_writes_nothing(backend, soon) -> None:
    before = backend.audit.head()
    report = backend.alerts.sweep()
    assert (report.opened, report.escalated, report.updated, report.resolved, report.open) == (0, 0, 0, 0, 1)
    assert backend.audit.head() == before


def test_each_threshold_raises_the_same_alert_higher(backend, harness, soon) -> None:
    harness.clock.advance(days=4)
    assert backend.alerts.sweep().escalated == 1
    after = backend.alerts.get(soon.id)
    assert (after.row.level, after.row.severity, len(rows(backend))) == (7, Severity.CRITICAL, 1)
    assert [line.what for line in after.history] == ["escalated", "opened"]


def test_an_acknowledged_alert_opens_again_only_when_it_is_more_urgent(backend, harness, soon) -> None:
    taken = backend.alerts.acknowledge(soon.id, soon.version, "I am on it")
    assert (taken.row.state, taken.row.handled_by, taken.row.note) == ("acknowledged", "ada", "I am on it")
    assert backend.alerts.sweep().escalated == 0
    harness.clock.advance(days=4)
    backend.alerts.sweep()
    critical = backend.alerts.get(soon.id)
    assert (critical.row.state, critical.row.severity) == (AlertState.OPEN, Severity.CRITICAL)
    taken = backend.alerts.acknowledge(soon.id, critical.version)
    harness.clock.advance(days=4)
    assert backend.alerts.sweep().escalated == 0
    quiet = backend.alerts.get(soon.id)
    assert (quiet.row.state, quiet.row.level) == (AlertState.ACKNOWLEDGED, 3)


def test_a_snoozed_alert_comes_back_at_its_time(backend, harness, soon) -> None:
    until = harness.clock.now() + timedelta(hours=1)
    put_off = backend.alerts.snooze(soon.id, soon.version, until, "after lunch")
    assert (put_off.row.state, put_off.row.snoozed_until) == (AlertState.SNOOZED, until)
    assert backend.alerts.sweep().woken == 0
    harness.clock.advance(hours=1)
    assert backend.alerts.sweep().woken == 1
    assert backend.alerts.get(soon.id).row.state is AlertState.OPEN


@pytest.mark.parametrize("hours", [0, -1, 24 * 400])
def test_a_snooze_ends_in_the_future_and_within_a_year(backend, harness, soon, hours: int) -> None:
    with pytest.raises(Invalid) as refused:
        backend.alerts.snooze(soon.id, soon.version, harness.clock.now() + timedelta(hours=hours))
    assert refused.value.field == "until"


def test_it_resolves_itself_when_its_cause_is_gone_and_opens_when_that_comes_back(backend, soon) -> None:
    backend.alerts.set_thresholds("", [5])
    assert backend.alerts.sweep().resolved == 1
    gone = backend.alerts.get(soon.id)
    assert (gone.row.state, gone.row.resolved_by) == (AlertState.RESOLVED, "condition")
    with pytest.raises(Conflict):
        backend.alerts.reopen(gone.id, gone.version)
    backend.alerts.set_thresholds("", None)
    assert backend.alerts.sweep().opened == 1
    assert backend.alerts.get(soon.id).row.state is AlertState.OPEN


def test_what_a_person_resolved_stays_so_until_its_cause_went_away(backend, soon) -> None:
    done = backend.alerts.resolve(soon.id, soon.version, "is switched off next week")
    assert (done.row.state, done.row.resolved_by) == (AlertState.RESOLVED, "ada")
    backend.alerts.sweep()
    assert backend.alerts.get(soon.id).row.state is AlertState.RESOLVED
    backend.alerts.set_thresholds("", [5])
    backend.alerts.sweep()
    backend.alerts.set_thresholds("", None)
    backend.alerts.sweep()
    assert backend.alerts.get(soon.id).row.state is AlertState.OPEN


def test_what_was_said_can_be_taken_back(backend, soon) -> None:
    done = backend.alerts.resolve(soon.id, soon.version)
    again = backend.alerts.reopen(done.id, done.version, "it is not switched off")
    assert (again.row.state, again.row.resolved_by) == (AlertState.OPEN, "")
    assert [line.what for line in again.history] == ["reopened", "resolved", "opened"]


def test_an_alert_that_moved_is_a_conflict_and_one_that_is_not_there_is_not_found(backend, soon) -> None:
    backend.alerts.acknowledge(soon.id, soon.version)
    with pytest.raises(Conflict):
        backend.alerts.resolve(soon.id, soon.version)
    with pytest.raises(NotFound):
        backend.alerts.get(99)
    with pytest.raises(NotFound):
        backend.alerts.acknowledge(99, 1)


def test_many_are_handled_at_once_and_those_that_moved_are_named(backend, harness) -> None:
    for number in range(3):
        add(backend, cert(f"{number}.example.com", number=number + 1))
    harness.clock.advance(days=330)
    backend.alerts.sweep()
    first, second, third = rows(backend)
    backend.alerts.acknowledge(first.id, first.version)
    outcome = backend.alerts.resolve_many([(row.id, row.version) for row in (first, second, third)], "all gone")
    assert outcome.done == (second.id, third.id)
    assert [row_id for row_id, _ in outcome.skipped] == [first.id]
    assert backend.alerts.get(second.id).row.note == "all gone"
    assert events(backend)[-1] == "alert.resolved"
    reopened = backend.alerts.reopen_many([(row.id, row.version) for row in rows(backend, "state:resolved")])
    assert len(reopened.done) == 2


def test_open_alerts_are_counted_by_severity(backend, harness, soon) -> None:
    counts = backend.alerts.open_counts()
    assert (counts.info, counts.warning, counts.critical, counts.total) == (0, 1, 0, 1)
    backend.alerts.acknowledge(soon.id, soon.version)
    assert backend.alerts.open_counts().total == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", 1), ("soon", 1), ("state:open", 1), ("state:resolved,snoozed", 0), ("severity:warning,critical", 1),
        ("!severity:warning", 0), ("kind:expiring", 1), ("kind:weak-key", 0), ("group:payments", 1), ("group:other", 0),
        ("object:soon*", 1), ("object:certificate", 1), ("object:ca", 0), ("id:1", 1), ("since:2020", 1), ("until:2020", 0),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_words(backend, soon, text: str, found: int) -> None:
    assert len(rows(backend, text)) == found


def test_a_filter_or_an_order_that_cannot_be_is_refused_by_field(backend) -> None:
    with pytest.raises(Invalid) as refused:
        backend.alerts.search(Query("colour:red", Sort("id")))
    assert refused.value.field == "filter"
    with pytest.raises(Invalid) as refused:
        backend.alerts.search(Query("", Sort("colour")))
    assert refused.value.field == "sort"


@pytest.mark.parametrize("field", ["severity", "name", "kind", "state", "group", "opened", "changed", "due", "snoozed"])
def test_the_list_is_sorted_by_what_it_shows(backend, soon, field: str) -> None:
    assert len(rows(backend, sort=f"-{field}")) == 1


def test_a_group_has_days_of_its_own(backend, harness, soon) -> None:
    add(backend, cert("other.example.com", number=2), business_group="other")
    days = backend.alerts.set_thresholds("other", [3, 1])
    assert [(each.business_group, each.days[:2]) for each in days] == [("", (90, 60)), ("other", (3, 1))]
    backend.alerts.sweep()
    assert [row.business_group for row in rows(backend, "state:open")] == ["payments"]
    backend.alerts.set_thresholds("other", None)
    backend.alerts.sweep()
    assert len(rows(backend, "state:open")) == 2


def test_days_that_make_no_sense_are_refused(backend) -> None:
    with pytest.raises(Invalid) as refused:
        backend.alerts.set_thresholds("", [0])
    assert refused.value.field == "days"


def test_a_certificate_that_expired_says_so_and_no_longer_that_it_will(backend, harness, soon) -> None:
    harness.clock.advance(days=11)
    backend.alerts.sweep()
    assert kinds(backend) == ["expired"]
    harness.clock.advance(days=31)
    backend.alerts.sweep()
    assert kinds(backend) == []


def test_one_that_expired_and_is_in_use_says_that_for_as_long_as_it_is(backend, harness, soon) -> None:
    made = resource(backend)
    backend.resources.associate(soon.row.object_id, [made.row.id])
    harness.clock.advance(days=100)
    backend.alerts.sweep()
    assert kinds(backend) == ["in_use_expired"]
    backend.resources.dissociate(soon.row.object_id, [made.row.id])
    backend.alerts.sweep()
    assert kinds(backend) == []


def test_a_certificate_that_a_newer_one_replaces_is_quiet(backend, harness, soon) -> None:
    newer = add(backend, cert("soon.example.com", number=2, not_before=harness.clock.now(), days=300))
    plan = backend.certificates.plan_replacement(soon.row.object_id, newer.id)
    backend.certificates.replace(plan)
    backend.alerts.sweep()
    assert kinds(backend) == []


def test_a_deleted_certificate_leaves_a_resolved_alert_with_its_story(backend, soon) -> None:
    page = backend.certificates.get(soon.row.object_id)
    backend.certificates.delete(page.id, page.version)
    backend.alerts.sweep()
    gone = backend.alerts.get(soon.id)
    assert (gone.row.state, gone.row.object_name) == (AlertState.RESOLVED, "soon.example.com")


def test_a_new_name_is_the_alerts_new_name(backend, soon) -> None:
    from certtui.model.certificate import CertificateEdit

    page = backend.certificates.get(soon.row.object_id)
    backend.certificates.edit(page.id, page.version, CertificateEdit(name="renamed", business_group="web"))
    row = backend.alerts.get(soon.id).row
    assert (row.object_name, row.business_group, row.version) == ("renamed", "web", soon.version)
    assert backend.alerts.sweep().updated == 0


def test_a_short_lived_certificate_is_not_about_to_expire_all_its_life(backend, harness) -> None:
    added_row = add(backend, cert("short.example.com", days=30, not_before=NOW))
    backend.alerts.sweep()
    assert kinds(backend) == []
    harness.clock.advance(days=25)
    backend.alerts.sweep()
    assert [row.object_id for row in rows(backend, "kind:expiring")] == [added_row.id]


def test_a_weak_key_raises_an_alert_that_names_it(backend) -> None:
    add(backend, cert("weak.example.com", kind="rsa-1024"))
    add(backend, cert("strong.example.com", kind="rsa-2048"))
    backend.alerts.sweep()
    assert [(str(row.kind), row.detail, row.object_name) for row in rows(backend)] == [
        ("weak_key", "rsa-1024", "weak.example.com")
    ]


def test_a_key_in_two_certificates_is_one_alert(backend) -> None:
    one = cert("a.example.com")
    add(backend, one)
    add(backend, cert("b.example.com", key=one.key, number=2))
    backend.alerts.sweep()
    row = only(backend, "kind:key_reuse")
    assert (row.object_name, row.detail, row.severity) == ("a.example.com", "2", Severity.WARNING)


def test_a_name_carried_twice_is_one_alert(backend) -> None:
    for number in (1, 2, 3):
        add(backend, cert("shop.example.com", number=number))
    backend.alerts.sweep()
    row = only(backend, "kind:duplicate_name")
    assert (row.detail, row.severity) == ("3", Severity.INFO)


def test_an_issuer_that_is_nowhere_is_told_once_for_all_it_signed(backend) -> None:
    root = cert("Nowhere Root", ca=True, number=9)
    for number in (1, 2):
        add(backend, cert(f"{number}.example.com", issuer=root, number=number))
    backend.alerts.sweep()
    row = only(backend, "kind:chain_incomplete")
    assert row.detail == "Nowhere Root +1"
    add(backend, root)
    backend.alerts.sweep()
    assert backend.alerts.get(row.id).row.state is AlertState.RESOLVED


def test_drafts_and_saved_requests_raise_nothing(backend) -> None:
    backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    assert backend.alerts.sweep().opened == 0


def test_a_note_that_cannot_be_is_refused(backend, soon) -> None:
    with pytest.raises(Invalid):
        backend.alerts.acknowledge(soon.id, soon.version, "x" * 2_000)
