"""The report of a bulk import: added, there already, rejected with the reason; to filter, copy, save and try again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from certtui.actions import Action
from certtui.errors import CerttuiError
from certtui.screens.base import Place
from certtui.screens.report_rows import PARTS, ReportRow, as_text, columns_of, rows_of
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.line_input import LineInput
from certtui.widgets.record_table import RecordTable
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.intake import IntakeReport
    from certtui.model.certificate import Labels
    from certtui.model.secret import Secret


class BulkReportScreen(Place):
    """What became of every file. `stopped` is what broke the import off, if anything did."""

    TITLE = "Import"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "list", "report")

    DEFAULT_CSS = """
    BulkReportScreen #head { padding: 0 1; height: auto; }
    BulkReportScreen ChoiceRow { padding: 0 1; }
    BulkReportScreen LineInput { margin: 0 1; display: none; }
    BulkReportScreen LineInput.-shown { display: block; }
    """

    def __init__(
        self,
        report: IntakeReport,
        labels: Labels,
        stopped: CerttuiError | None = None,
        *,
        reason: str = "",
        repository_id: int | None = None,
    ) -> None:
        super().__init__()
        self._reason = reason
        self._repository_id = repository_id
        self.report = report
        self._labels = labels
        self._stopped = stopped
        self._rows: list[ReportRow] = []

    def content(self) -> ComposeResult:
        parts = [(part, f"{title} {len(getattr(self.report, part)):,}") for part, title in PARTS]
        yield SafeText(self.head(), id="head")
        yield ChoiceRow(parts, current=self._first_part())
        yield LineInput(placeholder="words to look for")
        yield RecordTable(columns_of(self._first_part()), self._fetch)

    def head(self) -> str:
        """The sentence on top."""
        report = self.report
        if self._stopped is not None:
            return f"The import stopped: {self._stopped} What was stored before stays; a second run completes it."
        if report.cancelled:
            return "Cancelled. Every file is wholly in or out; a second run completes it."
        rejected = len(report.rejected)
        return f"{len(report.imported):,} added, {len(report.existing):,} there already, {rejected:,} rejected."

    def _first_part(self) -> str:
        """What was rejected needs a person; after that what was added."""
        for part in ("rejected", "imported", "existing"):
            if getattr(self.report, part):
                return part
        return "imported"

    @property
    def part(self) -> str:
        """The part that is shown."""
        return self.query_one(ChoiceRow).value

    @property
    def table(self) -> RecordTable[ReportRow]:
        return self.query_one(RecordTable)

    def ready(self) -> None:
        self.bind_table(self.table)
        self._show()
        self.table.focus()

    def offers(self, action: Action) -> bool:
        if action.id == "report.password":
            return any(each.needs_password for each in self.report.rejected)
        if action.id == "report.reason":
            return any(each.needs_reason for each in self.report.rejected)
        return hasattr(self, action.method) or hasattr(RecordTable, action.method)

    def on_choice_row_changed(self) -> None:
        self.table.show_columns(columns_of(self.part), self.table.sort)
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show()

    def on_input_submitted(self) -> None:
        self.table.focus()

    def _show(self) -> None:
        words = self.query_one(LineInput).value.casefold().split()
        report, part = self.report, self.part

        def find() -> list[ReportRow]:
            rows = rows_of(report, part)
            return [row for row in rows if all(word in row.folded for word in words)] if words else rows

        self.work(find, done=self._found, key="find")

    def _found(self, rows: list[ReportRow]) -> None:
        self._rows = rows
        self.table.open(len(rows))

    def _fetch(self, start: int, stop: int, generation: int) -> None:
        self.table.deliver(start, self._rows[start:stop], generation)

    # -- acts ----------------------------------------------------------------------------------------------------

    def do_report_part(self) -> None:
        """The next part."""
        self.query_one(ChoiceRow).action_step(1)

    def do_list_filter(self) -> None:
        line = self.query_one(LineInput)
        line.add_class("-shown")
        line.focus()

    def do_list_open(self) -> None:
        row = self.table.current
        if row is None:
            return
        if row.certificate_id:
            self.open_screen("certtui.screens.certificate:CertificateScreen", row.certificate_id)
        else:
            self.say(f"{row.path}: {row.text}")

    def on_record_table_opened(self) -> None:
        self.do_list_open()

    def do_app_back(self) -> None:
        line = self.query_one(LineInput)
        if line.has_class("-shown"):
            line.remove_class("-shown")
            line.value = ""
            self.table.focus()
        else:
            super().do_app_back()

    def do_report_copy(self) -> None:
        from certtui.screens.copy_text import copy

        report, head = self.report, self.head()
        self.work(lambda: as_text(report, head), done=lambda text: copy(self, "Report", text))

    def do_report_file(self) -> None:
        """Write the report to a file that is not there yet."""
        from certtui.widgets.dialogs import AskText

        suggested = str(Path.cwd() / f"import-{self.console_app.clock.now():%Y-%m-%d-%H%M}.txt")
        self.app.push_screen(
            AskText("Save the report to a file", value=suggested, label="Save"),
            lambda path: self._write(path) if path else None,
        )

    def _write(self, path: str) -> None:
        from certtui import files

        place = Path(path.strip()).expanduser()
        report, head = self.report, self.head()

        def write() -> None:
            files.write(place, as_text(report, head).encode("utf-8", "surrogateescape"))

        self.work(write, done=lambda _: self.say(f"The report is in {place}.", "ok"))

    def do_report_password(self) -> None:
        """Try another password on what was rejected for want of one."""
        from certtui.widgets.dialogs import AskPassword

        locked = [each.path for each in self.report.rejected if each.needs_password]
        lines = [f"{len(locked):,} file{'s' if len(locked) > 1 else ''} wanted another password: {locked[0]} …"]
        self.app.push_screen(
            AskPassword("Another password", lines, label="Try"),
            lambda password: self._again(locked, password) if password else None,
        )

    def _again(self, paths: list[str], password: Secret) -> None:
        from certtui.screens.bulk_run import run_import

        run_import(
            self,
            [Path(path) for path in paths],
            [password],
            self._labels,
            command="certtui import …",
            done=self._done,
            reason=self._reason,
            repository_id=self._repository_id,
        )

    def do_report_reason(self) -> None:
        """Say why, for what a soft policy kept out, and take it in with that word."""
        from certtui.widgets.dialogs import AskText

        asked = [each for each in self.report.rejected if each.needs_reason]
        paths = list(dict.fromkeys(each.path for each in asked))
        lines = [
            f"{len(asked):,} certificate{'s' if len(asked) > 1 else ''}, for instance {asked[0].reason}",
            "",
            "Why may they pass? It is kept in the audit log with your name.",
        ]

        def answered(reason: str | None) -> None:
            from certtui.screens.bulk_run import run_import

            if reason and reason.strip():
                self._reason = reason.strip()
                run_import(
                    self,
                    [Path(path) for path in paths],
                    [],
                    self._labels,
                    command="certtui import … --reason TEXT",
                    done=self._done,
                    reason=self._reason,
                    repository_id=self._repository_id,
                )

        self.app.push_screen(AskText("Say why", lines, label="Take in"), answered)

    def _done(self, report: IntakeReport, stopped: CerttuiError | None) -> None:
        again = BulkReportScreen(report, self._labels, stopped, reason=self._reason, repository_id=self._repository_id)
        self.app.switch_screen(again)
