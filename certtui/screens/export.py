"""The export dialog: form, destination, what seals it. It stays open, with everything in it, until the file is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import passwords
from certtui.errors import CerttuiError
from certtui.model.certificate import ExportForm, ExportRequest
from certtui.model.secret import Secret
from certtui.screens import export_files
from certtui.screens.export_password import ShowPassword
from certtui.screens.unlock import with_key
from certtui.widgets.choice_list import ChoiceList, Label
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Confirm, Dialog, as_typed
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.model.certificate import Certificate
    from certtui.screens.base import Place

SEALS = (("random", "random, shown once"), ("typed", "typed"))
SEALS_OF_A_KEY = (*SEALS, ("none", "none: in the clear"))
PROFILES = (("modern", "AES-256"), ("compat", "compat: 3DES, SHA-1, for old readers"))


class ExportDialog(Dialog[str]):
    """Answers the sentence of what was written, or None."""

    DEFAULT_CSS = """
    ExportDialog ChoiceList { margin-bottom: 1; }
    ExportDialog .-off { display: none; }
    """

    def __init__(self, screen: Place, certificate: Certificate, form: ExportForm = ExportForm.PEM) -> None:
        super().__init__(f"Export {certificate.row.name}")
        self._screen = screen
        self._certificate = certificate
        self._start = form
        self._suggested = ""
        self._busy = False

    def body(self) -> ComposeResult:
        labels: list[Label] = []
        for form, label, _ in export_files.FORMS:
            reason = self._why_not(form)
            labels.append([(f"{label}  – {reason}", "dim")] if reason else label)
        order = [form for form, _, _ in export_files.FORMS]
        yield ChoiceList(labels, current=order.index(self._start))
        yield Labelled("Write to", PathField(PathInput(id="path")))
        yield Labelled("Password", ChoiceRow(SEALS, id="seal"), id="seal-row")
        yield Labelled("", Entry(password=True, placeholder="password", id="first"), id="first-row")
        yield Labelled("", Entry(password=True, placeholder="the same again", id="second"), id="second-row")
        yield Labelled("Encryption", ChoiceRow(PROFILES, id="profile"), id="profile-row")
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Write"), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one(ChoiceList).focus()

    def _why_not(self, form: ExportForm) -> str:
        """Why this form can't be written: the certificate has no key, or the person no right to take it out."""
        reason = export_files.why_not(self._certificate, form)
        if not reason and form in export_files.WITH_KEY:
            refused = self._screen.backend.capabilities.why_not("certificates.export_key").rstrip(".")
            reason = "no right export-keys" if "export-keys" in refused else refused
        return reason

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def form(self) -> ExportForm:
        return export_files.FORMS[self.query_one(ChoiceList).cursor][0]

    @property
    def seal(self) -> str:
        """`random`, `typed`, `none`; "" where the form holds no key."""
        return self.query_one("#seal", ChoiceRow).value if self.form in export_files.WITH_KEY else ""

    @property
    def compat(self) -> bool:
        return self.form is ExportForm.PFX and self.query_one("#profile", ChoiceRow).value == "compat"

    def on_choice_list_moved(self) -> None:
        self._lay()

    def on_choice_list_chosen(self) -> None:
        self._lay()
        self.query_one("#path", PathInput).focus()

    def on_choice_row_changed(self) -> None:
        self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")
        self._lay_command()

    def _lay(self) -> None:
        form = self.form
        self.problem("")
        self.query_one("#seal", ChoiceRow).offer(SEALS_OF_A_KEY if form is ExportForm.KEY else SEALS)
        path = self.query_one("#path", PathInput)
        if path.value in ("", self._suggested):
            self._suggested = export_files.suggestion(self._certificate.row.name, form)
            path.take(self._suggested)
        self.query_one("#seal-row").set_class(not self.seal, "-off")
        self.query_one("#profile-row").set_class(form is not ExportForm.PFX, "-off")
        for row in ("#first-row", "#second-row"):
            self.query_one(row).set_class(self.seal != "typed", "-off")
        reason = self._why_not(form)
        self.query_one("#accept", Button).disabled = bool(reason)
        if reason:
            self.problem(f"Not possible: {reason}.")
        self._lay_command()

    def _lay_command(self) -> None:
        typed = self.query_one("#path", PathInput).value
        line = export_files.command(self._certificate.id, self.form, typed, password=self.seal, compat=self.compat)
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, line)}")

    # -- the act -------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        if self._busy:
            return
        if reason := self._why_not(self.form):
            self.problem(f"Not possible: {reason}.")
            return
        typed = self.query_one("#path", PathInput)
        if not typed.value.strip():
            self.problem("Name a file to write to.")
            typed.focus()
            return
        try:
            path = export_files.target_of(typed.value)
        except (CerttuiError, OSError, RuntimeError) as error:
            self.problem(str(error))
            return
        if self.seal == "typed" and not self._typed_well():
            return
        self._ask_overwrite(path)

    def _typed_well(self) -> bool:
        first, second = self.query_one("#first", Entry), self.query_one("#second", Entry)
        if not first.value:
            self.problem("Type a password.")
            first.focus()
        elif first.value != second.value:
            self.problem("The two are not the same.")
            second.focus()
        else:
            return True
        return False

    def _ask_overwrite(self, path: Path) -> None:
        if not path.exists():
            self._ask_clear(path, overwrite=False)
            return
        lines = [f"{path} is there already.", "What it holds is lost."]

        def answered(answer: bool | None) -> None:
            if answer:
                self._ask_clear(path, overwrite=True)

        self.app.push_screen(Confirm("Overwrite the file", lines, "Overwrite", danger=True), answered)

    def _ask_clear(self, path: Path, *, overwrite: bool) -> None:
        match self.seal:
            case "none":
                lines = [f"The private key goes into {path} unencrypted.", "Whoever reads the file can use the key."]

                def answered(answer: bool | None) -> None:
                    if answer:
                        self._write(path, None, overwrite=overwrite)

                self.app.push_screen(Confirm("Write the key in the clear", lines, "Write", danger=True), answered)
            case "random":
                made = passwords.generated()

                def noted(answer: bool | None) -> None:
                    if answer:
                        self._write(path, made, overwrite=overwrite)

                self.app.push_screen(ShowPassword(self._screen, made, str(path)), noted)
            case "typed":
                self._write(path, Secret(self.query_one("#first", Entry).value), overwrite=overwrite)
            case _:
                self._write(path, None, overwrite=overwrite)

    def _write(self, path: Path, password: Secret | None, *, overwrite: bool) -> None:
        backend = self._screen.backend
        request = ExportRequest(self.form, password=password, compat=self.compat)
        certificate_id = self._certificate.id

        def act() -> str:
            return export_files.write(backend, certificate_id, request, path, overwrite=overwrite)

        self._busy = True
        if self.form in export_files.WITH_KEY:
            why = "The private key is needed."
            with_key(self._screen, act, done=self.dismiss, failed=self._refused, cancelled=self._free, why=why)
        else:
            self._screen.work(act, done=self.dismiss, failed=self._refused)

    def _refused(self, error: CerttuiError) -> None:
        self._free()
        self.problem(str(error))

    def _free(self) -> None:
        self._busy = False
