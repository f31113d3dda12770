"""Tokens, client certificates, and who comes in by them."""

from __future__ import annotations

import json

import pytest

from certtui.backend.local import tokens
from certtui.backend.local.backend import LocalBackend
from certtui.clock import FixedClock
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import Access, Role, TokenForm
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from tests.backend.entries import events
from tests.backend.harness import LocalPostgres, LocalSqlite
from tests.certs import NOW, make_cert

VIEWER = Access(Role.VIEWER)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def store_of(request: pytest.FixtureRequest) -> LocalSqlite | LocalPostgres:
    """A store on either database."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    found: LocalSqlite | LocalPostgres = request.getfixturevalue(name)
    return found


@pytest.fixture
def clock(store_of: LocalSqlite | LocalPostgres) -> FixedClock:
    return store_of.clock


@pytest.fixture
def backend(store_of: LocalSqlite | LocalPostgres) -> LocalBackend:
    opened = store_of.open(create=True)
    assert isinstance(opened, LocalBackend)
    return opened


def token(backend: LocalBackend, access: Access = VIEWER, **more: object) -> tuple[int, Secret]:
    made = backend.people.create_token(TokenForm("ci", access, **more))  # type: ignore[arg-type]  # a test's keywords
    return made.info.id, made.token


def failures(backend: LocalBackend) -> list[dict[str, object]]:
    rows = backend.audit.search(Query("event:auth.login.failed", Sort("id"))).rows(0, 1000)
    return [json.loads(row.detail) for row in rows]  # type: ignore[union-attr]


def test_a_token_opens_what_it_was_made_for(backend: LocalBackend) -> None:
    access = Access(Role.OPERATOR, True, ("payments",), ("example.com",))
    token_id, secret = token(backend, access)
    found = backend.authenticate_token(secret, where="192.0.2.9")
    assert (found.actor.name, found.actor.address, found.access, found.token_id) == (
        "ci",
        "192.0.2.9",
        access,
        token_id,
    )


def test_a_token_is_recognised_by_its_form(backend: LocalBackend) -> None:
    _, secret = token(backend)
    text = secret.reveal().decode()
    assert text.startswith("ctt_")
    assert len(text) == tokens.LENGTH == 53
    assert text[4:].isalnum()
    assert tokens.well_formed(text.encode())
    assert not tokens.well_formed((text[:-1] + ("a" if text[-1] != "a" else "b")).encode())


def test_the_token_is_nowhere_in_the_store(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    assert isinstance(backend, LocalBackend)
    _, secret = token(backend)
    backend.authenticate_token(secret)
    backend.close()
    written = b"".join(path.read_bytes() for path in local.folder.iterdir())
    assert secret.reveal()[4:] not in written
    assert secret.reveal()[:12] in written


@pytest.mark.parametrize("wrong", ["expired", "revoked", "unknown", "malformed", "empty"])
def test_whatever_is_wrong_a_stranger_hears_one_sentence(backend: LocalBackend, clock: FixedClock, wrong: str) -> None:
    from datetime import timedelta

    token_id, secret = token(backend, expires_at=NOW + timedelta(hours=1) if wrong == "expired" else None)
    match wrong:
        case "expired":
            clock.advance(hours=1)
        case "revoked":
            backend.people.revoke_token(token_id)
        case "unknown":
            secret = Secret(tokens.make())
        case "malformed":
            secret = Secret("ctt_" + "é" * 20)
        case "empty":
            secret = Secret("")
    with pytest.raises(Denied) as caught:
        backend.authenticate_token(secret, where="192.0.2.9")
    assert str(caught.value) == "Who you are could not be established. Ask an admin of this server for a token."
    assert failures(backend)[0]["address"] == "192.0.2.9"


def test_the_list_shows_what_became_of_tokens(backend: LocalBackend, clock: FixedClock) -> None:
    first, secret = token(backend, note="for the pipeline")
    second, _ = token(backend)
    backend.people.revoke_token(first)
    rows = backend.people.list_tokens()
    assert [row.id for row in rows] == [second, first]
    assert rows[1].revoked_at == NOW
    assert rows[1].note == "for the pipeline"
    assert secret.reveal().decode().startswith(rows[1].prefix)
    assert not hasattr(rows[1], "token")


def test_revoking_twice_is_recorded_once(backend: LocalBackend) -> None:
    token_id, _ = token(backend)
    assert backend.people.revoke_token(token_id) == backend.people.revoke_token(token_id)
    assert events(backend).count("token.revoke.success") == 1
    with pytest.raises(NotFound):
        backend.people.revoke_token(99)


def test_the_last_use_is_written_at_most_once_a_minute(backend: LocalBackend, clock: FixedClock) -> None:
    _, secret = token(backend)

    def used() -> object:
        backend.authenticate_token(secret)
        backend.logins.settle()
        return backend.people.list_tokens()[0].last_used_at

    first = used()
    assert first == NOW
    clock.advance(seconds=59)
    assert used() == first
    clock.advance(seconds=1)
    assert used() == clock.now()


@pytest.mark.parametrize(
    ("access", "field"),
    [
        (Access(Role.VIEWER, groups=()), "groups"),
        (Access(Role.VIEWER, domains=()), "domains"),
        (Access(Role.VIEWER, domains=("exa mple.com",)), "domains"),
        (Access(Role.VIEWER, domains=("..",)), "domains"),
        (Access(Role.VIEWER, domains=("*.example.com",)), "domains"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(backend: LocalBackend, access: Access, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        token(backend, access)
    assert caught.value.field == field


def test_a_token_that_would_have_expired_is_refused(backend: LocalBackend) -> None:
    with pytest.raises(Invalid):
        token(backend, expires_at=NOW)
    with pytest.raises(Invalid):
        backend.people.create_token(TokenForm("  ", VIEWER))


def test_making_and_mapping_are_on_record_without_the_token(backend: LocalBackend) -> None:
    _, secret = token(backend, Access(Role.ADMIN, True, ("pay",)))
    backend.people.add_mapping("DNS:Ada.Example", "ada", VIEWER)
    backend.people.remove_mapping(1)
    assert events(backend)[1:] == ["token.create.success", "mapping.create.success", "mapping.delete.success"]
    detail = backend.audit.get(2).detail
    assert json.loads(detail) == {"role": "admin", "export_keys": True, "groups": ["pay"]}
    assert secret.reveal().decode() not in detail


# --- client certificates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("match", ["DNS:ada.example", "dns:ADA.example.", "CN=ada.example", "CN=ada.example "])
def test_a_client_certificate_stands_for_who_it_is_mapped_to(backend: LocalBackend, match: str) -> None:
    access = Access(Role.OPERATOR, groups=("payments",))
    backend.people.add_mapping(match, "ada", access)
    found = backend.authenticate_certificate(make_cert("ada.example").facts.der, where="192.0.2.9")
    assert (found.actor.name, found.access, found.token_id) == ("ada", access, None)


def test_a_certificate_of_nobody_is_refused_and_on_record(backend: LocalBackend) -> None:
    backend.people.add_mapping("DNS:ada.example", "ada", VIEWER)
    for der in (make_cert("bob.example").facts.der, b"\x30\x00", b""):
        with pytest.raises(Denied):
            backend.authenticate_certificate(der, where="192.0.2.9")
    backend.logins.settle()
    assert sum(int(str(one["tries"])) for one in failures(backend)) == 3


def test_a_certificate_that_stands_for_two_people_stands_for_nobody(backend: LocalBackend) -> None:
    backend.people.add_mapping("DNS:ada.example", "ada", VIEWER)
    backend.people.add_mapping("CN=ada.example", "bob", VIEWER)
    with pytest.raises(Denied):
        backend.authenticate_certificate(make_cert("ada.example").facts.der)


def test_one_person_may_be_mapped_by_several_names(backend: LocalBackend) -> None:
    backend.people.add_mapping("DNS:ada.example", "ada", VIEWER)
    backend.people.add_mapping("CN=ada.example", "ada", VIEWER)
    assert backend.authenticate_certificate(make_cert("ada.example").facts.der).actor.credential == "mapping 1"


def test_one_name_is_mapped_once(backend: LocalBackend) -> None:
    backend.people.add_mapping("DNS:ada.example", "ada", VIEWER)
    with pytest.raises(Conflict):
        backend.people.add_mapping("dns:Ada.Example.", "bob", VIEWER)
    [mapping] = backend.people.list_mappings()
    assert (mapping.match, mapping.actor, mapping.access) == ("DNS:ada.example", "ada", VIEWER)
    with pytest.raises(NotFound):
        backend.people.remove_mapping(mapping.id + 1)


@pytest.mark.parametrize("match", ["", "DNS:", "ada", "ada\nCN=x", "EMAIL: "])
def test_what_names_nobody_is_no_mapping(backend: LocalBackend, match: str) -> None:
    with pytest.raises(Invalid):
        backend.people.add_mapping(match, "ada", VIEWER)


# --- failed logins ------------------------------------------------------------------------------------------------------


def fail(backend: LocalBackend, where: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Denied):
            backend.authenticate_token(Secret("nonsense"), where=where)


def test_many_failures_of_one_address_are_one_record_a_minute(backend: LocalBackend, clock: FixedClock) -> None:
    fail(backend, "192.0.2.9", 500)
    assert [one["tries"] for one in failures(backend)] == [1]
    clock.advance(minutes=1)
    fail(backend, "192.0.2.9")
    assert [one["tries"] for one in failures(backend)] == [1, 500]


def test_a_flood_from_many_addresses_does_not_fill_the_log(backend: LocalBackend, clock: FixedClock) -> None:
    for number in range(300):
        fail(backend, f"198.51.{number // 250}.{number % 250}", 2)
    assert len(failures(backend)) == 10
    backend.logins.settle()
    assert len(failures(backend)) == 11
    assert sum(int(str(one["tries"])) for one in failures(backend)) == 600


def test_an_address_that_keeps_failing_waits_longer_and_longer(backend: LocalBackend, clock: FixedClock) -> None:
    waits = []
    for _ in range(9):
        waits.append(backend.logins.failed.delay("192.0.2.9"))
        fail(backend, "192.0.2.9")
    assert waits == [0, 0, 0, 0.5, 1, 2, 4, 8, 8]
    assert backend.logins.failed.delay("192.0.2.10") == 0
    clock.advance(minutes=15)
    assert backend.logins.failed.delay("192.0.2.9") == 0


def test_a_login_that_goes_well_is_forgiven_what_was_before(backend: LocalBackend) -> None:
    _, secret = token(backend)
    fail(backend, "192.0.2.9", 6)
    backend.authenticate_token(secret, where="192.0.2.9")
    assert backend.logins.failed.delay("192.0.2.9") == 0


def test_one_subscriber_of_ipv6_is_one_address(backend: LocalBackend) -> None:
    for number in range(6):
        fail(backend, f"2001:db8::{number:x}")
    assert backend.logins.failed.delay("2001:db8::ffff") > 0
    assert backend.logins.failed.delay("2001:db8:0:1::1") == 0


def test_the_memory_of_addresses_is_bounded(backend: LocalBackend) -> None:
    from certtui.backend.local.people_failures import REMEMBERED

    guard = backend.logins.failed
    for number in range(REMEMBERED + 500):
        guard.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "unknown")
    assert len(guard._failing) == REMEMBERED
    guard.settle()
    assert sum(int(str(one["tries"])) for one in failures(backend)) == REMEMBERED + 500
