"""An order: one request to an authority, from a saved form to a certificate, with its story."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.model.authority import AuthorityType, CheckedLine
from certtui.model.certificate import Labels
from certtui.model.csr import SubjectFields
from certtui.model.panel import PanelLine
from certtui.model.policy import PolicyFinding
from certtui.record import dataclass, field


class OrderStatus(str, Enum):
    """Where an order stands (DESIGN 2)."""

    DRAFT = "draft"
    PENDING = "pending"
    """The CSR is made; it waits for something outside, or to be submitted."""
    PROCESSING = "processing"
    """The authority works."""
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        return self.value

    @property
    def open(self) -> bool:
        """Whether something can still come of it."""
        return self in (OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.PROCESSING)


REQUESTER_KINDS = ("person", "token", "schedule", "courier", "acme-client")


@dataclass(frozen=True, slots=True)
class OrderForm:
    """What is asked for. `key_type` and `csr` exclude each other: an uploaded CSR (DER) brings its own key, subject and SANs."""

    authority: str = ""
    """The profile's name; may be empty in a draft."""
    subject: SubjectFields = field(default_factory=SubjectFields)
    sans: tuple[str, ...] = ()
    key_type: str = ""
    """One of `model.csr.KEY_TYPES`, "" for the default of the template."""
    csr: bytes = b""
    template: str = ""
    days: int | None = None
    """Validity; None for the default of the template."""
    labels: Labels = field(default_factory=Labels)
    auto_renew_days: int | None = None
    """None for the profile's default, 0 for none; of a renewal for those of the certificate before."""
    take_over: bool = False
    """Its certificate takes the place of the one that it renews wherever that is associated, when it is issued."""
    keep_key: bool = False
    """Renewals have the private key of the certificate before; so has this one, if it renews one."""
    resource_ids: tuple[int, ...] = ()
    """Resources to associate when it is done."""
    renews_id: int | None = None
    """The certificate that this one is to replace."""
    reason: str = ""
    """A person's word on soft policy findings."""
    reference: str = ""
    """The client's own mark, unique in the store: saving a form with a mark that is there gives the order that has it."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the Orders place."""

    id: int
    version: int
    certificate_id: int | None
    """Its entry of the inventory; None once it is gone (a cancelled order's is)."""
    name: str
    common_name: str
    """The common name, else the first SAN, else the entry's name."""
    san_count: int
    type: AuthorityType | None
    """None while a draft names no authority."""
    authority: str
    authority_id: int | None
    status: OrderStatus
    requester_kind: str
    """One of REQUESTER_KINDS."""
    requester: str
    business_group: str
    created_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None
    duration_seconds: int | None
    """From submission to the end, or to the listing's instant while it runs; None before."""
    error: str


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One step of the story: when, what happened in one sentence, and how: `done`, `waiting` or `failed`."""

    at: datetime
    name: str
    """`draft`, `csr`, `submitted`, `waiting`, `issued`, `stored`, `associated`, `failed`, `cancelled`, `sent-again` …"""
    text: str
    outcome: str = "done"


@dataclass(frozen=True, slots=True)
class OrderError:
    """Why it failed: our sentence, the authority's own words, and what to do."""

    message: str
    words: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One order with everything that its page shows."""

    row: OrderRow
    form: OrderForm
    """From pending on, what is in the CSR can't be changed (`fixed_fields`)."""
    csr_pem: str
    steps: tuple[OrderStep, ...]
    findings: tuple[PolicyFinding, ...]
    error: OrderError | None
    panel: tuple[PanelLine, ...]
    next: str
    """What to do now, one sentence: a draft's is `No CSR yet: …`."""
    looks_at: datetime | None = None
    """When the worker looks at it next."""
    key_algorithm: str = ""
    spki_sha256: str = ""
    again_id: int | None = None
    """The order that this one was sent again as."""
    archived_keys: int = 0
    """Keys made for it that are kept though no certificate has them."""
    container_ref: str = ""
    """The stable reference (32 hexadecimal digits) by which consumers get its certificate, "" for none."""

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


CSR_FIELDS = ("subject", "sans", "key_type", "csr")
"""Fields of the form that are in the CSR: read-only from pending on."""


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """What would happen: the lines that the authority will be asked, what policies say, and what stands in the way."""

    lines: tuple[PanelLine, ...]
    findings: tuple[PolicyFinding, ...]
    problems: tuple[str, ...] = ()
    """Why it can't be sent as it is; one sentence each."""
    why_no_preflight: str = ""
    """Why it can't be tried at a staging server, "" where it can."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What came of trying an order at a staging server: a line for each step, as far as it went."""

    ok: bool
    lines: tuple[CheckedLine, ...]


@dataclass(frozen=True, slots=True)
class OrdersOverview:
    """The head of the Orders place: how many stand where, and whom one can order from."""

    counts: dict[str, int]
    """By status."""
    authorities: tuple[str, ...]
    """Names of the enabled profiles."""
    may_add_authority: str = ""
    """Who may add a profile, one sentence, where there is none."""
