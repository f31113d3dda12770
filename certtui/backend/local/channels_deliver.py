"""Messages that wait are sent: claimed by a lease in one short transaction, sent outside of any, and the answer written.

At least once: a worker that dies after sending and before writing leaves a lease that runs out, and another one sends the
same message with the same id. No message is sent twice by two workers that live.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events
from certtui.backend.local.alerts_conditions import DAY
from certtui.backend.local.channels_rows import settings_of
from certtui.channels.message import Message
from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Locked, Unsupported
from certtui.model.alert import AlertKind
from certtui.model.channel import CalendarSettings, ChannelType, DeliveryResult, DeliveryState, Settings

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_alerts import ChannelTable, DeliveryTable
    from certtui.model.channel import Channel

RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
"""After each failed attempt; the whole of it is a little more than a day (as the Standard Webhooks say)."""

_ROUND_SECONDS = 60
"""After so long other work gets its turn, whatever still waits."""

_POSTPONED_SECONDS = 60

_LEASE_SECONDS = 600
"""Longer than any attempt may take."""

_KEPT_DAYS = 90
_LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A delivery in this worker's hands."""

    id: int
    channel_id: int
    settings: Settings
    groups: tuple[str, ...]
    uid: str
    event: str
    attempts: int
    created_at: int
    body: dict[str, Any]  # Any: JSON


def here() -> str:
    """Who delivers, and where: commands and files belong to one place."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def deliver_due(store: OpenStore, limit: int = 50) -> int:
    """Send what is due, and return how many attempts were made. Raises `Locked` when something is due and secrets can't be read."""
    store.require_writable()
    if not _anything_due(store):
        return 0
    store.store_key()
    owner = f"{here()}:{os.getpid()}"
    ends = time.monotonic() + _ROUND_SECONDS
    attempts, ended = 0, False
    while attempts < limit and time.monotonic() < ends and (each := _claim(store, owner)) is not None:
        attempts += 1
        result = _attempt(store, each)
        ended |= _write(store, each, owner, result)
    if ended:
        from certtui.backend.local.alerts_sweep import sweep

        sweep(store, kinds=[AlertKind.DELIVERY_FAILED])
    return attempts


def next_due(store: OpenStore) -> int | None:
    """When the next message may go, in epoch seconds; None when none waits."""
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT min(CASE WHEN d.lease_until > d.next_try_at THEN d.lease_until ELSE d.next_try_at END) "
            "FROM delivery d JOIN channel h ON h.id = d.channel_id "
            "WHERE d.state = 'waiting' AND h.enabled = 1 AND h.place IN ('', ?)",
            (here(),),
        ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def deliver_test(store: OpenStore, channel: Channel) -> DeliveryResult:
    """Send a test message at once. Raises `Locked`, `Unreachable`, `Unsupported` for what belongs to another place."""
    from certtui.backend.local.channels_outbox import new_delivery
    from certtui.backend.local.channels_secret import open_channel

    if channel.place not in ("", here()):
        raise Unsupported(
            f"{channel.name} belongs to {channel.place}, and this is {here()}.", "Test it there, as that user."
        )
    open_channel(store, channel.id)
    event = "calendar" if channel.type is ChannelType.CALENDAR else "test"
    owner = f"{here()}:{os.getpid()}"
    with store.changing() as change:
        row = new_delivery(change, channel.id, event, {"digest": ""} if event == "calendar" else {})
        row.attempts = 1
        row.lease_owner, row.lease_until = owner, change.now + _LEASE_SECONDS
        change.session.add(row)
        change.record(events.CHANNEL_TESTED, "channel", channel.id, channel.name, {"delivery": row.uid})
    claimed = _Claimed(
        row.id, channel.id, channel.settings, channel.groups, row.uid, event, 1, row.created_at, json.loads(row.body)
    )
    result = _attempt(store, claimed)
    # A person looks on: one attempt is all.
    _write(store, claimed, owner, DeliveryResult(result.ok, result.message, permanent=True))
    return result


def forget_old(store: OpenStore) -> None:
    """Drop the history of messages that ended long ago."""
    from sqlalchemy import delete
    from sqlmodel import col

    from certtui.backend.local.tables_alerts import DeliveryTable

    ended = epoch(store.clock.now()) - _KEPT_DAYS * DAY
    with store.readers.use() as connection:
        old = connection.execute(
            "SELECT 1 FROM delivery WHERE created_at < ? AND state <> 'waiting' LIMIT 1", (ended,)
        ).fetchone()
    if old is None:
        return
    with store.changing() as change:
        change.session.execute(
            delete(DeliveryTable).where(
                col(DeliveryTable.created_at) < ended, col(DeliveryTable.state) != str(DeliveryState.WAITING)
            )
        )


def _anything_due(store: OpenStore) -> bool:
    due = next_due(store)
    return due is not None and due <= epoch(store.clock.now())


def _claim(store: OpenStore, owner: str) -> _Claimed | None:
    """Take the one that is due longest: a lease on more than what is sent at once would run out while others are sent."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_alerts import ChannelTable, DeliveryTable

    with store.changing() as change:
        found = change.session.exec(
            select(DeliveryTable, ChannelTable)
            .where(DeliveryTable.channel_id == ChannelTable.id)
            .where(col(DeliveryTable.state) == str(DeliveryState.WAITING))
            .where(col(DeliveryTable.next_try_at) <= change.now, col(DeliveryTable.lease_until) <= change.now)
            .where(col(ChannelTable.enabled) == 1, col(ChannelTable.place).in_(("", here())))
            .order_by(col(DeliveryTable.next_try_at), col(DeliveryTable.id))
            .limit(1)
            # Changes take turns on PostgreSQL too; this is for whoever writes to the table beside them.
            .with_for_update(skip_locked=True)
        ).first()
        if found is None:
            return None
        row, channel = found
        row.attempts += 1
        row.lease_owner, row.lease_until = owner, change.now + _LEASE_SECONDS
        change.session.add(row)
        return _claimed(row, channel)


def _claimed(row: DeliveryTable, channel: ChannelTable) -> _Claimed:
    return _Claimed(
        row.id,
        row.channel_id,
        settings_of(ChannelType(channel.type), channel.settings),
        tuple(json.loads(channel.groups)),
        row.uid,
        row.event,
        row.attempts,
        row.created_at,
        json.loads(row.body),
    )


def _attempt(store: OpenStore, claimed: _Claimed) -> DeliveryResult:
    """One attempt, outside of any transaction; nothing that goes wrong leaves it but in the result."""
    from certtui.backend.local.channels_secret import open_channel

    try:
        secret = open_channel(store, claimed.channel_id)
    except Locked as error:
        return DeliveryResult(False, error.message)
    except CerttuiError as error:
        return DeliveryResult(False, str(error), permanent=True)
    if isinstance(claimed.settings, CalendarSettings):
        return _write_calendar(store, claimed, claimed.settings)
    from certtui.channels.send import send

    message = Message(
        claimed.uid,
        claimed.event,
        from_epoch(claimed.created_at),
        tuple(claimed.body.get("alerts", ())),
        claimed.body.get("counts", {}),
    )
    try:
        return send(claimed.settings, secret, message, store.clock.now())
    except Exception as error:  # a worker's thread; what failed is kept with the message, by its kind alone
        return DeliveryResult(False, f"It could not be sent: {type(error).__name__}.")


def _write_calendar(store: OpenStore, claimed: _Claimed, settings: CalendarSettings) -> DeliveryResult:
    from pathlib import Path

    from certtui import files
    from certtui.backend.local.channels_calendar import calendar

    made = calendar(store, claimed.groups)
    try:
        # Who subscribes reads it by way of another user's web server.
        files.replace(Path(settings.path), made.text.encode(), mode=0o644)
    except CerttuiError as error:
        return DeliveryResult(False, str(error))
    except OSError as error:
        return DeliveryResult(False, f"{settings.path} could not be written: {error.strerror}.")
    return DeliveryResult(True, f"{made.events} expiries were written to {settings.path}.")


def _write(store: OpenStore, claimed: _Claimed, owner: str, result: DeliveryResult) -> bool:
    """Keep what came of an attempt; True where the message has come to its end."""
    from certtui.backend.local.tables_alerts import DeliveryTable

    with store.changing() as change:
        row = change.session.get(DeliveryTable, claimed.id)
        if row is None or row.lease_owner != owner or row.state != DeliveryState.WAITING:
            return False  # the channel was removed meanwhile, or the lease ran out and somebody else has it
        row.lease_owner, row.lease_until = "", 0
        row.answer = result.message[:_LONGEST_ANSWER]
        _settle(change, row, result)
        change.session.add(row)
        if row.state == DeliveryState.WAITING:
            _postpone_others(change, row)
        return row.state != DeliveryState.WAITING


def _postpone_others(change: Change, failed: DeliveryTable) -> None:
    """What waits for the same channel waits a little longer: where one did not get through, the next would not either."""
    from sqlalchemy import update
    from sqlmodel import col

    from certtui.backend.local.tables_alerts import DeliveryTable

    later = change.now + _POSTPONED_SECONDS
    change.session.flush()
    change.session.execute(
        update(DeliveryTable)
        .where(col(DeliveryTable.channel_id) == failed.channel_id, col(DeliveryTable.id) != failed.id)
        .where(col(DeliveryTable.state) == str(DeliveryState.WAITING), col(DeliveryTable.lease_until) <= change.now)
        .where(col(DeliveryTable.next_try_at) < later, col(DeliveryTable.sweep) == "")
        .values(next_try_at=later)
    )


def _settle(change: Change, row: DeliveryTable, result: DeliveryResult) -> None:
    if result.ok:
        row.state, row.sent_at = str(DeliveryState.SENT), change.now
    elif result.permanent or row.attempts > len(RETRY_SECONDS):
        row.state = str(DeliveryState.FAILED)
    else:
        row.next_try_at = change.now + max(RETRY_SECONDS[row.attempts - 1] + _spread(row), result.retry_after or 0)


def _spread(row: DeliveryTable) -> int:
    """Up to a quarter more, by the message's own id: what failed together is not tried again together."""
    return int(row.uid[-4:], 16) * RETRY_SECONDS[row.attempts - 1] // (4 * 0x10000)
