"""Running it: uvicorn with our protocol and limits, sockets bound before anything is promised, a shutdown that finishes what runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import uvicorn
from uvicorn.server import ServerState

from certtui.errors import Invalid, Unreachable
from certtui.server.app import create_public_app
from certtui.server.limits import protocol
from certtui.server.loop import Loop
from certtui.server.notify import notify

if TYPE_CHECKING:
    from fastapi import FastAPI

    from certtui.server.settings import Settings
    from certtui.server.state import State
    from certtui.server.tls import Tls

_log = logging.getLogger(__name__)

BACKLOG = 512


class Server(uvicorn.Server):
    """uvicorn's server, which ends change feeds when it is asked to stop, and takes renewed certificates.

    `public` are listening sockets for what is served to anybody, over plain HTTP: URLs of CRLs and OCSP in certificates
    are, or whoever checks one would have to check the server's own certificate first (RFC 5280, 8).
    """

    def __init__(
        self,
        app: FastAPI,
        tls: Tls | None = None,
        ready: Callable[[], None] = lambda: None,
        public: Sequence[socket.socket] = (),
    ) -> None:
        state: State = app.state.certtui
        settings = state.settings
        config = _config(app, settings, settings.connections, settings.keep_alive, "on")
        config.ssl = tls.context if tls is not None else None
        super().__init__(config)
        self._public = list(public)
        self._public_config = (
            _config(create_public_app(app), settings, settings.public_connections, settings.public_keep_alive, "off")
            if public
            else None
        )
        self._public_state = ServerState()
        """Its own, so that strangers take no connection from the API."""
        self._state = state
        self._tls = tls
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(loop, Loop):
            loop.handshake = self._state.settings.header_timeout
        await super().startup(sockets)
        if self._public_config is not None:
            await self._publish(self._public_config)
        self._ready()
        notify("READY=1")
        if self._tls is not None:
            self._watch = asyncio.create_task(self._tls.watch())

    async def _publish(self, config: uvicorn.Config) -> None:
        loop = asyncio.get_running_loop()
        kind = protocol(self._state.settings)
        make = partial(kind, config, self._public_state, {})
        for sock in self._public:
            self.servers.append(await loop.create_server(make, sock=sock, backlog=BACKLOG))

    async def on_tick(self, counter: int) -> bool:
        ends = await super().on_tick(counter)
        self._public_state.default_headers = self.server_state.default_headers
        return ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams would never end by themselves; everything else is finished first."""
        notify("STOPPING=1")
        self._state.stopping = True
        if self._state.worker is not None:
            self._state.worker.ask_to_stop()
        await self._state.follower.close()
        if self._tls is not None:
            self._watch.cancel()
        for connection in list(self._public_state.connections):
            connection.shutdown()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn sends itself the signal again at the end, which would end us before the store is closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _config(
    app: FastAPI, settings: Settings, connections: int, keep_alive: float, lifespan: Literal["on", "off"]
) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=protocol(settings),
        ws="none",
        loop="certtui.server.loop:Loop",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=connections,
        timeout_keep_alive=keep_alive,  # type: ignore[arg-type]  # a timer takes fractions too
        timeout_graceful_shutdown=int(settings.graceful),
    )
    config.load()
    return config


def bind(address: str, option: str = "--bind") -> list[socket.socket]:
    """Listening sockets for `HOST:PORT`, `[::1]:PORT`; port 0 takes a free one. Raises `Invalid`, `Unreachable`."""
    host, port = parse_bind(address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise Invalid(f"{host} is no address of this machine.", f"Name one in {option}.", field="bind") from None
    sockets: list[socket.socket] = []
    for family, _, _, _, place in dict.fromkeys(found):
        try:
            sockets.append(_listening(family, place))
        except OSError as error:
            for each in sockets:
                each.close()
            reason = (error.strerror or str(error)).lower()
            raise Unreachable(
                f"{address} can't be bound: {reason}.", f"Choose another port with {option}, or stop what uses it."
            ) from None
    return sockets


# Any: a socket address, whose form depends on the family
def _listening(family: int, place: Any) -> socket.socket:
    # With the protocol named: asyncio sets TCP_NODELAY only where it sees TCP, and without it each answer takes 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)
        made.listen(BACKLOG)
        made.set_inheritable(False)
    except BaseException:
        made.close()
        raise
    return made


def parse_bind(address: str) -> tuple[str, int]:
    """`HOST:PORT` to both. Raises `Invalid`."""
    host, colon, port = address.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if (
        not colon
        or not bare
        or not (port.isascii() and port.isdigit() and int(port) < 65_536)
        or (":" in host and host == bare)
    ):
        raise Invalid(f"{address!r} is no address to serve on.", "Write HOST:PORT, as in 127.0.0.1:8443.", field="bind")
    return bare, int(port)


def beyond_loopback(sockets: Sequence[socket.socket]) -> bool:
    """Whether somebody on another machine can reach one of them."""
    from ipaddress import ip_address

    return not all(ip_address(each.getsockname()[0].partition("%")[0]).is_loopback for each in sockets)


def serve(
    app: FastAPI,
    sockets: list[socket.socket],
    tls: Tls | None,
    ready: Callable[[], None],
    public: Sequence[socket.socket] = (),
) -> None:
    """Serve until SIGTERM or SIGINT, and return when what ran has been answered; `ready` is called when answers are given."""
    Server(app, tls, ready, public).run(sockets)
