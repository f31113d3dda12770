"""Renewing: an order like the one before, by the same authority, that replaces the certificate.

The order's reference is made of the certificate and the number of the attempt, and is unique in the store: whoever
else renews the same certificate at this moment gets the same order, which is sent once.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.backend.local import events, renewals_read
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.orders_send import look
from certtui.backend.local.renewals_read import REFERENCE, Candidate
from certtui.backend.local.renewals_story import is_there, row_of, tell
from certtui.clock import epoch, rfc3339
from certtui.errors import CerttuiError, Conflict, Denied, Interrupted, Locked, NotFound, PolicyRefused, Unreachable
from certtui.model.authority import AuthorityType
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.order_like import form_like
from certtui.model.renewal import RenewalReport, pause_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.orders import LocalOrders
    from certtui.model.certificate import Certificate
    from certtui.model.order import Order

_Mark = tuple[str, "tuple[int, int] | None"]
_ASKED_AT_ONCE = 100
_ASKED_FOR = 60.0
"""Seconds after which CAs are asked for no more windows in one round: renewals that are due come after it."""
_WISHES = f"""SELECT c.id, c.authority_id FROM certificate c
JOIN authority a ON a.id = c.authority_id AND a.type = 'acme'
LEFT JOIN renewal r ON r.certificate_id = c.id
WHERE c.auto_renew_days > 0 AND c.not_after > ? AND c.revoked_at IS NULL AND {renewals_read.HEAD_OF_LINEAGE}
  AND (r.ask_at IS NULL OR r.ask_at <= ? OR r.ask_at > ?) ORDER BY c.not_after LIMIT ?"""  # noqa: S608 (our own)
_TOO_FAR = 2 * 86_400
"""Seconds ahead that no CA is heeded: a clock that was wrong set it."""

_ASK_AGAIN, _ASK_AFTER_FAILURE = timedelta(days=1), timedelta(hours=1)


def renew(store: OpenStore, certificate_id: int, version: int, *, take_over: bool | None = None) -> int:
    """Renew now because a person says so, due or not; the order's id. Raises `Conflict`, `NotFound`, `Invalid`, `PolicyRefused`."""
    from certtui.backend.local.certificates import LocalCertificates

    mark = _reference(store, certificate_id)
    page = LocalCertificates(store).get(certificate_id)
    if page.version != version:
        raise Conflict(
            f"{page.row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat."
        )
    order_id = _ordered(store, page, mark, take_over=take_over)
    with store.changing() as change:
        row = row_of(change, page.id)
        row.attempts, row.try_at, row.blocked, row.order_id = 0, None, "", order_id
        tell(change, row, f"Order {order_id} renews it, as {store.actor.name} wished.")
    return order_id


def run_due(store: OpenStore, *, queued: bool = False) -> RenewalReport:
    """Renew everything whose time has come, once; `queued` leaves it to the worker's orders to ask those that are elsewhere."""
    _require_key(store)
    orders: list[int] = []
    problems: list[str] = []
    tried = 0
    # However many can't be renewed: those behind them can.
    for each in renewals_read.walk(store):
        renewal = each.renewal
        if each.stopped:
            if renewal.try_at is None:
                told = _told_blocked(store, each)
                problems += told if len(problems) < renewals_read.MOST else []
            continue
        tried += 1
        if tried > renewals_read.MOST:
            break
        try:
            if (order_id := _renewed(store, each, queued=queued)) is not None:
                orders.append(order_id)
        except PolicyRefused as error:
            problems.append(_failed(store, each, error))
        except (Interrupted, Denied, Locked):
            raise
        except CerttuiError as error:
            problems.append(_failed(store, each, error))
        except Exception as error:
            logging.getLogger(__name__).exception("certificate %s could not be renewed", renewal.certificate_id)
            problems.append(_failed(store, each, Unreachable(f"It failed: {type(error).__name__}. The log says more.")))
    return RenewalReport(tuple(orders), tuple(problem for problem in problems if problem))


def carry_on(store: OpenStore) -> RenewalReport:
    """Look at renewals that are under way and due for a look, for whoever has no worker: those that are complete now."""
    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT o.id, o.name FROM certificate_order o WHERE o.due_at <= ? AND o.status IN ('pending', 'processing') "
            "AND o.submitted_at IS NOT NULL AND o.reference LIKE 'renews-%' ORDER BY o.due_at, o.id LIMIT ?",
            (epoch(store.clock.now()), renewals_read.MOST),
        ).fetchall()
    done: list[int] = []
    problems: list[str] = []
    for order_id, name in rows:
        try:
            look(store, order_id)
        except Conflict:
            continue  # a worker is at it
        except (Interrupted, Denied, Locked):
            raise
        except CerttuiError as error:
            problems.append(f"{name}: {error}")
            continue
        with store.readers.use() as connection:
            (status,) = connection.execute("SELECT status FROM certificate_order WHERE id = ?", (order_id,)).fetchone()
        if status == OrderStatus.COMPLETE.value:
            done.append(order_id)
    return RenewalReport(tuple(done), tuple(problems))


def work_due(store: OpenStore) -> tuple[int, tuple[str, ...]]:
    """The same as a kind of work, with what CAs wish asked before; a store that is locked, or has nothing due, costs a look."""
    ask_windows(store)
    due = renewals_read.due(store)
    if not due:
        return 0, ()
    try:
        report = run_due(store, queued=True)
    except Locked as error:
        return 0, _told_locked(store, due, error)
    return len(report.orders), report.problems


def _told_locked(store: OpenStore, due: Sequence[Candidate], error: Locked) -> tuple[str, ...]:
    """That the store is locked stands in the way of all of them: on record, so that an alert can tell it, and till then."""
    waiting = [each for each in due if not each.stopped]
    if not waiting:
        return ()
    with store.changing() as change:
        for each in waiting:
            row = row_of(change, each.renewal.certificate_id)
            if row.blocked != error.message:
                row.blocked = error.message
                tell(change, row, f"It is due, and not renewed: {error.message}")
    many = "1 renewal waits" if len(waiting) == 1 else f"{len(waiting)} renewals wait"
    return (f"{error.message} {many} until it is unlocked.",)


def _require_key(store: OpenStore) -> None:
    """Every renewal makes a key, which the store key seals. Raises `Locked`."""
    store.store_key()


def _renewed(store: OpenStore, each: Candidate, *, queued: bool) -> int | None:
    """The order; None where somebody else has renewed it, or sees to it, since it was found due."""
    from certtui.backend.local.certificates import LocalCertificates

    # In this order: whoever renews it after the look has the same mark, and before it is seen by the look.
    mark = _reference(store, each.renewal.certificate_id)
    still = renewals_read.of_certificate(store, each.renewal.certificate_id)
    if still is None or not still.renewal.due or still.stopped:
        return None
    page = LocalCertificates(store).get(each.renewal.certificate_id)
    order_id = _ordered(store, page, mark, queued=queued)
    with store.readers.use() as connection:
        status, error = connection.execute(
            "SELECT status, error FROM certificate_order WHERE id = ?", (order_id,)
        ).fetchone()
    with store.changing() as change:
        row = row_of(change, page.id)
        # How long after a failed order the next one waits is seen from the orders themselves.
        row.attempts, row.try_at, row.blocked, row.order_id = 0, None, "", order_id
        # Read for months: how an order that is under way stood then would be taken for how it stands.
        ended = "" if OrderStatus(status).open else f": it is {status}"
        tell(change, row, f"{each.renewal.why} Order {order_id} renews it{ended}. {error}".strip())
    return order_id


def _ordered(
    store: OpenStore, page: Certificate, mark: _Mark, *, queued: bool = False, take_over: bool | None = None
) -> int:
    """The order, sent; the same one for whoever comes at the same time, or after a crash."""
    from certtui.backend.local.orders import LocalOrders

    if page.x509 is None:
        raise Conflict(f"{page.row.name} has no X.509 yet: there is nothing to renew.", "Submit its order.")
    orders = LocalOrders(store)
    reference, before = mark
    order = _saved(store, orders, replace(_form(store, page, take_over), reference=reference), before)
    try:
        return _queued(store, order) if queued and order.row.type is AuthorityType.ACME else _sent(orders, order)
    except Conflict:
        # Somebody else has sent it since it was read; anything else is as it was.
        now = orders.get(order.id)
        if now.row.submitted_at is None:
            raise
        return now.id


def _saved(store: OpenStore, orders: LocalOrders, form: OrderForm, before: tuple[int, int] | None) -> Order:
    """The order of this attempt; the one before, if it failed, is sent again, so that its entry is not left behind."""
    from certtui.backend.local.orders_make import send_again

    if before is not None:
        try:
            return orders.get(send_again(store, *before, form))
        except (Conflict, NotFound):
            pass  # somebody else was faster, with the same mark, or sent it again by hand
    return orders.save(form)


def _queued(store: OpenStore, order: Order) -> int:
    from certtui.backend.local.orders_make import generate
    from certtui.backend.local.orders_send import queue

    version = order.version
    if order.row.status is OrderStatus.DRAFT:
        version = generate(store, order.id, version, to_send=True)
    if order.row.submitted_at is None and order.row.status in (OrderStatus.DRAFT, OrderStatus.PENDING):
        queue(store, order.id, version)
    return order.id


def _sent(orders: LocalOrders, order: Order) -> int:
    if order.row.submitted_at is None and order.row.status in (OrderStatus.DRAFT, OrderStatus.PENDING):
        order = orders.submit(order.id, order.version)
    return order.id


def _form(store: OpenStore, page: Certificate, take_over: bool | None) -> OrderForm:
    """As the order before asked for it, with the names and labels that the certificate has now."""
    from certtui.backend.local.orders_form import form_of

    like = form_like(page)
    if not like.authority:
        raise NotFound(f"No authority is known for {page.row.name}.", "Give it one, or order its successor by hand.")
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT form, reference FROM certificate_order WHERE certificate_id = ? AND status = 'complete' "
            "ORDER BY id DESC LIMIT 1",
            (page.id,),
        ).fetchone()
        settings = connection.execute("SELECT settings FROM authority WHERE id = ?", (page.authority_id,)).fetchone()
    if row is not None:
        before = form_of(row[0], row[1])
        # What a person said of soft findings then is said again: nobody is here to be asked.
        like = replace(
            like,
            template=before.template,
            days=before.days,
            key_type=like.key_type or before.key_type,
            reason=before.reason,
        )
    if take_over is None:
        take_over = settings is None or json.loads(settings[0]).get("take_over") != "no"
    # It renews itself as this one does, whatever a profile gave and its life allows.
    days = None if page.auto_renew_days else 0
    labels = replace(like.labels, name=page.row.name)
    return replace(like, auto_renew_days=days, labels=labels, resource_ids=(), take_over=take_over)


def _reference(store: OpenStore, certificate_id: int) -> _Mark:
    """The mark of the attempt that is under way, or of the next one, and the order (id, version) that it is to follow."""
    with whole(store).readers.use() as connection:
        rows = connection.execute(
            "SELECT status, id, version FROM certificate_order WHERE reference >= ? AND reference < ? ORDER BY id",
            (f"renews-{certificate_id}-", f"renews-{certificate_id}."),
        ).fetchall()
    ended = [row for row in rows if not OrderStatus(row[0]).open]
    before = ended[-1] if ended and len(ended) == len(rows) and ended[-1][0] != OrderStatus.COMPLETE.value else None
    return REFERENCE.format(certificate_id, len(ended) + 1), None if before is None else (before[1], before[2])


def _failed(store: OpenStore, each: Candidate, error: CerttuiError) -> str:
    """Why it could not be ordered: on record, and tried again after a pause."""
    with store.changing() as change:
        if not is_there(change, each.renewal.certificate_id):
            return ""
        row = row_of(change, each.renewal.certificate_id)
        row.attempts += 1
        row.try_at = change.now + int(pause_after(row.attempts).total_seconds())
        row.blocked = str(error)
        tell(change, row, f"It could not be renewed: {error}")
        change.record(
            events.RENEWAL_FAILED,
            "certificate",
            each.renewal.certificate_id,
            each.renewal.name,
            {"why": str(error), "attempts": row.attempts},
        )
    return f"{each.renewal.name}: {error}"


def _told_blocked(store: OpenStore, each: Candidate) -> list[str]:
    """What stands in the way of a renewal that is due, told once in its story."""
    renewal = each.renewal
    if renewal.order_id is not None and "under way" in renewal.blocked:
        return []
    text = f"It is due, and not renewed: {renewal.blocked}"
    with store.readers.use() as connection:
        told = renewals_read.story(connection, renewal.certificate_id)
    if not told or told[-1][1] != text:
        with store.changing() as change:
            if is_there(change, renewal.certificate_id):
                tell(change, row_of(change, renewal.certificate_id), text)
    return [f"{renewal.name}: {renewal.blocked}"]


def ask_windows(store: OpenStore) -> int:
    """Ask authorities when they would like certificates to be renewed (ARI), as often as they want to be asked; how many were."""
    from certtui.authorities.acme.problems import Limited
    from certtui.backend.local.authorities_made import authority_of
    from certtui.backend.local.page import entry_row, leaf_of

    now = store.clock.now()
    with store.readers.use() as connection:
        rows = connection.execute(_WISHES, (epoch(now), epoch(now), epoch(now) + _TOO_FAR, _ASKED_AT_ONCE)).fetchall()
    deaf: set[int] = set()
    began = time.monotonic()
    for number, (certificate_id, authority_id) in enumerate(rows):
        if time.monotonic() - began > _ASKED_FOR:
            return number
        window, ask_at = None, now + (_ASK_AFTER_FAILURE if authority_id in deaf else _ASK_AGAIN)
        known = authority_id not in deaf
        try:
            with store.readers.use() as connection:
                leaf = leaf_of(connection, entry_row(connection, certificate_id))
            if leaf is not None and known:
                window = authority_of(store, authority_id).window(leaf)
                ask_at = now + _ASK_AGAIN if window is None else window.ask_at
        except (Interrupted, Denied):
            raise
        except CerttuiError as error:
            # One that says that it is asked too much means it, too.
            if isinstance(error, (Unreachable, Limited)):
                deaf.add(authority_id)
            known, ask_at = False, now + _ASK_AFTER_FAILURE
        except Exception:
            # A wish that can't be read must not keep what others have from being renewed.
            logging.getLogger(__name__).exception("the window of certificate %s could not be asked for", certificate_id)
            known, ask_at = False, now + _ASK_AFTER_FAILURE
        with store.changing() as change:
            if not is_there(change, certificate_id):
                continue
            row = row_of(change, certificate_id)
            row.ask_at = epoch(ask_at)
            if known:
                moved = None if window is None else (epoch(window.start), epoch(window.end))
                if moved != (None if row.window_start is None else (row.window_start, row.window_end)):
                    row.window_start, row.window_end = moved or (None, None)
                    row.window_chosen = None if window is None else epoch(window.chosen)
                    row.explanation = "" if window is None else window.explanation
                    if window is not None:
                        text = f"{rfc3339(window.start)} to {rfc3339(window.end)}"
                        tell(change, row, f"Its CA suggests to renew it from {text}.")
            change.session.add(row)
    return len(rows)
