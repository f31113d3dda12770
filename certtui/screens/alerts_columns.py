"""The columns of the place Alerts: pure functions from a row to a cell."""

from __future__ import annotations

from datetime import datetime

from certtui.model.alert import KIND_WORDS, AlertRow, AlertState, Severity
from certtui.model.alert_words import standing
from certtui.widgets.columns import Cell, Column

SEVERITY_LOOK: dict[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("x critical", "bad"),
    Severity.WARNING: ("! warning", "warn"),
    Severity.INFO: ("  info", "note"),
}
"""Each severity as a sign with a word, and its style."""

_STATE_STYLE = {AlertState.OPEN: "", AlertState.RESOLVED: "dim"}


def _severity(row: AlertRow) -> Cell:
    word, style = SEVERITY_LOOK[row.severity]
    return Cell(word, "dim" if row.state is AlertState.RESOLVED else style)


def _state(row: AlertRow) -> Cell:
    word = "taken on" if row.state is AlertState.ACKNOWLEDGED else str(row.state)
    return Cell(word, _STATE_STYLE.get(row.state, "note"))


def _day(instant: datetime | None) -> str:
    return "-" if instant is None else instant.date().isoformat()


COLUMNS: tuple[Column[AlertRow], ...] = (
    Column("severity", "Severity", 10, _severity, priority=1, sort="severity"),
    Column("kind", "What", 17, lambda row: Cell(KIND_WORDS[row.kind]), priority=1, flex=1, most=20, sort="kind"),
    Column("name", "Where", 14, lambda row: Cell(row.object_name), priority=1, flex=3, most=48, sort="name"),
    Column("due", "Due", 10, lambda row: Cell(_day(row.due_at)), priority=3, sort="due"),
    Column("opened", "Since", 11, lambda row: Cell(f"{row.opened_at:%m-%d %H:%M}", "dim"), priority=2, sort="opened"),
    Column("state", "State", 8, _state, priority=2, sort="state"),
    Column("group", "Group", 10, lambda row: Cell(row.business_group), priority=5, flex=1, most=24, sort="group"),
    Column("detail", "Detail", 14, lambda row: Cell(row.detail, "dim"), priority=6, flex=2, most=60),
    Column("note", "Note", 14, lambda row: Cell(row.note, "dim"), priority=7, flex=2, most=60),
    Column("by", "By", 10, lambda row: Cell(row.handled_by, "dim"), priority=8, flex=1, most=24),
    Column("standing", "Where it stands", 20, lambda row: Cell(standing(row), "dim"), priority=9, flex=1, most=40),
)  # fmt: skip
"""All columns; a narrow terminal shows those of the lowest priority numbers."""

SHOWN = ("severity", "kind", "name", "due", "opened", "state", "group", "detail")
"""What is shown until a person chooses."""
