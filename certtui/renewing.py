"""What renewing a certificate now would ask for, and of whom: for the dialog, the edit of a certificate and the command line.

As `backend.local.renewals_act` makes the order; this asks over the seam, so that a server is asked too, and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, NotFound
from certtui.model.order_like import form_like
from certtui.model.policy import HARD
from certtui.model.status import Status
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.certificate import Certificate
    from certtui.model.order import OrderForm, OrderPreview


@dataclass(frozen=True, slots=True)
class RenewalPlan:
    """What would be ordered; `problems` says why it can't be, one sentence each."""

    certificate: Certificate
    form: OrderForm
    preview: OrderPreview | None
    take_over: bool = True
    """Whether the profile lets the new one take the place of the old on its resources."""
    problems: tuple[str, ...] = field(default=())


def plan_renewal(backend: Backend, certificate: Certificate) -> RenewalPlan:
    """The order like the one before, as it would be sent now, and what its authority and the policies say of it."""
    form = form_like(certificate)
    if not form.authority:
        return RenewalPlan(certificate, form, None, problems=("No authority is known for it: nothing renews it.",))
    take_over = True
    try:
        if certificate.order_id is not None:
            before = backend.orders.get(certificate.order_id).form
            form = replace(form, template=before.template, days=before.days)
        if certificate.authority_id is not None:
            take_over = backend.authorities.get(certificate.authority_id).settings.get("take_over") != "no"
    except NotFound:
        pass  # they lie outside of what this person sees: the store knows them all the same
    try:
        preview = backend.orders.preview(form)
    except CerttuiError as error:
        return RenewalPlan(certificate, form, None, take_over, (str(error),))
    refused = tuple(f"{each.policy_name}: {each.message}" for each in preview.findings if each.outcome == HARD)
    stand = tuple(line.text for line in preview.lines if line.mark == "problem")
    return RenewalPlan(certificate, form, preview, take_over, (*preview.problems, *stand, *refused))


def renewal_problems(backend: Backend, certificate: Certificate) -> tuple[str, ...]:
    """Why one that shall renew itself could not be ordered now, one sentence each; none for what does not renew itself."""
    return plan_renewal(backend, certificate).problems if certificate.auto_renew_days else ()


def renewed_already(certificate: Certificate) -> str:
    """Which valid one took its place, where one did: a person may renew it once more, and should know."""
    newer = [
        each
        for each in certificate.lineage
        if each.relation == "renewal" and each.status in (Status.ACTIVE, Status.EXPIRING)
    ]
    return f"{newer[-1].name} (id {newer[-1].id}) renews it already, and is valid." if newer else ""
