"""A stored secret: kept beside certificates, as a part of containers. What is in it is never listed or shown."""

from __future__ import annotations

from datetime import datetime

from certtui.model.secret import Secret
from certtui.record import dataclass

SECRET_TYPES = ("passphrase", "symmetric", "opaque", "public", "private", "certificate")
READ_TYPES = ("public", "private", "certificate")
"""Types that have a form, in which they are read when they are stored."""

LARGEST_SECRET = 64 * 1024
"""Octets of a payload."""

ENCRYPTED = "encrypted"
"""The algorithm of a private key that is kept under a passphrase of its own: what it is can't be seen."""


@dataclass(frozen=True, slots=True)
class StoredSecretRow:
    """What is known of a stored secret; `days_remaining` is as of the listing, None for one that does not expire."""

    id: int
    version: int
    name: str
    type: str
    """One of SECRET_TYPES."""
    algorithm: str
    """Of keys and certificates: `ec-256`, `rsa-2048`, `encrypted` …; "" for others."""
    spki_sha256: str
    """Of keys and certificates: what they belong to, "" where that can't be seen."""
    size: int
    """Octets of the payload."""
    expires_at: datetime | None
    days_remaining: int | None
    container_count: int
    business_group: str
    description: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A container, one of whose versions has the secret as a part."""

    container_id: int
    container: str
    part: str
    current: bool
    """It is in the version that is given out."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """One stored secret with what uses it."""

    row: StoredSecretRow
    uses: tuple[SecretUse, ...]

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class StoredSecretForm:
    """A secret to store. Keys and certificates are PEM or DER; an encrypted private key keeps its encryption."""

    name: str
    type: str
    payload: Secret
    expires_at: datetime | None = None
    """None: of certificates the earliest end of validity, others do not expire."""
    business_group: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class StoredSecretCheck:
    """Whether a stored secret has expired, or does soon."""

    ok: bool
    summary: str
    expires_at: datetime | None
    days_remaining: int | None
