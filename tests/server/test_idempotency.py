"""A retry gets the first answer, and nothing happens twice: not over threads, servers, or a kill in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from certtui.clock import FixedClock
from tests.backend.entries import added, events
from tests.server.conftest import client
from tests.server_process import Running, running

KEY = {"idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
FORM = {"name": "lb-west", "type": "load-balancer"}


def test_a_retry_gets_the_first_answer_word_for_word(server: Running, api: httpx.Client) -> None:
    first = api.post("/resources", json=FORM, headers=KEY)
    again = api.post("/resources", json=FORM, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert events(server.backend).count("resource.create.success") == 1


def test_without_a_key_the_same_is_done_again(server: Running, api: httpx.Client) -> None:
    for _ in range(2):
        api.post("/csrs", json={"subject": {"common_name": "a.example.com"}})
    assert len(server.backend.csrs.list()) == 2


def test_a_key_with_another_request_is_refused(api: httpx.Client) -> None:
    api.post("/resources", json=FORM, headers=KEY)
    answer = api.post("/resources", json=FORM | {"name": "other"}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "idempotency-key-reused")


def test_keys_of_two_tokens_are_two_keys(server: Running, api: httpx.Client) -> None:
    api.post("/resources", json=FORM, headers=KEY)
    with client(server) as other:
        assert other.post("/resources", json=FORM | {"name": "other"}, headers=KEY).status_code == 201


def test_what_was_refused_may_be_tried_again_with_the_same_key(server: Running, api: httpx.Client) -> None:
    wrong = api.post("/resources", json=FORM | {"type": "boat"}, headers=KEY)
    assert wrong.status_code == 422
    assert api.post("/resources", json=FORM, headers=KEY).status_code == 201


def test_a_deletion_and_an_edit_are_repeated_too(server: Running, api: httpx.Client) -> None:
    entry = added(server.backend)
    for _ in range(2):
        edited = api.patch(f"/certificates/{entry.id}", json={"name": "b"}, headers=KEY | {"if-match": '"1"'})
        assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    for _ in range(2):
        gone = api.delete(f"/certificates/{entry.id}", headers={"idempotency-key": "k2", "if-match": '"2"'})
        assert (gone.status_code, gone.content) == (204, b"")


def test_the_answer_with_a_new_token_is_not_kept_and_a_retry_says_so(server: Running, api: httpx.Client) -> None:
    body = {"actor": "ci", "access": {"role": "viewer"}}
    token = api.post("/tokens", json=body, headers=KEY).json()["token"]
    again = api.post("/tokens", json=body, headers=KEY)
    assert (again.status_code, again.json()["type"]) == (409, "idempotency-answer-not-kept")
    made = next(each for each in server.backend.people.list_tokens() if each.actor == "ci")
    assert again.json()["object_ids"] == [made.id]
    with server.backend._store.readers.use() as connection:
        kept = repr(connection.execute("SELECT * FROM once").fetchall())
    assert token not in kept
    assert "ctt_" not in kept


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256])
def test_what_can_be_no_key_is_400(api: httpx.Client, key: str) -> None:
    answer = api.post("/resources", json=FORM, headers={"idempotency-key": key.encode()})
    assert answer.status_code == 400


def test_the_same_key_at_the_same_time_is_done_once(server: Running, api: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: api.post("/csrs", json={"subject": {"common_name": "a.b"}}, headers=KEY), range(8))
        )
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert len(server.backend.csrs.list()) == 1


def test_two_servers_on_one_store_do_it_once(server: Running, tmp_path: Path, clock: FixedClock) -> None:
    headers = server.headers("admin") | KEY
    with running(tmp_path, clock=clock) as second:
        gate = threading.Barrier(6)

        def ask(number: int) -> httpx.Response:
            url = (server, second)[number % 2].url
            gate.wait(5)
            return httpx.post(f"{url}/api/v1/csrs", json={"subject": {"common_name": "a.b"}}, headers=headers)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(ask, range(6)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["id"] for each in answers}) == 1
    assert len(server.backend.csrs.list()) == 1


def test_an_answer_that_was_lost_before_it_was_written_down_is_made_again(server: Running, api: httpx.Client) -> None:
    """As after a kill between the commit of the change and that of its answer."""
    first = api.post("/resources", json=FORM, headers=KEY)
    forget_answers(server)
    again = api.post("/resources", json=FORM, headers=KEY)
    assert again.status_code == 201
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert server.backend.resources.resolve("lb-west") == 1


def test_every_change_says_what_a_retry_gets_when_its_answer_was_lost(server: Running) -> None:
    from certtui.server.routes import NOUNS

    without = {each.act for noun in NOUNS for each in noun.all if each.changes and each.again is None}
    # Secrets, which are never told twice; bulk outcomes and what has no single object say that it was done.
    assert without == {
        "people.create_token", "people.revoke_token", "people.add_mapping", "people.remove_mapping",
        "certificates.edit_many", "certificates.delete_many", "csrs.complete", "policies.add_set", "policies.waive",
        "alerts.acknowledge_many", "alerts.snooze_many", "alerts.resolve_many", "alerts.reopen_many", "alerts.sweep",
        "channels.test", "orders.preflight", "repositories.add_certificates", "repositories.remove_certificates",
    }  # fmt: skip


def test_a_key_survives_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    with running(tmp_path, clock=clock) as before:
        headers = before.headers("admin") | KEY
        first = httpx.post(f"{before.url}/api/v1/resources", json=FORM, headers=headers)
    with running(tmp_path, clock=clock) as after:
        again = httpx.post(f"{after.url}/api/v1/resources", json=FORM, headers=headers)
    assert again.content == first.content


def test_keys_are_forgotten_after_a_day(server: Running, api: httpx.Client, clock: FixedClock) -> None:
    api.post("/resources", json=FORM, headers=KEY)
    server.backend.answers.forget(clock.now() - timedelta(hours=23))
    assert api.post("/resources", json=FORM, headers=KEY).status_code == 201
    server.backend.answers.forget(clock.now() + timedelta(seconds=1))
    assert api.post("/resources", json=FORM, headers=KEY).status_code == 409  # the name is taken: it was asked anew


def forget_answers(server: Running) -> None:
    from sqlalchemy import text

    with server.backend._store.writer.transaction() as session:
        session.execute(text("UPDATE once SET body = NULL, etag = ''"))


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    yield
    assert not [each for each in threading.enumerate() if each.name == "test-server" and each.is_alive()]
