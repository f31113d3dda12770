"""Where an order can go from where it stands: one table, asked by every act and by nothing else."""

from __future__ import annotations

from enum import Enum

from certtui.errors import Conflict
from certtui.model.order import OrderStatus
from certtui.record import dataclass

_DRAFT, _PENDING, _PROCESSING = OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.PROCESSING
_COMPLETE, _FAILED, _CANCELLED = OrderStatus.COMPLETE, OrderStatus.FAILED, OrderStatus.CANCELLED


class OrderEvent(str, Enum):
    """What can happen to an order."""

    GENERATE = "generate"
    """Key and CSR are made."""
    SUBMIT = "submit"
    """The authority is about to be asked; what it is asked by is on record."""
    WORKS = "works"
    """The authority works on it."""
    WAITS = "waits"
    """It waits for something outside: a person, a DNS record."""
    ISSUED = "issued"
    """The authority answered with the certificate."""
    ARRIVED = "arrived"
    """Its certificate came by another way: brought back, added, found in a folder."""
    REFUSED = "refused"
    """The authority will not."""
    CANCEL = "cancel"
    BACK_TO_DRAFT = "back-to-draft"
    """The CSR is discarded."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Move:
    """From where an event is possible, and where it leads."""

    allowed: tuple[OrderStatus, ...]
    to: OrderStatus
    words: str
    """What can't be done to an order that stands elsewhere."""


MOVES: dict[OrderEvent, Move] = {
    OrderEvent.GENERATE: Move((_DRAFT,), _PENDING, "can't get a CSR"),
    OrderEvent.SUBMIT: Move((_PENDING,), _PROCESSING, "can't be submitted"),
    OrderEvent.WORKS: Move((_PENDING, _PROCESSING), _PROCESSING, "can't be worked on"),
    OrderEvent.WAITS: Move((_PENDING, _PROCESSING), _PENDING, "can't wait for anything"),
    OrderEvent.ISSUED: Move((_PENDING, _PROCESSING), _COMPLETE, "can't be completed"),
    OrderEvent.ARRIVED: Move((_PENDING, _PROCESSING), _COMPLETE, "can't be completed"),
    OrderEvent.REFUSED: Move((_PENDING, _PROCESSING), _FAILED, "can't fail"),
    OrderEvent.CANCEL: Move((_DRAFT, _PENDING, _PROCESSING), _CANCELLED, "can't be cancelled"),
    OrderEvent.BACK_TO_DRAFT: Move((_PENDING,), _DRAFT, "can't become a draft again"),
}

SENT_AGAIN_FROM = (_FAILED, _CANCELLED)
"""An order that ended so can be sent again, once, as a new one."""

ENTRY_STATES: dict[OrderStatus, str | None] = {
    _DRAFT: "draft",
    _PENDING: "pending",
    _PROCESSING: "pending",
    _COMPLETE: "",
    _FAILED: "error",
    _CANCELLED: None,
}
"""The state of the order's entry in the inventory; None for no entry."""

_STANDS = {
    _DRAFT: "is a draft",
    _PENDING: "is pending",
    _PROCESSING: "is with its authority",
    _COMPLETE: "is complete",
    _FAILED: "has failed",
    _CANCELLED: "was cancelled",
}


def possible(event: OrderEvent, status: OrderStatus) -> bool:
    """Whether the event can happen to an order that stands there."""
    return status in MOVES[event].allowed


def moved(event: OrderEvent, status: OrderStatus, name: str) -> OrderStatus:
    """Where the event leads. Raises `Conflict` naming the order where it is impossible."""
    move = MOVES[event]
    if status not in move.allowed:
        raise Conflict(f"The order for {name} {_STANDS[status]}: it {move.words}.", "Look at it again.")
    return move.to
