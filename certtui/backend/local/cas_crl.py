"""CRLs: made of what was issued and revoked, numbered under the lock, built outside of it, published to a file.

Taking a number is a transaction of its own, which also moves `crl_due_at` to a mark in the near future. What is read
after it holds every revocation that was committed before; one that is committed later sets `crl_due_at` to its own
instant, and storing the CRL moves that on only where the mark still stands. So whatever crosses what, and wherever a
process ends: a revocation that no stored CRL has is due.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_publish import publish
from certtui.backend.local.cas_rows import ca_row
from certtui.backend.local.cas_signers import LoadedCa, loaded_ca
from certtui.backend.local.cas_values import settings_of
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Unsupported
from certtui.model.crl import CrlEntry
from certtui.model.local_ca import CaSettings, CaState, CrlInfo
from certtui.record import dataclass

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.tables_issuing import CaTable
    from certtui.pki.signing import Signer

DAY, HOUR = 86_400, 3_600
LEASE = 120
"""Seconds for which a worker has a CRL to itself; then another one may take it up."""

_RETRY = 60
"""Seconds until a CRL that could not be made is tried again."""


def issue_crl(store: OpenStore, ca_id: int, *, delta: bool = False) -> CrlInfo:
    """A new CRL, published. Raises `NotFound`, `Conflict` (no key here), `Unsupported` (delta without settings), `Locked`, `Invalid`."""
    from certtui.backend.local.read.cas import crl_info

    seen = whole(store)
    ca = loaded_ca(seen, ca_id)
    if delta and not ca.settings.delta_hours:
        raise Unsupported(f"The CA {ca.name} has no delta CRLs.", "Set its delta hours first.")
    _issue(seen, ca, delta=delta)
    publish_quietly(seen, ca_id)
    return crl_info(seen.readers, seen.clock, ca_id, delta=delta)


def first_crl(change: Change, row: CaTable, signer: Signer, now: datetime) -> None:
    """The empty CRL number 1 of a CA that has just been put in, in the same transaction."""
    settings = settings_of(row.settings)
    next_update = now + timedelta(days=settings.crl_days)
    der = _built(signer, (), 1, now, next_update, settings, None)
    row.crl_number = 1
    row.crl_due_at = _due(now, next_update)
    row.delta_due_at = epoch(now) + _delta_step(settings) if settings.delta_hours else None
    change.session.add(row)
    _put(change, row.id, _Made(1, None, now, next_update, 0, der))


def publish_quietly(store: OpenStore, ca_id: int) -> str:
    """Write the newest CRLs to their file; why that failed is kept with the CA, and the worker tries again."""
    with suppress(CerttuiError):
        return publish(store, ca_id)
    return ""


def revoked_entries(connection: sqlite3.Connection, ca_id: int, since: int) -> list[CrlEntry]:
    """What a CA has revoked, by serial; what expired before `since` and was revoked before it is left out."""
    rows = connection.execute(
        "SELECT serial, revoked_at, reason, invalidity_at FROM issued WHERE ca_id = ? AND revoked_at IS NOT NULL "
        "AND (not_after >= ? OR revoked_at >= ?) ORDER BY serial",
        (ca_id, since, since),
    )
    return [
        CrlEntry(
            serial,
            from_epoch(revoked_at),
            reason or "unspecified",
            None if invalidity_at is None else from_epoch(invalidity_at),
        )
        for serial, revoked_at, reason, invalidity_at in rows
    ]


@dataclass(frozen=True, slots=True)
class _Made:
    """A CRL as it was built."""

    number: int
    base_number: int | None
    this_update: datetime
    next_update: datetime
    entries: int
    der: bytes


@dataclass(frozen=True, slots=True)
class _Base:
    """The newest full CRL when a number was taken."""

    number: int
    this_update: int
    der: bytes


def _issue(store: OpenStore, ca: LoadedCa, *, delta: bool, owner: str = "") -> None:
    now = store.clock.now()
    number, mark = _take_number(store, ca.id, delta=delta)
    with store.readers.use() as connection:
        connection.execute("BEGIN")
        base = _base(connection, ca.id)
        entries = revoked_entries(connection, ca.id, _dropped_before(base, ca.settings, now))
        connection.execute("COMMIT")
    if delta and base is not None:
        made = _delta(ca, base, entries, number, now)
    else:
        next_update = now + timedelta(days=ca.settings.crl_days)
        der = _built(ca.signer, entries, number, now, next_update, ca.settings, None)
        made = _Made(number, None, now, next_update, len(entries), der)
    # A full CRL is followed by the delta for whoever holds the one before it: both have one number, and say the same (5.2.4).
    beside = None
    if not delta and base is not None and ca.settings.delta_hours:
        beside = _delta(ca, base, entries, number, now)
    with store.changing() as change:
        _store(change, ca, made, beside, mark, owner)


def _take_number(store: OpenStore, ca_id: int, *, delta: bool) -> tuple[int, int]:
    with store.changing() as change:
        row = ca_row(change, ca_id)
        row.crl_number += 1
        mark = change.now + LEASE
        if delta:
            row.delta_due_at = mark
        else:
            row.crl_due_at = mark
        change.session.add(row)
        return row.crl_number, mark


def _base(connection: sqlite3.Connection, ca_id: int) -> _Base | None:
    found = connection.execute(
        "SELECT number, this_update, der FROM crl WHERE ca_id = ? AND delta = 0", (ca_id,)
    ).fetchone()
    return None if found is None else _Base(int(found[0]), found[1], bytes(found[2]))


def _dropped_before(base: _Base | None, settings: CaSettings, now: datetime) -> int:
    """An expired certificate stays until it was on a CRL that was made on schedule after its end (RFC 5280, 3.3)."""
    scheduled = epoch(now) - settings.crl_days * DAY
    return scheduled if base is None else min(base.this_update, scheduled)


def _delta(ca: LoadedCa, base: _Base, entries: list[CrlEntry], number: int, now: datetime) -> _Made:
    from certtui.pki.crl import crl_entries

    already = {entry.serial_number for entry in crl_entries(base.der)}
    changed = [entry for entry in entries if entry.serial_number not in already]
    next_update = now + timedelta(hours=ca.settings.delta_hours)
    der = _built(ca.signer, changed, number, now, next_update, ca.settings, base.number)
    return _Made(number, base.number, now, next_update, len(changed), der)


def _built(
    signer: Signer,
    entries: list[CrlEntry] | tuple[CrlEntry, ...],
    number: int,
    now: datetime,
    next_update: datetime,
    settings: CaSettings,
    base_number: int | None,
) -> bytes:
    from certtui.pki.crl import build_crl

    freshest = settings.delta_urls if settings.delta_hours and base_number is None else ()
    return build_crl(signer, entries, number, now, next_update, base_number=base_number, freshest=freshest)


def _store(change: Change, ca: LoadedCa, made: _Made, beside: _Made | None, mark: int, owner: str) -> None:
    row = ca_row(change, ca.id)
    for one in filter(None, (made, beside)):
        if _is_newer(change, ca.id, one):
            _put(change, ca.id, one)
    settings = settings_of(row.settings)
    if made.base_number is None:
        if row.crl_due_at == mark:
            row.crl_due_at = _due(made.this_update, made.next_update)
        if settings.delta_hours:
            row.delta_due_at = epoch(made.this_update) + _delta_step(settings)
    elif row.delta_due_at == mark:
        row.delta_due_at = epoch(made.this_update) + _delta_step(settings)
    if owner and row.lease_owner == owner:
        row.lease_owner, row.lease_until = "", None
    change.session.add(row)
    change.record(
        events.CRL_ISSUED,
        "ca",
        ca.id,
        ca.name,
        {"number": made.number, "entries": made.entries, "delta": made.base_number is not None},
    )


def _is_newer(change: Change, ca_id: int, made: _Made) -> bool:
    """A CRL that was built while a later one was stored comes too late: the later one says all that it says."""
    from certtui.backend.local.tables_issuing import CrlTable

    there = change.session.get(CrlTable, (ca_id, int(made.base_number is not None)))
    return there is None or int(there.number) < made.number


def _put(change: Change, ca_id: int, made: _Made) -> None:
    from certtui.backend.local.tables_issuing import CrlTable

    change.session.merge(
        CrlTable(
            ca_id=ca_id,
            delta=int(made.base_number is not None),
            number=str(made.number),
            base_number="" if made.base_number is None else str(made.base_number),
            this_update=epoch(made.this_update),
            next_update=epoch(made.next_update),
            entries=made.entries,
            external=0,
            der=made.der,
        )
    )


def _due(this_update: datetime, next_update: datetime) -> int:
    """When a third of the time is left."""
    return epoch(this_update) + (epoch(next_update) - epoch(this_update)) * 2 // 3


def _delta_step(settings: CaSettings) -> int:
    return settings.delta_hours * HOUR * 2 // 3


# --- what is due ------------------------------------------------------------------------------------------------------


def crls_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Issue every CRL that is due, publish again what could not be published: (CRLs issued, one sentence for each failure).

    Several workers never issue one twice: each is claimed by a lease.
    """
    import secrets

    seen = whole(store)
    owner = secrets.token_hex(8)
    count, failures = 0, []
    while (claimed := _claim(seen, owner, epoch(now))) is not None:
        ca_id, name, delta = claimed
        if not name:
            continue
        try:
            _issue(seen, loaded_ca(seen, ca_id), delta=delta, owner=owner)
            count += 1
        except CerttuiError as error:
            # The lease stays until it ends: that is when it is tried again.
            failures.append(f"The CRL of {name} could not be made: {error.message}")
    failures += _publish_all(seen)
    return count, tuple(failures)


def next_crl_due(store: OpenStore) -> datetime | None:
    """When the next CRL is due, or tried again; None where there is none to make."""
    due = "CASE WHEN crl_due_at IS NULL OR delta_due_at < crl_due_at THEN delta_due_at ELSE crl_due_at END"
    with whole(store).readers.use() as connection:
        found = connection.execute(
            f"SELECT min(CASE WHEN lease_until > {due} THEN lease_until ELSE {due} END) FROM ca "  # noqa: S608 - our own
            "WHERE (crl_due_at IS NOT NULL OR delta_due_at IS NOT NULL) AND state IN ('active', 'retired')"
        ).fetchone()
    return None if found is None or found[0] is None else from_epoch(found[0])


def _claim(store: OpenStore, owner: str, now: int) -> tuple[int, str, bool] | None:
    """(id, name, whether its delta is due) of a CA that is this worker's now; the name is "" for one that needs no more CRLs."""
    from sqlalchemy import or_
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CaTable

    if not _anything_due(store, now):
        return None
    with store.changing() as change:
        row = change.session.exec(
            select(CaTable)
            .where(col(CaTable.state).in_([CaState.ACTIVE.value, CaState.RETIRED.value]))
            .where(or_(col(CaTable.crl_due_at) <= now, col(CaTable.delta_due_at) <= now))
            .where(or_(col(CaTable.lease_until).is_(None), col(CaTable.lease_until) <= now))
            .order_by(col(CaTable.crl_due_at))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        if _has_ended(change, row, now):
            row.crl_due_at = row.delta_due_at = None
            change.session.add(row)
            return row.id, "", False
        row.lease_owner, row.lease_until = owner, now + _RETRY
        change.session.add(row)
        return row.id, row.name, row.crl_due_at is None or row.crl_due_at > now


def _anything_due(store: OpenStore, now: int) -> bool:
    """Asked on a reading connection first: a worker looks often, and mostly there is nothing."""
    with store.readers.use() as connection:
        found = connection.execute(
            "SELECT 1 FROM ca WHERE state IN ('active', 'retired') AND (crl_due_at <= ? OR delta_due_at <= ?) "
            "AND (lease_until IS NULL OR lease_until <= ?) LIMIT 1",
            (now, now, now),
        ).fetchone()
    return found is not None


def _has_ended(change: Change, row: CaTable, now: int) -> bool:
    """Nobody asks any more: the CA itself has expired, or it is retired and so is all that it issued, for a CRL's time."""
    from sqlmodel import col, func, select

    from certtui.backend.local.cas_rows import ca_entry
    from certtui.backend.local.tables_issuing import IssuedTable

    expires = ca_entry(change, row).not_after
    if expires is not None and expires < now:
        return True
    if row.state != CaState.RETIRED:
        return False
    last = change.session.exec(select(func.max(IssuedTable.not_after)).where(col(IssuedTable.ca_id) == row.id)).one()
    return (last or 0) + settings_of(row.settings).crl_days * DAY < now


def _publish_all(store: OpenStore) -> list[str]:
    with store.readers.use() as connection:
        files = connection.execute('SELECT id, name FROM ca WHERE settings LIKE \'%"crl_file":"/%\'').fetchall()
    failures = []
    for ca_id, name in files:
        if problem := publish_quietly(store, ca_id):
            failures.append(f"The CRL of {name} could not be written: {problem}")
    return failures
