"""Real servers on loopback that take what channels send, and say what they are told to."""

from __future__ import annotations

import asyncio
import base64
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.certs import Made, make_cert


@dataclass
class Request:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpSink:
    """Answers with what `answers` hold in turn: (status, headers, body); 204 when they are used up."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def http_sink(tls: ssl.SSLContext | None = None) -> Iterator[HttpSink]:
    """A server for one test."""
    sink = HttpSink()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            sink.requests.append(Request(self.path, headers, body))
            status, more, said = sink.answers.pop(0) if sink.answers else (204, {}, b"")
            self.send_response(status)
            for name, value in {"content-length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    sink.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def trickle(begin: bytes, drop: bytes) -> Iterator[int]:
    """The port of a server that begins to answer and goes on, a little at a time, for as long as anybody listens."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError), server.accept()[0] as there:
                there.sendall(begin)
                while not over.wait(0.01):
                    there.sendall(drop)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join(5)


@dataclass
class Mail:
    """One message as it came."""

    sender: str
    recipients: list[str]
    data: bytes
    protected: bool
    login: tuple[str, str] | None


@dataclass
class SmtpSink:
    """A mail server: with STARTTLS where it has a context, with a login where `users` has some."""

    tls: ssl.SSLContext | None = None
    offers_starttls: bool = True
    users: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    """The answer to a command, or to an address, in place of a friendly one."""
    host: str = "127.0.0.1"
    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protected, login = False, None
        sender, recipients = "", []

        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        await say("220 sink.example.com ESMTP")
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            verb = line.split(" ", 1)[0].upper()
            self.commands.append(line)
            if verb in self.refuses:
                await say(self.refuses[verb])
                continue
            match verb:
                case "EHLO":
                    offered = ["250-sink.example.com", "250-8BITMIME"]
                    offered += ["250-STARTTLS"] if self.tls and self.offers_starttls and not protected else []
                    offered += ["250-AUTH PLAIN"] if self.users else []
                    await say("\r\n".join([*offered, "250 SIZE 1000000"]))
                case "STARTTLS":
                    await say("220 go ahead")
                    try:
                        await writer.start_tls(self.tls)
                    except (ssl.SSLError, ConnectionError):
                        return
                    protected = True
                case "AUTH":
                    _, name, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                    if self.users.get(name) == password:
                        login = (name, password)
                        await say("235 welcome")
                    else:
                        await say("535 5.7.8 wrong name or password")
                case "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                    await say("250 ok")
                case "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    if address in self.refuses:
                        await say(self.refuses[address])
                    else:
                        recipients.append(address)
                        await say("250 ok")
                case "DATA":
                    await say("354 go on")
                    data = await reader.readuntil(b"\r\n.\r\n")
                    self.mails.append(Mail(sender, recipients, data, protected, login))
                    await say("250 taken")
                case "QUIT":
                    await say("221 bye")
                    break
                case _:
                    await say("250 ok")
        writer.close()


@contextmanager
def smtp_sink(**more: object) -> Iterator[SmtpSink]:
    """A mail server for one test, in a thread of its own."""
    sink = SmtpSink(**more)  # type: ignore[arg-type]
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    server = loop.run_until_complete(asyncio.start_server(sink.serve, sink.host, 0))
    sink.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def tls_for(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for a name or address, and the file of the certificate to trust."""
    made: Made = make_cert("sink", sans=(name,), not_before=_long_ago(), days=36_500, number=77)
    trusted, key = folder / "sink.pem", folder / "sink.key"
    trusted.write_bytes(made.pem)
    key.write_bytes(made.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, key)
    return context, trusted


def _long_ago():
    from datetime import datetime, timezone

    return datetime(2020, 1, 1, tzinfo=timezone.utc)
