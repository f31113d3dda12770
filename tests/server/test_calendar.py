"""The calendar of expiries: what a calendar program subscribes to, with a token as its password."""

from __future__ import annotations

import httpx
import pytest

from tests.backend.entries import added
from tests.server_process import Running

PATH = "/api/v1/calendar.ics"


def test_a_calendar_program_logs_in_with_the_token_as_password(server: Running) -> None:
    added(server.backend)
    token = server.token("viewer")
    for way in ({"auth": ("anybody", token)}, {"auth": (token, "")}, {"headers": {"authorization": f"Bearer {token}"}}):
        answer = httpx.get(server.url + PATH, **way)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
        assert "www.example.com" in answer.text
        assert answer.headers["cache-control"].startswith("private")


def test_who_has_it_already_hears_so(server: Running) -> None:
    headers = server.headers("viewer")
    first = httpx.get(server.url + PATH, headers=headers)
    again = httpx.get(server.url + PATH, headers=headers | {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_holds_what_its_person_may_see(server: Running) -> None:
    added(server.backend, "ours.example.com", business_group="ours")
    added(server.backend, "theirs.example.com", business_group="theirs")
    text = httpx.get(server.url + PATH, headers=server.headers("viewer", groups=("ours",))).text
    assert "ours.example.com" in text
    assert "theirs" not in text


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic Og==", "Basic YTpjdHRfbm90aGluZw==", "Bearer x"])
def test_without_a_token_a_calendar_is_asked_for_its_password(server: Running, header: str) -> None:
    answer = httpx.get(server.url + PATH, headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="certtui"'


def test_nothing_else_opens_to_a_password(server: Running) -> None:
    assert httpx.get(f"{server.url}/api/v1/info", auth=("ada", server.token())).status_code == 401
