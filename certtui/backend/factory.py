"""Opens a store or a server, and answers what else depends on which. The only module that knows both; imports them late."""

from __future__ import annotations

from pathlib import Path

from certtui.errors import Unsupported
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Backend, StoreAdmin
    from certtui.backend.inspect import Inspect
    from certtui.backend.local.serving import LocalServing
    from certtui.clock import Clock
    from certtui.errors import CerttuiError
    from certtui.model.audit import Actor
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret
    from certtui.model.store import MoveReport


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Where a local store is and how it is opened.

    `url` is a path or `sqlite:///path`; `create` makes a missing store (with a key file) on open, otherwise a missing
    store opens as an empty one that creates nothing and refuses changes with a sentence.
    """

    url: str
    key_file: Path | None = None
    passphrase: Secret | None = None
    read_only: bool = False
    create: bool = False
    name: str = "local"
    demo: bool = False


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Where a server is, who one is there, and why it is believed.

    The token is `token`, else the first line of `token_file`, else what `token_command` prints; none with a client
    certificate alone. `pins` are SHA-256 of public keys. `timeout` in seconds. `follow` keeps a stream of changes open.
    """

    url: str
    name: str = "remote"
    token: Secret | None = None
    token_file: Path | None = None
    token_command: tuple[str, ...] = ()
    ca_file: Path | None = None
    pins: tuple[str, ...] = ()
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str = ""
    timeout: float = 30.0
    read_only: bool = False
    follow: bool = False


def open_backend(options: StoreOptions, *, actor: Actor, clock: Clock | None = None) -> Backend:
    """Open a local store. Raises `Unreachable`, `Denied`, `Invalid`."""
    from certtui.backend.local.backend import LocalBackend

    return LocalBackend.open(options, actor=actor, clock=clock)


def open_remote(options: RemoteOptions, *, clock: Clock | None = None) -> Backend:
    """Open a server: one round trip that asks who one is there. Raises `Unreachable`, `Denied`, `Invalid`."""
    from certtui.backend.remote.backend import RemoteBackend

    return RemoteBackend.open(options, clock=clock)


def serving_of(backend: Backend) -> LocalServing:
    """An open store as a server needs it (`server.port.Serving`). Raises `Unsupported` for one that is a server itself."""
    from certtui.backend.local.backend import LocalBackend
    from certtui.backend.local.serving import LocalServing

    if not isinstance(backend, LocalBackend):
        raise Unsupported("This context is a server already.", "Name the store to serve with --store.")
    return LocalServing(backend)


def server_url(written: str) -> str:
    """The address of a server as it is kept. Raises `Invalid`."""
    from certtui.backend.remote.address import base_url

    return base_url(written)


def check_pin(written: str) -> None:
    """Raise `Invalid` for what is no SHA-256 of a public key."""
    from certtui.backend.remote.trust import pin_of

    pin_of(written)


def is_untrusted(error: CerttuiError) -> bool:
    """Whether a server was left because it could not be believed."""
    from certtui.backend.remote.trust import Untrusted

    return isinstance(error, Untrusted)


def store_admin(options: StoreOptions, *, actor: Actor, clock: Clock | None = None) -> StoreAdmin:
    """Acts on a store that is not open: status, init, restore."""
    from certtui.backend.local.admin import LocalStoreAdmin

    return LocalStoreAdmin(options, actor=actor, clock=clock)


def move_store(
    source: StoreOptions,
    target: StoreOptions,
    *,
    actor: Actor,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> MoveReport:
    """Copy a store to a place where there is none, SQLite or PostgreSQL, keys wrapped anew; see `backend.local.moving`.

    Raises `Conflict` when something is there, `Locked`, `Denied`, `NotFound`, `Unreachable`; then nothing was moved.
    """
    from certtui.backend.local.backend import open_store
    from certtui.backend.local.moving import move_store
    from certtui.backend.local.place import place_of
    from certtui.clock import Clock

    place = place_of(target.url, target.key_file)
    store = open_store(source, actor=actor, clock=clock or Clock())
    try:
        return move_store(store, place, passphrase=target.passphrase, progress=progress)
    finally:
        store.close()


def shown_store(url: str) -> str:
    """The place of a store as people may see it: an address of PostgreSQL without its password."""
    if not url.startswith(("postgresql://", "postgres://")):
        return url
    from certtui.backend.local.postgres.address import shown

    return shown(url)


def open_inspect() -> Inspect:
    """The inspect port of this process."""
    from certtui.pki.inspector import Inspector

    return Inspector()
