"""What an order is judged by before it goes anywhere: its references, its request, the policies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.base import Authority, Request
from certtui.authorities.templates import default_key_type
from certtui.backend.local.access_entries import inside, settled_group
from certtui.backend.local.authorities_rows import profile_named
from certtui.backend.local.certificate_values import split
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import from_epoch
from certtui.errors import Invalid
from certtui.model.authority import AuthorityType
from certtui.model.certificate import Labels
from certtui.model.order import OrderForm
from certtui.model.policy import ISSUE, RENEW, PolicySubject
from certtui.model.renewal import RENEWS, checked_days
from certtui.model.x509 import X509Facts

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import AuthorityTable, CertificateOrderTable

_DN = (
    ("C", "country"),
    ("ST", "state"),
    ("L", "locality"),
    ("O", "organization"),
    ("OU", "organizational_unit"),
    ("CN", "common_name"),
    ("emailAddress", "email"),
)


def check_references(change: Change, form: OrderForm) -> None:
    """That what the form names is there. Raises `Invalid` (field)."""
    from certtui.backend.local.tables import CertificateTable, ResourceTable

    if form.reference.startswith(RENEWS) and not form.reference.startswith(f"{RENEWS}{form.renews_id}-"):
        # Whoever had it first would have the worker take their order for the renewal of somebody else's certificate.
        raise Invalid(
            f"“{form.reference}” is the mark of a renewal of another certificate.",
            "Choose another mark.",
            field="reference",
        )
    if form.authority and profile_named(change, form.authority) is None:
        raise unknown_authority(form.authority)
    for resource_id in form.resource_ids:
        if change.session.get(ResourceTable, resource_id) is None:
            raise Invalid(
                f"There is no resource {resource_id} here (any more).", "Choose another.", field="resource_ids"
            )
    if form.renews_id is not None:
        old = change.session.get(CertificateTable, form.renews_id)
        if old is None or old.fingerprint_sha256 is None or not inside(change, old):
            raise Invalid(
                f"There is no certificate {form.renews_id} to renew here (any more).",
                "Choose another, or none.",
                field="renews_id",
            )


def unknown_authority(name: str) -> Invalid:
    """For a name that no profile has."""
    return Invalid(f"There is no authority “{name}”.", "Choose one of those in Authorities.", field="authority")


def with_group(change: Change, form: OrderForm, sans: tuple[str, ...], common_name: str) -> OrderForm:
    """The form with the business group that it will have. Raises `Denied`, `Invalid` for one outside the scope."""
    group = settled_group(change.access, form.labels.business_group, sans, common_name)
    labels = form.labels
    return replace(form, labels=Labels(labels.name, group, labels.description, labels.contact_email))


def uploaded(form: OrderForm) -> OrderForm:
    """The form with the names of its uploaded CSR, which proves that whoever made it has the key. Raises `Invalid`."""
    from certtui.pki.request import names_of_csr, requested_key

    requested_key(form.csr)
    names = names_of_csr(form.csr)
    return replace(form, subject=names.subject, sans=names.sans)


def key_type_of(form: OrderForm, authority: Authority | None) -> str:
    """The kind of key to make: as the form says, else as its template likes it."""
    from certtui.authorities.local import LocalPki

    if form.key_type:
        return form.key_type
    if isinstance(authority, LocalPki):
        return default_key_type(authority.template(form.template))
    return "ec-256"


def request_of(
    row: CertificateOrderTable, form: OrderForm, submitted_at: datetime, renews: X509Facts | None = None
) -> Request:
    """What the authority is asked for."""
    return Request(
        order_id=row.id,
        csr=row.csr or b"",
        sans=split(row.sans),
        common_name=row.common_name,
        template=form.template,
        days=form.days,
        submitted_at=submitted_at,
        subject=form.subject,
        key_type=row.key_algorithm,
        renews=renews,
    )


def renewed_by(change: Change, form: OrderForm) -> X509Facts | None:
    """The certificate that an order replaces, None where there is none (any more)."""
    from certtui.backend.local.tables import CertificateDerTable
    from certtui.pki.facts import x509_facts

    if form.renews_id is None:
        return None
    kept = change.session.get(CertificateDerTable, form.renews_id)
    return None if kept is None else x509_facts(kept.der)


def subject_of(
    form: OrderForm,
    *,
    common_name: str,
    sans: tuple[str, ...],
    key_algorithm: str,
    name: str,
    authority: AuthorityTable | None,
    days: int | None,
) -> PolicySubject:
    """What policies judge."""
    subject = replace(form.subject, common_name=common_name or form.subject.common_name)
    return PolicySubject(
        act=RENEW if form.renews_id is not None else ISSUE,
        names=sans,
        common_name=subject.common_name,
        subject=tuple((kind, value) for kind, field in _DN if (value := getattr(subject, field))),
        key_algorithm=key_algorithm,
        validity_days=days,
        authority=authority.name if authority is not None else form.authority,
        provider=authority.type if authority is not None else "",
        business_group=form.labels.business_group,
        entry_name=name,
    )


def days_of(form: OrderForm, authority: Authority | None) -> int | None:
    """The validity that will be asked for, as far as it is known."""
    from certtui.authorities.local import LocalPki

    if form.days is not None or not isinstance(authority, LocalPki):
        return form.days
    return authority.template(form.template).days


def check_renewal(form: OrderForm, authority: Authority | None) -> None:
    """That it can be renewed when the form says, as far as its life is known. Raises `Invalid` (field `auto_renew_days`)."""
    if form.auto_renew_days is not None:
        checked_days(form.auto_renew_days, days_of(form, authority))


def authority_and_row(
    store: OpenStore, change: Change, form: OrderForm
) -> tuple[AuthorityTable | None, Authority | None]:
    """The profile that the form names, and what is behind it; None while it names none. Raises `Invalid` (field)."""
    from certtui.backend.local.authorities_made import made

    if not form.authority:
        return None, None
    row = profile_named(change, form.authority)
    if row is None:
        raise unknown_authority(form.authority)
    return row, made(store, row.name, row.type, row.settings, row.id)


def pass_policies(store: OpenStore, change: Change, row: CertificateOrderTable, form: OrderForm, name: str) -> None:
    """Let the order pass the gate, and keep what was found. Raises `PolicyRefused`, `ReasonNeeded`."""
    from certtui.backend.local.gate import pass_gate
    from certtui.backend.local.orders_rows import NO_FINDINGS, findings_json
    from certtui.backend.local.policies_findings import forget_findings

    profile, authority = authority_and_row(store, change, form)
    subject = subject_of(
        form,
        common_name=row.common_name,
        sans=split(row.sans),
        key_algorithm=row.key_algorithm,
        name=name,
        authority=profile,
        days=days_of(form, authority),
    )
    if row.certificate_id is not None and row.findings not in NO_FINDINGS:
        forget_findings(change, row.certificate_id)
    findings = pass_gate(
        store, change, subject, reason=form.reason, object_id=row.certificate_id, ca_id=ca_asked(profile)
    )
    row.findings = findings_json(findings)


def ca_asked(profile: AuthorityTable | None) -> int | None:
    """The CA of the store that a profile issues by, None for any other authority."""
    from certtui.backend.local.authorities_made import CA_SETTING

    if profile is None or profile.type != AuthorityType.LOCAL.value:
        return None
    ca = str(json.loads(profile.settings).get(CA_SETTING, ""))
    return int(ca) if ca.isascii() and ca.isdigit() else None


def submitted_instant(row: CertificateOrderTable) -> datetime:
    """When it was sent, or would be: now for one that was not."""
    return from_epoch(row.submitted_at if row.submitted_at is not None else row.updated_at)


def without_csr(form: OrderForm) -> OrderForm:
    """The form of a draft whose uploaded CSR was discarded."""
    return replace(form, csr=b"")
