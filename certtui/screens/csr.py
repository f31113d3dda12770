"""A saved CSR: shown, copied, saved to a file; its signed certificate is given now, or later."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from certtui.screens.add.judge import judge_saved
from certtui.screens.add.screen import what_became
from certtui.screens.add.verdict import AddVerdict, World
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.form_field import Field
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.given import Reader
    from certtui.model.certificate import AddOutcome
    from certtui.model.csr import SavedCsr


class CsrScreen(FormScreen):
    """It is stored already: leaving keeps it for later."""

    TITLE = "Certificate signing request"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form", "csr")

    DEFAULT_CSS = """
    CsrScreen #request { height: auto; max-height: 1fr; margin: 1 0; background: $panel; scrollbar-size-vertical: 1; }
    CsrScreen #form { layout: vertical; }
    """

    def __init__(self, csr: SavedCsr) -> None:
        super().__init__()
        self.csr = csr
        self._reader: Reader | None = None
        self._saved: tuple[SavedCsr, ...] = (csr,)

    def about(self) -> str:
        return self.csr.name

    def fields(self) -> ComposeResult:
        keys = self.console_app.keys
        yield SafeText(
            f"{self.csr.name} ({self.csr.key_algorithm}) waits in the inventory, its private key is sealed in the store. "
            f"Have the request signed: {keys.label('csr.copy')} copies it, {keys.label('csr.file')} writes it to a file."
        )
        with VerticalScroll(id="request"):
            yield SafeText(self.csr.pem.strip())
        yield Field(
            "certificate", "Certificate", MaterialInput(placeholder="the signed one: a path, or paste PEM here")
        )
        yield Field("chain", "Chain", MaterialInput(placeholder="intermediates, if they are not above"))

    def begin(self) -> None:
        from certtui.given import Reader

        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        self._reader = Reader(inspect)
        self.field("certificate").focus_editor()
        self.work(lambda: tuple(self.backend.csrs.list()), done=self._listed, key="csrs")

    def _listed(self, saved: tuple[SavedCsr, ...]) -> None:
        self._saved = saved
        self.changed(at_once=True)

    def judge(self, typed: Typed) -> Verdict:
        app = self.console_app
        assert app.inspect is not None, "asked before it was ready"  # noqa: S101
        assert self._reader is not None, "asked before it was ready"  # noqa: S101
        world = World(app.inspect, self._reader, self.backend.certificates, self._saved, app.clock.now())
        verdict = judge_saved(Typed({**typed.values, "csr": str(self.csr.id)}, typed.pastes), world)
        if verdict.missing and not verdict.absent:
            later = self.console_app.keys.label("app.back")
            return AddVerdict(
                f"Give the signed certificate now, or leave with {later}: the CSR is saved for later.",
                verdict.problems,
                verdict.missing,
                verdict.notes,
            )
        return verdict

    def faulty(self, verdict: Verdict, name: str) -> bool:
        """A certificate for another saved CSR: go to that one, with what was given."""
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        other = verdict.saved
        if other is None or verdict.new is not None:
            return False
        from certtui.widgets.dialogs import Confirm

        typed = self.typed()

        def answered(yes: bool | None) -> None:
            if yes:
                screen = CsrScreen(other)
                self.app.switch_screen(screen)
                screen.call_after_refresh(screen.put_back, typed)

        lines = [f"This certificate has the public key of the saved CSR “{other.name}”."]
        self.app.push_screen(Confirm("It belongs to another CSR", lines, f"Go to “{other.name}”"), answered)
        return True

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        assert verdict.new is not None, "a verdict without a fault has something to save"  # noqa: S101
        new, chosen, csrs = verdict.new, self.csr, self.backend.csrs

        def done(outcome: AddOutcome) -> None:
            self.saved(what_became(outcome), outcome.id)

        self.work(lambda: csrs.complete(chosen.id, chosen.version, new), done=done, failed=self.refused)

    def leave(self, sentence: str = "", certificate_id: int | None = None) -> None:
        kept = f"The CSR {self.csr.name} is saved for later; adding by “Saved CSR” completes it."
        super().leave(sentence or kept, certificate_id)

    # -- the request ---------------------------------------------------------------------------------------------

    def do_csr_copy(self) -> None:
        from certtui.screens.copy_text import copy

        copy(self, "CSR", self.csr.pem)

    def do_csr_file(self) -> None:
        """Write the request to a file; nothing is overwritten without a question."""
        from certtui.files import safe_name
        from certtui.widgets.dialogs import AskText

        suggested = str(Path.cwd() / f"{safe_name(self.csr.name, fallback='request')}.csr")
        self.app.push_screen(
            AskText("Save the CSR to a file", value=suggested, label="Save"),
            lambda path: self._write(path) if path else None,
        )

    def _write(self, path: str, *, overwrite: bool = False) -> None:
        from certtui import files
        from certtui.errors import CerttuiError, Conflict
        from certtui.widgets.dialogs import Confirm

        place = Path(path.strip()).expanduser()

        def failed(error: CerttuiError) -> None:
            if isinstance(error, Conflict) and place.is_file():
                self.app.push_screen(
                    Confirm("Overwrite", [error.message, "What is in it is lost."], "Overwrite", danger=True),
                    lambda yes: self._write(path, overwrite=True) if yes else None,
                )
            else:
                self.fail(error)

        self.work(
            lambda: files.write(place, self.csr.pem.encode(), mode=files.PUBLIC, overwrite=overwrite),
            done=lambda _: self.say(f"The CSR is in {place}.", "ok"),
            failed=failed,
        )
