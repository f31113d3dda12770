"""An end to the whole of an exchange: time limits of sockets are for each octet that comes, and a trickle has no end."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

ALTOGETHER = 30.0
"""Seconds that one message may take, whatever the other side does."""


class Deadline:
    """Within it the sockets that are given to `watch` live for so many seconds at most; `passed` says that they ran out."""

    def __init__(self, seconds: float = ALTOGETHER) -> None:
        self.passed = False
        self._guard = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, one: socket.socket) -> None:
        """Another socket that ends with the others."""
        with self._guard:
            self._sockets.append(one)
            passed = self.passed
        if passed:
            _shut(one)

    def _end(self) -> None:
        with self._guard:
            self.passed = True
            ending = list(self._sockets)
        for one in ending:
            _shut(one)


def _shut(one: socket.socket) -> None:
    # Of the connection, not of TLS, which another thread is in the middle of. One that TLS took over has no number any more.
    with suppress(OSError):
        socket.socket.shutdown(one, socket.SHUT_RDWR)
