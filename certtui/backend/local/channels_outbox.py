"""What is to be told outside, written in the transaction of the change that it tells of: one message a channel and sweep.

A sweep that opens ten thousand alerts is one message with the most urgent ones and the numbers of all. While a sweep
runs, its messages wait for it; should it die, they go out a little later with what was written by then.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certtui.model.alert import AlertKind, What
from certtui.model.channel import ChannelType, DeliveryState

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables_alerts import DeliveryTable

MOST_NAMED = 50
"""Alerts that one message names."""

_UNFINISHED_SECONDS = 300
_TOLD = frozenset({What.OPENED, What.ESCALATED, What.WOKE})
_NAMED = (
    *("id", "kind", "severity", "level", "state", "object_kind", "object_id", "object_name", "certificate_id"),
    *("business_group", "detail", "due_at", "opened_at"),
)


@dataclass(frozen=True, slots=True)
class News:
    """What happened to one alert, with what it is by now."""

    what: What
    alert: Mapping[str, Any]  # Any: column values

    @classmethod
    def of(cls, what: What, values: Mapping[str, Any]) -> News:
        """From the columns of a row."""
        return cls(what, {name: values[name] for name in _NAMED})


@dataclass(frozen=True, slots=True)
class Route:
    """What one channel wants to hear of."""

    channel_id: int
    type: ChannelType
    min_severity: int
    kinds: frozenset[str]
    groups: frozenset[str]
    on_resolve: bool

    def wants(self, news: News, now: int) -> bool:
        """Whether this goes along the channel."""
        alert = news.alert
        if alert["severity"] < self.min_severity:
            return False
        if self.kinds and alert["kind"] not in self.kinds:
            return False
        if self.groups and alert["business_group"] not in self.groups:
            return False
        if alert["object_kind"] == "channel" and alert["object_id"] == self.channel_id:
            return False  # that it does not deliver is not told along itself
        if news.what is What.RESOLVED:
            return self.on_resolve and not _ran_out(alert, now)
        return news.what in _TOLD


def routes(change: Change) -> list[Route]:
    """The channels in use."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_alerts import ChannelTable

    return [
        Route(
            row.id,
            ChannelType(row.type),
            row.min_severity,
            frozenset(json.loads(row.kinds)),
            frozenset(json.loads(row.groups)),
            bool(row.on_resolve),
        )
        for row in change.session.exec(select(ChannelTable).where(col(ChannelTable.enabled) == 1))
    ]


def post(change: Change, news: Sequence[News], run: str = "") -> None:
    """Write what channels want to hear; with a `run`, added to what the same sweep has written already."""
    if not any(one.what in _TOLD or one.what is What.RESOLVED for one in news):
        return
    for route in routes(change):
        if route.type is ChannelType.CALENDAR:
            continue  # looked after by itself (`channels_calendar`)
        wanted = [one for one in news if route.wants(one, change.now)]
        if wanted:
            _write(change, route.channel_id, wanted, run)


def close(change: Change, run: str) -> None:
    """What a sweep has written is complete, and may go."""
    from sqlmodel import select

    from certtui.backend.local.tables_alerts import DeliveryTable

    for row in change.session.exec(select(DeliveryTable).where(DeliveryTable.sweep == run)).all():
        row.sweep, row.next_try_at = "", change.now
        change.session.add(row)


def new_delivery(change: Change, channel_id: int, event: str, body: Mapping[str, object]) -> DeliveryTable:
    """A message that may go at once, not written yet."""
    from certtui.backend.local.tables_alerts import DeliveryTable

    (row_id,) = change.new_ids("delivery", 1)
    return DeliveryTable(
        id=row_id,
        channel_id=channel_id,
        state=str(DeliveryState.WAITING),
        created_at=change.now,
        next_try_at=change.now,
        uid=f"msg_{secrets.token_hex(12)}",
        event=event,
        body=json.dumps(body),
    )


def new_run() -> str:
    """A name for one run of the sweep."""
    return secrets.token_hex(8)


def _write(change: Change, channel_id: int, wanted: Sequence[News], run: str) -> None:
    from sqlmodel import select

    from certtui.backend.local.tables_alerts import DeliveryTable

    row = None
    if run:
        row = change.session.exec(
            select(DeliveryTable).where(DeliveryTable.channel_id == channel_id, DeliveryTable.sweep == run)
        ).first()
    if row is None:
        row = new_delivery(change, channel_id, "alerts", {"alerts": [], "counts": {}})
        row.sweep = run
        row.next_try_at = change.now + (_UNFINISHED_SECONDS if run else 0)
    body = json.loads(row.body)
    named = [*body["alerts"], *({"event": str(one.what), **one.alert} for one in wanted)]
    named.sort(key=_urgency)
    body["alerts"] = named[:MOST_NAMED]
    for one in wanted:
        body["counts"][str(one.what)] = body["counts"].get(str(one.what), 0) + 1
    row.body = json.dumps(body)
    row.alert_count += len(wanted)
    row.alert_ids = json.dumps([one["id"] for one in body["alerts"]])
    change.session.add(row)
    change.session.flush()


def _urgency(named: Mapping[str, Any]) -> tuple[int, int, int]:
    return -named["severity"], named["due_at"] if named["due_at"] is not None else 1 << 62, named["id"]


def _ran_out(alert: Mapping[str, Any], now: int) -> bool:
    """An alert about what expires soon, that ended because it did expire."""
    return (
        alert["kind"] in (AlertKind.EXPIRING, AlertKind.CA_EXPIRING, AlertKind.CRL_EXPIRING)
        and alert["due_at"] is not None
        and alert["due_at"] <= now
    )
