"""The pane beside the renewals: the one under the cursor, when, why then, what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.model.renewal_calendar import State
from certtui.screens.renewals_columns import STATE_LOOK
from certtui.text import cells, clipped
from certtui.widgets.line import Lines, Part
from certtui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.model.renewal_calendar import RenewalRow

LABEL = 11


class RenewalsPane(Lines):
    """Follows the cursor; the row has all that is shown."""

    DEFAULT_CSS = "RenewalsPane { height: 1fr; padding: 0 1; border-left: solid $border-blurred; }"

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._row: RenewalRow | None = None

    def on_resize(self) -> None:
        self.follow(self._row)

    def follow(self, row: RenewalRow | None) -> None:
        """Show this row."""
        self._row = row
        self.show([] if row is None else pane_lines(row, self.content_size.width))


def pane_lines(row: RenewalRow, width: int) -> list[list[Part]]:
    """The pane's lines for one row; raw text."""
    word, style = STATE_LOOK[row.state]
    name = clipped(row.name, max(4, width - cells(word.strip()) - 2))
    gap = " " * max(1, width - cells(name) - cells(word.strip()))
    lines: list[list[Part]] = [[(name, "accent"), (gap, ""), (word.strip(), style)], []]
    lines += _wrapped(row.why, width, "")
    if row.blocked:
        lines += _wrapped(row.blocked, width, "note" if row.state == State.UNDER_WAY else "bad")
    if row.cname:
        lines += _wrapped(row.cname, width, "warn")
    lines.append([])
    lines += _field("Due", _minute(row.due_at), width)
    if row.try_at is not None:
        lines += _field("Again", _minute(row.try_at), width)
    lines += _field("Expires", _minute(row.not_after), width)
    if row.auto_renew_days:
        lines += _field("Renews", f"{row.auto_renew_days} days before", width)
    lines += _field("Authority", row.authority or "none", width)
    if row.order_id is not None:
        lines += _field("Order", str(row.order_id), width)
    more = f" and {row.san_count - 1} more" if row.san_count > 1 else ""
    lines += _field("Names", f"{row.common_name or '-'}{more}", width)
    if row.business_group:
        lines += _field("Group", row.business_group, width)
    return lines


def _minute(instant: datetime) -> str:
    return f"{rfc3339(instant)[:16].replace('T', ' ')} UTC"


def _field(label: str, value: str, width: int) -> list[list[Part]]:
    lines: list[list[Part]] = []
    for index, text in enumerate(wrapped(value, max(8, width - LABEL))):
        lines.append([(f"{label if index == 0 else '':<{LABEL}}", "dim"), (text, "")])
    return lines


def _wrapped(text: str, width: int, style: str) -> list[list[Part]]:
    return [[(line, style)] for line in wrapped(text, max(8, width))] if text else []
