"""A CA that means harm, or is out of order, and what it can't do: to its own orders, and to those of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial

import httpx
import pytest

from certtui.authorities.acme.dns_provider import records_of
from certtui.authorities.acme.profile import BY_HOOK, BY_WEB_ROOT, DELEGATED, DNS, HTTP
from certtui.authorities.acme.proof_dns import OwnZone
from certtui.backend.local import renewals_look, work_orders
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.renewals_story import row_of
from certtui.backend.local.tables_issuing import AuthorityTable
from certtui.errors import NotFound, Unreachable
from certtui.model.authority import AuthorityForm
from certtui.model.order import OrderStatus
from certtui.model.query import Query
from tests.backend.issuing import complete, local_authority
from tests.hostile_ca import BASE, HostileCa, hostile_ca, ordered, profile, signed

NAME = "shop.example.com"


@pytest.fixture
def here(local) -> Iterator[tuple[object, HostileCa]]:  # type: ignore[no-untyped-def]
    backend = local.open(create=True)
    with hostile_ca(local.clock) as ca:
        profile(backend)
        yield backend, ca


def failure(order) -> str:  # type: ignore[no-untyped-def]
    assert order.row.status is OrderStatus.FAILED, order.steps
    return order.error.message


def test_what_it_makes_as_ordered_is_taken(here) -> None:
    backend, _ = here
    order = ordered(backend, NAME, "www.example.com")
    assert order.row.status is OrderStatus.COMPLETE, order.steps
    page = backend.certificates.get(order.row.certificate_id)
    assert set(page.x509.sans) == {f"DNS:{NAME}", "DNS:www.example.com"}


@pytest.mark.parametrize(
    ("leaf", "why"),
    [
        (lambda csr, _: signed(csr, ["evil.example"]), f"without {NAME}, www.example.com, which was ordered"),
        (lambda csr, _: signed(csr, [NAME]), "without www.example.com, which was ordered"),
        (partial(signed, ca=True), "of a CA"),
        (partial(signed, days=-1), "that has expired already"),
    ],
)
def test_a_certificate_that_is_not_what_was_ordered_takes_no_place(here, leaf, why: str) -> None:
    backend, ca = here
    ca.leaf = leaf
    order = ordered(backend, NAME, "www.example.com")
    assert failure(order) == f"hostile sent a certificate {why}."
    assert backend.certificates.get(order.row.certificate_id).x509 is None


def test_names_that_nobody_ordered_are_told(here) -> None:
    backend, ca = here
    ca.leaf = lambda csr, names: signed(csr, [*names, "more.example"])
    order = ordered(backend, NAME)
    assert order.row.status is OrderStatus.COMPLETE
    assert "It has more.example, which was not ordered." in [each.text for each in order.steps]


@pytest.mark.parametrize("proof", [DELEGATED, DNS])
def test_a_name_that_was_not_ordered_is_not_proved(here, monkeypatch, proof: str) -> None:
    """Least of all in its own zone, which the same provider keeps."""
    backend, ca = here
    profile(backend, "asks", proof=proof, dns_zone="example.com" if proof == DNS else "")
    monkeypatch.setattr(OwnZone, "look", lambda *_: None)
    pending = {"status": "pending", "identifiers": [{"type": "dns", "value": NAME}], "finalize": f"{BASE}/finalize/1"}
    made = {**pending, "authorizations": [f"{BASE}/authz/other.example.com"]}
    ca.says("/newOrder", httpx.Response(201, json=made, headers={"location": f"{BASE}/order/1"}))
    ca.says("/authz/*", httpx.Response(200, json=ca.authorization("other.example.com", "pending")))
    order = ordered(backend, NAME, authority="asks")
    assert failure(order) == "asks wants other.example.com to be proved, which was not ordered."


def test_a_token_that_would_be_a_path_is_none(here) -> None:
    backend, ca = here
    pending = {"status": "pending", "identifiers": [{"type": "dns", "value": NAME}], "finalize": f"{BASE}/finalize/1"}
    made = {**pending, "authorizations": [f"{BASE}/authz/{NAME}"]}
    ca.says("/newOrder", httpx.Response(201, json=made, headers={"location": f"{BASE}/order/1"}))
    ca.says("/authz/*", httpx.Response(200, json=ca.authorization(NAME, "pending", "../../etc/passwd")))
    assert "token is no base64url" in ordered(backend, NAME).steps[-1].text


@pytest.mark.parametrize(
    ("detail", "least", "most"),
    [
        ("retry after 9999-12-31 23:59:59 UTC", timedelta(days=1), timedelta(days=8)),
        ("retry after 0001-01-01 00:00:00 UTC", timedelta(seconds=30), timedelta(seconds=30)),
    ],
)
def test_a_limit_ends_within_days_and_not_at_once(here, local, detail: str, least: timedelta, most: timedelta) -> None:
    backend, ca = here
    said = {"type": "urn:ietf:params:acme:error:rateLimited", "detail": detail}
    ca.says("/newOrder", httpx.Response(429, json=said))
    order = ordered(backend, NAME)
    assert order.row.status.open
    assert least <= backend.work.status().next_due - local.clock.now() <= most


def test_what_no_database_can_keep_is_kept_without_it(here) -> None:
    backend, ca = here
    said = {"type": "urn:ietf:params:acme:error:unauthorized", "detail": "no \0 \ud800 \x1b[31m[bold]"}
    ca.says("/newOrder", httpx.Response(403, content=json.dumps(said).encode()))
    order = ordered(backend, NAME)
    assert failure(order) == "The CA did not find what proves control of the name."
    assert order.error.words == "no \ufffd ? \x1b[31m[bold]"


def test_a_ca_that_answers_slowly_for_ever_is_left_for_others(here, monkeypatch) -> None:
    backend, ca = here
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda _: None)

    def slowly(request: httpx.Request) -> httpx.Response:
        now[0] += 14
        return httpx.Response(200, json=ca.authorization(request.url.path.rpartition("/")[2]))

    many = [f"{BASE}/authz/{number}.example.com" for number in range(900)]
    made = {
        "status": "pending",
        "identifiers": [{"type": "dns", "value": NAME}],
        "finalize": f"{BASE}/finalize/1",
        "authorizations": many,
    }
    ca.says("/newOrder", httpx.Response(201, json=made, headers={"location": f"{BASE}/order/1"}))
    ca.says("/authz/*", slowly)
    order = ordered(backend, NAME)
    assert order.steps[-1].text.startswith("ca.example answers too slowly.")
    assert now[0] < 130


def test_a_profile_that_is_given_another_ca_orders_there_what_was_under_way(here) -> None:
    backend, ca = here
    ca.says("/finalize/*", httpx.Response(503))
    order = ordered(backend, NAME)
    assert order.row.status is OrderStatus.PROCESSING
    page = backend.authorities.get(order.row.authority_id or 1)
    backend.authorities.edit(
        page.row.id, page.row.version, AuthorityForm(settings={"directory": "https://other.example/dir"})
    )
    del ca._answers["/finalize/*"]
    before = len(ca.asked)
    assert backend.orders.look(order.id).row.status is OrderStatus.COMPLETE
    assert f"POST {BASE}/order/1" not in ca.asked[before:]
    assert f"POST {BASE}/newOrder" in ca.asked[before:]


# -- what stands beside its own orders ------------------------------------------------------------------------------


@pytest.mark.real("initdb")
def test_a_wish_that_is_nonsense_or_never_comes_keeps_nobody_else_from_being_renewed(on_postgres) -> None:
    backend = on_postgres.open()
    clock = on_postgres.clock
    with hostile_ca(clock) as ca:
        profile(backend)
        for name in (NAME, "www.example.com"):
            ordered(backend, name)
        local_authority(backend)
        other = complete(backend, "db.example.com", days=120, auto_renew_days=60).row.certificate_id
        clock.advance(days=61)
        window = {"start": "2026-01-01T00:00:00Z", "end": "9999-12-31T23:59:59.9Z"}
        wish = json.dumps({"suggestedWindow": window, "explanationURL": "\0\ud800" * 9})
        ca.says("/renewalInfo/*", httpx.Response(200, content=wish.encode()))
        ca.says("/newOrder", httpx.Response(503))
        report = backend.work.run_due()
        assert report.done["renewals"] == 3, report
        assert backend.certificates.get(other).lineage

        clock.advance(days=1)

        def silent(_: httpx.Request) -> httpx.Response:
            raise httpx.ReadTimeout("slow")

        ca.says("/renewalInfo/*", silent)
        before = len(ca.asked)
        backend.work.run_due()
        assert sum("renewalInfo" in each for each in ca.asked[before:]) == 1


def test_what_can_not_be_renewed_hides_nothing_behind_it(here, local, monkeypatch) -> None:
    """However many they are, and however soon they end."""
    from certtui.backend.local import renewals_read

    backend, _ = here
    monkeypatch.setattr(renewals_read, "MOST", 2)
    local_authority(backend)
    local_authority(backend, "closed", ca=backend.cas.search(Query()).rows(0, 9)[-1].name)
    for number in range(5):
        complete(backend, f"h{number}.example.com", "closed", days=20, auto_renew_days=5)
    mine = complete(backend, "mine.example.com", days=21, auto_renew_days=6).row.certificate_id
    closed = backend.authorities.get(backend.authorities.resolve("closed"))
    backend.authorities.edit(closed.row.id, closed.row.version, AuthorityForm(enabled=False))
    local.clock.advance(days=17)
    report = backend.renewals.run_due()
    assert len(report.orders) == 1
    assert [each.id for each in backend.certificates.get(mine).lineage if each.id != mine]


def test_an_authority_that_answers_nobody_is_not_waited_for_by_each_order(here, local, monkeypatch) -> None:
    """And what other orders wait for goes on."""
    backend, ca = here
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(work_orders, "AT_ONCE", 1)
    ca.says("/newOrder", httpx.Response(503))
    orders = [ordered(backend, f"h{number}.example.com") for number in range(6)]

    def silent(_: httpx.Request) -> httpx.Response:
        now[0] += 15
        raise httpx.ReadTimeout("slow")

    ca.says("/newOrder", silent)
    local.clock.advance(hours=2)
    before = len(ca.asked)
    backend.work.run_due()
    assert sum("newOrder" in each for each in ca.asked[before:]) == 1
    said = [backend.orders.get(order.id).steps[-1].text for order in orders]
    assert sum(text.startswith("It was not asked for: so it was with another order.") for text in said) == 5

    del ca._answers["/newOrder"]
    local.clock.advance(hours=1)
    backend.work.run_due()
    assert {backend.orders.get(order.id).row.status for order in orders} == {OrderStatus.COMPLETE}


def test_names_whose_look_comes_too_late_are_looked_at_first_the_next_time(here, local, monkeypatch) -> None:
    backend, ca = here
    for number in range(6):
        ordered(backend, f"h{number}.example.com")
    seen: list[str] = []
    now = [0.0]

    def slow(sans: tuple[str, ...]) -> tuple[()]:
        seen.append(sans[0])
        now[0] += 60
        return ()

    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(renewals_look, "AT_ONCE", 1)
    ca.looks = slow
    local.clock.advance(days=2)
    for _ in range(6):
        renewals_look.looks_due(backend._store, local.clock.now())
    assert sorted(seen) == [f"DNS:h{number}.example.com" for number in range(6)]


def test_a_clock_that_was_a_year_ahead_for_a_moment_stops_nothing(here, local) -> None:
    """What was put off then is done when it is due."""
    backend, ca = here
    ordered(backend, NAME)
    with backend._store.changing() as change:
        row = row_of(change, 1)
        row.look_at = row.ask_at = row.status_at = row.try_at = change.now + 400 * 86_400
        change.session.add(row)
    seen: list[str] = []
    ca.looks = lambda sans: seen.extend(sans) or ()  # type: ignore[func-returns-value]
    local.clock.advance(days=61)
    before = len(ca.asked)
    renewals_look.looks_due(backend._store, local.clock.now())
    assert seen == [f"DNS:{NAME}"]
    assert backend.work.run_due().done["renewals"] == 1
    assert any("renewalInfo" in each for each in ca.asked[before:])


@pytest.mark.parametrize("when", ["/renewalInfo/*", "/newOrder", "look"])
def test_a_certificate_that_is_deleted_meanwhile_keeps_no_other_from_its_turn(here, local, when: str) -> None:
    backend, ca = here
    gone, stays = (ordered(backend, name).row.certificate_id for name in ("a.example.com", "b.example.com"))

    def delete(*_: object) -> None:
        with suppress(NotFound):
            page = backend.certificates.get(gone)
            backend.certificates.delete(page.id, page.version)

    def answer(_: httpx.Request) -> httpx.Response:
        delete()
        return httpx.Response(503)

    local.clock.advance(days=61)
    if when == "look":
        ca.looks = lambda _: delete() or ()  # type: ignore[func-returns-value]
        assert renewals_look.looks_due(backend._store, local.clock.now())[0] == 0
    else:
        # The one that is deleted comes behind another where an order is what takes the time.
        if when == "/newOrder":
            gone, stays = stays, gone
        ca.says(when, answer)
        assert len(backend.renewals.run_due().orders) == 1
    assert backend.certificates.get(stays).row.id == stays


def test_a_ca_that_limits_its_wishes_is_asked_for_no_other_in_that_round(here, local) -> None:
    backend, ca = here
    for number in range(4):
        ordered(backend, f"h{number}.example.com")
    limited = {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many"}
    ca.says("/renewalInfo/*", httpx.Response(429, json=limited))
    local.clock.advance(minutes=6)
    before = len(ca.asked)
    backend.work.run_due()
    assert sum("renewalInfo" in each for each in ca.asked[before:]) == 1


def test_a_web_root_that_is_as_it_was_set_lets_no_program_be_run(here, tmp_path) -> None:
    """Whoever can write the database alone can't have the worker run what they like."""
    backend, _ = here
    made = profile(backend, "web", proof=HTTP, http_by=BY_WEB_ROOT, web_root=str(tmp_path), tech_zone="")
    with backend._store.changing() as change:
        row = change.session.get(AuthorityTable, made.row.id)
        row.settings = json.dumps({**json.loads(row.settings), "proof": DELEGATED, "dns": BY_HOOK, "hook": "/tmp/evil"})
        change.session.add(row)
    ca = authority_of(backend._store, made.row.id)
    with pytest.raises(Unreachable, match="changed from outside of certtui, so it is not"):
        records_of(ca, "acme.example.net")
