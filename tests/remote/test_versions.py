"""An older or a newer server: what both know works, the rest is greyed with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from gzip import decompress
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from certtui import __version__
from certtui.errors import Invalid, Unreachable, Unsupported
from certtui.model.query import Query
from certtui.model.secret import Secret
from certtui.server.endpoint import endpoint as real_endpoint
from tests.remote.estate import Served, served
from tests.screens.harness import press, settle, text_of


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        made.estate.add("api-gateway", days=29)
        yield made


def answering(monkeypatch: pytest.MonkeyPatch, team: Served, act: str, change: Callable[[Any], Any]) -> None:
    """Let a server whose answers to one act are changed take the place of the present one."""

    def endpoint(route: Any, state: Any) -> Any:
        inner = real_endpoint(route, state)
        if route.act != act:
            return inner

        async def answer(request: Request) -> Response:
            response = await inner(request)
            body = bytes(response.body)
            document = change(json.loads(decompress(body) if "content-encoding" in response.headers else body))
            return Response(json.dumps(document), media_type="application/json")

        return answer

    monkeypatch.setattr("certtui.server.app.endpoint", endpoint)
    team.server.stop()
    team.server.start()


async def test_what_an_older_server_can_not_do_is_greyed_with_the_versions(
    monkeypatch: pytest.MonkeyPatch, team: Served
) -> None:
    def older(info: Any) -> Any:
        return {**info, "version": "0.0.9", "acts": [act for act in info["acts"] if act != "certificates.add"]}

    answering(monkeypatch, team, "info", older)
    backend = team.open()
    reason = backend.capabilities.why_not("certificates.add")
    assert reason == f"This server (certtui 0.0.9) can't do that yet; this is {__version__}."
    async with team.console(backend=backend) as (app, pilot):
        await press(pilot, "a")
        assert "This server (certtui 0.0.9)" in text_of(app)
        await press(pilot, "enter")
        assert "api-gateway.example.com" in text_of(app)


def test_what_a_newer_server_says_beside_what_we_know_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, team: Served
) -> None:
    def newer(info: Any) -> Any:
        return {**info, "version": "9.0", "acts": [*info["acts"], "orders.place"], "quota": {"left": 3}}

    answering(monkeypatch, team, "info", newer)
    backend = team.open()
    assert backend.capabilities.why_not("certificates.add") == ""
    assert backend.certificates.overview().total == 1


def test_a_newer_servers_rows_may_have_more_fields(monkeypatch: pytest.MonkeyPatch, team: Served) -> None:
    def newer(listing: Any) -> Any:
        return {**listing, "rows": [{**row, "grade": "A+"} for row in listing["rows"]]}

    answering(monkeypatch, team, "certificates.search", newer)
    (row,) = team.open().certificates.search(Query()).rows(0, 10)
    assert row.name == "api-gateway"


@pytest.mark.parametrize("missing", ["acts", "access", "actor"])
def test_an_answer_that_lacks_what_is_needed_names_it_and_nothing_crashes(
    monkeypatch: pytest.MonkeyPatch, team: Served, missing: str
) -> None:
    answering(monkeypatch, team, "info", lambda info: {name: value for name, value in info.items() if name != missing})
    with pytest.raises(Unreachable, match=rf"does not understand \({missing}\)"):
        team.open()


def test_rows_of_a_kind_that_is_not_understood_are_an_error_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, team: Served
) -> None:
    def strange(listing: Any) -> Any:
        return {**listing, "rows": [{**row, "status": "quantum"} for row in listing["rows"]]}

    answering(monkeypatch, team, "certificates.search", strange)
    with pytest.raises(Unreachable, match="something that is no list"):
        team.open().certificates.search(Query())


def test_another_program_at_that_address_is_told_from_a_server(team: Served) -> None:
    with pytest.raises(Unreachable, match="has no API of certtui there"):
        team.open(url=f"{team.server.url}/elsewhere")


def test_acts_on_the_store_say_why_not(team: Served) -> None:
    backend = team.open()
    for act in ("status", "lock", "check", "rekey"):
        with pytest.raises(Unsupported) as refused:
            getattr(backend.store, act)()
        assert refused.value.message == backend.capabilities.why_not(f"store.{act}")


def test_a_server_from_before_the_orders_says_so_of_every_new_act(
    monkeypatch: pytest.MonkeyPatch, team: Served
) -> None:
    new = ("orders", "authorities", "cas", "work", "policies", "alerts", "channels")

    def older(info: Any) -> Any:
        acts = [act for act in info["acts"] if act.partition(".")[0] not in new and "revo" not in act]
        return {**info, "version": "0.0.9", "acts": acts}

    answering(monkeypatch, team, "info", older)
    backend = team.open()
    for noun, act in (
        ("orders", "overview"),
        ("authorities", "types"),
        ("alerts", "open_counts"),
        ("channels", "list"),
    ):
        with pytest.raises(Unsupported, match=r"certtui 0\.0\.9\) can't do that yet"):
            getattr(getattr(backend, noun), act)()
    assert "0.0.9" in backend.capabilities.why_not("certificates.revoke")
    assert backend.certificates.overview().total == 1


def test_a_filter_error_keeps_its_place_over_the_wire(team: Served) -> None:
    with pytest.raises(Invalid) as refused:
        team.open().certificates.search(Query("group:a stat:x"))
    assert refused.value.field == "filter"
    assert (refused.value.start, refused.value.end) != (0, 0)  # type: ignore[attr-defined]  # a FilterError


async def test_a_locked_server_is_told_and_nothing_asks_for_its_passphrase_here(team: Served) -> None:
    number = team.estate.ids["api-gateway"]
    team.estate.backend.store.lock()
    async with team.console() as (app, pilot):
        assert "locked" in text_of(app).splitlines()[0]
        await press(pilot, "enter", "v")
        await settle(pilot)
        assert "on its server" in text_of(app) or "locked" in text_of(app)
    team.estate.backend.store.unlock(Secret(b""))
    assert team.open().certificates.reveal_key(number)
