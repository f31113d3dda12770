"""A change that must not happen twice, however often it is asked for."""

from __future__ import annotations

from certtui.errors import NotFound
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
    objects: tuple[tuple[str, int], ...]
    """(kind, id) of what it made or touched."""
    etag: str
    body: bytes | None

    @property
    def object_ids(self) -> tuple[int, ...]:
        return tuple(each for _, each in self.objects)

    def first(self, kind: str) -> int:
        """The id of the first thing of that kind. Raises `NotFound`."""
        for its_kind, each in self.objects:
            if its_kind == kind:
                return each
        raise NotFound("What this made is not known any more.", "See what is there.")
