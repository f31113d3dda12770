"""A CA of the built-in PKI: its place in the hierarchy, what it issued, and its CRLs."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.record import dataclass


class CaState(str, Enum):
    """What a CA can do."""

    ACTIVE = "active"
    WAITING = "waiting"
    """Its CSR is made; the certificate signed by an offline root has not come back."""
    OFFLINE = "offline"
    """Its certificate is here, its key is not: its CRLs come from outside."""
    RETIRED = "retired"
    """It issues no more; its CRLs and OCSP answers go on until its last certificate has expired."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class CaSettings:
    """What a CA publishes, and where; URLs go into the certificates it issues from then on."""

    crl_days: int = 7
    """From thisUpdate to nextUpdate; renewed when a third of it is left."""
    delta_hours: int = 0
    """From one delta CRL to the next; 0 for none."""
    crl_file: str = ""
    """Where the DER of each CRL is written on the host that runs the worker; the delta beside it as `NAME-delta.crl`."""
    crl_urls: tuple[str, ...] = ()
    delta_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    """Where its own certificate can be had (AIA caIssuers)."""
    ocsp_urls: tuple[str, ...] = ()
    compliant: bool = False
    """Marked by a person as one that a repository of compliant certificates may be bound to."""


@dataclass(frozen=True, slots=True)
class CrlInfo:
    """A CRL that was issued or accepted."""

    number: int
    this_update: datetime
    next_update: datetime
    entries: int
    delta: bool
    overdue: bool
    published: str = ""
    """Where it was written, or why it could not be; "" without a file."""


@dataclass(frozen=True, slots=True)
class CaRow:
    """One line of the list of CAs. Times and numbers are None or 0 while its certificate has not come."""

    id: int
    version: int
    name: str
    kind: str
    """`root` or `intermediate`."""
    state: CaState
    certificate_id: int
    parent_id: int | None
    common_name: str
    key_algorithm: str
    not_after: datetime | None
    issued: int
    living: int
    """Issued, not expired, not revoked."""
    revoked: int
    crl: CrlInfo | None
    created_at: datetime
    compliant: bool = False
    bound: bool = False
    """It belongs to a repository, whether the actor may see that or not."""


@dataclass(frozen=True, slots=True)
class LivingCertificate:
    """What would lose its issuer: a certificate of a CA that is neither expired nor revoked."""

    certificate_id: int | None
    """None where the inventory entry was deleted."""
    name: str
    serial_number: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Ca:
    """One CA with everything that its page shows."""

    row: CaRow
    settings: CaSettings
    subject: str
    chain: tuple[str, ...]
    """Names from its parent up to the root."""
    csr_pem: str
    delta: CrlInfo | None
    successor_id: int | None
    profiles: tuple[str, ...]
    """Names of the authority profiles that issue by it."""
    limits: tuple[str, ...] = ()
    """Path length, name constraints, usages: one sentence each."""
    repository: str = ""
    """The repository that it is bound to, "" for none that the actor may see."""
