"""Sending an order: what is asked is committed before it is asked, and what is answered is stored whole or asked again.

Three steps: `begun` (one transaction: checks, gate, reference, lease), the authority (outside of any), `answered` (one
transaction: the certificate, its record, associations, the story). Between any two of them the process may die: the
order then stands in `processing` with the reference it was sent by, and the next worker asks by the same reference.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.base import Answer, Authority, Issued, Refused, Request, Waiting
from certtui.backend.local import events
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_checks import (
    authority_and_row,
    check_references,
    check_renewal,
    pass_policies,
    renewed_by,
    request_of,
)
from certtui.backend.local.orders_finish import finish
from certtui.backend.local.orders_form import form_of
from certtui.backend.local.orders_rows import (
    WAITING,
    fetched,
    leased,
    move,
    order,
    order_as_seen,
    release,
    step,
    written,
)
from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Conflict, Invalid, Locked, NotFound, Unreachable
from certtui.model.authority import AuthorityType
from certtui.model.order import OrderStatus
from certtui.model.order_states import OrderEvent, moved
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable

LEASE_SECONDS = 300
"""How long who works on an order is left alone; an authority's own time limits are far shorter."""

NEEDS_KEY = (AuthorityType.LOCAL.value, AuthorityType.ACME.value)
"""Asking these takes a key of this store: a CA's, an account's."""

PAUSES = (30, 60, 300, 900, 3600)
"""Seconds from one attempt to the next where the authority can't be reached; the last one from then on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that somebody holds by a lease, ready to be asked for."""

    order_id: int
    name: str
    authority_id: int | None
    reference: str
    request: Request
    owner: str
    first: bool
    """It is sent, not looked at again."""
    far: bool = False
    """A network and its waiting lie between: several may be asked at once."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The authority could not be asked: why, and whether that is the store's lock."""

    text: str
    locked: bool = False


def submit(store: OpenStore, order_id: int, version: int) -> None:
    """Send a pending order. See `Orders.submit`."""
    asked = begun(store, order_id, version)
    answered(store, [(asked, ask(store, asked))])


def queue(store: OpenStore, order_id: int, version: int) -> None:
    """The same, asked by the next worker: for orders to authorities elsewhere, of which several are asked at once."""
    asked = begun(store, order_id, version)
    with store.changing() as change:
        row = _held(change, asked)
        if row is not None:
            release(row)
            change.session.add(row)


def begun(store: OpenStore, order_id: int, version: int) -> Asked:
    """Everything that can refuse, then the order in `processing` with its reference. Raises as `Orders.submit`."""
    _require_usable(store, order_id)
    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        return begin(store, change, row)


def begin(store: OpenStore, change: Change, row: CertificateOrderTable) -> Asked:
    """The same within a change."""
    moved(OrderEvent.SUBMIT, OrderStatus(row.status), row.name)
    if row.submitted_at is not None or leased(row, change.now):
        raise Conflict(f"The order for {row.name} was sent already.", "Look at it again.")
    form = form_of(row.form, row.reference)
    check_references(change, form)
    profile, authority = authority_and_row(store, change, form)
    if profile is None or authority is None:
        raise Invalid("The order names no authority.", "Choose whom to ask.", field="authority")
    if not profile.enabled:
        raise Invalid(f"{profile.name} is disabled.", "Choose another authority, or enable it.", field="authority")
    request = request_of(row, form, from_epoch(change.now), renewed_by(change, form))
    check_renewal(form, authority)
    authority.ask(request)
    pass_policies(store, change, row, form, row.name)
    move(row, OrderEvent.SUBMIT)
    row.authority_id, row.authority_name, row.type = profile.id, profile.name, profile.type
    row.authority_ref = authority.begin(request)
    row.submitted_at = change.now
    row.due_at = change.now
    row.attempts = 0
    take_lease(row, change.now)
    step(row, change.now, "submitted", f"Sent to {profile.name} by {store.actor.name}.")
    _record_submission(change, row, by_person=bool(form.csr) or profile.type == AuthorityType.EXTERNAL.value)
    written(change, row)
    return Asked(
        row.id, row.name, row.authority_id, row.authority_ref, request, row.lease_owner, first=True, far=_far(row)
    )


def _record_submission(change: Change, row: CertificateOrderTable, *, by_person: bool) -> None:
    event = events.REQUEST_CSR if by_person else events.REQUEST_AUTOMATED
    detail = {
        "order": row.id,
        "authority": row.authority_name,
        "reference": row.authority_ref,
        "spki_sha256": row.spki_sha256,
    }
    change.record(event, "certificate", row.certificate_id, row.name, detail)
    change.record(events.ORDER_SUBMITTED, "order", row.id, row.name, {"authority": row.authority_name})


def _require_usable(store: OpenStore, order_id: int) -> None:
    """Raises `Locked` before anything happens where the authority needs a key of this store."""
    store.require_writable()
    with store.readers.use() as connection:
        row = connection.execute("SELECT type FROM certificate_order WHERE id = ?", (order_id,)).fetchone()
    if row is not None and row[0] in NEEDS_KEY:
        store.store_key()


def take_lease(row: CertificateOrderTable, now: int) -> None:
    """Whoever holds it works on the order, and nobody else does until it ends."""
    row.lease_owner = new_owner()
    row.lease_until = now + LEASE_SECONDS


def new_owner() -> str:
    """A name for one lease: host, process, and something random."""
    import os
    import secrets
    import socket

    return f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(8)}"


def ask(store: OpenStore, asked: Asked, made: dict[int | None, Authority] | None = None) -> Answer | Failed:
    """Ask the authority, outside of any transaction; `made` keeps authorities for those asked together."""
    try:
        authority = made.get(asked.authority_id) if made is not None else None
        if authority is None:
            authority = authority_of(store, asked.authority_id)
            if made is not None:
                made[asked.authority_id] = authority
        return _ask(authority, asked)
    except Locked as error:
        return Failed(f"{error.message} It goes on once the store is unlocked.", locked=True)
    except Unreachable as error:
        return Failed(str(error))
    except NotFound as error:
        return Refused(error.message, hint=error.hint)
    except CerttuiError as error:
        return Refused("The authority could not be asked.", error.message, error.hint)
    except Exception as error:
        # A fault with one order must not stop the others; what the authority did with it nobody knows, so it is asked again.
        logging.getLogger(__name__).exception("order %s could not be asked for", asked.order_id)
        return Failed(f"Asking the authority failed: {type(error).__name__}. The log says more.")


def _ask(authority: Authority, asked: Asked) -> Answer:
    if asked.first:
        return authority.submit(asked.request, asked.reference)
    return authority.poll(asked.request, asked.reference)


def answered(store: OpenStore, answers: Sequence[tuple[Asked, Answer | Failed]]) -> list[str]:
    """Store what was answered, all in one transaction; answers what went wrong, a sentence each."""
    problems: list[str] = []
    with store.changing() as change:
        # The session forgets what nobody holds; and a look at one row need not write the ones before it.
        kept = fetched(change, [asked.order_id for asked, _ in answers])
        with change.session.no_autoflush:
            held = []
            for asked, answer in answers:
                row = _held(change, asked)
                if row is None:
                    continue
                match answer:
                    case Issued():
                        held.append((row, answer))
                    case Waiting():
                        _wait(change, row, answer)
                    case Refused():
                        _fail(change, row, answer)
                    case Failed():
                        _again_later(change, row, answer)
                        problems.append(f"{row.name}: {answer.text}")
            finish(store, change, held)
        del kept
    return problems


def _held(change: Change, asked: Asked) -> CertificateOrderTable | None:
    """The order, if this answer is still wanted: another may have taken it over when the lease ended, or completed it."""
    from certtui.backend.local.tables_issuing import CertificateOrderTable

    row = change.session.get(CertificateOrderTable, asked.order_id)
    if row is None or row.status not in WAITING or row.lease_owner != asked.owner:
        return None
    return row


def _wait(change: Change, row: CertificateOrderTable, answer: Waiting) -> None:
    stood = row.status
    move(row, OrderEvent.WAITS if answer.pending else OrderEvent.WORKS)
    release(row)
    row.due_at = None if answer.look_at is None else epoch(answer.look_at)
    row.attempts = 0
    if not step(row, change.now, "waiting", answer.text, "waiting") and row.status == stood:
        # It was looked at and is as it was: nothing to put on record, and what a person sees is still so.
        change.session.add(row)
        return
    change.record(events.ORDER_WAITING, "order", row.id, row.name, {"text": answer.text[:500]})
    written(change, row)


def _again_later(change: Change, row: CertificateOrderTable, answer: Failed) -> None:
    """It stands as it stood: nobody knows what the authority did with it."""
    release(row)
    pause = PAUSES[0] if answer.locked else PAUSES[min(row.attempts, len(PAUSES) - 1)]
    row.attempts += 0 if answer.locked else 1
    row.due_at = change.now + pause
    step(row, change.now, "waiting", answer.text, "waiting")
    written(change, row)


def _fail(change: Change, row: CertificateOrderTable, answer: Refused) -> None:
    from certtui.backend.local.orders_entry import entry_of, set_entry

    move(row, OrderEvent.REFUSED)
    row.finished_at = change.now
    row.error, row.error_words, row.error_hint = answer.message, answer.words, answer.hint
    entry: CertificateTable | None = entry_of(change, row)
    if entry is not None:
        set_entry(change, entry, {"state": "error"})
    step(row, change.now, "failed", f"{answer.message} {answer.words}".strip(), "failed")
    change.record(
        events.ORDER_FAILED,
        "order",
        row.id,
        row.name,
        {"certificate": row.certificate_id, "message": answer.message, "words": answer.words[:2_000]},
    )
    written(change, row)


def look(store: OpenStore, order_id: int) -> None:
    """Ask now, whether it is due or not. See `Orders.look`."""
    with store.changing() as change:
        row = order(change, order_id)
        if row.status not in WAITING or row.submitted_at is None:
            raise Conflict(
                f"The order for {row.name} waits for no answer: it is {row.status}"
                + (" and was not sent." if row.status in WAITING else "."),
                "Look at it again.",
            )
        if leased(row, change.now):
            raise Conflict(f"The order for {row.name} is being worked on just now.", "Wait a moment.")
        asked = taken(change, row)
    answered(store, [(asked, ask(store, asked))])


def taken(change: Change, row: CertificateOrderTable) -> Asked:
    """A lease on an order that was sent: asked by the reference that it was sent by."""
    form = form_of(row.form, row.reference)
    take_lease(row, change.now)
    change.session.add(row)
    request = request_of(row, form, _sent_at(row), renewed_by(change, form))
    return Asked(
        row.id, row.name, row.authority_id, row.authority_ref, request, row.lease_owner, first=False, far=_far(row)
    )


def _far(row: CertificateOrderTable) -> bool:
    return row.type == AuthorityType.ACME.value


def _sent_at(row: CertificateOrderTable) -> datetime:
    if row.submitted_at is None:
        raise AssertionError("the order was sent")
    return from_epoch(row.submitted_at)
