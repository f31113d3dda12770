"""The console over a real server, with the same certificates as `tests.screens.estate`.

with served(tmp_path) as team:
    async with team.console() as (app, pilot): ...
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.backend.base import Backend
from certtui.backend.factory import RemoteOptions
from certtui.backend.remote.backend import RemoteBackend
from certtui.backend.remote.retries import Patience
from certtui.clock import FixedClock
from certtui.model.access import OWNER, Access, Identity
from certtui.model.audit import Actor
from certtui.model.secret import Secret
from certtui.pki.inspector import Inspector
from tests.remote.server import Known, Server
from tests.screens import harness
from tests.screens.estate import Estate, estate
from tests.screens.memory import NOW

QUICK = Patience(attempts=2, first=0.01, longest=0.05)
TOKEN = Secret("ada-of-the-tests")


@dataclass
class Served:
    """A store with a server on it, and who has come to it."""

    estate: Estate
    server: Server
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    opened: list[Backend] = field(default_factory=list)

    def open(
        self, token: Secret = TOKEN, *, url: str = "", name: str = "team", patience: Patience = QUICK, **more: Any
    ) -> RemoteBackend:
        """Another client of the server."""
        options = RemoteOptions(url or self.server.url, name=name, token=token, timeout=5, **more)
        backend = RemoteBackend.open(options, clock=self.clock, patience=patience)
        self.opened.append(backend)
        return backend

    @asynccontextmanager
    async def console(
        self, size: tuple[int, int] = (80, 24), *, backend: Backend | None = None, **settings: Any
    ) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
        """The console over it; nothing is followed unless a test asks."""
        chosen = Settings(**{"follow_seconds": 0, "clipboard": "none", **settings})
        async with harness.console(backend or self.open(), Inspector(), size=size, settings=chosen) as (app, pilot):
            yield app, pilot


@contextmanager
def served(folder: Path, *, access: Access = OWNER) -> Iterator[Served]:
    """A store of the test behind a server on loopback; one token is known without being in its log."""
    with estate(folder) as made:
        serving = Known(made.backend, TOKEN, Identity(Actor("ada"), access))
        with Server(made.backend, serving=serving) as server:
            team = Served(made, server)
            try:
                yield team
            finally:
                for backend in team.opened:
                    backend.close()
