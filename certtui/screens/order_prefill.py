"""What an order form begins with: the parameters of another order, or of a certificate that is to be replaced."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.order import OrderForm
from certtui.model.secret import Secret
from certtui.screens.order_judge import UPLOADED
from certtui.screens.renewal_keys import NEW_KEY, SAME_KEY
from certtui.screens.verdict import Typed

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.authority import AuthorityCapabilities
    from certtui.model.order import OrdersOverview
    from certtui.screens.order_sending import Aim


def typed_of(form: OrderForm, resources: Sequence[tuple[int, str]]) -> Typed:
    """A form of the seam as the fields show it."""
    subject, labels = form.subject, form.labels
    names = dict(resources)
    values = {
        "authority": form.authority,
        "template": form.template,
        "key_type": UPLOADED if form.csr else form.key_type,
        "common_name": subject.common_name,
        "sans": "\n".join(each.removeprefix("DNS:") for each in form.sans),
        "organization": subject.organization,
        "unit": subject.organizational_unit,
        "locality": subject.locality,
        "state": subject.state,
        "country": subject.country,
        "email": subject.email,
        "days": "" if form.days is None else str(form.days),
        "keep_key": SAME_KEY if form.keep_key else NEW_KEY,
        "auto_renew": "" if form.auto_renew_days is None else str(form.auto_renew_days),
        "name": labels.name,
        "group": labels.business_group,
        "description": labels.description,
        "contact": labels.contact_email,
        "resources": "\n".join(f"{each}\t{names.get(each, f'resource {each}')}" for each in form.resource_ids),
    }
    pastes = {}
    if form.csr:
        body = base64.b64encode(form.csr).decode("ascii")
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        pastes["csr"] = Secret(f"-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n")
    return Typed(values, pastes)


def survey(
    backend: Backend, aim: Aim
) -> tuple[OrdersOverview, dict[str, AuthorityCapabilities | None], dict[str, int], list[tuple[int, str]]]:
    """Whom one can order from, what each can do, its auto-renew days, and the names of the resources that the form begins with."""
    overview = backend.orders.overview()
    capabilities: dict[str, AuthorityCapabilities | None] = {}
    renew_days: dict[str, int] = {}
    for name in overview.authorities:
        try:
            authority = backend.authorities.get(backend.authorities.resolve(name))
            capabilities[name], renew_days[name] = authority.capabilities, authority.auto_renew_days
        except CerttuiError:  # renamed or hidden meanwhile: it can still be chosen, and says itself what it can't do
            capabilities[name] = None
    resources = [(ref.id, ref.name) for ref in aim.certificate.resources] if aim.certificate is not None else []
    for resource_id in aim.order.form.resource_ids if aim.order is not None else ():
        try:
            resources.append((resource_id, backend.resources.get(resource_id).row.name))
        except CerttuiError:
            continue
    return overview, capabilities, renew_days, resources
