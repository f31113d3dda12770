"""Limits of time for what strangers answer: name servers, web servers, responders."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from certtui.authorities.acme import dns_ask
from certtui.authorities.acme.caa_look import find
from certtui.authorities.acme.connection import trusting
from certtui.authorities.acme.dns_ask import Resolver, Silence
from certtui.authorities.acme.dns_look import look
from certtui.authorities.acme.dns_names import Delegation
from certtui.authorities.acme.http_within import within
from certtui.errors import Invalid, Unreachable


def test_a_look_at_many_names_ends_though_no_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    guard = threading.Lock()

    def dead(*_: object, **__: object) -> Silence:
        with guard:
            now[0] += 6
        return Silence("no answer within 3 seconds")

    monkeypatch.setattr(dns_ask, "ask", dead)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    resolver = Resolver(("192.0.2.1", "192.0.2.2", "192.0.2.3"), until=60.0)
    names = [f"h{number}.example.com" for number in range(100)]
    looks = [look(resolver, Delegation(f"_acme-challenge.{name}", "t.acme.example.net")) for name in names]
    assert now[0] <= 72
    assert looks[-1].sentence.startswith("_acme-challenge.h99.example.com was not looked up: the names before it took")
    assert "took too long" in str(find(resolver, names)["h99.example.com"])


@pytest.mark.parametrize("name", ["a..example.com", f"{'a' * 64}.example.com", ".".join(["a" * 60] * 5)])
def test_what_dns_can_not_have_is_a_sentence(name: str) -> None:
    looked = look(Resolver(("192.0.2.1",)), Delegation(f"_acme-challenge.{name}", "t.acme.example.net"))
    assert "is no name that DNS can have" in looked.sentence
    with pytest.raises(Unreachable, match="that is no name"):
        dns_ask.resolve(Resolver(("192.0.2.1",)), name, "A")


def test_a_server_that_trickles_is_cut_off() -> None:
    """Each byte comes in time; all of them never would."""
    over = threading.Event()

    def trickle(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not over.wait(0.01):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,), daemon=True)
        thread.start()
        began = time.monotonic()
        try:
            with (
                within(0.2) as limit,
                httpx.Client(timeout=5, trust_env=False) as client,
                pytest.raises(httpx.HTTPError),
            ):
                client.get(f"http://127.0.0.1:{server.getsockname()[1]}/", extensions=limit)
        finally:
            over.set()
        thread.join(5)
    assert time.monotonic() - began < 3


def test_roots_are_a_file_of_a_size_that_roots_have(tmp_path: Path) -> None:
    """What has no end would be read for ever by whoever tests or orders."""
    long = tmp_path / "roots.pem"
    with long.open("wb") as out:
        out.truncate(20_000_000)
    with pytest.raises(Invalid, match="it is too long"):
        trusting(str(long))
    with pytest.raises(Invalid, match="it is no file"):
        trusting("/dev/zero")
