"""Pages that are sent again: the same bytes as long as nothing changed, and nobody is let through on another's account."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from certtui.server.limits import Together
from certtui.server.quick import PATH, Shared
from tests.server_process import Running


def ask(server: Running, headers: dict[str, str], query: str = "") -> httpx.Response:
    return httpx.get(f"{server.url}{PATH}{query}", headers=headers)


def test_a_page_that_is_asked_for_again_is_the_same_page(server: Running) -> None:
    headers = server.headers()
    first, again = ask(server, headers), ask(server, headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert first.headers["x-request-id"] != again.headers["x-request-id"]


def test_a_revoked_token_gets_no_kept_page(server: Running) -> None:
    headers = server.headers(actor="leaver")
    assert [ask(server, headers).status_code for _ in range(3)] == [200, 200, 200]
    token = next(each for each in server.backend.people.list_tokens() if each.actor == "leaver")
    server.backend.people.revoke_token(token.id)
    assert ask(server, headers).status_code == 401


def test_a_kept_page_is_for_those_who_may_see_the_same(server: Running) -> None:
    assert ask(server, server.headers()).status_code == 200
    stranger = {"authorization": "Bearer nobody"}
    assert ask(server, stranger).status_code == 401
    assert httpx.get(f"{server.url}{PATH}").status_code == 401


def test_a_refused_question_is_refused_every_time(server: Running) -> None:
    headers = server.headers()
    assert [ask(server, headers, "?limit=0").status_code for _ in range(2)] == [422, 422]


async def test_who_asks_while_it_is_asked_gets_a_later_answer() -> None:
    answers = iter(range(10))
    with ThreadPoolExecutor(1) as pool:
        shared = Shared(lambda: next(answers), pool)
        found = await asyncio.gather(*(shared() for _ in range(5)))
    assert found == [0, 1, 1, 1, 1]


async def test_an_error_is_everybodys() -> None:
    def fail() -> int:
        raise OSError

    with ThreadPoolExecutor(1) as pool:
        shared = Shared(fail, pool)
        found = await asyncio.gather(*(shared() for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [OSError] * 3
    with pytest.raises(OSError), ThreadPoolExecutor(1) as pool:
        await Shared(fail, pool)()


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


async def test_the_head_of_an_answer_goes_with_its_body() -> None:
    wire = Wire()
    together = Together(wire, asyncio.get_running_loop())  # type: ignore[arg-type]  # what it uses of one
    for piece in (HEAD, b"body", b"", b"more"):
        together.write(piece)
    await asyncio.sleep(0)
    assert wire.sent == [HEAD + b"body", b"more"]


async def test_a_head_alone_waits_for_nothing() -> None:
    wire = Wire()
    together = Together(wire, asyncio.get_running_loop())  # type: ignore[arg-type]  # what it uses of one
    together.write(HEAD)
    await asyncio.sleep(0)
    assert wire.sent == [HEAD]
    together.write(HEAD)
    together.close()
    assert (wire.sent, wire.closed) == ([HEAD, HEAD], True)
