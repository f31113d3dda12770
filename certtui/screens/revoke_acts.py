"""From the wish to revoke to the act: the plan is read, the dialog asked, what comes first done first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.revocation import AuthorityKnows, RevocationForm
from certtui.screens.revoke import First, RevokeDialog
from certtui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.model.certificate import Certificate
    from certtui.model.revocation_plan import RevocationPlan
    from certtui.screens.certificate_acts import ActsOnCertificates


def ask_to_revoke(screen: ActsOnCertificates, certificate: Certificate) -> None:
    """Read the plan, then ask; reading it is put on record."""
    certificates = screen.backend.certificates

    def planned(plan: RevocationPlan) -> None:
        first = first_of(screen, plan)

        def answered(answer: RevocationForm | First | None) -> None:
            match answer:
                case RevocationForm():
                    _revoke(screen, plan, answer)
                case First.REPLACE if plan.replacement_id is not None:
                    screen.plan_replacement(certificate, plan.replacement_id)
                case First.REPLACE:
                    screen.choose_replacement(certificate)
                case First.ORDER if (order := _order_of(screen)) is not None:
                    order()

        screen.app.push_screen(RevokeDialog(certificate, plan, clock=screen.console_app.clock, first=first), answered)

    screen.work(lambda: certificates.plan_revocation(certificate.id), done=planned, key="target")


def first_of(screen: ActsOnCertificates, plan: RevocationPlan) -> First:
    """What to offer before revoking: nothing where a renewal is recorded already."""
    if any(member.id == plan.replacement_id for member in plan.lineage):
        return First.NOTHING
    if plan.replacement_id is None and _order_of(screen) is not None:
        return First.ORDER
    action = screen.console_app.keys.get("certificate.replace")
    return First.NOTHING if screen.why_not(action) else First.REPLACE


def ask_whether_told(screen: ActsOnCertificates, certificate: Certificate) -> None:
    """Note that a person told the authority, after a question."""
    revocation = certificate.revocation
    if revocation is None:
        return
    who = certificate.authority or certificate.row.issuer or "its issuer"
    lines = [f"It is noted that {who} knows that {certificate.row.name} is revoked."]
    if revocation.authority is AuthorityKnows.NOT_TOLD:
        lines.append("It is not asked again.")
    command = f"certtui revoke --told {certificate.id}"

    def answered(answer: bool | None) -> None:
        if answer:
            screen.work(
                lambda: screen.backend.certificates.note_authority_told(certificate.id, certificate.version),
                done=done,
                to_the_end=True,
            )

    def done(_: Certificate) -> None:
        screen.changed()
        screen.say("It is noted that the authority was told.", "ok")

    screen.app.push_screen(Confirm("Was the authority told?", lines, "It was told", command=command), answered)


def _order_of(screen: ActsOnCertificates) -> Callable[[], object] | None:
    """The act that orders a replacement, where there is one and it is possible."""
    keys = screen.console_app.keys
    order: Callable[[], object] | None = getattr(screen, "do_certificate_order", None)
    if order is None or "certificate.order" not in {action.id for action in keys.within(screen.CONTEXTS)}:
        return None
    return None if screen.why_not(keys.get("certificate.order")) else order


def _revoke(screen: ActsOnCertificates, plan: RevocationPlan, form: RevocationForm) -> None:
    def done(certificate: Certificate) -> None:
        screen.changed()
        screen.say(f"{certificate.row.name}: {certificate.status_reason}", "warn")

    screen.work(
        lambda: screen.backend.certificates.revoke(plan.certificate_id, plan.version, form),
        done=done,
        to_the_end=True,
    )
