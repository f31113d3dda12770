"""Rows of channels and deliveries as the seam has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from certtui.clock import from_epoch
from certtui.model.alert import Severity
from certtui.model.channel import SETTINGS, Channel, ChannelType, Delivery, DeliveryState, Settings

if TYPE_CHECKING:
    from datetime import datetime

_NEWEST = "(SELECT max(d.id) FROM delivery d WHERE d.channel_id = h.id AND d.state <> 'waiting')"
CHANNEL_COLUMNS = (
    "h.id, h.version, h.name, h.type, h.settings, h.enabled, h.min_severity, h.kinds, h.groups, h.on_resolve, "  # noqa: S608
    "h.has_secret, "
    "h.place, h.created_at, h.updated_at, "
    "(SELECT count(*) FROM delivery d WHERE d.channel_id = h.id AND d.state = 'waiting'), "
    "(SELECT max(d.sent_at) FROM delivery d WHERE d.channel_id = h.id), "
    f"(SELECT d.answer FROM delivery d WHERE d.id = {_NEWEST} AND d.state = 'failed')"
)
"""What `channel_of` reads of `channel h`, in its order."""


def channel_of(row: Sequence[Any]) -> Channel:  # Any: a row of the driver, its columns as CHANNEL_COLUMNS names them
    """One channel."""
    kind = ChannelType(row[3])
    return Channel(
        id=row[0],
        version=row[1],
        name=row[2],
        type=kind,
        settings=settings_of(kind, row[4]),
        enabled=bool(row[5]),
        min_severity=Severity(row[6]),
        kinds=tuple(json.loads(row[7])),
        groups=tuple(json.loads(row[8])),
        on_resolve=bool(row[9]),
        has_secret=bool(row[10]),
        place=row[11],
        created_at=from_epoch(row[12]),
        updated_at=from_epoch(row[13]),
        waiting=row[14],
        last_sent_at=_instant(row[15]),
        last_error=row[16] or "",
    )


def delivery_of(row: Sequence[Any]) -> Delivery:  # Any: a row of the driver
    """One delivery, from its columns in the order of its fields."""
    row_id, channel_id, uid, event, alert_ids, count, state, attempts, created, next_try, sent, answer = row
    waits = state == DeliveryState.WAITING
    return Delivery(
        row_id,
        channel_id,
        uid,
        event,
        tuple(json.loads(alert_ids)),
        count,
        DeliveryState(state),
        attempts,
        from_epoch(created),
        from_epoch(next_try) if waits else None,
        _instant(sent),
        answer,
    )


def settings_json(settings: Settings) -> str:
    """Settings as they are stored: JSON in one spelling."""
    return json.dumps(asdict(settings), sort_keys=True)


def settings_of(kind: ChannelType, stored: str) -> Settings:
    """Settings from what is stored; lists are tuples again."""
    # Any: JSON, as the settings' own fields were written
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(stored).items()
    }
    return SETTINGS[kind](**values)


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)
