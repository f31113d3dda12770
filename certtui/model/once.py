"""A change that must not happen twice, however often it is asked for."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(slots=True)
class Once:
    """An idempotency key on its way to a change: whose key, and what was asked (hex SHA-256).

    The first transaction of the act takes the key together with the change or not at all; `taken` says that it did.
    """

    owner: str
    key: str
    digest: str
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that was made under an idempotency key. `body` is None while (or if never) its answer was written down."""

    digest: str
    object_ids: tuple[int, ...]
    etag: str
    body: bytes | None
