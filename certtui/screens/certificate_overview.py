"""The first tab of a certificate's page: what state it is in, what to do next, its life, its facts. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.model.acl_words import restriction_words
from certtui.model.consumer import consumer_words
from certtui.model.revocation import AuthorityKnows
from certtui.model.search_text import u_labels
from certtui.model.status import Status, days_ago, days_remaining
from certtui.screens.certificate_life import STATUS_STYLE, next_step, renewal_of, renews_at, stops
from certtui.widgets.fields import Item, blank, heading, sentence
from certtui.widgets.lifecycle_strip import strip_lines

if TYPE_CHECKING:
    from certtui.model.certificate import Certificate
    from certtui.model.x509 import X509Details

STATUS_SIGN = {Status.EXPIRING: "! ", Status.EXPIRED: "x ", Status.REVOKED: "x ", Status.ERROR: "x "}
SHOWN_NAMES = 6


def opening(certificate: Certificate, update_key: str, order_key: str = "") -> str:
    """One or two sentences: the state, and what to do next, with the keys of 'update after renewal' and 'order a replacement'."""
    days = certificate.row.days_remaining
    used = _used(certificate)
    newer = renewal_of(certificate)
    if newer is not None and certificate.row.status is not Status.REVOKED:
        rest = (
            f"{used} it still: move them with {update_key}."
            if is_used(certificate)
            else "Nothing uses it; it can be deleted."
        )
        return f"Replaced by {newer.name}. {rest}"
    replace = f"get a replacement and put it in its place with {update_key}."
    if order_key:
        replace = f"order a replacement with {order_key}, or put one that is here in its place with {update_key}."
    if certificate.order_id is not None and order_key and certificate.x509 is None:
        return _ordering(certificate, order_key)
    match certificate.row.status:
        case Status.DRAFT:
            return "A draft: nothing was requested yet."
        case Status.PENDING:
            return "Waiting for its signed certificate. Give the request (tab CSR) to the authority, then add what comes back."
        case Status.ERROR:
            return f"Nothing was issued. {certificate.status_reason}"
        case Status.REVOKED:
            return _revoked(certificate, used)
        case Status.NOT_YET_VALID:
            return f"Not valid yet: it begins {when(certificate.row.not_before)}."
        case Status.EXPIRED:
            ago = days_ago(days or 0)
            if is_used(certificate):
                return f"Expired {ago}, and {used} it still: {replace}"
            return f"Expired {ago}. Nothing uses it as far as is known here; delete it or {replace}"
        case Status.EXPIRING if certificate.auto_renew_days and certificate.authority:
            return f"Expires {_in(days or 0)}. {certificate.authority} renews it {_renewed_before(certificate)}."
        case Status.EXPIRING:
            return f"Expires {_in(days or 0)}. Nothing renews it: {replace}"
        case _:
            return f"Valid for another {_days(days or 0)}, until {when(certificate.row.not_after)}."


def _renewed_before(certificate: Certificate) -> str:
    at, end = renews_at(certificate), certificate.row.not_after
    return "before" if at is None or end is None else f"{_days((end - at).days)} before"


def _ordering(certificate: Certificate, order_key: str) -> str:
    """An entry that an order is to bring a certificate for."""
    match certificate.row.status:
        case Status.DRAFT:
            return f"A draft: nothing was requested yet. {order_key} goes to its order."
        case Status.ERROR:
            return f"Nothing was issued. {certificate.status_reason} {order_key} goes to its order."
    return f"Ordered, and not here yet. {order_key} goes to its order, which says what it waits for."


def _revoked(certificate: Certificate, used: str) -> str:
    said = "Revoked: nobody should trust it any more."
    if is_used(certificate):
        said += f" {used} it still."
    if certificate.revocation is not None and certificate.revocation.renew and renewal_of(certificate) is None:
        said += " A successor is being ordered."
    match certificate.revocation.authority if certificate.revocation else None:
        case AuthorityKnows.NOT_TOLD:
            return f"{said} CA not told: it is asked again."
        case AuthorityKnows.PERSON:
            return f"{said} CA not told: a person must tell it."
    return said


def overview(
    certificate: Certificate, details: X509Details | None, update_key: str, now: datetime, order_key: str = ""
) -> list[Item]:
    """The Overview tab."""
    row, facts = certificate.row, certificate.x509
    style = STATUS_STYLE.get(row.status, "")
    items = [
        sentence(opening(certificate, update_key, order_key), style if row.status is not Status.ACTIVE else ""),
        blank(),
        Item(draw=lambda width: strip_lines(stops(certificate, now), width), selectable=False),
        blank(),
        *([Item("Next", coming)] if (coming := next_step(certificate, now)) else []),
        Item("Status", f"{STATUS_SIGN.get(row.status, '')}{row.status}", style, copies=str(row.status)),
        Item("Why", certificate.status_reason),
        *_revocation(certificate),
        Item("Auto-renew", _renews(certificate)),
        *_ordered(certificate),
    ]
    if facts is not None:
        items += [
            Item("Valid from", when(facts.not_before), copies=rfc3339(facts.not_before)),
            Item("Valid to", f"{when(facts.not_after)}{_left(facts.not_after, now)}", copies=rfc3339(facts.not_after)),
        ]
    items += [blank(), Item("Common name", both_spellings(row.common_name) or "none", copies=row.common_name)]
    items.append(Item("Names", _names(certificate), copies="\n".join(certificate.sans)))
    items.append(Item("Subject", certificate.subject or "empty", copies=certificate.subject))
    if facts is not None:
        items += [
            Item("Issuer", facts.issuer or "empty", copies=facts.issuer),
            Item("Provider", row.provider or "not known here"),
            Item("Serial", facts.serial_number),
            Item("Key", f"{row.key_algorithm}, {key_place(certificate)}", copies=row.key_algorithm),
            Item("Digest", facts.signature_digest or "none of its own", copies=facts.signature_digest),
        ]
        if details is not None:
            usages = ", ".join((*details.key_usages, *details.extended_key_usages))
            items.append(Item("Key usages", usages or "not limited"))
        items += [
            Item("SHA-256", facts.fingerprint_sha256),
            Item("SHA-1", facts.fingerprint_sha1),
        ]
    else:
        items.append(Item("Key", f"{row.key_algorithm or 'not known'}, {key_place(certificate)}"))
    items += [
        blank(),
        heading("In this inventory"),
        Item("Name", row.name),
        Item("Group", row.business_group or "none", copies=row.business_group),
        *_repository(certificate),
        *_access(certificate),
        Item("Description", certificate.description or "none", copies=certificate.description),
        Item("Contact", row.contact_email or "none", copies=row.contact_email),
        Item("Source", row.source),
        Item("Used by", ", ".join(_names_of_users(certificate)) or "nothing known"),
        Item("Added", when(row.created_at), copies=rfc3339(row.created_at)),
        Item("Changed", when(certificate.updated_at), copies=rfc3339(certificate.updated_at)),
        Item("Id", str(row.id)),
    ]
    return items


def _repository(certificate: Certificate) -> list[Item]:
    """Where it is filed; nothing of one that is not."""
    row = certificate.row
    if row.repository_id is None:
        return []
    return [Item("Repository", row.repository, target=("repository", row.repository_id))]


def _access(certificate: Certificate) -> list[Item]:
    """That its access list, or that of its repository, closes something of it; nothing of one that is open."""
    said = restriction_words(certificate.restrictions)
    return [Item("Access", said, "warn")] if said else []


def _revocation(certificate: Certificate) -> list[Item]:
    """What is known of the revocation, and what its authority said."""
    revocation = certificate.revocation
    if revocation is None:
        return []
    style = {AuthorityKnows.NOT_TOLD: "bad", AuthorityKnows.PERSON: "warn"}.get(revocation.authority, "")
    items = [
        Item("Revoked", f"{when(revocation.revoked_at)} by {revocation.by or 'somebody'}, {revocation.reason}"),
        Item(
            "CA knows",
            str(revocation.authority) if revocation.authority is not AuthorityKnows.HERE else "it is here",
            style,
        ),
    ]
    if revocation.invalidity_date is not None:
        items.append(Item("Bad since", when(revocation.invalidity_date), copies=rfc3339(revocation.invalidity_date)))
    if revocation.answer:
        asked = revocation.authority in (AuthorityKnows.TOLD, AuthorityKnows.NOT_TOLD)
        items.append(Item("It said" if asked else "Because", revocation.answer, style))
    return items


def _ordered(certificate: Certificate) -> list[Item]:
    """The profile that issued it, its newest order, and what that authority says of it; all from the authority's side."""
    items = []
    if certificate.authority:
        target = None if certificate.authority_id is None else ("authority", certificate.authority_id)
        items.append(Item("Authority", certificate.authority, target=target))
    if certificate.order_id is not None:
        items.append(Item("Order", str(certificate.order_id), target=("order", certificate.order_id)))
    marks = {"ok": "ok", "waiting": "note", "problem": "bad"}
    items += [
        Item(line.label, line.text, marks.get(line.mark, ""), copies=line.copy or line.text)
        for line in certificate.panel
    ]
    return items


def _renews(certificate: Certificate) -> str:
    if any(entry.relation == "renewal" for entry in certificate.lineage):
        return "no: another one has taken its place"
    key = ", with the same key" if certificate.keep_key else ""
    if certificate.row.status is Status.REVOKED:
        again = certificate.revocation is not None and certificate.revocation.renew
        return "now, with a new key: it was revoked" if again else "no: it is revoked"
    days = certificate.auto_renew_days
    if days and certificate.authority:
        due = renews_at(certificate)
        return f"{_days(days)} before it expires" + (f", on {due:%Y-%m-%d}" if due else "") + key
    if days:
        return f"no: {_days(days)} before it expires are set, but no authority"
    return f"no: {certificate.row.source}, " + ("no days set" if certificate.authority else "no authority set")


def _names_of_users(certificate: Certificate) -> list[str]:
    names = [resource.name for resource in certificate.resources]
    return [*names, *(f"{consumer_words(each)} by {each.container}" for each in certificate.consumers)]


def is_used(certificate: Certificate) -> bool:
    """Whether anything would break without it: a resource, or a consumer of its container."""
    return bool(certificate.resources or certificate.consumers)


def _used(certificate: Certificate) -> str:
    one = len(certificate.resources) + len(certificate.consumers) == 1
    if one and certificate.resources:
        return f"{certificate.resources[0].name} uses"
    return f"{_users(certificate)} use{'s' if one else ''}"


def _users(certificate: Certificate) -> str:
    """How many resources, and how many consumers by its containers."""
    counts = ((len(certificate.resources), "resource"), (len(certificate.consumers), "consumer"))
    return ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts if count) or "no resource"


def key_place(certificate: Certificate) -> str:
    return "here" if certificate.row.has_private_key else "not here"


def _names(certificate: Certificate) -> str:
    if not certificate.sans:
        authority = certificate.x509 is not None and certificate.x509.is_ca
        return "none, as usual for an authority" if authority else "none: clients that check names refuse it"
    shown = [both_spellings(san.removeprefix("DNS:")) for san in certificate.sans[:SHOWN_NAMES]]
    more = len(certificate.sans) - len(shown)
    return "  ".join(shown) + (f"  and {more:,} more (tab Names)" if more > 0 else "")


def both_spellings(name: str) -> str:
    """A name in both its spellings, where there are two."""
    other = u_labels(name)
    return name if other == name else f"{name} ({other})"


def when(instant: datetime | None) -> str:
    return "-" if instant is None else f"{rfc3339(instant)[:16].replace('T', ' ')} UTC"


def _left(not_after: datetime, now: datetime) -> str:
    left = days_remaining(not_after, now)
    if left < 0:
        return f", {days_ago(left)}"
    return f", {_days(left)} left" if left else ", less than a day left"


def _in(days: int) -> str:
    return f"in {_days(days)}" if days else "in less than a day"


def _days(days: int) -> str:
    return f"{days:,} day" if days == 1 else f"{days:,} days"
