"""Large and slow clients: bounded, cut off, and nobody else waits for them."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from certtui.clock import FixedClock
from certtui.server.settings import Settings
from tests.server.conftest import client
from tests.server_process import Running, running

QUICK = Settings(
    max_body=2_000,
    max_upload=5_000,
    header_timeout=0.3,
    body_timeout=0.3,
    write_timeout=0.5,
    keep_alive=0.3,
    feed_interval=0.05,
    graceful=5,
)


@pytest.fixture
def hasty(tmp_path: Path, clock: FixedClock) -> Iterator[Running]:
    """A server with little patience."""
    with running(tmp_path, clock=clock, settings=QUICK) as made:
        yield made


def connected(server: Running) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def drained(sock: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    received = b""
    try:
        while piece := sock.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def answered(server: Running) -> bool:
    return httpx.get(f"{server.url}/healthz").status_code == 200


def test_a_connection_that_says_nothing_is_cut_off(hasty: Running) -> None:
    with connected(hasty) as sock:
        began = monotonic()
        assert drained(sock) == b""
        assert monotonic() - began < 2


def test_a_header_that_drips_is_cut_off_however_steadily_it_drips(hasty: Running) -> None:
    with connected(hasty) as sock:
        sock.settimeout(0.05)
        began = monotonic()
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        ended = False
        while not ended and monotonic() - began < 3:
            try:
                sock.sendall(b"x-drip: 1\r\n")
                ended = sock.recv(100) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
        assert monotonic() - began < 2
    assert answered(hasty)


def test_a_second_request_on_the_same_connection_has_to_be_as_quick(hasty: Running) -> None:
    with connected(hasty) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        received = b""
        while b"alive" not in received:
            received += sock.recv(65_536)
        sock.sendall(b"GET /healthz HT")
        began = monotonic()
        drained(sock)
        assert monotonic() - began < 2


def test_many_slow_connections_leave_the_others_served(hasty: Running) -> None:
    slow = [connected(hasty) for _ in range(60)]
    for each in slow:
        each.sendall(b"GET /api")
    assert answered(hasty)
    for each in slow:
        each.close()


def test_a_body_that_does_not_come_is_408(hasty: Running) -> None:
    token = hasty.token()
    head = (
        f"POST /api/v1/resources HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 100\r\n\r\n{{"
    )
    with connected(hasty) as sock:
        sock.sendall(head.encode())
        assert drained(sock).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_408_too(tmp_path: Path, clock: FixedClock) -> None:
    settings = Settings(body_timeout=0.3, slowest_upload=100_000, feed_interval=0.05, graceful=5)
    with running(tmp_path, clock=clock, settings=settings) as server, connected(server) as sock:
        head = f"POST /api/v1/resources HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {server.token()}\r\ncontent-length: 9999\r\n\r\n"
        sock.sendall(head.encode())
        stopped = threading.Event()

        def drip() -> None:
            while not stopped.wait(0.02):
                try:
                    sock.sendall(b" ")
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        began = monotonic()
        assert drained(sock).startswith(b"HTTP/1.1 408 ")
        stopped.set()
        assert monotonic() - began < 2


def test_a_body_that_is_too_large_is_413_declared_or_not(hasty: Running) -> None:
    with client(hasty) as api:
        assert api.post("/resources", content=b"x" * 2_001).status_code == 413
        assert api.post("/resources", content=iter([b"x" * 1_500, b"x" * 1_500])).status_code == 413
        assert api.post("/certificates", content=b"x" * 4_999).status_code == 422
        assert api.post("/certificates", content=b"x" * 5_001).status_code == 413
    assert answered(hasty)


def test_a_header_that_is_too_large_is_refused(hasty: Running) -> None:
    with connected(hasty) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: " + b"a" * 200_000)
        drained(sock)  # refused or reset: it ends
    assert answered(hasty)


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100 + b"\r\n\r\n"]
)
def test_what_is_no_http_is_turned_away(hasty: Running, garbage: bytes) -> None:
    with connected(hasty) as sock:
        sock.sendall(garbage)
        received = drained(sock)
        assert received == b"" or received.startswith(b"HTTP/1.1 4")
    assert answered(hasty)


def test_contradicting_lengths_are_refused(hasty: Running) -> None:
    """Request smuggling lives on them (RFC 9112, 6.3)."""
    for head in (
        b"content-length: 1\r\ncontent-length: 2",
        b"content-length: 5\r\ntransfer-encoding: chunked, chunked",
    ):
        with connected(hasty) as sock:
            sock.sendall(b"POST /api/v1/resources HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n")
            assert drained(sock).startswith(b"HTTP/1.1 4")


def test_a_client_that_does_not_read_its_answer_is_let_go(hasty: Running) -> None:
    from tests.backend.entries import cert, new

    hasty.backend.certificates.add([new(cert(f"{index}.example.com")) for index in range(40)])
    request = (
        f"GET /api/v1/certificates?limit=1000 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {hasty.token()}\r\n\r\n"
    )
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        sock.connect(("127.0.0.1", hasty.port))
        sock.settimeout(10)
        with contextlib.suppress(OSError):
            for _ in range(2_000):
                sock.sendall(request.encode())
        hung_up = select.poll()
        hung_up.register(sock, 0)  # errors and hang-ups alone, without reading anything
        assert hung_up.poll(10_000)
    assert answered(hasty)


def test_more_connections_than_allowed_are_503_and_no_error(tmp_path: Path, clock: FixedClock) -> None:
    settings = Settings(connections=3, feed_interval=0.05, graceful=5)
    with running(tmp_path, clock=clock, settings=settings) as server:
        kept = [connected(server) for _ in range(4)]
        assert httpx.get(f"{server.url}/healthz").status_code == 503
        for each in kept:
            each.close()


def test_failed_logins_make_their_address_wait_and_the_known_go_on(server: Running) -> None:
    with client(server) as known:
        known.get("/info")
        for _ in range(3):
            httpx.get(f"{server.url}/api/v1/info", headers={"authorization": "Bearer ctt_wrong"})
        assert server.backend.logins.failed.delay("127.0.0.1") > 0
        began = monotonic()
        assert known.get("/info").status_code == 200
        assert monotonic() - began < 0.4
        began = monotonic()
        assert httpx.get(f"{server.url}/api/v1/info", headers={"authorization": "Bearer no"}).status_code == 401
        assert monotonic() - began >= 0.4


def test_a_failed_login_is_audited_with_its_address(server: Running) -> None:
    httpx.get(f"{server.url}/api/v1/info", headers={"authorization": "Bearer ctt_wrong"})
    server.backend.logins.settle()
    event = server.backend.audit.get(server.backend.audit.head().seq)
    assert event.event == "auth.login.failed"
    assert "127.0.0.1" in event.actor + event.detail + event.object_name
    assert "ctt_wrong" not in repr(event)
