"""What needs a person: `backend.base_alerts.Alerts` on the local store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.backend.local import events
from certtui.backend.local.access_entries import require_group
from certtui.backend.local.labels import MAX_GROUP, one_line, text
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Conflict, Denied, Invalid, NotFound
from certtui.model.alert import (
    DEFAULT_THRESHOLDS,
    Acknowledge,
    Alert,
    AlertCounts,
    AlertEvent,
    Event,
    Reopen,
    Resolve,
    Severity,
    Snooze,
    SweepReport,
    Thresholds,
    checked_thresholds,
)
from certtui.model.certificate import BulkOutcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.tables_alerts import AlertTable
    from certtui.model.alert import AlertRow
    from certtui.model.progress import Progress
    from certtui.model.query import Query

_MAX_NOTE = 1_000
_HISTORY = 100
_LONGEST_SNOOZE = 366 * 86_400
_BULK = 1_000


class LocalAlerts:
    """Alerts of a local store."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[AlertRow]:
        from certtui.backend.local.read.alerts import open_alerts

        return open_alerts(self._store.readers, self._store.clock, query)

    def get(self, alert_id: int) -> Alert:
        from certtui.backend.local.read.alerts import alert_rows

        with self._store.readers.use() as connection:
            connection.execute("BEGIN")
            row = alert_rows(connection, [alert_id], self._store.clock.now()).get(alert_id)
            lines = connection.execute(
                "SELECT at, who, what, severity, level, note FROM alert_event WHERE alert_id = ? ORDER BY id DESC LIMIT ?",
                (alert_id, _HISTORY),
            ).fetchall()
            connection.execute("COMMIT")
        if row is None:
            raise _gone(alert_id)
        history = (
            AlertEvent(from_epoch(at), who, what, Severity(severity), *rest) for at, who, what, severity, *rest in lines
        )
        return Alert(row, tuple(history))

    def open_counts(self) -> AlertCounts:
        with self._store.readers.use() as connection:
            counts = dict(
                connection.execute(
                    "SELECT severity, count(*) FROM alert WHERE state = 'open' GROUP BY severity"
                ).fetchall()
            )
        return AlertCounts(*(int(counts.get(int(severity), 0)) for severity in Severity))

    def acknowledge(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, Acknowledge(), note)

    def snooze(self, alert_id: int, version: int, until: datetime, note: str = "") -> Alert:
        return self._handle(alert_id, version, self._snooze(until), note)

    def resolve(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, Resolve(self._store.actor.name), note)

    def reopen(self, alert_id: int, version: int, note: str = "") -> Alert:
        return self._handle(alert_id, version, Reopen(), note)

    def acknowledge_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome:
        return self._handle_many(versions, Acknowledge(), note)

    def snooze_many(self, versions: Sequence[tuple[int, int]], until: datetime, note: str = "") -> BulkOutcome:
        return self._handle_many(versions, self._snooze(until), note)

    def resolve_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome:
        return self._handle_many(versions, Resolve(self._store.actor.name), note)

    def reopen_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome:
        return self._handle_many(versions, Reopen(), note)

    def thresholds(self) -> Sequence[Thresholds]:
        from certtui.backend.local.alerts_sweep import thresholds_of

        with self._store.readers.use() as connection:
            found = thresholds_of(connection)
        default = Thresholds("", found.pop("", DEFAULT_THRESHOLDS))
        mine = None if self._store.access is None else self._store.access.groups
        return (default, *(Thresholds(group, days) for group, days in found.items() if mine is None or group in mine))

    def set_thresholds(self, business_group: str, days: Sequence[int] | None) -> Sequence[Thresholds]:
        group = one_line(business_group, "business_group", MAX_GROUP)
        self._require_whole_group(group)
        wanted = None if days is None else ",".join(map(str, checked_thresholds(days)))
        with self._store.changing() as change:
            _set_thresholds(change, group, wanted)
        return self.thresholds()

    def sweep(self, progress: Progress | None = None) -> SweepReport:
        from certtui.backend.local.alerts_sweep import sweep

        if self._store.access is not None:
            raise Denied(
                "Looking for what needs a person looks at all of the store, and you see a part of it.",
                "The server does it by itself every few minutes.",
            )
        return sweep(self._store, progress)

    def _snooze(self, until: datetime) -> Snooze:
        if until.tzinfo is None or epoch(until) - epoch(self._store.clock.now()) > _LONGEST_SNOOZE:
            raise Invalid("A snooze lasts a year at most.", "Choose an earlier time, or resolve it.", field="until")
        return Snooze(until)

    def _handle(self, alert_id: int, version: int, event: Event, note: str) -> Alert:
        said = text(note, "note", _MAX_NOTE)
        with self._store.changing() as change:
            rows = _visible(change, [alert_id])
            if not rows:
                raise _gone(alert_id)
            row = rows[0]
            if row.version != version:
                raise _moved(row)
            _write(change, self._store.actor.name, [row], event, said, from_epoch(change.now))
        return self.get(alert_id)

    def _handle_many(self, versions: Sequence[tuple[int, int]], event: Event, note: str) -> BulkOutcome:
        said = text(note, "note", _MAX_NOTE)
        done: list[int] = []
        skipped: list[tuple[int, str]] = []
        for start in range(0, len(versions), _BULK):
            batch = versions[start : start + _BULK]
            with self._store.changing() as change:
                there = {row.id: row for row in _visible(change, [alert_id for alert_id, _ in batch])}
                able: list[AlertTable] = []
                for alert_id, version in batch:
                    reason = _why_not(there.get(alert_id), alert_id, version, event, from_epoch(change.now))
                    if reason:
                        skipped.append((alert_id, reason))
                    else:
                        able.append(there[alert_id])
                _write(change, self._store.actor.name, able, event, said, from_epoch(change.now))
                done += [row.id for row in able]
        return BulkOutcome(tuple(done), tuple(skipped))

    def _require_whole_group(self, group: str) -> None:
        access = self._store.access
        if access is None:
            return
        if access.groups is None or not group:
            raise Denied("These days hold for more than what you may see.", "Ask an admin of this server.")
        require_group(access, group)


def _write(change: Change, who: str, rows: Sequence[AlertTable], event: Event, note: str, now: datetime) -> None:
    from certtui.backend.local.alerts_change import Written, stepped
    from certtui.backend.local.channels_outbox import post

    written = Written(change, who, note)
    stepped(written, rows, event, now)
    written.flush()
    post(change, written.news)


def _why_not(row: AlertTable | None, alert_id: int, version: int, event: Event, now: datetime) -> str:
    """Why an alert can't be handled so, "" if it can."""
    from certtui.backend.local.alerts_change import standing_of
    from certtui.model.alert import step

    if row is None:
        return _gone(alert_id).message
    if row.version != version:
        return _moved(row).message
    try:
        step(standing_of(row), event, now)
    except CerttuiError as error:
        return error.message
    return ""


def _visible(change: Change, ids: Sequence[int]) -> list[AlertTable]:
    """The alerts with these ids that lie in the scope of whoever acts."""
    from sqlmodel import col, select

    from certtui.backend.local.access_entries import inside
    from certtui.backend.local.alerts_change import alerts_where
    from certtui.backend.local.tables import CertificateTable

    rows = alerts_where(change, "id", list(dict.fromkeys(ids)))
    if not change.limited:
        return rows
    hanging = [row.certificate_id for row in rows if row.certificate_id is not None]
    entries = change.session.exec(select(CertificateTable).where(col(CertificateTable.id).in_(hanging))).all()
    mine = {entry.id for entry in entries if inside(change, entry)}
    return [row for row in rows if row.certificate_id in mine]


def _set_thresholds(change: Change, group: str, wanted: str | None) -> None:
    from certtui.backend.local.tables_alerts import AlertThresholdTable

    row = change.session.get(AlertThresholdTable, group)
    before = "" if row is None else row.days
    if row is not None and wanted is None:
        change.session.delete(row)
    elif wanted is not None:
        row = row or AlertThresholdTable(business_group=group, days="")
        row.days = wanted
        change.session.add(row)
    if before != (wanted or ""):
        change.record(events.ALERT_THRESHOLDS_SET, "alert_threshold", None, group, {"days": [before, wanted or ""]})


def _gone(alert_id: int) -> NotFound:
    return NotFound(f"There is no alert {alert_id} here (any more).", "Refresh the list.")


def _moved(row: AlertTable) -> Conflict:
    return Conflict(
        f"The alert on {row.object_name} changed since you opened it.", "Look at it again, then repeat the change."
    )
