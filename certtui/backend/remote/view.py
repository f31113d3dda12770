"""What all nouns of one remote backend share: the connection, who one is there, and what is not possible."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.backend.base import Capabilities
from certtui.errors import Denied

if TYPE_CHECKING:
    from certtui.backend.remote.connection import Connection
    from certtui.backend.wire_forms import ServerInfo

LOCKED_FOR = 5.0
"""Seconds for which a locked store is taken to be so still; then the server is asked by doing."""


class View:
    """One person on one server."""

    def __init__(
        self,
        connection: Connection,
        info: ServerInfo,
        capabilities: Capabilities,
        *,
        read_only: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connection = connection
        self.info = info
        self.capabilities = capabilities
        self.read_only = read_only
        self.seen: Callable[[], int | None] = lambda: None
        """The newest change as the feed's stream knows it, None without a live stream: what keeps a page fresh."""
        self._monotonic = monotonic
        self._locked_until = monotonic() + LOCKED_FOR if info.locked else 0.0

    @property
    def locked(self) -> bool:
        """What the server said last, for a moment; costs nothing."""
        if self.connection.locked_hint:
            self.connection.locked_hint = None
            self._locked_until = self._monotonic() + LOCKED_FOR
        return self._monotonic() < self._locked_until

    def may_change(self) -> None:
        """Raise `Denied` where this context is read-only, before anything is sent."""
        if self.read_only:
            raise Denied("This context is read-only.", "Open it without read_only to change something.")
