"""The seam: what a screen, a command or a server may ask of a store of certificates.

One small Protocol per noun, gathered on `Backend`. Synchronous; safe to call from several threads. Only model types
cross it, with raw text and aware UTC times. Errors are the family of `certtui.errors`. What a backend cannot do is
missing from `capabilities` (with the reason) and raises `Unsupported`.

Every change takes the version that the person saw; a change under their feet is a `Conflict`. Every change is one
transaction with its audit event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.record import dataclass, field
from certtui.typed import Protocol, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from certtui.backend.base_accounts import Accounts
    from certtui.backend.base_acls import Acls
    from certtui.backend.base_alerts import Alerts, Channels
    from certtui.backend.base_containers import Containers, StoredSecrets
    from certtui.backend.base_filing import Repositories
    from certtui.backend.base_issuing import Authorities, Cas, Orders, Renewals, Work
    from certtui.backend.base_policies import Policies
    from certtui.model.access import Access, CertificateMapping, NewToken, TokenForm, TokenInfo
    from certtui.model.audit import Actor, AuditEvent, AuditExport, AuditHead, AuditVerification, Change
    from certtui.model.certificate import (
        AddOutcome,
        BulkOutcome,
        Certificate,
        CertificateEdit,
        CertificateRecord,
        CertificateRow,
        Exported,
        ExportRequest,
        KnownCertificate,
        NewCertificate,
        Overview,
        ReplacementPlan,
    )
    from certtui.model.chain import ChainReport
    from certtui.model.csr import CsrRequest, SavedCsr
    from certtui.model.order import Order
    from certtui.model.progress import Progress
    from certtui.model.query import Gone, Query
    from certtui.model.resource import Resource, ResourceForm, ResourceRow
    from certtui.model.revocation import RevocationForm
    from certtui.model.revocation_plan import RevocationPlan
    from certtui.model.secret import Secret
    from certtui.model.store import BackupReport, CheckFinding, RestoreReport, StoreStatus

RowT = TypeVar("RowT", covariant=True)


class Listing(Protocol[RowT]):
    """A frozen order with live rows (DESIGN 4). The first page is there at once, the rest is built behind it."""

    @property
    def total(self) -> int | None:
        """Number of rows; None while still counting. Never truncated."""

    @property
    def as_of(self) -> datetime:
        """The instant by which status and days of the rows are computed."""

    def rows(self, start: int, stop: int) -> Sequence[RowT | Gone]:
        """Rows of the frozen order, read now; fewer than asked only at the end. Waits for the vector if it must."""

    def position(self, row_id: int) -> int | None:
        """Where a row stands in the order, None if it is not in it."""

    def ids(self) -> Sequence[int]:
        """All ids in order, waiting until they are known: what `*` freezes."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until `total` is known; False if the time (seconds) ran out first."""

    def reopen(self) -> Listing[RowT]:
        """The same query asked again, as of now; this listing is closed."""

    def close(self) -> None:
        """Free what it holds and stop what runs for it; idempotent."""


class Certificates(Protocol):
    """The inventory."""

    def search(self, query: Query) -> Listing[CertificateRow]:
        """Open a list. Raises `Invalid` (field "filter" or "sort") for a filter that does not parse or an unknown field."""

    def overview(self) -> Overview:
        """Buckets and expiries of everything, by indexed counts."""

    def get(self, certificate_id: int) -> Certificate:
        """One entry; raises `NotFound`."""

    def records(self, ids: Sequence[int], *, as_of: datetime | None = None) -> Sequence[CertificateRecord]:
        """Entries in the order asked, those that are gone left out; for output in bulk, so a few statements for all of them.

        Callers ask for at most 1,000 at once. `status` and `days_remaining` are as of `as_of` (a listing's), else now.
        """

    def resolve(self, reference: str) -> int:
        """An id, a unique name or a fingerprint prefix (4 hex digits or more) to an id. Raises `NotFound`, `Ambiguous`."""

    def lookup(
        self, *, fingerprints: Sequence[str] = (), spkis: Sequence[str] = (), subject_ids: Sequence[str] = ()
    ) -> Sequence[KnownCertificate]:
        """Entries with any of these hashes, by subject only CAs: what a form asks so that the file itself need not travel."""

    def chain(self, certificate_id: int) -> ChainReport:
        """The paths to a root, from stored chain material, the inventory and the system's roots. No network."""

    def record_view(self, certificate_id: int) -> None:
        """Audit `certificate.view.accessed`: a page or `show` was opened."""

    def add(self, batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> Sequence[AddOutcome]:
        """Add all in one transaction, outcomes in order. What is there (by fingerprint) is not added twice; a missing key is attached.

        Raises `Invalid` when a key does not belong to its certificate, `Locked` when a key comes and the store is locked,
        `PolicyRefused` and `ReasonNeeded` for the first that a policy keeps out, `Invalid` (field "repository") for one that
        its repository does not take; nothing is added then. With `skip_refused` those are left out, and their outcomes say
        why.
        """

    def edit(self, certificate_id: int, version: int, changes: CertificateEdit) -> Certificate:
        """Change labels. Raises `NotFound`, `Conflict`, `Invalid`."""

    def delete(
        self, certificate_id: int, version: int, *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> None:
        """Remove an entry with its sealed key. Raises `Conflict` while it is associated, unless `dissociate`.

        So too while its containers have consumers, unless the ids of all of them are confirmed: the message lists them.
        """

    def delete_many(
        self, versions: Sequence[tuple[int, int]], *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> BulkOutcome:
        """Delete (id, version) pairs; rows that moved, are associated or have other consumers are skipped and named."""

    def edit_many(self, versions: Sequence[tuple[int, int]], changes: CertificateEdit) -> BulkOutcome:
        """Change labels of many; rows whose version moved are skipped and named."""

    def export(self, certificate_id: int, request: ExportRequest) -> Exported:
        """Bytes to write. Audited as `certificate.download.success` or `.download_pfx.success`.

        Raises `Locked`, `NotFound`, `Unsupported` (ML-DSA in PKCS#12).
        """

    def reveal_key(self, certificate_id: int) -> Secret:
        """The private key as unencrypted PKCS#8 PEM; audited. Raises `NotFound`, `Locked`, `Denied`."""

    def delete_key(self, certificate_id: int, version: int) -> Certificate:
        """Destroy the sealed key, keep the certificate; audited."""

    def plan_replacement(self, old_id: int, new_id: int) -> ReplacementPlan:
        """What moving from old to new would do. Raises `NotFound`, `Invalid` (same entry, no X.509, already in one lineage)."""

    def replace(self, plan: ReplacementPlan) -> Certificate:
        """Carry out a plan in one transaction: associations move, lineage is recorded. Raises `Conflict` if either side moved."""

    def plan_revocation(self, certificate_id: int) -> RevocationPlan:
        """What revoking would break; audited as `certificate.revoke.requested`. Raises `NotFound`, `Conflict` (no X.509, revoked already)."""

    def revoke(self, certificate_id: int, version: int, form: RevocationForm) -> Certificate:
        """Revoke for good: here at once; its authority is told, now or as soon as it answers. Audited as `certificate.revoke.confirmed`.

        Raises `Conflict`, and `Invalid` (field "serial_number") when the form's serial is another one's.
        """

    def renew(self, certificate_id: int, version: int, *, take_over: bool | None = None) -> Order:
        """Renew one now, due or not: an order like the one before. The same order for whoever does it at the same time.

        `take_over`: whether the new one takes the place of this one where it is associated; None for what the profile says.
        Raises `Conflict`, `NotFound` (no authority), `Invalid` and `PolicyRefused` as `Orders.submit`.
        """

    def note_authority_told(self, certificate_id: int, version: int) -> Certificate:
        """A person has told the authority of a revocation. Raises `Conflict` where nobody needs to."""


class Csrs(Protocol):
    """Saved CSRs: pending certificates whose key was made here."""

    def create(self, request: CsrRequest) -> SavedCsr:
        """Make key and request, store both (key sealed) as a pending entry. Raises `Invalid`, `Locked`."""

    def list(self) -> Sequence[SavedCsr]:
        """All saved CSRs, newest first."""

    def get(self, certificate_id: int) -> SavedCsr:
        """One saved CSR by its entry's id; raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """Id or unique name among saved CSRs. Raises `NotFound`, `Ambiguous`."""

    def complete(self, certificate_id: int, version: int, new: NewCertificate) -> AddOutcome:
        """Give the signed certificate. Raises `Invalid` naming both key identities if it belongs to another key, `Conflict`."""

    def delete(self, certificate_id: int, version: int) -> None:
        """Remove a saved CSR with its key; audited."""


class Resources(Protocol):
    """The things that use certificates."""

    def search(self, query: Query) -> Listing[ResourceRow]:
        """Open a list; free words match name, endpoint and notes, `type:` the type, `unused` those without certificates."""

    def get(self, resource_id: int) -> Resource: ...

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`, `Ambiguous`."""

    def add(self, form: ResourceForm) -> Resource:
        """Raises `Invalid` (field) and `Conflict` for a name that is taken."""

    def edit(self, resource_id: int, version: int, form: ResourceForm) -> Resource: ...

    def remove(self, resource_id: int, version: int, *, dissociate: bool = False) -> None:
        """Raises `Conflict` while certificates are associated, unless `dissociate`."""

    def associate(self, certificate_id: int, resource_ids: Sequence[int], role: str = "server") -> Certificate:
        """Associate; those already associated in that role stay as they are. Raises `NotFound`, `Invalid` (role, no X.509)."""

    def dissociate(self, certificate_id: int, resource_ids: Sequence[int]) -> Certificate:
        """Dissociate in every role; those not associated raise `NotFound`."""


class Audit(Protocol):
    """The audit log."""

    def search(self, query: Query) -> Listing[AuditEvent]:
        """Open the log, newest first by `Sort("id", descending=True)`.

        Free words match event, actor and object name; `event: actor: object: id: since: until:` narrow it.
        """

    def get(self, seq: int) -> AuditEvent: ...

    def head(self) -> AuditHead: ...

    def verify(self, progress: Progress | None = None) -> AuditVerification: ...

    def record_export(self, export: AuditExport) -> None:
        """Audit `audit.export.success`: that somebody wrote records to a file. Raises `Invalid` (field)."""


class Feed(Protocol):
    """What others changed: cheap enough to ask once a second."""

    def latest(self) -> int:
        """The newest change's sequence number; microseconds when nothing happened."""

    def since(self, seq: int, limit: int = 1000) -> Sequence[Change]:
        """Changes after `seq`, oldest first; views are not changes."""


class Store(Protocol):
    """Care of the store. A remote backend raises `Unsupported` for all but `locked`."""

    @property
    def locked(self) -> bool: ...

    def status(self) -> StoreStatus: ...

    def unlock(self, passphrase: Secret) -> None:
        """Raises `Denied` for a wrong passphrase."""

    def lock(self) -> None:
        """Forget the store key; with only a key file, `unlock` reads the file again and asks no passphrase."""

    def check(self, progress: Progress | None = None) -> Sequence[CheckFinding]:
        """Database integrity, foreign keys, search index, audit chain, every sealed key opens (when unlocked)."""

    def backup(self, path: Path, *, overwrite: bool = False, progress: Progress | None = None) -> BackupReport:
        """A consistent copy while in use, 0600, without the store key. Raises `Conflict` if the file is there."""

    def rekey(self, progress: Progress | None = None) -> StoreStatus:
        """A new store key; all data keys re-wrapped in one transaction; crash-safe (DESIGN 5)."""

    def set_passphrase(self, passphrase: Secret | None) -> StoreStatus:
        """Protect the store key by a passphrase (Argon2id) instead of the key file, or go back to a key file with None."""

    def seal(self, content: bytes) -> bytes:
        """What only this store's key turns back: for a key in a form that is not saved yet. Raises `Locked`, `Unsupported`."""

    def unseal(self, sealed: bytes) -> bytes:
        """The content again. Raises `Locked`, and `Invalid` when this store's present key did not seal it."""


class People(Protocol):
    """Tokens and client certificates that stand for people and services (DESIGN: authenticated before anything is read)."""

    def create_token(self, form: TokenForm) -> NewToken:
        """A new token, stored hashed, seen only now; audited. Raises `Invalid`."""

    def list_tokens(self) -> Sequence[TokenInfo]:
        """All tokens, newest first, revoked ones too."""

    def revoke_token(self, token_id: int) -> TokenInfo:
        """From now on it opens nothing; idempotent, audited. Raises `NotFound`."""

    def add_mapping(self, match: str, actor: str, access: Access) -> CertificateMapping:
        """Let a client certificate with this subject or SAN act as `actor`. Raises `Invalid`, `Conflict`."""

    def list_mappings(self) -> Sequence[CertificateMapping]: ...

    def remove_mapping(self, mapping_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """Who and what is behind the seam; `name` is the context's name for the header."""

    name: str
    kind: str
    """`local` or `remote`."""
    place: str
    """Path or URL, without credentials."""
    actor: Actor
    role: str
    read_only: bool
    demo: bool = False
    warnings: tuple[str, ...] = ()
    """Sentences to say once: network file system, key file too open, older schema …"""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this backend cannot do: act id (as in `certtui.actions`) to the reason shown beside the greyed act."""

    missing: dict[str, str] = field(default_factory=dict)

    def why_not(self, act: str) -> str:
        """The reason, or "" if the act is possible here."""
        return self.missing.get(act, "")


class Backend(Protocol):
    """Everything a screen, a command or a server may ask for."""

    @property
    def info(self) -> BackendInfo: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def csrs(self) -> Csrs: ...
    @property
    def resources(self) -> Resources: ...
    @property
    def repositories(self) -> Repositories: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def store(self) -> Store: ...
    @property
    def people(self) -> People: ...
    @property
    def containers(self) -> Containers: ...
    @property
    def secrets(self) -> StoredSecrets: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def authorities(self) -> Authorities: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def cas(self) -> Cas: ...
    @property
    def renewals(self) -> Renewals: ...
    @property
    def work(self) -> Work: ...
    @property
    def acls(self) -> Acls: ...

    def interrupt(self) -> None:
        """Break off the reads that run in other threads; they raise `Interrupted`."""

    def close(self) -> None: ...


class StoreAdmin(Protocol):
    """Acts on a store that is not open: made by the factory, local only."""

    def status(self) -> StoreStatus:
        """Also for a store that does not exist; creates nothing."""

    def init(self, *, passphrase: Secret | None = None) -> StoreStatus:
        """Make it; raises `Conflict` if it is there."""

    def restore(self, backup: Path, *, overwrite: bool = False) -> RestoreReport:
        """Bring a backup back; an existing store is kept aside under a dated name. Raises `Conflict`, `Invalid`."""
