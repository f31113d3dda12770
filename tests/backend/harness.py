"""Ways to open a backend for the contract suite: one harness per kind of backend, all with the same few acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from certtui.backend.base import Backend
from certtui.backend.factory import StoreOptions, open_backend, store_admin
from certtui.clock import FixedClock
from certtui.model.audit import Actor
from certtui.model.secret import Secret
from tests.certs import NOW

ACTOR = Actor("ada", sudo_user="root", ssh_client="192.0.2.7", via="cli")


class Harness(Protocol):
    """What a contract test may ask for beside the backend itself."""

    clock: FixedClock

    def open(self, *, read_only: bool = False, passphrase: str | None = None) -> Backend:
        """Another client of the same store."""

    def close(self) -> None: ...


@dataclass
class LocalSqlite:
    """The embedded store on SQLite, in a folder of the test."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    opened: list[Backend] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "certtui.db"

    @property
    def key_file(self) -> Path:
        return self.folder / "certtui.key"

    def options(self, *, read_only: bool = False, passphrase: str | None = None, create: bool = False) -> StoreOptions:
        secret = Secret(passphrase) if passphrase is not None else None
        return StoreOptions(str(self.file), passphrase=secret, read_only=read_only, create=create)

    def open(
        self, *, read_only: bool = False, passphrase: str | None = None, create: bool = False, actor: Actor = ACTOR
    ) -> Backend:
        options = self.options(read_only=read_only, passphrase=passphrase, create=create)
        backend = open_backend(options, actor=actor, clock=self.clock)
        self.opened.append(backend)
        return backend

    def admin(self, **options: object):
        return store_admin(self.options(**options), actor=ACTOR, clock=self.clock)  # type: ignore[arg-type]

    def close(self) -> None:
        for backend in self.opened:
            backend.close()


def instant(text: str) -> datetime:
    """A UTC instant from `2026-06-15` or an ISO time."""
    from datetime import timezone

    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
