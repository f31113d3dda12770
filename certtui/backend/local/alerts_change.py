"""What becomes of alerts, written: by the sweep in batches, by hand one or many. Each is a `step` of the state machine.

One transaction holds the alerts, a line of history for each, one audit event for each kind of thing that happened, and
the messages that go out along the channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events
from certtui.backend.local.channels_outbox import News
from certtui.clock import epoch, from_epoch
from certtui.model.alert import AlertKind, AlertState, Severity, Standing, What, step

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables_alerts import AlertTable
    from certtui.model.alert import Event

SWEEP = "certtui"
"""Who acts where nobody does."""

_IDS = 500


@dataclass(frozen=True, slots=True)
class Labels:
    """What of an alert's thing is kept with it, as it was when last looked at."""

    object_name: str
    business_group: str
    certificate_id: int | None
    due_at: int | None
    detail: str


@dataclass(slots=True)
class Written:
    """What a transaction has done to alerts, gathered until it is written at once."""

    change: Change
    who: str
    note: str = ""
    news: list[News] = field(default_factory=list)
    happened: dict[What, list[int]] = field(default_factory=dict)
    _inserts: list[dict[str, Any]] = field(default_factory=list)  # Any: column values
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _history: list[dict[str, Any]] = field(default_factory=list)
    _named: dict[What, str] = field(default_factory=dict)

    def open(self, alert_id: int, kind: AlertKind, thing: tuple[str, int], standing: Standing, labels: Labels) -> None:
        """A new alert."""
        values = {"id": alert_id, "version": 1, "kind": str(kind), "object_kind": thing[0], "object_id": thing[1]}
        values |= {"opened_at": self.change.now, "changed_at": self.change.now}
        values |= {"handled_by": "", "note": ""}
        self._inserts.append(values | _standing_columns(standing) | _label_columns(labels))
        self._tell(alert_id, What.OPENED, values | _standing_columns(standing) | _label_columns(labels))

    def move(self, row: AlertTable, standing: Standing, what: What, labels: Labels | None = None) -> None:
        """Another standing of an alert that is there, and perhaps other labels."""
        before = row.model_dump()
        changed = _standing_columns(standing) | ({} if labels is None else _label_columns(labels))
        after = before | changed | {"version": row.version + 1, "changed_at": self.change.now}
        if what is What.OPENED:
            after |= {"opened_at": self.change.now, "handled_by": "", "note": ""}
        elif self.who != SWEEP:
            after |= {"handled_by": self.who, "note": self.note}
        elif what is What.UPDATED:
            after["changed_at"] = before["changed_at"]
        self._updates.append({f"new_{name}": value for name, value in after.items()})
        self._tell(row.id, what, after)

    def flush(self) -> None:
        """Write it all, each table in one go, and put it on record."""
        from sqlalchemy import bindparam, update

        from certtui.backend.local.tables_alerts import AlertEventTable, AlertTable

        self.change.insert_many(AlertTable, self._inserts)
        if self._updates:
            table = AlertTable.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
            columns = [column.name for column in table.columns if column.name != "id"]
            self.change.session.execute(
                update(table)
                .where(table.c.id == bindparam("new_id"))
                .values({name: bindparam(f"new_{name}") for name in columns}),
                self._updates,
            )
        first = self.change.new_ids("alert_event", len(self._history)).start if self._history else 0
        self.change.insert_many(AlertEventTable, [{"id": first + at, **line} for at, line in enumerate(self._history)])
        for what, ids in self.happened.items():
            one = ids[0] if len(ids) == 1 else None
            detail: dict[str, object] = {} if one is not None else {"ids": ids}
            if self.note:
                detail["note"] = self.note
            self.change.record(f"{events.ALERT_PREFIX}{what}", "alert", one, self._named[what], detail)

    def _tell(self, alert_id: int, what: What, values: Mapping[str, Any]) -> None:
        self.happened.setdefault(what, []).append(alert_id)
        self._named.setdefault(what, values["object_name"])
        if what is not What.UPDATED:
            line = {"alert_id": alert_id, "at": self.change.now, "who": self.who, "what": str(what)}
            line |= {"severity": values["severity"], "level": values["level"], "note": self.note}
            self._history.append(line)
            self.news.append(News.of(what, values))


def standing_of(row: AlertTable) -> Standing:
    """What the state machine knows of a row."""
    return Standing(
        AlertState(row.state),
        Severity(row.severity),
        row.level,
        Severity(row.handled_severity),
        None if row.snoozed_until is None else from_epoch(row.snoozed_until),
        row.resolved_by,
        bool(row.holds),
    )


def labels_of(row: AlertTable) -> Labels:
    """The labels of a row."""
    return Labels(row.object_name, row.business_group, row.certificate_id, row.due_at, row.detail)


def stepped(written: Written, rows: Iterable[AlertTable], event: Event, now: datetime) -> None:
    """One event for several alerts. Raises what `step` raises."""
    for row in rows:
        standing, what = step(standing_of(row), event, now)
        if standing is not None and what is not None:
            written.move(row, standing, what)


def alerts_where(change: Change, column: str, values: Sequence[int], *more: object) -> list[AlertTable]:
    """The alerts with one of the values in a column, in any order."""
    from sqlmodel import select

    from certtui.backend.local.tables_alerts import AlertTable

    table: Any = AlertTable  # a column by its name
    found: list[AlertTable] = []
    for start in range(0, len(values), _IDS):
        chunk = values[start : start + _IDS]
        found += change.session.exec(select(AlertTable).where(getattr(table, column).in_(chunk), *more)).all()  # type: ignore[arg-type]
    return found


def _standing_columns(standing: Standing) -> dict[str, Any]:  # Any: column values
    return {
        "state": str(standing.state),
        "severity": int(standing.severity),
        "level": standing.level,
        "handled_severity": int(standing.handled_severity),
        "snoozed_until": None if standing.snoozed_until is None else epoch(standing.snoozed_until),
        "resolved_by": standing.resolved_by,
        "holds": int(standing.holds),
    }


def _label_columns(labels: Labels) -> dict[str, Any]:  # Any: column values
    return {
        "object_name": labels.object_name,
        "business_group": labels.business_group,
        "certificate_id": labels.certificate_id,
        "due_at": labels.due_at,
        "detail": labels.detail,
    }
