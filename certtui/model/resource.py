"""A resource: a thing that uses certificates."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

RESOURCE_TYPES = ("load-balancer", "listener", "host", "file", "other")
ROLES = ("server", "client-ca")


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One line of the Resources place."""

    id: int
    version: int
    name: str
    type: str
    endpoint: str
    notes: str
    certificate_count: int
    next_expiry: datetime | None
    """The earliest notAfter among its certificates that are not revoked."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AssociatedCertificate:
    """A certificate as seen from a resource."""

    id: int
    name: str
    role: str
    status: str
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with what it uses."""

    row: ResourceRow
    certificates: tuple[AssociatedCertificate, ...]


@dataclass(frozen=True, slots=True)
class ResourceForm:
    """What a person writes of a resource; for an edit, None leaves a field as it is."""

    name: str | None = None
    type: str | None = None
    endpoint: str | None = None
    notes: str | None = None
