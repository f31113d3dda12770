"""The sockets under httpx: broken off from another thread, and checked for the pinned key right after the handshake.

httpx has no way to end a request that waits in another thread; closing a socket does not wake its reader, shutting it
down does.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import weakref
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from certtui.backend.remote.trust import check_pins


class Sockets:
    """The connections that are open now."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: weakref.WeakSet[_Stream] = weakref.WeakSet()

    def add(self, stream: _Stream) -> None:
        with self._guard:
            self._open.add(stream)

    def shut(self) -> None:
        """End them all: whoever waits for one hears that it is closed."""
        with self._guard:
            streams = list(self._open)
        for stream in streams:
            stream.shut()


class Transport(httpx.HTTPTransport):
    """httpx's own, over connections that can be broken off."""

    def __init__(
        self, context: ssl.SSLContext, *, proxy: str | None, host: str, pins: tuple[str, ...], sockets: Sockets
    ) -> None:
        limits = httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=60)
        super().__init__(verify=context, trust_env=False, proxy=proxy, limits=limits)
        # httpcore takes a network backend, but httpx does not hand one on.
        self._pool._network_backend = _Network(sockets, host, pins)


class _Network(httpcore.SyncBackend):
    def __init__(self, sockets: Sockets, host: str, pins: tuple[str, ...]) -> None:
        self._sockets = sockets
        self._host = host
        self._pins = pins

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        inner = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(inner, self._sockets, self._host, self._pins)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, sockets: Sockets, host: str, pins: tuple[str, ...]) -> None:
        self._inner = inner
        self._sockets = sockets
        self._host = host
        self._pins = pins
        sockets.add(self)

    def shut(self) -> None:
        found = self._inner.get_extra_info("socket")
        if isinstance(found, socket.socket):
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: it forgets the TLS state under the thread that reads.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        stream = _Stream(inner, self._sockets, self._host, self._pins)
        # On the way to an HTTPS proxy it is the proxy's certificate, which no pin is about.
        if self._pins and server_hostname == self._host:
            try:
                check_pins(_certificate(inner), self._pins, self._host)
            except BaseException:
                stream.close()
                raise
        return stream

    # Any: httpcore's own signature
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _certificate(stream: httpcore.NetworkStream) -> bytes | None:
    """What the peer showed, as DER: of the TLS socket, or of TLS within a proxy's TLS."""
    for name in ("ssl_object", "socket"):
        session = stream.get_extra_info(name)
        if isinstance(session, ssl.SSLObject | ssl.SSLSocket):
            return session.getpeercert(binary_form=True)
    return None
