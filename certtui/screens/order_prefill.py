"""What an order form begins with: the parameters of another order, or of a certificate that is to be replaced."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.certificate import Labels
from certtui.model.csr import KEY_TYPES, SubjectFields
from certtui.model.order import OrderForm
from certtui.model.secret import Secret
from certtui.screens.order_judge import UPLOADED
from certtui.screens.verdict import Typed

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.authority import AuthorityCapabilities
    from certtui.model.certificate import Certificate
    from certtui.model.order import OrdersOverview
    from certtui.screens.order_sending import Aim


def form_like(certificate: Certificate) -> OrderForm:
    """An order for one like this certificate, which it is to replace."""
    row = certificate.row
    kind = row.key_algorithm if row.key_algorithm in KEY_TYPES else ""
    return OrderForm(
        authority=certificate.authority,
        subject=subject_from(certificate.subject, row.common_name),
        sans=tuple(san for san in certificate.sans if not san.startswith("OTHER:")),
        key_type=kind,
        labels=Labels("", row.business_group, certificate.description, row.contact_email),
        auto_renew_days=certificate.auto_renew_days,
        resource_ids=tuple(dict.fromkeys(ref.id for ref in certificate.resources if ref.role == "server")),
        renews_id=certificate.id,
    )


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
) -> tuple[OrdersOverview, dict[str, AuthorityCapabilities | None], list[tuple[int, str]]]:
    """Whom one can order from, what each can do, and the names of the resources that the form begins with."""
    overview = backend.orders.overview()
    capabilities: dict[str, AuthorityCapabilities | None] = {}
    for name in overview.authorities:
        try:
            capabilities[name] = backend.authorities.get(backend.authorities.resolve(name)).capabilities
        except CerttuiError:  # renamed or hidden meanwhile: it can still be chosen, and says itself what it can't do
            capabilities[name] = None
    resources = [(ref.id, ref.name) for ref in aim.certificate.resources] if aim.certificate is not None else []
    for resource_id in aim.order.form.resource_ids if aim.order is not None else ():
        try:
            resources.append((resource_id, backend.resources.get(resource_id).row.name))
        except CerttuiError:
            continue
    return overview, capabilities, resources


_NAMES = {
    "CN": "common_name",
    "O": "organization",
    "OU": "organizational_unit",
    "C": "country",
    "ST": "state",
    "L": "locality",
    "1.2.840.113549.1.9.1": "email",
    "EMAIL": "email",
    "EMAILADDRESS": "email",
}


def subject_from(rfc4514: str, common_name: str = "") -> SubjectFields:
    """The fields of a subject that a request made here can have again; of several values of a field the first written."""
    found: dict[str, str] = {}
    for part in _split(rfc4514, ","):
        for each in _split(part, "+"):
            kind, _, value = each.partition("=")
            field = _NAMES.get(kind.strip().upper())
            if field and field not in found and not value.startswith("#"):
                found[field] = _unescaped(value.strip())
    return SubjectFields(**{**found, "common_name": common_name or found.get("common_name", "")})


def _split(text: str, at: str) -> list[str]:
    parts, escaped = [""], False
    for char in text:
        if char == at and not escaped:
            parts.append("")
            continue
        parts[-1] += char
        escaped = char == "\\" and not escaped
    return parts


def _unescaped(value: str) -> str:
    """RFC 4514, 2.4: a backslash before a special character, or before two hex digits of UTF-8."""
    out = bytearray()
    at = 0
    while at < len(value):
        if value[at] != "\\" or at + 1 == len(value):
            out += value[at].encode("utf-8", "surrogatepass")
            at += 1
            continue
        pair = value[at + 1 : at + 3]
        if len(pair) == 2 and all(char in "0123456789abcdefABCDEF" for char in pair):
            out.append(int(pair, 16))
            at += 3
        else:
            out += value[at + 1].encode("utf-8", "surrogatepass")
            at += 2
    return out.decode("utf-8", "replace")
