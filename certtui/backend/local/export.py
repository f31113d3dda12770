"""Exporting an entry: the bytes are made first, put on record, then handed out."""

from __future__ import annotations

from certtui.backend.local import events
from certtui.backend.local.acl import require_use_of_key
from certtui.backend.local.cas_guard import require_right_to_key
from certtui.backend.local.entries import entry
from certtui.backend.local.full_chain import full_chain
from certtui.backend.local.keys import open_key_if_any, record_secret_read
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.page import chain_of, entry_row, leaf_of
from certtui.errors import NotFound
from certtui.model.certificate import Exported, ExportForm, ExportRequest

_WITH_CHAIN = (ExportForm.FULLCHAIN, ExportForm.CHAIN, ExportForm.PKCS7, ExportForm.PFX)
_WITH_KEY = (ExportForm.PFX, ExportForm.KEY)


def export_certificate(store: OpenStore, certificate_id: int, request: ExportRequest) -> Exported:
    """See `backend.base.Certificates.export`."""
    from certtui.pki.export import export

    with store.readers.use() as connection:
        row = entry_row(connection, certificate_id)
        leaf = leaf_of(connection, row)
        if leaf is None:
            raise NotFound(f"{row['name']} has no certificate yet.", "Give the signed certificate first.")
        chain = chain_of(connection, certificate_id)
        if request.form in _WITH_CHAIN:
            chain = full_chain(connection, leaf, chain)
    if request.form in _WITH_KEY:
        require_right_to_key(store, certificate_id)
        require_use_of_key(store, certificate_id)
    key = open_key_if_any(store, certificate_id) if request.form in _WITH_KEY else None
    exported = export(leaf, chain, key, request, name=row["name"])
    event = events.CERTIFICATE_PFX_DOWNLOADED if request.form is ExportForm.PFX else events.CERTIFICATE_DOWNLOADED
    detail: dict[str, object] = {"form": request.form.value}
    if exported.holds_key:
        detail |= {"encrypted": request.password is not None, "compat": request.compat}
        record_secret_read(store, event, certificate_id, detail)
    elif store.recording_reads():
        with store.recording() as change:
            change.record(event, "certificate", certificate_id, entry(change, certificate_id).name, detail)
    return exported
