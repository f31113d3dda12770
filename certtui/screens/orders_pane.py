"""The pane beside the orders: the one under the cursor, how far it is, what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.order_words import STATUS_LOOK, finding_text, finding_word, minute, requester, span, type_word
from certtui.text import cells, clipped
from certtui.widgets.line import Lines, Part
from certtui.widgets.steps import steps_line
from certtui.widgets.wrapping import wrapped
from certtui.work import run

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.order import Order, OrderRow

LABEL = 11
MOST = 6
"""Lines of what an authority says."""


class OrdersPane(Lines):
    """Follows the cursor: one read at a time, the newest row wins."""

    DEFAULT_CSS = "OrdersPane { height: 1fr; padding: 0 1; border-left: solid $border-blurred; }"

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._row: OrderRow | None = None
        self._shown: OrderRow | None = None
        self._reading = False
        self._order: Order | None = None

    def on_resize(self) -> None:
        if self._order is not None:
            self.show(pane_lines(self._order, self.content_size.width))

    def follow(self, backend: Backend, row: OrderRow | None) -> None:
        """Show this row; called on every move of the cursor."""
        self._row = row
        if row is None:
            self._shown = self._order = None
            self.show([])
        elif not self._reading and row != self._shown:
            self._read(backend, row)

    def _read(self, backend: Backend, row: OrderRow) -> None:
        self._reading = True

        def done(order: Order) -> None:
            self._reading = False
            if self._row is not None and self._row.id == order.id:
                self._shown = self._row
                self._order = order
                self.show(pane_lines(order, self.content_size.width))
            else:
                self.follow(backend, self._row)

        def failed(error: object) -> None:
            self._reading = False
            self._shown = self._order = None
            self.show([[(str(error), "dim")]])

        run(self, lambda: backend.orders.get(row.id), done=done, failed=failed)


def pane_lines(order: Order, width: int) -> list[list[Part]]:
    """The pane's lines for one order; raw text."""
    row = order.row
    word, style = STATUS_LOOK[row.status]
    name = clipped(row.common_name or row.name, max(4, width - cells(word.strip()) - 2))
    gap = " " * max(1, width - cells(name) - cells(word.strip()))
    lines: list[list[Part]] = [[(name, "accent"), (gap, ""), (word.strip(), style)], []]
    lines.append(steps_line(order, width))
    lines.append([])
    lines += _wrapped(order.next, width, "")
    if order.error is not None:
        lines += _wrapped(order.error.message, width, "bad")
        lines += _wrapped(order.error.words, width, "dim")[:MOST]
        lines += _wrapped(order.error.hint, width, "")
    lines.append([])
    for each in order.panel[:MOST]:
        lines += _field(each.label, each.text, width, "bad" if each.mark == "problem" else "")
    lines += _field("Type", type_word(row), width)
    lines += _field("Authority", row.authority or "none yet", width)
    lines += _field("By", requester(row), width)
    lines += _field("Submitted", minute(row.submitted_at), width)
    lines += _field("Took" if row.finished_at else "For", span(row.duration_seconds), width)
    if row.business_group:
        lines += _field("Group", row.business_group, width)
    for finding in order.findings[:MOST]:
        word, style = finding_word(finding)
        lines += _field(word, finding_text(finding), width, style)
    return lines


def _field(label: str, value: str, width: int, style: str = "") -> list[list[Part]]:
    lines: list[list[Part]] = []
    for index, text in enumerate(wrapped(value, max(8, width - LABEL))):
        lines.append([(f"{clipped(label, LABEL - 1) if index == 0 else '':<{LABEL}}", "dim"), (text, style)])
    return lines


def _wrapped(text: str, width: int, style: str) -> list[list[Part]]:
    return [[(line, style)] for line in wrapped(text, max(8, width))] if text else []
