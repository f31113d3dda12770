"""Before an order is sent: what the authority will be asked, what policies say, and a word where one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult

from certtui import intent
from certtui.errors import CerttuiError, PolicyRefused, ReasonNeeded
from certtui.model.order import OrderStatus
from certtui.screens.base import Place
from certtui.screens.order_command import with_reason
from certtui.screens.order_items import panel_item
from certtui.screens.order_words import finding_text, finding_word
from certtui.screens.unlock import with_key
from certtui.widgets.dialogs import Message, as_typed
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from textual.widgets import Input

    from certtui.actions import Action
    from certtui.model.order import Order, OrderForm, OrderPreview, Preflight
    from certtui.model.policy import PolicyFinding
    from certtui.screens.order_sending import Sending
    from certtui.work import Job

T = TypeVar("T")


class OrderPreviewScreen(Place):
    """Answers the order as it is after the act (`submit` or `generate`), None when nothing was done."""

    TITLE = "Before it is sent"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "lines", "form", "order-preview")

    DEFAULT_CSS = """
    OrderPreviewScreen #middle { layout: vertical; }
    OrderPreviewScreen #reason { display: none; padding: 0 1; border-top: solid $border-blurred; }
    OrderPreviewScreen #reason.-asked { display: block; }
    OrderPreviewScreen #sentence { height: auto; max-height: 4; padding: 0 1; border-top: solid $border-blurred; }
    OrderPreviewScreen #command { height: auto; max-height: 3; padding: 0 1; color: $certtui-dim; }
    """

    def __init__(
        self, form: OrderForm, sending: Sending, act: str = "submit", mark: str = "", command: str = ""
    ) -> None:
        super().__init__()
        self._form = form
        self._sending = sending
        self._act = act
        self._mark = mark or intent.new()
        self._command = command
        self._preview: OrderPreview | None = None
        self._findings: tuple[PolicyFinding, ...] = ()
        self._busy = False

    def content(self) -> ComposeResult:
        yield FieldView()
        with Field(
            "reason", "Why", LineInput(self._form.reason, placeholder="a word that stays with the order")
        ) as field:
            field.id = "reason"
        yield SafeText("Asking what it would be …", id="sentence")
        yield SafeText(self._typed(self._form.reason), id="command")

    def _typed(self, reason: str) -> str:
        return f"$ {as_typed(self.app, with_reason(self._command, reason.strip()))}" if self._command else ""

    def about(self) -> str:
        form = self._form
        return form.subject.common_name or (form.sans[0].partition(":")[2] if form.sans else form.labels.name)

    @property
    def view(self) -> FieldView:
        return self.query_one(FieldView)

    def work(
        self,
        func: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[CerttuiError], object] | None = None,
        key: str = "",
        to_the_end: bool = False,
    ) -> Job:
        """What it changes belongs to the form that it is of: sending that again does nothing twice."""

        def within() -> T:
            with intent.of(self._mark):
                return func()

        return super().work(within, done=done, failed=failed, key=key, to_the_end=to_the_end)

    # -- what it would be ----------------------------------------------------------------------------------------

    def ready(self) -> None:
        self.bind_table(self.view)
        self.view.focus()
        form = self._form
        self.query_one("#command").display = bool(self._command)
        self.work(
            lambda: self.backend.orders.preview(form), done=self._previewed, failed=self._not_previewed, key="preview"
        )

    def _previewed(self, preview: OrderPreview) -> None:
        self._preview = preview
        self._findings = preview.findings
        self._lay()

    def _not_previewed(self, error: CerttuiError) -> None:
        self.view.show([sentence(error.message, "bad"), sentence(error.hint)])
        self.query_one("#sentence", SafeText).say(f"Nothing is sent. {self._back()}")

    def _lay(self) -> None:
        preview = self._preview
        if preview is None:
            return
        items: list[Item] = []
        if preview.problems:
            items += [*(sentence(each, "bad") for each in preview.problems), blank()]
        items += [heading("What is asked"), *map(panel_item, preview.lines), blank(), heading("What policies say")]
        if not self._findings:
            items.append(sentence("Nothing against it."))
        for finding in self._findings:
            word, style = finding_word(finding)
            items.append(Item(word, finding_text(finding), style))
        self.view.show(items, keep=True)
        asked = any(finding.needs_reason for finding in self._findings) and not self._refused()
        field = self.query_one("#reason", Field)
        field.set_class(asked, "-asked")
        if asked and not field.value:
            field.focus_editor()
        self._tell()
        self.refresh_frame()

    def _refused(self) -> bool:
        return any(finding.outcome == "hard" for finding in self._findings)

    def _obstacle(self) -> str:
        """Why it can't be sent as it is, or ""."""
        if self._preview is None:
            return "What it would be is not known yet."
        hard = next((each for each in self._findings if each.outcome == "hard"), None)
        if hard is not None:
            return f"Refused by the policy {hard.policy_name}: {hard.message}"
        return self._preview.problems[0] if self._preview.problems and self._act == "submit" else ""

    def _tell(self) -> None:
        obstacle = self._obstacle()
        key = self.console_app.keys.label("form.save")
        doubtful = (
            next((line for line in self._preview.lines if line.mark == "problem"), None) if self._preview else None
        )
        if obstacle:
            said = f"{obstacle} {self._back()}"
        elif doubtful is not None:
            said = f"{doubtful.label}: {doubtful.text} It is likely to be refused; {key} {self._will()} all the same."
        elif any(finding.needs_reason for finding in self._findings):
            said = f"A policy asks why. With a word it passes, and the word is on record; {key} {self._will()}."
        else:
            said = f"{key} {self._will()}."
        self.query_one("#sentence", SafeText).say(said)

    def _will(self) -> str:
        if self._act == "generate":
            return "makes key and CSR; no authority is asked"
        return f"sends it to {self._form.authority}" if self._form.authority else "sends it"

    def _back(self) -> str:
        return f"{self.console_app.keys.label('app.back')} goes back to it."

    # -- sending -------------------------------------------------------------------------------------------------

    def word_of(self, action: Action) -> str:
        if action.id == "form.save":
            return "make CSR" if self._act == "generate" else "submit"
        return super().word_of(action)

    def offers(self, action: Action) -> bool:
        return action.id != "list.open" and super().offers(action)

    def why_not(self, action: Action) -> str:
        if action.id == "order.preflight":
            if self._preview is None:
                return "What it would be is not known yet."
            if self._busy:
                return "Something is under way."
            if self._preview.why_no_preflight:
                return self._preview.why_no_preflight
        return super().why_not(action)

    def do_order_preflight(self) -> None:
        """The same at the staging server of its authority."""
        if self._busy:
            return
        form = self._form
        self._busy = True
        self.say("Trying it at the staging server …")

        def tried(found: Preflight) -> None:
            self._free()
            self.say("")
            head = "All of it went well, and nothing of it is kept." if found.ok else "It would not go well."
            lines = [head, "", *(f"{'ok ' if each.ok else '!  '} {each.label}: {each.text}" for each in found.lines)]
            self.app.push_screen(Message(f"{self.about()} at staging", lines, danger=not found.ok))

        def failed(error: CerttuiError) -> None:
            self._free()
            self.fail(error)

        with_key(
            self, lambda: self.backend.orders.preflight(form), done=tried, failed=failed, cancelled=self._free,
            why="The account's key is sealed by the store key.",
        )  # fmt: skip

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#command", SafeText).say(self._typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.view.focus()

    def do_form_save(self) -> None:
        """Send it."""
        if self._busy:
            return
        # What a policy refuses is asked all the same: the store refuses it, and has that on record.
        refused = self._preview is not None and self._refused()
        if not refused and (obstacle := self._obstacle()):
            self.say(f"Not sent: {obstacle}", "warn")
            return
        reason = self.query_one("#reason", Field).value.strip()
        if not refused and any(finding.needs_reason for finding in self._findings) and not reason:
            self.say("Not sent: write a word why.", "warn")
            self.query_one("#reason", Field).focus_editor()
            return
        form = replace(self._form, reason=reason) if reason != self._form.reason else self._form
        self._busy = True
        watch = self.console_app.orders
        act = self._sending.generate if self._act == "generate" else self._sending.submit
        self.say("Making key and CSR …" if self._act == "generate" else "Sending it …")

        def send() -> Order:
            if watch is None:
                return act(form)
            watch.sending += 1
            try:
                return act(form)
            finally:
                watch.sending -= 1

        with_key(
            self,
            send,
            done=self._sent,
            failed=self._not_sent,
            cancelled=self._free,
            needs_key=not form.csr,
            why="A new private key is sealed by the store key.",
        )

    def _free(self) -> None:
        self._busy = False

    def _sent(self, order: Order) -> None:
        if self.console_app.orders is not None:
            self.console_app.orders.seen(order.row)
        self.dismiss(order)

    def _not_sent(self, error: CerttuiError) -> None:
        self._busy = False
        if isinstance(error, PolicyRefused | ReasonNeeded) and error.findings:
            self._findings = error.findings
            self._lay()
        if isinstance(error, PolicyRefused) and self._preview is not None and self._refused():
            order = self._sending.order
            kept = f" Order {order.id} stays a draft." if order and order.row.status is OrderStatus.DRAFT else ""
            self.say(f"Not sent: {self._obstacle()}{kept}", "warn")
            return
        self.fail(error)

    def do_app_back(self) -> None:
        self.dismiss(None)
