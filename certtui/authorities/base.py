"""The interface that every authority has, whatever stands behind it: submit, poll, revoke, and what it can do.

An authority holds no state of its own: what it must find again after a crash is the order's `reference`, which
`begin` gives and the store commits *before* anything is asked. `submit` and `poll` with the same reference are the
same request, however often they are made. Nothing here runs inside a transaction of the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.model.authority import AuthorityCapabilities, CheckedLine
from certtui.model.csr import SubjectFields
from certtui.model.panel import PanelLine
from certtui.model.revocation import RevocationReason
from certtui.model.x509 import X509Facts
from certtui.record import dataclass, field
from certtui.typed import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """What an authority is asked for: the CSR and what is not in it. Times are aware UTC."""

    order_id: int
    """0 for a preview."""
    """0 where there is no order yet."""
    csr: bytes
    """PKCS#10 DER; empty in a preview of a form whose key is still to be made."""
    sans: tuple[str, ...]
    common_name: str
    template: str
    days: int | None
    submitted_at: datetime
    subject: SubjectFields = field(default_factory=SubjectFields)
    key_type: str = ""
    """Kind of the CSR's key, or of the key to be made; "" where nobody has said."""
    renews: X509Facts | None = None
    """The certificate that this one is to replace."""


@dataclass(frozen=True, slots=True)
class Issued:
    """The certificate, and what came with it, next to the leaf first. `notes` are sentences for the order's story."""

    leaf: X509Facts
    chain: tuple[X509Facts, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet: why, in one sentence, and when to look again (None: when a person or a folder brings it)."""

    text: str
    look_at: datetime | None = None
    pending: bool = False
    """It waits for something outside (a person, a DNS record); False while the authority works."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It won't: our sentence, its own words, and what to do."""

    message: str
    words: str = ""
    hint: str = ""


Answer = Issued | Waiting | Refused


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling an authority of a revocation: `ok`, else why not, and whether trying again can help."""

    ok: bool
    answer: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """When an authority would like a certificate to be renewed, an instant within drawn by chance, and when to ask again."""

    start: datetime
    end: datetime
    chosen: datetime
    ask_at: datetime
    explanation: str = ""


class Authority(Protocol):
    """One configured authority, ready to be used."""

    @property
    def capabilities(self) -> AuthorityCapabilities: ...

    @property
    def summary(self) -> str:
        """In a few words for a list: its issuing CA, its directory, its contact."""

    def begin(self, request: Request) -> str:
        """A reference to find this request by (a serial number, an order's URL to be …); asks nobody. Raises `Conflict`, `NotFound`."""

    def submit(self, request: Request, reference: str) -> Answer:
        """Ask. May raise `Unreachable`, which is tried again, and `Locked`; everything else is an answer."""

    def poll(self, request: Request, reference: str) -> Answer:
        """Look how far it is; as `submit`."""

    def ask(self, request: Request) -> Sequence[PanelLine]:
        """What would be asked, for the preview; asks nobody. Raises `Invalid` (field of the order's form)."""

    def rehearse(self, request: Request) -> Sequence[CheckedLine]:
        """Try the request where it does not count, a line for each step; only where `why_no_preflight` is empty. Raises `Locked`."""

    def revoke(self, leaf: X509Facts, reason: RevocationReason) -> Told:
        """Tell it. May raise `Unreachable`, which is tried again."""

    def window(self, leaf: X509Facts) -> Wish | None:
        """When it would like a certificate to be renewed; None where it has no wish. May raise `Unreachable`."""

    def test(self) -> Sequence[CheckedLine]:
        """Try what can be tried without ordering."""

    def panel(self, request: Request | None, reference: str, now: datetime) -> Sequence[PanelLine]:
        """What it contributes to the page of an order that waits or of a certificate; None for the profile's own page."""
