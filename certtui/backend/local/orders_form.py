"""What a person writes of an order: checked, kept as JSON, and what of it stands in columns."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

from certtui.backend.local.certificate_values import Values, default_name, joined
from certtui.backend.local.labels import checked_labels, one_line, text
from certtui.errors import Invalid
from certtui.model.certificate import Labels
from certtui.model.csr import KEY_TYPES, SubjectFields
from certtui.model.domains import domain_of
from certtui.model.order import OrderForm
from certtui.model.renewal import checked_days
from certtui.model.search_text import MAX_CHARACTERS, search_text_of
from certtui.model.x509 import CsrFacts

MAX_SANS = 10_000
MAX_FIELD = 2_000
MAX_REFERENCE = 200
MAX_RESOURCES = 1_000
MAX_CSR_BYTES = 1_000_000
MAX_DAYS = 36_500

_SUBJECT = ("common_name", "organization", "organizational_unit", "country", "state", "locality", "email")
_LABELS = ("name", "business_group", "description", "contact_email")


def checked_form(form: OrderForm) -> OrderForm:
    """The form as it is kept: trimmed and within limits; what is missing or makes no sense yet stays. Raises `Invalid` (field)."""
    if len(form.sans) > MAX_SANS:
        raise Invalid(f"{len(form.sans):,} SANs are too many.", f"{MAX_SANS:,} are the limit.", field="sans")
    if len(form.resource_ids) > MAX_RESOURCES:
        raise Invalid("Those are too many resources.", f"{MAX_RESOURCES} are the limit.", field="resource_ids")
    if form.csr and form.key_type:
        raise Invalid("An uploaded CSR brings its own key.", "Leave the kind of key empty.", field="key_type")
    if form.csr and form.keep_key:
        raise Invalid(
            "The key of an uploaded CSR is not here, so no renewal can have it again.",
            "Send the CSR of a new order instead, or have the key made here.",
            field="keep_key",
        )
    if form.key_type and form.key_type not in KEY_TYPES:
        raise Invalid(
            f"“{form.key_type}” is not a kind of key that can be made here.",
            f"Choose one of {', '.join(KEY_TYPES)}.",
            field="key_type",
        )
    if len(form.csr) > MAX_CSR_BYTES:
        raise Invalid("The CSR is larger than any real one.", "Give another file.", field="csr")
    if form.days is not None and not 1 <= form.days <= MAX_DAYS:
        raise Invalid(f"{form.days} is no number of days.", f"Give 1 to {MAX_DAYS}.", field="days")
    if form.auto_renew_days is not None:
        checked_days(form.auto_renew_days, form.days)
    sans = (one_line(san, "sans", MAX_FIELD) for san in form.sans)
    return replace(
        form,
        authority=one_line(form.authority, "authority", MAX_FIELD),
        subject=SubjectFields(**{name: one_line(getattr(form.subject, name), name, MAX_FIELD) for name in _SUBJECT}),
        sans=tuple(dict.fromkeys(san for san in sans if san)),
        template=one_line(form.template, "template", MAX_FIELD),
        labels=checked_labels(form.labels),
        resource_ids=tuple(dict.fromkeys(form.resource_ids)),
        reason=text(form.reason, "reason", MAX_FIELD),
        reference=one_line(form.reference, "reference", MAX_REFERENCE),
    )


def form_json(form: OrderForm) -> str:
    """The form as it is kept; its uploaded CSR too."""
    data = {
        "authority": form.authority,
        "subject": {name: value for name in _SUBJECT if (value := getattr(form.subject, name))},
        "sans": list(form.sans),
        "key_type": form.key_type,
        "csr": b64encode(form.csr).decode("ascii"),
        "template": form.template,
        "days": form.days,
        "labels": {name: value for name in _LABELS if (value := getattr(form.labels, name))},
        "auto_renew_days": form.auto_renew_days,
        "resource_ids": list(form.resource_ids),
        "renews_id": form.renews_id,
        "keep_key": form.keep_key or None,
        "take_over": form.take_over or None,
        "reason": form.reason,
    }
    kept = {name: value for name, value in data.items() if value not in ("", None, [], {})}
    return json.dumps(kept, ensure_ascii=True, separators=(",", ":"))


def form_of(kept: str, reference: str | None) -> OrderForm:
    """The form again."""
    data: dict[str, Any] = json.loads(kept)  # Any: what was put in
    return OrderForm(
        authority=data.get("authority", ""),
        subject=SubjectFields(**data.get("subject", {})),
        sans=tuple(data.get("sans", ())),
        key_type=data.get("key_type", ""),
        csr=b64decode(data.get("csr", "")),
        template=data.get("template", ""),
        days=data.get("days"),
        labels=Labels(**data.get("labels", {})),
        auto_renew_days=data.get("auto_renew_days"),
        resource_ids=tuple(data.get("resource_ids", ())),
        renews_id=data.get("renews_id"),
        keep_key=bool(data.get("keep_key")),
        take_over=bool(data.get("take_over")),
        reason=data.get("reason", ""),
        reference=reference or "",
    )


def shown_form(form: OrderForm, status: str, sans: tuple[str, ...]) -> OrderForm:
    """The form as it is shown: with the names of its CSR once there is one; what was typed comes back with a draft."""
    return replace(form, sans=sans) if status in ("pending", "processing", "complete") else form


def normalised(form: OrderForm) -> tuple[str, tuple[str, ...]]:
    """Common name and SANs as far as they make sense already: what scopes, lists and searches know a draft by."""
    from certtui.pki.csr import checked_subject
    from certtui.pki.sans import host_or_address, normalise

    sans: dict[str, None] = {}
    for typed in form.sans:
        try:
            sans[normalise(typed)] = None
        except Invalid:
            continue
    try:
        common_name = checked_subject(SubjectFields(common_name=form.subject.common_name)).common_name
    except Invalid:
        common_name = ""
    implied = host_or_address(common_name) if common_name else ""
    if implied and implied not in sans:
        sans = {implied: None, **sans}
    return common_name or form.subject.common_name, tuple(sans)


def name_values(name: str, common_name: str, sans: tuple[str, ...]) -> Values:
    """The columns that names fill, in an order and in its entry."""
    return {
        "name": name or default_name(common_name, sans),
        "common_name": common_name,
        "san_count": len(sans),
        "sans": joined(sans),
        "domain": domain_of(sans, common_name),
    }


def order_search_text(values: Values, sans: tuple[str, ...]) -> str:
    """What free words look into: names, authority, requester."""
    own = search_text_of(
        name=values["name"],
        common_name=values["common_name"],
        sans=sans,
        subject=values["authority_name"],
        issuer=values["requester"],
    )
    return own[:MAX_CHARACTERS]


def request_facts(facts: CsrFacts) -> Values:
    """The columns that a CSR fills in an entry."""
    return {
        "common_name": facts.common_name,
        "san_count": len(facts.sans),
        "sans": joined(facts.sans),
        "domain": domain_of(facts.sans, facts.common_name),
        "subject": facts.subject,
        "key_algorithm": facts.key_algorithm,
        "spki_sha256": facts.spki_sha256,
    }
