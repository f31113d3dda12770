"""Slow and large clients: bodies are bounded in size and time, headers in time, and what is not read in the end is cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from certtui.server.problems import Refusal

if TYPE_CHECKING:
    import ssl

    from starlette.requests import Request

    from certtui.server.settings import Settings

PEER = "certtui.peer"
"""Where the scope holds the client's certificate, as DER; None without one."""
ABORT = "certtui.abort"
"""Where the scope holds what ends the connection at once, without waiting for what was not read yet."""

_HEAD = 4_096
"""Bytes; a longer head is none of ours."""


async def read_body(request: Request, most: int, settings: Settings) -> bytes:
    """The whole body. Raises `Refusal`: 413 for too large, 408 for too slow."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    if declared == "0" or (not declared and "transfer-encoding" not in request.headers):
        return b""
    chunks: list[bytes] = []
    size = 0
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        allowed = began + settings.body_timeout + size / settings.slowest_upload
        try:
            async with asyncio.timeout(min(settings.body_timeout, max(0.0, allowed - loop.time()))):
                message = await request.receive()
        except TimeoutError:
            raise Refusal(
                408, "too-slow", "Too slow", "The body did not come in time.", "Send it again.", {"connection": "close"}
            ) from None
        if message["type"] != "http.request":
            raise Refusal(400, "unfinished", "Unfinished", "The request ended before its body did.")
        size += len(message.get("body", b""))
        if size > most:
            raise _too_large(most)
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(most: int) -> Refusal:
    return Refusal(
        413,
        "too-large",
        "Too large",
        f"The body is larger than {most} bytes.",
        "Send less at once.",
        {"connection": "close"},
    )


class Together:
    """A transport that sends the head of an answer with the beginning of its body: one packet and one system call, not two.

    A head that stays alone goes out in the same turn of the loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    # Any: whatever the transport has
    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, or keep back a head for a moment."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data[:5] == b"HTTP/" and data[-4:] == b"\r\n\r\n" and len(data) < _HEAD:
            self._head = bytes(data)
            self._loop.call_soon(self.flush)
            return
        if data:
            self._transport.write(data)

    def flush(self) -> None:
        """Send what was kept back."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """End the connection when everything is sent."""
        self.flush()
        self._transport.close()


def protocol(settings: Settings) -> type[H11Protocol]:
    """uvicorn's protocol on h11, with a time limit for headers, and the client's certificate in the scope."""

    class Careful(H11Protocol):
        """One connection."""

        _cut: asyncio.TimerHandle | None = None

        # Any: uvicorn's own annotations
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            # What answers write to; everything else stays with the transport itself.
            self.transport = cast("asyncio.Transport", Together(transport, self.loop))
            ssl_object: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
            peer = ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
            inner = self.app

            async def with_connection(scope: Any, receive: Any, send: Any) -> None:
                scope[ABORT] = transport.abort
                scope[PEER] = peer
                await inner(scope, receive, send)

            self.app = with_connection
            self._wait_for_header()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            # Still idle: these were the first bytes of a header, which has to be whole soon.
            if self._idle() and not self.transport.is_closing():
                self._wait_for_header()
            else:
                self._stop_waiting()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _idle(self) -> bool:
            cycle: RequestResponseCycle | None = self.cycle  # None until the first request
            return cycle is None or cycle.response_complete

        def _wait_for_header(self) -> None:
            # The first byte starts the time, and no later one prolongs it.
            if self._cut is None:
                self._cut = self.loop.call_later(settings.header_timeout, self._give_up)

        def _stop_waiting(self) -> None:
            if self._cut is not None:
                self._cut.cancel()
                self._cut = None

        def _give_up(self) -> None:
            self._cut = None
            if self._idle() and not self.transport.is_closing():
                self.transport.abort()

    return Careful
