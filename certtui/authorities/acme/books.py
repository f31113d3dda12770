"""What an ACME profile keeps between two questions to its server: the store does, and each act is committed when it returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from certtui.authorities.acme.acme_dns import Login, Registration
from certtui.authorities.acme.dns_bound import Bound
from certtui.authorities.acme.dns_look import Looked
from certtui.model.secret import Secret
from certtui.record import dataclass
from certtui.typed import Protocol

ACCOUNT_KEY, NEXT_KEY = "account_key", "account_key_next"
"""Names of sealed keys: of the account, and the one that it is being given: either may be the one that the server knows."""

CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """The account of a profile: at which directory, its URL, whom the CA was told to write to (e-mail addresses with commas).

    The rest is what the CA last said of it, at `seen_at`; `terms` is the address of those that were agreed to.
    """

    directory: str
    url: str
    contact: str
    status: str = ""
    """`valid`, `deactivated`, `revoked`; CLOSING from the decision to deactivate it until the CA has heard of it."""
    contact_seen: tuple[str, ...] = ()
    terms: str = ""
    key_type: str = ""
    seen_at: datetime | None = None
    registered_at: datetime | None = None

    @property
    def closed(self) -> bool:
        """Nothing can be ordered by it, ever."""
        return self.status in (CLOSING, "deactivated", "revoked")


@dataclass(frozen=True, slots=True)
class CaaLooked:
    """CAA of one name as it was seen: whether it lets the CA issue, a sentence, the record that would; `name` is "" for all names."""

    name: str
    ok: bool
    sentence: str
    allow: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is. `asked_at` is set before the server is asked for an order, `url` is what it answered."""

    asked_at: datetime | None = None
    url: str = ""
    looked_at: datetime | None = None
    looks: tuple[Looked, ...] = ()
    caa: tuple[CaaLooked, ...] = ()
    rehearsed_at: datetime | None = None
    """When a run at the staging server went well."""


RECORD, FILE, BY_HAND, LISTENED = "", "file", "by-hand", "listened"
"""What is there for a CA to find: a TXT record, a file of a web root, what a person puts there and takes away, an answer that
lasts as long as the process which gives it."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Something that is there, or may be, and must go when its order has ended; a file's name is its token."""

    name: str
    value: str
    kind: str = RECORD


class Books(Protocol):
    """Of one profile. Without a store (a preview of one that is not kept yet) nothing is there, and nothing is kept."""

    @property
    def seed(self) -> str:
        """What the tokens of this store are made of; the same for ever."""

    def now(self) -> datetime:
        """The instant."""

    def secret(self, name: str) -> Secret | None:
        """A secret of the profile: `eab_key`, `tsig_key`, ACCOUNT_KEY, NEXT_KEY. Raises `Locked`."""

    def keep_account_key(self, key: Secret) -> Secret:
        """Keep a new account key, unless there is one: the one that is kept. Raises `Locked`."""

    def keep_next_key(self, key: Secret) -> Secret:
        """Keep the key that the account is to get, unless there is one: the one that is kept. Raises `Locked`."""

    def change_key(self) -> None:
        """The server knows NEXT_KEY: it is ACCOUNT_KEY from now on."""

    def account(self) -> KeptAccount | None: ...

    def keep_account(self, account: KeptAccount) -> None: ...

    def progress(self, order_id: int) -> Progress: ...

    def keep_progress(self, order_id: int, progress: Progress) -> None: ...

    def forget_orders(self) -> None:
        """Those that are open are to be asked for anew: the profile has another server."""

    def orders_known(self, urls: Collection[str]) -> set[str]:
        """Those of the server's orders that belong to an order here."""

    def has_another(self, url: str, order_id: int) -> bool:
        """Whether this order of the server belongs to another order here that is still open."""

    def plant(self, order_id: int, records: Collection[Planted]) -> None:
        """Put on record that these are about to be there."""

    def planted(self, order_id: int) -> tuple[Planted, ...]: ...

    def uproot(self, order_id: int, record: Planted) -> None:
        """It is gone."""

    def registrations(self, server: str) -> Mapping[str, Registration]:
        """What is registered at an acme-dns server, by domain, for every profile that uses it."""

    def registration_login(self, server: str, domain: str) -> Login | None:
        """By what one is changed. Raises `Locked`, `Unreachable`."""

    def keep_registration(self, server: str, registration: Registration, login: Login) -> Registration:
        """Keep a new one, unless the domain has one: the one that is kept. Raises `Locked`."""

    def require_bound(self, bound: Bound) -> None:
        """That these settings are as certtui set them, and of this host where that matters. Raises `Unreachable`, `Locked`."""

    def staging(self) -> StagingBooks:
        """The same profile at its staging server: another account, another key, other orders."""

    def certificate_key(self, spki_sha256: str) -> Secret | None:
        """The private key of a certificate of this store (PKCS#8 DER), by its identity. Raises `Locked`."""


class StagingBooks(Books, Protocol):
    """Of runs at a staging server. What belongs to no order (an id below 0) is not kept, but for what others have to take away."""

    def throwaway(self, order_id: int, make: Callable[[], bytes]) -> bytes:
        """The CSR of an order's run, made where there is none."""
