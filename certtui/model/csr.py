"""A saved CSR: a pending certificate whose key and request were made here and which has no authority."""

from __future__ import annotations

from datetime import datetime

from certtui.model.certificate import Labels
from certtui.record import dataclass, field

KEY_TYPES = (
    "rsa-2048",
    "rsa-3072",
    "rsa-4096",
    "ec-256",
    "ec-384",
    "ec-521",
    "ed25519",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
)


@dataclass(frozen=True, slots=True)
class SubjectFields:
    """The subject of a request; empty fields are left out."""

    common_name: str = ""
    organization: str = ""
    organizational_unit: str = ""
    country: str = ""
    """ISO 3166 two letters."""
    state: str = ""
    locality: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CsrRequest:
    """What to make: subject, SANs as "DNS:…", "IP:…", "EMAIL:…", "URI:…" (U-labels welcome), one of KEY_TYPES, labels."""

    subject: SubjectFields
    sans: tuple[str, ...] = ()
    key_type: str = "ec-256"
    labels: Labels = field(default_factory=Labels)


@dataclass(frozen=True, slots=True)
class SavedCsr:
    """A pending certificate entry with its request. `id` and `version` are those of the certificate entry."""

    id: int
    version: int
    name: str
    common_name: str
    sans: tuple[str, ...]
    subject: str
    key_algorithm: str
    spki_sha256: str
    pem: str
    business_group: str
    created_at: datetime
