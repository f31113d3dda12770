"""Add certificate: one screen, four methods, a sentence at the bottom that says what saving would do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from certtui.model.csr import KEY_TYPES
from certtui.screens.add.judge import judge_pair, judge_pfx, judge_saved
from certtui.screens.add.judge_csr import judge_csr
from certtui.screens.add.sentence import short_name
from certtui.screens.add.verdict import AddVerdict, World
from certtui.screens.form import FormScreen
from certtui.screens.repository_named import look_up
from certtui.screens.unlock import with_key
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import MaterialInput, PathInput
from certtui.widgets.text_box import TextBox
from certtui.widgets.value_list import ValueList

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.given import Reader
    from certtui.model.certificate import AddOutcome
    from certtui.model.csr import SavedCsr

METHODS = (("pfx", "PFX"), ("pair", "Certificate and key"), ("csr", "New CSR"), ("saved", "Saved CSR"))
SANS = "one per line: www.example.com, IP:10.0.0.7, EMAIL:…, URI:…"


class AddScreen(FormScreen):
    """The form. `method` is where it starts, `csr` the saved CSR that is chosen (its entry's id)."""

    TITLE = "Add certificate"
    KIND = "add"

    DEFAULT_CSS = """
    AddScreen #material { height: auto; margin-top: 1; }
    AddScreen .part { display: none; }
    AddScreen #labels { height: auto; margin-top: 1; }
    """

    def __init__(self, method: str = "", csr: int | None = None) -> None:
        super().__init__()
        self._start = (method, csr)
        self._reader: Reader | None = None
        self._saved: tuple[SavedCsr, ...] = ()
        self._encrypted = False
        self._parts: list[Widget] = []
        self._laid = ""

    def fields(self) -> ComposeResult:
        yield Field("method", "Method", ChoiceRow(METHODS))
        with Vertical(id="material"):
            yield _for("pfx", Field("file", "PFX file", PathInput(placeholder="a path; tab completes, ctrl+o browses")))
            yield _for("pfx", Field("password", "Password", LineInput(password=True)))
            yield _for("saved", Field("csr", "Saved CSR", ValueList()))
            yield _for("pair saved", Field("certificate", "Certificate", MaterialInput()))
            yield _for("pair", Field("key", "Private key", MaterialInput()))
            yield _for("", Field("key_password", "Passphrase", LineInput(password=True)))
            yield _for("pair saved", Field("chain", "Chain", MaterialInput(placeholder="intermediates, in any order")))
            yield _for("csr", Field("common_name", "Common name", _line()))
            yield _for("csr", Pair(Field("organization", "Organization", _line()), Field("unit", "Unit", _line())))
            yield _for("csr", Pair(Field("locality", "Locality", _line()), Field("state", "State", _line())))
            yield _for("csr", Pair(Field("country", "Country", _line()), Field("email", "E-mail", _line())))
            yield _for("csr", Field("sans", "Names (SANs)", TextBox(placeholder=SANS)))
            yield _for(
                "csr", Field("key_type", "Key", ChoiceRow([(each, each) for each in KEY_TYPES], current="ec-256"))
            )
        with Vertical(id="labels"):
            yield Pair(Field("name", "Name", _line()), Field("group", "Group", _line()))
            yield Pair(Field("description", "Description", _line()), Field("contact", "Contact", _line()))
            yield _for("pfx pair saved", Field("repository", "Repository", LineInput(placeholder="none, or its name")))

    @property
    def method(self) -> str:
        """The chosen method."""
        return self.field("method").value

    def begin(self) -> None:
        from certtui.given import Reader

        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        self._reader = Reader(inspect)
        self._lay_method()
        self.field("method").focus_editor()

    def ready(self) -> None:
        # The saved CSRs come first, so that a kept form finds the one that was chosen.
        self.work(lambda: tuple(self.backend.csrs.list()), done=self._listed, key="csrs")

    def _listed(self, saved: tuple[SavedCsr, ...]) -> None:
        self._saved = saved
        chooser = self.field("csr").editor
        assert isinstance(chooser, ValueList)  # noqa: S101  # built above
        chooser.fill([(str(each.id), _line_of(each)) for each in saved])
        super().ready()
        method, csr = self._start
        if method:
            self.field("method").put(method)
        if csr is not None:
            self.field("csr").put(str(csr))

    def on_value_list_picked(self) -> None:
        self.changed()

    def changed(self, *, at_once: bool = False) -> None:
        if self.method != self._laid:
            self._laid = self.method
            self._lay_method()
        super().changed(at_once=at_once)

    def _lay_method(self) -> None:
        method = self.method
        if not self._parts:
            self._parts = list(self.query(".part"))
        for part in self._parts:
            # Not by a class: its style would come with the next idle moment, and a `tab` before that goes astray.
            part.display = part.has_class(f"m-{method}")
        asked = method == "pair" and (self._encrypted or bool(self.field("key_password").value))
        self.field("key_password").display = asked

    def do_form_method(self) -> None:
        """The next method, from wherever one types; common fields stay."""
        row = self.field("method").editor
        assert isinstance(row, ChoiceRow)  # noqa: S101  # built above
        row.action_step(1)
        # At once, both: the next keys may be here already.
        self.set_focus(row)
        self.changed()

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        verdict = self._judged(typed)
        named = typed.value("repository")
        if not named or typed.value("method") == "csr":
            return verdict
        found, problem = look_up(self.backend, named)
        if found is None:
            return replace(verdict, problems={**verdict.problems, "repository": problem})
        new = None if verdict.new is None else replace(verdict.new, repository_id=found)
        return replace(verdict, new=new, notes={**verdict.notes, "repository": problem})

    def _judged(self, typed: Typed) -> AddVerdict:
        world = self._world()
        match typed.value("method"):
            case "pfx":
                return judge_pfx(typed, world)
            case "pair":
                return judge_pair(typed, world)
            case "csr":
                return judge_csr(typed, world)
            case _:
                return judge_saved(typed, world)

    def _world(self) -> World:
        app = self.console_app
        assert app.inspect is not None, "asked before it was ready"  # noqa: S101
        assert self._reader is not None, "asked before it was ready"  # noqa: S101
        return World(app.inspect, self._reader, self.backend.certificates, self._saved, app.clock.now())

    def judged(self, verdict: Verdict) -> None:
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        self._encrypted = verdict.encrypted
        self._lay_method()

    # -- saving --------------------------------------------------------------------------------------------------

    def faulty(self, verdict: Verdict, name: str) -> bool:
        """A certificate for another saved CSR is offered to that one."""
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        other = verdict.saved
        if other is None or verdict.new is not None:
            return False
        from certtui.widgets.dialogs import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.field("csr").put(str(other.id))
                self.do_form_save()

        lines = [f"This certificate has the public key of the saved CSR “{other.name}”, not of the one chosen."]
        self.app.push_screen(Confirm("It belongs to another CSR", lines, f"Give it to “{other.name}”"), answered)
        return True

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, AddVerdict)  # noqa: S101  # made by judge
        if not verdict.ask:
            self._store(verdict)
            return
        from certtui.widgets.dialogs import Confirm

        self.app.push_screen(
            Confirm("Add without a private key", [verdict.ask], "Add without"),
            lambda yes: self._store(verdict) if yes else self.resume(),
        )

    def _store(self, verdict: AddVerdict, reason: str = "") -> None:
        backend = self.backend
        new, request, chosen = verdict.new, verdict.request, verdict.saved

        def refused(error: CerttuiError) -> None:
            from certtui.screens.policy_reason import stopped_by_policy

            def again(why: str) -> None:
                self._store(verdict, why)

            if not stopped_by_policy(self, error, again=again, cancelled=self.resume, label="Add"):
                self.refused(error)

        if request is not None:
            with_key(
                self,
                lambda: backend.csrs.create(request),
                done=self._made,
                failed=refused,
                cancelled=self.resume,
                why="A new private key is sealed by the store key.",
            )
            return
        assert new is not None, "a verdict without a fault has something to save"  # noqa: S101
        new = replace(new, reason=reason)

        def add() -> AddOutcome:
            if chosen is not None:
                return backend.csrs.complete(chosen.id, chosen.version, new)
            return backend.certificates.add([new])[0]

        if new.key is None:
            self.work(add, done=self._added, failed=refused)
        else:
            with_key(
                self,
                add,
                done=self._added,
                failed=refused,
                cancelled=self.resume,
                why="The private key is sealed by the store key.",
            )

    def _added(self, outcome: AddOutcome) -> None:
        self.saved(what_became(outcome), outcome.id)

    def _made(self, csr: SavedCsr) -> None:
        from certtui.screens.csr import CsrScreen

        self.let_go()
        self.app.switch_screen(CsrScreen(csr))

    def refused(self, error: CerttuiError) -> None:
        super().refused(error)
        self.changed(at_once=True)


def what_became(outcome: AddOutcome) -> str:
    """One sentence of what adding did."""
    missing = f" The chain lacks “{short_name(outcome.missing_issuer)}”." if outcome.missing_issuer else ""
    if outcome.created:
        return f"Added {outcome.name}{', with its private key' if outcome.key_attached else ''}.{missing}"
    if outcome.key_attached:
        return f"{outcome.name} was there already; its private key was attached.{missing}"
    return f"{outcome.name} was there already; nothing was added.{missing}"


def _for(methods: str, part: Field | Pair) -> Field | Pair:
    """A part of the form that shows with these methods."""
    part.add_class("part", *(f"m-{method}" for method in methods.split()))
    return part


def _line() -> LineInput:
    return LineInput()


def _line_of(csr: SavedCsr) -> str:
    names = f"{csr.common_name or csr.subject}" + (f" +{len(csr.sans) - 1}" if len(csr.sans) > 1 else "")
    return f"{csr.name:<24.24} {names:<30.30} {csr.key_algorithm:<9} {csr.created_at:%Y-%m-%d}"
