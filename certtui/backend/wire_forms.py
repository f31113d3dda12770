"""What travels beside the model's own nouns: bodies of requests, and certificates to add as the files they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.model.access import Access
from certtui.model.audit import Actor
from certtui.model.ca import CaSpec
from certtui.model.certificate import CertificateEdit, Labels, NewCertificate, Source
from certtui.model.cms import EncryptOptions, SignOptions
from certtui.model.local_ca import CaSettings
from certtui.model.policy import PolicyForm
from certtui.model.secret import Secret
from certtui.record import dataclass, field

MOST_AT_ONCE = 1_000
"""Certificates in one `add`, ids in one bulk act or `records`: what one transaction takes without keeping others waiting."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One certificate to add, as DER; its facts are read by whoever receives it. Or `pem`, with everything in one text."""

    leaf: bytes = b""
    chain: tuple[bytes, ...] = ()
    key: Secret | None = None
    """PKCS#8 DER."""
    labels: Labels = field(default_factory=Labels)
    source: Source = Source.IMPORTED
    csr_id: int | None = None
    reason: str = ""
    """Why it may come in where a soft policy asks for a word."""
    pem: str = ""
    """Certificate, chain and key as PEM, in place of `leaf`, `chain` and `key`."""
    password: Secret | None = None
    """Opens an encrypted key in `pem`."""
    repository_id: int | None = None
    """Where it is filed, also when it was here already."""


def upload(new: NewCertificate) -> Upload:
    """What travels of a certificate to add."""
    return Upload(
        leaf=new.x509.der,
        chain=tuple(each.der for each in new.chain),
        key=new.key.pkcs8 if new.key else None,
        labels=new.labels,
        source=new.source,
        csr_id=new.csr_id,
        reason=new.reason,
        repository_id=new.repository_id,
    )


@dataclass(frozen=True, slots=True)
class AddBody:
    """`certificates.add`: all in one transaction. With `skip_refused`, without those that a policy keeps out."""

    certificates: tuple[Upload, ...]
    skip_refused: bool = False


@dataclass(frozen=True, slots=True)
class ListingBody:
    """Open a list: filter, order (`name`, `-not_after`), and how many rows come with the answer."""

    filter: str = ""
    sort: str = "name"
    first: int = 100


@dataclass(frozen=True, slots=True)
class LookupBody:
    """`certificates.lookup`: hashes, lower-case hex."""

    fingerprints: tuple[str, ...] = ()
    spkis: tuple[str, ...] = ()
    subject_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordsBody:
    """`certificates.records`: ids in the order wanted; `as_of` is a listing's instant."""

    ids: tuple[int, ...]
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditManyBody:
    """`certificates.edit_many`: (id, version) pairs as they were seen."""

    versions: tuple[tuple[int, int], ...]
    changes: CertificateEdit


@dataclass(frozen=True, slots=True)
class DeleteManyBody:
    """`certificates.delete_many`. `consumers` are the ids of those that were looked at and confirmed."""

    versions: tuple[tuple[int, int], ...]
    dissociate: bool = False
    consumers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AssociationBody:
    """`resources.associate` and `.dissociate`; `role` counts for the first alone."""

    resource_ids: tuple[int, ...]
    role: str = "server"


@dataclass(frozen=True, slots=True)
class PlanBody:
    """`certificates.plan_replacement`: what the certificate of the path would be replaced by."""

    new_id: int


@dataclass(frozen=True, slots=True)
class RollbackBody:
    """`containers.rollback`: the version to go back to; null for the one before."""

    to: int | None = None


@dataclass(frozen=True, slots=True)
class MappingBody:
    """`people.add_mapping`."""

    match: str
    actor: str
    access: Access


@dataclass(frozen=True, slots=True)
class MakeCaBody:
    """`cas.create_root`, `.create_intermediate`, `.request_intermediate`: what it is to be, and what it publishes where."""

    spec: CaSpec
    settings: CaSettings | None = None


@dataclass(frozen=True, slots=True)
class ImportCaBody:
    """`cas.import_ca`: the certificate, with its key or without."""

    certificate: Upload
    settings: CaSettings | None = None


@dataclass(frozen=True, slots=True)
class RollOverBody:
    """`cas.roll_over`: what the successor is to be; null for one made as this one."""

    spec: CaSpec | None = None


@dataclass(frozen=True, slots=True)
class RetireBody:
    """`cas.retire`: how many certificates still live, as the person saw them listed."""

    living: int = 0


@dataclass(frozen=True, slots=True)
class DerBody:
    """A CRL or an OCSP request to look at, in DER; a CRL may be PEM."""

    data: bytes


@dataclass(frozen=True, slots=True)
class DryRunBody:
    """`policies.dry_run`: a policy that is here, or a form that is not saved."""

    policy_id: int | None = None
    form: PolicyForm | None = None


@dataclass(frozen=True, slots=True)
class SetBody:
    """`policies.add_set`: the name of a ready-made set."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameBody:
    """`repositories.rename`."""

    name: str


@dataclass(frozen=True, slots=True)
class ResetBody:
    """`repositories.reset`: how many certificates will leave, as the plan showed."""

    leaving: int


@dataclass(frozen=True, slots=True)
class FilingBody:
    """`repositories.add_certificates` and `.remove_certificates`: (id, version) pairs; `reason` counts for the first alone."""

    versions: tuple[tuple[int, int], ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignBody:
    """`repositories.sign`."""

    certificate_id: int
    content: bytes = field(repr=False)
    options: SignOptions = field(default_factory=SignOptions)


@dataclass(frozen=True, slots=True)
class VerifyBody:
    """`repositories.verify`; `content` is what a detached message signs."""

    message: bytes = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EncryptBody:
    """`repositories.encrypt`."""

    certificate_ids: tuple[int, ...]
    content: bytes = field(repr=False)
    options: EncryptOptions = field(default_factory=EncryptOptions)


@dataclass(frozen=True, slots=True)
class DecryptBody:
    """`repositories.decrypt`; without a certificate the message tells which."""

    message: bytes = field(repr=False)
    certificate_id: int | None = None


@dataclass(frozen=True, slots=True)
class MadeMessage:
    """What `repositories.sign` and `.encrypt` made."""

    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoteBody:
    """`alerts.acknowledge`, `.resolve`, `.reopen`: a person's word."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class SnoozeBody:
    """`alerts.snooze`: quiet until then."""

    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteManyBody:
    """The same for many: (id, version) pairs as they were seen."""

    versions: tuple[tuple[int, int], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class SnoozeManyBody:
    """`alerts.snooze_many`."""

    versions: tuple[tuple[int, int], ...]
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ThresholdsBody:
    """`alerts.set_thresholds`: days of a group, "" for what holds for all; null takes the group's own away."""

    business_group: str = ""
    days: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Id:
    """The answer of `resolve`."""

    id: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in a listing; null if it is not in it."""

    position: int | None


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest change's sequence number."""

    seq: int


@dataclass(frozen=True, slots=True)
class AccountKeyBody:
    """`accounts.roll_over`: the kind of the new key, "" for the profile's."""

    key_type: str = ""


@dataclass(frozen=True, slots=True)
class ContactBody:
    """`accounts.set_contact`: e-mail addresses, none for nobody."""

    email: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermsBody:
    """`accounts.agree`: the address of the terms that were read."""

    terms: str


@dataclass(frozen=True, slots=True)
class DeactivateBody:
    """`accounts.deactivate`: how many orders were seen that can't be finished then."""

    open_orders: int


@dataclass(frozen=True, slots=True)
class ListingState:
    """How far a listing is: `total` is null while it is counted."""

    id: str
    total: int | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a client needs to know first. `acts` are those this server has; `refused` says why not, for this person."""

    name: str
    version: str
    actor: Actor
    access: Access
    role: str
    read_only: bool
    locked: bool
    demo: bool
    now: datetime
    acts: tuple[str, ...]
    refused: dict[str, str]
    warnings: tuple[str, ...] = ()


def uploads(batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> AddBody:
    """A batch as it travels."""
    return AddBody(tuple(upload(each) for each in batch), skip_refused)
