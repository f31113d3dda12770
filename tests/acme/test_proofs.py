"""The other ways to prove a name: each from an order to a certificate, by real Pebble and BIND, and what is refused before it is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certtui.authorities.acme import advance as advancing
from certtui.authorities.acme import http_look, web_root
from certtui.authorities.acme.connection import Connection
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Denied, Invalid
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from tests.acme.test_orders import EFFECTS, Ahead, backend, clock, dies_everywhere, left_behind, ordered, panel
from tests.lab import CUSTOMER, TECH, Lab, lab

pytestmark = pytest.mark.real("pebble", "named")
__all__ = ["backend", "clock"]


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        made.dns.put(CUSTOMER, CUSTOMER, "A", "127.0.0.1")
        made.dns.put(CUSTOMER, f"*.{CUSTOMER}", "A", "127.0.0.1")
        yield made


def complete(backend: LocalBackend, order_id: int) -> bool:
    return backend.orders.get(order_id).row.status is OrderStatus.COMPLETE


# -- dns ---------------------------------------------------------------------------------------------------------


def test_records_go_into_the_zone_of_each_name_and_where_a_cname_leads(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend, proof="dns")
    assert "tech_zone" not in authority.settings
    assert [line.label for line in backend.authorities.test(authority.row.id).lines] == [
        "Directory",
        "Terms",
        "Account",
    ]
    server.dns.put(CUSTOMER, f"_acme-challenge.led.{CUSTOMER}", "CNAME", f"elsewhere.{TECH}.")

    order = ordered(backend, CUSTOMER, f"*.{CUSTOMER}", f"led.{CUSTOMER}")
    assert complete(backend, order.id), order
    assert left_behind(backend) == []
    assert server.dns.texts(f"_acme-challenge.{CUSTOMER}") == server.dns.texts(f"elsewhere.{TECH}") == set()


def test_a_zone_that_is_named_is_tested_by_a_record_named_as_a_proof(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend, proof="dns", dns_zone=CUSTOMER)
    tested = backend.authorities.test(authority.row.id)
    assert tested.ok, tested.lines
    assert [line.label for line in tested.lines][-2:] == ["Zone", "Records"]


def test_a_name_that_leads_in_a_circle_is_said_before_the_ca_is_asked(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    server.authority(backend, proof="dns")
    here, there = f"_acme-challenge.round.{CUSTOMER}", f"there.{TECH}"
    server.dns.put(CUSTOMER, here, "CNAME", there + ".")
    server.dns.put(TECH, there, "CNAME", here + ".")
    order = ordered(backend, f"round.{CUSTOMER}")
    assert order.row.status is OrderStatus.PENDING
    (said,) = panel(order, "TXT")
    assert f"leads in a circle: {here} → {there} → {here}" in said
    assert panel(order, "Order at the CA") == []
    server.dns.take(TECH, there)
    clock.seconds = 40
    backend.work.run_due()
    assert complete(backend, order.id)


def test_records_of_the_own_zone_are_made_once_and_removed_wherever_it_dies(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, proof="dns")
    assert dies_everywhere(backend, clock, monkeypatch) >= 12


@pytest.mark.parametrize("proof", ["delegated", "dns"])
def test_an_address_is_not_proved_by_dns(server: Lab, backend: LocalBackend, proof: str) -> None:
    server.authority(backend, proof=proof)
    with pytest.raises(Invalid, match="an address, which has no DNS record") as met:
        backend.orders.preview(OrderForm("pebble", SubjectFields(), ("IP:127.0.0.1",)))
    assert met.value.field == "sans"


# -- http, by a web root -----------------------------------------------------------------------------------------


class WebServer(SimpleHTTPRequestHandler):
    """What serves a web root; it keeps what was asked, and with which mode the file was there."""

    asked: list[tuple[str, int]]

    def do_GET(self) -> None:
        found = Path(self.translate_path(self.path))
        self.asked.append((self.path, found.stat().st_mode & 0o777 if found.is_file() else 0))
        super().do_GET()

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def web_server(server: Lab, root: Path) -> Iterator[list[tuple[str, int]]]:
    """Serve a folder where the CA asks."""
    asked: list[tuple[str, int]] = []
    handler = type("Handler", (WebServer,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", server.acme.http_port), partial(handler, directory=str(root))) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield asked
        made.shutdown()
        thread.join(5)


@pytest.fixture
def at_port(server: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own look goes where this CA asks, which is 80 everywhere else."""
    monkeypatch.setattr(http_look, "PORT", server.acme.http_port)


def tokens(root: Path) -> list[Path]:
    return [each for each in root.rglob("*") if each.is_file()]


@pytest.mark.usefixtures("at_port")
def test_a_file_of_a_web_root_proves_names_and_addresses(server: Lab, backend: LocalBackend, tmp_path: Path) -> None:
    root = tmp_path / "www"
    root.mkdir()
    authority = server.authority(backend, proof="http", web_root=str(root))
    assert backend.authorities.test(authority.row.id).ok
    with web_server(server, root) as asked:
        draft = backend.orders.save(
            OrderForm("pebble", SubjectFields(CUSTOMER), (f"DNS:{CUSTOMER}", f"DNS:www.{CUSTOMER}", "IP:127.0.0.1"))
        )
        order = backend.orders.submit(draft.id, draft.version)
    assert complete(backend, order.id), order
    # Everybody may read it, whatever the umask; we looked at each before the CA did.
    assert {mode for _, mode in asked} == {0o644}
    assert len(asked) >= 6
    assert (tokens(root), left_behind(backend)) == ([], [])


def test_files_are_removed_wherever_it_dies(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = tmp_path / "www"
    root.mkdir()
    server.authority(backend, proof="http", web_root=str(root))
    effects = (*EFFECTS, (web_root, "put"), (web_root, "take"))
    with web_server(server, root):
        assert dies_everywhere(backend, clock, monkeypatch, effects) >= 12
    assert tokens(root) == []


@pytest.mark.usefixtures("at_port")
def test_what_the_web_server_answers_is_told_and_after_a_while_the_ca_is_asked_all_the_same(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root, other = tmp_path / "www", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    server.authority(backend, proof="http", web_root=str(root), spread_seconds="60")
    monkeypatch.setattr(advancing, "PATIENCE", 0.1)
    with web_server(server, other):
        order = ordered(backend, f"wrong.{CUSTOMER}")
        (said,) = panel(order, "HTTP")
        assert said == f"http://wrong.{CUSTOMER}/.well-known/acme-challenge/ answers 404 for the token."
        assert order.row.status is OrderStatus.PROCESSING
        clock.seconds = 70
        monkeypatch.undo()
        monkeypatch.setattr(http_look, "PORT", server.acme.http_port)
        order = backend.orders.look(order.id)
    assert order.row.status is OrderStatus.FAILED
    assert order.error is not None
    assert f"Seen from here: {said} Does its web root hold" in order.error.hint
    assert tokens(root) == []


def test_a_web_root_that_can_not_be_used_is_said_before_the_ca_is_asked(
    server: Lab, backend: LocalBackend, tmp_path: Path
) -> None:
    root = tmp_path / "www"
    authority = server.authority(backend, proof="http", web_root=str(root))
    order = ordered(backend, f"never.{CUSTOMER}")
    assert f"The web root {root} is not there." in order.steps[-1].text
    assert panel(order, "Order at the CA") == []

    # Whoever may write in the root does not lead certtui elsewhere.
    root.mkdir()
    (root / ".well-known").symlink_to(tmp_path)
    assert "something else than folders" in backend.authorities.test(authority.row.id).lines[-1].text
    assert not (tmp_path / "acme-challenge").exists()
    (root / ".well-known").unlink()
    (root / ".well-known").mkdir()
    (root / ".well-known" / "acme-challenge").symlink_to(tmp_path)
    web_root_link = tmp_path / "token"
    with pytest.raises(Exception, match="something else than folders"):
        web_root.put(str(root), "token", "answer")
    assert not web_root_link.exists()
    with pytest.raises(Exception, match="can't be written to"):
        web_root.check("/sys")
    for token in ("../../token", "a/b", "", ".", "a\0b"):
        with pytest.raises(Exception, match="no file is made"):
            web_root.put(str(root), token, "answer")


def test_a_link_in_place_of_the_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    precious = tmp_path / "precious"
    precious.write_text("stays")
    for name in ("token", ".token.tmp"):
        (folder / name).symlink_to(precious)
    web_root.put(str(tmp_path), "token", "answer")
    assert (precious.read_text(), (folder / "token").read_text()) == ("stays", "answer")
    web_root.take(str(tmp_path), "token")
    web_root.take(str(tmp_path), "token")
    assert list(folder.iterdir()) == []


def test_over_a_server_no_web_root_is_set(server: Lab, backend: LocalBackend, tmp_path: Path) -> None:
    admin = backend.acting(Identity(Actor("eve"), Access(Role.ADMIN)))
    with pytest.raises(Denied, match="is set there"):
        server.authority(admin, proof="http", web_root=str(tmp_path))
    authority = server.authority(admin, proof="http", http_by="listener")
    with pytest.raises(Denied, match="is set there"):
        admin.authorities.edit(
            authority.row.id, authority.row.version, AuthorityForm(settings={"http_by": "web-root", "web_root": "/srv"})
        )


# -- by listeners ------------------------------------------------------------------------------------------------


def listening(server: Lab, proof: str) -> dict[str, str]:
    """The settings of a profile that listens where the CA asks."""
    if proof == "http":
        return {"proof": "http", "http_by": "listener", "http_listen": f"127.0.0.1:{server.acme.http_port}"}
    return {"proof": "tls-alpn", "tls_listen": f"127.0.0.1:{server.acme.tls_port}"}


LISTENERS = pytest.mark.parametrize("proof", ["http", "tls-alpn"])


@LISTENERS
@pytest.mark.usefixtures("at_port")
def test_a_listener_proves_names_and_addresses_of_many_orders_at_once(
    server: Lab, backend: LocalBackend, clock: Ahead, proof: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = server.authority(backend, **listening(server, proof))
    assert backend.authorities.test(authority.row.id).ok
    names = [f"h{number}.{CUSTOMER}" for number in range(8)]
    # What waits for a worker is carried on side by side.
    with monkeypatch.context() as patch:
        patch.setattr(Connection, "post", _unreachable)
        for name in names:
            ordered(backend, name)
    draft = backend.orders.save(OrderForm("pebble", SubjectFields(), ("IP:127.0.0.1", f"DNS:{CUSTOMER}")))
    assert complete(backend, backend.orders.submit(draft.id, draft.version).id)
    clock.seconds = 600
    report = backend.work.run_due()
    assert (report.problems, report.done["orders"]) == ((), len(names))
    rows = backend.orders.search(Query("!status:complete")).rows(0, 20)
    assert [
        (row.status, row.error, backend.orders.get(row.id).error, backend.orders.get(row.id).steps[-1]) for row in rows
    ] == []
    # The port is free again.
    assert backend.authorities.test(authority.row.id).ok


def _unreachable(*_: object, **__: object) -> None:
    from certtui.errors import Unreachable

    raise Unreachable("The CA is away.")


@LISTENERS
def test_a_listener_is_opened_again_wherever_it_dies(
    server: Lab, backend: LocalBackend, clock: Ahead, proof: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, **listening(server, proof))
    effects = ((Connection, "post"), (StoreBooks, "keep_progress"), (StoreBooks, "plant"))
    assert dies_everywhere(backend, clock, monkeypatch, effects, once=False) >= 5


@LISTENERS
def test_a_port_that_is_taken_is_said_before_the_ca_is_asked(
    server: Lab, backend: LocalBackend, clock: Ahead, proof: str, tmp_path: Path
) -> None:
    import socket

    settings = listening(server, proof)
    server.authority(backend, **settings)
    port = server.acme.http_port if proof == "http" else server.acme.tls_port
    with socket.create_server(("127.0.0.1", port)):
        order = ordered(backend, f"taken.{CUSTOMER}")
        assert f"Something else listens on 127.0.0.1:{port} of this machine already." in order.steps[-1].text
        assert panel(order, "Order at the CA") == []
    clock.seconds = 600
    assert backend.work.run_due().problems == ()
    assert complete(backend, order.id)


@pytest.mark.parametrize("proof", ["http", "tls-alpn"])
def test_a_wildcard_is_refused_before_anything_is_asked(server: Lab, backend: LocalBackend, proof: str) -> None:
    server.authority(backend, **listening(server, proof))
    with pytest.raises(Invalid, match="a wildcard, which only DNS can prove") as met:
        backend.orders.preview(OrderForm("pebble", SubjectFields(), (f"DNS:*.{CUSTOMER}",)))
    assert met.value.field == "sans"
