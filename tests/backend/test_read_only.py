"""Read-only: everything can be read, nothing changed, views are still on record."""

from __future__ import annotations

import pytest

from certtui.errors import Denied, Unsupported
from certtui.model.audit import AuditExport
from certtui.model.certificate import CertificateEdit, ExportForm, ExportRequest
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.resource import ResourceForm
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert, events, resource


def test_every_change_is_refused_with_a_sentence(backend, harness) -> None:
    page, made = added(backend, key=True), resource(backend)
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="c.example.com")))
    other = added(backend, "b.example.com")
    reading = harness.open(read_only=True)
    assert reading.info.read_only
    plan = reading.certificates.plan_replacement(page.id, other.id)
    head = backend.audit.head()
    for act in (
        lambda: add(reading, cert("new.example.com")),
        lambda: reading.certificates.edit(page.id, page.version, CertificateEdit(name="x")),
        lambda: reading.certificates.edit_many([(page.id, page.version)], CertificateEdit(business_group="x")),
        lambda: reading.certificates.delete(page.id, page.version),
        lambda: reading.certificates.delete_many([(page.id, page.version)]),
        lambda: reading.certificates.delete_key(page.id, page.version),
        lambda: reading.certificates.replace(plan),
        lambda: reading.csrs.create(CsrRequest(SubjectFields(common_name="d.example.com"))),
        lambda: reading.csrs.delete(saved.id, saved.version),
        lambda: reading.resources.add(ResourceForm(name="x")),
        lambda: reading.resources.edit(made.row.id, 1, ResourceForm(name="x")),
        lambda: reading.resources.remove(made.row.id, 1),
        lambda: reading.resources.associate(page.id, [made.row.id]),
        lambda: reading.resources.dissociate(page.id, [made.row.id]),
    ):
        with pytest.raises(Denied) as refused:
            act()
        assert refused.value.message
        assert refused.value.hint
    assert backend.audit.head() == head


@pytest.mark.needs("store.rekey", "store.set_passphrase")
def test_the_store_key_is_not_changed_either(backend, harness) -> None:
    reading = harness.open(read_only=True)
    for act in (lambda: reading.store.rekey(), lambda: reading.store.set_passphrase(Secret("x"))):
        with pytest.raises(Denied):
            act()


def test_views_and_exports_are_still_on_record(backend, harness) -> None:
    page = added(backend, key=True)
    reading = harness.open(read_only=True)
    reading.certificates.record_view(page.id)
    reading.certificates.reveal_key(page.id)
    reading.certificates.export(page.id, ExportRequest(ExportForm.PEM))
    reading.audit.record_export(AuditExport(3, "jsonl"))
    assert events(backend)[-4:] == [
        "certificate.view.accessed",
        "certificate.key.revealed",
        "certificate.download.success",
        "audit.export.success",
    ]


@pytest.mark.needs("store.check")
def test_check_status_and_backup_work(backend, harness, tmp_path) -> None:
    added(backend)
    reading = harness.open(read_only=True)
    assert all(one.ok for one in reading.store.check())
    assert reading.store.status().certificates == 1
    if "store.backup" in backend.capabilities.missing:
        with pytest.raises(Unsupported, match="pg_dump"):
            reading.store.backup(tmp_path / "backup.db")
    else:
        assert reading.store.backup(tmp_path / "backup.db").certificates == 1
