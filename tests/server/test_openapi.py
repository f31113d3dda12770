"""The document says what the server does: checked against thousands of requests made from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck

from certtui.clock import FixedClock
from certtui.server.app import route_names
from certtui.server.openapi import document
from tests.backend import issuing
from tests.backend.entries import added, resource
from tests.certs import NOW
from tests.server_process import Running, running

STREAMS = "/api/v1/feed"


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory):
    """A server with something in it; requests of this module may do to it what they like."""
    clock = FixedClock(NOW)
    with running(tmp_path_factory.mktemp("api"), clock=clock) as server:
        entry = added(server.backend, key=True, business_group="payments")
        server.backend.resources.associate(entry.id, [resource(server.backend).row.id])
        issuing.local_authority(server.backend)
        issuing.complete(server.backend)
        issuing.external_authority(server.backend)
        issuing.pending(server.backend, "waits.example.com", "globex")
        server.backend.policies.add_set("strict")
        clock.advance(days=70)
        server.backend.alerts.sweep()
        yield server


@pytest.fixture(scope="module")
def key(lively: Running) -> dict[str, str]:
    return lively.headers("admin", export_keys=True)


SCHEMA = schemathesis.openapi.from_dict(document())
# The feed never ends; and a token must outlive the module: revoking one would turn every answer into 401.
# A request of OCSP is no JSON; `test_public` sends good and bad ones.
LEFT_OUT = {STREAMS, "/api/v1/tokens/{id}", "/pki/ocsp"}
OPERATIONS = sorted(
    (path, method) for path, each in document()["paths"].items() for method in each if path not in LEFT_OUT
)


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda each: str(each))
def test_every_operation_answers_as_the_document_says(
    lively: Running, key: dict[str, str], path: str, method: str
) -> None:
    operation = SCHEMA[path][method]

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def holds(case: schemathesis.Case) -> None:
        answer = case.call(base_url=lively.url, headers=key)
        case.validate_response(answer, excluded_checks=_OUT_OF_PLACE)
        assert answer.status_code < 500 or answer.status_code in (501, 503)

    holds()


_OUT_OF_PLACE = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "ignored_auth",  # asked again without a token: test_authorisation has it for every route
        "use_after_free",
        "ensure_resource_availability",
        "positive_data_acceptance",  # a schema can't know which ids, hashes and PEM texts exist
        "unsupported_method",
        "missing_required_header",
    )
]


def test_every_route_is_in_the_document(lively: Running) -> None:
    described = {(method.upper(), path) for path, each in document()["paths"].items() for method in each}
    found = route_names(lively.server.config.app)
    served = {(method, path.replace(":path}", "}")) for method, path, name in found if name != "openapi"}
    assert described == served


def test_a_person_can_read_it() -> None:
    for path, each in document()["paths"].items():
        for method, operation in each.items():
            assert operation["summary"][0].isupper(), path
            assert not operation["summary"].endswith("."), path
            if "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                assert "example" in body or "replace" in path, (
                    path,
                    method,
                )
    for name, schema in document()["components"]["schemas"].items():
        assert schema.get("description"), name


def test_examples_are_what_their_routes_take() -> None:
    from certtui.backend import wire
    from certtui.server.routes import NOUNS

    for noun in NOUNS:
        for route in noun.all:
            if route.example is not None:
                wire.loads(route.takes, json.dumps(route.example), strict=True)


def test_the_document_holds_no_path_of_this_machine() -> None:
    text = json.dumps(document())
    assert str(Path(__file__).parents[2]) not in text
    assert not re.search(r"/(home|root|tmp|work)/", text)
