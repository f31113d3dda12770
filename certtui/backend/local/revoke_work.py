"""Telling authorities of revocations: what is due is claimed with a lease, asked outside of any transaction, and every answer kept."""

from __future__ import annotations

import logging
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.entries import touch
from certtui.backend.local.open_store import OpenStore
from certtui.clock import epoch, from_epoch, rfc3339
from certtui.errors import CerttuiError
from certtui.model.revocation import AuthorityKnows, RevocationReason
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.authorities.base import Told

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long one who asks is left alone; an authority's own time limits are far shorter."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""From one attempt to the next; the last one from then on."""


@dataclass(frozen=True, slots=True)
class _Claim:
    certificate_id: int
    name: str
    authority_id: int
    reason: RevocationReason
    owner: str


def revocations_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Tell authorities of every revocation that is due: (authorities told, one sentence for each that could not be)."""
    if not _any_due(store, now):
        return 0, ()
    done = 0
    problems: list[str] = []
    seen: set[int] = set()
    while (claim := _claim(store, now, spared=seen)) is not None:
        seen.add(claim.certificate_id)
        problem = _ask(store, claim)
        if problem:
            problems.append(f"{claim.name}: {problem}")
        else:
            done += 1
    return done, tuple(problems)


def tell_now(store: OpenStore, certificate_id: int) -> None:
    """Ask at once, whether due or not, unless somebody is asking; what fails stays due."""
    claim = _claim(store, store.clock.now(), only=certificate_id)
    if claim is not None:
        _ask(store, claim)


def _any_due(store: OpenStore, now: datetime) -> bool:
    """Whether there is anything to claim; a look that locks nothing."""
    with store.readers.use() as connection:
        found = connection.execute("SELECT 1 FROM revocation WHERE due_at <= ? LIMIT 1", (epoch(now),)).fetchone()
    return found is not None


def _claim(
    store: OpenStore, now: datetime, *, only: int | None = None, spared: AbstractSet[int] = frozenset()
) -> _Claim | None:
    """Take the one that has been due longest, in one short transaction; others pass over it until the lease ends."""
    from secrets import token_hex

    from sqlmodel import col, or_, select

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import RevocationTable as Row

    at = epoch(now)
    wanted = (
        select(Row)
        .where(Row.authority_knows == AuthorityKnows.NOT_TOLD.value)
        .where(or_(col(Row.lease_until).is_(None), col(Row.lease_until) <= at))
        .order_by(col(Row.due_at), col(Row.certificate_id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    wanted = wanted.where(Row.certificate_id == only) if only is not None else wanted.where(col(Row.due_at) <= at)
    if spared:
        wanted = wanted.where(col(Row.certificate_id).not_in(spared))
    with store.changing() as change:
        row = change.session.exec(wanted).first()
        if row is None:
            return None
        certificate = change.session.get(CertificateTable, row.certificate_id)
        if certificate is None:
            return None
        row.lease_owner = token_hex(8)
        row.lease_until = epoch(now + LEASE)
        change.session.add(row)
        return _Claim(
            row.certificate_id,
            certificate.name,
            certificate.authority_id or 0,
            RevocationReason(row.reason),
            row.lease_owner,
        )


def _ask(store: OpenStore, claim: _Claim) -> str:
    """Ask, and keep the answer; "" when it knows now, else why not."""
    from certtui.authorities.base import Told
    from certtui.backend.local import authorities_made
    from certtui.backend.local.page import entry_row, leaf_of

    try:
        with store.readers.use() as connection:
            leaf = leaf_of(connection, entry_row(connection, claim.certificate_id))
        authority = authorities_made.authority_of(store, claim.authority_id)
        told = authority.revoke(leaf, claim.reason) if leaf is not None else Told(False, "The certificate is not here.")
    except CerttuiError as error:
        # Not reachable, or the store is locked: that passes.
        told = Told(False, str(error), again=True)
    except Exception as error:
        _log.error("telling an authority of a revocation: %s", type(error).__name__, exc_info=error)
        told = Told(False, f"Asking it failed: {type(error).__name__}.", again=True)
    _keep(store, claim, told)
    return "" if told.ok else told.answer


def _keep(store: OpenStore, claim: _Claim, told: Told) -> None:
    """The answer, in the entry and in the audit log. Of two who asked after all, what one was told holds."""
    from certtui.backend.local.revoke import revocation_of
    from certtui.backend.local.tables import CertificateTable

    with store.changing() as change:
        row = revocation_of(change, claim.certificate_id)
        certificate = change.session.get(CertificateTable, claim.certificate_id)
        if row is None or certificate is None or row.authority_knows != AuthorityKnows.NOT_TOLD.value:
            return
        if row.lease_owner != claim.owner and not told.ok:
            return
        row.attempts += 1
        row.answer = told.answer
        row.lease_owner, row.lease_until = "", None
        knows = AuthorityKnows.TOLD if told.ok else AuthorityKnows.NOT_TOLD if told.again else AuthorityKnows.PERSON
        row.authority_knows = knows.value
        pause = PAUSES[min(row.attempts, len(PAUSES)) - 1]
        row.due_at = change.now + int(pause.total_seconds()) if knows is AuthorityKnows.NOT_TOLD else None
        change.session.add(row)
        if knows is not AuthorityKnows.NOT_TOLD:
            touch(change, certificate)
        change.record(
            events.REVOCATION_TOLD if told.ok else events.REVOCATION_NOT_TOLD,
            "certificate",
            certificate.id,
            certificate.name,
            {
                "serial": certificate.serial_number,
                "answer": told.answer,
                "attempts": row.attempts,
                "authority": knows.value,
                "next": None if row.due_at is None else rfc3339(from_epoch(row.due_at)),
            },
        )
