"""Webhooks: real requests to a server on loopback, their signatures, and what is made of answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from certtui.channels.webhook import new_secret, post, signature, signing_key
from certtui.clock import epoch
from certtui.errors import Invalid
from certtui.model.channel import WebhookSettings
from certtui.model.secret import Secret
from tests.certs import NOW
from tests.channels.messages import alert, message
from tests.channels.sinks import http_sink, tls_for, trickle

SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_the_body_is_json_that_says_what_happened() -> None:
    with http_sink() as sink:
        result = post(WebhookSettings(sink.url), None, message(), NOW)
    assert result.ok
    (request,) = sink.requests
    body = json.loads(request.body)
    assert (body["type"], body["timestamp"]) == ("certtui.alerts", "2026-06-15T12:00:00Z")
    (told,) = body["data"]["alerts"]
    assert told["object"] == {"kind": "certificate", "id": 3, "name": "api-gateway"}
    assert (told["kind"], told["severity"], told["event"]) == ("expiring", "warning", "opened")
    assert told["summary"] == "Expires 2026-06-25, in 10 days."
    assert request.headers["content-type"] == "application/json"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification (https://github.com/standard-webhooks/standard-webhooks, libraries' tests).
    assert (
        signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_request_is_signed_over_its_id_its_time_and_its_body() -> None:
    with http_sink() as sink:
        post(WebhookSettings(sink.url), SECRET, message(), NOW)
    (request,) = sink.requests
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    wanted = hmac.digest(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), signed, hashlib.sha256)
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(wanted).decode()
    assert request.headers["webhook-id"] == "msg_0123456789abcdef"
    assert request.headers["webhook-timestamp"] == str(epoch(NOW))
    assert SECRET.reveal() not in request.body


def test_without_a_secret_nothing_is_signed() -> None:
    with http_sink() as sink:
        post(WebhookSettings(sink.url), None, message(), NOW)
    assert "webhook-signature" not in sink.requests[0].headers


def test_a_fresh_key_is_one_that_is_understood() -> None:
    assert len(signing_key(new_secret())) == 32
    assert signing_key(Secret("a phrase of one's own")) == b"a phrase of one's own"
    with pytest.raises(Invalid):
        signing_key(Secret("whsec_!!"))


def test_a_redirect_is_not_followed() -> None:
    with http_sink() as other, http_sink() as sink:
        sink.answers.append((302, {"location": other.url}, b""))
        result = post(WebhookSettings(sink.url), SECRET, message(), NOW)
    assert not result.ok
    assert "redirect" in result.message
    assert other.requests == []


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_answer_that_is_no_success_is_tried_again(status: int) -> None:
    with http_sink() as sink:
        sink.answers.append((status, {}, b"not now\x1b[31m"))
        result = post(WebhookSettings(sink.url), None, message(), NOW)
    assert (result.ok, result.permanent) == (False, False)
    assert str(status) in result.message
    assert "\x1b" not in result.message


def test_gone_is_for_good() -> None:
    with http_sink() as sink:
        sink.answers.append((410, {}, b""))
        assert post(WebhookSettings(sink.url), None, message(), NOW).permanent


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Mon, 15 Jun 2026 12:05:00 GMT", 300),
        ("Mon, 15 Jun 2020 12:05:00 GMT", 0),
        ("99999999", 86_400),
        ("soon", None),
        ("-5", None),
    ],
)
def test_the_time_that_the_server_asks_for_is_heard(said: str, seconds: int | None) -> None:
    with http_sink() as sink:
        sink.answers.append((503, {"retry-after": said}, b""))
        assert post(WebhookSettings(sink.url), None, message(), NOW).retry_after == seconds


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path) -> None:
    context, trusted = tls_for("IP:127.0.0.1", tmp_path)
    with http_sink(context) as sink:
        refused = post(WebhookSettings(sink.url), SECRET, message(), NOW)
        taken = post(WebhookSettings(sink.url, str(trusted)), SECRET, message(), NOW)
    assert not refused.ok
    assert "verify failed" in refused.message
    assert taken.ok
    assert len(sink.requests) == 1


def test_a_certificate_for_another_name_is_refused(tmp_path) -> None:
    context, trusted = tls_for("elsewhere.example.com", tmp_path)
    with http_sink(context) as sink:
        result = post(WebhookSettings(sink.url, str(trusted)), SECRET, message(), NOW)
    assert not result.ok
    assert sink.requests == []


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with http_sink() as sink:
        pass
    result = post(WebhookSettings(sink.url), None, message(), NOW)
    assert (result.ok, result.permanent) == (False, False)
    assert result.message.startswith("The server could not be reached")


def test_an_endless_answer_is_cut_short() -> None:
    with http_sink() as sink:
        sink.answers.append((200, {}, b"x" * 10_000_000))
        assert post(WebhookSettings(sink.url), None, message(), NOW).ok


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nx-a: "], ids=["at-once", "in-a-header"])
def test_an_answer_that_trickles_has_an_end(monkeypatch: pytest.MonkeyPatch, begin: bytes) -> None:
    monkeypatch.setattr("certtui.channels.webhook.ALTOGETHER", 0.3)
    with trickle(begin, b"a") as port:
        result = post(WebhookSettings(f"http://127.0.0.1:{port}/hook"), None, message(), NOW)
    assert (result.ok, result.permanent, result.message) == (False, False, "The server did not answer in time.")


def test_what_trickles_after_a_success_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.channels.webhook.ALTOGETHER", 0.3)
    with trickle(b"HTTP/1.1 200 OK\r\n\r\n", b"a") as port:
        assert post(WebhookSettings(f"http://127.0.0.1:{port}/hook"), None, message(), NOW).ok


def test_a_digest_says_how_many_it_left_out() -> None:
    with http_sink() as sink:
        post(WebhookSettings(sink.url), None, message(alert("a"), alert("b"), total=10_000), NOW + timedelta(minutes=1))
    data = json.loads(sink.requests[0].body)["data"]
    assert (data["total"], data["left_out"], len(data["alerts"])) == (10_000, 9_998, 2)
