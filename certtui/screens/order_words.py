"""How orders are put into words: status, requester, duration, and which key does what comes next. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.authority import AuthorityType
from certtui.model.order import OrderStatus

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.model.order import Order, OrderRow
    from certtui.model.policy import PolicyFinding

STATUS_LOOK = {
    OrderStatus.DRAFT: ("  draft", "dim"),
    OrderStatus.PENDING: ("~ pending", "note"),
    OrderStatus.PROCESSING: ("* processing", "note"),
    OrderStatus.COMPLETE: ("  complete", ""),
    OrderStatus.FAILED: ("x failed", "bad"),
    OrderStatus.CANCELLED: ("- cancelled", "dim"),
}
"""A symbol and a word, so that it needs no colour; and the style."""


def status_word(status: OrderStatus) -> str:
    return STATUS_LOOK[status][0].strip()


def type_word(row: OrderRow) -> str:
    return row.type.title if row.type is not None else "-"


def requester(row: OrderRow) -> str:
    """The name, and of all but people what kind it is."""
    if row.requester_kind == "person":
        return row.requester
    return f"{row.requester} ({row.requester_kind})" if row.requester else row.requester_kind


def day_and_minute(instant: datetime | None) -> str:
    return "-" if instant is None else f"{instant:%m-%d %H:%M}"


def minute(instant: datetime | None) -> str:
    return "-" if instant is None else f"{instant:%Y-%m-%d %H:%M} UTC"


def span(seconds: int | None) -> str:
    """How long, in as few letters as say it."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return "< 1 s"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 86_400:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 86_400}d {seconds // 3600 % 24}h"


def unsent(row: OrderRow) -> bool:
    """Whether no authority has been asked yet."""
    return row.status is OrderStatus.DRAFT or (row.status is OrderStatus.PENDING and row.submitted_at is None)


def waits_for_person(row: OrderRow) -> bool:
    """Whether a certificate is to be brought back."""
    return (
        row.type is AuthorityType.EXTERNAL
        and row.status in (OrderStatus.PENDING, OrderStatus.PROCESSING)
        and row.submitted_at is not None
    )


def why_not_now(act: str, order: Order) -> str:
    """Why an act of the order page is not possible as the order stands, or ""."""
    row = order.row
    status = row.status
    match act:
        case "generate" if status is not OrderStatus.DRAFT:
            return "The CSR is made." if order.csr_pem else f"It is {status}."
        case "submit" if not unsent(row):
            return f"It was sent; it is {status}." if row.submitted_at else f"It is {status}."
        case "certificate" if not waits_for_person(row):
            if status is OrderStatus.COMPLETE:
                return "Its certificate is here."
            if row.type is AuthorityType.EXTERNAL and unsent(row):
                return "It was not submitted yet."
            return "Its authority answers by itself." if status.open else f"It is {status}."
        case "again" if status not in (OrderStatus.FAILED, OrderStatus.CANCELLED):
            return "It has not failed." if status is OrderStatus.COMPLETE else f"It is {status} still."
        case "again" if order.again_id is not None:
            return f"It was sent again already, as order {order.again_id}."
        case "edit" if status not in (OrderStatus.DRAFT, OrderStatus.PENDING):
            return f"It is {status}; clone it to change something."
        case "draft" if status is not OrderStatus.PENDING:
            return "It is a draft." if status is OrderStatus.DRAFT else f"It is {status}."
        case "cancel" if not status.open:
            return f"It is {status}."
        case "csr" if not order.csr_pem:
            return "There is no CSR yet."
        case _:
            return ""


def finding_word(finding: PolicyFinding) -> tuple[str, str]:
    """What a finding does, in a word, and its style."""
    if finding.outcome == "hard":
        return "refused", "bad"
    if finding.waiver_id is not None:
        return "waived", "note"
    return "asks why", "warn"


def finding_text(finding: PolicyFinding) -> str:
    said = f"{finding.policy_name}: {finding.message}"
    return f"{said} {finding.description}".strip() if finding.description else said
