"""Addresses that are listened on for a CA while an order is carried on: one for all orders of this process, open as long as one needs it.

What comes in is untrusted: connections are few, short and small, and whatever goes wrong with one ends that one only.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress

from certtui.authorities.acme.listen_at import Address
from certtui.errors import Unreachable

SECONDS = 5.0
"""How long one connection may take, from its first byte to its last."""

MOST_CONNECTIONS = 256
_BACKLOG = 128

Answers = MutableMapping[str, object]
Serve = Callable[[socket.socket, Answers], Awaitable[None]]


class Lease:
    """What one order lets a listener answer. It must be closed."""

    def __init__(self, listener: _Listener) -> None:
        self._listener = listener
        self._keys: list[str] = []

    def put(self, key: str, value: object) -> bool:
        """Answer this; False where another order has another answer for the same key at this moment."""
        there = self._listener.answers.setdefault(key, value)
        if there is value:
            self._keys.append(key)
        return there == value

    def close(self) -> None:
        """Answer it no more; the last one closes the port."""
        for key in self._keys:
            self._listener.answers.pop(key, None)
        self._keys = []
        _release(self._listener)


def listen(address: Address, serve: Serve) -> Lease:
    """Listen there. Raises `Unreachable`: the port is taken, or not allowed."""
    with _guard:
        listener = _open.get((address, serve))
        if listener is None:
            listener = _open[address, serve] = _Listener(address, serve)
        listener.users += 1
    return Lease(listener)


def _release(listener: _Listener) -> None:
    with _guard:
        listener.users -= 1
        if listener.users == 0:
            del _open[listener.address, listener.serve]
            listener.stop()


class _Listener:
    """A port that is open, and its thread."""

    def __init__(self, address: Address, serve: Serve) -> None:
        self.address = address
        self.serve = serve
        self.users = 0
        self.answers: Answers = {}
        self._socket = _bound(address)
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"certtui-listen-{address.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port; what is being answered is cut off."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(SECONDS)

    def _run(self) -> None:
        # Connections of strangers fail in many ways; none of them is worth a line in a log.
        self._loop.set_exception_handler(lambda *_: None)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._socket.close()
            self._loop.close()

    async def _main(self) -> None:
        accepting = self._loop.create_task(self._accept())
        await self._end.wait()
        for task in (accepting, *self._connections):
            task.cancel()
        await asyncio.gather(accepting, *self._connections, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                connection, _ = await self._loop.sock_accept(self._socket)
            except OSError:
                # No file descriptors, as a rule: some come free in a moment.
                await asyncio.sleep(0.1)
                continue
            if len(self._connections) >= MOST_CONNECTIONS:
                connection.close()
                continue
            task = self._loop.create_task(self._one(connection))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _one(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        try:
            with suppress(OSError, TimeoutError, EOFError, ValueError):
                async with asyncio.timeout(SECONDS):
                    await self.serve(connection, self.answers)
        finally:
            connection.close()


def _bound(address: Address) -> socket.socket:
    host = address.host
    six = ":" in host or (not host and socket.has_dualstack_ipv6())
    try:
        made = socket.create_server(
            (host, address.port),
            family=socket.AF_INET6 if six else socket.AF_INET,
            backlog=_BACKLOG,
            dualstack_ipv6=six and not host,
        )
    except OSError as error:
        raise _refused(address, error) from None
    made.setblocking(False)
    return made


def _refused(address: Address, error: OSError) -> Unreachable:
    match error.errno:
        case errno.EADDRINUSE:
            return Unreachable(
                f"Something else listens on {address} of this machine already.",
                "Use its web root, or let it pass the CA's questions on to another port and name that in the profile.",
            )
        case errno.EACCES | errno.EPERM:
            return Unreachable(
                f"This user may not listen on {address}.",
                "Give certtui CAP_NET_BIND_SERVICE, or lead the port to one above 1023 and name that in the profile.",
            )
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            return Unreachable(f"{address.host} is no address of this machine.", "Name one that is, or none.")
        case _:
            return Unreachable(f"Nothing can be listened to on {address}: {error.strerror}.", "It is tried again.")


_guard = threading.Lock()
_open: dict[tuple[Address, Serve], _Listener] = {}
