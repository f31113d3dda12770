"""The way of an order as steps: where it stands is in brackets, when it came there stands below."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.model.authority import AuthorityType
from certtui.model.order import OrderStatus
from certtui.text import cells
from certtui.widgets.lifecycle_strip import Stop, strip_lines

if TYPE_CHECKING:
    from certtui.model.order import Order, OrderRow, OrderStep
    from certtui.widgets.line import Part

NAMES = ("draft", "CSR made", "submitted", "issued")


def order_stops(order: Order) -> list[Stop]:
    """The four steps of an order; `reached` is drawn as gone."""
    row = order.row
    times: dict[str, datetime] = {}
    for step in order.steps:
        times.setdefault(_stop_of(step), step.at)
    at = _standing(row, order)
    names = list(NAMES)
    names[2] = _middle(row, by_file=any(line.label == "File" for line in order.panel))
    style = ""
    match row.status:
        case OrderStatus.FAILED:
            names[at], style = "x failed", "bad"
        case OrderStatus.CANCELLED:
            names[at], style = "cancelled", "dim"
        case OrderStatus.COMPLETE:
            style = "ok"
        case OrderStatus.PENDING | OrderStatus.PROCESSING:
            style = "note"
    stops = []
    for index, name in enumerate(names):
        here = index == at
        when = times.get(NAMES[index]) if not (here and row.finished_at) else row.finished_at
        fact = f"{when:%m-%d %H:%M}" if when is not None and index <= at else ""
        stops.append(Stop(f"[{name}]" if here else name, fact, style if here else "", index <= at))
    return stops


def steps_lines(order: Order, width: int) -> list[list[Part]]:
    """Two lines: the steps joined by a way, the times under them; one line each where it is narrow."""
    return strip_lines(order_stops(order), width)


def steps_line(order: Order, width: int) -> list[Part]:
    """The steps alone, for a narrow place."""
    stops = order_stops(order)
    room = width - sum(cells(stop.name) + 2 for stop in stops) + 2
    way = max(1, room // (len(stops) - 1))
    parts: list[Part] = []
    for index, stop in enumerate(stops):
        if index:
            parts += [(" ", ""), ("─" * way, "accent" if stop.reached else "dim"), (" ", "")]
        parts.append((stop.name, stop.style or ("accent" if stop.reached else "dim")))
    return parts


def _middle(row: OrderRow, *, by_file: bool) -> str:
    by_acme = row.type is AuthorityType.ACME
    if row.status is OrderStatus.PROCESSING:
        return "validating" if by_acme else "processing"
    if row.status is OrderStatus.PENDING and row.submitted_at is not None:
        return "waiting" if by_file or not by_acme else "waiting for DNS"
    return "submitted"


def _standing(row: OrderRow, order: Order) -> int:
    match row.status:
        case OrderStatus.DRAFT:
            return 0
        case OrderStatus.COMPLETE:
            return 3
        case OrderStatus.PROCESSING:
            return 2
        case OrderStatus.PENDING:
            return 2 if row.submitted_at is not None else 1
        case _:
            if row.submitted_at is not None:
                return 3 if row.status is OrderStatus.FAILED else 2
            return 2 if order.csr_pem else 1


def _stop_of(step: OrderStep) -> str:
    """The stop that a step of the story belongs to, "" for one that is only told."""
    return {
        "draft": "draft",
        "csr": "CSR made",
        "submitted": "submitted",
        "issued": "issued",
        "stored": "issued",
    }.get(step.name, "")
