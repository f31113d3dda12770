"""Reaching a server: addresses, trust, tokens, retries; and that nothing secret is said."""

from __future__ import annotations

import logging
import ssl
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from certtui.backend.factory import RemoteOptions
from certtui.backend.remote.address import base_url, proxy_for
from certtui.backend.remote.backend import RemoteBackend
from certtui.backend.remote.connection import Connection
from certtui.backend.remote.retries import Patience, backoff, retry_after
from certtui.backend.remote.seal import seal, unseal
from certtui.backend.remote.token import TokenSource
from certtui.backend.remote.trust import Untrusted, pin_of
from certtui.clock import FixedClock
from certtui.errors import CerttuiError, Denied, Invalid, Unreachable, Unsupported
from certtui.model.secret import Secret
from tests.certs import NOW, Made, make_cert

CANARY = "cert_canary-7f3a"


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://certs.example.com", "https://certs.example.com"),
        (" https://certs.example.com:8443/ ", "https://certs.example.com:8443"),
        ("https://example.com/certs/api/v1/", "https://example.com/certs"),
        ("http://127.0.0.1:8443", "http://127.0.0.1:8443"),
        ("http://[::1]:8443", "http://[::1]:8443"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_what_may_be_the_url_of_a_server(text: str, url: str) -> None:
    assert base_url(text) == url


@pytest.mark.parametrize(
    "text",
    ["", "certs.example.com", "ftp://x", "https://", "https://h:port", "http://10.0.0.7", "http://localhost.evil.example",
     "https://user:pw@h", "https://h/?a=1", "https://h/#x", "http://127.0.0.1.example.com", "https://[::1"],
)  # fmt: skip
def test_what_may_not(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        base_url(text)
    assert refused.value.field == "url"
    assert "pw" not in str(refused.value)


def test_the_proxy_is_the_one_chosen_else_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    assert proxy_for("https://h.example", "") is None
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", ".internal.example")
    assert proxy_for("https://h.example", "") == "http://proxy.example:3128"
    assert proxy_for("https://h.internal.example", "") is None
    assert proxy_for("https://127.0.0.1", "") is None
    assert proxy_for("https://h.example", "none") is None
    assert proxy_for("https://h.example", "http://other:1") == "http://other:1"
    with pytest.raises(Invalid):
        proxy_for("https://h.example", "socks5://x")


# --- a server that says what a test wants ----------------------------------------------------------------------------


class Said(BaseHTTPRequestHandler):
    """Gives the answers of `script` in turn, the last one for ever."""

    script: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    seen: ClassVar[list[dict[str, str]]] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        status, headers, body = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def said() -> Iterator[tuple[type[Said], str]]:
    handler = type("Script", (Said,), {"script": [], "seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Pauses:
    """Remembers the pauses instead of making them."""

    def __init__(self) -> None:
        self.all: list[float] = []

    def pause(self, seconds: float) -> bool:
        self.all.append(seconds)
        return False

    def end(self) -> None:
        return None


def connection(url: str, **more: Any) -> tuple[Connection, Pauses]:
    made = Connection(RemoteOptions(url, token=Secret(CANARY), **more), clock=FixedClock(NOW))
    made.waker = pauses = Pauses()  # type: ignore[assignment]  # the same two methods
    return made, pauses


PROBLEM = {"content-type": "application/problem+json"}
OK = (200, {"content-type": "application/json"}, b'{"seq": 7}')


def problem(
    status: int, body: bytes = b'{"type":"unreachable","detail":"Busy."}', **headers: str
) -> tuple[int, dict[str, str], bytes]:
    return status, {**PROBLEM, **{name.replace("_", "-"): value for name, value in headers.items()}}, body


def test_a_busy_server_is_asked_again_after_the_time_it_names(said) -> None:
    handler, url = said
    handler.script += [problem(429, retry_after="3"), problem(503, retry_after="Mon, 15 Jun 2026 12:00:02 GMT"), OK]
    http, pauses = connection(url)
    assert http.ask("GET", "/feed/latest").status == 200
    assert pauses.all == [3.0, 2.0]


def test_a_wait_that_is_too_long_is_told_instead(said) -> None:
    handler, url = said
    handler.script.append(problem(429, retry_after="3600"))
    http, pauses = connection(url)
    with pytest.raises(Unreachable) as refused:
        http.ask("GET", "/info")
    assert refused.value.hint == "Try again in 3600 seconds."
    assert pauses.all == []


def test_it_is_tried_a_few_times_with_growing_pauses_and_then_told(said) -> None:
    handler, url = said
    handler.script.append(problem(503))
    http, pauses = connection(url)
    with pytest.raises(Unreachable, match="Busy"):
        http.ask("GET", "/info")
    assert len(handler.seen) == Patience().attempts
    assert len(pauses.all) == Patience().attempts - 1
    assert pauses.all == sorted(pauses.all)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422, 423, 500, 501])
def test_what_the_server_refuses_is_not_asked_again(said, status: int) -> None:
    handler, url = said
    handler.script.append(problem(status, b'{"detail":"No."}'))
    http, _ = connection(url)
    with pytest.raises(CerttuiError, match="No"):
        http.ask("GET", "/info")
    assert len(handler.seen) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"location": "https://evil.example/"}, b""),
        (200, {"content-type": "text/html"}, b"<html>Log in to the hotel's network</html>"),
        (404, {"content-type": "text/html"}, b"<html>no</html>"),
        (422, PROBLEM, b"\xff\xfe not JSON"),
        (422, PROBLEM, b"[]"),
        (200, {"content-encoding": "gzip"}, b"this is not gzip"),
    ],
)
def test_what_is_no_answer_of_a_server_is_one_sentence(said, status: int, headers: dict[str, str], body: bytes) -> None:
    handler, url = said
    handler.script.append((status, headers, body))
    with pytest.raises(CerttuiError) as refused:
        RemoteBackend.open(RemoteOptions(url, token=Secret(CANARY)), patience=Patience(attempts=1))
    assert refused.value.message.endswith(".")
    assert CANARY not in str(refused.value)


def test_what_was_broken_off_on_the_server_was_not_cancelled_here(said) -> None:
    handler, url = said
    handler.script.append(problem(503, b'{"type":"interrupted","detail":"Broken off."}'))
    with pytest.raises(Unreachable, match="Broken off"):
        connection(url)[0].ask("GET", "/info")


def test_a_redirect_takes_the_token_nowhere(said) -> None:
    handler, url = said
    handler.script.append((307, {"location": f"{url}/elsewhere"}, b""))
    http, _ = connection(url)
    with pytest.raises(Unreachable):
        http.ask("GET", "/info")
    assert len(handler.seen) == 1


def test_a_token_that_was_renewed_in_its_file_is_read_again(said, tmp_path: Path) -> None:
    handler, url = said
    file = tmp_path / "token"
    file.write_text("old\n")
    made = Connection(RemoteOptions(url, token_file=file), clock=FixedClock(NOW))
    handler.script += [OK, problem(401, b'{"type":"denied","detail":"Unknown."}'), OK]
    made.ask("GET", "/info")
    file.write_text("new\n")
    made.ask("GET", "/info")
    assert [each["authorization"] for each in handler.seen] == ["Bearer old", "Bearer old", "Bearer new"]


def test_a_token_that_stays_wrong_is_asked_once(said, tmp_path: Path) -> None:
    handler, url = said
    file = tmp_path / "token"
    file.write_text("old\n")
    handler.script.append(problem(401, b'{"type":"denied","detail":"Unknown."}'))
    made = Connection(RemoteOptions(url, token_file=file), clock=FixedClock(NOW))
    with pytest.raises(Denied):
        made.ask("GET", "/info")
    assert len(handler.seen) == 1


def test_nothing_that_is_logged_or_shown_holds_the_token(said, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    handler, url = said
    handler.script += [problem(503), OK]
    http, _ = connection(url)
    http.ask("GET", "/info")
    assert CANARY not in caplog.text
    assert CANARY not in repr(RemoteOptions(url, token=Secret(CANARY)))
    assert CANARY not in repr(vars(http))


# --- trust ------------------------------------------------------------------------------------------------------------


def authority() -> Made:
    return make_cert("Another CA", ca=True)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Made, Path]]:
    """(URL, the server's certificate, the CA file) of a server with TLS on 127.0.0.1."""
    from datetime import datetime, timedelta, timezone

    now = datetime.now(timezone.utc)
    times: dict[str, Any] = {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=30)}
    ca = make_cert("Test CA", ca=True, **times)
    leaf = make_cert("127.0.0.1", sans=("IP:127.0.0.1",), issuer=ca, **times)
    (tmp_path / "server.pem").write_bytes(leaf.pem + leaf.key_pem)
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    handler = type("Script", (Said,), {"script": [OK], "seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}", leaf, tmp_path / "ca.pem"
    server.shutdown()
    server.server_close()


def test_a_server_of_a_ca_that_is_named_is_trusted(tls) -> None:
    url, _, ca = tls
    assert connection(url, ca_file=ca)[0].ask("GET", "/info").status == 200


def test_a_server_that_nothing_speaks_for_is_refused_and_not_asked_again(tls) -> None:
    url, _, _ = tls
    http, pauses = connection(url)
    with pytest.raises(Untrusted, match="is not trusted"):
        http.ask("GET", "/info")
    assert pauses.all == []


def test_a_ca_that_did_not_sign_it_does_not_help(tls, tmp_path: Path) -> None:
    url, _, _ = tls
    (tmp_path / "other.pem").write_bytes(authority().pem)
    with pytest.raises(Untrusted):
        connection(url, ca_file=tmp_path / "other.pem")[0].ask("GET", "/info")


def test_a_pinned_key_is_enough(tls) -> None:
    url, leaf, _ = tls
    for pin in (leaf.facts.spki_sha256, "sha256//" + b64encode(bytes.fromhex(leaf.facts.spki_sha256)).decode()):
        assert connection(url, pins=("00" * 32, pin))[0].ask("GET", "/info").status == 200


def test_another_key_than_the_pinned_one_gets_nothing_of_us(tls) -> None:
    url, leaf, ca = tls
    for more in ({}, {"ca_file": ca}):
        with pytest.raises(Untrusted, match=leaf.facts.spki_sha256):
            connection(url, pins=("00" * 32,), **more)[0].ask("GET", "/info")


def test_with_ca_and_pin_both_must_hold(tls, tmp_path: Path) -> None:
    url, leaf, ca = tls
    assert connection(url, pins=(leaf.facts.spki_sha256,), ca_file=ca)[0].ask("GET", "/info").status == 200
    (tmp_path / "other.pem").write_bytes(authority().pem)
    with pytest.raises(Untrusted):
        connection(url, pins=(leaf.facts.spki_sha256,), ca_file=tmp_path / "other.pem")[0].ask("GET", "/info")


def test_a_name_that_is_not_in_the_certificate_is_refused(tls) -> None:
    url, _, ca = tls
    with pytest.raises(Untrusted, match="not trusted"):
        connection(url.replace("127.0.0.1", "localhost"), ca_file=ca)[0].ask("GET", "/info")


def test_a_client_certificate_is_shown_where_one_is_asked_for(tmp_path: Path) -> None:
    from datetime import datetime, timedelta, timezone

    now = datetime.now(timezone.utc)
    times: dict[str, Any] = {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=30)}
    ca = make_cert("Test CA", ca=True, **times)
    for name, sans in (("server", ("IP:127.0.0.1",)), ("client", ("EMAIL:ada@example.com",))):
        leaf = make_cert(
            name, sans=sans, issuer=ca, server=name == "server", number=("server", "client").index(name), **times
        )
        (tmp_path / f"{name}.pem").write_bytes(leaf.pem)
        (tmp_path / f"{name}.key").write_bytes(leaf.key_pem)
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    handler = type("Script", (Said,), {"script": [OK], "seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url, trust = f"https://127.0.0.1:{server.server_address[1]}", {"ca_file": tmp_path / "ca.pem"}
    pair = {"client_cert": tmp_path / "client.pem", "client_key": tmp_path / "client.key"}
    assert connection(url, **trust, **pair)[0].ask("GET", "/info").status == 200
    with pytest.raises(Unreachable):
        connection(url, **trust)[0].ask("GET", "/info")
    with pytest.raises(Invalid, match="another's"):
        connection(url, **trust, **pair | {"client_key": tmp_path / "server.key"})
    server.shutdown()
    server.server_close()


def test_an_encrypted_key_of_a_client_certificate_asks_nothing_on_the_terminal(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    from tests.screens.estate import seeded

    made = make_cert("client", key=seeded("client"))
    key = seeded("client").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw"))
    (tmp_path / "client.pem").write_bytes(made.pem + key)
    with pytest.raises(Invalid, match="is encrypted"):
        connection("https://127.0.0.1:1", client_cert=tmp_path / "client.pem")


def test_the_way_leads_through_a_proxy_where_one_is_named(said) -> None:
    handler, url = said
    handler.script.append(OK)
    asked: list[str] = []
    answer = handler.do_GET
    handler.do_GET = lambda self: (asked.append(self.path), answer(self))[1]  # type: ignore[method-assign]
    assert connection("http://127.0.0.1:9", proxy=url)[0].ask("GET", "/info").status == 200
    assert asked == ["http://127.0.0.1:9/api/v1/info"]


@pytest.mark.parametrize("field", ["ca_file", "client_cert"])
def test_a_file_that_can_not_be_used_is_named(tmp_path: Path, field: str) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(Invalid, match="can't be used") as refused:
        connection("https://127.0.0.1:1", **{field: tmp_path / "x.pem"})
    assert refused.value.field == field
    with pytest.raises(Unreachable, match="can't be read"):
        connection("https://127.0.0.1:1", **{field: tmp_path / "missing.pem"})


@pytest.mark.parametrize("text", ["", "sha256//", "abc", "00" * 31, "zz" * 32])
def test_what_is_no_pin_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        pin_of(text)


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\n", b"two words\n", b"\xff\xfe\n", b"line\x00\n"])
def test_what_is_no_token_is_refused_without_being_quoted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(Invalid) as refused:
        TokenSource(file=tmp_path / "t").token()
    assert "words" not in str(refused.value)


def test_a_token_is_read_when_it_is_needed_and_once(tmp_path: Path) -> None:
    source = TokenSource(command=("sh", "-c", f"echo x >> {tmp_path}/runs; echo tok"))
    assert not (tmp_path / "runs").exists()
    assert source.token() == source.token() == Secret("tok")
    assert (tmp_path / "runs").read_text() == "x\n"


def test_what_a_form_holds_is_sealed_by_the_token() -> None:
    sealed = seal(Secret("one"), b"a pasted key")
    assert b"pasted" not in sealed
    assert unseal(Secret("one"), sealed) == b"a pasted key"
    with pytest.raises(Invalid):
        unseal(Secret("two"), sealed)
    for broken in (b"", sealed[:20], sealed[:-1]):
        with pytest.raises(Invalid):
            unseal(Secret("one"), broken)
    with pytest.raises(Unsupported):
        seal(None, b"x")


# --- retries ----------------------------------------------------------------------------------------------------------


def test_pauses_double_up_to_a_limit_and_are_never_in_step() -> None:
    patience = Patience(first=1.0, longest=8.0)
    assert [backoff(patience, failures, lambda: 1.0) for failures in range(1, 7)] == [1, 2, 4, 8, 8, 8]
    assert [backoff(patience, failures, lambda: 0.0) for failures in (1, 2)] == [0.5, 1.0]
    assert backoff(patience, 10_000, lambda: 1.0) == 8.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("", None), ("7", 7.0), (" 7 ", 7.0), ("soon", None), ("-1", None), ("1.5", None),
        ("Mon, 15 Jun 2026 12:01:00 GMT", 60.0), ("Mon, 15 Jun 2026 11:00:00 GMT", 0.0), ("9" * 40, 999999999.0),
    ],
)  # fmt: skip
def test_a_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_httpx_is_loaded_by_a_server_alone() -> None:
    script = (
        "import sys; from certtui.backend.factory import StoreOptions, RemoteOptions, open_backend;"
        "import certtui.cli.context, certtui.cli.remote, certtui.backend.remote;"
        "sys.exit('httpx' in sys.modules or 'ssl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_odd_certificate_is_refused_without_the_parsers_warning() -> None:
    odd = make_cert(serial=1).der.replace(b"\xa0\x03\x02\x01\x02\x02\x01\x01", b"\xa0\x03\x02\x01\x02\x02\x01\x00", 1)
    script = (
        "import sys\n"
        "from certtui.backend.remote.trust import Untrusted, check_pins\n"
        "try:\n"
        f"    check_pins(bytes.fromhex('{odd.hex()}'), ('00' * 32,), 'h')\n"
        "except Untrusted as error:\n"
        "    sys.stdout.write(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "another key than the pinned one" in done.stdout
    assert "none that can be read" not in done.stdout
    assert done.stderr == ""
