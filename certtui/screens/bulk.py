"""Bulk import: folders and files, read in depth, with a bar, a cancel and a report."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from certtui import candidates
from certtui.candidates import Candidate
from certtui.errors import CerttuiError
from certtui.model.certificate import Labels
from certtui.screens.bulk_run import run_import
from certtui.screens.form import FormScreen
from certtui.screens.repository_named import look_up
from certtui.screens.verdict import Typed, Verdict
from certtui.text import sentence
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import PathInput
from certtui.widgets.source_list import SourceList

if TYPE_CHECKING:
    from certtui.intake import IntakeReport

USUAL = (
    "/etc/ssl/certs",
    "/etc/pki/ca-trust/extracted/pem",
    "/etc/pki/tls/certs",
    "/etc/letsencrypt/live",
    "/etc/ssl/private",
    "/etc/pki/tls/private",
    "/usr/local/share/ca-certificates",
    "/etc/nginx",
    "/etc/apache2",
    "/etc/httpd",
    "/etc/haproxy",
    "/etc/openvpn",
    "/etc/postfix",
    "/etc/kubernetes/pki",
    "/var/lib/acme",
    "/opt/homebrew/etc/ca-certificates",
)
"""Where systems and their servers keep certificates; those that are there are offered."""

_COUNTED = 20_000
"""Files that are counted before the person starts; the import itself has no such limit."""


class BulkImportScreen(FormScreen):
    """What to read, with which password, under which labels."""

    TITLE = "Import"
    KIND = "import"
    SAVE_WORD = "import"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    DEFAULT_CSS = """
    BulkImportScreen Field, BulkImportScreen Pair { margin-bottom: 1; }
    """

    def __init__(self, sources: Iterable[str] = ()) -> None:
        super().__init__()
        self._given = tuple(sources)
        self._repository_id: int | None = None

    def fields(self) -> ComposeResult:
        yield Field("path", "From", PathInput(placeholder="a folder or file; enter takes it and asks for another"))
        yield Field("sources", "Will read", SourceList(empty="nothing yet", chosen=True))
        yield Field("usual", "Found here", SourceList(empty="none of the usual places is on this system"))
        yield Field(
            "password", "Password", LineInput(password=True, placeholder="for encrypted files, if there are any")
        )
        yield Pair(Field("group", "Group", LineInput()), Field("contact", "Contact", LineInput()))
        yield Field("repository", "Repository", LineInput(placeholder="none, or its name"))

    def begin(self) -> None:
        self.work(lambda: [place for place in USUAL if Path(place).is_dir()], done=self._offer, key="usual")
        if self._given:
            self.field("sources").put("\n".join(self._given))
        self.field("path").focus_editor()

    def _offer(self, found: list[str]) -> None:
        self._list("usual").fill(found)

    def _list(self, name: str) -> SourceList:
        editor = self.field(name).editor
        assert isinstance(editor, SourceList)  # noqa: S101  # built above
        return editor

    def typed(self) -> Typed:
        typed = super().typed()
        # What is offered was not typed.
        return Typed({name: value for name, value in typed.values.items() if name != "usual"}, typed.pastes)

    # -- choosing ------------------------------------------------------------------------------------------------

    def entered(self, line: Input) -> bool:
        path = line.value.strip()
        if line is not self.field("path").editor or not path:
            return False
        if not _problem(path):
            self._take(path)
        return True

    def on_source_list_taken(self, event: SourceList.Taken) -> None:
        if event.control.chosen:
            self._list("sources").drop(event.path)
        elif event.path not in self._list("sources").paths:
            self._list("sources").add(event.path)
        self.changed()

    def _take(self, path: str) -> None:
        if path not in self._list("sources").paths:
            self._list("sources").add(path)
        self.field("path").put("")
        self.changed()

    def _browsed(self, field: Field, path: str | None) -> None:
        super()._browsed(field, None)
        if path is not None:
            self._take(path)

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        verdict = self._judged(typed)
        self._repository_id = None
        if not typed.value("repository"):
            return verdict
        self._repository_id, said = look_up(self.backend, typed.value("repository"))
        if self._repository_id is None:
            return replace(verdict, problems={**verdict.problems, "repository": said})
        return replace(verdict, notes={**verdict.notes, "repository": said})

    def _judged(self, typed: Typed) -> Verdict:
        named = sources_of(typed)
        if not named:
            return Verdict(
                "Reads PEM, DER, PKCS#7 and PFX; folders with all that is below. Keys are taken along and sealed.",
                missing={"path": "Name a folder or a file."},
            )
        if typed.value("path") and (problem := _problem(typed.value("path"))):
            return Verdict("What is there already is not added twice.", absent={"path": problem})
        files = size = 0
        found = candidates.walk(path for each in named for path in expanded(each))
        for each in found:
            if isinstance(each, Candidate):
                files += 1
                size += each.size
            if files >= _COUNTED:
                break
        more = "more than " if files >= _COUNTED else ""
        what = f"{more}{files:,} file{'s' if files != 1 else ''} ({size / 1024 / 1024:,.1f} MiB)"
        return Verdict(f"Will look into {what} and add every certificate in them, with its key where one is found.")

    # -- doing it ------------------------------------------------------------------------------------------------

    def save(self, verdict: Verdict) -> None:
        typed = self.typed()
        paths = [path for each in sources_of(typed) for path in expanded(each)]
        labels = Labels(business_group=typed.value("group"), contact_email=typed.value("contact"))
        command = "certtui import " + " ".join(map(_quoted, sources_of(typed)))
        if typed.value("repository"):
            command += f" --repository {_quoted(typed.value('repository'))}"
        run_import(
            self,
            paths,
            typed.password("password"),
            labels,
            command=command,
            done=self._done,
            repository_id=self._repository_id,
        )

    def _done(self, report: IntakeReport, stopped: CerttuiError | None) -> None:
        from certtui.screens.bulk_report import BulkReportScreen

        if stopped is not None and not (report.imported or report.existing):
            self.refused(stopped)
            return
        typed = self.typed()
        labels = Labels(business_group=typed.value("group"), contact_email=typed.value("contact"))
        self.let_go()
        self.app.switch_screen(BulkReportScreen(report, labels, stopped, repository_id=self._repository_id))


def sources_of(typed: Typed) -> list[str]:
    """Everything that is to be read, in the order chosen, what stands in the line included."""
    listed = [line for line in typed.value("sources").splitlines() if line.strip()]
    line = typed.value("path")
    return [*listed, line] if line and line not in listed else listed


def expanded(typed: str) -> list[Path]:
    """A path as typed to paths: `~` and, where no such file is there, wildcards."""
    path = os.path.expanduser(typed)  # noqa: PTH111  # Path.expanduser raises for an unknown user
    if not os.path.lexists(path) and glob.has_magic(path):
        return [Path(each) for each in sorted(glob.glob(path, recursive=True))] or [Path(path)]  # noqa: PTH207  # "**"
    return [Path(path)]


def _problem(typed: str) -> str:
    paths = expanded(typed)
    if all(os.path.lexists(path) for path in paths):
        return ""
    return sentence(f"There is no file or folder {paths[0]}")


def _quoted(path: str) -> str:
    import shlex

    return path if path.startswith("~") and " " not in path else shlex.quote(path)
