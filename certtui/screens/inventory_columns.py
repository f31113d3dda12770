"""The columns of the Inventory: pure functions from a row to a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.status import Status
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.model.certificate import CertificateRow

STATUS_LOOK = {
    Status.DRAFT: ("  draft", "dim"),
    Status.PENDING: ("~ pending", "note"),
    Status.ACTIVE: ("  active", ""),
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
    return Cell("-") if instant is None else Cell(f"{instant.year:04d}-{instant.month:02d}-{instant.day:02d}")


def expiry_cell(row: CertificateRow) -> Cell:
    """The UTC day it ends, in the colour of a status that asks for attention: one run of colour on the wire, not three."""
    return Cell(date_cell(row.not_after).text, _look(row.status))


def days_cell(days: int | None, status: Status) -> Cell:
    """Days left, in the colour of the status where it asks for attention; never cut: centuries in years."""
    if days is None:
        return Cell("-")
    if days >= 100_000:
        return Cell(f"{days * 400 // 146_097:,}y", _look(status))
    return Cell(f"{days:,}d" if days > -10_000 else f"{days}d", _look(status))


def _look(status: Status) -> str:
    look = STATUS_LOOK[status][1]
    return look if look in ("warn", "bad") else ""


def used_cell(count: int) -> Cell:
    """How many resources use it."""
    return Cell(str(count))


def renews_cell(days: int | None) -> Cell:
    """How many days before its end it renews itself."""
    return Cell("-" if days is None else f"{days:,}d")


def key_cell(row: CertificateRow) -> Cell:
    """Algorithm and size; `+` where the private key is here."""
    return Cell(f"{row.key_algorithm or '-'}{' +' if row.has_private_key else ''}")


def names_cell(row: CertificateRow) -> Cell:
    """The common name, and how many more names there are."""
    return names_cell_of(row.common_name, row.san_count)


def names_cell_of(common_name: str, san_count: int) -> Cell:
    """The same of any row that has them."""
    more = san_count - 1
    first = common_name or "-"
    if more > 0:
        return Cell(f"{first} +{more}")
    return Cell(first)


def _text(value: str) -> Cell:
    return Cell(value or "-")


COLUMNS: tuple[Column[CertificateRow], ...] = (
    Column("name", "Name", 16, lambda row: Cell(row.name), priority=1, flex=3, most=48, sort="name"),
    Column("common_name", "Names", 18, names_cell, priority=4, flex=3, most=48, sort="common_name"),
    Column("status", "Status", 10, lambda row: status_cell(row.status), priority=2, sort="status"),
    Column("not_after", "Expires", 10, expiry_cell, priority=5, sort="not_after"),
    Column(
        "days", "Left", 7, lambda row: days_cell(row.days_remaining, row.status), priority=3, right=True, sort="days"
    ),
    Column("resources", "Used", 4, lambda row: used_cell(row.resource_count), priority=6, right=True, sort="resources"),
    Column(
        "group",
        "Group",
        10,
        lambda row: _text(row.business_group),
        priority=7,
        flex=1,
        most=24,
        sort="group",
    ),
    Column("issuer", "Issuer", 12, lambda row: _text(row.issuer), priority=8, flex=2, most=36, sort="issuer"),
    Column("key", "Key", 10, key_cell, priority=9, sort="key"),
    Column("source", "Source", 10, lambda row: _text(row.source), priority=10, sort="source"),
    Column("not_before", "Valid from", 10, lambda row: date_cell(row.not_before), priority=11, sort="not_before"),
    Column("created", "Created", 10, lambda row: date_cell(row.created_at), priority=12, sort="created"),
    Column(
        "repository",
        "Repository",
        12,
        lambda row: _text(row.repository),
        priority=12,
        flex=1,
        most=36,
        sort="repository",
    ),
    Column(
        "authority", "Authority", 12, lambda row: _text(row.authority), priority=12, flex=1, most=36, sort="authority"
    ),
    Column(
        "auto_renew_days",
        "Renews",
        6,
        lambda row: renews_cell(row.auto_renew_days),
        priority=12,
        right=True,
        sort="auto_renew_days",
    ),
    Column("provider", "Provider", 8, lambda row: _text(row.provider), priority=13, sort="provider"),
    Column(
        "contact",
        "Contact",
        16,
        lambda row: _text(row.contact_email),
        priority=14,
        flex=1,
        most=36,
        sort="contact",
    ),
)
"""All columns, by the field names of the list; a narrow terminal shows those of the lowest priority numbers."""

SHOWN = tuple(column.id for column in COLUMNS if column.priority <= 9)
"""What is shown until a person chooses."""
