"""A container: a named bundle with a stable reference, its versions, and the consumers that are bound to it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.model.consumer import Consumer
from certtui.model.secret import Secret
from certtui.record import dataclass, field


class ContainerType(str, Enum):
    """What a container holds."""

    CERTIFICATE = "certificate"
    """A certificate with its private key and intermediates: those of an entry of the inventory."""
    RSA = "rsa"
    """A pair of RSA keys, from stored secrets."""
    GENERIC = "generic"
    """Any stored secrets, by names of one's own."""

    def __str__(self) -> str:
        return self.value


class ContainerStatus(str, Enum):
    """What a consumer would meet, derived from what is in the container and a clock."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    INCOMPLETE = "incomplete"
    """Its certificate or the private key is not here any more: it gives nothing out."""

    def __str__(self) -> str:
        return self.value


class VersionReason:
    """Why a version was made, as it is kept. A step back is `rolled-back` and the number that it stepped back to."""

    CREATED = "created"
    ISSUED = "issued"
    """Made by an order that was completed."""
    RENEWED = "renewed"
    REPLACED = "replaced"
    UPDATED = "updated"
    ROLLED_BACK = "rolled-back"


CERTIFICATE, PRIVATE_KEY, INTERMEDIATES = "certificate", "private_key", "intermediates"
PUBLIC_KEY, PASSPHRASE = "public_key", "private_key_passphrase"
"""The names of parts that mean something. The passphrase seals the private key as it is given out."""

PART_TYPES = {
    CERTIFICATE: "certificate",
    PRIVATE_KEY: "private",
    INTERMEDIATES: "certificate",
    PUBLIC_KEY: "public",
    PASSPHRASE: "passphrase",
}
"""The type of the stored secret that a part of that name is, in containers of type `certificate` and `rsa`."""

MOST_PARTS = 32


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """One line of the place Containers. `status` and `days_remaining` are as of the listing."""

    id: int
    version: int
    ref: str
    """The stable part of its reference: 32 hexadecimal digits."""
    name: str
    type: ContainerType
    status: ContainerStatus
    number: int
    """The version of its content that is given out; it only grows."""
    certificate_id: int | None
    certificate: str
    """The name of its entry, "" for none."""
    not_after: datetime | None
    days_remaining: int | None
    parts: tuple[str, ...]
    """The names of what is in it."""
    consumer_count: int
    follows: bool
    """Whether a renewal of its certificate makes a new version."""
    business_group: str
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ContainerPart:
    """One part: of the entry (`secret_id` None), or a stored secret."""

    name: str
    about: str
    """What it is, in a few words."""
    secret_id: int | None = None
    secret: str = ""
    """The name of the stored secret, "" where it is not to be seen."""


@dataclass(frozen=True, slots=True)
class ContainerVersion:
    """What it held under a number. `why_not` says why one can't step back to it, "" where one can."""

    number: int
    certificate_id: int | None
    certificate: str
    not_after: datetime | None
    created_at: datetime
    created_by: str
    reason: str
    parts: tuple[str, ...] = ()
    """The stored secrets in it, by the names of the parts."""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """One container with everything that its page shows."""

    row: ContainerRow
    status_reason: str
    parts: tuple[ContainerPart, ...]
    versions: tuple[ContainerVersion, ...]
    """Newest first."""
    consumers: tuple[Consumer, ...]

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class ContainerForm:
    """A container to make, of an entry or of stored secrets.

    Of type `certificate` by `certificate_id`, whose key is here, or by parts, which come into the inventory then; `parts` are
    ids of stored secrets by the names of the parts. An empty name is made from the certificate's.
    """

    name: str = ""
    type: ContainerType = ContainerType.CERTIFICATE
    certificate_id: int | None = None
    parts: dict[str, int] = field(default_factory=dict)
    business_group: str = ""
    """Of type `certificate` the entry's counts."""
    follows: bool = True
    reason: str = ""
    """A person's word, where a soft policy asks why a certificate may come in."""


@dataclass(frozen=True, slots=True)
class ContainerEdit:
    """Changes to a container itself, not to what is in it; None leaves a field as it is."""

    name: str | None = None
    business_group: str | None = None
    """Only of containers without an entry."""
    follows: bool | None = None


@dataclass(frozen=True, slots=True)
class ContainerContent:
    """What a new version is to hold: another entry, or other stored secrets (all of them); None leaves that side as it is."""

    certificate_id: int | None = None
    parts: dict[str, int] | None = None
    reason: str = ""
    """As in `ContainerForm`."""


@dataclass(frozen=True, slots=True)
class PayloadPart:
    """One part as it is given out: PEM where there is one."""

    name: str
    type: str
    """One of `model.stored_secret.SECRET_TYPES`."""
    content: Secret


@dataclass(frozen=True, slots=True)
class ContainerPayload:
    """What a consumer gets."""

    ref: str
    name: str
    type: ContainerType
    number: int
    digest: str
    """Stands for exactly this content: what one sends along to be told that nothing changed."""
    parts: tuple[PayloadPart, ...]
    warnings: tuple[str, ...] = ()
    """What a consumer should know: it has expired, its chain has a hole …"""


@dataclass(frozen=True, slots=True)
class ContainerProblem:
    """What is wrong with a part, one sentence."""

    part: str
    problem: str


@dataclass(frozen=True, slots=True)
class ContainerCheck:
    """Whether a consumer would get what it needs. `unfit` are what a fetch refuses over, `problems` all that is wrong."""

    ok: bool
    summary: str
    number: int
    problems: tuple[ContainerProblem, ...] = ()
    unfit: bool = False


_REFERENCE = "containers/"
_API = "/api/v1/"


def reference_of(ref: str, server: str = "") -> str:
    """The reference that consumers use: `containers/<ref>`, over a server its URL."""
    return f"{server.rstrip('/')}{_API}{_REFERENCE}{ref}" if server else f"{_REFERENCE}{ref}"


def ref_in(reference: str) -> str:
    """The 32 hexadecimal digits of a reference, a URL or the digits themselves; "" for another text."""
    text = reference.strip().rstrip("/")
    if "/" in text:
        head, _, digits = text.rpartition("/")
        if not (head == _REFERENCE[:-1] or head.endswith(f"/{_REFERENCE[:-1]}")):
            return ""
    else:
        digits = text
    digits = digits.lower()
    return digits if len(digits) == 32 and all(char in "0123456789abcdef" for char in digits) else ""
