"""What a TLS server presents, verified or not, and a sentence for each way in which it does not answer."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from certtui.errors import Invalid, Unreachable
from certtui.pki.fetch import fetch, parse_target
from tests.certs import NOW, Made, make_cert, make_chain

LEAF, LOWER, ROOT = make_chain()


@contextmanager
def server(
    folder: Path,
    *presented: Made,
    host: str = "127.0.0.1",
    seen: list[str] | None = None,
    version: ssl.TLSVersion | None = None,
    wants_client: bool = False,
) -> Iterator[int]:
    """A TLS server for one handshake; `seen` takes the server name that the client asked for."""
    file = folder / "server.pem"
    file.write_bytes(presented[0].key_pem + b"".join(m.pem for m in presented))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if version is not None:
        context.maximum_version = version
    if wants_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ROOT.pem.decode())
    if seen is not None:
        context.sni_callback = lambda _, name, __: seen.append(name)

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


@contextmanager
def answering(reply: bytes | None) -> Iterator[int]:
    """A server that does not speak TLS: sends `reply` and closes, or says nothing at all for None."""
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(4096)
            if reply is None:
                done.wait(5)
            else:
                connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        done.set()
        thread.join(timeout=5)


def test_the_whole_chain_is_taken_unverified(tmp_path: Path) -> None:
    with server(tmp_path, LEAF, LOWER, ROOT) as port:
        material = fetch("127.0.0.1", port)
    assert material.certificates == (LEAF.facts, LOWER.facts, ROOT.facts)
    assert (material.form, material.path) == ("tls", f"127.0.0.1:{port}")


def test_an_expired_certificate_is_taken_too(tmp_path: Path) -> None:
    old = make_cert("old.example.com", not_before=NOW.replace(year=2001))
    with server(tmp_path, old) as port:
        assert fetch("127.0.0.1", port).certificates == (old.facts,)


def test_the_host_is_asked_for_by_name_and_another_name_can_be_given(tmp_path: Path) -> None:
    for asked, name in (("", "localhost"), ("münchen.example", "xn--mnchen-3ya.example")):
        seen: list[str] = []
        with server(tmp_path, LEAF, seen=seen) as port:
            fetch("localhost", port, server_name=asked)
        assert seen == [name]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_asks_for_a_client_certificate_still_shows_its_own(
    version: ssl.TLSVersion, tmp_path: Path
) -> None:
    with server(tmp_path, LEAF, LOWER, version=version, wants_client=True) as port:
        assert fetch("127.0.0.1", port).certificates == (LEAF.facts, LOWER.facts)


def test_an_ipv6_address_is_dialled(tmp_path: Path) -> None:
    try:
        with server(tmp_path, LEAF, host="::1") as port:
            assert fetch("::1", port).path == f"[::1]:{port}"
    except OSError:
        pytest.skip("this machine has no IPv6")


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="refused the connection"):
        fetch("127.0.0.1", port)


def test_a_server_that_is_silent_times_out() -> None:
    with answering(None) as port, pytest.raises(Unreachable, match=r"did not answer within 0\.1 seconds"):
        fetch("127.0.0.1", port, timeout=0.1)


def test_a_server_without_tls_is_told_as_such() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, pytest.raises(Unreachable, match="not in TLS"):
        fetch("127.0.0.1", port)


def test_a_server_that_hangs_up_is_told() -> None:
    with answering(b"") as port, pytest.raises(Unreachable, match="closed the connection"):
        fetch("127.0.0.1", port)


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    with pytest.raises(Unreachable, match=r"The name nosuch\.invalid is not known"):
        fetch("nosuch.invalid", 443)


@pytest.mark.parametrize(("host", "port", "field"), [("", 443, "host"), ("a b", 443, "host"), ("a.example", 0, "port")])
def test_an_address_that_is_none_names_its_field(host: str, port: int, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        fetch(host, port)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("www.example.com:8443", ("www.example.com", 8443)),
        ("www.example.com", ("www.example.com", 443)),
        ("https://www.example.com/login", ("www.example.com", 443)),
        ("[::1]:8443", ("::1", 8443)),
        ("[::1]", ("::1", 443)),
        ("2001:db8::1", ("2001:db8::1", 443)),
    ],
)
def test_a_target_is_taken_apart(text: str, target: tuple[str, int]) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["", ":443", "a.example:http", "a.example:99999", "[::1", "[::1]x"])
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_target(text)
