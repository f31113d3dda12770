"""The ACME client where servers differ, limit, refuse, or answer nonsense: every answer is written down here."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from certtui.authorities.acme import accounts, certificates, orders, renewal_info
from certtui.authorities.acme.accounts import ExternalAccount, Session
from certtui.authorities.acme.connection import MOST_BYTES, Connection
from certtui.authorities.acme.jose import AccountKey, mac_bytes, new_key
from certtui.authorities.acme.problems import AcmeError, Limited
from certtui.authorities.acme.retry_after import instant
from certtui.clock import FixedClock
from certtui.errors import Conflict, Invalid, Unreachable, Unsupported
from certtui.model.revocation import RevocationReason
from certtui.model.secret import Secret
from tests.certs import NOW, make_cert, make_chain

BASE = "https://ca.example/acme"
KEY = AccountKey(new_key())
DIRECTORY = {"newNonce": f"{BASE}/nonce", "newAccount": f"{BASE}/account", "newOrder": f"{BASE}/order"}
ORDER = {
    "status": "pending",
    "identifiers": [{"type": "dns", "value": "www.example.com"}],
    "authorizations": [f"{BASE}/authz/1"],
    "finalize": f"{BASE}/finalize/1",
}

Answers = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers by path; what is not written down gets a nonce and nothing else. `seen` keeps signed headers and payloads."""

    def __init__(self, **answers: object) -> None:
        self.answers: dict[str, list[httpx.Response | Answers | Exception]] = {}
        self.seen: list[tuple[str, dict[str, object], object]] = []
        self.nonces = 0
        self.says("dir", httpx.Response(200, json={**DIRECTORY, **answers}))

    def says(self, path: str, *answers: httpx.Response | Answers | Exception) -> Server:
        """The answers of a path, one after the other; the last one stays."""
        self.answers[path] = list(answers)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/acme/")
        if request.method == "POST":
            self._note(path, request)
        if path == "nonce":
            return httpx.Response(200, headers=self._nonce())
        wanted = self.answers[path]
        answer = wanted.pop(0) if len(wanted) > 1 else wanted[0]
        if isinstance(answer, Exception):
            raise answer
        made = answer if isinstance(answer, httpx.Response) else answer(request)
        fresh = self._nonce()
        headers = [*made.headers.multi_items(), *(() if "replay-nonce" in made.headers else fresh.items())]
        return httpx.Response(made.status_code, content=made.content, headers=headers)

    def _nonce(self) -> dict[str, str]:
        self.nonces += 1
        return {"replay-nonce": f"nonce-{self.nonces}"}

    def _note(self, path: str, request: httpx.Request) -> None:
        body = json.loads(request.content)
        header, payload = (_opened(body[part]) for part in ("protected", "payload"))
        self.seen.append((path, json.loads(header), json.loads(payload) if payload else None))

    def connect(self) -> Connection:
        return Connection(f"{BASE}/dir", transport=httpx.MockTransport(self), clock=FixedClock(NOW))

    def session(self) -> Session:
        return Session(self.connect(), KEY, f"{BASE}/account/1")


def _opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def problem(kind: str, status: int = 400, detail: str = "no", **more: object) -> httpx.Response:
    headers = more.pop("headers", {})
    document = {"type": f"urn:ietf:params:acme:error:{kind}", "detail": detail, **more}
    return httpx.Response(status, json=document, headers=headers)  # type: ignore[arg-type]  # as httpx takes them


def order_answer(code: int = 201, **more: object) -> httpx.Response:
    return httpx.Response(code, json={**ORDER, **more}, headers={"location": f"{BASE}/order/1"})


NAMES = orders.identifiers(["DNS:www.example.com"])


def test_a_request_is_signed_for_its_url_with_a_nonce_that_is_used_once() -> None:
    server = Server().says("order", order_answer()).says("order/1", order_answer(200))
    session = server.session()
    orders.fetch(session, orders.new(session, NAMES).url)
    (_, first, payload), (_, second, empty) = server.seen
    assert first == {"alg": "ES256", "kid": f"{BASE}/account/1", "nonce": first["nonce"], "url": f"{BASE}/order"}
    assert payload == {"identifiers": [{"type": "dns", "value": "www.example.com"}]}
    assert second["nonce"] != first["nonce"]
    assert empty is None


def test_a_refused_nonce_is_replaced_by_the_fresh_one_of_the_refusal() -> None:
    server = Server().says("order", problem("badNonce"), problem("badNonce"), order_answer())
    orders.new(server.session(), NAMES)
    nonces = [header["nonce"] for _, header, _ in server.seen]
    # The directory's answer is 1, newNonce's 2; then each refusal's own.
    assert nonces == ["nonce-2", "nonce-3", "nonce-4"]


def test_a_server_that_refuses_every_nonce_is_left_alone_for_a_while() -> None:
    server = Server().says("order", problem("badNonce", detail="JWS has an invalid anti-replay nonce"))
    with pytest.raises(Unreachable, match=r"ca\.example refused 12 nonces that it had just given"):
        orders.new(server.session(), NAMES)
    assert len(server.seen) == 12


def test_a_request_without_an_answer_is_not_sent_again() -> None:
    server = Server().says("order", httpx.ReadTimeout("slow"), order_answer())
    with pytest.raises(Unreachable, match=r"ca\.example did not answer within 15 seconds"):
        orders.new(server.session(), NAMES)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Mon, 15 Jun 2026 12:02:00 GMT", 120),
        ("Mon, 15 Jun 2026 11:00:00 GMT", 0),
        ("Monday, 15-Jun-26 12:02:00 GMT", 120),
        ("9" * 40, 8 * 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 8 * 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: int | None) -> None:
    assert instant(header, NOW) == (None if seconds is None else NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("answer", "until"),
    [
        (problem("rateLimited", 429, headers={"retry-after": "3600"}), NOW + timedelta(hours=1)),
        (problem("rateLimited", 403), None),
        (httpx.Response(429, text="slow down", headers={"retry-after": "60"}), NOW + timedelta(minutes=1)),
        (httpx.Response(503, text="", headers={"retry-after": "60"}), NOW + timedelta(minutes=1)),
        (
            problem("rateLimited", 429, "too many new orders, retry after 2026-06-16 03:04:05 UTC: see https://x"),
            datetime(2026, 6, 16, 3, 4, 5, tzinfo=timezone.utc),
        ),
    ],
)
def test_a_limit_says_until_when(answer: httpx.Response, until: datetime | None) -> None:
    with pytest.raises(Limited) as met:
        orders.new(Server().says("order", answer).session(), NAMES)
    assert met.value.retry_at == until


def test_what_is_wrong_with_each_name_is_in_the_words() -> None:
    subproblems = [
        {
            "type": "urn:ietf:params:acme:error:rejectedIdentifier",
            "detail": "on a block list",
            "identifier": {"type": "dns", "value": "bad.example.com"},
        },
        {"type": "urn:ietf:params:acme:error:caa", "identifier": {"type": "dns", "value": "caa.example.com"}},
        "nonsense",
    ]
    refusal = problem("rejectedIdentifier", 403, "Some were rejected", subproblems=subproblems)
    with pytest.raises(AcmeError) as met:
        orders.new(Server().says("order", refusal).session(), NAMES)
    assert met.value.problem.words == "Some were rejected · bad.example.com: on a block list · caa.example.com: caa"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, text="<html>"), "with a page that is no JSON object.*a portal or a proxy"),
        (httpx.Response(200, json=[1]), "something that is no JSON object"),
        (httpx.Response(200, text="[" * 100_000), "something that is no JSON object"),
        (httpx.Response(200, json={"newNonce": "https://x"}), "no newAccount"),
        (httpx.Response(200, content=b" " * (MOST_BYTES + 1)), "more than 1,000,000 bytes"),
        (httpx.Response(404, text="nothing here"), "answered 404"),
        (httpx.Response(301, headers={"location": "/elsewhere"}), "a redirect to https://ca.example/elsewhere"),
        (httpx.Response(502, text="Bad Gateway"), "answered 502"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "Connection refused"),
        (httpx.RemoteProtocolError("peer closed connection"), "ended the connection before its answer was whole"),
        (httpx.RemoteProtocolError("illegal status line: SSH-2.0"), "does not speak HTTP"),
    ],
)
def test_what_is_no_directory_is_said_so(answer: httpx.Response | Exception, said: str) -> None:
    with Server().says("dir", answer).connect() as connection, pytest.raises(Unreachable, match=said):
        _ = connection.directory


def test_an_answer_that_never_ends_is_given_up_in_time() -> None:
    """Each byte comes soon enough, and all of them never."""

    def dripping() -> Iterator[bytes]:
        while True:
            yield b" "

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=dripping()))
    with (
        Connection(f"{BASE}/dir", transport=transport, timeout=0.02) as connection,
        pytest.raises(Unreachable, match=r"did not answer within 0\.02 seconds"),
    ):
        _ = connection.directory


def test_what_a_server_that_stands_behind_a_proxy_may_say() -> None:
    """Its status alone; each header twice; addresses as it is asked by the proxy, which speaks no TLS to it."""
    with Server().says("dir", httpx.Response(503)).connect() as connection, pytest.raises(Limited) as met:
        _ = connection.directory
    assert met.value.message == "The CA is busy, or not there for now. It says: status 503"
    twice = [("location", f"{BASE}/order/1")] * 2 + [("retry-after", "5")] * 2
    server = Server().says("order", httpx.Response(201, json=ORDER, headers=twice))
    found = orders.new(server.session(), NAMES)
    assert (found.url, found.retry_at) == (f"{BASE}/order/1", NOW + timedelta(seconds=5))
    server = Server(newOrder="http://ca.example/acme/order")
    with pytest.raises(Unreachable, match=r"gives an address that can't be asked.*over https"):
        orders.new(server.session(), NAMES)


@pytest.mark.parametrize(
    "url", ["http://ca.example/dir", "ca.example", "https://", "https://a b/", "https://u@ca.example/"]
)
def test_only_https_is_spoken(url: str) -> None:
    with pytest.raises(Invalid) as met:
        Connection(url)
    assert met.value.field == "directory"


@pytest.mark.parametrize(
    "order",
    [
        {**ORDER, "status": "strange"},
        {**ORDER, "authorizations": "none"},
        {**ORDER, "identifiers": []},
        {key: value for key, value in ORDER.items() if key != "finalize"},
    ],
)
def test_an_order_that_is_none_of_the_rfc_is_no_answer(order: dict[str, object]) -> None:
    server = Server().says("order", httpx.Response(201, json=order, headers={"location": f"{BASE}/order/1"}))
    with pytest.raises(Unreachable, match="none of RFC 8555"):
        orders.new(server.session(), NAMES)


def test_unknown_challenges_and_fields_are_passed_over() -> None:
    challenges = [
        {"type": "dns-persist-01", "url": f"{BASE}/c/0", "status": "pending", "issuer-domain-names": ["ca.example"]},
        {"type": "dns-01", "url": f"{BASE}/c/1", "status": "pending", "token": "t"},
        17,
    ]
    identifier = {"type": "dns", "value": "WWW.example.com"}
    document = {"status": "pending", "identifier": identifier, "challenges": challenges, "novelty": {}}
    server = Server().says("authz/1", httpx.Response(200, json=document, headers={"retry-after": "5"}))
    found = orders.authorization(server.session(), f"{BASE}/authz/1")
    assert found.identifier.value == "www.example.com"
    assert (found.challenge("dns-01") or pytest.fail("none")).token == "t"
    assert found.challenge("dns-persist-01") is None
    assert found.retry_at == NOW + timedelta(seconds=5)


def test_names_that_acme_has_no_place_for_are_refused() -> None:
    assert [each.type for each in orders.identifiers(["IP:192.0.2.1", "DNS:A.example", "DNS:a.example"])] == [
        "dns",
        "ip",
    ]
    with pytest.raises(Invalid, match=r"EMAIL:a@example\.com"):
        orders.identifiers(["EMAIL:a@example.com"])


def test_an_order_says_its_profile_and_what_it_replaces_unless_that_was_replaced() -> None:
    server = Server().says("order", problem("alreadyReplaced", 409), order_answer())
    orders.new(server.session(), NAMES, profile="shortlived", replaces="a.b")
    first, second = (payload for _, _, payload in server.seen)
    assert isinstance(first, dict)
    assert first["profile"] == "shortlived"
    assert first["replaces"] == "a.b"
    assert isinstance(second, dict)
    assert "replaces" not in second


def test_a_csr_that_was_handed_in_before_is_no_error() -> None:
    server = Server().says("finalize/1", problem("orderNotReady", 403)).says("order", order_answer())
    server.says("order/1", order_answer(200, status="processing"))
    session = server.session()
    assert orders.finalize(session, orders.new(session, NAMES), b"csr").status == "processing"
    server.says("order/1", order_answer(200, status="pending"))
    with pytest.raises(AcmeError):
        orders.finalize(session, orders.new(session, NAMES), b"csr")


def test_an_external_account_is_bound_by_its_mac() -> None:
    server = Server().says("account", httpx.Response(201, json={}, headers={"location": f"{BASE}/account/1"}))
    secret = Secret(base64.urlsafe_b64encode(b"k" * 32))
    account = accounts.create(
        server.connect(), KEY, accounts.mailto(["o'brien+tls@example.com"]), ExternalAccount("kid-1", secret)
    )
    assert (account.url, account.status) == (f"{BASE}/account/1", "valid")
    ((_, header, payload),) = server.seen
    assert isinstance(payload, dict)
    assert payload["contact"] == ["mailto:o%27brien+tls@example.com"]
    binding = payload["externalAccountBinding"]
    assert json.loads(_opened(binding["protected"])) == {"alg": "HS256", "kid": "kid-1", "url": f"{BASE}/account"}
    assert json.loads(_opened(binding["payload"])) == header["jwk"]


@pytest.mark.parametrize("typed", ["short", "not base64 at all, but long enough to be", ""])
def test_a_mac_key_that_is_none_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as met:
        mac_bytes(Secret(typed))
    assert met.value.field == "eab_key"
    assert typed not in str(met.value) or not typed


def test_an_account_that_is_not_there_is_none() -> None:
    server = Server().says("account", problem("accountDoesNotExist"))
    assert accounts.find(server.connect(), KEY) is None
    assert server.seen[0][2] == {"onlyReturnExisting": True}


def test_a_key_change_is_signed_by_both_keys_and_a_key_that_is_taken_is_said() -> None:
    new = AccountKey(new_key("rsa-2048"))
    server = Server(keyChange=f"{BASE}/change").says("change", httpx.Response(200), problem("malformed", 409))
    session = server.session()
    assert accounts.roll_over(session, new).key is new
    ((_, outer, inner),) = server.seen
    assert outer["kid"] == session.kid
    assert isinstance(inner, dict)
    assert json.loads(_opened(inner["protected"])) == {"alg": "RS256", "url": f"{BASE}/change", "jwk": new.public_jwk}
    assert json.loads(_opened(inner["payload"])) == {"account": session.kid, "oldKey": KEY.public_jwk}
    with pytest.raises(Conflict):
        accounts.roll_over(session, new)


def test_what_a_server_does_not_offer_is_said() -> None:
    session = Server().session()
    with pytest.raises(Unsupported):
        accounts.roll_over(session, KEY)
    with pytest.raises(Unsupported):
        certificates.revoke_by_account(session, b"der", RevocationReason.SUPERSEDED)
    assert renewal_info.ask(session.connection, make_chain()[0].facts) is None


def test_a_reason_that_the_ca_does_not_take_is_left_out() -> None:
    server = Server(revokeCert=f"{BASE}/revoke")
    server.says("revoke", problem("badRevocationReason"), httpx.Response(200))
    said = certificates.revoke_by_account(server.session(), b"der", RevocationReason.CA_COMPROMISE)
    assert "without the reason cACompromise" in said
    assert server.seen[1][2] == {"certificate": "ZGVy"}
    server.says("revoke", problem("alreadyRevoked"))
    assert "already" in certificates.revoke_by_key(server.connect(), KEY, b"der", RevocationReason.UNSPECIFIED)


def _chains() -> tuple[httpx.Response, httpx.Response]:
    leaf, issuing, _root = make_chain("www.example.com")
    other_root = make_cert("Other Root", ca=True, number=77)
    crossed = make_cert("Test Issuing CA 0.0", ca=True, key=issuing.key, issuer=other_root, days=3650)
    link = f'<{BASE}/dir>;rel="index", </acme/cert/1/alt>; title="a, b"; rel="alternate"'
    first = httpx.Response(200, content=leaf.pem + issuing.pem, headers={"link": link})
    return first, httpx.Response(200, content=leaf.pem + crossed.pem)


def test_the_preferred_chain_is_found_among_the_alternates() -> None:
    first, second = _chains()
    server = Server().says("cert/1", first).says("cert/1/alt", second)
    session = server.session()
    assert certificates.download(session, f"{BASE}/cert/1").chain[0].issuer_name == "Test Root 0"
    assert certificates.download(session, f"{BASE}/cert/1", "Test Root 0").note == ""
    other = certificates.download(session, f"{BASE}/cert/1", "other root")
    assert other.chain[0].issuer_name == "Other Root"
    neither = certificates.download(session, f"{BASE}/cert/1", "Third Root")
    assert neither.note == "The CA offers no chain that leads to “Third Root”; the one taken leads to “Test Root 0”."


@pytest.mark.parametrize("body", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_asked_for_again(body: bytes) -> None:
    server = Server().says("cert/1", httpx.Response(200, content=body))
    with pytest.raises(Unreachable, match="certificate"):
        certificates.download(server.session(), f"{BASE}/cert/1")


def test_a_private_key_in_place_of_a_certificate_is_refused() -> None:
    server = Server().says("cert/1", httpx.Response(200, content=make_cert().key_pem))
    with pytest.raises(Unreachable, match="PRIVATE KEY in place of a certificate"):
        certificates.download(server.session(), f"{BASE}/cert/1")


def _window(start: str, end: str) -> httpx.Response:
    window = {"suggestedWindow": {"start": start, "end": end}, "explanationURL": "https://ca.example/why"}
    return httpx.Response(200, json=window, headers={"retry-after": "21600"})


def test_the_window_of_a_certificate_is_asked_for_by_its_issuer_and_serial() -> None:
    # The example of RFC 9773, 4.1: a serial whose first bit is set has a zero before it.
    named = replace(make_cert(serial=0x87654321).facts, authority_key_id="69885b6b87464041e1b37b847bd0ae2cde01c8d4")
    assert renewal_info.certificate_id(named) == "aYhba4dGQEHhs3uEe9CuLN4ByNQ.AIdlQyE"
    path = f"ari/{renewal_info.certificate_id(named)}"
    server = Server(renewalInfo=f"{BASE}/ari").says(path, _window("2026-06-20T00:00:00Z", "2026-06-22T00:00:00+00:00"))
    info = renewal_info.ask(server.connect(), named)
    assert info is not None
    assert info.explanation == "https://ca.example/why"
    assert renewal_info.asked_again_at(info, NOW) == NOW + timedelta(hours=6)
    instants = {renewal_info.instant_within(info, str(number)) for number in range(50)}
    assert len(instants) > 40
    assert all(info.start <= each < info.end for each in instants)
    assert renewal_info.instant_within(info, "1") == renewal_info.instant_within(info, "1")


def test_a_window_that_ends_before_it_begins_is_none() -> None:
    leaf, *_ = make_chain()
    path = f"ari/{renewal_info.certificate_id(leaf.facts)}"
    server = Server(renewalInfo=f"{BASE}/ari").says(path, _window("2026-06-22T00:00:00Z", "2026-06-20T00:00:00Z"))
    with pytest.raises(Unreachable, match="window"):
        renewal_info.ask(server.connect(), leaf.facts)
    server.says(path, httpx.Response(404))
    assert renewal_info.ask(server.connect(), leaf.facts) is None


def test_what_a_directory_says_of_itself_is_cut() -> None:
    profiles = {f"p{number}" + "x" * 900: "y" * 4_500 for number in range(150)}
    server = Server(
        meta={"termsOfService": "https://" + "t" * 50_000, "profiles": profiles, "caaIdentities": ["c" * 300] * 120}
    )
    directory = server.connect().directory
    assert (len(directory.terms), len(directory.profiles), len(directory.caa)) == (4_000, 100, 100)
    assert max(len(name) + len(text) for name, text in directory.profiles.items()) < 4_300
