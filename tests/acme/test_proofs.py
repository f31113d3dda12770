"""The other ways to prove a name: each from an order to a certificate, by real Pebble and BIND, and what is refused before it is asked."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certtui.authorities.acme import advance as advancing
from certtui.authorities.acme import dns_plant, http_look, web_root
from certtui.authorities.acme import orders as server_orders
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.objects import AcmeOrder
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Denied, Invalid
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from tests.acme.test_orders import (
    EFFECTS,
    Ahead,
    Killed,
    backend,
    clock,
    dies_everywhere,
    kill_after,
    left_behind,
    ordered,
    panel,
)
from tests.lab import CUSTOMER, TECH, Lab, lab
from tests.loopback import free_port
from tests.pebble import pebble

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


# -- by hand -----------------------------------------------------------------------------------------------------


def put_by_hand(server: Lab, backend: LocalBackend, name: str = "") -> None:
    """Make the records that orders show, or those of one name."""
    with backend._store.readers.use() as connection:
        rows = connection.execute("SELECT name, value FROM acme_record WHERE kind = 'by-hand'").fetchall()
    values: dict[str, list[str]] = {}
    for where, value in rows:
        if not name or where == f"_acme-challenge.{name}":
            values.setdefault(where, []).append(f'"{value}"')
    for where, texts in values.items():
        server.dns.put(CUSTOMER, where, "TXT", *texts)


def test_what_the_ca_wants_is_shown_waited_for_and_goes_on_by_itself(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    server.authority(backend, proof="manual")
    order = ordered(backend, f"hand.{CUSTOMER}", f"*.hand.{CUSTOMER}")
    assert order.row.status is OrderStatus.PENDING
    name = f"_acme-challenge.hand.{CUSTOMER}"
    (record,) = [line for line in order.panel if line.label == "TXT"]
    values = panel(order, "Value")
    assert (record.text, len(values), len(set(values))) == (name, 2, 2)
    assert record.copy.splitlines() == [f'{name}. 60 IN TXT "{value}"' for value in values]
    assert panel(order, "Seen now") == [f"ns1.{CUSTOMER} (127.0.0.1)  no TXT record"]
    assert panel(order, "To do") == ["Make these 2 records, then leave: the order goes on by itself."]
    (route53,) = panel(order, "Route 53")
    assert all(f'\\"{value}\\"' in route53 for value in values)
    assert "pebble waits for it until 20" in order.steps[-1].text

    # One value is not both, and what the CA wants stays the same.
    server.dns.put(CUSTOMER, name, "TXT", f'"{values[0]}"')
    clock.seconds = 40
    backend.work.run_due()
    order = backend.orders.get(order.id)
    assert panel(order, "Value") == values
    assert panel(order, "Seen now") == [f"ns1.{CUSTOMER} (127.0.0.1)  1 of the 2 values"]

    server.dns.put(CUSTOMER, name, "TXT", *(f'"{value}"' for value in values))
    clock.seconds = 120
    backend.work.run_due()
    order = backend.orders.get(order.id)
    assert order.row.status is OrderStatus.COMPLETE
    assert "What was made for it by hand can go" in " ".join(step.text for step in order.steps)
    assert left_behind(backend) == []


def test_a_record_is_shown_where_the_cname_of_its_name_leads(server: Lab, backend: LocalBackend) -> None:
    # No other record can stand beside a CNAME, as one that another profile's tech zone has.
    name, target = f"_acme-challenge.aside.{CUSTOMER}", f"aside.{TECH}"
    server.dns.put(CUSTOMER, name, "CNAME", f"{target}.")
    server.authority(backend, proof="manual")
    order = ordered(backend, f"aside.{CUSTOMER}")
    (record,) = [line for line in order.panel if line.label == "TXT"]
    assert record.text == f"{name} → {target}"
    (value,) = panel(order, "Value")
    assert record.copy == panel(order, "Zone file")[0] == f'{target}. 60 IN TXT "{value}"'
    assert panel(order, "Host, value") == [f"host aside, type TXT, value {value}"]


def test_an_order_that_runs_out_at_the_ca_shows_what_the_next_one_wants(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, proof="manual")
    order = ordered(backend, f"late.{CUSTOMER}")
    before = panel(order, "Value")

    def run_out(session: Session, url: str) -> AcmeOrder:
        found = fetched(session, url)
        return dataclasses.replace(found, status="invalid", expires=clock.now()) if url == first else found

    fetched, first = server_orders.fetch, StoreBooks(backend._store, 1).progress(order.id).url
    monkeypatch.setattr(server_orders, "fetch", run_out)
    for _ in range(2):
        order = backend.orders.look(order.id)
    assert "has run out" in " ".join(step.text for step in order.steps)
    after = panel(order, "Value")
    assert len(after) == 1
    assert after != before
    put_by_hand(server, backend)
    assert complete(backend, backend.orders.look(order.id).id)


@pytest.mark.usefixtures("at_port")
def test_a_file_by_hand_is_shown_with_its_content(
    server: Lab, backend: LocalBackend, clock: Ahead, tmp_path: Path
) -> None:
    server.authority(backend, proof="manual", manual_by="http")
    with web_server(server, tmp_path):
        order = ordered(backend, f"file.{CUSTOMER}")
        assert order.row.status is OrderStatus.PENDING
        (where,), (content,) = panel(order, "File"), panel(order, "Content")
        assert panel(order, "To do") == ["Make this file, then leave: the order goes on by itself."]
        assert panel(order, "Seen now")[0].endswith("answers 404 for the token.")
        file = tmp_path / where.partition(f"//file.{CUSTOMER}/")[2]
        file.parent.mkdir(parents=True)
        file.write_text(content + "\n")
        clock.seconds = 40
        backend.work.run_due()
    assert complete(backend, order.id)


def test_by_hand_it_is_ordered_once_wherever_it_dies(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, proof="manual")
    killed = 0
    for number in range(1, 40):
        name = f"m{number}.{CUSTOMER}"
        with monkeypatch.context() as patch:
            count = kill_after(patch, number, EFFECTS)
            try:
                order = ordered(backend, name)
                put_by_hand(server, backend, name)
                backend.orders.look(order.id)
            except Killed:
                killed += 1
            if count() < number:
                break
        for _ in range(2):
            clock.seconds += 301
            assert backend.work.run_due().problems == ()
            put_by_hand(server, backend, name)
        [row] = backend.orders.search(Query(f'"{name}"')).rows(0, 5)
        assert row.status is OrderStatus.COMPLETE, (number, row)
    else:
        raise AssertionError("more steps than were expected")
    assert killed >= 12
    assert left_behind(backend) == []
    session = authority_of(backend._store, 1).session()  # type: ignore[attr-defined]  # an AcmeCa
    assert len(server_orders.listed(session)) == killed + 1


@pytest.mark.parametrize(
    ("by", "san", "said"), [("dns", "IP:127.0.0.1", "no DNS record"), ("http", f"DNS:*.{CUSTOMER}", "only DNS")]
)
def test_by_hand_what_can_not_be_proved_is_refused(
    server: Lab, backend: LocalBackend, by: str, san: str, said: str
) -> None:
    server.authority(backend, proof="manual", manual_by=by)
    with pytest.raises(Invalid, match=said):
        backend.orders.preview(OrderForm("pebble", SubjectFields(), (san,)))


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


@LISTENERS
def test_a_run_at_a_staging_server_listens_as_long_as_it_lasts(server: Lab, backend: LocalBackend, proof: str) -> None:
    with pebble(dns_port=server.dns.port) as stage:
        port = stage.http_port if proof == "http" else stage.tls_port
        listens = {"http_listen" if proof == "http" else "tls_listen": f"127.0.0.1:{port}"}
        server.authority(backend, **{**listening(server, proof), **listens, "staging_directory": stage.url})
        tried = backend.orders.preflight(OrderForm("pebble", SubjectFields(), (f"DNS:{CUSTOMER}", "IP:127.0.0.1")))
        assert tried.ok, tried
        assert left_behind(backend) == []
        socket.create_server(("127.0.0.1", port)).close()


def test_by_hand_nothing_is_tried_elsewhere(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend, proof="manual", staging_directory="https://stage.example.test/dir")
    assert authority.capabilities.why_no_preflight.startswith("Names are proved by hand")


def test_what_was_left_ends_with_its_order_whatever_the_profile_says_by_now(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = server.authority(backend, proof="dns")
    monkeypatch.setattr(advancing, "PATIENCE", 0.1)
    monkeypatch.setattr(dns_plant, "not_yet_at", lambda *_: ("ns9 has it not yet",))
    first, second = (ordered(backend, f"{name}.{CUSTOMER}") for name in ("changed", "again"))
    assert len(left_behind(backend)) == 2
    backend.orders.cancel(first.id, first.version)
    backend.work.run_due()
    assert server.dns.texts(f"_acme-challenge.changed.{CUSTOMER}") == set()
    # Nobody can take the other one away any more: it is forgotten, and not tried for ever.
    form = AuthorityForm(settings={"proof": "http", "web_root": str(tmp_path)})
    backend.authorities.edit(authority.row.id, authority.row.version, form)
    backend.orders.cancel(second.id, second.version)
    clock.seconds = 3_600
    assert backend.work.run_due().problems == ()
    assert left_behind(backend) == []


@LISTENERS
def test_a_ca_that_does_not_come_through_is_quoted(server: Lab, backend: LocalBackend, proof: str) -> None:
    """It listened all the time, so the order has failed, and what leads to its port is to be looked at."""
    address = f"127.0.0.1:{free_port()}"
    settings = {"http_listen": address} if proof == "http" else {"tls_listen": address}
    server.authority(backend, **{**listening(server, proof), **settings})
    order = ordered(backend, f"deaf.{CUSTOMER}")
    assert order.row.status is OrderStatus.FAILED, order
    assert order.error is not None
    assert order.error.words.startswith(f"deaf.{CUSTOMER}: ")
    assert f"Does {address} get what" in order.error.hint
    assert left_behind(backend) == []


@pytest.mark.parametrize("proof", ["http", "tls-alpn"])
def test_a_wildcard_is_refused_before_anything_is_asked(server: Lab, backend: LocalBackend, proof: str) -> None:
    server.authority(backend, **listening(server, proof))
    with pytest.raises(Invalid, match="a wildcard, which only DNS can prove") as met:
        backend.orders.preview(OrderForm("pebble", SubjectFields(), (f"DNS:*.{CUSTOMER}",)))
    assert met.value.field == "sans"
