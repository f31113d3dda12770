"""From a running server: what it presents is shown before it is stored, and the host is recorded."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.model.query import Query
from certtui.screens.server import covers
from tests.certs import make_chain
from tests.screens.desk import at_desk, store_at


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A TLS server on this machine, as HOST:PORT."""
    leaf, issuer, _ = make_chain("api.example.com")
    (tmp_path / "server.pem").write_bytes(leaf.pem + issuer.pem)
    (tmp_path / "server.key").write_bytes(leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


async def test_what_a_server_presents_is_shown_with_why_it_is_not_trusted(server: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host=server, server_name="api.example.com")
        await desk.press("enter")
        shown = desk.form.query_one("#presented").text
        assert "api.example.com (ec-256, until 2027-05-16), by Test Issuing CA 0.0" in shown
        assert "no: incomplete: the issuer “Test Root 0” is missing." in shown
        assert desk.rows() == []


async def test_a_name_that_is_not_covered_is_said(server: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host=server, server_name="shop.example.org")
        await desk.press("enter")
        assert "its names do not cover shop.example.org" in desk.form.query_one("#presented").text


async def test_it_is_added_as_discovered_and_the_host_that_uses_it_is_recorded(server: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host=server)
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert (row.source, row.has_private_key, row.resource_count) == ("discovered", False, 1)
        certificate = desk.backend.certificates.get(row.id)
        assert [(each.type, each.endpoint) for each in certificate.resources] == [("host", server)]
        assert [each.common_name for each in certificate.chain] == ["Test Issuing CA 0.0"]


async def test_the_host_is_not_recorded_when_one_says_so(server: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host=server, resource="no")
        await desk.press("ctrl+s")
        assert [row.resource_count for row in desk.rows()] == [0]


async def test_a_second_look_uses_the_host_that_is_there(server: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        for _ in range(2):
            await desk.fill(host=server)
            await desk.press("ctrl+s", "f")
        assert len(desk.rows()) == 1
        listing = desk.backend.resources.search(Query(""))
        assert len(listing.rows(0, 10)) == 1


async def test_nobody_there_is_one_sentence_beside_the_field(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host=f"127.0.0.1:{port}")
        await desk.press("ctrl+s")
        assert "refused the connection" in desk.said("host")
        assert desk.rows() == []


async def test_an_address_that_is_none_is_said_while_typing(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="f") as desk:
        await desk.fill(host="www.example.com:99999")
        assert "is not a port" in desk.said("host")


@pytest.mark.parametrize(
    ("sans", "host", "answer"),
    [
        (("DNS:www.example.com",), "WWW.example.com", True),
        (("DNS:*.example.com",), "www.example.com", True),
        (("DNS:*.example.com",), "example.com", False),
        (("DNS:*.example.com",), "a.b.example.com", False),
        (("DNS:xn--mnchen-3ya.example",), "münchen.example", True),
        (("IP:10.0.0.7",), "10.0.0.7", True),
        (("DNS:10.0.0.7",), "10.0.0.7", False),
        (("IP:2001:db8::1",), "2001:db8:0:0::1", True),
        ((), "www.example.com", False),
    ],
)
def test_names_cover_a_host_as_clients_decide_it(sans: tuple[str, ...], host: str, answer: bool) -> None:
    assert covers(sans, host) is answer
