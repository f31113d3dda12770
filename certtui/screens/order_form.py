"""The form of an order: what to ask of which authority. Kept while it is typed, saved as a draft at any time, previewed before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from certtui.errors import CerttuiError
from certtui.model.csr import KEY_TYPES
from certtui.model.order import OrderStatus
from certtui.model.order_like import form_like
from certtui.screens.form import FormScreen
from certtui.screens.order_judge import UPLOADED, OrderVerdict, OrderWorld, judge_order
from certtui.screens.order_prefill import survey, typed_of
from certtui.screens.order_sending import Aim, Sending
from certtui.screens.renewal_keys import RENEWAL_KEYS
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.pick_line import PickLine
from certtui.widgets.text_box import TextBox

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.given import Reader
    from certtui.model.authority import AuthorityCapabilities
    from certtui.model.certificate import Certificate
    from certtui.model.order import Order, OrderForm, OrdersOverview
    from certtui.screens.associate import Association
    from certtui.screens.base import Place

SANS = "one per line: www.example.com, IP:10.0.0.7, EMAIL:…, URI:…"
IN_THE_CSR = ("key_type", "csr", "common_name", "sans", "organization", "unit", "locality", "state", "country", "email")
ASKED = ("authority", "template", "days")
"""What the authority was told besides the CSR."""
TITLES = {
    "again": "Send again",
    "edit": "Edit the order",
    "renew": "Order a replacement",
    "clone": "Order the same again",
}


class OrderFormScreen(FormScreen):
    """One form for a new order, a clone, a replacement, an edit and sending again: `aim` says which."""

    TITLE = "New order"
    KIND = "order"
    SAVE_WORD = "preview"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form", "order-form")

    DEFAULT_CSS = """
    OrderFormScreen .part { height: auto; }
    OrderFormScreen #labels { height: auto; margin-top: 1; }
    OrderFormScreen #request { height: auto; margin-top: 1; }
    """

    def __init__(self, aim: Aim | None = None) -> None:
        super().__init__()
        self._aim = aim or Aim()
        subject = self._aim.order or self._aim.certificate
        if subject is not None:
            self.title = TITLES[self._aim.kind]
            # A form for another purpose must not come back here.
            self.KIND = f"order.{self._aim.kind}.{subject.id}"
        self._sending: Sending | None = None
        self._reader: Reader | None = None
        self._capabilities: dict[str, AuthorityCapabilities | None] = {}
        self._renew_days: dict[str, int] = {}
        self._may_add = ""
        self._goal = "submit"
        self._laid: tuple[str, str] | None = None

    def fields(self) -> ComposeResult:
        yield Field("authority", "Authority", ChoiceRow([]))
        yield Field("template", "Template", ChoiceRow([]))
        yield Field("key_type", "Key", ChoiceRow([]))
        yield Field("csr", "CSR", MaterialInput(placeholder="a path, or paste the request here"))
        with Vertical(id="request"):
            yield Field("common_name", "Common name", LineInput())
            yield Field("sans", "Names (SANs)", TextBox(placeholder=SANS))
            yield Pair(Field("organization", "Organization", LineInput()), Field("unit", "Unit", LineInput()))
            yield Pair(Field("locality", "Locality", LineInput()), Field("state", "State", LineInput()))
            yield Pair(Field("country", "Country", LineInput()), Field("email", "E-mail", LineInput()))
        with Vertical(id="labels"):
            yield Pair(Field("days", "Valid (days)", LineInput()), Field("auto_renew", "Renew (days)", LineInput()))
            yield Field("keep_key", "Renewal key", ChoiceRow(RENEWAL_KEYS))
            yield Pair(Field("name", "Name", LineInput()), Field("group", "Group", LineInput()))
            yield Pair(Field("description", "Description", LineInput()), Field("contact", "Contact", LineInput()))
            yield Field("resources", "Used by", PickLine(empty="none; enter picks"))

    def about(self) -> str:
        subject = self._aim.order or self._aim.certificate
        return "" if subject is None else subject.row.common_name or subject.row.name

    @property
    def fixed(self) -> bool:
        """Whether what is in the CSR can't be changed."""
        order = self._aim.order
        return self._aim.kind == "edit" and order is not None and order.row.status is not OrderStatus.DRAFT

    @property
    def sent(self) -> bool:
        """Whether the authority has the request already: then only what is kept here can be changed."""
        order = self._aim.order
        return self.fixed and order is not None and order.row.submitted_at is not None

    # -- the start -----------------------------------------------------------------------------------------------

    def ready(self) -> None:
        # The authorities come first, so that a kept form finds the one that was chosen.
        backend, aim = self.backend, self._aim
        self._sending = Sending(backend.orders, aim)
        self.work(
            lambda: survey(backend, aim),
            done=lambda found: self._surveyed(*found),
            failed=self._not_surveyed,
            key="survey",
        )

    def _not_surveyed(self, error: CerttuiError) -> None:
        self.fail(error)
        super().ready()

    def _surveyed(
        self,
        overview: OrdersOverview,
        capabilities: dict[str, AuthorityCapabilities | None],
        renew_days: dict[str, int],
        resources: list[tuple[int, str]],
    ) -> None:
        self._capabilities, self._may_add = capabilities, overview.may_add_authority
        self._renew_days = renew_days
        form, names = self._given(), overview.authorities
        if form is not None and self._aim.kind == "edit" and form.authority and form.authority not in names:
            names = (*names, form.authority)  # disabled since: it stays what it is until somebody chooses another
        self._row("authority").offer([(name, name) for name in names])
        if form is not None:
            self.field("authority").put(form.authority)
            self._lay()
            self.put_back(typed_of(form, resources))
        self._lay()
        super().ready()

    def _given(self) -> OrderForm | None:
        aim = self._aim
        if aim.order is not None:
            return aim.order.form if aim.kind == "edit" else replace(aim.order.form, reason="", reference="")
        return None if aim.certificate is None else form_like(aim.certificate)

    def begin(self) -> None:
        from certtui.given import Reader

        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        self._reader = Reader(inspect)
        if self.fixed:
            for name in (
                "key_type",
                "csr",
                "common_name",
                "sans",
                "organization",
                "unit",
                "locality",
                "state",
                "country",
                "email",
            ):
                self.field(name).editor.disabled = True
            self.field("name").focus_editor()
        elif len(self._capabilities) > 1:
            self.field("authority").focus_editor()
        else:
            self.field("common_name").focus_editor()

    # -- what depends on the choices -----------------------------------------------------------------------------

    def changed(self, *, at_once: bool = False) -> None:
        self._lay()
        super().changed(at_once=at_once)

    def on_pick_line_changed(self) -> None:
        self.changed()

    def _lay(self) -> None:
        """Offer what the chosen authority can do; hide what it decides."""
        now = (self.field("authority").value, self.field("key_type").value)
        if now == self._laid:
            self._lay_days(self._capabilities.get(now[0]))
            return
        self._laid = now
        can = self._capabilities.get(now[0])
        templates = can.templates if can else ()
        template = self._row("template")
        before = template.value
        template.offer([(name, name) for name in templates])
        if can and before not in templates:
            template.value = can.default_template
        # Not by a class: its style would come with the next idle moment, and a `tab` before that goes astray.
        self.field("template").display = len(templates) > 1
        kinds = (can.key_types if can else ()) or KEY_TYPES
        self._row("key_type").offer(
            [("", "default"), *((kind, kind) for kind in kinds), (UPLOADED, "a CSR from elsewhere")]
        )
        self._laid = (now[0], self.field("key_type").value)
        uploaded = self._laid[1] == UPLOADED
        self.field("csr").display = uploaded and not self.fixed
        self.query_one("#request").display = not uploaded or self.fixed
        self._lay_days(can)
        renew = self.field("auto_renew").editor
        assert isinstance(renew, LineInput)  # noqa: S101  # built above
        usual = self._renew_days.get(now[0], 0)
        renew.placeholder = f"{usual} before the end; 0: no" if usual else "none"

    def _lay_days(self, can: AuthorityCapabilities | None) -> None:
        """What the validity is where nothing is typed, by the chosen template."""
        days = self.field("days").editor
        assert isinstance(days, LineInput)  # noqa: S101  # built above
        days.placeholder = _days(can, self.field("template").value)

    def _row(self, name: str) -> ChoiceRow:
        row = self.field(name).editor
        assert isinstance(row, ChoiceRow)  # noqa: S101  # built above
        return row

    def on_pick_line_asked(self, event: PickLine.Asked) -> None:
        from certtui.screens.order_resources import PickResources

        line = event.line

        def picked(answer: Association | None) -> None:
            if answer is not None:
                line.pick(answer.resources)
            line.focus()

        self.app.push_screen(PickResources(self, line.picked), picked)

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        verdict = judge_order(typed, self._world(), draft=self._goal == "draft")
        if self.fixed:
            why = "It is in the CSR: read-only while the order is pending."
            notes = {**verdict.notes, "key_type": why, "common_name": why}
            verdict = replace(verdict, notes=notes)
        if self.sent and not verdict.faults:
            verdict = replace(
                verdict, sentence="Changes what is kept here; what the authority was asked stays as it is."
            )
        return verdict

    def word_of(self, action: Action) -> str:
        if action.id == "form.save" and self.sent:
            return "save"
        return "save" if action.id == "order.to-draft" and self._aim.kind == "edit" else super().word_of(action)

    def offers(self, action: Action) -> bool:
        if (action.id == "order.to-csr" and self.fixed) or (action.id == "order.to-draft" and self.sent):
            return False
        return super().offers(action)

    def _world(self) -> OrderWorld:
        inspect, reader, aim = self.console_app.inspect, self._reader, self._aim
        assert inspect is not None, "asked before it was ready"  # noqa: S101
        assert reader is not None, "asked before it was ready"  # noqa: S101
        given = self._given()
        return OrderWorld(
            inspect,
            reader,
            self.backend.orders,
            self._capabilities,
            self._may_add,
            renews_id=given.renews_id if given is not None else None,
            reason=given.reason if given is not None else "",
            mark=given.reference if given is not None and aim.kind == "edit" else self._intent,
            fixed=given if self.fixed else None,
        )

    # -- keeping and sending -------------------------------------------------------------------------------------

    def do_form_save(self) -> None:
        """To the preview; what is wrong is shown first."""
        self._goal = "submit"
        super().do_form_save()

    def do_order_to_draft(self) -> None:
        """Keep it as an order that is not sent."""
        self._goal = "draft"
        super().do_form_save()

    def do_order_to_csr(self) -> None:
        """Make key and CSR, and ask no authority."""
        self._goal = "generate"
        super().do_form_save()

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, OrderVerdict)  # noqa: S101  # made by judge
        form, sending = verdict.form, self._sending
        assert form is not None, "a verdict without a fault has a form"  # noqa: S101
        assert sending is not None, "it opens with the backend"  # noqa: S101
        goal, self._goal = self._goal, "submit"
        if goal == "draft" or (
            self.fixed and self._aim.order is not None and self._aim.order.row.submitted_at is not None
        ):
            self.work(lambda: sending.keep(form), done=self._kept, failed=self.refused)
            return
        from certtui.screens.order_command import command_of, retry_of
        from certtui.screens.order_preview import OrderPreviewScreen

        self.resume()
        match self._aim.kind, self._aim.order:
            case "again", order if order is not None:
                command = retry_of(form, order)
            case "edit", order if order is not None:
                command = f"certtui order {goal} {order.id}"
            case _:
                command = command_of(form, goal)
        self.app.push_screen(OrderPreviewScreen(form, sending, goal, self._intent, command), self._sent)

    def _keep_order(self, form: OrderForm) -> None:
        sending = self._sending
        assert sending is not None, "it opens with the backend"  # noqa: S101

        def refused(error: CerttuiError) -> None:
            from certtui.screens.policy_reason import stopped_by_policy

            def again(reason: str) -> None:
                self._keep_order(replace(form, reason=reason))

            if not stopped_by_policy(self, error, again=again, cancelled=self.resume):
                self.refused(error)

        self.work(lambda: sending.keep(form), done=self._kept, failed=refused)

    def _kept(self, order: Order) -> None:
        what = "The draft order" if order.row.status is OrderStatus.DRAFT else "The order"
        self._go_on(order, f"{what} for {order.row.common_name or order.row.name} is saved.")

    def _sent(self, order: object) -> None:
        from certtui.model.order import Order

        if isinstance(order, Order):
            self._go_on(order, "")

    def _go_on(self, order: Order, sentence: str) -> None:
        """To the page of the order; that of the order edited lies below already."""
        from certtui.screens.order_page import OrderScreen

        self.let_go()
        under = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        tell = getattr(under, "ordered", None)
        if self._aim.kind == "edit" and isinstance(under, OrderScreen):
            self.app.pop_screen()
            if sentence:
                under.say(sentence, "ok")
            return
        if tell is not None and not isinstance(under, OrderScreen):
            tell(order.id)
        page = OrderScreen(order.id)
        self.app.switch_screen(page)
        if sentence:
            page.call_after_refresh(page.say, sentence, "ok")

    def refused(self, error: CerttuiError) -> None:
        from certtui.errors import Invalid
        from certtui.screens.order_judge import FIELDS

        if isinstance(error, Invalid) and error.field in FIELDS:
            error.field = FIELDS[error.field]
        super().refused(error)

    def leave(self, sentence: str = "", certificate_id: int | None = None) -> None:
        sending = self._sending
        if not sentence and sending is not None and sending.order is not None and self._aim.kind != "edit":
            sentence = f"Order {sending.order.id} is kept as it stands: {sending.order.row.status}."
        super().leave(sentence, certificate_id)


def order_replacement(screen: Place, certificate_id: int) -> None:
    """The form for an order that is to take a certificate's place; of an entry that waits, the page of its order."""

    def show(found: Certificate) -> None:
        if found.x509 is None and found.order_id is not None:
            screen.open_screen("certtui.screens.order_page:OrderScreen", found.order_id)
        elif found.x509 is None:
            screen.say("There is no certificate yet that could be replaced.", "warn")
        elif found.x509.is_ca:
            screen.say(
                "A CA is not ordered like a certificate: the place Authorities makes CAs, and rolls them over.", "warn"
            )
        else:
            screen.app.push_screen(OrderFormScreen(Aim("renew", certificate=found)))

    screen.work(lambda: screen.backend.certificates.get(certificate_id), done=show, key="target")


def _days(can: AuthorityCapabilities | None, template: str) -> str:
    default, most = can.days_of(template) if can is not None else (None, None)
    if default is None:
        return "as the authority says"
    return f"{default}, at most {most}" if most else str(default)
