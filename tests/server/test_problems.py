"""Every error is a problem document with the status of its class, its request id, and nothing else of the server."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx
import pytest

from certtui import errors
from certtui.backend.wire_errors import PROBLEM_JSON, error_of
from certtui.model.filters import FilterError
from certtui.model.secret import Secret
from tests.backend.entries import added, resource
from tests.server.conftest import client
from tests.server_process import Running, running


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x."), 404),
        (errors.Ambiguous("x.", ((1, "a"),)), 409),
        (errors.Conflict("x."), 409),
        (errors.Denied("x."), 403),
        (errors.Invalid("x.", field="f"), 422),
        (errors.PasswordNeeded("x."), 422),
        (FilterError("x.", start=0, end=1), 422),
        (errors.Unreachable("x."), 503),
        (errors.Unsupported("x."), 501),
        (errors.Locked("x."), 423),
        (errors.Interrupted("x."), 503),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_family_maps_one_to_one(
    server: Running, api: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: errors.CerttuiError, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("certtui.backend.local.certificates.LocalCertificates.get", fail)
    answer = api.get("/certificates/1")
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM_JSON)
    assert type(error_of(answer.json(), status)) is type(error)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_bug_answers_500_without_a_word_of_itself_and_is_logged(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("certtui.backend.local.certificates.LocalCertificates.get", fail)
    with caplog.at_level(logging.ERROR):
        answer = api.get("/certificates/1")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert any("RuntimeError" in record.getMessage() for record in caplog.records)
    assert api.get("/info").status_code == 200


def test_a_lost_update_is_412_and_a_conflict_for_the_client(server: Running, api: httpx.Client) -> None:
    added(server.backend)
    first = api.patch("/certificates/1", json={"name": "a"}, headers={"if-match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    lost = api.patch("/certificates/1", json={"name": "b"}, headers={"if-match": '"1"'})
    assert lost.status_code == 412
    assert isinstance(error_of(lost.json(), 412), errors.Conflict)
    assert server.backend.certificates.get(1).row.name == "a"


def test_what_contradicts_without_having_moved_is_409(server: Running, api: httpx.Client) -> None:
    entry = added(server.backend)
    used = server.backend.resources.associate(entry.id, [resource(server.backend).row.id])
    answer = api.delete(f"/certificates/{entry.id}", headers={"if-match": f'"{used.version}"'})
    assert answer.status_code == 409
    gone = api.delete(f"/certificates/{entry.id}?dissociate=true", headers={"if-match": f'"{used.version}"'})
    assert (gone.status_code, gone.content) == (204, b"")


def test_a_change_without_a_version_is_428(server: Running, api: httpx.Client) -> None:
    added(server.backend)
    assert api.patch("/certificates/1", json={}).status_code == 428
    assert api.patch("/certificates/1", json={}, headers={"if-match": "*"}).status_code == 422


def test_a_filter_that_does_not_parse_names_the_part_at_fault(api: httpx.Client) -> None:
    problem = api.get("/certificates", params={"filter": "days<<3"}).json()
    assert (problem["type"], problem["field"]) == ("filter-error", "filter")
    error = error_of(problem)
    assert isinstance(error, FilterError)
    assert "days<<3"[error.start : error.end]


def test_an_ambiguous_name_comes_with_its_candidates(server: Running, api: httpx.Client) -> None:
    added(server.backend, "a.example.com", name="same")
    added(server.backend, "b.example.com", name="same")
    answer = api.get("/certificates/resolve", params={"reference": "same"})
    assert answer.status_code == 409
    assert [each[0] for each in answer.json()["candidates"]] == [1, 2]


def test_numbers_in_paths_are_numbers(api: httpx.Client) -> None:
    for wrong in ("abc", "-1", "1e3", "99999999999999999999", "٣"):
        assert api.get(f"/certificates/{wrong}").status_code == 422


def test_a_request_id_of_the_client_is_kept_and_a_strange_one_is_not(server: Running, api: httpx.Client) -> None:
    assert api.get("/info", headers={"x-request-id": "deploy-2026.11"}).headers["x-request-id"] == "deploy-2026.11"
    strange = api.get("/info", headers={"x-request-id": '"><script>'}).headers["x-request-id"]
    assert strange.isalnum()


def test_the_audit_event_says_who_from_where_over_which_way_with_the_request_id(
    server: Running, api: httpx.Client
) -> None:
    api.post("/resources", json={"name": "lb", "type": "host"}, headers={"x-request-id": "request-4711"})
    event = server.backend.audit.get(server.backend.audit.head().seq)
    assert json.loads(event.actor) == {
        "name": "ada", "kind": "user", "via": "api", "address": "127.0.0.1", "request_id": "request-4711",
        "credential": "token 1",
    }  # fmt: skip


def test_a_log_line_tells_act_and_status_and_never_a_name_a_query_or_a_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "certtui.server.access")
    with running(tmp_path) as server, client(server) as person:
        person.get("/certificates", params={"filter": "name:topsecret"}, headers={"x-request-id": "request-4712"})
    (line,) = [
        each.msg for each in caplog.records if isinstance(each.msg, dict) and each.msg["request_id"] == "request-4712"
    ]
    assert (line["act"], line["status"], line["actor"]) == ("certificates.page", 200, "ada")
    assert "topsecret" not in caplog.text
    assert "ctt_" not in caplog.text


def test_paths_and_methods_that_are_not_there_are_problems_too(server: Running) -> None:
    for method, path, status in (("GET", "/", 404), ("GET", "/docs", 404), ("DELETE", "/api/v1/info", 405)):
        answer = httpx.request(method, server.url + path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM_JSON)


def test_a_locked_store_still_lists_and_says_423_for_keys(server: Running, api: httpx.Client) -> None:
    entry = added(server.backend, key=True)
    server.backend.store.set_passphrase(Secret("a long passphrase"))
    server.backend.store.lock()
    assert api.get("/info").json()["locked"] is True
    assert api.get("/certificates").status_code == 200
    assert api.post(f"/certificates/{entry.id}/reveal-key").status_code == 423


def test_a_parameter_that_nobody_reads_is_refused_instead_of_listing_everything(api: httpx.Client) -> None:
    found = api.get("/certificates", params={"filtr": "status:expired"})
    assert found.status_code == 422
    assert found.json()["field"] == "filtr"
    assert found.json()["hint"] == "Known: cursor, filter, limit, sort."
    assert api.get("/csrs", params={"x": "1"}).json()["hint"] == "Leave it out."
