"""What would become of an order form: problems beside fields, and the sentence at the bottom. Called in a thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, Invalid, PolicyRefused, ReasonNeeded
from certtui.given import Absent
from certtui.model.certificate import Labels
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm
from certtui.model.renewal import checked_days
from certtui.screens.renewal_keys import SAME_KEY
from certtui.screens.verdict import Typed, Verdict

if TYPE_CHECKING:
    from certtui.backend.base_issuing import Orders
    from certtui.backend.inspect import Inspect
    from certtui.given import Reader
    from certtui.model.authority import AuthorityCapabilities
    from certtui.model.order import OrderPreview
    from certtui.model.x509 import CsrFacts

UPLOADED = "csr"
"""The choice among the kinds of keys that stands for an uploaded CSR."""
FAULTY = "As it stands this can't be kept; what is wrong stands beside the field."

FIELDS = {
    "subject": "common_name",
    "common_name": "common_name",
    "organization": "organization",
    "organizational_unit": "unit",
    "locality": "locality",
    "state": "state",
    "country": "country",
    "email": "email",
    "sans": "sans",
    "key_type": "key_type",
    "csr": "csr",
    "template": "template",
    "days": "days",
    "auto_renew_days": "auto_renew",
    "keep_key": "keep_key",
    "authority": "authority",
    "name": "name",
    "business_group": "group",
    "group": "group",
    "description": "description",
    "contact_email": "contact",
    "labels": "name",
    "resource_ids": "resources",
}
"""Fields of the seam to those of the form."""


@dataclass(frozen=True, slots=True)
class OrderVerdict(Verdict):
    """A verdict with the form as the seam takes it; None where a field can't be read."""

    form: OrderForm | None = None
    preview: OrderPreview | None = None
    request: CsrFacts | None = None
    """What an uploaded CSR says."""


@dataclass(frozen=True, slots=True)
class OrderWorld:
    """What a check may ask; `capabilities` are those of the enabled authorities by name."""

    inspect: Inspect
    reader: Reader
    orders: Orders
    capabilities: Mapping[str, AuthorityCapabilities | None]
    may_add_authority: str = ""
    renews_id: int | None = None
    reason: str = ""
    mark: str = ""
    fixed: OrderForm | None = None
    """The form of a pending order: what is in its CSR stays."""
    days_before: int | None = None


def judge_order(typed: Typed, world: OrderWorld, *, draft: bool = False) -> OrderVerdict:
    """Check the form; as a `draft` nothing needs to be there."""
    problems: dict[str, str] = {}
    missing: dict[str, str] = {}
    notes: dict[str, str] = {}
    absent: dict[str, str] = {}
    request = _request(typed, world, problems, missing, notes, absent)
    uploaded = typed.value("key_type") == UPLOADED
    sans: tuple[str, ...] = ()
    subject = SubjectFields()
    if not uploaded and world.fixed is None:
        subject = subject_of(typed)
        sans = _names(typed, world, subject, problems, missing, notes)
    name = typed.value("authority")
    can = world.capabilities.get(name)
    days = _number(typed, "days", problems, least=1)
    most = can.days_of(typed.value("template"))[1] if can is not None else None
    if days is not None and most is not None and days > most:
        notes["days"] = f"{name} gives at most {most} days."
    renew = _number(typed, "auto_renew", problems, least=0)
    if renew is not None:
        try:
            usual = can.days_of(typed.value("template"))[0] if can is not None else None
            checked_days(renew, usual if days is None else days)
        except Invalid as error:
            problems["auto_renew"] = str(error)
    if not name:
        missing["authority"] = f"No authority is enabled. {world.may_add_authority}".strip()
    if problems or absent:
        return OrderVerdict(FAULTY, problems, {} if draft else missing, notes, absent)
    fixed = world.fixed
    form = OrderForm(
        authority=name,
        subject=fixed.subject if fixed else subject,
        sans=fixed.sans if fixed else sans,
        key_type=fixed.key_type if fixed else "" if uploaded else typed.value("key_type"),
        csr=fixed.csr if fixed else request.der if request is not None else b"",
        template=typed.value("template") if can is None or can.templates else "",
        days=days,
        labels=Labels(typed.value("name"), typed.value("group"), typed.value("description"), typed.value("contact")),
        auto_renew_days=renew,
        keep_key=typed.value("keep_key") == SAME_KEY,
        resource_ids=tuple(resource_id for resource_id, _ in resources_of(typed.values.get("resources", ""))),
        renews_id=world.renews_id,
        reason=world.reason,
        reference=world.mark,
    )
    if missing:
        first = next(iter(missing.values()))
        return OrderVerdict(
            f"{first} Until then it can be kept as a draft.", {}, {} if draft else missing, notes, form=form
        )
    if draft:
        return OrderVerdict("It will be kept as a draft order.", notes=notes, form=form, request=request)
    return _previewed(form, world, notes, request)


def _previewed(form: OrderForm, world: OrderWorld, notes: dict[str, str], request: CsrFacts | None) -> OrderVerdict:
    try:
        preview = world.orders.preview(form)
    except (PolicyRefused, ReasonNeeded) as error:
        return OrderVerdict(str(error), notes=notes, form=form, request=request)
    except Invalid as error:
        field = FIELDS.get(error.field, "")
        if not field:
            return OrderVerdict(str(error), notes=notes, form=form, request=request)
        return OrderVerdict(FAULTY, {field: str(error)}, {}, notes, form=form, request=request)
    except CerttuiError as error:
        # A server that is away, say: what it would say is seen when it is sent.
        return OrderVerdict(f"{_asked(form, request)} {error.message}", notes=notes, form=form, request=request)
    return OrderVerdict(
        f"{_asked(form, request)}{_policies(preview)}", notes=notes, form=form, preview=preview, request=request
    )


def _asked(form: OrderForm, request: CsrFacts | None) -> str:
    named = form.subject.common_name or (form.sans[0].partition(":")[2] if form.sans else "")
    count = len(form.sans)
    if request is not None:
        named = request.common_name or (request.sans[0].partition(":")[2] if request.sans else request.subject)
        count = len(request.sans)
    more = f" and {count - 1} more name{'s' if count > 2 else ''}" if count > 1 else ""
    key = f"with a new key{f' ({form.key_type})' if form.key_type else ''}"
    if form.csr:
        key = "for the key of the CSR"
    elif form.keep_key and form.renews_id is not None:
        key = "with the key of the one before"
    return f"Will ask {form.authority} for a certificate for {named}{more}, {key}."


def _policies(preview: OrderPreview) -> str:
    hard = [each for each in preview.findings if each.outcome == "hard"]
    soft = [each for each in preview.findings if each.needs_reason]
    said = "".join(f" {each}" for each in preview.problems[:1])
    if hard:
        return f"{said} Refused by the policy {hard[0].policy_name}: {hard[0].message}"
    if soft:
        return f"{said} The policy {soft[0].policy_name} asks why: {soft[0].message}"
    return said


def _request(
    typed: Typed,
    world: OrderWorld,
    problems: dict[str, str],
    missing: dict[str, str],
    notes: dict[str, str],
    absent: dict[str, str],
) -> CsrFacts | None:
    if typed.value("key_type") != UPLOADED or world.fixed is not None:
        return None
    given = typed.given("csr", "the CSR")
    if not given:
        missing["csr"] = "Give the CSR."
        return None
    try:
        material = world.reader.read(given)
    except Absent as error:
        absent["csr"] = str(error)
        return None
    except CerttuiError as error:
        problems["csr"] = str(error)
        return None
    match material.requests:
        case ():
            problems["csr"] = "There is no certificate request in it."
            return None
        case (request,):
            pass
        case several:
            problems["csr"] = f"There are {len(several)} certificate requests in it; give one."
            return None
    if not request.signature_valid:
        problems["csr"] = "Its signature does not fit its key: it was changed or cut."
        return None
    names = ", ".join(each.partition(":")[2] for each in request.sans[:4]) or "no names"
    more = f" and {len(request.sans) - 4} more" if len(request.sans) > 4 else ""
    notes["csr"] = (
        f"{request.subject or 'No subject'}; {names}{more}; {request.key_algorithm}. Its key never comes here."
    )
    return request


_HOST = re.compile(r"(\*\.)?([\w-]{1,63}\.)+[\w-]{2,63}\.?")
# The upper bounds of RFC 5280, appendix A.1.
_LONGEST = {"common_name": 64, "organization": 64, "unit": 64, "locality": 128, "state": 128, "email": 255}


def _names(
    typed: Typed,
    world: OrderWorld,
    subject: SubjectFields,
    problems: dict[str, str],
    missing: dict[str, str],
    notes: dict[str, str],
) -> tuple[str, ...]:
    sans, wrong = world.inspect.suggest_sans(typed.values.get("sans", ""))
    if wrong:
        problems["sans"] = " ".join(wrong)
    if subject.country and not re.fullmatch("[A-Z]{2}", subject.country):
        problems["country"] = "The country is two letters, such as DE."
    if subject.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", subject.email):
        problems["email"] = "This is no e-mail address."
    for name, longest in _LONGEST.items():
        if len(typed.value(name)) > longest:
            problems[name] = f"At most {longest} characters (RFC 5280)."
    if not (subject.common_name or sans or wrong):
        missing["common_name"] = "Give a common name, or names below."
    if wrong or not _HOST.fullmatch(subject.common_name):
        return sans
    own, bad = world.inspect.suggest_sans(subject.common_name)
    if bad or not own or own[0] in sans:
        return sans
    if not sans:
        notes["sans"] = f"Clients look only here, so {own[0]} is put here too."
        return own
    notes["sans"] = f"Clients look only here, so {own[0]} is put here too."
    return (own[0], *sans)


def _number(typed: Typed, name: str, problems: dict[str, str], *, least: int) -> int | None:
    text = typed.value(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6) or int(text) < least:
        problems[name] = f"A whole number of days, {least} at least."
        return None
    return int(text)


def subject_of(typed: Typed) -> SubjectFields:
    """The subject fields of the form."""
    return SubjectFields(
        common_name=typed.value("common_name"),
        organization=typed.value("organization"),
        organizational_unit=typed.value("unit"),
        country=typed.value("country").upper(),
        state=typed.value("state"),
        locality=typed.value("locality"),
        email=typed.value("email"),
    )


def resources_of(value: str) -> list[tuple[int, str]]:
    """(id, name) pairs from the text that a `PickLine` holds."""
    found = []
    for line in value.splitlines():
        number, _, name = line.partition("\t")
        if number.isascii() and number.isdigit():
            found.append((int(number), name))
    return found
