"""The base of all form screens: fields that are checked while one types, kept while unsaved, saved by one key.

A subclass gives `fields`, `judge` (called in a thread with what is typed) and `save` (called with a verdict that found
nothing wrong). What is typed is kept through `certtui.forms` and comes back the next time, also after a lost terminal.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, TextArea

from certtui import intent
from certtui.errors import CerttuiError
from certtui.screens.base import Place
from certtui.screens.form_browse import BrowsesForFiles
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.actions import Action
    from certtui.forms import Draft, Drafts
    from certtui.work import Job

T = TypeVar("T")

_INTENT = "_intent"
PAUSE = 0.15
"""Seconds without a key after which what is typed is checked and kept."""


class FormScreen(BrowsesForFiles):
    """A page with a form. It stays as it is until something was saved or let go."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")
    KIND: str = ""
    """The name under which `certtui.forms` keeps it; "" for a form that is not worth keeping."""
    SAVE_WORD: ClassVar[str] = ""
    """What saving is called in the key line, where that is not saving."""

    DEFAULT_CSS = """
    FormScreen #middle { layout: vertical; }
    FormScreen #form { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    FormScreen #sentence { height: auto; max-height: 5; padding: 0 1; border-top: solid $border-blurred; }
    FormScreen .gap { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.verdict: Verdict | None = None
        self._blank: Typed | None = None
        self._pause = threading.Event()
        self._keeping = threading.Lock()
        self._finished = False
        self._saving = False
        self._insisting = False
        """Somebody wanted to save what stands there now."""
        self._asked = False
        """Somebody wanted to save: what is missing is said from now on."""
        self._drafts: Drafts | None = None
        self._fields: dict[str, Field] = {}
        self._intent = intent.new()
        """Kept with what is typed: saving it is one act, however often it has to be sent (`certtui.intent`)."""

    # -- for subclasses ------------------------------------------------------------------------------------------

    def fields(self) -> ComposeResult:
        """The fields, top to bottom."""
        yield from ()

    def judge(self, typed: Typed) -> Verdict:
        """Look at what is typed; in a thread."""
        raise NotImplementedError

    def save(self, verdict: Verdict) -> None:
        """Do it; nothing is wrong or missing. `saved` or `refused` must be called in the end."""
        raise NotImplementedError

    def judged(self, verdict: Verdict) -> None:
        """A check has come back: whatever else than sentences depends on it."""

    def begin(self) -> None:
        """The backend is open, before a kept form is put back."""

    # Textual calls the handlers of every class of a widget, so a subclass answers here instead of having its own.

    def entered(self, line: Input) -> bool:
        """Enter in a line: whether the subclass has dealt with it; else it goes to the next field."""
        return False

    def pasted(self, line: MaterialInput) -> bool:
        """Something was pasted or cleared: whether the subclass has dealt with it; else it is checked."""
        return False

    # -- the fields ----------------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        with VerticalScroll(id="form", can_focus=False):
            yield from self.fields()
        yield SafeText("", id="sentence")

    @property
    def all_fields(self) -> dict[str, Field]:
        """The fields by name; found once, since a query walks the whole screen and this is asked at every key."""
        if not self._fields:
            self._fields = {field.field: field for field in self.query(Field)}
        return self._fields

    def field(self, name: str) -> Field:
        """A field by its name; KeyError if there is none (a mistake in the program)."""
        return self.all_fields[name]

    @property
    def sentence(self) -> str:
        """What would happen, as it stands at the bottom; raw."""
        return self.query_one("#sentence", SafeText).raw

    def typed(self) -> Typed:
        """All fields as they are now."""
        fields = list(self.all_fields.values())
        pastes = {field.field: field.paste for field in fields if field.paste is not None}
        return Typed({field.field: field.value for field in fields}, pastes)

    @property
    def touched(self) -> bool:
        """Whether anything differs from the empty form."""
        return self._blank is not None and self.typed() != self._blank

    def work(
        self,
        func: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[CerttuiError], object] | None = None,
        key: str = "",
        to_the_end: bool = False,
    ) -> Job:
        """As on every screen; what it changes belongs to this form, so that saving it again does nothing twice."""

        def within() -> T:
            with intent.of(self._intent):
                return func()

        return super().work(within, done=done, failed=failed, key=key, to_the_end=to_the_end)

    # -- the start -----------------------------------------------------------------------------------------------

    def ready(self) -> None:
        self.begin()
        self._blank = self.typed()
        if not self.KIND:
            self.changed()
            return
        from certtui.forms import Drafts

        info, store = self.backend.info, self.backend.store
        self._drafts = drafts = Drafts(
            info.name, info.place, clock=self.console_app.clock, seal=store.seal, unseal=store.unseal
        )
        self.work(lambda: drafts.load(self.KIND), done=self._restored, key="draft")

    def _restored(self, draft: Draft | None) -> None:
        if draft is not None and not self.touched:
            fields = dict(draft.fields)
            self._intent = fields.pop(_INTENT, self._intent)
            self.put_back(Typed(fields, dict(draft.secrets)))
            when = (
                draft.saved_at[11:16]
                if draft.saved_at[:10] == f"{self.console_app.clock.now():%Y-%m-%d}"
                else draft.saved_at[:16].replace("T", " ")
            )
            lost = [name for name in draft.lost if name in self.all_fields]
            said = (
                f" Without what was pasted under {' and '.join(map(self._label, lost))}, which only an unlocked store keeps."
                if lost
                else ""
            )
            key = self.console_app.keys.label("form.clear")
            self.say(f"Your form from {when} UTC is back.{said} {key} starts afresh.")
        self.changed()

    def put_back(self, typed: Typed) -> None:
        """Fill the fields."""
        for field in self.all_fields.values():
            if field.field in typed.values or field.field in typed.pastes:
                field.put(typed.values.get(field.field, ""), typed.pastes.get(field.field))

    def _label(self, name: str) -> str:
        return next((field.label for field in self.all_fields.values() if field.field == name), name)

    # -- checking and keeping ------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        self.changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        self.changed()

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        self.changed()

    def on_material_input_held(self, event: MaterialInput.Held) -> None:
        if not self.pasted(event.line):
            self.changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.entered(event.input):
            self.app.action_focus_next()

    def changed(self, *, at_once: bool = False) -> None:
        """Something was typed: check it once there is a pause, and keep it."""
        if self._blank is None or self._finished:
            return
        self._insisting = False
        self._pause.set()
        self._pause = pause = threading.Event()
        typed = self.typed()
        wait = 0 if at_once else PAUSE

        def look() -> Verdict | None:
            if wait and pause.wait(wait):
                return None
            self._keep(typed)
            return self.judge(typed)

        self.work(look, done=self._looked, failed=self._not_looked, key="judge")

    def _keep(self, typed: Typed) -> None:
        with self._keeping:
            if self._drafts is None or self._finished:
                return
            if typed == self._blank:
                self._drafts.discard(self.KIND)
            else:
                self._drafts.save(self.KIND, {**typed.values, _INTENT: self._intent}, typed.pastes)

    def _forget(self) -> None:
        with self._keeping:
            if self._drafts is not None:
                self._drafts.discard(self.KIND)

    def _looked(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            self._show(verdict)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if self.verdict is not None and self.verdict.absent and not self._finished:
            self.call_after_refresh(self._show, self.verdict)

    def _not_looked(self, error: CerttuiError) -> None:
        self._saving = False
        self.query_one("#sentence", SafeText).say(str(error))

    def _show(self, verdict: Verdict) -> None:
        self.verdict = verdict
        for field in self.all_fields.values():
            name = field.field
            problem = verdict.problems.get(name) or (verdict.missing.get(name, "") if self._asked else "")
            if not problem and (self._insisting or not field.editor.has_focus):
                problem = verdict.absent.get(name, "")
            field.say(problem or verdict.notes.get(name, ""), problem=bool(problem))
        self.query_one("#sentence", SafeText).say(verdict.sentence)
        self.judged(verdict)

    # -- saving --------------------------------------------------------------------------------------------------

    def do_form_save(self) -> None:
        """Check what stands there now, then save it, or show where it is wrong."""
        if self._saving or self._finished:
            return
        self._saving = True
        self._pause.set()
        typed = self.typed()
        # A key of its own: a check that a late change starts must not take the place of this one.
        self.work(lambda: self._kept_and_judged(typed), done=self._to_save, failed=self._not_looked, key="save")

    def _kept_and_judged(self, typed: Typed) -> Verdict:
        self._keep(typed)
        return self.judge(typed)

    def _to_save(self, verdict: Verdict) -> None:
        self._asked = self._insisting = True
        self._show(verdict)
        faults = verdict.faults
        if not faults:
            self.save(verdict)
            return
        self._saving = False
        # The first in the order of the form, which is not that in which things were found out.
        name = next((name for name in self.all_fields if name in faults), "")
        if self.faulty(verdict, name):
            return
        if not name:
            self.say(next(iter(faults.values())), "warn")
            return
        field = self.field(name)
        self.say(f"Not saved: look at {field.label}.", "warn")
        field.focus_editor()
        field.scroll_visible(animate=False)

    def faulty(self, verdict: Verdict, name: str) -> bool:
        """Something is wrong: whether the subclass deals with it in its own way."""
        return False

    def refused(self, error: CerttuiError) -> None:
        """Saving did not work; what is typed stays."""
        self._saving = False
        field = getattr(error, "field", "")
        for each in self.all_fields.values():
            if field and each.field == field:
                each.say(str(error), problem=True)
                each.focus_editor()
        self.fail(error)

    def resume(self) -> None:
        """The person thought better of it; what is typed stays."""
        self._saving = False

    def saved(self, sentence: str, certificate_id: int | None = None) -> None:
        """It is done: forget the kept form, leave, and say it where the person stands then."""
        self.let_go()
        self.leave(sentence, certificate_id)

    def let_go(self) -> None:
        """Keep this form no longer."""
        self._finished = True
        self._pause.set()
        self.work(self._forget, done=lambda _: None, key="forget")

    def word_of(self, action: Action) -> str:
        return self.SAVE_WORD if action.id == "form.save" and self.SAVE_WORD else super().word_of(action)

    # -- other acts ----------------------------------------------------------------------------------------------

    def do_form_clear(self) -> None:
        """Empty the form."""
        if self._blank is not None and not self._saving:
            self._asked = False
            self._intent = intent.new()
            self.put_back(self._blank)
            self.changed()
            # The field one was in may be hidden now, and keys would go nowhere.
            next(iter(self.all_fields.values())).focus_editor()

    def do_app_back(self) -> None:
        """Leave; a form with something in it asks whether to keep it."""
        if not self.KIND or not self.touched or self._finished:
            self.leave()
            return
        from certtui.widgets.dialogs import Choose

        options = [
            ("keep", "Keep it as a draft: it is back when you come again"),
            ("discard", "Discard it"),
            ("on", "Go on with it"),
        ]
        self.app.push_screen(Choose("Leave this form", options), self._leaving)

    def _leaving(self, answer: str | None) -> None:
        match answer:
            case "keep":
                self._keep(self.typed())
                self._finished = True
                self.leave()
            case "discard":
                self.let_go()
                self.leave()
            case _:
                return

    def leave(self, sentence: str = "", certificate_id: int | None = None) -> None:
        """Off this screen, without another question; where the person stands then is told what was done."""
        self._pause.set()
        self.app.pop_screen()
        under = self.app.screen
        if isinstance(under, Place):
            if sentence:
                under.say(sentence, "ok")
            if certificate_id is not None:
                under.made(certificate_id)
