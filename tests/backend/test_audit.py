"""The audit log: who did what, in one chain without a gap; and what others see of it."""

from __future__ import annotations

import json

import pytest

from certtui.errors import Invalid, NotFound
from certtui.model.audit import AuditExport
from certtui.model.certificate import CertificateEdit
from certtui.model.query import Query, Sort
from tests.backend.entries import added, events


def test_every_event_names_who_acted_and_on_what(backend, harness) -> None:
    page = added(backend, name="shop")
    event = backend.audit.get(backend.audit.head().seq)
    assert (event.object_kind, event.object_id, event.object_name) == ("certificate", page.id, "shop")
    actor = json.loads(event.actor)
    # Which request it was is told by the server's log and answer under the same id.
    assert bool(actor.pop("request_id", "")) == (harness.way["via"] == "api")
    assert actor == {"name": "ada", "kind": "user", "sudo_user": "root", "ssh_client": "192.0.2.7", **harness.way}


def test_events_are_numbered_without_a_gap_and_linked(backend) -> None:
    for number in range(5):
        added(backend, f"h{number}.example.com")
    head = backend.audit.head()
    rows = [backend.audit.get(seq) for seq in range(1, head.seq + 1)]
    assert [one.previous_hash for one in rows[1:]] == [one.hash for one in rows[:-1]]
    assert rows[-1].hash == head.hash
    verified = backend.audit.verify()
    assert (verified.checked, verified.first_broken, verified.problem, verified.head) == (head.seq, None, "", head)


def test_verifying_tells_how_far_it_is(backend) -> None:
    added(backend)
    told = []
    backend.audit.verify(lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


def test_the_log_is_listed_newest_first(backend) -> None:
    added(backend)
    rows = backend.audit.search(Query("", Sort("id", descending=True))).rows(0, 10)
    assert [row.event for row in rows] == ["certificate.import.success", "store.create.success"]


def test_an_event_that_is_not_there_is_not_found(backend) -> None:
    with pytest.raises(NotFound):
        backend.audit.get(99)


def test_a_view_is_on_record_but_is_no_change(backend) -> None:
    page = added(backend)
    seen = backend.feed.latest()
    backend.certificates.record_view(page.id)
    assert events(backend)[-1] == "certificate.view.accessed"
    assert list(backend.feed.since(seen)) == []
    assert backend.certificates.get(page.id).version == page.version
    with pytest.raises(NotFound):
        backend.certificates.record_view(99)


def test_an_export_of_the_log_is_on_record_but_is_no_change(backend) -> None:
    added(backend)
    seen = backend.feed.latest()
    backend.audit.record_export(AuditExport(2, "csv", "since:2026-01-01"))
    event = backend.audit.get(backend.audit.head().seq)
    assert (event.event, event.object_kind, event.object_id) == ("audit.export.success", "audit", None)
    assert json.loads(event.detail) == {"count": 2, "form": "csv", "filter": "since:2026-01-01"}
    assert "ada" in event.actor
    assert list(backend.feed.since(seen)) == []
    assert backend.audit.verify().first_broken is None


@pytest.mark.parametrize(
    ("export", "field"),
    [(AuditExport(-1, "csv"), "count"), (AuditExport(2**60, "csv"), "count"), (AuditExport(1, "a b"), "form")],
)
def test_an_export_that_makes_no_sense_is_not_on_record(backend, export: AuditExport, field: str) -> None:
    added(backend)
    before = backend.audit.head()
    with pytest.raises(Invalid) as refused:
        backend.audit.record_export(export)
    assert (refused.value.field, backend.audit.head()) == (field, before)


def test_the_feed_tells_others_what_changed(backend, harness) -> None:
    other = harness.open()
    seen = other.feed.latest()
    page = added(backend)
    backend.certificates.edit(page.id, page.version, CertificateEdit(description="x"))
    assert other.feed.latest() == seen + 2
    changes = other.feed.since(seen)
    assert [(one.event, one.object_kind, one.object_ids) for one in changes] == [
        ("certificate.import.success", "certificate", (page.id,)),
        ("certificate.edit.success", "certificate", (page.id,)),
    ]
    assert list(other.feed.since(seen, limit=1)) == [changes[0]]


def test_a_change_that_failed_is_not_on_record(backend) -> None:
    page = added(backend)
    head = backend.audit.head()
    with pytest.raises(Exception, match="changed by somebody"):
        backend.certificates.edit(page.id, page.version + 1, CertificateEdit(description="x"))
    assert backend.audit.head() == head
