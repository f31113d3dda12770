"""An order for one like a certificate that is there, which it is to replace."""

from __future__ import annotations

from certtui.model.certificate import Certificate, Labels
from certtui.model.csr import KEY_TYPES, SubjectFields
from certtui.model.order import OrderForm
from certtui.model.renewal import fits, life_days
from certtui.model.status import Status


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
        auto_renew_days=_renew_days(certificate),
        keep_key=certificate.keep_key and certificate.row.status is not Status.REVOKED,
        resource_ids=tuple(dict.fromkeys(ref.id for ref in certificate.resources if ref.role == "server")),
        renews_id=certificate.id,
    )


def _renew_days(certificate: Certificate) -> int | None:
    """Its own days; None, which leaves them as they are, where a profile gave more than its life has."""
    row, days = certificate.row, certificate.auto_renew_days
    if not days or row.not_before is None or row.not_after is None:
        return days
    return days if fits(days, life_days(row.not_before, row.not_after)) else None


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
