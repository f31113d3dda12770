"""Putting on record that somebody looked, or took records of it away."""

from __future__ import annotations

from certtui.backend.local import events
from certtui.backend.local.entries import entry
from certtui.backend.local.labels import text
from certtui.backend.local.open_store import OpenStore
from certtui.errors import Invalid, NotFound
from certtui.model.audit import AuditExport

_MAX_FILTER = 2_000
_MAX_FORM = 20
_MAX_COUNT = 2**53
"""What every reader of JSON takes for the same number."""


def record_view(store: OpenStore, certificate_id: int) -> None:
    """Audit `certificate.view.accessed`; also in read-only mode, unless the file can't be written. Raises `NotFound`."""
    if not store.exists:
        raise NotFound(f"There is no certificate {certificate_id} here.", "The store does not exist yet.")
    if not store.recording_reads():
        return
    with store.recording() as change:
        change.record(events.CERTIFICATE_VIEWED, "certificate", certificate_id, entry(change, certificate_id).name)


def record_audit_export(store: OpenStore, export: AuditExport) -> None:
    """Audit `audit.export.success`; where nothing can be recorded, as of `record_view`. Raises `Invalid` (field)."""
    form = text(export.form, "form", _MAX_FORM)
    if not form.isascii() or not form.isalnum():
        raise Invalid("The form of an export is one word.", "For instance jsonl.", field="form")
    if not 0 <= export.count <= _MAX_COUNT:
        raise Invalid("That is no number of records.", "Give how many were written.", field="count")
    chosen = text(export.filter[:_MAX_FILTER], "filter", _MAX_FILTER)
    if not store.recording_reads():
        return
    with store.recording() as change:
        change.record(events.AUDIT_EXPORTED, "audit", None, "", {"count": export.count, "form": form, "filter": chosen})
