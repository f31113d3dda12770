"""A real server for tests: uvicorn on a loopback port in a thread of this process, over a local store, stopped at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certtui.backend.factory import StoreOptions, open_inspect
from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.serving import LocalServing
from certtui.clock import Clock, FixedClock
from certtui.model.access import Access, Role, TokenForm
from certtui.model.audit import Actor
from certtui.server.app import create_app
from certtui.server.run import Server, bind
from certtui.server.settings import Settings
from certtui.server.state import State
from certtui.server.tls import Tls

OPERATOR = Actor("root", via="server")


@dataclass
class Running:
    """A server that answers, and the store behind it."""

    url: str
    port: int
    backend: LocalBackend
    server: Server
    state: State
    public_port: int = 0
    """Of the listener for what strangers may fetch, 0 without one."""

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.public_port}"

    def token(
        self,
        role: Role | str = Role.ADMIN,
        *,
        actor: str = "ada",
        export_keys: bool = False,
        groups: tuple[str, ...] | None = None,
        domains: tuple[str, ...] | None = None,
    ) -> str:
        """A new token."""
        access = Access(Role.parse(role) if isinstance(role, str) else role, export_keys, groups, domains)
        return self.backend.people.create_token(TokenForm(actor, access)).token.reveal().decode()

    def headers(self, role: Role | str = Role.ADMIN, **more: object) -> dict[str, str]:
        """The header that such a token goes in."""
        return {"authorization": f"Bearer {self.token(role, **more)}"}  # type: ignore[arg-type]  # as `token` takes them


@contextmanager
def running(
    folder: Path,
    *,
    clock: Clock | FixedClock | None = None,
    settings: Settings | None = None,
    tls: Tls | None = None,
    store: str = "",
    backend: LocalBackend | None = None,
    bind_to: str = "127.0.0.1:0",
    read_only: bool = False,
    public_to: str = "",
) -> Iterator[Running]:
    """Serve the store in a folder (made if missing), or one that is open already; stops gracefully, then closes the store."""
    opened = backend or LocalBackend.open(
        StoreOptions(store or str(folder / "certtui.db"), create=not read_only, read_only=read_only),
        actor=OPERATOR,
        clock=clock,
    )
    # A short look interval, since every test that waits for the feed waits for it.
    app = create_app(LocalServing(opened), open_inspect(), settings or Settings(feed_interval=0.05, graceful=5))
    sockets = bind(bind_to)
    port = sockets[0].getsockname()[1]
    public = bind(public_to) if public_to else []
    public_port = public[0].getsockname()[1] if public else 0
    server = Server(app, tls, public=public)
    started = threading.Event()
    announce(server, started)
    thread = threading.Thread(target=server.run, args=(sockets,), name="test-server", daemon=True)
    thread.start()
    try:
        assert started.wait(10), "the server did not start"
        scheme = "https" if tls is not None else "http"
        yield Running(f"{scheme}://127.0.0.1:{port}", port, opened, server, app.state.certtui, public_port)
    finally:
        server.should_exit = True
        thread.join(15)
        if backend is None:
            opened.close()
        assert not thread.is_alive(), "the server did not stop"


def announce(server: Server, started: threading.Event) -> None:
    """Set the event when the server accepts connections, instead of asking again and again."""
    startup = server.startup

    async def and_tell(sockets: object = None) -> None:
        await startup(sockets)  # type: ignore[arg-type]  # whatever uvicorn passes on
        started.set()

    server.startup = and_tell  # type: ignore[method-assign]  # this one server
