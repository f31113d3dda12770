"""The certificate: a row of a list, the whole page, and what people do to it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.model.consumer import Consumer, ContainerRef
from certtui.model.lifecycle import Lifecycle
from certtui.model.panel import PanelLine
from certtui.model.revocation import Revocation
from certtui.model.secret import Secret
from certtui.model.status import Status
from certtui.model.x509 import KeyFacts, X509Facts
from certtui.record import dataclass, field


class Source(str, Enum):
    """How an entry came into the inventory."""

    MANAGED = "managed"
    IMPORTED = "imported"
    DISCOVERED = "discovered"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One line of the inventory. Times are None while there is no X.509; `days_remaining` and `status` are as of the listing."""

    id: int
    version: int
    name: str
    common_name: str
    san_count: int
    status: Status
    not_before: datetime | None
    not_after: datetime | None
    days_remaining: int | None
    resource_count: int
    business_group: str
    issuer: str
    """Short issuer (CN, else O)."""
    provider: str
    source: str
    key_algorithm: str
    has_private_key: bool
    contact_email: str
    created_at: datetime
    repository: str = ""
    """The name of the repository that it is filed in, "" for none (that the actor may see)."""
    repository_id: int | None = None
    authority: str = ""
    """The name of the authority that renews it, "" for none."""
    auto_renew_days: int | None = None
    """How many days before its end it renews itself; None for never."""


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """A resource as seen from a certificate; `role` is `server` or `client-ca`."""

    id: int
    name: str
    type: str
    endpoint: str
    role: str


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """One member of a lineage, oldest first; `relation` is `this`, `renewed` (an older one) or `renewal` (a newer one)."""

    id: int
    name: str
    relation: str
    status: Status
    not_before: datetime | None
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class Restriction:
    """What closes an entry to its group, as its page tells it: a list of its own, or that of its repository."""

    kind: str
    """`certificate` or `repository`: whose list it is."""
    read_group: bool
    use_group: bool
    readers: int
    """How many are named to read and not to use."""
    users: int
    """How many may use it: who is named, and the owner."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One entry with everything that its page shows. `row` holds the list facts; X.509 facts are None for drafts and pending."""

    row: CertificateRow
    x509: X509Facts | None
    chain: tuple[X509Facts, ...]
    """Chain material stored with it, leaf excluded, in the order leaf to root as far as it could be ordered."""
    csr_pem: str
    """The PKCS#10 request this entry came from, "" if none is known."""
    sans: tuple[str, ...]
    subject: str
    description: str
    spki_sha256: str
    status_reason: str
    """Why this status, naming the rule: one sentence."""
    resources: tuple[ResourceRef, ...]
    lineage: tuple[LineageEntry, ...]
    updated_at: datetime
    expiring_at: datetime | None = None
    """Since when, or from when, it counts as expiring by the store's rule; None while there is no X.509."""
    authority: str = ""
    """Name of the profile that issued it, or that its order goes to."""
    authority_id: int | None = None
    order_id: int | None = None
    """The newest order of this entry."""
    auto_renew_days: int | None = None
    """So many days before it expires it is to be renewed; None for an entry that nothing renews."""
    keep_key: bool = False
    """Its renewals have its private key again."""
    revocation: Revocation | None = None
    panel: tuple[PanelLine, ...] = ()
    """What its authority says of it."""
    containers: tuple[ContainerRef, ...] = ()
    """Those that give it out now."""
    consumers: tuple[Consumer, ...] = ()
    """Who gets it by way of these: with `resources`, everything that would break without it."""
    restrictions: tuple[Restriction, ...] = ()
    """The access lists that close something of it to its group; empty for one that is open."""
    life: Lifecycle | None = None
    """What was done with it and when, and what watches it; None where the page was not asked for that."""

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """What `list --format json|csv` prints of one entry: the row and the facts a row leaves out, without DER, chain or lineage.

    Texts are "" and `sans` empty while there is no X.509; `subject` and `sans` of a pending entry are those of its request.
    """

    row: CertificateRow
    subject: str
    """RFC 4514, as `issuer`."""
    issuer: str
    sans: tuple[str, ...]
    serial_number: str
    signature_digest: str
    fingerprint_sha256: str
    description: str
    resources: tuple[ResourceRef, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """What people write on an entry, all optional; an empty name is made from the common name or first SAN."""

    name: str = ""
    business_group: str = ""
    description: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True)
class CertificateEdit:
    """Changes to the labels, and to how it is renewed; None leaves a field as it is."""

    name: str | None = None
    business_group: str | None = None
    description: str | None = None
    contact_email: str | None = None
    authority: str | None = None
    """The name of the profile that renews it; "" for none, which also ends its renewal."""
    auto_renew_days: int | None = None
    """So many days before it expires: 1 to its life minus 1, or 0 for a certificate that does not renew itself."""
    keep_key: bool | None = None
    """Whether its renewals have its private key again."""


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """One certificate to add. The facts come from the inspect port of this process, never from a wire."""

    x509: X509Facts
    chain: tuple[X509Facts, ...] = ()
    key: KeyFacts | None = None
    labels: Labels = field(default_factory=Labels)
    source: Source = Source.IMPORTED
    csr_id: int | None = None
    """The pending entry (saved CSR) this completes; its key is used and the entry becomes this certificate."""
    reason: str = ""
    """A person's word why it may come in where a soft policy asks for one."""
    repository_id: int | None = None
    """Where it is filed, also when it was here already; what its data source keeps out is not added."""


@dataclass(frozen=True, slots=True)
class AddOutcome:
    """What became of one `NewCertificate`."""

    id: int
    name: str
    fingerprint_sha256: str
    created: bool
    """False: it was there already, by fingerprint."""
    key_attached: bool
    """A key that was missing in the inventory came with it and is stored now (also true for a new entry with key)."""
    missing_issuer: str = ""
    """The RFC 4514 name of the intermediate that neither the chain nor the inventory nor the trust store has."""
    completed_csr: bool = False
    """It belongs to a CSR saved here, whose entry became this certificate; its key was here already."""
    refused: str = ""
    """Why a policy kept it out; it was not added then, and `id` is 0."""
    needs_reason: bool = False
    """A person's word would let it in."""
    filed: bool = False
    """It lies in the repository that was asked for."""


@dataclass(frozen=True, slots=True)
class KnownCertificate:
    """An answer of `certificates.lookup`: an inventory entry that a form should know of."""

    id: int
    name: str
    status: Status
    fingerprint_sha256: str
    spki_sha256: str
    subject_id: str
    has_private_key: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """One disjoint part of the inventory for the status strip; `filter` is the filter text that shows exactly it."""

    key: str
    """`expired`, `7d`, `30d`, `90d`, `active`, `not_yet_valid`, `revoked`, `pending` (with drafts), `error`."""
    label: str
    filter: str
    count: int


@dataclass(frozen=True, slots=True)
class ExpiryBar:
    """Certificates (not revoked) that expire in one calendar month."""

    year: int
    month: int
    count: int
    filter: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The head of the Inventory: counted facts of everything the actor may see."""

    total: int
    buckets: tuple[Bucket, ...]
    expiries: tuple[ExpiryBar, ...]
    as_of: datetime


class ExportForm(str, Enum):
    """What an export can look like."""

    PEM = "pem"
    FULLCHAIN = "fullchain"
    CHAIN = "chain"
    DER = "der"
    PKCS7 = "pkcs7"
    PFX = "pfx"
    KEY = "key"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """`password` seals PFX and key (None: key unencrypted, which the caller has confirmed); `compat` is 3DES and SHA-1 for old readers."""

    form: ExportForm
    password: Secret | None = None
    compat: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """The bytes to write and the file name to suggest (made safe: no path, no control character)."""

    filename: str
    content: Secret
    holds_key: bool


@dataclass(frozen=True, slots=True)
class AssociationMove:
    """One association that a replacement would move from the old certificate to the new one."""

    resource: ResourceRef
    move: bool
    reason: str
    """Why it moves or not, one sentence."""


@dataclass(frozen=True, slots=True)
class ReplacementPlan:
    """What `replace` would do, bound to the versions that were seen."""

    old_id: int
    old_version: int
    new_id: int
    new_version: int
    moves: tuple[AssociationMove, ...]
    warnings: tuple[str, ...]
    """What a careful person would want to know: names lost, weaker key, new one expires earlier, key missing."""
    containers: tuple[ContainerRef, ...] = ()
    """Those that would give out the new certificate, as a new version."""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a bulk act did: ids done, and (id, reason) for rows skipped, for instance since their version moved."""

    done: tuple[int, ...]
    skipped: tuple[tuple[int, str], ...]
