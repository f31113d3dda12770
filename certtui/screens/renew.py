"""Renewing now: a dialog that says what will be ordered from whom, the act, and the same for all that are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button

from certtui.errors import CerttuiError
from certtui.model.order import OrderStatus
from certtui.screens.base import Place
from certtui.screens.order_words import finding_text, finding_word
from certtui.screens.unlock import with_key
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Labelled
from certtui.widgets.safe_text import SafeText
from certtui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certtui.model.certificate import BulkOutcome, Certificate
    from certtui.model.order import Order
    from certtui.model.progress import Progress
    from certtui.renewing import RenewalPlan

TAKE, LEAVE = "take", "leave"
LABEL, WIDTH = 13, 58
"""Cells of a label and of its value, as the dialog has room for in 80."""

SHOWN = 3
"""Resources that are named."""

WHY_KEY = "A renewal makes a private key, which is sealed."


class RenewDialog(Dialog[str]):
    """Answers `TAKE` or `LEAVE` for the resources of the old one, or None where nothing is to be renewed."""

    DEFAULT_CSS = """
    RenewDialog Labelled { margin-top: 1; }
    RenewDialog .bad { color: $error; }
    RenewDialog .gap { margin-top: 1; }
    """

    def __init__(self, plan: RenewalPlan) -> None:
        row = plan.certificate.row
        super().__init__(f"Renew {row.name} now", command="" if plan.problems else f"certtui renew {row.id}")
        self._plan = plan

    def body(self) -> ComposeResult:
        plan = self._plan
        with VerticalScroll(can_focus=False):
            yield SafeText("\n".join(what(plan)))
            if plan.problems:
                yield SafeText("\n".join(plan.problems), classes="bad gap")
                yield SafeText(self._instead(), classes="gap")
        if self._may_move:
            names = [each.name for each in plan.certificate.resources if each.role == "server"]
            options = ((TAKE, f"onto {_few(names)}"), (LEAVE, "leave them as they are"))
            yield Labelled("Put it", ChoiceRow(options, current=TAKE if plan.take_over else LEAVE, id="move"))

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        if not self._plan.problems:
            yield Button(Content("Renew"), id="accept")

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#cancel" if self._plan.problems else "#accept"))

    @property
    def _may_move(self) -> bool:
        return not self._plan.problems and bool(self._plan.form.resource_ids)

    def _instead(self) -> str:
        keys = getattr(self.app, "keys", None)
        edit = keys.label("certificate.edit") if keys else ""
        order = keys.label("certificate.order") if keys else ""
        if self._plan.form.authority:
            return f"{order} orders a replacement by a form that can be changed."
        return f"{edit} gives it an authority; {order} orders a replacement by a form."

    def accept(self) -> None:
        if self._may_move:
            self.dismiss(self.query_one("#move", ChoiceRow).value)
        else:
            self.dismiss(TAKE if self._plan.take_over else LEAVE)


def what(plan: RenewalPlan) -> list[str]:
    """What is ordered, from whom, and what becomes of the old one."""
    from certtui.renewing import renewed_already

    lines = []
    if plan.preview is not None:
        lines += _field("From", plan.form.authority)
        for line in plan.preview.lines:
            if line.mark != "problem":
                lines += _field(line.label, line.text)
        for each in plan.preview.findings:
            lines += _field(finding_word(each)[0], finding_text(each))
        lines.append("")
    if already := renewed_already(plan.certificate):
        lines.append(already)
    if plan.form.authority and not plan.problems:
        days = plan.certificate.row.days_remaining
        until = "expires or is revoked" if days is None or days >= 0 else "is deleted"
        lines.append(f"The new one renews {plan.certificate.row.name}, which stays until it {until}.")
    return lines or [f"{plan.certificate.row.name} can't be renewed as it is."]


def _field(label: str, value: str) -> list[str]:
    """A label and its value, which may take several lines under one another."""
    return [f"{'' if index else label:<{LABEL}}{text}" for index, text in enumerate(wrapped(value, WIDTH))]


class RenewsCertificates(Place):
    """The act on the page of a certificate, in the inventory and in Renewals."""

    if TYPE_CHECKING:

        def targets(self) -> list[tuple[int, int]]:
            """(id, version) of what the act is for."""

        def changed(self) -> None:
            """Read again."""

    def do_certificate_renew(self) -> None:
        match self.targets():
            case []:
                self.say("There is no row here.", "warn")
            case [(certificate_id, _)]:
                self._plan(certificate_id)
            case several:
                self._ask_many(several)

    def _plan(self, certificate_id: int) -> None:
        from certtui.renewing import plan_renewal

        backend = self.backend

        def ask(plan: RenewalPlan) -> None:
            if plan.certificate.x509 is None:
                self.say(f"{plan.certificate.row.name} has no X.509 yet: there is nothing to renew.", "warn")
                return

            def answered(move: str | None) -> None:
                if move is not None:
                    self._renew(plan, move)

            self.app.push_screen(RenewDialog(plan), answered)

        self.work(lambda: plan_renewal(backend, backend.certificates.get(certificate_id)), done=ask, key="target")

    def _renew(self, plan: RenewalPlan, move: str) -> None:
        old, certificates = plan.certificate, self.backend.certificates
        take_over = None if (move == TAKE) == plan.take_over else move == TAKE
        with_key(
            self,
            lambda: certificates.renew(old.id, old.version, take_over=take_over),
            done=lambda order: self._renewed(old, order),
            why=WHY_KEY,
        )

    def _renewed(self, old: Certificate, order: Order) -> None:
        self.changed()
        if order.row.status is OrderStatus.COMPLETE:
            self.say(f"Order {order.id} renewed {old.row.name}: the new certificate is here.", "ok")
            return
        self.open_screen("certtui.screens.order_page:OrderScreen", order.id)

    # -- many ----------------------------------------------------------------------------------------------------

    def _ask_many(self, targets: list[tuple[int, int]]) -> None:
        from certtui.widgets.dialogs import Confirm

        lines = [
            f"{len(targets):,} marked certificates are renewed now, due or not: an order each, like the one before, to its authority.",
            "Those that can't be renewed are left out and named. The old ones stay until they expire or are revoked.",
        ]

        def answered(answer: bool | None) -> None:
            if answer:
                self._renew_many(targets)

        self.app.push_screen(
            Confirm(f"Renew {len(targets):,} certificates now", lines, "Renew them", command="certtui renew CERT"),
            answered,
        )

    def _renew_many(self, targets: list[tuple[int, int]]) -> None:
        from certtui.screens.unlock import unlock

        renew = self.backend.certificates.renew

        def run() -> None:
            self.work_long(
                f"Renewing {len(targets):,} certificates",
                lambda progress: renew_each(renew, targets, progress),
                done=self._many_renewed,
            )

        if self.backend.store.locked:
            unlock(self, then=run, why=WHY_KEY)
        else:
            run()

    def _many_renewed(self, outcome: BulkOutcome) -> None:
        from certtui.screens.delete import outcome_lines
        from certtui.widgets.dialogs import Message

        unmark: Callable[[Sequence[int]], None] | None = getattr(self, "unmark", None)
        if unmark is not None:
            unmark(outcome.done)
        self.changed()
        if outcome.skipped:
            self.app.push_screen(Message("Renewed in part", outcome_lines(outcome, "Ordered", {})))
        else:
            self.say(f"Ordered {len(outcome.done):,} renewals; Orders shows how far they are.", "ok")


def renew_each(
    renew: Callable[[int, int], Order], targets: Sequence[tuple[int, int]], progress: Progress
) -> BulkOutcome:
    """Renew one after the other; what can't be is left out with its reason, and a cancelled job leaves what is done."""
    from certtui.model.certificate import BulkOutcome

    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    for at, (certificate_id, version) in enumerate(targets):
        progress(at, len(targets))
        try:
            order = renew(certificate_id, version)
        except CerttuiError as error:
            skipped.append((certificate_id, str(error)))
            continue
        if order.row.status is OrderStatus.FAILED:
            skipped.append((certificate_id, f"Order {order.id} failed: {order.row.error}"))
        else:
            done.append(certificate_id)
    return BulkOutcome(tuple(done), tuple(skipped))


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
