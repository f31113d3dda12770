"""A CA that exists, and the certificate of a CA that waits for its offline root."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.model.local_ca import CaSettings
from certtui.screens.add.judge import judge_pair
from certtui.screens.add.verdict import AddVerdict, World
from certtui.screens.form import FormScreen
from certtui.screens.unlock import with_key
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.given import Reader
    from certtui.model.local_ca import Ca


class _CaMaterial(FormScreen):
    """The base of both: files that are read while one types."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    def __init__(self) -> None:
        super().__init__()
        self._reader: Reader | None = None

    def begin(self) -> None:
        from certtui.given import Reader

        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        self._reader = Reader(inspect)
        self.field("certificate").focus_editor()

    def verdict_of(self, typed: Typed) -> AddVerdict:
        """What the files hold together. A certificate that is no CA's is a problem."""
        app = self.console_app
        assert app.inspect is not None, "asked before it was ready"  # noqa: S101
        assert self._reader is not None, "asked before it was ready"  # noqa: S101
        verdict = judge_pair(typed, World(app.inspect, self._reader, self.backend.certificates, (), app.clock.now()))
        if verdict.new is not None and not verdict.new.x509.is_ca:
            problems = {**verdict.problems, "certificate": "This is no CA's certificate (basicConstraints)."}
            return replace(verdict, problems=problems, new=None)
        return verdict

    def came(self, ca: Ca, sentence: str) -> None:
        """It is done: leave, and let the screen below show it."""
        self.saved(sentence)
        under = self.app.screen
        if hasattr(under, "made_ca"):
            under.made_ca(ca)


class CaImportScreen(_CaMaterial):
    """With its key it issues here; without, its CRLs come from outside."""

    TITLE = "Import a CA"
    KIND = "ca-import"
    SAVE_WORD = "import"

    def fields(self) -> ComposeResult:
        yield Field("certificate", "Certificate", MaterialInput(placeholder="a path, or paste PEM here"))
        yield Field("key", "Private key", MaterialInput(placeholder="if it may issue here"))
        yield Field("key_password", "Passphrase", LineInput(password=True))
        yield Field("chain", "Chain", MaterialInput(placeholder="the CAs above it, in any order"))
        yield Field("name", "Name", LineInput(placeholder="its common name, where nothing is typed"))

    def judge(self, typed: Typed) -> Verdict:
        verdict = self.verdict_of(typed)
        if verdict.faults or verdict.new is None:
            return verdict
        new = verdict.new
        name = typed.value("name") or new.x509.common_name or new.x509.subject
        what = (
            "with its key: it can issue here" if new.key else "without a key: it is offline, its CRLs come from outside"
        )
        return replace(verdict, sentence=f"Will import the CA {name}, {what}.", ask="")

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        new = verdict.new
        assert new is not None, "a verdict without a fault has something to save"  # noqa: S101
        with_key(
            self,
            lambda: self.backend.cas.import_ca(new, CaSettings()),
            done=lambda ca: self.came(ca, f"Imported {ca.row.name}."),
            failed=self.refused,
            cancelled=self.resume,
            needs_key=new.key is not None,
            why="The private key is sealed by the store key.",
        )


class CaCompleteScreen(_CaMaterial):
    """The certificate that the offline root signed."""

    TITLE = "Certificate of a CA"
    SAVE_WORD = "complete"

    def __init__(self, ca: Ca) -> None:
        super().__init__()
        self._ca = ca

    def about(self) -> str:
        return self._ca.row.name

    def fields(self) -> ComposeResult:
        yield SafeText(f"The certificate that the root signed for {self._ca.row.name}; its key is here, sealed.")
        yield Field("certificate", "Certificate", MaterialInput(placeholder="a path, or paste PEM here"))
        yield Field("chain", "Chain", MaterialInput(placeholder="the root, if it is not in the inventory"))

    def judge(self, typed: Typed) -> Verdict:
        verdict = self.verdict_of(typed)
        if verdict.faults or verdict.new is None:
            return verdict
        return replace(verdict, sentence=f"Will complete {self._ca.row.name}; it can issue from then on.", ask="")

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        new, row = verdict.new, self._ca.row
        assert new is not None, "a verdict without a fault has something to save"  # noqa: S101
        with_key(
            self,
            lambda: self.backend.cas.complete(row.id, row.version, new),
            done=lambda ca: self.came(ca, f"{ca.row.name} can issue now."),
            failed=self.refused,
            cancelled=self.resume,
            why="Its first CRL is signed by its key.",
        )
