"""Who may do what, made from the list of routes: a route without a rule fails here."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from certtui.model.access import ACTS, Access, Role, refusal
from certtui.server.app import route_names
from certtui.server.route import PREFIX
from tests.server_process import Running

PUBLIC = {"public.crl", "public.certificate", "public.ocsp"}
"""Made for strangers: signed statements of the built-in PKI."""

ANYBODY = {"healthz", "readyz", "openapi"} | PUBLIC
"""Open to strangers, and telling them nothing else."""

OF_ONES_OWN = {
    "info": None,
    "metrics": "certificates.overview",
    "calendar": "channels.calendar",
    "feed.follow": "feed.since",
    "listings.get": None,
    "listings.rows": None,
    "listings.position": None,
    "listings.ids": None,
    "listings.close": None,
}
"""No act of the seam: the rule that is asked instead, or None where whoever came in meets only what is their own."""

ACCESSES = [Access(role, keys, groups) for role in Role for keys in (False, True) for groups in (None, ("payments",))]


@pytest.fixture
def guest(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=10) as made:
        yield made


def routes(server: Running) -> list[tuple[str, str, str]]:
    return route_names(server.server.config.app)


def filled(path: str) -> str:
    path = path.replace("{id}", "999").replace("{container}", "999").replace("{listing}", "nobodys")
    return path.replace("{file:path}", "999.crl").replace("{question:path}", "MA==")


def test_every_route_has_a_rule(server: Running) -> None:
    without = {name for _, _, name in routes(server)} - set(ACTS) - ANYBODY - set(OF_ONES_OWN)
    assert not without


def test_every_act_of_the_seam_has_a_route(server: Running) -> None:
    # A form of export, which has its own test; and the server does its due work itself.
    inside = {"certificates.export_key", "renewals.run_due", "work.run_due"}
    assert set(ACTS) - {name for _, _, name in routes(server)} == inside


def test_a_stranger_is_let_in_nowhere(server: Running, guest: httpx.Client) -> None:
    for method, path, name in routes(server):
        answer = guest.request(method, filled(path))
        assert (answer.status_code == 401) == (name not in ANYBODY), f"{method} {path} {answer.status_code}"


@pytest.mark.parametrize(
    "access",
    ACCESSES,
    ids=lambda each: f"{each.role}-{'keys' if each.export_keys else 'plain'}-{'scoped' if each.scoped else 'all'}",
)
def test_a_route_answers_403_exactly_when_the_rule_says_so(
    server: Running, guest: httpx.Client, access: Access
) -> None:
    headers = server.headers(access.role, export_keys=access.export_keys, groups=access.groups)
    for method, path, name in routes(server):
        if name == "feed.follow":
            continue  # it would not end; `test_feed` has it
        act = OF_ONES_OWN.get(name, name)
        refused = act in ACTS and bool(refusal(access, act))
        answer = guest.request(method, filled(path), headers=headers)
        assert answer.status_code != 401, f"{method} {path}"
        assert (answer.status_code == 403) == refused, f"{method} {path} as {access}: {answer.text}"
        if refused:
            assert answer.json()["detail"] == refusal(access, act)


def test_a_refused_upload_is_not_even_read(server: Running, guest: httpx.Client) -> None:
    answer = guest.post(f"{PREFIX}/certificates", headers=server.headers("viewer"), content=b"{" * 3_000_000)
    assert answer.status_code == 403


def test_a_revoked_token_is_refused_at_once(server: Running, guest: httpx.Client) -> None:
    headers = server.headers("admin")
    mine = guest.get(f"{PREFIX}/tokens", headers=headers).json()[0]["id"]
    assert guest.delete(f"{PREFIX}/tokens/{mine}", headers=headers).status_code == 200
    assert guest.get(f"{PREFIX}/info", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic YWRhOmFkYQ==", "Bearer \xff\xfe", "Bearer ctt_nothing", "ctt_x"]
)
def test_what_is_no_token_is_401_with_a_hint_of_the_scheme(guest: httpx.Client, header: str) -> None:
    answer = guest.get(f"{PREFIX}/info", headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["hint"]
