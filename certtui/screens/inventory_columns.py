"""The columns of the Inventory: pure functions from a row to a cell."""

from __future__ import annotations

from datetime import datetime

from certtui.model.certificate import CertificateRow
from certtui.model.status import Status
from certtui.widgets.columns import Cell, Column

STATUS_LOOK = {
    Status.DRAFT: ("  draft", "dim"),
    Status.PENDING: ("~ pending", "note"),
    Status.ACTIVE: ("  active", "ok"),
    Status.EXPIRING: ("! expiring", "warn"),
    Status.EXPIRED: ("x expired", "bad"),
    Status.REVOKED: ("x revoked", "bad"),
    Status.ERROR: ("x error", "bad"),
    Status.NOT_YET_VALID: ("~ not yet", "note"),
}


def status_cell(status: Status) -> Cell:
    """A symbol and a word, so that it needs no colour."""
    return Cell(*STATUS_LOOK[Status(status)])


def date_cell(instant: datetime | None) -> Cell:
    """The UTC day."""
    return Cell("-", "dim") if instant is None else Cell(f"{instant:%Y-%m-%d}")


def days_cell(days: int | None, status: Status) -> Cell:
    """Days left, in the colour of the status where it asks for attention."""
    if days is None:
        return Cell("-", "dim")
    look = STATUS_LOOK[Status(status)][1]
    return Cell(f"{days:,}d", look if look in ("warn", "bad") else "")


def names_cell(row: CertificateRow) -> Cell:
    """The common name, and how many more names there are."""
    more = row.san_count - 1
    first = row.common_name or "-"
    return Cell(f"{first} +{more}" if more > 0 else first)


COLUMNS: tuple[Column[CertificateRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=3, most=48, sort="name"),
    Column("names", "Names", 18, names_cell, priority=4, flex=3, most=48, sort="common_name"),
    Column("status", "Status", 10, lambda row: status_cell(row.status), priority=2, sort="status"),
    Column("expires", "Expires", 10, lambda row: date_cell(row.not_after), priority=5, sort="not_after"),
    Column(
        "left",
        "Left",
        7,
        lambda row: days_cell(row.days_remaining, row.status),
        priority=3,
        right=True,
        sort="not_after",
    ),
    Column("used", "Used", 4, lambda row: Cell(str(row.resource_count)), priority=6, right=True, sort="resource_count"),
)
