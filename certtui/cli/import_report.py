"""What `certtui import` says: one line while it runs, the report at the end, the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal

if TYPE_CHECKING:
    from certtui.cli.output import Document
    from certtui.intake import IntakeProgress, IntakeReport, Taken

PARTLY = 3
INTERRUPTED = 130

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("WHAT"),
    output.Column("KEY ADDED"),
    output.Column("MISSING ISSUER", least=8),
    output.Column("FILE", least=12),
)


def write(report: IntakeReport, form: str, *, verbose: bool = False) -> None:
    """Data on standard output as a table or JSON, what a person should read on standard error.

    Without `verbose`, what was there already and stays as it was, and files that hold no certificate, are only counted.
    """
    for rejected in report.rejected:
        terminal.say(f"{rejected.path}: rejected. {rejected.reason}")
    for note in report.notes:
        terminal.say(f"{note.path}: {note.text}")
    for note in report.skipped if verbose else ():
        terminal.say(f"{note.path}: skipped. {note.text}")
    there: list[Taken] = []
    if form == "json":
        output.json_object(
            {
                "imported": [_document(each) for each in report.imported],
                "existing": [_document(each) for each in report.existing],
                "rejected": [{"path": each.path, "reason": each.reason} for each in report.rejected],
            }
        )
    else:
        there = [each for each in report.existing if each.key_attached or verbose] or _the_one(report)
        rows = [*(("added", each) for each in report.imported), *(("there already", each) for each in there)]
        output.table(
            _COLUMNS,
            ((each.id, each.name, what, each.key_attached, each.missing_issuer, each.path) for what, each in rows),
        )
    terminal.say(("Interrupted. " if report.cancelled else "") + counted(report) + ".")
    if form != "json" and not verbose and (report.skipped or len(there) < len(report.existing)):
        terminal.say("With -v, what was there already or skipped is named too.")


def _the_one(report: IntakeReport) -> list[Taken]:
    """The entry that is all that a person asked about, and is there already: they want its id."""
    return list(report.existing[:1]) if not report.imported and len({each.id for each in report.existing}) == 1 else []


def code(report: IntakeReport) -> int:
    """0 nothing rejected, 3 some, 1 all; 130 when it was broken off."""
    if report.cancelled:
        return INTERRUPTED
    if not report.rejected:
        return 0
    return PARTLY if report.imported or report.existing else 1


def counted(report: IntakeReport) -> str:
    """How many were added, were there, were rejected, were skipped: part of a sentence."""
    attached = sum(each.key_attached for each in report.existing)
    parts = [
        f"{len(report.imported)} added",
        f"{len(report.existing)} there already" + (f" ({attached} got their key)" if attached else ""),
        f"{len(report.rejected)} rejected",
    ]
    if report.skipped:
        parts.append(f"{len(report.skipped)} skipped: no certificate in them, or the same file again")
    return ", ".join(parts)


class Line:
    """One line on standard error that is written over, at most once a percent or a hundred files."""

    def __init__(self) -> None:
        self._shown = (-1, -1)

    def __call__(self, progress: IntakeProgress) -> None:
        percent = 100 * progress.bytes_done // max(1, progress.bytes_total)
        state = (percent, progress.files_done // 100)
        if state != self._shown:
            self._shown = state
            terminal.write_line(
                f"{percent:3d} %  {progress.files_done} of {progress.files_total} files  {_brief(progress)}"
            )


def _brief(progress: IntakeProgress) -> str:
    return f"{progress.imported} added, {progress.existing} there already, {progress.rejected} rejected"


def _document(taken: Taken) -> Document:
    return {
        "id": taken.id,
        "path": taken.path,
        "fingerprint_sha256": taken.fingerprint_sha256,
        "key_attached": taken.key_attached,
    }
