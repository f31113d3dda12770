"""Orders that are due: claimed by a lease in one short transaction, asked, and answered together."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from certtui.authorities.base import Answer, Authority
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_rows import WAITING
from certtui.backend.local.orders_send import NEEDS_KEY, Asked, Failed, answered, ask, taken
from certtui.clock import epoch
from certtui.errors import CerttuiError, Denied, Interrupted, Locked, Unreachable

AT_ONCE = 8
"""Questions that are under way at a time to authorities elsewhere."""

SILENT_SECONDS = 10.0
"""An authority that was asked for longer, in vain, is asked no more in this round."""

ROUND_SECONDS = 120.0
"""After so long no further orders are begun with in a round."""

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
    silent: dict[int | None, str] = {}
    ends = time.monotonic() + ROUND_SECONDS
    # What is left is due still: other kinds of work have their turn first.
    while time.monotonic() < ends and (claimed := _claim(store, now, seen, without_keys=bool(locked))):
        seen |= {asked.order_id for asked in claimed}
        made: dict[int | None, Authority] = {}
        said = _stored(store, _asked(store, claimed, made, silent))
        done += len(claimed) - len(said)
        problems += said
    if locked and (waiting := _count(store, now)):
        problems.append(f"{locked} {waiting} {'order waits' if waiting == 1 else 'orders wait'} until it is unlocked.")
    return done, tuple(problems)


def _asked(
    store: OpenStore, claimed: list[Asked], made: dict[int | None, Authority], silent: dict[int | None, str]
) -> list[tuple[Asked, Answer | Failed]]:
    """Ask for each: at once where a network and its waiting lie between, one after the other where it is our own work."""
    far = [asked for asked in claimed if asked.far]
    with ThreadPoolExecutor(min(len(far), AT_ONCE) or 1, thread_name_prefix="certtui-orders") as pool:
        coming = [(asked, pool.submit(_ask_far, store, asked, made, silent)) for asked in far]
        answers = [(asked, ask(store, asked, made)) for asked in claimed if not asked.far]
        return answers + [(asked, answer.result()) for asked, answer in coming]


def _ask_far(
    store: OpenStore, asked: Asked, made: dict[int | None, Authority], silent: dict[int | None, str]
) -> Answer | Failed:
    """Ask, unless its authority has let others wait in vain just now: hundreds that wait as long would hold up everybody."""
    if asked.authority_id in silent:
        return Failed(f"It was not asked for: so it was with another order. {silent[asked.authority_id]}")
    began = time.monotonic()
    answer = ask(store, asked, made)
    if isinstance(answer, Failed) and not answer.locked and time.monotonic() - began > SILENT_SECONDS:
        silent[asked.authority_id] = answer.text
    return answer


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


def _claim(store: OpenStore, now: datetime, seen: set[int], *, without_keys: bool) -> list[Asked]:
    """Take some that are due; others pass over them until the leases end."""
    with store.changing() as change:
        return [taken(change, row) for row in _free(change, epoch(now), seen, without_keys=without_keys)]


def _free(change: Change, now: int, seen: set[int], *, without_keys: bool):  # type: ignore[no-untyped-def]  # rows
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
    if without_keys:
        wanted = wanted.where(col(Row.type).not_in(NEEDS_KEY))
    if seen:
        wanted = wanted.where(col(Row.id).not_in(seen))
    return change.session.exec(wanted).all()
