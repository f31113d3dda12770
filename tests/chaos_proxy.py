"""A proxy of the tests' own that spoils TCP between client and server, by a plan: nothing is left to chance.

    with Chaos(server.port) as chaos:
        chaos.plan("drop-answer")            # the next exchange: the server does it, the client never hears of it
        backend = open_remote(RemoteOptions(chaos.url, ...))

A plan holds for one exchange (a request with its answer), in order; without one, everything passes as it is. It knows just
enough HTTP/1.1 to tell where a request ends.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import deque

PLANS = ("refuse", "drop-request", "half-request", "drop-answer", "half-answer", "twice", "late")


class Chaos:
    """Listens on loopback; every connection has a thread. `asked` holds the first lines of the requests that came in."""

    def __init__(self, port: int, *, delay: float = 0.0) -> None:
        """With `delay`, every exchange takes so many seconds more, and so does every piece of a stream: a slow link."""
        self._port = port
        self._delay = delay
        self._end = threading.Event()
        self._plans: deque[tuple[str, str]] = deque()
        self._guard = threading.Lock()
        self._open: list[socket.socket] = []
        self._closed = False
        self.asked: list[str] = []
        self.spoilt: list[str] = []
        self.gate = threading.Event()
        """A `late` answer waits for it."""
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def plan(self, *plans: str, only: str = "") -> None:
        """Spoil the next exchanges so, one plan each; with `only`, those whose first line holds it."""
        assert set(plans) <= {*PLANS, "pass"}, plans
        with self._guard:
            self._plans += [(each, only) for each in plans]

    @property
    def waiting(self) -> int:
        """Plans that nothing has come for yet."""
        return len(self._plans)

    def cut(self) -> None:
        """Break every connection that is open now."""
        with self._guard:
            open_now, self._open = self._open, []
        for each in open_now:
            _reset(each)

    def __enter__(self) -> Chaos:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._end.set()
        self.gate.set()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._guard:
                self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError), contextlib.closing(client):
            while request := _message(client):
                line = request.split(b"\r\n", 1)[0].decode("latin-1")
                self.asked.append(line)
                plan = self._next(line)
                if plan != "pass":
                    self.spoilt.append(f"{plan} {line}")
                if not self._exchange(client, request, plan):
                    _reset(client)
                    return

    def _next(self, line: str) -> str:
        with self._guard:
            if self._plans and self._plans[0][1] in line:
                return self._plans.popleft()[0]
        return "pass"

    def _exchange(self, client: socket.socket, request: bytes, plan: str) -> bool:
        """One request with its answer; False to break the connection off."""
        if plan in ("refuse", "drop-request"):
            return False
        with contextlib.closing(self._upstream()) as server:
            if plan == "half-request":
                server.sendall(request[: len(request) // 2])
                _reset(server)
                return False
            self._end.wait(self._delay)
            server.sendall(request)
            if plan == "twice":
                # As a network that repeats a packet, or a client that gave up too early, would have it.
                with contextlib.closing(self._upstream()) as other:
                    other.sendall(request)
                    _message(other, answer=True)
            if plan == "late":
                self.gate.wait(30)
            if "text/event-stream" in request.decode("latin-1"):
                return self._stream(client, server)
            answer = _message(server, answer=True)
            if plan == "drop-answer":
                return False
            if plan == "half-answer":
                client.sendall(answer[: max(len(answer) // 2, answer.find(b"\r\n\r\n") + 5)])
                return False
            client.sendall(answer)
            return bool(answer)

    def _stream(self, client: socket.socket, server: socket.socket) -> bool:
        with self._guard:
            self._open.append(server)
        while chunk := server.recv(65536):
            self._end.wait(self._delay)
            client.sendall(chunk)
        return False

    def _upstream(self) -> socket.socket:
        server = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server


def _message(peer: socket.socket, *, answer: bool = False) -> bytes:
    """One whole HTTP message; what there is of it when the peer ends."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = peer.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    if answer and re.match(rb"http/1\.1 (204|304|1\d\d)", lower):
        return data
    if b"transfer-encoding: chunked" in lower:
        while not data.endswith(b"0\r\n\r\n"):
            chunk = peer.recv(65536)
            if not chunk:
                return data
            data += chunk
        return data
    found = re.search(rb"content-length: *(\d+)", lower)
    missing = (int(found[1]) if found else 0) - len(body)
    while missing > 0:
        chunk = peer.recv(65536)
        if not chunk:
            return data
        data += chunk
        missing -= len(chunk)
    return data


def _reset(peer: socket.socket) -> None:
    with contextlib.suppress(OSError):
        peer.shutdown(socket.SHUT_RDWR)
    peer.close()
