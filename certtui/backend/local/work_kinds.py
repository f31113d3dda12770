"""What a worker does, kind by kind, in this order: each is a function of the store and an instant, and knows what is due by itself.

A kind answers how much it did and one sentence for each thing that it could not do; it says when it wants to be
called next. One that fails does not stop the others (`work_round`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from certtui.backend.local.open_store import OpenStore
from certtui.clock import from_epoch
from certtui.record import dataclass

Done = tuple[int, tuple[str, ...]]
"""How much was done, and one sentence for each thing that could not be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work. `every` is set for what is one round for the whole store; other kinds are rows with leases."""

    name: str
    run: Callable[[OpenStore, datetime], Done]
    next_due: Callable[[OpenStore], datetime | None]
    every: timedelta | None = None
    after_others: bool = False
    """Its round comes at once when a kind before it did something."""


def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order in which they run."""
    return (
        Kind("folders", _folders, _nothing, every=FOLDERS_EVERY),
        Kind("statuses", _statuses, _nothing, every=RENEWALS_EVERY),
        Kind("renewals", _renewals, _nothing, every=RENEWALS_EVERY),
        Kind("orders", _orders, _next_order),
        Kind("cnames", _cnames, _nothing, every=RENEWALS_EVERY),
        Kind("records", _records, _nothing, every=RECORDS_EVERY, after_others=True),
        Kind("revocations", _revocations, _next_revocation),
        Kind("crls", _crls, _next_crl),
        Kind("alerts", _alerts, _nothing, every=ALERTS_EVERY, after_others=True),
        Kind("deliveries", _deliveries, _next_delivery),
    )


FOLDERS_EVERY = timedelta(seconds=10)
ALERTS_EVERY = timedelta(minutes=5)
RENEWALS_EVERY = timedelta(minutes=5)
RECORDS_EVERY = timedelta(minutes=2)


def _nothing(_store: OpenStore) -> datetime | None:
    return None


def _folders(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.work_folders import folders_due

    return folders_due(store, now)


def _statuses(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.renewals_status import statuses_due

    return statuses_due(store, now)


def _renewals(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.renewals_act import work_due

    return work_due(store)


def _cnames(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.renewals_look import looks_due

    return looks_due(store, now)


def _orders(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.work_orders import orders_due

    return orders_due(store, now)


def _next_order(store: OpenStore) -> datetime | None:
    return _earliest(
        store,
        "SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) FROM certificate_order "
        "WHERE due_at IS NOT NULL AND status IN ('pending', 'processing')",
    )


def _records(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.work_acme import records_due

    return records_due(store, now)


def _revocations(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.revoke_work import revocations_due

    return revocations_due(store, now)


def _next_revocation(store: OpenStore) -> datetime | None:
    return _earliest(
        store,
        "SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) FROM revocation "
        "WHERE due_at IS NOT NULL",
    )


def _crls(store: OpenStore, now: datetime) -> Done:
    from certtui.backend.local.cas_crl import crls_due

    return crls_due(store, now)


def _next_crl(store: OpenStore) -> datetime | None:
    from certtui.backend.local.cas_crl import next_crl_due

    return next_crl_due(store)


def _alerts(store: OpenStore, _now: datetime) -> Done:
    from certtui.backend.local.alerts_sweep import sweep_due

    report = sweep_due(store)
    return report.opened + report.escalated + report.woken + report.resolved, ()


def _deliveries(store: OpenStore, _now: datetime) -> Done:
    from certtui.backend.local.channels_deliver import deliver_due

    return deliver_due(store), ()


def _next_delivery(store: OpenStore) -> datetime | None:
    from certtui.backend.local.channels_deliver import next_due

    seconds = next_due(store)
    return None if seconds is None else from_epoch(seconds)


def _earliest(store: OpenStore, statement: str) -> datetime | None:
    with store.readers.use() as connection:
        row = connection.execute(statement).fetchone()
    return None if row is None or row[0] is None else from_epoch(row[0])
