"""The ACME client with every real Pebble there is, which refuses nonces and wants an external account."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from certtui.authorities.acme import accounts, certificates, orders, renewal_info
from certtui.authorities.acme.accounts import ExternalAccount, Session
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.jose import KEY_TYPES, AccountKey, new_key
from certtui.authorities.acme.objects import AcmeOrder
from certtui.authorities.acme.problems import AcmeError
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.revocation import RevocationReason
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki import csr
from tests.pebble import EAB_KEY, EAB_KID, VERSIONS, Pebble, pebble

pytestmark = pytest.mark.real("pebble")
CUSTOMER = ExternalAccount(EAB_KID, Secret(EAB_KEY))


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[Pebble]:
    program = VERSIONS[request.param]
    with pebble(
        always_valid=True, reject_nonces=30, external_accounts=True, alternate_roots=1, program=program
    ) as made:
        yield made


@pytest.fixture
def connection(server: Pebble) -> Iterator[Connection]:
    with Connection(server.url, ca_file=server.ca_file) as made:
        yield made


@pytest.fixture
def session(connection: Connection) -> Session:
    return _session(connection)


def _session(connection: Connection, kind: str = "ec-256") -> Session:
    key = AccountKey(new_key(kind))
    account = accounts.create(connection, key, accounts.mailto(["ops@example.com"]), CUSTOMER)
    return Session(connection, key, account.url)


def _request(*names: str) -> tuple[bytes, KeyFacts]:
    facts, key = csr.make(CsrRequest(SubjectFields(), tuple(f"DNS:{name}" for name in names), "ec-256"))
    return facts.der, key


def _ready(session: Session, *names: str, profile: str = "", replaces: str = "") -> AcmeOrder:
    """An order whose names are proved; Pebble was told to find every proof good."""
    wanted = orders.identifiers([f"DNS:{name}" for name in names])
    order = orders.new(session, wanted, profile=profile, replaces=replaces)
    for url in order.authorizations:
        found = orders.authorization(session, url)
        if found.status == "pending":
            challenge = found.challenge("dns-01")
            assert challenge is not None
            orders.respond(session, challenge)
    return _until(session, order, "ready")


def _until(session: Session, order: AcmeOrder, state: str) -> AcmeOrder:
    for _ in range(2_000):
        order = orders.fetch(session, order.url)
        if order.status == state:
            return order
    raise AssertionError(order)


def _issued(session: Session, *names: str, preferred: str = "", replaces: str = "") -> certificates.Downloaded:
    der, _ = _request(*names)
    order = _ready(session, *names, replaces=replaces)
    order = _until(session, orders.finalize(session, order, der), "valid")
    return certificates.download(session, order.certificate, preferred)


def test_a_certificate_for_a_name_its_www_and_a_wildcard(session: Session) -> None:
    found = _issued(session, "example.com", "www.example.com", "*.example.com")
    assert set(found.leaf.sans) == {"DNS:example.com", "DNS:www.example.com", "DNS:*.example.com"}
    assert found.chain[0].subject_id == found.leaf.issuer_id


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_every_kind_of_account_key_is_taken(connection: Connection, kind: str) -> None:
    session = _session(connection, kind)
    assert accounts.get(session).status == "valid"


def test_without_the_external_account_there_is_none(connection: Connection) -> None:
    with pytest.raises(AcmeError) as met:
        accounts.create(connection, AccountKey(new_key()))
    assert met.value.problem.type == "externalAccountRequired"
    assert "key id" in met.value.hint


@pytest.mark.parametrize("wrong", [replace(CUSTOMER, kid="nobody"), replace(CUSTOMER, mac_key=Secret("AAAA" * 11))])
def test_an_external_account_that_the_ca_does_not_know_is_called_that(
    connection: Connection, wrong: ExternalAccount
) -> None:
    with pytest.raises(AcmeError) as met:
        accounts.create(connection, AccountKey(new_key()), external=wrong)
    assert met.value.message.startswith("The CA does not accept the external account. It says: ")
    assert "MAC key" in met.value.hint


def test_an_account_is_found_changed_given_another_key_and_closed(session: Session) -> None:
    connection = session.connection
    again = accounts.create(connection, session.key, external=CUSTOMER)
    found = accounts.find(connection, session.key)
    assert found is not None
    assert again.url == found.url == session.kid
    assert accounts.set_contact(session, accounts.mailto(["new@example.com"])).contact == ("mailto:new@example.com",)

    new = AccountKey(new_key("rsa-2048"))
    rolled = accounts.roll_over(session, new)
    assert accounts.get(rolled).url == session.kid
    assert accounts.find(connection, session.key) is None

    accounts.deactivate(rolled)
    with pytest.raises(AcmeError):
        orders.new(rolled, orders.identifiers(["DNS:closed.example.com"]))


def test_the_csr_may_be_handed_in_again_and_the_order_is_found_again(session: Session) -> None:
    der, _ = _request("again.example.com")
    order = _ready(session, "again.example.com")
    done = _until(session, orders.finalize(session, order, der), "valid")
    assert orders.finalize(session, order, der).certificate == done.certificate
    for number in range(5):  # the list comes in pages of three
        orders.new(session, orders.identifiers([f"DNS:more{number}.example.com"]))
    assert order.url in orders.listed(session)
    assert len(orders.listed(session)) >= 6


def test_a_csr_for_other_names_is_refused_in_the_servers_words(session: Session) -> None:
    order = _ready(session, "one.example.com")
    der, _ = _request("other.example.com")
    with pytest.raises(AcmeError) as met:
        orders.finalize(session, order, der)
    assert "other.example.com" in met.value.message or met.value.problem.type in ("badCSR", "unauthorized")


def test_a_chain_that_is_preferred_is_taken(session: Session) -> None:
    first = _issued(session, "chain.example.com")
    top = first.chain[-1].issuer_name
    assert _issued(session, "chain.example.com", preferred=top).note == ""
    assert "leads to “" in _issued(session, "chain.example.com", preferred="Nobody's Root").note


def test_revoked_by_the_account_then_by_the_key_of_another(server: Pebble, session: Session) -> None:
    found = _issued(session, "revoked.example.com")
    assert certificates.revoke_by_account(session, found.leaf.der, RevocationReason.SUPERSEDED) == "The CA revoked it."
    assert server.status_of(found.leaf.serial_number)["Status"] == "Revoked"
    assert "already" in certificates.revoke_by_account(session, found.leaf.der, RevocationReason.SUPERSEDED)

    der, key = _request("lost.example.com")
    order = _until(session, orders.finalize(session, _ready(session, "lost.example.com"), der), "valid")
    leaf = certificates.download(session, order.certificate).leaf
    said = certificates.revoke_by_key(
        session.connection, AccountKey(key.pkcs8), leaf.der, RevocationReason.KEY_COMPROMISE
    )
    assert said == "The CA revoked it."
    assert server.status_of(leaf.serial_number)["Status"] == "Revoked"


def test_the_renewal_window_and_what_a_renewal_replaces(session: Session) -> None:
    found = _issued(session, "ari.example.com")
    info = renewal_info.ask(session.connection, found.leaf)
    if not session.connection.directory.renewal_info:
        assert info is None
        return
    assert info is not None
    assert info.start < found.leaf.not_after
    name = renewal_info.certificate_id(found.leaf)
    # The second time it was replaced already: the order is made without saying so.
    for _ in range(2):
        assert _issued(session, "ari.example.com", replaces=name).leaf.sans == ("DNS:ari.example.com",)


def test_a_profile_is_asked_for_where_there_are_some(session: Session) -> None:
    for profile in list(session.connection.directory.profiles)[:1]:
        assert _ready(session, "profile.example.com", profile=profile).profile in (profile, "")


def test_one_connection_serves_many_threads(session: Session) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: _issued(session, f"h{number}.example.com"), range(16)))
    assert {each.leaf.sans for each in found} == {(f"DNS:h{number}.example.com",) for number in range(16)}
