"""A proxy of the tests' own between an ACME client and its server that spoils answers, each in a way of its own.

    with Faults(pebble) as faults:
        faults.plan("drop-answer", on="order-plz")   # the server makes an order, the client never hears of it

It ends TLS with the certificate that Pebble has here too, and hands the Host on, so that every address the server gives leads
back to it. A plan is for one request, the next whose path holds `on`; `sequence` spoils one request after the other.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import tempfile
import threading
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.pebble import Pebble, tls_pair

PASS = "pass"
_PORTAL = b"<!doctype html><title>Hotel Wi-Fi</title><p>Agree to our terms to go on."
_HUGE = 1_200_000


@dataclass
class Answer:
    """What goes back to the client."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    cut: int | None = None
    """The connection ends after so many bytes of the body, whatever its length was said to be."""
    piece: int = 65_536
    """How much of the body goes at once."""

    def replaced(self, name: str, *values: str) -> Answer:
        """The same with other values of one header."""
        kept = [each for each in self.headers if each[0].lower() != name]
        return Answer(self.status, [*kept, *((name, value) for value in values)], self.body)


Reached = Callable[[], Answer]
"""Asks the server, and gives its answer."""
Fault = Callable[[Reached], Answer | None]
"""None breaks the connection off."""


def _problem(status: int, kind: str, detail: str, *headers: tuple[str, str]) -> Answer:
    body = json.dumps({"type": f"urn:ietf:params:acme:error:{kind}", "detail": detail, "status": status}).encode()
    return Answer(status, [("content-type", "application/problem+json"), *headers], body)


def _html(status: int, body: bytes = _PORTAL, *headers: tuple[str, str]) -> Answer:
    return Answer(status, [("content-type", "text/html"), *headers], body)


def _after(answer: Answer | None) -> Fault:
    """The server has done it; the client is told something else."""

    def fault(reached: Reached) -> Answer | None:
        reached()
        return answer

    return fault


def _in_ten_seconds() -> str:
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=10), usegmt=True)


def _truncated(reached: Reached) -> Answer:
    found = reached()
    found.cut = len(found.body) // 2
    return found


def _trickled(reached: Reached) -> Answer:
    found = reached()
    found.piece = 7
    return found


def _doubled(reached: Reached) -> Answer:
    """Every header of its own comes twice, as from two proxies in a row."""
    found = reached()
    return Answer(found.status, found.headers * 2, found.body)


FAULTS: dict[str, Fault] = {
    "drop-request": lambda _: None,
    "drop-answer": _after(None),
    "500-after": _after(_problem(500, "serverInternal", "the database is away")),
    "502-after": _after(_html(502, b"<h1>Bad Gateway</h1>")),
    "portal-after": _after(_html(200)),
    "empty-after": _after(Answer(200)),
    "no-object-after": _after(Answer(200, [("content-type", "application/json")], b"{}")),
    "truncated": _truncated,
    "500-problem": lambda _: _problem(500, "serverInternal", "out of luck"),
    "500-plain": lambda _: Answer(500, [("content-type", "text/plain")], b"oops"),
    "503-seconds": lambda _: Answer(503, [("retry-after", "10")], b""),
    "403-html": lambda _: _html(403, b"<h1>Request blocked by the firewall</h1>"),
    "404-html": lambda _: _html(404, b"<h1>Not Found</h1>"),
    "429-seconds": lambda _: _problem(429, "rateLimited", "too many requests", ("retry-after", "10")),
    "429-date": lambda _: _problem(429, "rateLimited", "too many requests", ("retry-after", _in_ten_seconds())),
    "429-plain": lambda _: Answer(429, [], b"slow down"),
    "portal": lambda _: _html(200),
    "redirect": lambda _: _html(302, b"", ("location", "http://portal.example/login?from=acme")),
    "huge": lambda _: Answer(200, [("content-type", "application/json")], b" " * _HUGE),
    "not-http": lambda _: Answer(0, [], b"SSH-2.0-OpenSSH_9.2\r\n"),
    "trickled": _trickled,
    "wrong-type": lambda reached: reached().replaced("content-type", "text/plain; charset=utf-16"),
    "stale-nonce": lambda reached: reached().replaced("replay-nonce", "dGhpcyBvbmUgaXMgc3RhbGU"),
    "bad-nonce-text": lambda reached: reached().replaced("replay-nonce", "no nonce at all!"),
    "no-nonce": lambda reached: reached().replaced("replay-nonce"),
    "doubled-headers": _doubled,
}
"""By name. Those that end in `-after` and `drop-answer` are the dangerous ones: it was done, and the client can't know."""

DANGEROUS = tuple(name for name in FAULTS if name.endswith("-after") or name == "drop-answer")
HARMLESS = ("trickled", "wrong-type", "doubled-headers", "bad-nonce-text", "stale-nonce")
"""The client goes on at once, as if nothing had been (`no-nonce` it can't survive where a nonce was asked for)."""


@dataclass
class Seen:
    """One request: its path, what was done to it, and the key that signed it where it names one."""

    path: str
    fault: str
    jwk: str = ""


class Faults:
    """Listens on loopback; `seen` holds every request in order."""

    def __init__(self, behind: Pebble, port: int) -> None:
        self._behind = urlsplit(behind.url)
        self._context = ssl.create_default_context(cafile=behind.ca_file)
        self._guard = threading.Lock()
        self._plans: list[list[str]] = []
        self._sequence: deque[str] = deque()
        self.seen: list[Seen] = []
        self.url = f"https://127.0.0.1:{port}{self._behind.path}"

    def plan(self, fault: str, on: str, *, after: int = 0) -> None:
        """Spoil the next request whose path holds `on`, once `after` others of these have passed."""
        assert fault in FAULTS, fault
        self._plans.append([fault, on, "." * after])

    def sequence(self, faults: Iterable[str]) -> None:
        """Spoil the requests that come, one after the other (`pass` spares one)."""
        self._sequence = deque(faults)

    def reset(self) -> None:
        """No plan, nothing seen."""
        with self._guard:
            self._plans, self.seen = [], []
            self._sequence.clear()

    @property
    def waiting(self) -> int:
        """Plans that nothing has come for yet."""
        return len(self._plans)

    def answer(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer | None:
        """What the client gets; None breaks the connection off."""
        name = self._next(path, body)
        asked = False

        def reached() -> Answer:
            nonlocal asked
            assert not asked
            asked = True
            return self._reached(method, path, headers, body)

        return reached() if name == PASS else FAULTS[name](reached)

    def _next(self, path: str, body: bytes) -> str:
        with self._guard:
            found = self._sequence.popleft() if self._sequence else PASS
            for plan in self._plans:
                if plan[1] in path:
                    if plan[2]:
                        plan[2] = plan[2][1:]
                        continue
                    self._plans.remove(plan)
                    found = plan[0]
                    break
            self.seen.append(Seen(path, found, _jwk(body)))
            return found

    def _reached(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        host, port = str(self._behind.hostname), self._behind.port
        with contextlib.closing(http.client.HTTPSConnection(host, port, context=self._context, timeout=20)) as server:
            server.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                server.putheader(name, value)
            server.endheaders(body)
            found = server.getresponse()
            dropped = ("transfer-encoding", "connection", "content-length")
            kept = [each for each in found.getheaders() if each[0].lower() not in dropped]
            return Answer(found.status, kept, found.read())


def _jwk(body: bytes) -> str:
    try:
        protected = json.loads(body)["protected"]
        found = json.loads(urlsafe_b64decode(protected + "=="))
    except (ValueError, KeyError, TypeError):
        return ""
    return json.dumps(found.get("jwk"), sort_keys=True) if "jwk" in found else ""


def _handler(faults: list[Faults]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = [(name, value) for name, value in self.headers.items() if name.lower() != "connection"]
            answer = faults[0].answer(self.command, self.path, headers, body)
            if answer is None or not answer.status:
                if answer is not None:
                    self.wfile.write(answer.body)
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                sent = answer.body if answer.cut is None else answer.body[: answer.cut]
                for at in range(0, len(sent), answer.piece):
                    self.wfile.write(sent[at : at + answer.piece])
            self.close_connection = answer.cut is not None

        def do_HEAD(self) -> None:
            self.serve()

        def do_GET(self) -> None:
            self.serve()

        def do_POST(self) -> None:
            self.serve()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up on a fault is what is wanted."""


@contextmanager
def faults_before(behind: Pebble) -> Iterator[Faults]:
    """Open one; its certificate is of the root that `behind.ca_file` names."""
    made: list[Faults] = []
    server = _Server(("127.0.0.1", 0), _handler(made))
    made.append(Faults(behind, server.server_address[1]))
    _, certificate, key = tls_pair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder, "pair.pem")
        pair.write_bytes(certificate + key)
        context.load_cert_chain(pair)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
