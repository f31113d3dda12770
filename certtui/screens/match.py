"""*Does this belong together?*: keys, certificates, requests and chains, files and stored ones, judged against each other. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from certtui import given_stored
from certtui.errors import CerttuiError, NotFound, PasswordNeeded
from certtui.given import Absent, Given
from certtui.model.match import MatchPart, MatchReport, with_validity
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.text import clipped
from certtui.widgets.form_field import Field
from certtui.widgets.line import Lines, Part
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.source_list import SourceList

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.given import Reader
    from certtui.given_stored import Stored
    from certtui.model.x509 import Material

PASTE = "pasted "
"""How a paste is called in the list, with its number."""


@dataclass(slots=True)
class _Looked:
    """What was found while the parts were read one after the other."""

    materials: list[Material] = field(default_factory=list)
    stored: dict[str, Stored] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def wrong(self, field_name: str, error: CerttuiError) -> None:
        """Beside what is wrong there already."""
        before = self.problems.get(field_name, "")
        self.problems[field_name] = f"{before} {error}".strip()


@dataclass(frozen=True, slots=True)
class MatchVerdict(Verdict):
    """The answer, as far as everything could be read."""

    report: MatchReport | None = None


class MatchScreen(FormScreen):
    """Two things or more; the answer changes with what is given."""

    TITLE = "Does this belong together?"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form", "match")

    DEFAULT_CSS = """
    MatchScreen .passphrase { display: none; }
    MatchScreen .passphrase.-shown { display: block; }
    MatchScreen #parts { margin-top: 1; }
    """

    def __init__(self, *given: str) -> None:
        """What is given already stands in the list."""
        super().__init__()
        self._first = given
        self._reader: Reader | None = None
        self._stored: dict[str, Stored] = {}
        self._pastes: dict[str, Given] = {}

    def fields(self) -> ComposeResult:
        yield Field(
            "part", "Add", MaterialInput(placeholder="a path, cert:NAME, container:REF, secret:NAME, or paste PEM")
        )
        yield Field(
            "sources", "Compare", SourceList(empty="nothing yet: key, certificate, CSR, chain, PFX", chosen=True)
        )
        yield Field("password", "Password", LineInput(password=True), classes="passphrase")
        yield Lines(id="parts")

    def begin(self) -> None:
        from certtui.given import Reader

        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        self._reader = Reader(inspect)
        for name in self._first:
            self._sources.add(name)
        self.field("part").focus_editor()

    @property
    def _sources(self) -> SourceList:
        editor = self.field("sources").editor
        assert isinstance(editor, SourceList)  # noqa: S101  # built above
        return editor

    # -- giving --------------------------------------------------------------------------------------------------

    def entered(self, line: Input) -> bool:
        path = line.value.strip()
        if line is not self.field("part").editor or not path:
            return False
        if self.verdict is None or self.verdict.problems.get("part"):
            return True
        if absent := self.verdict.absent.get("part"):
            self.say(absent, "warn")
        else:
            self._take(path)
        return True

    def pasted(self, line: MaterialInput) -> bool:
        if line.held is None:
            return False
        name = f"{PASTE}{len(self._pastes) + 1}"
        self._pastes[name] = Given(paste=line.held, what=name)
        self._take(name)
        return True

    def on_source_list_taken(self, event: SourceList.Taken) -> None:
        self._sources.drop(event.path)
        self.changed()

    def _take(self, name: str) -> None:
        if name not in self._sources.paths:
            self._sources.add(name)
        self.field("part").put("")
        self.changed()

    def _browsed(self, field: Field, path: str | None) -> None:
        super()._browsed(field, None)
        if path is not None:
            self._take(path)

    # -- judging -------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        looked = _Looked()
        listed = [line for line in typed.value("sources").splitlines() if line]
        for name in listed:
            self._look_at(name, "sources", typed, looked)
        if line := typed.value("part"):
            self._look_at(line, "part", typed, looked)
        given = len(listed) + bool(line)
        nothing: dict[str, str] = {}
        beside = (looked.problems, nothing, looked.notes, looked.absent)
        if not given:
            return MatchVerdict("Nothing is stored and nothing leaves this machine.", *beside)
        if not looked.materials:
            return MatchVerdict("Nothing could be read yet.", *beside)
        parts = [part for one in looked.stored.values() for part in one.parts]
        report = with_validity(
            inspect.match(looked.materials, parts),
            self.console_app.clock.now(),
            more=[said for one in looked.stored.values() for said in one.unfit],
            judged=[name for name, one in looked.stored.items() if one.judged],
        )
        if given == 1 and len(report.parts) < 2:
            return MatchVerdict("One part; give what it is to be compared with.", *beside, report=report)
        unread = " Not everything could be read." if any((looked.problems, looked.notes, looked.absent)) else ""
        answer = "Yes." if report.matches and not unread else "No." if not report.matches else "As far as it goes:"
        return MatchVerdict(f"{' '.join((answer, report.summary, *report.unfit))}{unread}", *beside, report=report)

    def _look_at(self, name: str, field_name: str, typed: Typed, looked: _Looked) -> None:
        """Read one part, in a thread."""
        assert self._reader is not None, "asked before it was ready"  # noqa: S101
        try:
            if given_stored.is_stored(name):
                if name not in looked.stored:
                    looked.stored[name] = self._stored_part(name)
                    looked.materials.append(looked.stored[name].material)
                return
            looked.materials.append(self._reader.read(self._pastes.get(name, Given(name)), typed.password("password")))
        except PasswordNeeded as error:
            where = looked.problems if error.wrong else looked.notes
            where["password"] = f"{name}: {error.message}"
        except (Absent, NotFound) as error:
            if field_name == "part":
                looked.absent[field_name] = str(error)
            else:
                looked.wrong(field_name, error)
        except CerttuiError as error:
            looked.wrong(field_name, error)

    def _stored_part(self, name: str) -> Stored:
        """What is stored is asked for once; `ctrl+r` asks again."""
        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        found = self._stored.get(name)
        if found is None:
            found = self._stored[name] = given_stored.read(self.backend, inspect, name)
        return found

    def judged(self, verdict: Verdict) -> None:
        assert isinstance(verdict, MatchVerdict)  # noqa: S101  # made by judge
        asked = "password" in verdict.problems or "password" in verdict.notes or bool(self.field("password").value)
        self.field("password").set_class(asked, "-shown")
        parts = verdict.report.parts if verdict.report else ()
        width = max(40, self.size.width - 3)
        self.query_one("#parts", Lines).show([line for part in parts for line in _lines_of(part, width)])

    def offers(self, action: Action) -> bool:
        return action.id not in ("form.save", "form.method") and super().offers(action)

    def do_form_clear(self) -> None:
        self._pastes.clear()
        self._stored.clear()
        super().do_form_clear()

    def do_match_copy(self) -> None:
        from certtui.screens.copy_text import copy

        verdict = self.verdict
        if isinstance(verdict, MatchVerdict) and verdict.report:
            lines = [verdict.sentence, *("  ".join(_words_of(part)) for part in verdict.report.parts)]
            copy(self, "Answer", "\n".join(lines))
        else:
            self.say("There is no answer yet.")


def _words_of(part: MatchPart) -> tuple[str, ...]:
    return (
        "fits" if part.ok else "wrong",
        part.kind,
        part.label,
        f"key sha256:{part.identity[:16]}…",
        part.path,
        part.problem,
    )


def _lines_of(part: MatchPart, width: int) -> list[list[Part]]:
    """What a part is; and below it what is wrong, wrapped."""
    name = part.path.rpartition("/")[2] or part.path
    head: list[Part] = [
        ("fits   " if part.ok else "wrong  ", "ok" if part.ok else "bad"),
        (f"{part.kind:<12}", ""),
        (f"{clipped(part.label, 30):<31}", "accent"),
        (f"sha256:{part.identity[:8]}…  ", "dim"),
        (name, "dim"),
    ]
    if not part.problem:
        return [head]
    import textwrap

    return [head, *([(f"       {line}", "bad")] for line in textwrap.wrap(part.problem, max(20, width - 8)))]
