"""Ways to open a backend for the contract suite: one harness per kind of backend, all with the same few acts."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

from certtui.backend.base import Backend, Store
from certtui.backend.factory import RemoteOptions, StoreOptions, open_backend, open_remote, store_admin
from certtui.clock import FixedClock
from certtui.model.audit import Actor
from certtui.model.secret import Secret
from tests import postgres
from tests.certs import NOW

ACTOR = Actor("ada", sudo_user="root", ssh_client="192.0.2.7", via="cli")


class Harness(Protocol):
    """What a contract test may ask for beside the backend itself."""

    clock: FixedClock
    way: dict[str, str]
    """What the audit log says of how an act came in."""

    def open(self, *, read_only: bool = False, passphrase: str | None = None) -> Backend:
        """Another client of the same store."""

    def care(self, backend: Backend) -> Store:
        """The store of this client, for whoever looks after it: over HTTP that is somebody on the server's host."""

    def close(self) -> None: ...


@dataclass
class LocalSqlite:
    """The embedded store on SQLite, in a folder of the test."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    opened: list[Backend] = field(default_factory=list)

    way: ClassVar[dict[str, str]] = {"via": "cli"}

    def care(self, backend: Backend) -> Store:
        return backend.store

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


@dataclass
class LocalPostgres:
    """A store on PostgreSQL: a database of the test's own, copied from one that holds an empty store."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    opened: list[Backend] = field(default_factory=list)
    name: str = ""
    _ending: ExitStack = field(default_factory=ExitStack)

    way: ClassVar[dict[str, str]] = {"via": "cli"}

    def care(self, backend: Backend) -> Store:
        return backend.store

    @property
    def url(self) -> str:
        return postgres.cluster().url(self.name)

    @property
    def key_file(self) -> Path:
        return self.folder / "certtui.key"

    def start(self) -> LocalPostgres:
        """Make the database."""
        template, key = postgres.store_template()
        self.name = self._ending.enter_context(postgres.database(template))
        write_key(self.key_file, key)
        return self

    def options(self, *, read_only: bool = False, passphrase: str | None = None, create: bool = False) -> StoreOptions:
        secret = Secret(passphrase) if passphrase is not None else None
        return StoreOptions(self.url, key_file=self.key_file, passphrase=secret, read_only=read_only, create=create)

    def open(
        self, *, read_only: bool = False, passphrase: str | None = None, create: bool = False, actor: Actor = ACTOR
    ) -> Backend:
        options = self.options(read_only=read_only, passphrase=passphrase, create=create)
        backend = open_backend(options, actor=actor, clock=self.clock)
        self.opened.append(backend)
        return backend

    def admin(self, **options: object):
        return store_admin(self.options(**options), actor=ACTOR, clock=self.clock)  # type: ignore[arg-type]

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What only somebody with the database's password could do."""
        with postgres.cluster().admin(self.name) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        for backend in self.opened:
            backend.close()
        self._ending.close()


def write_key(path: Path, key: bytes) -> None:
    """Put a key file in its place, private."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(key)


@dataclass
class Remote:
    """The same store behind a real HTTP server on loopback: every client is another connection."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    opened: list[Backend] = field(default_factory=list)
    way: dict[str, str] = field(default_factory=lambda: {"via": "api", "address": "127.0.0.1"})

    def __post_init__(self) -> None:
        from certtui.model.access import OWNER, Identity
        from tests.remote.server import Known, Server

        self.local = self.behind()
        self.store = store = self.local.open(create=True)
        self.token = Secret("contract-suite")
        # Who asks is told by the token alone: what a client says of itself would prove nothing.
        self.server = Server(store, serving=Known(store, self.token, Identity(ACTOR, OWNER))).start()

    def behind(self) -> LocalSqlite | LocalPostgres:
        """The store that is served."""
        return LocalSqlite(self.folder, self.clock)

    def open(self, *, read_only: bool = False, passphrase: str | None = None) -> Backend:
        backend = open_remote(RemoteOptions(self.server.url, token=self.token, read_only=read_only), clock=self.clock)
        self.opened.append(backend)
        return backend

    def care(self, backend: Backend) -> Store:
        return self.store.store

    def close(self) -> None:
        for backend in self.opened:
            backend.close()
        self.server.stop(wait=False)
        self.local.close()


class RemotePostgres(Remote):
    """A server on a store on PostgreSQL."""

    def behind(self) -> LocalPostgres:
        return LocalPostgres(self.folder, self.clock).start()


def instant(text: str) -> datetime:
    """A UTC instant from `2026-06-15` or an ISO time."""
    from datetime import timezone

    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
