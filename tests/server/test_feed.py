"""The change feed: another person's change is told within a second, and a broken connection misses nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import httpx
import pytest

from certtui.clock import FixedClock
from certtui.model.certificate import CertificateEdit
from certtui.server import stream
from certtui.server.settings import Settings
from tests.backend.entries import add, added, cert, resource
from tests.server.conftest import client
from tests.server_process import Running, running


class Stream:
    """Server-sent events as a client reads them."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.iter_lines()
        self.last_id = ""

    def next(self) -> dict[str, object] | None:
        """The next change; None at the end of the stream."""
        data = ""
        for line in self.lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and data:
                return json.loads(data)
        return None


def follow(api: httpx.Client, **options: object):
    return api.stream("GET", "/feed", **options)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_a_change_is_told_within_a_second_with_what_it_touched(
    server: Running, api: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    with follow(api) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        waiting = pool.submit(stream.next)
        entry = add(server.backend, cert("www.example.com"))
        began = monotonic()
        change = waiting.result(30)
        assert monotonic() - began < 1
    assert change is not None
    assert (change["event"], change["object_ids"]) == ("certificate.import.success", [entry.id])
    assert stream.last_id == str(change["seq"])


def test_last_event_id_resumes_where_the_connection_broke(server: Running, api: httpx.Client) -> None:
    resource(server.backend, "one")
    with follow(api, params={"since": 0}) as answer:
        stream = Stream(answer)
        events = [stream.next() for _ in range(1)]
        while events[-1] and events[-1]["event"] != "resource.create.success":
            events.append(stream.next())
    resource(server.backend, "two")
    resource(server.backend, "three")
    with follow(api, headers={"last-event-id": stream.last_id}) as answer:
        resumed = Stream(answer)
        told = [resumed.next() for _ in range(2)]
    assert [each["object_ids"] for each in told if each] == [[2], [3]]


def test_a_change_through_another_server_is_told_too(
    server: Running, api: httpx.Client, tmp_path: Path, clock: FixedClock, pool: ThreadPoolExecutor
) -> None:
    with running(tmp_path, clock=clock) as second, client(second) as other, follow(api) as answer:
        waiting = pool.submit(Stream(answer).next)
        other.post("/resources", json={"name": "lb", "type": "host"})
        change = waiting.result(30)
    assert change is not None
    assert change["event"] in ("token.create.success", "resource.create.success")


def test_what_lies_outside_the_scope_is_not_told_but_the_number_moves_on(
    server: Running, pool: ThreadPoolExecutor
) -> None:
    ours = added(server.backend, "ours.example.com", business_group="ours")
    with client(server, "viewer", groups=("ours",)) as person, follow(person) as answer:
        waiting = pool.submit(Stream(answer).next)
        added(server.backend, "theirs.example.com", business_group="theirs")
        server.backend.certificates.edit(ours.id, 1, CertificateEdit(description="x"))
        change = waiting.result(30)
    assert change is not None
    assert (change["event"], change["object_ids"]) == ("certificate.edit.success", [ours.id])


def test_a_revoked_token_ends_its_stream(tmp_path: Path, clock: FixedClock, pool: ThreadPoolExecutor) -> None:
    settings = Settings(feed_interval=0.05, identity_cache=0.1, graceful=5)
    with (
        running(tmp_path, clock=clock, settings=settings) as server,
        client(server) as person,
        follow(person) as answer,
    ):
        waiting = pool.submit(lambda: list(answer.iter_lines()))
        for token in server.backend.people.list_tokens():
            server.backend.people.revoke_token(token.id)
        text = "\n".join(waiting.result(30))
    assert "token.revoke" not in text


def test_a_token_that_is_revoked_between_the_question_who_asks_and_the_answer_is_told_nothing(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    with running(tmp_path, clock=clock, settings=Settings(graceful=5)) as server, client(server) as person:
        admitted = stream.authenticated

        async def then_revoked(request: object, state: object) -> object:
            identity = await admitted(request, state)  # type: ignore[arg-type]
            asked.append(identity)
            if len(asked) == 2:
                for token in server.backend.people.list_tokens():
                    server.backend.people.revoke_token(token.id)
            return identity

        monkeypatch.setattr(stream, "authenticated", then_revoked)
        with follow(person) as answer:
            text = "\n".join(answer.iter_lines())
    assert "token.revoke" not in text


def test_a_stopping_server_ends_its_streams_and_does_not_wait_for_them(tmp_path: Path, clock: FixedClock) -> None:
    began = monotonic()
    with running(tmp_path, clock=clock) as server:
        ended = threading.Event()
        api = client(server)

        def read() -> None:
            with follow(api) as answer:
                opened.set()
                for _ in answer.iter_lines():
                    pass
            ended.set()

        opened = threading.Event()
        threading.Thread(target=read, daemon=True).start()
        assert opened.wait(5)
    assert ended.wait(5)
    api.close()
    assert monotonic() - began < 5


def test_streams_of_one_person_are_bounded(tmp_path: Path, clock: FixedClock) -> None:
    with (
        running(tmp_path, clock=clock, settings=Settings(streams_each=1, graceful=5)) as server,
        client(server) as api,
        follow(api) as first,
    ):
        assert first.status_code == 200
        with follow(api) as second:
            assert (second.status_code, second.headers["retry-after"]) == (429, "10")


def test_asking_works_without_a_stream(server: Running, api: httpx.Client) -> None:
    before = api.get("/feed/latest").json()["seq"]
    resource(server.backend)
    changes = api.get("/feed/changes", params={"since": before}).json()
    assert [each["event"] for each in changes] == ["resource.create.success"]
    assert api.get("/feed/latest").json()["seq"] == changes[-1]["seq"]


@pytest.mark.parametrize("number", ["x", "-1", "1.5"])
def test_what_is_no_number_is_422(api: httpx.Client, number: str) -> None:
    assert api.get("/feed", headers={"last-event-id": number}).status_code == 422


def test_a_quiet_stream_gives_signs_of_life(tmp_path: Path, clock: FixedClock) -> None:
    settings = Settings(heartbeat=0.05, feed_interval=0.05, graceful=5)
    with running(tmp_path, clock=clock, settings=settings) as server, client(server) as api, follow(api) as answer:
        assert any(line == ": still here" for line in answer.iter_lines())
