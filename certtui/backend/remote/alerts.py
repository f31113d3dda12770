"""The alerts of a server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import joined, parts
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import NoteBody, NoteManyBody, SnoozeBody, SnoozeManyBody, ThresholdsBody
from certtui.errors import NotFound
from certtui.model.alert import Alert, AlertCounts, AlertRow, SweepReport, Thresholds
from certtui.model.certificate import BulkOutcome

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.progress import Progress
    from certtui.model.query import Query

SWEEPING = 600.0
"""Seconds more that a sweep over a large inventory may take."""

Versions = Sequence[tuple[int, int]]


class RemoteAlerts:
    """`backend.base_alerts.Alerts` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[AlertRow]:
        return open_listing(self._view, "alerts", AlertRow, query)

    def get(self, alert_id: int) -> Alert:
        found: Alert = self._http.read(_path(alert_id), Alert)
        return found

    def open_counts(self) -> AlertCounts:
        found: AlertCounts = self._http.read("/alerts/counts", AlertCounts)
        return found

    def acknowledge(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, "acknowledge", NoteBody(note))

    def snooze(self, alert_id: int, version: int, until: datetime, note: str = "") -> Alert:
        return self._handle(alert_id, version, "snooze", SnoozeBody(until, note))

    def resolve(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, "resolve", NoteBody(note))

    def reopen(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, "reopen", NoteBody(note))

    def acknowledge_many(self, versions: Versions, note: str = "") -> BulkOutcome:
        return self._handle_many("acknowledge", versions, note)

    def snooze_many(self, versions: Versions, until: datetime, note: str = "") -> BulkOutcome:
        self._view.may_change()
        return joined(
            self._http.change(
                "POST", "/alerts/snooze", SnoozeManyBody(tuple(part), until, note), BulkOutcome, weight=len(part)
            )
            for part in parts(versions)
        )

    def resolve_many(self, versions: Versions, note: str = "") -> BulkOutcome:
        return self._handle_many("resolve", versions, note)

    def reopen_many(self, versions: Versions, note: str = "") -> BulkOutcome:
        return self._handle_many("reopen", versions, note)

    def thresholds(self) -> Sequence[Thresholds]:
        found: tuple[Thresholds, ...] = self._http.read("/alerts/thresholds", tuple[Thresholds, ...])
        return [*found]

    def set_thresholds(self, business_group: str, days: Sequence[int] | None) -> Sequence[Thresholds]:
        self._view.may_change()
        body = ThresholdsBody(business_group, None if days is None else tuple(days))
        found: tuple[Thresholds, ...] = self._http.change("PUT", "/alerts/thresholds", body, tuple[Thresholds, ...])
        return [*found]

    def sweep(self, progress: Progress | None = None) -> SweepReport:
        self._view.may_change()
        if progress is not None:
            progress(0, None)
        found: SweepReport = self._http.change("POST", "/alerts/sweep", None, SweepReport, slow=SWEEPING)
        return found

    def _handle(self, alert_id: int, version: int, act: str, body: NoteBody | SnoozeBody) -> Alert:
        self._view.may_change()
        found: Alert = self._http.change("POST", f"{_path(alert_id)}/{act}", body, Alert, version=version)
        return found

    def _handle_many(self, act: str, versions: Versions, note: str) -> BulkOutcome:
        self._view.may_change()
        return joined(
            self._http.change("POST", f"/alerts/{act}", NoteManyBody(tuple(part), note), BulkOutcome, weight=len(part))
            for part in parts(versions)
        )


def _path(alert_id: int) -> str:
    if alert_id < 0:
        raise NotFound(f"There is no alert {alert_id}.", "`certtui alert list` tells what there is.")
    return f"/alerts/{alert_id}"
