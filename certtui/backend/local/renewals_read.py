"""What is to be renewed, when, and what stands in the way: decided anew from facts each time it is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.cas_whole import whole
from certtui.clock import epoch, from_epoch
from certtui.model.order import OrderStatus
from certtui.model.renewal import PAUSES, RENEWS, Renewal, Revoked, Window, due_at, pause_after
from certtui.model.revocation import AuthorityKnows
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from datetime import datetime
    from sqlite3 import Connection

    from certtui.backend.local.open_store import OpenStore

REFERENCE = RENEWS + "{}-{}"
"""The mark of an order that renews a certificate, and of its how manieth attempt: no two workers make it twice."""

MOST = 500
"""Certificates in one answer; those that are due first come first."""

_DAY = 86_400
_LONGEST_PAUSE = int(PAUSES[-1].total_seconds())
LONG_GONE = 30 * _DAY
"""What expired before that nobody misses."""

_BADLY = ("failed", "cancelled")

_COLUMNS = """SELECT c.id, c.name, c.not_before, c.not_after, c.auto_renew_days, c.authority_id,
       a.name AS authority, a.enabled, r.window_start, r.window_end, r.window_chosen, r.explanation, r.try_at, r.attempts,
       r.blocked, r.cname, r.looked_at, CASE WHEN c.renews_id IS NULL THEN NULL ELSE c.created_at END, c.revoked_at, v.reason,
       v.authority_knows
"""
_JOINED = """LEFT JOIN authority a ON a.id = c.authority_id
LEFT JOIN renewal r ON r.certificate_id = c.id
"""
HEAD_OF_LINEAGE = "NOT EXISTS (SELECT 1 FROM certificate n WHERE n.renews_id = c.id AND n.not_after IS NOT NULL)"
"""Nothing renews it yet. What was renewed is for good: if its successor goes bad, the successor is replaced, not both."""
_BY_TIME = f"""{_COLUMNS}FROM certificate c
{_JOINED}LEFT JOIN revocation v ON v.certificate_id = c.id
WHERE c.auto_renew_days > 0 AND c.not_after > ? AND c.revoked_at IS NULL AND {HEAD_OF_LINEAGE}
"""
# With a plus before it a column leads through no index of SQLite: the few revocations that ask for a successor come first.
_REVOKED = f"""{_COLUMNS}FROM revocation v JOIN certificate c ON c.id = v.certificate_id
{_JOINED}WHERE v.renew = 1 AND +c.not_after > ? AND +c.revoked_at IS NOT NULL AND {HEAD_OF_LINEAGE}
"""
_DUE = f"AND (c.not_after - {_DAY} * c.auto_renew_days <= ? OR r.window_chosen <= ?) "
_ORDER = "ORDER BY c.not_after, c.id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Candidate:
    """How it stands, and what a renewal needs besides."""

    renewal: Renewal
    authority_id: int | None
    stopped: bool
    """Something stands in its way; False also where it was only the store's lock, which is looked at anew."""
    attempts: int
    """Failures before an order was made: each is tried after a longer pause."""
    under_way: bool = False
    """An order that renews it is on its way."""


def due(store: OpenStore) -> Sequence[Candidate]:
    """Every certificate whose time has come: the revoked ones, then those that expire first; also what can't be renewed, with the reason."""
    return list(_first(store, _REVOKED, ())) + list(_first(store, _BY_TIME + _DUE, (epoch(store.clock.now()),) * 2))


def walk(store: OpenStore) -> Iterator[Candidate]:
    """The same to their end, however many there are."""
    at = epoch(store.clock.now())
    for statement, more in ((_REVOKED, ()), (_BY_TIME + _DUE, (at, at))):
        after: tuple[int, int] | None = (0, 0)
        while after is not None:
            after = yield from _page(store, statement, more, after)


def _first(store: OpenStore, statement: str, more: tuple[int, ...]) -> Iterator[Candidate]:
    yield from _page(store, statement, more, (0, 0))


def _page(
    store: OpenStore, statement: str, more: tuple[int, ...], after: tuple[int, int]
) -> Generator[Candidate, None, tuple[int, int] | None]:
    """Those that come after one by end and id; where the next ones begin, None at the end."""
    now = store.clock.now()
    with store.readers.use() as connection:
        rows = connection.execute(
            f"{statement}AND (c.not_after, c.id) > (?, ?) {_ORDER}", (epoch(now) - LONG_GONE, *more, *after, MOST)
        ).fetchall()
        under_way = _under_way(connection) if rows else {}
        found = [_candidate(connection, row, now, under_way) for row in rows]
    renewed = _renewed_outside(store, [each.renewal.certificate_id for each in found])
    yield from (each for each in found if each.renewal.due and each.renewal.certificate_id not in renewed)
    return (rows[-1][3], rows[-1][0]) if len(rows) == MOST else None


def of_certificate(store: OpenStore, certificate_id: int) -> Candidate | None:
    """How it stands with one; None for what is not renewed by itself (any more)."""
    now = store.clock.now()
    if _renewed_outside(store, [certificate_id]):
        return None
    with store.readers.use() as connection:
        for statement in (_BY_TIME, _REVOKED):
            row = connection.execute(statement + "AND c.id = ?", (epoch(now) - LONG_GONE, certificate_id)).fetchone()
            if row is not None:
                return _candidate(connection, row, now)
    return None


def _renewed_outside(store: OpenStore, ids: Sequence[int]) -> set[int]:
    """Those that were renewed by an entry that the person doesn't see: they are not to be renewed again."""
    everything = whole(store)
    if everything is store or not ids:
        return set()
    marks = ", ".join("?" * len(ids))
    with everything.readers.use() as connection:
        rows = connection.execute(
            f"SELECT renews_id FROM certificate WHERE renews_id IN ({marks}) AND not_after IS NOT NULL",  # noqa: S608
            tuple(ids),
        ).fetchall()
    return {row[0] for row in rows}


def story(connection: Connection, certificate_id: int) -> list[tuple[int, str]]:
    """What was decided of a certificate's renewal, the oldest first."""
    row = connection.execute("SELECT story FROM renewal WHERE certificate_id = ?", (certificate_id,)).fetchone()
    return [] if row is None or not row[0] else [(at, text) for at, text in json.loads(row[0])]


def _candidate(
    connection: Connection, row: Sequence[object], now: datetime, under_way: Mapping[int, _Last] | None = None
) -> Candidate:
    (
        certificate_id, name, not_before, not_after, days, authority_id,
        authority, enabled, start, end, chosen, explanation, try_at, attempts, blocked, cname, looked_at, came, revoked_at, reason, knows,
    ) = row  # fmt: skip
    window = None
    if isinstance(start, int) and isinstance(end, int) and isinstance(chosen, int):
        window = Window(from_epoch(start), from_epoch(end), from_epoch(chosen), str(explanation))
    revoked = None
    if isinstance(revoked_at, int):
        revoked = Revoked(from_epoch(revoked_at), str(reason), knows != AuthorityKnows.ITSELF.value)
    ends = from_epoch(int(str(not_after)))
    at, why = due_at(
        from_epoch(int(str(not_before))),
        ends,
        int(days) if isinstance(days, int) else 0,
        window,
        from_epoch(came) if isinstance(came, int) else None,
        revoked,
    )
    last = _order(connection, int(str(certificate_id)), under_way)
    order_id, status, error = last.id, last.status, last.error
    until = max(try_at if isinstance(try_at, int) else 0, last.not_before)
    # What lies further ahead than the longest pause was set by a clock that was wrong.
    waits = from_epoch(until) if epoch(now) < until <= epoch(now) + _LONGEST_PAUSE else None
    goes_on = status in (OrderStatus.PENDING.value, OrderStatus.PROCESSING.value)
    stands = ""
    if authority is None:
        stands = "No authority is known for it: give it one, or order its successor by hand."
    elif not enabled:
        stands = f"{authority} is disabled."
    elif goes_on:
        stands = f"Its renewal is under way: order {order_id} is {status}."
    elif waits is not None:
        ended = f"Order {order_id} failed: {error}" if status == "failed" else f"Order {order_id} was cancelled."
        stands = str(blocked) or ended
    stopped = bool(stands)
    return Candidate(
        Renewal(
            certificate_id=int(str(certificate_id)),
            name=str(name),
            authority=str(authority or ""),
            not_after=ends,
            auto_renew_days=int(days) if isinstance(days, int) else 0,
            due_at=at,
            due=at <= now,
            why=why,
            blocked=stands or str(blocked or ""),
            order_id=order_id,
            try_at=waits,
            cname=str(cname or ""),
            looked_at=from_epoch(looked_at) if isinstance(looked_at, int) else None,
            revoked=revoked is not None,
        ),
        authority_id if isinstance(authority_id, int) else None,
        stopped,
        int(str(attempts or 0)),
        goes_on,
    )


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest order that renews a certificate; after one that ended badly the next may come at `not_before`."""

    id: int | None = None
    status: str = ""
    error: str = ""
    not_before: int = 0


def _under_way(connection: Connection, certificate_id: int | None = None) -> dict[int, _Last]:
    """The newest order on its way for each certificate, or for one, that is renewed by one."""
    rows = connection.execute(
        "SELECT id, status, error, form FROM certificate_order WHERE status IN ('pending', 'processing') "
        "AND form LIKE ? ORDER BY id",
        (f'%"renews_id":{"" if certificate_id is None else certificate_id}%',),
    ).fetchall()
    return {json.loads(form).get("renews_id"): _Last(order_id, status, error) for order_id, status, error, form in rows}


def _order(connection: Connection, certificate_id: int, under_way: Mapping[int, _Last] | None) -> _Last:
    """The order that renews it, whoever made it."""
    if under_way is None:
        under_way = _under_way(connection, certificate_id)
    if certificate_id in under_way:
        return under_way[certificate_id]
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
