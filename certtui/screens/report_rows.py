"""The rows of an import's report: what became of each file, as lines to filter, copy and keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from certtui.text import shown
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from certtui.intake import IntakeReport

PARTS = (
    ("imported", "Added"),
    ("existing", "There already"),
    ("rejected", "Rejected"),
    ("skipped", "Skipped"),
    ("notes", "Notes"),
)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line. `id` counts from 1 within its part; `certificate_id` is 0 where there is none."""

    id: int
    path: str
    name: str
    text: str
    certificate_id: int = 0

    @property
    def folded(self) -> str:
        """What a filter looks in."""
        return f"{self.path}\n{self.name}\n{self.text}".casefold()


def rows_of(report: IntakeReport, part: str) -> list[ReportRow]:
    """The rows of one part, in the order in which the files were read."""
    match part:
        case "imported" | "existing":
            taken = report.imported if part == "imported" else report.existing
            return [
                ReportRow(number, each.path, each.name, _became(each.key_attached, each.missing_issuer), each.id)
                for number, each in enumerate(taken, 1)
            ]
        case "rejected":
            return [ReportRow(number, each.path, "", each.reason) for number, each in enumerate(report.rejected, 1)]
        case _:
            notes = report.skipped if part == "skipped" else report.notes
            return [ReportRow(number, each.path, "", each.text) for number, each in enumerate(notes, 1)]


def columns_of(part: str) -> list[Column[ReportRow]]:
    """What a part shows."""
    path: Column[ReportRow] = Column("path", "File", 24, lambda row: Cell(row.path, "dim"), priority=1, flex=2, most=90)
    if part in ("imported", "existing"):
        return [
            Column("name", "Name", 24, lambda row: Cell(row.name), priority=0, flex=2),
            Column("text", "", 10, lambda row: Cell(row.text, "note"), priority=2, flex=1),
            path,
        ]
    style = "bad" if part == "rejected" else ""
    return [path, Column("text", "Why", 30, lambda row: Cell(row.text, style), priority=0, flex=3, most=160)]


def as_text(report: IntakeReport, head: str) -> str:
    """The whole report as lines of safe text, for the clipboard and a file."""
    lines = [head, ""]
    for part, title in PARTS:
        rows = rows_of(report, part)
        if not rows:
            continue
        lines.append(f"{title}: {len(rows):,}")
        lines += [shown("  " + "  ".join(filter(None, (row.path, row.name, row.text)))) for row in rows]
        lines.append("")
    return "\n".join(lines)


def _became(key_attached: bool, missing_issuer: str) -> str:
    said = ["with its key"] if key_attached else []
    if missing_issuer:
        said.append(f"lacks {missing_issuer}")
    return ", ".join(said)
