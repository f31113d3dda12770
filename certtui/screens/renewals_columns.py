"""The columns of the place Renewals: pure functions from a row to a cell."""

from __future__ import annotations

from certtui.model.renewal_calendar import RenewalRow, State
from certtui.screens.inventory_columns import date_cell, names_cell_of, renews_cell
from certtui.widgets.columns import Cell, Column

STATE_LOOK = {
    State.BLOCKED: ("x blocked", "bad"),
    State.DUE: ("! due", "warn"),
    State.UNDER_WAY: ("~ under way", "note"),
    State.PLANNED: ("  planned", ""),
}


def state_cell(row: RenewalRow) -> Cell:
    """A symbol and a word, so that it needs no colour."""
    return Cell(*STATE_LOOK[row.state])


def why_cell(row: RenewalRow) -> Cell:
    """What stands in the way, or is about to, else why then."""
    if row.blocked:
        return Cell(row.blocked, STATE_LOOK[row.state][1])
    return Cell(row.cname, "warn") if row.cname else Cell(row.why)


def _text(value: str) -> Cell:
    return Cell(value or "-", "" if value else "dim")


COLUMNS: tuple[Column[RenewalRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=3, most=48, sort="name"),
    Column("due", "Due", 10, lambda row: date_cell(row.due_at), priority=2, sort="due"),
    Column("state", "State", 11, state_cell, priority=3),
    Column("authority", "Authority", 10, lambda row: _text(row.authority), priority=4, flex=1, most=30, sort="authority"),
    Column("why", "Why", 20, why_cell, priority=5, flex=4, most=120),
    Column("not_after", "Expires", 10, lambda row: date_cell(row.not_after), priority=6, sort="not_after"),
    Column(
        "auto_renew_days", "Renews", 6, lambda row: renews_cell(row.auto_renew_days or None), priority=8, right=True,
        sort="auto_renew_days",
    ),
    Column("names", "Names", 18, lambda row: names_cell_of(row.common_name, row.san_count), priority=9, flex=2, most=48),
    Column("group", "Group", 10, lambda row: _text(row.business_group), priority=7, flex=1, most=24, sort="group"),
)  # fmt: skip

SHOWN = ("name", "due", "state", "authority", "why", "not_after")
"""What is shown until a person chooses."""
