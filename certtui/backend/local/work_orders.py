"""Orders that are due: claimed by a lease in one short transaction, asked, and answered together."""

from __future__ import annotations

import logging
from datetime import datetime

from certtui.authorities.base import Answer, Authority
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_rows import WAITING
from certtui.backend.local.orders_send import Asked, Failed, answered, ask, taken
from certtui.clock import epoch
from certtui.errors import CerttuiError, Denied, Interrupted, Locked, Unreachable
from certtui.model.authority import AuthorityType

BATCH = 50
"""Orders in one transaction: other writers get their turn, and a crash leaves few to ask for again."""


def orders_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Look at every order that is due: (answers that were stored, one sentence for each that could not be had)."""
    if not _count(store, now):
        return 0, ()
    locked = _locked(store)
    done = 0
    problems: list[str] = []
    seen: set[int] = set()
    while claimed := _claim(store, now, seen, without_local=bool(locked)):
        seen |= {asked.order_id for asked in claimed}
        made: dict[int | None, Authority] = {}
        said = _stored(store, [(asked, ask(store, asked, made)) for asked in claimed])
        done += len(claimed) - len(said)
        problems += said
    if locked and (waiting := _count(store, now)):
        problems.append(f"{locked} {waiting} {'order waits' if waiting == 1 else 'orders wait'} until it is unlocked.")
    return done, tuple(problems)


def _stored(store: OpenStore, answers: list[tuple[Asked, Answer | Failed]]) -> list[str]:
    """Store the answers together; where that fails, one by one, so that one that can't be stored holds up nobody."""
    try:
        return answered(store, answers)
    except Exception as error:
        if isinstance(error, (Interrupted, Unreachable, Denied)):
            raise
        logging.getLogger(__name__).exception("answers to %s orders could not be stored together", len(answers))
    problems: list[str] = []
    for asked, answer in answers:
        try:
            problems += answered(store, [(asked, answer)])
        except (Interrupted, Unreachable, Denied):
            raise
        except Exception as error:
            why = str(error) if isinstance(error, CerttuiError) else f"{type(error).__name__}; the log says more."
            logging.getLogger(__name__).exception("the answer to order %s could not be stored", asked.order_id)
            problems += answered(store, [(asked, Failed(f"The answer could not be stored: {why}"))])
    return problems


def _locked(store: OpenStore) -> str:
    """Why no key can be used, "" when they can."""
    try:
        store.store_key()
    except Locked as error:
        return error.message
    return ""


def _count(store: OpenStore, now: datetime) -> int:
    """How many are due and free; a look that locks nothing."""
    at = epoch(now)
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT count(*) FROM certificate_order WHERE due_at <= ? AND status IN ('pending', 'processing') "
            "AND (lease_until IS NULL OR lease_until <= ?)",
            (at, at),
        ).fetchone()
    return int(row[0])


def _claim(store: OpenStore, now: datetime, seen: set[int], *, without_local: bool) -> list[Asked]:
    """Take some that are due; others pass over them until the leases end."""
    with store.changing() as change:
        return [taken(change, row) for row in _free(change, epoch(now), seen, without_local=without_local)]


def _free(change: Change, now: int, seen: set[int], *, without_local: bool):  # type: ignore[no-untyped-def]  # rows
    from sqlmodel import col, or_, select

    from certtui.backend.local.tables_issuing import CertificateOrderTable as Row

    wanted = (
        select(Row)
        .where(col(Row.due_at) <= now, col(Row.status).in_(WAITING), col(Row.submitted_at).is_not(None))
        .where(or_(col(Row.lease_until).is_(None), col(Row.lease_until) <= now))
        .order_by(col(Row.due_at), col(Row.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    if without_local:
        wanted = wanted.where(col(Row.type) != AuthorityType.LOCAL.value)
    if seen:
        wanted = wanted.where(col(Row.id).not_in(seen))
    return change.session.exec(wanted).all()
