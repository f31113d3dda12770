"""What sending an order would ask for, and what policies say; nothing is changed and nothing is put on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.authorities.base import Authority, Request
from certtui.backend.local.access_entries import settled_group
from certtui.backend.local.authorities_made import made
from certtui.backend.local.certificate_values import default_name
from certtui.backend.local.orders_checks import ca_asked, check_renewal, days_of, key_type_of, subject_of, uploaded
from certtui.backend.local.orders_form import checked_form
from certtui.errors import CerttuiError, Denied, Invalid
from certtui.model.csr import CsrRequest
from certtui.model.order import OrderForm, OrderPreview
from certtui.model.panel import PanelLine
from certtui.model.policy import PolicyFinding
from certtui.model.search_text import fold
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.tables_issuing import AuthorityTable


@dataclass(frozen=True, slots=True)
class Meant:
    """What a form comes to: whom it asks for what, and why it can't be sent as it is."""

    form: OrderForm
    row: AuthorityTable | None
    authority: Authority | None
    request: Request
    problems: list[str]


def preview(store: OpenStore, form: OrderForm) -> OrderPreview:
    """See `Orders.preview`. Raises `Invalid` (field)."""
    meant = meaning(store, form)
    lines = [*_of_the_form(meant.request, meant.form), *_asked(meant.authority, meant.request, meant.problems)]
    why = meant.authority.capabilities.why_no_preflight if meant.authority else "The order names no authority yet."
    return OrderPreview(tuple(lines), findings(store, meant), tuple(meant.problems), why)


def meaning(store: OpenStore, form: OrderForm) -> Meant:
    """Read a form. Raises `Invalid` (field)."""
    form = checked_form(form)
    problems: list[str] = []
    key_type = ""
    if form.csr:
        form = uploaded(form)
        from certtui.pki.facts import csr_facts

        key_type = csr_facts(form.csr).key_algorithm
    row, authority = _authority(store, form, problems)
    check_renewal(form, authority)
    if authority is not None and not key_type:
        key_type = key_type_of(form, authority)
    subject, sans = _names(form, key_type or "ec-256", problems)
    form = replace(form, subject=subject)
    try:
        group = settled_group(store.access, form.labels.business_group, sans, subject.common_name)
        form = replace(form, labels=replace(form.labels, business_group=group))
    except Denied as error:
        problems.append(str(error))
    request = Request(
        order_id=0,
        csr=form.csr,
        sans=sans,
        common_name=subject.common_name,
        template=form.template,
        days=form.days,
        submitted_at=store.clock.now(),
        subject=subject,
        key_type=key_type,
    )
    return Meant(form, row, authority, request, problems)


def _authority(
    store: OpenStore, form: OrderForm, problems: list[str]
) -> tuple[AuthorityTable | None, Authority | None]:
    from certtui.backend.local.tables_issuing import AuthorityTable

    if not form.authority:
        problems.append("The order names no authority yet.")
        return None, None
    with store.readers.use() as connection:
        found = connection.execute(
            "SELECT id, name, type, settings, enabled FROM authority WHERE name_key = ?", (fold(form.authority),)
        ).fetchone()
    if found is None:
        raise Invalid(
            f"There is no authority “{form.authority}”.", "Choose one of those in Authorities.", field="authority"
        )
    row_id, name, kind, settings, enabled = found
    if not enabled:
        problems.append(f"{name} is disabled.")
    row = AuthorityTable(
        id=row_id, name=name, name_key=fold(name), type=kind, settings=settings, created_at=0, updated_at=0
    )
    return row, made(store, name, kind, settings, row_id)


def _names(form: OrderForm, key_type: str, problems: list[str]):  # type: ignore[no-untyped-def]  # as `checked` gives it
    """Subject and SANs as they will be asked for; what can't be asked yet is a problem, not an error."""
    from certtui.pki.csr import checked

    if not form.subject.common_name and not form.sans:
        problems.append("The order names nothing yet: give a common name or a SAN.")
        return form.subject, ()
    return checked(CsrRequest(form.subject, form.sans, "ec-256" if form.csr else key_type, form.labels))


def _of_the_form(request: Request, form: OrderForm) -> list[PanelLine]:
    lines = []
    if request.common_name:
        lines.append(PanelLine("Common name", request.common_name))
    lines += [PanelLine("SAN", san) for san in request.sans]
    if request.common_name and not request.sans:
        lines.append(PanelLine("SAN", "none: clients match names by SANs alone", mark="waiting"))
    if request.key_type:
        lines.append(PanelLine("Key", request.key_type + (", of the uploaded CSR" if form.csr else "")))
    return lines


def _asked(authority: Authority | None, request: Request, problems: list[str]) -> list[PanelLine]:
    if authority is None:
        return []
    try:
        return list(authority.ask(request))
    except Invalid:
        raise
    except CerttuiError as error:
        problems.append(str(error))
        return []


def findings(store: OpenStore, meant: Meant) -> tuple[PolicyFinding, ...]:
    """What policies say of it."""
    from certtui.backend.local.gate import in_force
    from certtui.model.policy_judge import judge

    form, request = meant.form, meant.request
    policies = in_force(store, None, ca_asked(meant.row))
    if not policies:
        return ()
    subject = subject_of(
        form,
        common_name=request.common_name,
        sans=request.sans,
        key_algorithm=request.key_type,
        name=form.labels.name or default_name(request.common_name, request.sans),
        authority=meant.row,
        days=days_of(form, meant.authority),
    )
    return tuple(judge(policies, subject, store.clock.now()))
