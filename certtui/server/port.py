"""What a server asks of the store beyond the seam: who somebody is, a view for them, and answers kept for retries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.clock import Clock
    from certtui.model.access import Identity
    from certtui.model.once import Kept, Once
    from certtui.model.query import Query


class Paged(Protocol):
    """What the inventory can do for scripts, beyond the seam."""

    def page(self, query: Query, cursor: str, limit: int) -> tuple[Sequence[str], str]:
        """Up to `limit` rows, each the JSON text of a `CertificateRow`, behind a cursor ("" for the first page) and the next cursor, "" at the end.

        Nothing is held between two pages. Raises `Invalid` (field "filter", "sort" or "cursor").
        """


def paged(backend: Backend) -> Paged:
    """The inventory of a store's view, as scripts read it."""
    return cast("Paged", backend.certificates)


class Answers(Protocol):
    """What was answered to creating requests, in the store itself, so that any server on it knows."""

    def find(self, owner: str, key: str) -> Kept | None: ...

    def keep(self, owner: str, key: str, etag: str, body: bytes | None) -> None:
        """Write the answer down beside the change."""

    def release(self, owner: str, key: str) -> None:
        """Free a key under which an act was refused."""

    def forget(self, before: datetime) -> None:
        """Drop what is older."""


class Serving(Protocol):
    """The store behind a server."""

    @property
    def clock(self) -> Clock: ...

    @property
    def backend(self) -> Backend:
        """The whole store, for the server's own needs: readiness, metrics, its own certificate."""

    @property
    def answers(self) -> Answers: ...

    def acting(self, identity: Identity, *, request_id: str, once: Once | None = None) -> Backend:
        """The store as this person may see and change it; light."""

    def authenticate_token(self, token: bytes, address: str) -> Identity:
        """Raises `Denied`."""

    def authenticate_certificate(self, der: bytes, address: str) -> Identity:
        """Raises `Denied`; TLS has verified the certificate already."""

    def login_delay(self, address: str) -> float:
        """Seconds that a login from there has to wait."""
