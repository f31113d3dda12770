"""The audit log of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend import wire
from certtui.backend.remote.listing import open_listing
from certtui.model.audit import AuditEvent, AuditExport, AuditHead, AuditVerification

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.progress import Progress
    from certtui.model.query import Query

VERIFYING = 600.0
"""Seconds that walking a long log may take."""


class RemoteAudit:
    """`backend.base.Audit` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[AuditEvent]:
        return open_listing(self._view, "audit", AuditEvent, query)

    def get(self, seq: int) -> AuditEvent:
        found: AuditEvent = self._http.read(f"/audit/{seq}", AuditEvent)
        return found

    def head(self) -> AuditHead:
        found: AuditHead = self._http.read("/audit/head", AuditHead)
        return found

    def verify(self, progress: Progress | None = None) -> AuditVerification:
        if progress is not None:
            progress(0, None)
        found: AuditVerification = self._http.post("/audit/verify", None, AuditVerification, timeout=VERIFYING)
        if progress is not None:
            progress(found.checked, found.checked)
        return found

    def record_export(self, export: AuditExport) -> None:
        self._http.ask("POST", "/audit/exports", wire.dumps(export))
