"""Orders, CAs, policies, alerts and channels over a bad line: every change is sent twice and happens once."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
import pytest

from certtui.clock import FixedClock
from certtui.model.query import Query
from certtui.server.routes import NOUNS
from tests.backend.issuing import csr, external_authority, signed
from tests.channels.sinks import http_sink
from tests.server.test_idempotency import forget_answers
from tests.server_process import Running

ROOT = {"spec": {"subject": {"common_name": "Root"}, "key_type": "ec-256"}}
ISSUING = {"spec": {"subject": {"common_name": "Issuing"}, "key_type": "ec-256"}}
FORM = {"authority": "internal", "subject": {"common_name": "www.example.com"}}


class Twice:
    """Sends each change twice, as after a connection that broke; `lost` forgets the answer in between, as a kill does."""

    def __init__(self, server: Running, api: httpx.Client, *, lost: bool) -> None:
        self._server, self._api, self._lost = server, api, lost
        self._number = 0

    def __call__(self, method: str, path: str, body: object = None, version: int | None = None) -> Any:
        self._number += 1
        headers = {"idempotency-key": f"retry-{self._number}"} | (
            {} if version is None else {"if-match": f'"{version}"'}
        )
        first = self._api.request(method, path, json=body, headers=headers)
        assert first.status_code < 300, f"{method} {path}: {first.text}"
        before = self._server.backend.audit.head()
        if self._lost:
            forget_answers(self._server)
        again = self._api.request(method, path, json=body, headers=headers)
        assert (again.status_code, again.content) == (first.status_code, first.content), (
            f"{method} {path}: {again.text}"
        )
        assert again.headers.get("etag") == first.headers.get("etag")
        assert self._server.backend.audit.head() == before, f"{method} {path} did something twice"
        return first.json() if first.content else None


@pytest.fixture(params=[False, True], ids=["answer-kept", "answer-lost"])
def twice(request: pytest.FixtureRequest, server: Running, api: httpx.Client) -> Twice:
    return Twice(server, api, lost=request.param)


def test_a_pki_is_set_up_and_issues(twice: Twice, server: Running) -> None:
    root = twice("POST", "/cas/roots", ROOT)
    issuing = twice("POST", f"/cas/{root['row']['id']}/intermediates", ISSUING)
    number, version = issuing["row"]["id"], issuing["row"]["version"]
    issuing = twice("PUT", f"/cas/{number}/settings", {"crl_days": 3}, version)
    twice("POST", f"/cas/{number}/crl")
    twice("POST", "/cas/requests", {"spec": {"subject": {"common_name": "Waiting"}, "key_type": "ec-256"}})
    authority = twice("POST", "/authorities", {"name": "internal", "type": "local", "settings": {"ca": "Issuing"}})
    twice("PATCH", "/authorities/1", {"description": "ours"}, authority["row"]["version"])
    twice("POST", "/authorities/1/test")
    order = twice("POST", "/orders", FORM)
    order = twice("PUT", f"/orders/{order['row']['id']}", FORM | {"days": 10}, order["row"]["version"])
    order = twice("POST", "/orders/1/generate", version=order["row"]["version"])
    order = twice("POST", "/orders/1/back-to-draft", version=order["row"]["version"])
    order = twice("POST", "/orders/1/submit", version=order["row"]["version"])
    assert order["row"]["status"] == "complete"
    entry = server.backend.certificates.get(order["row"]["certificate_id"])
    assert entry.x509 is not None
    revoked = twice(
        "POST", f"/certificates/{entry.id}/revoke", {"serial_number": entry.x509.serial_number}, entry.version
    )
    assert revoked["row"]["status"] == "revoked"
    twice("POST", f"/cas/{number}/roll-over", {}, server.backend.cas.get(number).row.version)
    twice("POST", f"/cas/{number}/retire", {"living": 0}, server.backend.cas.get(number).row.version)
    assert len(server.backend.cas.search(Query()).rows(0, 50)) == 4
    assert len(server.backend.orders.search(Query("", sort_id())).rows(0, 50)) == 1


def sort_id() -> Any:
    from certtui.model.query import Sort

    return Sort("id")


def test_an_external_order_waits_is_cancelled_and_sent_again(twice: Twice, server: Running) -> None:
    external_authority(server.backend)
    uploaded = {"authority": "globex", "csr": b64encode(csr()).decode(), "reference": "q3"}
    order = twice("POST", "/orders", uploaded)
    order = twice("POST", "/orders/1/submit", version=order["row"]["version"])
    twice("POST", "/orders/1/look")
    version = server.backend.orders.get(1).version
    order = twice("POST", "/orders/1/cancel", version=version)
    again = {key: value for key, value in uploaded.items() if key != "reference"}
    order = twice("POST", "/orders/1/send-again", again, order["row"]["version"])
    assert order["row"]["id"] == 2
    order = twice("POST", "/orders/2/submit", version=order["row"]["version"])
    made = signed(order["csr_pem"])
    done = twice(
        "POST", "/orders/2/complete", {"leaf": b64encode(made.x509.der).decode()}, server.backend.orders.get(2).version
    )
    assert done["row"]["status"] == "complete"


def test_policies_are_written_and_removed(twice: Twice) -> None:
    policy = twice("POST", "/policies", {"name": "short", "outcome": "soft", "rules": {"max_names": 3}})
    policy = twice("PATCH", "/policies/1", {"enabled": True}, policy["row"]["version"])
    twice("DELETE", "/policies/1", version=policy["row"]["version"])


def test_alerts_are_handled(twice: Twice, server: Running, clock: FixedClock) -> None:
    from tests.backend.entries import added

    added(server.backend)
    clock.advance(days=360)
    server.backend.alerts.sweep()
    alert = server.backend.alerts.get(1)
    found = twice("POST", "/alerts/1/acknowledge", {"note": "mine"}, alert.version)
    found = twice("POST", "/alerts/1/snooze", {"until": "2027-06-12T00:00:00Z"}, found["row"]["version"])
    found = twice("POST", "/alerts/1/resolve", {"note": "done"}, found["row"]["version"])
    twice("POST", "/alerts/1/reopen", {}, found["row"]["version"])
    twice("PUT", "/alerts/thresholds", {"business_group": "", "days": [30, 7]})


def test_channels_are_written_and_removed(twice: Twice, server: Running) -> None:
    with http_sink() as sink:
        form = {"name": "hook", "settings": {"type": "webhook", "url": sink.url}}
        channel = twice("POST", "/channels", form)
        channel = twice("PUT", "/channels/1", form | {"enabled": False}, channel["version"])
        twice("DELETE", "/channels/1", version=server.backend.channels.get(1).version)


def test_whoever_was_overtaken_hears_so_with_412(server: Running, api: httpx.Client, clock: FixedClock) -> None:
    from tests.backend.entries import added
    from tests.backend.issuing import local_authority, saved

    local_authority(server.backend)
    saved(server.backend)
    added(server.backend)
    clock.advance(days=360)
    server.backend.alerts.sweep()
    api.post("/policies", json={"name": "short", "rules": {"max_names": 3}})
    api.post("/channels", json={"name": "h", "settings": {"type": "webhook", "url": "https://h.example.com/"}})
    met = set()
    bodies = {each.act: each.example for noun in NOUNS for each in noun.all}
    bodies["channels.edit"] = {"name": "h", "settings": {"type": "webhook", "url": "https://h.example.com/"}}
    bodies["policies.edit"] = {"name": "shorter"}
    for noun in NOUNS:
        for route in noun.all:
            if not route.if_match or route.path.split("/")[1] not in (
                "orders",
                "authorities",
                "policies",
                "alerts",
                "channels",
            ):
                continue
            if route.act in ("orders.complete",):
                continue  # what it takes is looked at first
            if route.act.startswith("accounts."):
                continue  # this authority has none; `tests/acme/test_accounts_remote.py`
            answer = api.request(
                route.method,
                route.path.replace("{id}", "1"),
                json=bodies[route.act],
                headers={"if-match": '"77"', "idempotency-key": route.act},
            )
            met.add(answer.status_code)
            assert answer.status_code == 412, f"{route.act} {answer.text}"
            assert answer.json()["type"] == "conflict"
    assert met == {412}


def test_what_a_policy_says_travels_with_its_findings(server: Running, api: httpx.Client) -> None:
    from tests.backend.issuing import local_authority

    local_authority(server.backend)
    for name, outcome in (("hard", "hard"), ("soft", "soft")):
        rules = {"forbidden_names": [f"{name}.example.com"]}
        api.post("/policies", json={"name": name, "outcome": outcome, "enabled": True, "rules": rules})
    for name, status, kind in (("hard", 403, "policy-refused"), ("soft", 422, "reason-needed")):
        form = {"authority": "internal", "subject": {"common_name": f"{name}.example.com"}}
        order = api.post("/orders", json=form).json()
        headers = {"if-match": f'"{order["row"]["version"]}"', "idempotency-key": f"{name}-1"}
        for _ in range(2):
            answer = api.post(f"/orders/{order['row']['id']}/submit", headers=headers)
            assert answer.status_code == status, answer.text
            assert answer.json()["type"] == kind
            assert [each["policy_name"] for each in answer.json()["findings"]] == [name]
    reason = api.put(
        f"/orders/{order['row']['id']}",
        json=form | {"reason": "agreed with the owner"},
        headers={"if-match": f'"{order["row"]["version"]}"'},
    )
    done = api.post(f"/orders/{order['row']['id']}/submit", headers={"if-match": reason.headers["etag"]})
    assert done.json()["row"]["status"] == "complete"


def test_who_ordered_over_the_api_is_a_token(server: Running, api: httpx.Client) -> None:
    order = api.post("/orders", json={"subject": {"common_name": "www.example.com"}}).json()
    assert (order["row"]["requester_kind"], order["row"]["requester"]) == ("token", "ada")


def test_a_refused_act_that_was_begun_is_not_told_as_done(server: Running, api: httpx.Client) -> None:
    """Submitting a draft makes its CSR first: refused after that, a retry must not get the order as if it were sent."""
    from certtui.model.authority import AuthorityForm
    from tests.backend.issuing import local_authority, saved

    local_authority(server.backend)
    order = saved(server.backend)
    headers = {"if-match": f'"{order.version}"', "idempotency-key": "begun"}
    real = server.backend.authorities

    from certtui.backend.local import orders_send

    def disabled(*args: object) -> object:
        authority = real.get(1)
        if authority.row.enabled:
            real.edit(1, authority.row.version, AuthorityForm(enabled=False))
        return begun(*args)

    begun = orders_send.begun
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(orders_send, "begun", disabled)
        assert api.post(f"/orders/{order.id}/submit", headers=headers).status_code == 422
        again = api.post(f"/orders/{order.id}/submit", headers=headers)
    assert (again.status_code, again.json()["type"]) == (412, "conflict")
    assert server.backend.orders.get(order.id).row.status == "pending"
