"""A dry run at a staging server: another Pebble, another account, and nothing of it in the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.authorities.acme import rehearsal
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.profile import checked_settings, staging_of
from certtui.backend.factory import RemoteOptions, StoreOptions, open_backend
from certtui.backend.local.backend import LocalBackend
from certtui.backend.remote.backend import RemoteBackend
from certtui.errors import Conflict, Invalid, Unreachable
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus, Preflight
from certtui.model.query import Query
from tests.acme.test_orders import Ahead, delegate, left_behind, ordered, panel
from tests.lab import CUSTOMER, Lab, lab
from tests.pebble import Pebble, pebble
from tests.remote.server import Server

pytestmark = pytest.mark.real("pebble", "named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture(scope="module")
def stage(server: Lab) -> Iterator[Pebble]:
    with pebble(dns_port=server.dns.port) as made:
        yield made


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def backend(tmp_path: Path, clock: Ahead) -> Iterator[LocalBackend]:
    made = open_backend(StoreOptions(str(tmp_path / "store.db"), create=True), actor=Actor("ada"), clock=clock)
    assert isinstance(made, LocalBackend)
    yield made
    made.close()


def form(*names: str, authority: str = "pebble") -> OrderForm:
    return OrderForm(authority, SubjectFields(), tuple(f"DNS:{name}" for name in names))


def said(tried: Preflight) -> list[tuple[str, bool]]:
    return [(line.label, line.ok) for line in tried.lines]


def account_of(backend: LocalBackend, table: str) -> str:
    with backend._store.readers.use() as connection:
        row = connection.execute(f"SELECT url FROM {table}").fetchone()
    return row[0] if row else ""


class Asked:
    """Which servers were asked for orders."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.urls: list[str] = []
        real = Connection.post

        def post(connection: Connection, url: str, *args: object, **more: object) -> object:
            if url == connection.directory.new_order:
                self.urls.append(url)
            return real(connection, url, *args, **more)  # type: ignore[arg-type]  # as it was called

        patch.setattr(Connection, "post", post)

    def at(self, acme: Pebble) -> int:
        return sum(url.startswith(acme.url.removesuffix("/dir")) for url in self.urls)


def test_a_form_is_tried_and_nothing_of_it_is_kept(
    server: Lab, stage: Pebble, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, staging_directory=stage.url)
    asked = Asked(monkeypatch)
    tried = backend.orders.preflight(form(f"p.{CUSTOMER}"))
    assert said(tried) == [("CNAME", False), ("CAA", True)]
    assert "leads nowhere yet" in tried.lines[0].text
    assert asked.urls == []

    delegate(server, backend, f"p.{CUSTOMER}")
    tried = backend.orders.preflight(form(f"p.{CUSTOMER}", f"*.p.{CUSTOMER}"))
    assert said(tried) == [
        ("CNAME", True),
        ("CAA", True),
        ("Staging server", True),
        ("Staging account", True),
        ("Staging order", True),
    ], tried
    assert tried.lines[-1].text.startswith(f"p.{CUSTOMER}, *.p.{CUSTOMER} proved by DNS. Issued by Pebble Intermediate")
    assert (asked.at(stage), asked.at(server.acme)) == (1, 0)
    assert account_of(backend, "acme_account") == ""
    assert account_of(backend, "acme_staging").startswith(stage.url.removesuffix("/dir"))
    assert left_behind(backend) == []
    assert backend.orders.overview().counts.get("complete", 0) == 0
    assert backend.certificates.search(Query("")).rows(0, 5) == []
    # The account there is used again; the real one is another.
    first = account_of(backend, "acme_staging")
    assert backend.orders.preflight(form(f"p.{CUSTOMER}")).ok
    assert account_of(backend, "acme_staging") == first
    backend.authorities.test(1)
    assert account_of(backend, "acme_account").startswith(server.acme.url.removesuffix("/dir"))


def test_a_run_that_fails_or_dies_leaves_nothing(
    server: Lab, stage: Pebble, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, staging_directory=stage.url)
    delegate(server, backend, f"q.{CUSTOMER}")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> object:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("certtui.authorities.acme.orders.respond", killed)
        patch.setattr("certtui.authorities.acme.rehearsal.take_away", killed)
        with pytest.raises(Killed):
            backend.orders.preflight(form(f"q.{CUSTOMER}"))
    ((name, value),) = left_behind(backend)
    assert server.dns.texts(name) == {value}
    backend.work.run_due()
    assert left_behind(backend)  # for all that the worker knows, it is still going on
    clock.seconds = 1_000
    assert backend.work.run_due().problems == ()
    assert left_behind(backend) == []
    assert server.dns.texts(name) == set()

    with monkeypatch.context() as patch:
        patch.setattr(rehearsal, "PATIENCE", 0.0)
        patch.setattr("certtui.authorities.acme.advance.PATIENCE", 0.1)
        patch.setattr("certtui.authorities.acme.dns_plant.not_yet_at", lambda *_: ("ns9 has it not yet",))
        tried = backend.orders.preflight(form(f"q.{CUSTOMER}"))
    assert said(tried)[-1] == ("Staging order", False)
    assert "ns9 has it not yet" in tried.lines[-1].text
    assert left_behind(backend) == []


def test_an_order_is_sent_only_after_a_run_went_well(
    server: Lab, stage: Pebble, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend, staging_directory=stage.url, preflight="yes")
    delegate(server, backend, f"r.{CUSTOMER}", f"s.{CUSTOMER}")
    asked = Asked(monkeypatch)
    order = ordered(backend, f"r.{CUSTOMER}")
    assert order.row.status is OrderStatus.COMPLETE
    assert [url.startswith(stage.url.removesuffix("/dir")) for url in asked.urls] == [True, False]
    assert any("A run at the staging server went well at " in step.text for step in order.steps), order.steps

    # The real server is away: the run is not made twice, and the page says that it went well.
    asked.urls.clear()
    delegate(server, backend, f"t.{CUSTOMER}")
    with monkeypatch.context() as patch:
        patch.setattr("certtui.authorities.acme.authority.AcmeCa.session", _away_but_at_staging)
        order = ordered(backend, f"t.{CUSTOMER}")
    assert panel(order, "Staging")[0].startswith("A run there went well at ")
    order = backend.orders.look(order.id)
    assert order.row.status is OrderStatus.COMPLETE
    assert (asked.at(stage), asked.at(server.acme)) == (1, 1)

    # It takes longer than one call may: the run is gone on with, not begun anew.
    asked.urls.clear()
    with monkeypatch.context() as patch:
        patch.setattr("certtui.authorities.acme.advance.PATIENCE", 0.1)
        patch.setattr("certtui.authorities.acme.dns_plant.not_yet_at", lambda *_: ("ns9 has it not yet",))
        order = ordered(backend, f"s.{CUSTOMER}")
        assert order.steps[-1].text.startswith("At the staging server: The records spread in the tech zone")
    clock.seconds = 60
    assert backend.work.run_due().problems == ()
    assert backend.orders.get(order.id).row.status is OrderStatus.COMPLETE
    assert (asked.at(stage), asked.at(server.acme)) == (1, 1)
    assert left_behind(backend) == []


_session = AcmeCa.session


def _away_but_at_staging(ca: AcmeCa) -> object:
    if "staging" not in ca.name:
        raise Unreachable("The CA is away.")
    return _session(ca)


def test_a_run_that_is_refused_keeps_the_real_ca_from_being_asked(
    server: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(monkeypatch)
    with pebble(dns_port=server.dns.port, settings={"domainBlocklist": [f"bad.{CUSTOMER}"]}) as strict:
        server.authority(backend, staging_directory=strict.url, preflight="yes")
        delegate(server, backend, f"bad.{CUSTOMER}")
        order = ordered(backend, f"bad.{CUSTOMER}")
        tried = backend.orders.preflight(form(f"bad.{CUSTOMER}"))
    assert order.row.status is OrderStatus.FAILED
    assert order.error is not None
    assert order.error.message.startswith("The run at the staging server failed, so pebble was not asked.")
    assert said(tried)[-1] == ("Staging order", False)
    assert asked.at(server.acme) == 0


def test_over_a_server(server: Lab, stage: Pebble, backend: LocalBackend) -> None:
    server.authority(backend, staging_directory=stage.url)
    delegate(server, backend, f"u.{CUSTOMER}")
    with Server(backend) as http:
        api = RemoteBackend.open(RemoteOptions(http.url, token=http.token()))
        try:
            assert api.orders.preflight(form(f"u.{CUSTOMER}")).ok
            assert api.orders.preview(form(f"u.{CUSTOMER}")).why_no_preflight == ""
        finally:
            api.close()


def test_where_there_is_none_it_is_said(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    with pytest.raises(Conflict, match="No staging server of this CA is known"):
        backend.orders.preflight(form(CUSTOMER))
    assert "No staging server of this CA is known." in backend.orders.preview(form(CUSTOMER)).why_no_preflight
    backend.authorities.add(AuthorityForm("globex", AuthorityType.EXTERNAL))
    with pytest.raises(Conflict, match="costs nothing to try"):
        backend.orders.preflight(form(CUSTOMER, authority="globex"))


def test_presets_know_their_staging_servers() -> None:
    settings = {
        "server": "google",
        "eab_kid": "real",
        "staging_eab_kid": "stage",
        "tech_zone": "a.example",
        "chain": "X",
    }
    found = staging_of(settings)
    assert (found["server"], found["eab_kid"], "chain" in found) == ("google-staging", "stage", False)
    assert staging_of({"tech_zone": "a.example"})["server"] == "letsencrypt-staging"
    with pytest.raises(Invalid) as met:
        checked_settings({"server": "zerossl", "tech_zone": "a.example", "preflight": "yes"})
    assert met.value.field == "staging_directory"
