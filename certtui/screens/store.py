"""The store: where it is, what it holds, how it is protected; its check and its backup."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button

from certtui.clock import rfc3339
from certtui.errors import CerttuiError, Conflict
from certtui.screens.page import LinesPage
from certtui.widgets.dialogs import Confirm, Dialog, Message
from certtui.widgets.fields import Item, blank, heading, sentence
from certtui.widgets.labelled import Labelled
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.model.store import BackupReport, CheckFinding, StoreStatus


class StoreScreen(LinesPage):
    """Read when opened; nothing here follows by itself."""

    TITLE = "Store"

    def __init__(self) -> None:
        super().__init__()
        self._findings: Sequence[CheckFinding] = ()
        self._status: StoreStatus | None = None

    def load(self) -> None:
        self.work(self.backend.store.status, done=self._loaded, failed=self.cannot, key="status")

    def _loaded(self, status: StoreStatus) -> None:
        self._status = status
        keys = self.console_app.keys
        protection = "a passphrase (Argon2id)" if status.protection == "passphrase" else "a key file"
        items = [sentence(warning, "warn") for warning in status.warnings]
        items += [blank()] if items else []
        items += [
            Item("Place", status.url),
            Item("Engine", f"{status.engine}, journal {status.journal_mode}" if status.journal_mode else status.engine),
            Item("Schema", status.schema_revision),
            Item("Certificates", f"{status.certificates:,}", copies=str(status.certificates)),
            Item("Sealed keys", f"{status.sealed_keys:,}", copies=str(status.sealed_keys)),
            Item("Size", f"{status.size / 1024 / 1024:,.1f} MiB", copies=str(status.size)),
            Item("Made", rfc3339(status.created_at) if status.created_at else "not known"),
            blank(),
            Item("Store key", f"protected by {protection}"),
            Item("Key file", status.key_file or "none"),
            Item("Fingerprint", status.key_fingerprint),
            Item("Locked", "yes: lists work, keys do not" if status.locked else "no", "warn" if status.locked else ""),
        ]
        if self._findings:
            items += [blank(), heading("Last check")]
            items += [_finding(each) for each in self._findings]
        items += [
            blank(),
            sentence(
                f"{keys.label('store.check')} checks it, {keys.label('store.backup')} backs it up; ctrl+p has the rest.",
                "dim",
            ),
        ]
        self.show(items, keep=bool(self.view.items))

    def do_store_check(self) -> None:
        self.work_long(
            "Checking the store", self.backend.store.check, done=self._checked, command="certtui store check"
        )

    def _checked(self, findings: Sequence[CheckFinding]) -> None:
        self._findings = findings
        self.load()
        bad = [each for each in findings if not each.ok]
        if bad:
            self.say(f"{len(bad)} of {len(findings)} checks found something; see below.", "bad")
        else:
            self.say(f"All {len(findings)} checks passed.", "ok")

    def do_store_backup(self) -> None:
        def answered(path: Path | None) -> None:
            if path is not None:
                self._back_up(path, overwrite=False)

        self.app.push_screen(BackupDialog(f"./certtui-{self.console_app.clock.now():%Y-%m-%d}.backup"), answered)

    def _back_up(self, path: Path, *, overwrite: bool) -> None:
        def failed(error: CerttuiError) -> None:
            if not isinstance(error, Conflict) or overwrite or path.is_dir():
                self.fail(error)
                return

            def answered(answer: bool | None) -> None:
                if answer:
                    self._back_up(path, overwrite=True)

            lines = [f"{path} is there already.", "What it holds is lost."]
            self.app.push_screen(Confirm("Overwrite the backup", lines, "Overwrite", danger=True), answered)

        self.work_long(
            "Backing up the store",
            lambda progress: self.backend.store.backup(path, overwrite=overwrite, progress=progress),
            done=self._backed_up,
            failed=failed,
            command="certtui store backup FILE",
        )

    def _backed_up(self, report: BackupReport) -> None:
        key = f"{report.key_place}, fingerprint {report.key_fingerprint}"
        lines = [
            f"{report.path}, {report.size / 1024 / 1024:,.1f} MiB, {report.certificates:,} certificates.",
            f"SHA-256  {report.sha256}",
            "",
            f"The store key is not in it. It is in {key}: keep a copy of it somewhere else, or the private keys are lost.",
        ]
        self.app.push_screen(Message("Backed up", lines, command=f"certtui store restore {report.path}"))


class BackupDialog(Dialog[Path]):
    """Where to."""

    def __init__(self, suggested: str) -> None:
        super().__init__("Back up the store", command="certtui store backup FILE")
        self._suggested = suggested

    def body(self) -> ComposeResult:
        yield SafeText("A consistent copy while the store is in use. The store key is not in it.")
        yield Labelled("Write to", PathField(PathInput(self._suggested, id="path")))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Back up"), id="accept")

    def accept(self) -> None:
        typed = self.query_one("#path", PathInput).value.strip()
        if not typed:
            self.problem("Name a file to write to.")
            return
        try:
            self.dismiss(Path(typed).expanduser())
        except RuntimeError as error:
            self.problem(str(error))


def _finding(each: CheckFinding) -> Item:
    text = f"{'ok' if each.ok else 'problem'}: {each.message} {each.hint}".strip()
    return Item(each.check, text, "ok" if each.ok else "bad")
