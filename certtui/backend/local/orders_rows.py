"""An order under the write lock: found, as the person saw it, moved on with a step of its story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import split
from certtui.backend.local.open_store import Change
from certtui.backend.local.orders_form import form_json, form_of, order_search_text
from certtui.errors import Conflict, NotFound
from certtui.model.certificate import Labels
from certtui.model.order import OrderStatus
from certtui.model.order_states import MOVES, OrderEvent, moved

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable
    from certtui.model.audit import Actor
    from certtui.model.policy import PolicyFinding

OPEN = tuple(status.value for status in OrderStatus if status.open)
WAITING = (OrderStatus.PENDING.value, OrderStatus.PROCESSING.value)
_LONGEST_STEP = 2_000
_MOST_STEPS = 300


def order(change: Change, order_id: int) -> CertificateOrderTable:
    """The row of an order. Raises `NotFound`, also for one outside the scope."""
    from certtui.backend.local.tables_issuing import CertificateOrderTable

    row = change.session.get(CertificateOrderTable, order_id)
    if row is None or not order_inside(change, row):
        raise gone(order_id)
    return row


def order_as_seen(change: Change, order_id: int, version: int) -> CertificateOrderTable:
    """The row of an order that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = order(change, order_id)
    if row.version != version:
        raise Conflict(
            f"The order for {row.name} has moved on since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def order_inside(change: Change, row: CertificateOrderTable) -> bool:
    """Whether the order lies in the scope of whoever makes the change, and no access list hides its entry from them."""
    from certtui.backend.local.acl import hides_entry
    from certtui.backend.local.tables import CertificateTable

    if change.access is not None and not change.access.holds(row.business_group, split(row.sans), row.common_name):
        return False
    entry = change.session.get(CertificateTable, row.certificate_id) if change.limited and row.certificate_id else None
    return entry is None or not hides_entry(change, entry)


def gone(order_id: int) -> NotFound:
    """For an order that is not there, or not to be seen."""
    return NotFound(f"There is no order {order_id} here (any more).", "Refresh the list.")


def fetched(change: Change, order_ids: Iterable[int]) -> list[object]:
    """Orders, their entries and profiles in three statements; whoever keeps the answer finds each of them at once by its id."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import AuthorityTable, CertificateOrderTable

    orders = change.session.exec(
        select(CertificateOrderTable).where(col(CertificateOrderTable.id).in_(list(order_ids)))
    ).all()
    entries = {row.certificate_id for row in orders if row.certificate_id is not None}
    profiles = {row.authority_id for row in orders if row.authority_id is not None}
    return [
        *orders,
        *change.session.exec(select(CertificateTable).where(col(CertificateTable.id).in_(entries))),
        *change.session.exec(select(AuthorityTable).where(col(AuthorityTable.id).in_(profiles))),
    ]


def open_orders(change: Change, certificate_ids: Iterable[int]) -> dict[int, CertificateOrderTable]:
    """The open orders of entries, by entry."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CertificateOrderTable as Row

    found: dict[int, CertificateOrderTable] = {}
    wanted = list(certificate_ids)
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = change.session.exec(select(Row).where(col(Row.certificate_id).in_(chunk), col(Row.status).in_(OPEN)))
        found |= {row.certificate_id: row for row in rows if row.certificate_id is not None}
    return found


def move(row: CertificateOrderTable, event: OrderEvent) -> None:
    """Let an event happen to the order. Raises `Conflict` where it is impossible."""
    row.status = moved(event, OrderStatus(row.status), row.name).value
    if row.status not in OPEN:
        row.due_at = None
        release(row)


def can(row: CertificateOrderTable, event: OrderEvent) -> bool:
    """Whether the event is possible now."""
    return OrderStatus(row.status) in MOVES[event].allowed


def release(row: CertificateOrderTable) -> None:
    """Nobody works on it any more."""
    row.lease_owner, row.lease_until = "", None


def leased(row: CertificateOrderTable, now: int) -> bool:
    """Whether somebody works on it just now."""
    return bool(row.lease_owner) and row.lease_until is not None and row.lease_until > now


def step(row: CertificateOrderTable, now: int, name: str, text: str, outcome: str = "done") -> bool:
    """Add a step to the story; the same step of waiting again only counts once. Whether there is a new one."""
    steps = json.loads(row.steps)
    told = text[:_LONGEST_STEP]
    if steps and steps[-1][1:] == [name, told, outcome] and outcome == "waiting":
        return False
    steps.append([now, name, told, outcome])
    if len(steps) > _MOST_STEPS:
        # The beginning and the end say most.
        del steps[_MOST_STEPS // 2]
    row.steps = json.dumps(steps, ensure_ascii=True, separators=(",", ":"))
    return True


def written(change: Change, row: CertificateOrderTable) -> None:
    """Count a change of the order: version, time, search text."""
    row.version += 1
    row.updated_at = change.now
    row.search_text = order_search_text(row.model_dump(include=_SEARCHED), split(row.sans))
    change.session.add(row)


_SEARCHED = {"name", "common_name", "authority_name", "requester"}


NO_FINDINGS = ("", "[]")
"""How an order keeps that no policy said anything."""


def findings_json(findings: Sequence[PolicyFinding]) -> str:
    """What policies said, as it is kept with the order."""
    names = ("policy_id", "policy_name", "rule", "outcome", "message", "description", "waiver_id")
    return json.dumps([[getattr(one, name) for name in names] for one in findings], ensure_ascii=True)


def findings_of(kept: str) -> tuple[PolicyFinding, ...]:
    """The findings again."""
    from certtui.model.policy import PolicyFinding

    return tuple(PolicyFinding(*values) for values in json.loads(kept))


def requester_kind(actor: Actor) -> str:
    """Who asks, by how they came: one of REQUESTER_KINDS."""
    if actor.credential.startswith("token "):
        return "token"
    return "schedule" if actor.via == "worker" else "person"


def follow_entry(change: Change, entry: CertificateTable) -> None:
    """An entry's labels were changed: its open order is listed, scoped and sent with the same."""
    for row in open_orders(change, [entry.id]).values():
        form = form_of(row.form, row.reference)
        # A name that nobody wrote goes on following the common name.
        name = entry.name if form.labels.name or entry.name != row.name else ""
        labels = Labels(name, entry.business_group, entry.description, entry.contact_email)
        row.form = form_json(replace(form, labels=labels))
        row.name, row.business_group = entry.name, entry.business_group
        written(change, row)
