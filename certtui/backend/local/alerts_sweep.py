"""The sweep: what needs a person now, kind by kind, against the alerts that are there; only differences are written.

Each kind is one statement on a reading connection that joins what it finds with the alerts of its kind, so that a million
certificates without news cost a few scans and nothing in Python. Differences are taken in pages and written in batches of
one transaction each. Several workers at once do no harm: under the write lock every alert is looked at again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from certtui.backend.local import channels_outbox
from certtui.backend.local.alerts_chains import Row, incomplete_chains
from certtui.backend.local.alerts_change import SWEEP, Labels, Written, alerts_where, labels_of, standing_of
from certtui.backend.local.alerts_conditions import COLUMNS, CONDITIONS, Condition, Facts
from certtui.clock import epoch
from certtui.model.alert import Absent, AlertKind, AlertState, Seen, Severity, SweepReport, What, step

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.read.dialect import Sql
    from certtui.model.progress import Progress

_PAGE = 20_000
"""Differences read at once."""

_BATCH = 1_000
"""Alerts written in one transaction: other writers get their turn."""

_CHAIN = AlertKind.CHAIN_INCOMPLETE
_T = TypeVar("_T")


def sweep_due(store: OpenStore) -> SweepReport:
    """What the worker does when the round `alerts` is due: the sweep, and what follows from it. The store must be unlimited."""
    from certtui.backend.local.channels_calendar import refresh
    from certtui.backend.local.channels_deliver import forget_old

    report = sweep(store)
    refresh(store)
    forget_old(store)
    return report


def sweep(
    store: OpenStore, progress: Progress | None = None, *, kinds: Iterable[AlertKind] | None = None
) -> SweepReport:
    """Bring the alerts (of some kinds) up to what is so now. Raises `Denied` in read-only mode."""
    store.require_writable()
    started = time.monotonic()
    now = store.clock.now()
    facts = _facts(store, epoch(now))
    wanted = set(AlertKind) if kinds is None else set(kinds)
    conditions = [each for each in CONDITIONS if each.kind in wanted]
    total = len(conditions) + (_CHAIN in wanted)
    counted: Counter[What] = Counter()
    run = channels_outbox.new_run()
    try:
        for done, condition in enumerate(conditions):
            if progress is not None:
                progress(done, total)
            _sweep_kind(store, condition, facts, now, run, counted)
        if _CHAIN in wanted:
            if progress is not None:
                progress(total - 1, total)
            _sweep_chains(store, facts, now, run, counted)
    finally:
        if counted.total():
            with store.changing() as change:
                channels_outbox.close(change, run)
    return SweepReport(
        opened=counted[What.OPENED],
        escalated=counted[What.ESCALATED],
        woken=counted[What.WOKE],
        resolved=counted[What.RESOLVED],
        updated=counted[What.UPDATED],
        open=_open(store),
        seconds=round(time.monotonic() - started, 3),
    )


def _facts(store: OpenStore, now: int) -> Facts:
    with store.readers.use() as connection:
        row = connection.execute("SELECT short_lifetime_days FROM store_meta").fetchone()
        return Facts(now, row[0] if row else 100, thresholds_of(connection))


def thresholds_of(connection: sqlite3.Connection) -> dict[str, tuple[int, ...]]:
    """The days of each group that has its own, "" for what holds for the others if it was set."""
    rows = connection.execute("SELECT business_group, days FROM alert_threshold ORDER BY business_group")
    return {group: tuple(int(each) for each in days.split(",")) for group, days in rows}


def _open(store: OpenStore) -> int:
    with store.readers.use() as connection:
        return int(connection.execute("SELECT count(*) FROM alert WHERE state = 'open'").fetchone()[0])


# --- one kind, by a statement ---------------------------------------------------------------------------------------------


def _sweep_kind(
    store: OpenStore, condition: Condition, facts: Facts, now: datetime, run: str, counted: Counter[What]
) -> None:
    found = condition.statement(facts)
    for page in _pages(store, lambda last: different(condition, found, last, facts.now), 0):
        for batch in _batches(page):
            _write_seen(store, condition.kind, condition.object_kind, batch, now, run, counted)
    for page in _pages(store, lambda last: gone(condition, found, last), 0):
        for ids in _batches([int(row[0]) for row in page]):
            _write_absent(store, ids, now, run, counted)


def different(condition: Condition, found: Sql, last: int, now: int) -> Sql:
    """What is found and has no alert that says exactly this, by ids after the last."""
    statement, parameters = found
    columns = ", ".join(f"x.{name}" for name in COLUMNS)
    return (
        f"SELECT {columns} FROM ({statement}) x LEFT JOIN alert a "  # noqa: S608 (texts of this package)
        "ON a.kind = ? AND a.object_kind = ? AND a.object_id = x.object_id "
        "WHERE +x.object_id > ? AND (a.id IS NULL OR a.holds = 0 OR a.severity <> x.severity OR a.level <> x.level "
        f"OR (a.state = 'snoozed' AND a.snoozed_until <= {now}){'' if condition.many else _LABELS}) "
        f"ORDER BY +x.object_id LIMIT {_PAGE}",
        (*parameters, str(condition.kind), condition.object_kind, last),
    )


_LABELS = (
    " OR a.object_name <> x.object_name OR a.business_group <> x.business_group "
    "OR coalesce(a.due_at, -1) <> coalesce(x.due_at, -1) "
    "OR coalesce(a.certificate_id, -1) <> coalesce(x.certificate_id, -1) OR a.detail <> x.detail COLLATE BINARY"
)


def gone(condition: Condition, found: Sql, last: int) -> Sql:
    """Alerts of the kind whose thing is not found any more, by ids after the last."""
    statement, parameters = found
    return (
        f"SELECT a.id FROM alert a LEFT JOIN ({statement}) x ON x.object_id = a.object_id "  # noqa: S608
        "WHERE a.kind = ? AND a.object_kind = ? AND a.holds = 1 AND a.id > ? AND x.object_id IS NULL "
        f"ORDER BY +a.id LIMIT {_PAGE}",
        (*parameters, str(condition.kind), condition.object_kind, last),
    )


def _pages(store: OpenStore, statement: Callable[[int], Sql], last: int) -> Iterator[list[Row]]:
    """Rows page by page; none is read while one is written, which a store without a write-ahead log would not bear."""
    while True:
        with store.readers.use() as connection:
            page = connection.execute(*statement(last)).fetchall()
        if page:
            yield page
        if len(page) < _PAGE:
            return
        last = int(page[-1][0])


# --- chains, which need the trust store -----------------------------------------------------------------------------------


def _sweep_chains(store: OpenStore, facts: Facts, now: datetime, run: str, counted: Counter[What]) -> None:
    from certtui.pki.roots import system_trust_store

    with store.readers.use() as connection:
        found = incomplete_chains(connection, facts, system_trust_store().by_subject)
        there = connection.execute(
            "SELECT object_id, id, state, snoozed_until, object_name, business_group, due_at, detail FROM alert "
            "WHERE kind = ? AND object_kind = ? AND holds = 1",
            (str(_CHAIN), "certificate"),
        ).fetchall()
    known = {row[0]: row for row in there}
    news = [row for row in found if _is_news(row, known.get(row[0]), facts.now)]
    for batch in _batches(news):
        _write_seen(store, _CHAIN, "certificate", batch, now, run, counted)
    still = {row[0] for row in found}
    for ids in _batches([row[1] for object_id, row in sorted(known.items()) if object_id not in still]):
        _write_absent(store, ids, now, run, counted)


def _is_news(row: Row, alert: Sequence[object] | None, now: int) -> bool:
    if alert is None:
        return True
    _, _, state, snoozed_until, *labels = alert
    woken = state == AlertState.SNOOZED and isinstance(snoozed_until, int) and snoozed_until <= now
    return woken or labels != [row[3], row[4], row[6], row[7]]


# --- writing --------------------------------------------------------------------------------------------------------------


def _batches(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def _write_seen(
    store: OpenStore,
    kind: AlertKind,
    object_kind: str,
    batch: Sequence[Row],
    now: datetime,
    run: str,
    counted: Counter[What],
) -> None:
    from sqlmodel import col

    from certtui.backend.local.tables_alerts import AlertTable

    with store.changing() as change:
        written = Written(change, SWEEP)
        same = (col(AlertTable.kind) == str(kind), col(AlertTable.object_kind) == object_kind)
        there = {row.object_id: row for row in alerts_where(change, "object_id", [row[0] for row in batch], *same)}
        fresh = iter(change.new_ids("alert", len(batch) - len(there)))
        for object_id, severity, level, name, group, certificate_id, due_at, detail in batch:
            labels = Labels(name, group, certificate_id, due_at, detail)
            row = there.get(object_id)
            before = None if row is None else standing_of(row)
            after, what = step(before, Seen(Severity(severity), level), now)
            if after is None:
                continue
            if row is None:
                written.open(next(fresh), kind, (object_kind, object_id), after, labels)
            elif what is not None or labels != labels_of(row):
                written.move(row, after, what or What.UPDATED, labels)
        _finish(written, run, counted)


def _write_absent(store: OpenStore, ids: Sequence[int], now: datetime, run: str, counted: Counter[What]) -> None:
    with store.changing() as change:
        written = Written(change, SWEEP)
        for row in alerts_where(change, "id", ids):
            after, what = step(standing_of(row), Absent(), now)
            if after is not None and what is not None:
                written.move(row, after, what)
        _finish(written, run, counted)


def _finish(written: Written, run: str, counted: Counter[What]) -> None:
    written.flush()
    channels_outbox.post(written.change, written.news, run)
    counted.update({what: len(ids) for what, ids in written.happened.items()})
