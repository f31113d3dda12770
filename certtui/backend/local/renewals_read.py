"""What is to be renewed, when, and what stands in the way: decided anew from facts each time it is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.clock import epoch, from_epoch
from certtui.model.order import OrderStatus
from certtui.model.renewal import Renewal, Window, due_at, pause_after
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from sqlite3 import Connection

    from certtui.backend.local.open_store import OpenStore

REFERENCE = "renews-{}-{}"
"""The mark of an order that renews a certificate, and of its how manieth attempt: no two workers make it twice."""

MOST = 500
"""Certificates in one answer; those that are due first come first."""

_DAY = 86_400
_LONG_GONE = 30 * _DAY
"""What expired before that nobody misses."""

_BADLY = ("failed", "cancelled")

_CANDIDATES = """SELECT c.id, c.name, c.not_before, c.not_after, c.auto_renew_days, c.authority_id,
       a.name AS authority, a.enabled, r.window_start, r.window_end, r.window_chosen, r.explanation, r.try_at, r.attempts, r.blocked,
       CASE WHEN c.renews_id IS NULL THEN NULL ELSE c.created_at END
FROM certificate c
LEFT JOIN authority a ON a.id = c.authority_id
LEFT JOIN renewal r ON r.certificate_id = c.id
WHERE c.auto_renew_days > 0 AND c.not_after > ? AND c.revoked_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM certificate n WHERE n.renews_id = c.id AND n.not_after > ? AND n.revoked_at IS NULL)
"""
_DUE = (
    f" AND (c.not_after - {_DAY} * c.auto_renew_days <= ? OR r.window_chosen <= ?) ORDER BY c.not_after, c.id LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """How it stands, and what a renewal needs besides."""

    renewal: Renewal
    authority_id: int | None
    attempts: int
    """Failures before an order was made: each is tried after a longer pause."""


def due(store: OpenStore) -> Sequence[Candidate]:
    """Every certificate whose time has come, those that expire first in front; also what can't be renewed, with the reason."""
    now = store.clock.now()
    at = epoch(now)
    with store.readers.use() as connection:
        rows = connection.execute(_CANDIDATES + _DUE, (at - _LONG_GONE, at, at, at, MOST)).fetchall()
        found = [_candidate(connection, row, now) for row in rows]
    return [each for each in found if each.renewal.due]


def of_certificate(connection: Connection, certificate_id: int, now: datetime) -> Candidate | None:
    """How it stands with one; None for what is not renewed by itself (any more)."""
    row = connection.execute(
        _CANDIDATES + " AND c.id = ?", (epoch(now) - _LONG_GONE, epoch(now), certificate_id)
    ).fetchone()
    return None if row is None else _candidate(connection, row, now)


def story(connection: Connection, certificate_id: int) -> list[tuple[int, str]]:
    """What was decided of a certificate's renewal, the oldest first."""
    row = connection.execute("SELECT story FROM renewal WHERE certificate_id = ?", (certificate_id,)).fetchone()
    return [] if row is None or not row[0] else [(at, text) for at, text in json.loads(row[0])]


def _candidate(connection: Connection, row: Sequence[object], now: datetime) -> Candidate:
    (
        certificate_id, name, not_before, not_after, days, authority_id,
        authority, enabled, start, end, chosen, explanation, try_at, attempts, blocked, came,
    ) = row  # fmt: skip
    window = None
    if isinstance(start, int) and isinstance(end, int) and isinstance(chosen, int):
        window = Window(from_epoch(start), from_epoch(end), from_epoch(chosen), str(explanation))
    ends = from_epoch(int(str(not_after)))
    at, why = due_at(
        from_epoch(int(str(not_before))),
        ends,
        int(str(days)),
        window,
        from_epoch(came) if isinstance(came, int) else None,
    )
    last = _order(connection, int(str(certificate_id)))
    order_id, status, error = last.id, last.status, last.error
    until = max(try_at if isinstance(try_at, int) else 0, last.not_before)
    waits = from_epoch(until) if until > epoch(now) else None
    stands = ""
    if authority is None:
        stands = "No authority is known for it: give it one, or order its successor by hand."
    elif not enabled:
        stands = f"{authority} is disabled."
    elif status in (OrderStatus.PENDING.value, OrderStatus.PROCESSING.value):
        stands = f"Its renewal is under way: order {order_id} is {status}."
    elif waits is not None:
        ended = f"Order {order_id} failed: {error}" if status == "failed" else f"Order {order_id} was cancelled."
        stands = str(blocked) or ended
    return Candidate(
        Renewal(
            certificate_id=int(str(certificate_id)),
            name=str(name),
            authority=str(authority or ""),
            not_after=ends,
            auto_renew_days=int(str(days)),
            due_at=at,
            due=at <= now,
            why=why,
            blocked=stands,
            order_id=order_id,
            try_at=waits,
        ),
        authority_id if isinstance(authority_id, int) else None,
        int(str(attempts or 0)),
    )


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest order that renews a certificate; after one that ended badly the next may come at `not_before`."""

    id: int | None = None
    status: str = ""
    error: str = ""
    not_before: int = 0


def _order(connection: Connection, certificate_id: int) -> _Last:
    """The order that renews it, whoever made it."""
    rows = connection.execute(
        "SELECT id, status, error, form FROM certificate_order WHERE status IN ('pending', 'processing') "
        "AND form LIKE ? ORDER BY id DESC",
        (f'%"renews_id":{certificate_id}%',),
    ).fetchall()
    for order_id, status, error, form in rows:
        if json.loads(form).get("renews_id") == certificate_id:
            return _Last(order_id, status, error)
    tried = connection.execute(
        "SELECT id, status, error, finished_at FROM certificate_order WHERE reference >= ? AND reference < ? ORDER BY id",
        (f"renews-{certificate_id}-", f"renews-{certificate_id}."),
    ).fetchall()
    if not tried:
        return _Last()
    order_id, status, error, finished = tried[-1]
    ended = sum(each[1] in _BADLY for each in tried)
    if status not in _BADLY or finished is None:
        return _Last(order_id, status, error)
    return _Last(order_id, status, error, finished + int(pause_after(ended).total_seconds()))
