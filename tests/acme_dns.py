"""An acme-dns on loopback, after the HTTP API of joohoi/acme-dns 1.0; its zone is one of the tests' BIND.

Status codes, words of errors, and what is remembered are that server's: two values of a name, the older is overwritten.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bind import TECH, Bind

_TXT = re.compile(r"[A-Za-z0-9_-]{43}")
_SUBDOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass
class Name:
    """A registration as the server remembers it; `values` has two rows from the start, each with the count of its update."""

    password: str
    subdomain: str
    allow_from: list[str]
    values: list[tuple[int, str]] = field(default_factory=lambda: [(0, ""), (0, "")])


@dataclass
class AcmeDnsServer:
    """One that answers: its address, what is registered by user name, and what it was asked."""

    url: str
    zone: str
    names: dict[str, Name] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    register_is_on: bool = True
    lose_answers: int = 0
    """So many registrations are made, and the connection ends before they are answered."""


@contextmanager
def acme_dns(dns: Bind, zone: str = TECH) -> Iterator[AcmeDnsServer]:
    """Start one whose names are in a zone of BIND."""
    made = AcmeDnsServer("", zone)
    guard = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self._answer(200 if self.path == "/health" else 404, b"")

        def do_POST(self) -> None:
            made.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with guard:
                match self.path:
                    case "/register" if made.register_is_on:
                        self._register(body)
                    case "/update":
                        self._update(body)
                    case _:
                        self._answer(404, b"404 page not found\n", "text/plain; charset=utf-8")

        def _register(self, body: bytes) -> None:
            try:
                wanted = json.loads(body or b"{}")
            except ValueError:
                return self._error(400, "malformed_json_payload")
            allow_from = [each.strip("[]") for each in wanted.get("allowfrom") or []]
            try:
                [ipaddress.ip_network(each if "/" in each else "no mask", strict=False) for each in allow_from]
            except ValueError:
                return self._error(400, "invalid_allowfrom_cidr")
            user = str(uuid.uuid4())
            found = Name(secrets.token_urlsafe(30), str(uuid.uuid4()), allow_from)
            made.names[user] = found
            if made.lose_answers:
                made.lose_answers -= 1
                return None
            answer = {
                "username": user,
                "password": found.password,
                "fulldomain": f"{found.subdomain}.{made.zone}",
                "subdomain": found.subdomain,
                "allowfrom": allow_from,
            }
            return self._answer(201, json.dumps(answer).encode())

        def _update(self, body: bytes) -> None:
            found = made.names.get(self.headers.get("x-api-user", ""))
            try:
                wanted = json.loads(body)
            except ValueError:
                wanted = {}
            allowed = found is not None and (
                not found.allow_from
                or any(
                    ipaddress.ip_address(self.client_address[0]) in ipaddress.ip_network(each, strict=False)
                    for each in found.allow_from
                )
            )
            if (
                found is None
                or not allowed
                or self.headers.get("x-api-key") != found.password
                or wanted.get("subdomain") != found.subdomain
            ):
                return self._error(401, "forbidden")
            value = wanted.get("txt", "")
            if not _SUBDOMAIN.fullmatch(found.subdomain):
                return self._error(400, "bad_subdomain")
            if not _TXT.fullmatch(value):
                return self._error(400, "bad_txt")
            oldest = min(range(2), key=lambda at: found.values[at][0])
            found.values[oldest] = (max(count for count, _ in found.values) + 1, value)
            texts = [f'"{each}"' for _, each in found.values if each]
            dns.put(made.zone, f"{found.subdomain}.{made.zone}", "TXT", *dict.fromkeys(texts), ttl=1)
            return self._answer(200, f'{{"txt": "{value}"}}'.encode())

        def _error(self, status: int, word: str) -> None:
            self._answer(status, f'{{"error": "{word}"}}'.encode())

        def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test reads `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(5)
