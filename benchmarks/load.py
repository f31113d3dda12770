"""A client that asks as fast as it is answered, on several connections, and does next to nothing itself."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

CONNECTIONS = 8


class Burst(NamedTuple):
    """What came of it: milliseconds for a request, on the clock and of the server's processor."""

    spent: float
    processor: float


def burst(port: int, pid: int, request: Callable[[], bytes], seconds: float) -> Burst:
    """Keep every connection busy for so long. Raises `AssertionError` where an answer is not 200."""
    with ExitStack() as stack, selectors.DefaultSelector() as ready:
        for _ in range(CONNECTIONS):
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            ready.register(peer, selectors.EVENT_READ, _Answer())
        for key in list(ready.get_map().values()):
            key.fileobj.sendall(request())  # type: ignore[union-attr]  # the sockets of above
        before, began, answers = _processor(pid), time.perf_counter(), 0
        while (now := time.perf_counter()) - began < seconds:
            for key, _ in ready.select(1):
                if key.data.took(key.fileobj.recv(1 << 18)):  # type: ignore[union-attr]  # as above
                    answers += 1
                    key.fileobj.sendall(request())  # type: ignore[union-attr]  # as above
        return Burst((now - began) * 1000 / answers, (_processor(pid) - before) * 1000 / answers)


class _Answer:
    """How much of an answer is still to come."""

    def __init__(self) -> None:
        self._head = b""
        self._missing = 0

    def took(self, data: bytes) -> bool:
        """Whether this was its end."""
        if self._missing:
            self._missing -= len(data)
            return not self._missing
        self._head += data
        head, end, body = self._head.partition(b"\r\n\r\n")
        if not end:
            return False
        assert head.startswith(b"HTTP/1.1 200"), self._head[:300]
        self._missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) - len(body)
        self._head = b""
        return not self._missing


def same(path: str, token: str) -> Callable[[], bytes]:
    """One question again and again."""
    asked = _get(path, token)
    return lambda: asked


def different(paths: Iterator[str], token: str) -> Callable[[], bytes]:
    """Another one each time."""
    return lambda: _get(next(paths), token)


def _get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
