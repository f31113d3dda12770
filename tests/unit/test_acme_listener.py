"""What listens for a CA, and the strangers who find the port too."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from cryptography import x509

from certtui.authorities.acme import alpn_answers, http_answers, listener
from certtui.authorities.acme.listen_at import Address, address_of
from certtui.authorities.acme.listener import Lease, listen
from certtui.authorities.acme.objects import Identifier
from certtui.errors import Invalid, Unreachable
from tests.loopback import free_port

TOKEN, ANSWER = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "evaGxf.thumbprint"
PATH = f"/.well-known/acme-challenge/{TOKEN}"
WHOLE = f"GET {PATH} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".encode()


@pytest.fixture
def address() -> Address:
    return Address("127.0.0.1", free_port())


@pytest.fixture
def http(address: Address) -> Iterator[Lease]:
    lease = listen(address, http_answers.serve)
    lease.put(TOKEN, ANSWER)
    yield lease
    lease.close()


def asked(address: Address, request: bytes) -> tuple[str, bytes]:
    """First line and body of what is answered; two empty ones where the connection is just closed."""
    with socket.create_connection((address.host, address.port), timeout=10) as connection:
        try:
            connection.sendall(request)
            answer = b""
            while more := connection.recv(65_536):
                answer += more
        except (ConnectionError, BrokenPipeError):
            return "", b""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0].decode(), body


@pytest.mark.usefixtures("http")
def test_the_token_of_an_order_is_answered_and_nothing_else(address: Address) -> None:
    assert asked(address, WHOLE) == ("HTTP/1.1 200 OK", ANSWER.encode())
    assert asked(address, WHOLE.replace(b"GET", b"HEAD")) == ("HTTP/1.1 200 OK", b"")
    # A proxy in front may have written its own Host: whose it is decides nothing, and comes back nowhere.
    assert asked(address, WHOLE.replace(b"shop.example.com", b"evil.example<script>")) == (
        "HTTP/1.1 200 OK",
        ANSWER.encode(),
    )


@pytest.mark.usefixtures("http")
@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1", 404),
        (b"GET /.well-known/acme-challenge/ HTTP/1.1", 404),
        (b"GET /.well-known/acme-challenge/../../etc/passwd HTTP/1.1", 404),
        (b"GET /.well-known/acme-challenge/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", 404),
        (b"GET " + PATH.encode() + b"/ HTTP/1.1", 404),
        (b"GET " + TOKEN.encode() + b" HTTP/1.1", 404),
        (b"GET http://other.example" + PATH.encode() + b" HTTP/1.1", 404),
        (b"POST " + PATH.encode() + b" HTTP/1.1", 405),
        (b"CONNECT example.com:443 HTTP/1.1", 405),
        (b"GET " + PATH.encode(), 400),
        (b"GET " + PATH.encode() + b" HTTP/2.0", 400),
        (b"\xff\xfe\x00 \x00 HTTP/1.1", 405),
        (b"", 400),
    ],
)
def test_strangers_get_a_status_and_no_more(address: Address, request_line: bytes, status: int) -> None:
    line, body = asked(address, request_line + b"\r\n\r\n")
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert body == b""


@pytest.mark.usefixtures("http")
def test_a_huge_request_is_cut_off(address: Address) -> None:
    line, body = asked(address, b"GET /" + b"a" * 4_000_000)
    assert (line[:12], body) in (("HTTP/1.1 431", b""), ("", b""))
    assert asked(address, WHOLE)[0] == "HTTP/1.1 200 OK"


@pytest.mark.usefixtures("http")
def test_slow_ones_are_cut_off_and_many_are_turned_away(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "SECONDS", 0.3)
    monkeypatch.setattr(listener, "MOST_CONNECTIONS", 4)
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection((address.host, address.port), timeout=10)) for _ in range(4)
        ]
        for each in slow:
            each.sendall(b"GET /")
        assert asked(address, WHOLE) == ("", b"")  # closed at once: there are enough
        for each in slow:
            assert each.recv(100) == b""  # closed after a while
    assert asked(address, WHOLE)[0] == "HTTP/1.1 200 OK"


def test_orders_share_a_port_until_the_last_one_ends(address: Address) -> None:
    first, second = listen(address, http_answers.serve), listen(address, http_answers.serve)
    assert first.put(TOKEN, ANSWER)
    assert second.put("other", "another")
    assert not second.put(TOKEN, "something else")
    first.close()
    assert asked(address, WHOLE)[0].startswith("HTTP/1.1 404")
    assert asked(address, WHOLE.replace(TOKEN.encode(), b"other"))[1] == b"another"
    second.close()
    with pytest.raises(ConnectionRefusedError):
        asked(address, WHOLE)
    listen(address, http_answers.serve).close()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EADDRINUSE, "Something else listens on :80 of this machine already."),
        (errno.EACCES, "This user may not listen on :80."),
        (errno.EADDRNOTAVAIL, "is no address of this machine."),
        (errno.EMFILE, "Nothing can be listened to on :80"),
    ],
)
def test_a_port_that_can_not_be_had_is_one_sentence(monkeypatch: pytest.MonkeyPatch, number: int, said: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(Unreachable) as met:
        listen(Address("", 80), http_answers.serve)
    assert said in met.value.message
    assert met.value.hint


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (":80", Address("", 80)),
        ("127.0.0.1:5002", Address("127.0.0.1", 5002)),
        ("[::1]:5002", Address("::1", 5002)),
    ],
)
def test_addresses_are_read_and_written_alike(typed: str, meant: Address) -> None:
    assert address_of(typed, "http_listen") == meant
    assert str(meant) == typed


@pytest.mark.parametrize("typed", ["80", ":0", ":65536", "host:80", "::1:80", "[::1]", "127.0.0.1", ":8o", "1.2.3:80"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as met:
        address_of(typed, "http_listen")
    assert met.value.field == "http_listen"


# -- tls-alpn-01 -------------------------------------------------------------------------------------------------

NAME, IP = Identifier("dns", "shop.example.com"), Identifier("ip", "2001:db8::1")


def shown_to(address: Address, name: str, protocols: tuple[str, ...]) -> tuple[x509.Certificate, str | None]:
    """The certificate, and the protocol that was agreed on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    with (
        socket.create_connection((address.host, address.port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=name or None) as connection,
    ):
        der = connection.getpeercert(binary_form=True)
        assert der is not None
        return x509.load_der_x509_certificate(der), connection.selected_alpn_protocol()


def test_each_name_gets_its_own_certificate_and_strangers_none(address: Address) -> None:
    lease = listen(address, alpn_answers.serve)
    for identifier in (NAME, IP):
        assert lease.put(
            alpn_answers.server_name(identifier), alpn_answers.shown(identifier, f"for {identifier.value}")
        )
    # The same answer again is no other one.
    assert lease.put(NAME.value, alpn_answers.shown(NAME, f"for {NAME.value}"))
    assert not lease.put(NAME.value, alpn_answers.shown(NAME, "for another order"))
    try:
        for identifier in (NAME, IP):
            made, agreed = shown_to(address, alpn_answers.server_name(identifier), ("h2", "acme-tls/1"))
            assert agreed == "acme-tls/1"
            (extension,) = [each for each in made.extensions if each.oid.dotted_string == "1.3.6.1.5.5.7.1.31"]
            assert extension.critical
            digest = alpn_answers.sha256(f"for {identifier.value}".encode()).digest()
            assert extension.value.value == b"\x04\x20" + digest  # type: ignore[attr-defined]  # an UnrecognizedExtension
            names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            assert [str(each.value) for each in names] == [identifier.value]
        assert shown_to(address, NAME.value.upper(), ("acme-tls/1",))[1] == "acme-tls/1"
        # Another protocol is never agreed on, and who does not name a name of an order sees nothing.
        assert shown_to(address, NAME.value, ("h2",))[1] is None
        for stranger in ("other.example.com", ""):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                shown_to(address, stranger, ("acme-tls/1",))
        assert asked(address, WHOLE)[1] == b""
    finally:
        lease.close()


def test_an_address_is_asked_for_as_in_reverse_dns() -> None:
    assert alpn_answers.server_name(Identifier("ip", "192.0.2.1")) == "1.2.0.192.in-addr.arpa"
    assert alpn_answers.server_name(IP).endswith(".8.b.d.0.1.0.0.2.ip6.arpa")
