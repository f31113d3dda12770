"""Lists held on the server: a frozen order with live rows, bounded, gone with a 410; and pages for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from certtui.clock import FixedClock
from certtui.errors import Interrupted
from certtui.model.certificate import CertificateEdit
from certtui.server.listings import IDLE, Listings
from certtui.server.settings import Settings
from tests.backend.entries import add, added, cert, resource
from tests.server.conftest import client
from tests.server_process import Running, running


@pytest.fixture
def filled(server: Running) -> list[str]:
    """Seven certificates; their names in order."""
    names = [f"{letter}.example.com" for letter in "abcdefg"]
    for name in reversed(names):
        add(server.backend, cert(name))
    return names


def opened(api: httpx.Client, noun: str = "certificates", **body: object) -> dict[str, object]:
    answer = api.post(f"/{noun}/listings", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_list_comes_with_its_first_rows_in_one_round_trip(api: httpx.Client, filled: list[str]) -> None:
    found = opened(api, first=3)
    assert [row["name"] for row in found["rows"]] == filled[:3]
    assert (found["total"], found["as_of"]) == (7, "2026-06-15T12:00:00Z")


def test_rows_positions_and_ids_are_those_of_the_frozen_order(
    server: Running, api: httpx.Client, filled: list[str]
) -> None:
    found = opened(api, first=0)
    path = f"/listings/{found['id']}"
    server.backend.certificates.edit(1, 1, CertificateEdit(name="aaa"))
    server.backend.certificates.delete(7, 1)
    rows = api.get(f"{path}/rows", params={"start": 0, "stop": 10}).json()["rows"]
    assert rows[0] == {"gone": 7}
    assert [row["name"] for row in rows[1:]] == [*filled[1:6], "aaa"]
    assert api.get(f"{path}/position", params={"id": 1}).json() == {"position": 6}
    assert api.get(f"{path}/position", params={"id": 99}).json() == {"position": None}
    assert api.get(f"{path}/ids").json() == [7, 6, 5, 4, 3, 2, 1]
    assert api.get(f"{path}/ids", params={"start": 2, "stop": 4}).json() == [5, 4]
    assert api.get(path, params={"wait": 1}).json()["total"] == 7


def test_filter_and_sort_are_those_of_the_language(api: httpx.Client, filled: list[str]) -> None:
    found = opened(api, filter="id:6,7", sort="-name")
    assert [row["name"] for row in found["rows"]] == ["b.example.com", "a.example.com"]
    wrong = api.post("/certificates/listings", json={"sort": "colour"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "sort")


def test_resources_and_the_audit_log_are_lists_too(server: Running, api: httpx.Client) -> None:
    resource(server.backend)
    assert opened(api, "resources")["rows"][0]["name"] == "lb-west"
    events = opened(api, "audit", sort="-id", filter="event:resource.*")["rows"]
    assert [each["event"] for each in events] == ["resource.create.success"]


def test_a_closed_list_is_410_and_closing_twice_is_fine(api: httpx.Client, filled: list[str]) -> None:
    found = opened(api)
    for _ in range(2):
        assert api.delete(f"/listings/{found['id']}").status_code == 204
    answer = api.get(f"/listings/{found['id']}/rows")
    assert (answer.status_code, answer.json()["type"]) == (410, "listing-gone")


def test_the_list_that_was_not_used_for_longest_makes_room(tmp_path: Path, clock: FixedClock) -> None:
    with running(tmp_path, clock=clock, settings=Settings(listings_each=3)) as server, client(server) as api:
        added(server.backend)
        ids = [opened(api)["id"] for _ in range(3)]
        api.get(f"/listings/{ids[0]}")
        opened(api)
        assert [api.get(f"/listings/{each}").status_code for each in ids] == [200, 410, 200]


def test_lists_of_all_are_bounded_in_bytes(tmp_path: Path, clock: FixedClock) -> None:
    with running(tmp_path, clock=clock, settings=Settings(listing_bytes=10_000)) as server:
        added(server.backend)
        with client(server) as one, client(server) as other:
            first, second, third = opened(one), opened(other), opened(other)
            assert one.get(f"/listings/{first['id']}").status_code == 410
            assert other.get(f"/listings/{second['id']}").status_code == 200
            assert other.get(f"/listings/{third['id']}").status_code == 200
        assert server.state.listings.size[1] <= 10_000


def test_idle_lists_are_let_go(server: Running, api: httpx.Client, filled: list[str]) -> None:
    now = [0.0]
    listings = Listings(Settings(), lambda: now[0])
    identity = server.backend.authenticate_token(secret(api))
    old = listings.hold(identity, "certificates", server.backend.certificates.search(query()))
    now[0] = IDLE + 1
    listings.hold(identity, "certificates", server.backend.certificates.search(query()))
    assert listings.size[0] == 1
    with pytest.raises(Interrupted):
        old.listing.rows(0, 1)
    listings.close()
    assert listings.size == (0, 0)


def test_a_page_holds_no_more_than_a_thousand_rows(api: httpx.Client, filled: list[str]) -> None:
    assert api.post("/certificates/listings", json={"first": 1001}).status_code == 422
    found = opened(api)
    assert api.get(f"/listings/{found['id']}/rows", params={"start": 0, "stop": 10**12}).status_code == 200


@pytest.mark.parametrize(
    "sort",
    [
        "name",
        "-name",
        "status",
        "-status",
        "not_after",
        "-not_after",
        "group",
        "-issuer",
        "id",
        "-id",
        "resources",
        "contact",
        "created",
    ],
)
def test_pages_for_scripts_come_to_the_whole_list_in_its_order(server: Running, api: httpx.Client, sort: str) -> None:
    for index in range(9):
        labels = {"business_group": ("", "Aa", "ab")[index % 3], "name": ("same", "Other", "öäü", "")[index % 4]}
        add(server.backend, cert(f"{index}.example.com", days=20 * index + 1), **labels)
    for index in range(3):
        api.post("/csrs", json={"subject": {"common_name": f"pending{index}.example.com"}})
    whole = [row["id"] for row in opened(api, sort=sort)["rows"]]
    assert len(whole) == 12
    for limit in (1, 2, 5, 12, 100):
        assert list(paged(api, sort=sort, limit=limit)) == whole, limit


def test_a_page_begins_behind_the_last_one_whatever_came_and_went(
    server: Running, api: httpx.Client, filled: list[str]
) -> None:
    first = api.get("/certificates", params={"limit": 3}).json()
    server.backend.certificates.delete(first["items"][-1]["id"], 1)
    add(server.backend, cert("aa.example.com"))
    add(server.backend, cert("cc.example.com"))
    second = api.get("/certificates", params={"limit": 3, "cursor": first["next"]}).json()
    assert [row["name"] for row in second["items"]] == ["cc.example.com", "d.example.com", "e.example.com"]


def test_a_page_keeps_the_instant_of_the_first(
    server: Running, api: httpx.Client, filled: list[str], clock: FixedClock
) -> None:
    first = api.get("/certificates", params={"limit": 1, "filter": "status:active"}).json()
    clock.advance(days=10_000)
    rest = api.get("/certificates", params={"limit": 9, "filter": "status:active", "cursor": first["next"]}).json()
    assert len(rest["items"]) == 6


@pytest.mark.parametrize("cursor", ["x", "====", "e30", "bnVsbA", "WzEsMiwzLDQsNSw2XQ", "é", "W10" * 9])
def test_what_is_no_cursor_of_ours_is_422(api: httpx.Client, cursor: str) -> None:
    answer = api.get("/certificates", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_a_cursor_of_another_query_is_refused(api: httpx.Client, filled: list[str]) -> None:
    cursor = api.get("/certificates", params={"limit": 1}).json()["next"]
    assert api.get("/certificates", params={"cursor": cursor, "sort": "-name"}).status_code == 422


def test_bodies_are_compressed_for_who_takes_it_but_never_a_secret(
    server: Running, api: httpx.Client, filled: list[str]
) -> None:
    for _ in range(2):
        listed = api.get("/certificates")
    assert listed.headers["content-encoding"] == "gzip"
    plain = api.get("/certificates", headers={"accept-encoding": "identity"})
    refused = api.get("/certificates", headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert plain.json() == listed.json()
    assert "content-encoding" not in api.post("/certificates/1/export", json={"form": "fullchain"}).headers


def paged(api: httpx.Client, **params: object) -> Iterator[int]:
    cursor: str | None = ""
    while cursor is not None:
        page = api.get("/certificates", params={**params, **({"cursor": cursor} if cursor else {})}).json()
        yield from (row["id"] for row in page["items"])
        cursor = page["next"]


def query():
    from certtui.model.query import Query

    return Query()


def secret(api: httpx.Client):
    from certtui.model.secret import Secret

    return Secret(api.headers["authorization"].removeprefix("Bearer "))


def test_rows_of_pages_are_the_very_text_that_rows_of_lists_are(server: Running, clock: FixedClock) -> None:
    """The short way from the driver's tuple to JSON says what the long way by the model says."""
    from certtui.backend import wire
    from certtui.model.certificate import CertificateRow
    from certtui.model.csr import CsrRequest, SubjectFields
    from certtui.model.query import Query, Sort

    backend = server.backend
    backend.csrs.create(CsrRequest(SubjectFields("pending.example.com")))
    add(
        backend,
        cert("odd.example.com"),
        key=True,
        name='"quoted" \\ öäü \x1b[31m \u202e 😀',
        business_group="</script>",
    )
    for days in (-900, -1, 0, 1, 5, 30, 89, 90, 91, 400):
        add(backend, cert(f"{days}.example.com", days=abs(days) + 1))
        clock.advance(days=3)
        rows, _ = backend.certificates.page(Query("", Sort("id")), "", 100)
        listed = backend.certificates.search(Query("", Sort("id"))).rows(0, 100)
        assert rows == [wire.encoder(CertificateRow)(each) for each in listed]
    assert len({row.status for row in listed}) >= 4


def test_a_page_asked_for_again_shows_every_change_at_once(
    server: Running, api: httpx.Client, filled: list[str]
) -> None:
    first = api.get("/certificates")
    assert api.get("/certificates").content == first.content
    server.backend.certificates.edit(1, 1, CertificateEdit(name="changed"))
    assert "changed" in api.get("/certificates").text
    with client(server, "viewer", groups=("nobody's",)) as other:
        assert other.get("/certificates").json()["items"] == []


def test_a_page_asked_for_a_day_later_is_of_that_day(server: Running, api: httpx.Client, clock: FixedClock) -> None:
    added(server.backend)
    before = api.get("/certificates").json()["items"][0]["days_remaining"]
    clock.advance(days=1)
    assert api.get("/certificates").json()["items"][0]["days_remaining"] == before - 1
