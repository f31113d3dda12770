"""Lists that are held for consoles between two requests: bounded in bytes, each for the person who opened it.

One that had to go answers 410, and the console opens it anew at its anchor.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from certtui.record import dataclass
from certtui.server.problems import Refusal

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.access import Identity
    from certtui.server.settings import Settings

_PER_ROW = 8
_OVERHEAD = 4_096
IDLE = 30 * 60.0
"""Seconds after which a list that nobody reads is let go."""


@dataclass(slots=True)
class Held:
    """One list: whose it is, of which noun, and what it weighs."""

    id: str
    owner: str
    identity: Identity
    noun: str
    # Any: rows of any noun
    listing: Listing[Any]
    used: float
    size: int = _OVERHEAD


class Listings:
    """All lists of one server; safe to call from several threads."""

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._held: OrderedDict[str, Held] = OrderedDict()

    # Any: rows of any noun
    def hold(self, identity: Identity, noun: str, listing: Listing[Any]) -> Held:
        """Keep a list that was just opened; makes room by letting go of what was not used for longest."""
        held = Held(secrets.token_urlsafe(16), owner_of(identity), identity, noun, listing, self._monotonic())
        with self._guard:
            self._held[held.id] = held
            gone = self._make_room(held)
        for each in gone:
            each.listing.close()
        return held

    def find(self, listing_id: str, identity: Identity) -> Held:
        """One's own list. Raises `Refusal` (410) when it is not here (any more), or when what one may see changed."""
        with self._guard:
            held = self._held.get(listing_id)
            if held is not None and held.owner == owner_of(identity) and held.identity.access == identity.access:
                held.used = self._monotonic()
                self._held.move_to_end(listing_id)
                return held
        raise gone()

    def weigh(self, held: Held) -> None:
        """Count what the list has become; called after it was read."""
        total = held.listing.total
        with self._guard:
            held.size = _OVERHEAD + (_PER_ROW * total if total is not None else held.size - _OVERHEAD)
            gone = self._make_room(held)
        for each in gone:
            each.listing.close()

    def drop(self, listing_id: str, identity: Identity) -> None:
        """Close one's own list; nothing happens when it is not there."""
        with self._guard:
            held = self._held.get(listing_id)
            if held is None or held.owner != owner_of(identity):
                return
            del self._held[listing_id]
        held.listing.close()

    def close(self) -> None:
        """Let go of all."""
        with self._guard:
            gone = list(self._held.values())
            self._held.clear()
        for each in gone:
            each.listing.close()

    @property
    def size(self) -> tuple[int, int]:
        """(lists, bytes)."""
        with self._guard:
            return len(self._held), sum(each.size for each in self._held.values())

    def _make_room(self, newest: Held) -> list[Held]:
        """Holding the guard: what must go, oldest first, never the one just used."""
        limits, now = self._settings, self._monotonic()
        going = [each for each in self._held.values() if now - each.used > IDLE and each is not newest]
        others = [each for each in self._held.values() if each is not newest and each not in going]
        own = [each for each in others if each.owner == newest.owner]
        weight = newest.size + sum(each.size for each in own)
        while own and (weight > limits.listing_bytes_each or len(own) >= limits.listings_each):
            weight -= own[0].size
            others.remove(own[0])
            going.append(own.pop(0))
        weight = newest.size + sum(each.size for each in others)
        while others and weight > limits.listing_bytes:
            weight -= others[0].size
            going.append(others.pop(0))
        for each in going:
            self._held.pop(each.id, None)
        return going


def gone() -> Refusal:
    """A list that is not held (any more)."""
    return Refusal(
        410, "listing-gone", "The list is gone", "The server no longer holds this list.", "Open it again at its anchor."
    )


def owner_of(identity: Identity) -> str:
    """Who this is, for what a server holds or keeps for them: one token is one owner."""
    return f"token:{identity.token_id}" if identity.token_id is not None else f"actor:{identity.actor.name}"
