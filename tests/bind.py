"""Real name servers for tests: BIND on loopback with a customer's zone and a tech zone that takes updates by TSIG.

`bind()` is one server that is authoritative for both and recursive for loopback, as a CA's resolver would be. `also_at`
lets a second one answer at 127.0.0.2 under the port of the first: BIND itself listens only where an interface has an address.
"""

from __future__ import annotations

import base64
import shutil
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.update

from certtui.authorities.acme.dns_ask import Resolver
from tests.loopback import free_port, memory_folder, running

CUSTOMER, TECH = "example.test", "acme.tech.test"
KEY_NAME, KEY = "acme-key", base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
_HEAD = "$ORIGIN {zone}.\n$TTL {ttl}\n@ IN SOA ns1.{zone}. host.{zone}. 1 3600 600 86400 {ttl}\n"
_OPTIONS = """
options {{
    directory "{folder}"; pid-file none; session-keyfile none; lock-file none; managed-keys-directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    {recursion} dnssec-validation no; qname-minimization off; notify no;
    allow-transfer {{ none; }}; minimal-responses yes; empty-zones-enable no;
}};
controls {{ }};
key "{key_name}" {{ algorithm hmac-sha256; secret "{key}"; }};
"""
_UPDATES = "update-policy {{ grant {key_name} zonesub ANY; }};"


@dataclass(frozen=True)
class Bind:
    """A server that answers."""

    port: int
    address = "127.0.0.1"

    @property
    def resolver(self) -> Resolver:
        return Resolver((self.address,), self.port)

    @property
    def setting(self) -> str:
        """As a person writes it into a profile."""
        return f"{self.address}:{self.port}"

    def put(self, zone: str, name: str, kind: str, *values: str, ttl: int = 60) -> None:
        """Let these, and only these, be the records of a name and kind."""
        update = self._update(zone)
        update.delete(name + ".", kind)
        for value in values:
            update.add(name + ".", ttl, kind, value)
        self._send(update)

    def take(self, zone: str, name: str, kind: str = "ANY") -> None:
        """Let a name have no records of a kind."""
        update = self._update(zone)
        update.delete(name + ".") if kind == "ANY" else update.delete(name + ".", kind)
        self._send(update)

    def texts(self, name: str) -> set[str]:
        """The TXT values of a name."""
        answer = dns.query.tcp(dns.message.make_query(name, "TXT"), self.address, port=self.port, timeout=5)
        return {
            b"".join(record.strings).decode() for each in answer.answer if each.rdtype.name == "TXT" for record in each
        }

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(zone, keyring=dns.tsig.Key(KEY_NAME, KEY, "hmac-sha256"))

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = dns.query.tcp(update, self.address, port=self.port, timeout=5)
        assert answer.rcode() == dns.rcode.NOERROR, dns.rcode.to_text(answer.rcode())


@contextmanager
def bind(
    zones: Mapping[str, str] | None = None,
    *,
    port: int = 0,
    recursive: bool = True,
    ttl: int = 1,
) -> Iterator[Bind]:
    """Start one. `zones` are names and the records below their SOA; without any, CUSTOMER and TECH."""
    folder = Path(tempfile.mkdtemp(prefix="certtui-bind-", dir=memory_folder()))
    port = port or free_port()
    wanted = zones if zones is not None else {CUSTOMER: records(CUSTOMER), TECH: records(TECH)}
    text = _OPTIONS.format(
        folder=folder,
        port=port,
        recursion="recursion yes; allow-recursion { 127.0.0.0/8; };" if recursive else "recursion no;",
        key_name=KEY_NAME,
        key=KEY,
    )
    updates = _UPDATES.format(key_name=KEY_NAME)
    for zone, body in wanted.items():
        (folder / f"{zone}.zone").write_text(_HEAD.format(zone=zone, ttl=ttl) + body)
        text += f'zone "{zone}" {{ type primary; file "{folder}/{zone}.zone"; {updates} }};\n'
    if "." not in wanted and recursive:
        # Nobody is asked on the Internet: what lies outside of these zones does not exist.
        (folder / "root.zone").write_text(
            "$TTL 1\n@ IN SOA ns. host. 1 3600 600 86400 1\n@ IN NS ns.\nns IN A 127.0.0.1\n"
        )
        text += f'zone "." {{ type primary; file "{folder}/root.zone"; }};\n'
    (folder / "named.conf").write_text(text)
    probe = next(iter(wanted))

    def answers() -> object:
        question = dns.message.make_query(probe, "SOA")
        return dns.query.udp(question, "127.0.0.1", port=port, timeout=0.2).rcode() == dns.rcode.NOERROR

    try:
        argv = ["named", "-g", "-c", str(folder / "named.conf"), "-n", "1"]
        with running(argv, folder / "log", answers):
            yield Bind(port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def also_at(address: str, port: int, behind: Bind) -> Iterator[None]:
    """Let a server answer at another address and port too (UDP)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front:
        front.bind((address, port))
        thread = threading.Thread(target=_relay, args=(front, (behind.address, behind.port)), daemon=True)
        thread.start()
        try:
            yield
        finally:
            front.sendto(b"", (address, port))
            thread.join(5)


@contextmanager
def at_port_53(behind: Bind) -> Iterator[str]:
    """Let a server answer by TCP at port 53 of some loopback address as well, for clients that know no other; that address.

    Raises `OSError` where that takes root, or somebody has port 53 of all addresses.
    """

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((behind.address, behind.port), timeout=5) as back:
                thread = threading.Thread(target=_pour, args=(self.request, back), daemon=True)
                thread.start()
                _pour(back, self.request)
                thread.join(5)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = False
        daemon_threads = True

    def made() -> Server:
        for number in range(60, 200):  # other tests may have one of their own
            with suppress(OSError):
                return Server((f"127.0.0.{number}", 53), Relay)
        return Server(("127.0.0.60", 53), Relay)

    with made() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield str(server.server_address[0])
        finally:
            server.shutdown()
            thread.join(5)


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_535):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _relay(front: socket.socket, to: tuple[str, int]) -> None:
    while True:
        question, asker = front.recvfrom(65_535)
        if not question:
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
            back.settimeout(5)
            back.sendto(question, to)
            front.sendto(back.recv(65_535), asker)


def records(zone: str, *lines: str, servers: Mapping[str, str] | None = None) -> str:
    """NS records with their addresses (`ns1` at 127.0.0.1 unless said), and further lines."""
    named = servers if servers is not None else {"ns1": "127.0.0.1"}
    found = [f"@ IN NS {name}.{zone}." for name in named]
    found += [f"{name} IN A {address}" for name, address in named.items()]
    return "\n".join([*found, *lines, ""])
