"""Writing the audit log to a file: what the filter shows, in a form that other programs read."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui.audit_export import encoded, host, lines, records, suffix
from certtui.model.audit import AuditExport
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog, as_typed
from certtui.widgets.labelled import Labelled
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.safe_text import SafeText
from certtui.widgets.tick import Tick

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.progress import Progress

FORMS = (("jsonl", "JSON lines"), ("csv", "CSV"), ("syslog", "syslog, RFC 5424"))


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """What is to be written where."""

    form: str
    path: Path
    overwrite: bool


class AuditExportDialog(Dialog[AuditOrder]):
    """Answers what to write, or None."""

    def __init__(self, filter_text: str, total: int | None) -> None:
        super().__init__("Export the audit log")
        self._filter = filter_text
        self._total = total
        self._suggested = ""

    def body(self) -> ComposeResult:
        count = "The records" if self._total is None else f"{self._total:,} record{'' if self._total == 1 else 's'}"
        what = f"{count} that the filter takes: {self._filter}" if self._filter else f"{count}: the whole log."
        yield SafeText(f"{what} Oldest first; the file is readable by you alone.")
        yield Labelled("Form", ChoiceRow(FORMS, id="form"))
        yield Labelled("Write to", PathField(PathInput(id="path")))
        yield Tick("Overwrite a file that is there")
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Write"), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one("#form").focus()

    @property
    def form(self) -> str:
        return self.query_one("#form", ChoiceRow).value

    def on_choice_row_changed(self) -> None:
        self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")
        self._lay_command()

    def _lay(self) -> None:
        path = self.query_one("#path", PathInput)
        if path.value in ("", self._suggested):
            self._suggested = f"./certtui-audit{suffix(self.form)}"
            path.take(self._suggested)
        self.problem("")
        self._lay_command()

    def _lay_command(self) -> None:
        words = ["certtui", "audit", "export", "--format", self.form]
        if self._filter:
            words += ["--filter", self._filter]
        typed = self.query_one("#path", PathInput).value.strip()
        line = shlex.join([*words, "--out", typed or "FILE"])
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, line)}")

    def accept(self) -> None:
        field = self.query_one("#path", PathInput)
        typed = field.value.strip()
        overwrite = self.query_one(Tick).value
        try:
            path = Path(typed).expanduser()
            if not typed:
                self.problem("Name a file to write to.")
            elif path.is_dir():
                self.problem(f"{path} is a folder. Name a file in it.")
            elif path.exists() and not overwrite:
                self.problem(f"{path} is there already. Take another name, or tick the line above.")
            else:
                self.dismiss(AuditOrder(self.form, path, overwrite))
                return
        except (OSError, RuntimeError) as error:
            self.problem(f"That file can't be used: {error}.")
        field.focus()


def write(backend: Backend, filter_text: str, order: AuditOrder, progress: Progress) -> str:
    """Write it, record by record; the sentence of what was done. In a thread."""
    from certtui import files
    from certtui.own_files import spare_the_store

    spare_the_store(backend, order.path)
    count = 0

    def counted(done: int, total: int | None) -> None:
        nonlocal count
        count = done
        progress(done, total)

    parts = encoded(lines(order.form, records(backend, filter_text, counted), host=host()))
    files.write_stream(order.path, parts, overwrite=order.overwrite)
    backend.audit.record_export(AuditExport(count, order.form, filter_text))
    return f"Wrote {count:,} record{'' if count == 1 else 's'} to {order.path}, readable by you alone."
