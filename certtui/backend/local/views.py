"""Putting on record that somebody looked."""

from __future__ import annotations

from certtui.backend.local import events
from certtui.backend.local.entries import entry
from certtui.backend.local.open_store import OpenStore
from certtui.errors import NotFound


def record_view(store: OpenStore, certificate_id: int) -> None:
    """Audit `certificate.view.accessed`; also in read-only mode, unless the file can't be written. Raises `NotFound`."""
    if not store.exists:
        raise NotFound(f"There is no certificate {certificate_id} here.", "The store does not exist yet.")
    if not store.recording_reads():
        return
    with store.recording() as change:
        change.record(events.CERTIFICATE_VIEWED, "certificate", certificate_id, entry(change, certificate_id).name)
