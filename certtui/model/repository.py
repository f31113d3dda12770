"""A repository: a place that groups certificates by data source. A certificate is in at most one."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.record import dataclass, field

MAX_LEAVING = 1_000
"""Certificates that a plan names; it counts them all."""


class DataSource(str, Enum):
    """Where the certificates of a repository come from, and so what may be filed there."""

    UPLOADED = "uploaded"
    """Any: self-signed, of third parties."""
    UPLOADED_CA = "uploaded-ca"
    """CA certificates with a complete chain."""
    PRIVATE = "private"
    """What one intermediate of the built-in PKI issued; what it issues from then on is filed by itself."""
    COMPLIANT = "compliant"
    """The same of an intermediate that is marked as compliant, under policies that are attached."""

    def __str__(self) -> str:
        return self.value

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def bound(self) -> bool:
        """Whether a CA belongs to it."""
        return self in (DataSource.PRIVATE, DataSource.COMPLIANT)


_LABELS = {
    DataSource.UPLOADED: "Uploaded certificates",
    DataSource.UPLOADED_CA: "Uploaded CA certificates",
    DataSource.PRIVATE: "Private certificates",
    DataSource.COMPLIANT: "Compliant certificates",
}


class RepositoryState(str, Enum):
    """Where a repository stands; `repository_states` says where it can go."""

    ENABLED = "enabled"
    RESET = "reset"
    """Nothing is filed there; it is enabled with a data source chosen anew, or deleted."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """One line of the list of repositories."""

    id: int
    version: int
    name: str
    business_group: str
    """Whose it is; "" for one that everybody shares."""
    data_source: DataSource | None
    """None after a reset."""
    state: RepositoryState
    certificates: int
    """Those filed there, as far as the actor may see them."""
    ca_id: int | None
    """The bound CA of the built-in PKI."""
    ca_name: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy that holds for what is filed in a repository, enabled elsewhere or not."""

    id: int
    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository with everything that its page shows."""

    row: RepositoryRow
    policies: tuple[AttachedPolicy, ...]
    updated_at: datetime

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version

    @property
    def name(self) -> str:
        return self.row.name


@dataclass(frozen=True, slots=True)
class RepositorySource:
    """A data source that is chosen, with what belongs to it."""

    data_source: str
    """One of `DataSource`."""
    ca_id: int | None = None
    """For `private` and `compliant`: the intermediate that it is bound to."""
    policy_ids: tuple[int, ...] = ()
    """For `compliant`: the policies that are attached."""
    policy_set: str = ""
    """For `compliant`: a ready-made set whose policies are attached; those that are not here yet are added."""


@dataclass(frozen=True, slots=True)
class RepositoryForm:
    """A repository to make; an empty name is made up. `business_group` "" is one for all."""

    source: RepositorySource
    name: str = ""
    business_group: str = ""


@dataclass(frozen=True, slots=True)
class LeavingCertificate:
    """A certificate that a reset takes out; it stays in the inventory."""

    id: int
    name: str
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """What a reset would do, bound to the version that was seen."""

    repository_id: int
    version: int
    name: str
    total: int
    """Certificates that will leave."""
    certificates: tuple[LeavingCertificate, ...]
    """The first of them by name, `MAX_LEAVING` at most."""
    ca_name: str
    """The CA that is freed, "" for none."""
    policies: tuple[str, ...]
    """Names of the policies that are attached no more."""


@dataclass(frozen=True, slots=True)
class FilingOutcome:
    """What became of certificates that were to be filed, in the order asked."""

    done: tuple[int, ...]
    skipped: tuple[tuple[int, str], ...] = ()
    """Those that stay where they are, with the reason."""
    needs_reason: tuple[int, ...] = field(default_factory=tuple)
    """Those of `skipped` that a person's word would let in."""
