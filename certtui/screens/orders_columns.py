"""The columns of the place Orders: pure functions from a row to a cell."""

from __future__ import annotations

from certtui.model.order import OrderRow
from certtui.screens.order_words import STATUS_LOOK, day_and_minute, requester, span, type_word
from certtui.widgets.columns import Cell, Column


def _names(row: OrderRow) -> Cell:
    more = row.san_count - 1
    first = row.common_name or row.name or "-"
    return Cell(f"{first} +{more}" if more > 0 else first)


def _text(value: str) -> Cell:
    return Cell(value or "-")


COLUMNS: tuple[Column[OrderRow], ...] = (
    Column("common_name", "Common name", 18, _names, priority=1, flex=3, most=48, sort="common_name"),
    Column("type", "Type", 11, lambda row: Cell(type_word(row)), priority=4, sort="type"),
    Column("status", "Status", 12, lambda row: Cell(*STATUS_LOOK[row.status]), priority=2, sort="status"),
    Column("by", "By", 8, lambda row: Cell(requester(row)), priority=5, flex=2, most=30, sort="requester"),
    Column("submitted", "Submitted", 11, lambda row: Cell(day_and_minute(row.submitted_at)), priority=3, sort="submitted"),
    Column("duration", "Took", 7, lambda row: Cell(span(row.duration_seconds)), priority=6, right=True, sort="duration"),
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=8, flex=2, most=40, sort="name"),
    Column("authority", "Authority", 14, lambda row: _text(row.authority), priority=7, flex=1, most=30, sort="authority"),
    Column("group", "Group", 10, lambda row: _text(row.business_group), priority=9, flex=1, most=24, sort="group"),
    Column("created", "Begun", 11, lambda row: Cell(day_and_minute(row.created_at)), priority=10, sort="created"),
    Column("error", "Error", 20, lambda row: Cell(row.error or "", "bad"), priority=11, flex=3, most=80),
)  # fmt: skip
"""All columns, by the field names of the list; a narrow terminal shows those of the lowest priority numbers."""

SHOWN = ("common_name", "type", "status", "by", "submitted", "duration", "authority", "group")
"""What is shown until a person chooses."""
