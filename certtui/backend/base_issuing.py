"""The seam, continued: orders, the authorities that they go to, the built-in PKI, and the work that is due."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.model.renewal_calendar import AHEAD
from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.authority import Authority, AuthorityForm, AuthorityRow, AuthorityTest, AuthorityTypeInfo
    from certtui.model.ca import CaSpec
    from certtui.model.certificate import NewCertificate
    from certtui.model.local_ca import Ca, CaRow, CaSettings, CrlInfo, LivingCertificate
    from certtui.model.order import Order, OrderForm, OrderPreview, OrderRow, OrdersOverview, Preflight
    from certtui.model.progress import Progress
    from certtui.model.query import Query
    from certtui.model.renewal import Renewal, RenewalReport
    from certtui.model.renewal_calendar import RenewalCalendar, RenewalRow
    from certtui.model.renewal_forecast import Simulation
    from certtui.model.work import WorkReport, WorkStatus


class Orders(Protocol):
    """Requests to authorities. Every order has an entry in the inventory from its draft on."""

    def search(self, query: Query) -> Listing[OrderRow]:
        """Open a list; free words match names, authority and requester; `status: type: authority: group: by: name:` narrow it."""

    def overview(self) -> OrdersOverview: ...

    def get(self, order_id: int) -> Order:
        """One order; raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """An id, or the unique name or common name of an order. Raises `NotFound`, `Ambiguous`."""

    def preview(self, form: OrderForm) -> OrderPreview:
        """What sending it would ask for, and what policies say; changes nothing. Raises `Invalid` (field) for what can't be read."""

    def preflight(self, form: OrderForm) -> Preflight:
        """Try the form at its authority's staging server, up to a certificate that nobody keeps; the inventory hears nothing of it.

        Raises `Invalid` (field), `Conflict` where there is no staging server, `Locked`.
        """

    def save(self, form: OrderForm) -> Order:
        """A new order: a draft, without a key; with an uploaded CSR it is pending. An incomplete form is fine for a draft.

        A `reference` that is there already gives the order that has it, as it stands. Raises `Invalid` (field),
        and with an uploaded CSR `PolicyRefused`, `ReasonNeeded`.
        """

    def edit(self, order_id: int, version: int, form: OrderForm) -> Order:
        """Change the form: all of it in a draft; while pending only what is not in the CSR. Raises `Conflict`, `Invalid` (field)."""

    def generate(self, order_id: int, version: int) -> Order:
        """Make key (sealed) and CSR: the draft becomes pending. No CA is contacted.

        Raises `Invalid`, `Locked`, `Conflict`, `PolicyRefused`, `ReasonNeeded`.
        """

    def submit(self, order_id: int, version: int) -> Order:
        """Send it; a draft gets its CSR first. What the authority answers at once is in the result, be it complete or failed.

        Never asks an authority twice for one order, whatever happens in between. Raises `Invalid` (no enabled authority,
        incomplete form), `Locked`, `Conflict`, `PolicyRefused`, `ReasonNeeded`.
        """

    def complete(self, order_id: int, version: int, new: NewCertificate) -> Order:
        """Bring the certificate back (external CA). Raises `Invalid` naming both keys if it belongs to another, `Conflict`."""

    def look(self, order_id: int) -> Order:
        """Ask the authority now and not when it is due; for a waiting order."""

    def cancel(self, order_id: int, version: int) -> Order:
        """End it: its entry leaves the inventory, its sealed key is archived. Raises `Conflict` when it has ended or can't be stopped."""

    def back_to_draft(self, order_id: int, version: int) -> Order:
        """Pending only: the CSR is discarded, its sealed key archived, every field can be edited again."""

    def send_again(self, order_id: int, version: int, form: OrderForm) -> Order:
        """A failed or cancelled order once more, as a new draft that takes over its entry in the inventory. Raises `Conflict` if it was already."""


class Authorities(Protocol):
    """The configured authorities (CA profiles). Secrets are sealed; of them only which are set is ever read."""

    def types(self) -> Sequence[AuthorityTypeInfo]:
        """What can be added, with the settings of each."""

    def search(self, query: Query) -> Listing[AuthorityRow]:
        """Open a list; free words match name and summary; `type:` and `enabled:yes|no` narrow it."""

    def get(self, authority_id: int) -> Authority: ...

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`, `Ambiguous`."""

    def add(self, form: AuthorityForm) -> Authority:
        """Raises `Invalid` (field: `name`, `type` or the setting's key), `Conflict` for a name that is taken."""

    def edit(self, authority_id: int, version: int, form: AuthorityForm) -> Authority:
        """Change it; the type stays what it is (`Invalid`). Disabling stops new submissions, not orders under way."""

    def test(self, authority_id: int) -> AuthorityTest:
        """Try what can be tried without ordering anything; the answer is kept with the profile."""

    def remove(self, authority_id: int, version: int) -> None:
        """Raises `Conflict` while orders are open; certificates keep its name."""


class Cas(Protocol):
    """The CAs of the built-in PKI. A CA's certificate is an entry of the inventory, its key is sealed there."""

    def search(self, query: Query) -> Listing[CaRow]:
        """Open a list; free words match the name; `state:` and `kind:` narrow it."""

    def get(self, ca_id: int) -> Ca: ...

    def resolve(self, reference: str) -> int:
        """Id, unique name or common name. Raises `NotFound`, `Ambiguous`."""

    def create_root(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        """A new root with its key, and its first CRL. Raises `Invalid` (field), `Locked`."""

    def create_intermediate(self, parent_id: int, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        """A new CA signed by one that is here, and its first CRL. Raises `Invalid` (limits of the parent), `Locked`, `Conflict`."""

    def request_intermediate(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        """Key and CSR for an offline root to sign; the CA waits until `complete`."""

    def complete(self, ca_id: int, version: int, new: NewCertificate) -> Ca:
        """The certificate that the offline root signed. Raises `Invalid` for another key or what is no CA certificate."""

    def import_ca(self, new: NewCertificate, settings: CaSettings | None = None) -> Ca:
        """A CA that exists: with its key it can issue, without it is offline. Raises `Invalid`, `Conflict` when it is here."""

    def edit(self, ca_id: int, version: int, settings: CaSettings) -> Ca: ...

    def issue_crl(self, ca_id: int, *, delta: bool = False) -> CrlInfo:
        """A new CRL with the next number, written to its file.

        Raises `Locked`, `Conflict` (offline, waiting), `Unsupported` (delta without settings).
        """

    def crl(self, ca_id: int, *, delta: bool = False) -> bytes:
        """The newest CRL in DER. Raises `NotFound`."""

    def accept_crl(self, ca_id: int, data: bytes) -> CrlInfo:
        """The CRL of an offline CA, PEM or DER. Raises `Invalid`: another issuer's, a bad signature, older than the one here."""

    def certificate(self, ca_id: int) -> bytes:
        """The CA's certificate in DER, as its issuer URL serves it."""

    def ocsp(self, request: bytes) -> bytes:
        """Answer an OCSP request (RFC 6960), DER to DER; always an answer, for bad requests an error response."""

    def roll_over(self, ca_id: int, version: int, spec: CaSpec | None = None) -> Ca:
        """A successor with a new key, by default as this one is made; profiles issue by the successor from then on.

        The old one goes on signing its CRLs.
        """

    def living(self, ca_id: int) -> Sequence[LivingCertificate]:
        """What it issued that is neither expired nor revoked, soonest expiry first."""

    def retire(self, ca_id: int, version: int, *, living: int = 0) -> Ca:
        """Issue no more. Raises `Conflict` unless `living` is the number of certificates that still live, as the person saw them listed."""


class Renewals(Protocol):
    """Certificates that renew themselves: by days before their end, or when their CA wishes (ARI)."""

    def search(self, query: Query) -> Listing[RenewalRow]:
        """Open the list; `state: overdue due: expires: authority: auto_renew_days: group: name:` narrow it."""

    def calendar(self, days: int = AHEAD) -> RenewalCalendar:
        """What renews when, from today on. Raises `Invalid` (field `days`) outside 1 to `MOST_DAYS`."""

    def simulate(self) -> Simulation:
        """Renewals a day, and what nothing renews, as it is and under shorter lifetimes. Counts alone: quick for a million."""

    def due(self) -> Sequence[Renewal]:
        """What is to be renewed now, soonest expiry first, also what can't be, with the reason. Nothing is changed."""

    def run_due(self) -> RenewalReport:
        """Renew what is due. Remote raises `Unsupported`: the server does it."""


class Work(Protocol):
    """The due work: orders, revocations, CRLs, watched folders, alerts, deliveries. Claimed with leases: several workers never do one thing twice."""

    def run_due(self, progress: Progress | None = None) -> WorkReport:
        """Do what is due now, and return; what fails is in the report and tried again later. Remote raises `Unsupported`: the server works."""

    def status(self) -> WorkStatus:
        """Whether anybody works, and what waits."""
