"""What all requests of one server share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.inspect import Inspect
    from certtui.server.auth import Gate
    from certtui.server.feed import Follower
    from certtui.server.idempotency import Repeats
    from certtui.server.listings import Listings
    from certtui.server.metrics import Metrics
    from certtui.server.pages import Pages
    from certtui.server.port import Serving
    from certtui.server.routes.public import Publisher
    from certtui.server.settings import Settings
    from certtui.worker import Running


@dataclass(slots=True)
class State:
    """One server's."""

    serving: Serving
    settings: Settings
    inspect: Inspect
    pool: ThreadPoolExecutor
    gate: Gate
    listings: Listings
    repeats: Repeats
    follower: Follower
    metrics: Metrics
    pages: Pages
    publisher: Publisher | None = None
    """What strangers may fetch of the built-in PKI; None where nothing is published."""
    worker: Running | None = None
    """Who does the due work; None where somebody else does."""
    stopping: bool = False
