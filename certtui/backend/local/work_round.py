"""One round of a worker: every kind of work that is due, each guarded from the others."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.orders_send import LEASE_SECONDS, new_owner
from certtui.backend.local.work_kinds import Kind, kinds
from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Denied, Interrupted
from certtui.model.work import WorkReport, WorkStatus

if TYPE_CHECKING:
    from certtui.model.progress import Progress

WORKER = "worker"
"""The round that says that somebody works at all."""

SAID_EVERY = timedelta(seconds=30)
"""How often a worker that finds nothing says that it is there: each time is a write."""


def run_due(store: OpenStore, progress: Progress | None = None) -> WorkReport:
    """Do what is due now. See `Work.run_due`."""
    store.require_writable()
    working = replace(whole(store), actor=replace(store.actor, via="worker"))
    now = store.clock.now()
    done: dict[str, int] = {}
    problems: list[str] = []
    wanted = kinds()
    for number, kind in enumerate(wanted):
        if progress is not None:
            progress(number, len(wanted))
        # The time anew for each: what one kind makes due just now, the next one does.
        count, said = _guarded(working, kind, store.clock.now(), hurried=kind.after_others and any(done.values()))
        if count:
            done[kind.name] = count
        problems += said
    _say_worked(working, now, anything=bool(done))
    return WorkReport(done, tuple(problems), _next(working, wanted))


def _guarded(store: OpenStore, kind: Kind, now: datetime, *, hurried: bool) -> tuple[int, tuple[str, ...]]:
    try:
        if kind.every is None:
            return kind.run(store, now)
        return _round(store, kind, kind.every, now, hurried=hurried)
    except (Interrupted, Denied):
        raise
    except CerttuiError as error:
        return 0, (str(error),)
    except Exception as error:
        # One kind with a fault must not stop the orders of everybody; the log has where it happened.
        logging.getLogger(__name__).exception("work of the kind %s failed", kind.name)
        return 0, (f"Work of the kind {kind.name} failed: {type(error).__name__}. The log says more.",)


def _round(
    store: OpenStore, kind: Kind, every: timedelta, now: datetime, *, hurried: bool
) -> tuple[int, tuple[str, ...]]:
    """Work that is one for the whole store: by one worker at a time, and not before its time."""
    owner = _claim(store, kind.name, now, every, hurried=hurried)
    if owner is None:
        return 0, ()
    try:
        return kind.run(store, now)
    finally:
        # Whatever came of it, and even if the store can't be written any more: the lease ends by itself.
        with contextlib.suppress(CerttuiError):
            _finish(store, kind.name, owner, now + every)


def _free(due_at: int, lease_until: int | None, at: int, every: timedelta, *, hurried: bool) -> bool:
    """Whether the round may begin. What lies further ahead than anybody sets it was set by a clock that was wrong."""
    if at < (lease_until or 0) <= at + LEASE_SECONDS:
        return False
    return hurried or not at < due_at <= at + every.total_seconds()


def _claim(store: OpenStore, name: str, now: datetime, every: timedelta, *, hurried: bool) -> str | None:
    from certtui.backend.local.tables_issuing import WorkRoundTable

    at = epoch(now)
    with store.readers.use() as connection:
        row = connection.execute("SELECT due_at, lease_until FROM work_round WHERE name = ?", (name,)).fetchone()
    if row is not None and not _free(row[0], row[1], at, every, hurried=hurried):
        return None
    with store.changing() as change:
        found = change.session.get(WorkRoundTable, name) or WorkRoundTable(name=name)
        if not _free(found.due_at, found.lease_until, at, every, hurried=hurried):
            return None
        found.lease_owner, found.lease_until = new_owner(), at + LEASE_SECONDS
        change.session.add(found)
        return found.lease_owner


def _finish(store: OpenStore, name: str, owner: str, due: datetime) -> None:
    from certtui.backend.local.tables_issuing import WorkRoundTable

    with store.changing() as change:
        found = change.session.get(WorkRoundTable, name)
        if found is None or found.lease_owner != owner:
            return
        found.lease_owner, found.lease_until = "", None
        found.done_at, found.due_at, found.worker = change.now, epoch(due), _who(owner)
        change.session.add(found)


def _who(owner: str) -> str:
    """Host and process of a lease's owner."""
    return ":".join(owner.split(":")[:-1])


def _say_worked(store: OpenStore, now: datetime, *, anything: bool) -> None:
    from certtui.backend.local.tables_issuing import WorkRoundTable

    with store.readers.use() as connection:
        row = connection.execute("SELECT done_at FROM work_round WHERE name = ?", (WORKER,)).fetchone()
    last = row[0] if row is not None and row[0] is not None else 0
    if not anything and 0 <= epoch(now) - last < SAID_EVERY.total_seconds():
        return
    with store.changing() as change:
        found = change.session.get(WorkRoundTable, WORKER) or WorkRoundTable(name=WORKER)
        found.done_at, found.due_at, found.worker = change.now, change.now, _who(new_owner())
        change.session.add(found)


def _next(store: OpenStore, wanted: tuple[Kind, ...]) -> datetime | None:
    found = []
    for kind in wanted:
        try:
            found.append(kind.next_due(store))
        except CerttuiError:
            continue
    rounds = {kind.name: kind.every for kind in wanted if kind.every is not None}
    with store.readers.use() as connection:
        due = dict(
            connection.execute(
                "SELECT name, CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END FROM work_round "
                "WHERE name <> ?",
                (WORKER,),
            ).fetchall()
        )
    found += [from_epoch(due[name]) for name in rounds if name in due]
    return min((one for one in found if one is not None), default=None)


def status(store: OpenStore) -> WorkStatus:
    """Whether anybody works, and what waits. See `Work.status`."""
    seen = whole(store)
    now = epoch(store.clock.now())
    with seen.readers.use() as connection:
        row = connection.execute("SELECT done_at, worker FROM work_round WHERE name = ?", (WORKER,)).fetchone()
        due = sum(connection.execute(counting, (now, now)).fetchone()[0] for counting in _DUE)
    last = from_epoch(row[0]) if row is not None and row[0] is not None else None
    return WorkStatus(last, row[1] if row is not None else "", due, _next(seen, kinds()))


_FREE = "AND (lease_until IS NULL OR lease_until <= ?)"
_DUE = (
    f"SELECT count(*) FROM certificate_order WHERE due_at <= ? AND status IN ('pending', 'processing') {_FREE}",  # noqa: S608 (our own)
    f"SELECT count(*) FROM revocation WHERE due_at <= ? {_FREE}",  # noqa: S608 (our own)
    f"SELECT count(*) FROM ca WHERE crl_due_at <= ? AND state IN ('active', 'retired') {_FREE}",  # noqa: S608 (our own)
    f"SELECT count(*) FROM delivery WHERE state = 'waiting' AND next_try_at <= ? {_FREE}",  # noqa: S608 (our own)
)
