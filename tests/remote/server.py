"""A real HTTP server on loopback for tests: uvicorn in a thread, over a store of the test, with its clock.

    with Server(backend) as server:
        server.url, server.token

`stop()` and `start()` are a server that goes and comes back at the same address.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

import uvicorn

from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.serving import LocalServing
from certtui.model.access import OWNER, Access, Identity, TokenForm
from certtui.model.secret import Secret
from certtui.pki.inspector import Inspector
from certtui.server.app import create_app
from certtui.server.settings import Settings


class Server:
    """One server. `settings` are those of `certtui.server`."""

    def __init__(
        self,
        backend: LocalBackend,
        settings: Settings | None = None,
        *,
        port: int = 0,
        serving: LocalServing | None = None,
    ) -> None:
        self.backend = backend
        self.serving = serving or LocalServing(backend)
        self.settings = settings or Settings(feed_interval=0.02, graceful=1.0)
        self.port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, actor: str = "ada", access: Access = OWNER) -> Secret:
        """A new token for somebody."""
        return self.backend.people.create_token(TokenForm(actor, access)).token

    def start(self) -> Server:
        """Listen; at the same port again after a stop."""
        self.app: Any = create_app(self.serving, Inspector(), self.settings)
        # With the protocol named, asyncio turns Nagle off; without, every answer in two packets waits 40 ms for an ACK.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            lifespan="on",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        return self

    def stop(self, *, wait: bool = True) -> None:
        """Cut every connection off and stop listening, as a kill does."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        self._server = self._thread = None
        server.should_exit = True
        for protocol in list(server.server_state.connections):
            with suppress(Exception):
                protocol.transport.abort()
        if wait:
            thread.join(10)
            assert not thread.is_alive()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class Known(LocalServing):
    """Lets one token in without asking the store, so that its log holds only what the test did."""

    def __init__(self, backend: LocalBackend, token: Secret, identity: Identity) -> None:
        super().__init__(backend)
        self._token = token
        self._identity = identity

    def authenticate_token(self, token: bytes, address: str) -> Identity:
        if Secret(token) != self._token:
            return super().authenticate_token(token, address)
        return replace(self._identity, actor=replace(self._identity.actor, address=address))
