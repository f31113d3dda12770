"""From the facts of a certificate to the columns of its row, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from certtui.clock import epoch, from_epoch
from certtui.model.certificate import Labels
from certtui.model.domains import domain_of
from certtui.model.search_text import fold, search_text_of
from certtui.model.status import ExpiringRule, expiring_from_seconds
from certtui.model.x509 import X509Facts

Values = dict[str, Any]  # a row's columns: int, str or None by column name


def x509_values(facts: X509Facts, rule: ExpiringRule) -> Values:
    """The columns that an X.509 fills."""
    begins, ends = epoch(facts.not_before), epoch(facts.not_after)
    return {
        "state": "",
        "not_before": begins,
        "not_after": ends,
        "expiring_from": expiring_from_seconds(begins, ends, rule),
        "is_ca": int(facts.is_ca),
        "self_issued": int(facts.self_issued),
        "san_count": len(facts.sans),
        "common_name": facts.common_name,
        "issuer_name": facts.issuer_name,
        "key_algorithm": facts.key_algorithm,
        "signature_digest": facts.signature_digest,
        "serial_number": facts.serial_number,
        "fingerprint_sha256": facts.fingerprint_sha256,
        "fingerprint_sha1": facts.fingerprint_sha1,
        "spki_sha256": facts.spki_sha256,
        "subject_id": facts.subject_id,
        "issuer_id": facts.issuer_id,
        "subject_key_id": facts.subject_key_id,
        "authority_key_id": facts.authority_key_id,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "sans": joined(facts.sans),
        "domain": domain_of(facts.sans, facts.common_name),
    }


def label_values(labels: Labels, name: str) -> Values:
    """The columns that people write."""
    return {
        "name": name,
        "name_key": fold(name),
        "business_group": labels.business_group,
        "description": labels.description,
        "contact_email": labels.contact_email,
    }


def searchable(values: Mapping[str, Any]) -> str:  # Any: as in Values
    """The search text of a row's columns."""
    return search_text_of(
        name=values["name"],
        common_name=values["common_name"],
        sans=split(values["sans"]),
        subject=values["subject"],
        issuer=values["issuer"],
        business_group=values["business_group"],
        description=values["description"],
        contact_email=values["contact_email"],
    )


def default_name(common_name: str, sans: Sequence[str], subject: str = "", issuer_name: str = "") -> str:
    """What an entry is called when nobody named it: its common name, else its first SAN, else its OU, else its O."""
    if common_name:
        return common_name
    if sans:
        return sans[0].partition(":")[2]
    from certtui.pki.names import attribute_of

    owner = attribute_of(subject, "OU") or attribute_of(subject, "O")
    return owner or (f"from {issuer_name}" if issuer_name else "unnamed")


def entry_name(facts: X509Facts) -> str:
    """`default_name` of a certificate."""
    return default_name(facts.common_name, facts.sans, facts.subject, facts.issuer_name)


def joined(sans: Sequence[str]) -> str:
    """SANs as one column, a line each; a line break inside a hostile name is written as DLE n, a DLE as two."""
    text = "\n".join(sans)
    if "\x10" not in text and text.count("\n") < max(1, len(sans)):
        return text
    return "\n".join(san.replace("\x10", "\x10\x10").replace("\n", "\x10n") for san in sans)


def split(column: str) -> tuple[str, ...]:
    """SANs from their column, exactly as they were."""
    lines = column.split("\n") if column else ()
    if "\x10" not in column:
        return tuple(lines)
    return tuple("\x10".join(part.replace("\x10n", "\n") for part in line.split("\x10\x10")) for line in lines)


def instant(seconds: int | None) -> datetime | None:
    """A stored instant, None for none."""
    return None if seconds is None else from_epoch(seconds)
