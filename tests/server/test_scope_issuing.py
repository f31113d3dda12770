"""Orders, alerts and revocations outside of a scope are not there; what holds for everybody is seen by all, and changed by few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from certtui.clock import FixedClock
from certtui.model.access import ACTS, Access, Role, refusal
from certtui.model.alert import AlertRow
from certtui.model.certificate import Labels
from certtui.model.channel import ChannelForm, WebhookSettings
from certtui.model.order import Order
from certtui.model.query import Query
from certtui.model.revocation import RevocationForm
from certtui.model.secret import Secret
from certtui.server.app import route_names
from certtui.server.route import PREFIX
from tests.backend import issuing
from tests.backend.entries import cert
from tests.backend.harness import LocalPostgres
from tests.server.conftest import client
from tests.server_process import Running, running

THEIRS = "secret-project.example.net"
OURS = "www.example.com"
CANARY = "canary-of-a-secret"


@dataclass
class Estate:
    """Two groups with an order, a draft, an alert and a revocation each, on one CA with one authority."""

    ours: Order
    theirs: Order
    our_draft: Order
    their_draft: Order
    our_alert: AlertRow
    their_alert: AlertRow
    before: int
    """The newest change before any of it."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def server(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Running]:
    """A server on each kind of store: a scope is written into their SQL."""
    if request.param == "sqlite":
        with running(tmp_path, clock=clock) as made:
            yield made
        return
    store = LocalPostgres(tmp_path / "store", clock).start()
    with running(tmp_path, backend=store.open()) as made:
        yield made
    store.close()


@pytest.fixture
def estate(server: Running, clock: FixedClock) -> Estate:
    backend = server.backend
    issuing.local_authority(backend)
    backend.channels.add(
        ChannelForm("on-call", WebhookSettings("https://hooks.example.org/unspeakable"), secret=Secret(CANARY))
    )
    before = backend.feed.latest()
    orders = [
        issuing.complete(
            backend, name, labels=Labels(business_group=group, description="unspeakable" * (group != "ours"))
        )
        for name, group in ((OURS, "ours"), (THEIRS, "theirs"))
    ]
    drafts = [
        issuing.saved(backend, f"draft.{name}", labels=Labels(business_group=group))
        for name, group in ((OURS, "ours"), (THEIRS, "theirs"))
    ]
    clock.advance(days=80)
    backend.alerts.sweep()
    alerts = {
        row.business_group: row
        for row in backend.alerts.search(Query("kind:expiring")).rows(0, 50)
        if isinstance(row, AlertRow)
    }
    for order in orders:
        entry = backend.certificates.get(order.row.certificate_id or 0)
        assert entry.x509 is not None
        backend.certificates.revoke(entry.id, entry.version, RevocationForm(entry.x509.serial_number))
    return Estate(*orders, *drafts, alerts["ours"], alerts["theirs"], before)


@pytest.fixture
def scoped(server: Running, estate: Estate) -> Iterator[httpx.Client]:
    with client(server, "operator", groups=("ours",)) as made:
        yield made


def seen(answer: httpx.Response) -> bool:
    return any(word in answer.text for word in (THEIRS, "secret-project", "unspeakable", "theirs"))


def test_lists_counts_and_overviews_hold_ones_own_alone(scoped: httpx.Client, estate: Estate) -> None:
    orders = scoped.post("/orders/listings", json={"sort": "id"})
    assert [row["id"] for row in orders.json()["rows"]] == [estate.ours.id, estate.our_draft.id]
    assert orders.json()["total"] == 2
    counts = scoped.get("/orders/overview").json()["counts"]
    assert (counts["complete"], counts["draft"], sum(counts.values())) == (1, 1, 2)
    alerts = scoped.post("/alerts/listings", json={"sort": "id", "filter": "kind:expiring"})
    assert [row["id"] for row in alerts.json()["rows"]] == [estate.our_alert.id]
    every = scoped.post("/alerts/listings", json={"sort": "id", "filter": "state:open"}).json()["total"]
    assert sum(scoped.get("/alerts/counts").json().values()) == every
    for answer in (orders, alerts, scoped.get("/channels/calendar"), scoped.get("/calendar.ics")):
        assert answer.status_code == 200
        assert not seen(answer)


@pytest.mark.parametrize(
    "filter", [THEIRS, "group:theirs", "secret", "id:2", "id:4", "!group:ours", "by:root", "name:*"]
)
def test_no_filter_finds_what_is_theirs(scoped: httpx.Client, filter: str) -> None:
    for noun in ("orders", "alerts"):
        answer = scoped.post(f"/{noun}/listings", json={"filter": filter, "sort": "id"})
        assert answer.status_code in (200, 422)
        assert not (answer.status_code == 200 and seen(answer)), noun


def test_metrics_count_ones_own_orders_and_alerts(server: Running, estate: Estate) -> None:
    def told(groups: tuple[str, ...] | None) -> dict[str, float]:
        text = httpx.get(f"{server.url}/metrics", headers=server.headers("viewer", groups=groups)).text
        return {line.split()[0]: float(line.split()[1]) for line in text.splitlines() if line[0] != "#"}

    mine, everything = told(("ours",)), told(None)
    assert (mine['certtui_orders{status="complete"}'], everything['certtui_orders{status="complete"}']) == (1, 2)
    critical = 'certtui_alerts{severity="warning"}'
    assert 0 < mine[critical] < everything[critical]


def test_no_id_or_name_leads_to_their_order(scoped: httpx.Client, estate: Estate) -> None:
    for reference in (str(estate.theirs.id), THEIRS, estate.their_draft.row.name, f"id:{estate.theirs.id}"):
        answer = scoped.get("/orders/resolve", params={"reference": reference})
        assert answer.status_code == 404
        assert not any(word in answer.text for word in ("unspeakable", "theirs"))


BODIES: dict[str, object] = {
    "orders.edit": {"authority": "internal", "subject": {"common_name": "mine.example.com"}},
    "orders.send_again": {"authority": "internal", "subject": {"common_name": "mine.example.com"}},
    "orders.complete": {"pem": cert(OURS).pem.decode()},
    "alerts.acknowledge": {"note": "mine"},
    "alerts.resolve": {"note": "mine"},
    "alerts.reopen": {},
    "alerts.snooze": {"until": "2026-12-01T00:00:00Z"},
    "certificates.revoke": {"serial_number": "1"},
    "certificates.edit": {"name": "mine"},
    "certificates.export": {"form": "pem"},
}
"""Bodies that are taken, so that it is the scope that says no."""
ACCESSES = [Access(role, True, groups) for role in Role for groups in (None, ("ours",))]


def thing(name: str, estate: Estate, *, theirs: bool) -> int | None:
    """What the id of a route means."""
    order, draft, alert = (
        (estate.theirs, estate.their_draft, estate.their_alert)
        if theirs
        else (estate.ours, estate.our_draft, estate.our_alert)
    )
    match name.partition(".")[0]:
        case "orders":
            return draft.id
        case "alerts":
            return alert.id
    return order.row.certificate_id if name in REVOKING else None


REVOKING = ("certificates.plan_revocation", "certificates.revoke", "certificates.note_authority_told")


@pytest.mark.parametrize("access", ACCESSES, ids=lambda each: f"{each.role}-{'scoped' if each.scoped else 'all'}")
def test_every_route_by_role_and_scope(server: Running, estate: Estate, access: Access) -> None:
    """A role that may not hears so; who may does not find what lies outside, and finds what lies inside."""
    headers = server.headers(access.role, export_keys=True, groups=access.groups)
    met = 0
    with httpx.Client(base_url=server.url, headers=headers, timeout=10) as person:
        # Reading first: what changes something may take the things away that the rest is about.
        for method, path, name in sorted(route_names(server.server.config.app), key=lambda each: each[0] != "GET"):
            if "{id}" not in path or thing(name, estate, theirs=True) is None:
                continue
            met += 1
            for theirs in (True, False):
                number = thing(name, estate, theirs=theirs)
                answer = person.request(
                    method, path.replace("{id}", str(number)), json=BODIES.get(name), headers={"if-match": '"999"'}
                )
                if refusal(access, name):
                    assert answer.status_code == 403, f"{name} {answer.text}"
                elif theirs and access.scoped:
                    assert answer.status_code == 404, f"{name} {answer.text}"
                    assert not seen(answer), name
                else:
                    assert answer.status_code in (200, 409, 412, 422), f"{name} {answer.status_code} {answer.text}"
    assert met >= 17


def test_nothing_of_theirs_was_changed_by_trying(server: Running, estate: Estate) -> None:
    backend = server.backend
    before = (backend.orders.get(estate.their_draft.id), backend.alerts.get(estate.their_alert.id))
    with client(server, "operator", groups=("ours",)) as person:
        for method, path, name in route_names(server.server.config.app):
            number = thing(name, estate, theirs=True)
            if "{id}" in path and number is not None and method != "GET":
                version = before[0].version if name.startswith("orders") else before[1].version
                person.request(
                    method,
                    server.url + path.replace("{id}", str(number)),
                    json=BODIES.get(name),
                    headers={"if-match": f'"{version}"'},
                )
        versions = [[estate.their_alert.id, before[1].version]]
        for act in ("acknowledge", "resolve", "snooze"):
            body = {"versions": versions} | ({"until": "2026-12-01T00:00:00Z"} if act == "snooze" else {})
            answer = person.post(f"/alerts/{act}", json=body)
            assert answer.json()["done"] == []
            assert not seen(answer)
    assert (backend.orders.get(estate.their_draft.id), backend.alerts.get(estate.their_alert.id)) == before


def test_an_order_for_another_group_or_in_place_of_their_entry_is_refused(scoped: httpx.Client, estate: Estate) -> None:
    form = {"authority": "internal", "subject": {"common_name": "mine.example.com"}}
    other = scoped.post("/orders", json=form | {"labels": {"business_group": "theirs"}})
    assert other.status_code == 403
    renewal = scoped.post("/orders", json=form | {"renews_id": estate.theirs.row.certificate_id})
    assert renewal.status_code in (404, 422)
    assert not seen(renewal)
    mine = scoped.post("/orders", json=form)
    assert mine.status_code == 201
    assert mine.json()["row"]["business_group"] == "ours"


def test_a_reference_that_is_theirs_tells_nothing_of_their_order(
    server: Running, scoped: httpx.Client, estate: Estate
) -> None:
    issuing.saved(server.backend, f"ref.{THEIRS}", labels=Labels(business_group="theirs"), reference="q3-renewals")
    form = {"authority": "internal", "subject": {"common_name": "mine.example.com"}, "reference": "q3-renewals"}
    answer = scoped.post("/orders", json=form)
    assert answer.status_code in (201, 409)
    assert not seen(answer)


def test_the_feed_tells_of_ones_own_and_of_what_holds_for_everybody(
    server: Running, scoped: httpx.Client, estate: Estate
) -> None:
    authority = server.backend.authorities.get(1)
    from certtui.model.authority import AuthorityForm

    server.backend.authorities.edit(1, authority.row.version, AuthorityForm(description="new"))
    changes = scoped.get("/feed/changes", params={"since": estate.before}).json()
    told = {(each["object_kind"], number) for each in changes for number in each["object_ids"]}
    assert {("order", estate.ours.id), ("alert", estate.our_alert.id), ("authority", 1)} <= told
    assert not {("order", estate.theirs.id), ("order", estate.their_draft.id), ("alert", estate.their_alert.id)} & told
    of_all = {"authority", "ca", "policy", "resource"}
    assert not {kind for kind, _ in told} - {"certificate", "container", "order", "alert", *of_all}
    mine = {each["id"] for each in scoped.post("/containers/listings", json={}).json()["rows"]}
    assert {one for kind, one in told if kind == "container"} <= mine
    everything = {
        (each.object_kind, one) for each in server.backend.feed.since(estate.before) for one in each.object_ids
    }
    assert ("order", estate.theirs.id) in everything


def test_a_channel_is_told_of_to_those_alone_who_see_everything(server: Running, scoped: httpx.Client) -> None:
    with client(server, "admin") as all_of_it, client(server, "admin", groups=("ours",)) as part:
        assert all_of_it.get("/channels").json()[0]["name"] == "on-call"
        for answer in (part.get("/channels"), part.get("/channels/1"), part.get("/channels/1/deliveries")):
            assert answer.status_code == 403
            assert answer.json()["detail"] == "This is about what holds for everybody, and you see a part of the store."
        for person in (part, scoped):
            kinds = {each["object_kind"] for each in person.get("/feed/changes", params={"since": 0}).json()}
            assert "channel" not in kinds


def test_the_audit_log_tells_nothing_of_theirs(scoped: httpx.Client, estate: Estate) -> None:
    listed = scoped.post("/audit/listings", json={"sort": "-id", "first": 500})
    assert not seen(listed)
    assert {row["object_kind"] for row in listed.json()["rows"]} >= {"order", "certificate"}


def test_what_holds_for_everybody_is_seen_from_every_scope(scoped: httpx.Client) -> None:
    cas = scoped.post("/cas/listings", json={}).json()["rows"]
    assert [each["common_name"] for each in cas] == ["Issuing", "Root"]
    for path in ("/cas/1", "/cas/2", "/cas/2/crl", "/cas/2/certificate", "/authorities/1", "/policies/sets", "/work"):
        assert scoped.get(path).status_code == 200, path


def test_a_dry_run_within_a_scope_judges_what_lies_in_it(server: Running, scoped: httpx.Client) -> None:
    asked = {"form": {"name": "short", "outcome": "hard", "rules": {"max_names": 1, "keys": ["rsa-8192"]}}}
    with client(server) as admin:
        everything = admin.post("/policies/dry-run", json=asked)
    mine = scoped.post("/policies/dry-run", json=asked)
    assert mine.status_code == 200
    assert not seen(mine)
    assert mine.json()["judged"] <= everything.json()["judged"]


def test_no_route_tells_a_secret_of_a_channel_or_an_authority(server: Running, estate: Estate) -> None:
    from base64 import b64encode

    needles = (CANARY, b64encode(CANARY.encode()).decode())
    with client(server) as admin:
        for method, path, name in route_names(server.server.config.app):
            if name == "feed.follow" or method not in ("GET", "POST"):
                continue
            answer = admin.request(method, server.url + path.replace("{id}", "1"), json={}, headers={"if-match": '"1"'})
            assert not any(each in answer.text for each in needles), name
    log = server.backend.audit.search(Query("")).rows(0, 500)
    assert not any(needle in str(row) for row in log for needle in needles)


def test_every_new_act_is_met_by_these_tests() -> None:
    nouns = {"orders", "alerts", "authorities", "cas", "policies", "channels", "work"}
    assert {act.partition(".")[0] for act in ACTS} >= nouns
    assert PREFIX == "/api/v1"
