"""Orders whose records are kept by acme-dns: a name for each domain, registered once; real Pebble, real BIND."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from certtui.authorities.acme import acme_dns as client
from certtui.authorities.acme.acme_dns import Server, checked_address, imported, registration_of
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.proof_delegated import looked_at
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Denied, Invalid, Unreachable
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor, AuditEvent
from certtui.model.authority import AuthorityForm
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from certtui.model.secret import Secret
from tests.acme.test_orders import Ahead, Killed, backend, clock, delegate, left_behind, ordered, panel
from tests.acme_dns import AcmeDnsServer, acme_dns
from tests.lab import CUSTOMER, TECH, Lab, lab

__all__ = ["backend", "clock"]
pytestmark = pytest.mark.real("pebble", "named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture
def names(server: Lab) -> Iterator[AcmeDnsServer]:
    with acme_dns(server.dns) as made:
        yield made


def profile(server: Lab, backend: LocalBackend, names: AcmeDnsServer, name: str = "pebble", **more: str) -> int:
    settings = {"dns": "acme-dns", "acmedns_url": names.url, "tech_zone": "", "dns_server": "", "tsig_name": ""}
    return server.authority(backend, name, **{**settings, **more}).row.id


def test_from_a_name_to_a_certificate_by_acme_dns(
    server: Lab, backend: LocalBackend, clock: Ahead, names: AcmeDnsServer
) -> None:
    made = profile(server, backend, names)
    wanted = OrderForm("pebble", SubjectFields(CUSTOMER), (f"DNS:{CUSTOMER}", f"DNS:*.{CUSTOMER}"))
    preview = [line for line in backend.orders.preview(wanted).lines if line.label == "CNAME"]
    assert [(line.text, line.copy) for line in preview] == [
        (f"_acme-challenge.{CUSTOMER} → a name that acme-dns gives it when the order is sent", "")
    ]
    assert names.asked == []  # a preview registers nothing

    order = ordered(backend, CUSTOMER, f"*.{CUSTOMER}")
    (name,) = names.names.values()
    (cname,) = [line for line in order.panel if line.label == "CNAME"]
    assert cname.text == f"_acme-challenge.{CUSTOMER} → {name.subdomain}.{TECH}"
    assert cname.copy == f"_acme-challenge.{CUSTOMER}. 300 IN CNAME {name.subdomain}.{TECH}."
    assert order.row.status is OrderStatus.PENDING

    delegate(server, backend, CUSTOMER)
    clock.seconds = 40
    assert backend.work.run_due().problems == ()
    assert backend.orders.get(order.id).row.status is OrderStatus.COMPLETE
    assert left_behind(backend) == []
    # An apex and its wildcard are two values of one name; nothing removes them.
    assert len(server.dns.texts(f"{name.subdomain}.{TECH}")) == 2
    assert names.asked == ["/register", "/update", "/update"]

    # Another profile with the same server, as the staging one: the CNAME serves it as well.
    profile(server, backend, names, "second")
    assert ordered(backend, CUSTOMER, authority="second").row.status is OrderStatus.COMPLETE
    assert len(names.names) == 1
    events = [each for each in backend.audit.search(Query("")).rows(0, 200) if isinstance(each, AuditEvent)]
    (event,) = [each for each in events if each.event == "authority.name.registered"]
    assert event.object_id == made
    assert json.loads(event.detail) == {"server": names.url, "target": f"{name.subdomain}.{TECH}"}


def test_in_a_domains_own_zone_there_is_no_acme_dns(server: Lab, backend: LocalBackend, names: AcmeDnsServer) -> None:
    with pytest.raises(Invalid, match="keeps names of its own") as met:
        profile(server, backend, names, proof="dns")
    assert met.value.field == "dns"


def test_over_a_server_nobody_has_it_ask_what_listens_on_its_loopback(
    server: Lab, backend: LocalBackend, names: AcmeDnsServer
) -> None:
    admin = backend.acting(Identity(Actor("eve"), Access(Role.ADMIN)))
    with pytest.raises(Denied, match="is set there"):
        profile(server, admin, names)
    assert profile(server, admin, names, acmedns_url="https://auth.example.org")


def test_save_and_test_registers_one_name_for_all_tests(
    server: Lab, backend: LocalBackend, names: AcmeDnsServer
) -> None:
    made = profile(server, backend, names)
    for _ in range(2):
        test = backend.authorities.test(made)
        assert test.ok, test.lines
    assert [line.label for line in test.lines] == [
        "Directory", "Terms", "Account", "acme-dns", "Tech zone", "Records",
    ]  # fmt: skip
    (name,) = names.names.values()
    said = {line.label: line.text for line in test.lines}
    assert said["acme-dns"].endswith(f"has registered {name.subdomain}.{TECH} to test with.")
    assert said["Tech zone"] == f"{TECH} is served by ns1.{TECH}."
    assert "acme-dns keeps it" in said["Records"]
    assert names.asked == ["/health", "/register", "/update", "/health", "/update"]
    page = backend.authorities.get(made)
    assert [line.text for line in page.panel if line.label == "Registered"] == ["0 names"]
    assert page.secrets_set == ("account_key", "eab_key", "tsig_key")


def test_what_is_wrong_with_the_server_is_said(server: Lab, backend: LocalBackend, names: AcmeDnsServer) -> None:
    nobody = profile(server, backend, names, "nobody", acmedns_url="http://127.0.0.1:1")
    assert "could not be reached" in backend.authorities.test(nobody).lines[-1].text
    names.register_is_on = False
    off = profile(server, backend, names, "off")
    assert "registers nobody (404)" in backend.authorities.test(off).lines[-1].text
    order = ordered(backend, f"off.{CUSTOMER}", authority="off")
    assert order.row.status is OrderStatus.PROCESSING
    assert "registers nobody (404)" in order.steps[-1].text

    names.register_is_on = True
    far = profile(server, backend, names, "far", acmedns_allow_from="192.0.2.0/24")
    said = backend.authorities.test(far).lines[-1]
    assert (said.ok, "this machine's address is not in its allowfrom" in said.text) == (False, True)


def test_a_registration_whose_answer_was_lost_is_made_anew(
    server: Lab, backend: LocalBackend, clock: Ahead, names: AcmeDnsServer
) -> None:
    profile(server, backend, names)
    names.lose_answers = 1
    order = ordered(backend, f"lost.{CUSTOMER}")
    assert "could not be reached" in order.steps[-1].text
    assert panel(order, "CNAME") == [
        f"_acme-challenge.lost.{CUSTOMER} → a name that acme-dns gives it when the order is sent"
    ]
    clock.seconds = 40
    backend.work.run_due()
    lost, kept = names.names.values()
    assert panel(backend.orders.get(order.id), "CNAME")[0].endswith(f"{kept.subdomain}.{TECH}")
    assert lost.subdomain not in str(backend.orders.get(order.id).panel)


def test_values_that_are_there_are_not_sent_again_after_a_crash(
    server: Lab, backend: LocalBackend, clock: Ahead, names: AcmeDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again, the first of two values could drive out the second: acme-dns overwrites the older by seconds."""
    profile(server, backend, names)
    ordered(backend, f"twice.{CUSTOMER}", f"*.twice.{CUSTOMER}")
    delegate(server, backend, f"twice.{CUSTOMER}")
    clock.seconds = 40
    real = client.Server.update
    with monkeypatch.context() as patch:

        def dies(*given: object) -> None:
            real(*given)  # type: ignore[arg-type]  # as it was called
            if names.asked.count("/update") == 2:
                raise Killed

        patch.setattr(client.Server, "update", dies)
        with pytest.raises(Killed):
            backend.work.run_due()
    clock.seconds += 301
    backend.work.run_due()
    assert backend.orders.overview().counts["complete"] == 1
    assert names.asked.count("/update") == 2


def test_a_name_that_was_never_ordered_by_it_is_looked_at_without_registering(
    server: Lab, backend: LocalBackend, names: AcmeDnsServer
) -> None:
    """As daily, for an imported certificate that was given this authority."""
    ca = authority_of(backend._store, profile(server, backend, names))
    assert isinstance(ca, AcmeCa)
    (looked,) = looked_at(ca, (f"DNS:new.{CUSTOMER}",))
    assert (looked.ok, looked.sentence) == (
        False,
        f"new.{CUSTOMER} is not registered at acme-dns: an order does that, and then waits for its CNAME.",
    )
    assert names.asked == []


def test_two_workers_register_a_domain_at_once(server: Lab, backend: LocalBackend, names: AcmeDnsServer) -> None:
    made = profile(server, backend, names)
    books, at = StoreBooks(backend._store, made), Server(names.url)
    first, second = (at.register(f"once.{CUSTOMER}") for _ in range(2))
    assert books.keep_registration(names.url, *first) == first[0]
    assert books.keep_registration(names.url, *second) == first[0]
    assert books.registration_login(names.url, f"once.{CUSTOMER}") == first[1]


def test_a_password_goes_to_the_server_alone_that_gave_it(
    server: Lab, backend: LocalBackend, names: AcmeDnsServer
) -> None:
    made = profile(server, backend, names)
    assert backend.authorities.test(made).ok
    with acme_dns(server.dns) as other:
        with backend._store.changing() as change:
            connection = change.session.connection()
            connection.exec_driver_sql(f"UPDATE acme_dns_name SET server = '{other.url}'")
            connection.exec_driver_sql(
                f"UPDATE authority SET settings = replace(settings, '{names.url}', '{other.url}')"
            )
        said = backend.authorities.test(made).lines[-1]
    assert (said.label, "so its password is not sent" in said.text) == ("Records", True)
    assert other.asked == ["/health"]


def test_registrations_of_other_clients_are_taken_in(
    server: Lab, backend: LocalBackend, names: AcmeDnsServer, clock: Ahead
) -> None:
    domain = f"moved.{CUSTOMER}"
    registration, login = Server(names.url).register(domain)
    password = login.password.reveal().decode()
    account = {
        "username": login.username,
        "password": password,
        "fulldomain": registration.target,
        "subdomain": registration.subdomain,
        "server_url": names.url,
        "allowfrom": [],
    }
    made = profile(server, backend, names)
    version = backend.authorities.get(made).row.version
    form = AuthorityForm(secrets={"acmedns_import": Secret(json.dumps({domain: account}, indent=2))})
    page = backend.authorities.edit(made, version, form)
    assert "acmedns_import" not in page.secrets_set
    assert [line.text for line in page.panel if line.label == "Registered"] == ["1 name"]
    delegate(server, backend, domain)
    assert ordered(backend, domain).row.status is OrderStatus.COMPLETE
    assert "/register" not in names.asked[1:]
    with backend._store.readers.use() as connection:
        assert password not in str(list(connection.iterdump()))

    # One that the server has forgotten is forgotten here, and made anew with the next order.
    form = AuthorityForm(secrets={"acmedns_import": Secret(json.dumps({domain: None}))})
    backend.authorities.edit(made, page.row.version, form)
    assert StoreBooks(backend._store, made).registrations(names.url) == {}


@pytest.mark.parametrize(
    "text",
    [
        "no json", "[]", '{"a.example": 1}', '{"a.example": {"username": "u"}}', '{"no name!": null}',
        '{"a.example": {"username": "u\\n", "password": "p", "subdomain": "s", "fulldomain": "s.x.example"}}',
        '{"a.example": {"username": "u", "password": "p", "subdomain": "s", "fulldomain": "t.x.example"}}',
        '{"a.example": {"username": "u", "password": "p", "subdomain": "s", "fulldomain": "s.x.example", "server_url": "https://b"}}',
    ],
)  # fmt: skip
def test_what_can_not_be_taken_in_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as met:
        imported(Secret(text), "https://a")
    assert met.value.field == "acmedns_import"


@pytest.mark.parametrize(
    "url", ["http://auth.example.org", "ftp://a", "https://u:p@a", "https://", "https://a b", "https://a/?q", "a"]
)
def test_passwords_go_over_https_only(url: str) -> None:
    with pytest.raises(Invalid) as met:
        checked_address(url)
    assert met.value.field == "acmedns_url"


def test_an_address_is_kept_in_one_spelling() -> None:
    assert checked_address("https://Auth.Example.org/") == "https://auth.example.org"
    assert checked_address("http://127.0.0.1:8080") == "http://127.0.0.1:8080"


@pytest.mark.parametrize("key", ["username", "password", "subdomain", "fulldomain"])
@pytest.mark.parametrize("value", [None, 7, "", "x\r\nX-Evil: 1", "é", "x" * 300, {"a": 1}])
def test_a_hostile_server_registers_nothing(key: str, value: object) -> None:
    good = {"username": "u", "password": "p", "subdomain": "s", "fulldomain": "s.auth.example.org"}
    assert registration_of("example.com", good)[0].target == "s.auth.example.org"
    with pytest.raises(ValueError):
        registration_of("example.com", {**good, key: value})


def test_an_answer_that_is_no_registration(names: AcmeDnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in (b"[]", b"{", b'{"fulldomain": "evil.example"}', b"[" * 50_000):
        monkeypatch.setattr(Server, "_ask", lambda *_, body=body: (201, body))
        with pytest.raises(Unreachable, match="in no form that can be used"):
            Server(names.url).register("example.com")
