"""The columns of Containers: pure functions from a row to a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.container_words import STATUS_LOOK, holds
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from certtui.model.container import ContainerRow


def _left(row: ContainerRow) -> Cell:
    days = row.days_remaining
    style = STATUS_LOOK[row.status][1]
    return Cell("-", "dim") if days is None else Cell(f"{days:,}d" if days > -10_000 else f"{days}d", style)


def _until(row: ContainerRow) -> Cell:
    return Cell(f"{row.not_after:%Y-%m-%d}") if row.not_after else Cell("-", "dim")


def _used(row: ContainerRow) -> Cell:
    return Cell(f"{row.consumer_count:,}", "" if row.consumer_count else "dim")


def _follows(row: ContainerRow) -> Cell:
    return Cell("renewals", "") if row.follows and row.certificate_id else Cell("-", "dim")


COLUMNS: tuple[Column[ContainerRow], ...] = (
    Column("name", "Name", 12, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column("type", "Type", 11, lambda row: Cell(row.type.value), priority=4, sort="type"),
    Column("status", "Status", 12, lambda row: Cell(*STATUS_LOOK[row.status]), priority=1),
    Column("holds", "Gives out", 12, lambda row: Cell(holds(row)), priority=2, flex=3, most=60, sort="certificate"),
    Column("left", "Left", 6, _left, priority=2, right=True, sort="not_after"),
    Column("consumers", "Used", 4, _used, priority=2, right=True, sort="consumers"),
    Column("number", "Version", 7, lambda row: Cell(f"{row.number}"), priority=3, right=True, sort="number"),
    Column("created_by", "Made by", 9, lambda row: Cell(row.created_by, "dim"), priority=5, flex=1, most=24),
    Column("until", "Until", 10, _until, priority=6, sort="not_after"),
    Column("group", "Group", 10, lambda row: Cell(row.business_group or "-"), priority=7, flex=1, most=24),
    Column("follows", "Follows", 8, _follows, priority=8),
    Column("updated", "Changed", 10, lambda row: Cell(f"{row.updated_at:%Y-%m-%d}", "dim"), priority=9, sort="updated"),
    Column("created", "Made", 10, lambda row: Cell(f"{row.created_at:%Y-%m-%d}", "dim"), priority=10, sort="created"),
    Column("ref", "Reference", 32, lambda row: Cell(row.ref, "dim"), priority=11),
)  # fmt: skip
"""All columns; a narrow terminal shows those of the lowest priority numbers."""

SHOWN = ("name", "type", "status", "holds", "left", "consumers", "number", "created_by")
"""What is shown until a person chooses."""
