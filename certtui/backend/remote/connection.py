"""One server: requests with keep-alive, time-outs and retries, and its answers as values or errors of the family.

Everything that is sent may be sent again: reading changes nothing, and each change carries an Idempotency-Key, under which
the server does it once. A key belongs to a form (`certtui.intent`) and to what is sent; where there is no form, the key of
a request whose answer never came is remembered for the next time somebody asks for the same.
"""

from __future__ import annotations

import hashlib
import json
import platform
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import httpx

from certtui import __version__, intent
from certtui.backend import wire
from certtui.backend.remote.address import PREFIX, base_url, proxy_for
from certtui.backend.remote.failures import Broken, ListingGone, broken, closed, foreign, interrupted
from certtui.backend.remote.retries import Patience, Waker, backoff, retry_after
from certtui.backend.remote.token import TokenSource
from certtui.backend.remote.trust import pin_of, ssl_context
from certtui.backend.remote.wiretap import Sockets, Transport
from certtui.backend.wire_errors import PROBLEM_JSON, error_of
from certtui.clock import Clock
from certtui.errors import CerttuiError, Interrupted, Invalid, Locked, Unreachable
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.factory import RemoteOptions
    from certtui.model.secret import Secret

T = TypeVar("T")

CONNECT_TIMEOUT = 10.0
EACH = 0.1
"""Seconds more to wait for each entry that one request changes."""
LARGEST_ANSWER = 256 * 1024 * 1024
_REMEMBERED = 256
_AGAIN = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the body decoded from whatever compression, and where the server stands in its sequence of changes."""

    status: int
    body: bytes
    etag: str = ""


class Connection:
    """To one server, for one person. Safe to use from several threads."""

    def __init__(
        self,
        options: RemoteOptions,
        *,
        clock: Clock,
        patience: Patience | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = base_url(options.url)
        self.host = urlsplit(self.url).hostname or ""
        self.clock = clock
        self.patience = patience or Patience()
        self.waker = Waker()
        self.changes = 0
        """Counts the changes made through this connection: what was read before one may be out of date."""
        self.locked_hint: bool | None = None
        """What the last answer said about the store's lock."""
        self.heard: Callable[[], None] = _nothing
        """Called at every answer."""
        self.longest = (options.timeout + CONNECT_TIMEOUT) * 2
        """Seconds after which no answer comes any more."""
        self._monotonic = monotonic
        self._timeout = options.timeout
        self._tokens = TokenSource(options.token, file=options.token_file, command=options.token_command)
        self._sockets = Sockets()
        self._generation = 0
        self._closed = False
        self._unsure: OrderedDict[str, str] = OrderedDict()
        self._guard = threading.Lock()
        pins = tuple(pin_of(each) for each in options.pins)
        context = ssl_context(
            ca_file=options.ca_file, pins=pins, client_cert=options.client_cert, client_key=options.client_key
        )
        transport = Transport(
            context, proxy=proxy_for(self.url, options.proxy), host=self.host, pins=pins, sockets=self._sockets
        )
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,  # no ~/.netrc, no SSL_CERT_FILE: what is trusted stands in the context
            follow_redirects=False,
            headers={
                "user-agent": f"certtui/{__version__} python/{platform.python_version()}",
                "accept": "application/json",
            },
        )

    def _times(self, seconds: float | None = None) -> httpx.Timeout:
        seconds = seconds or self._timeout
        return httpx.Timeout(seconds, connect=min(CONNECT_TIMEOUT, seconds))

    # -- asking ----------------------------------------------------------------------------------------------------

    # Any: parameters of a query string; `kind` may be a type hint that is no class
    def read(self, path: str, kind: Any, *, attempts: int | None = None, **query: Any) -> Any:
        """GET, decoded."""
        return self._decoded(self.ask("GET", path, query=query, attempts=attempts), kind)

    # Any: as above
    def read_unless(self, path: str, kind: Any, *, have: str, **query: Any) -> Any:
        """GET, decoded; None where the server says that what is here, by its tag `have`, is what it would answer."""
        answer = self.ask("GET", path, query=query, have=have)
        return None if answer.status == 304 else self._decoded(answer, kind)

    def post(self, path: str, body: object | None, kind: Any, *, timeout: float | None = None) -> Any:
        """POST that changes nothing: a question too long for a URL."""
        content = b"" if body is None else wire.dumps(body)
        return self._decoded(self.ask("POST", path, content, timeout=timeout), kind)

    def change(
        self,
        method: str,
        path: str,
        body: object | None,
        kind: Any,
        *,
        version: int | None = None,
        weight: int = 0,
        slow: float = 0.0,
        **query: Any,
    ) -> Any:
        """A change, once however often it has to be sent; `kind` None where nothing comes back.

        `weight` counts what it is about: each gives the server a little more time. `slow` are seconds more for an act that asks others.
        """
        content = b"" if body is None else wire.dumps(body)
        digest = hashlib.sha256(f"{method} {path} {query} {version}\n".encode() + content).hexdigest()
        key = self._key(digest)
        try:
            timeout = self._timeout + EACH * weight + slow if weight or slow else None
            answer = self.ask(method, path, content, version=version, key=key, query=query, timeout=timeout)
            self.changes += 1
        except (Unreachable, Interrupted):
            self._remember(digest, key)
            self.changes += 1
            raise
        except CerttuiError:
            self._forget(digest)
            raise
        self._forget(digest)
        return None if kind is None else self._decoded(answer, kind)

    def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        version: int | None = None,
        key: str = "",
        query: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        attempts: int | None = None,
        have: str = "",
    ) -> Answer:
        """One request, tried again where that may help. Raises what the server answered, `Unreachable`, `Interrupted`.

        With `have`, the tag of what is here already, the answer may be 304.
        """
        headers: dict[str, str] = {}
        if content:
            headers["content-type"] = "application/json"
        if version is not None:
            headers["if-match"] = f'"{version}"'
        if have:
            headers["if-none-match"] = f'"{have}"'
        if key:
            headers["idempotency-key"] = key
        parameters = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        request = self._client.build_request(
            method,
            f"{self.url}{PREFIX}{path}",
            params=parameters or None,
            content=content or None,
            headers=headers,
            timeout=self._times(timeout),
        )
        return self._insist(request, attempts or self.patience.attempts)

    def _insist(self, request: httpx.Request, attempts: int) -> Answer:
        began, failures, renewed = self._monotonic(), 0, False
        while True:
            token = self._authorise(request)
            wait: float | None = None
            try:
                answer, problem, wait = self._once(request)
                if problem is None:
                    return answer
                if answer.status == 401 and not renewed and self._tokens.renewed(token):
                    renewed = True
                    continue
                if answer.status not in _AGAIN:
                    raise problem
                failure = problem
            except Broken as end:
                failure = end.error
                if not end.worth_it:
                    raise failure from None
            failures += 1
            pause = backoff(self.patience, failures) if wait is None else wait
            late = self._monotonic() - began + pause > max(self._timeout, self.patience.obeys)
            if failures >= attempts or late or (wait is not None and wait > self.patience.obeys):
                raise failure
            if self.waker.pause(pause):
                raise closed()

    def _once(self, request: httpx.Request) -> tuple[Answer, CerttuiError | None, float | None]:
        generation = self._generation
        try:
            response = self._client.send(request, stream=True)
            try:
                body = _whole(response)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            if self._closed or generation != self._generation:
                raise Broken(interrupted(self._closed), worth_it=False) from None
            raise broken(self.host, error) from None
        except RuntimeError:  # httpx's word for a client that was closed meanwhile
            raise Broken(interrupted(closed=True), worth_it=False) from None
        self.heard()
        answer = Answer(response.status_code, body, response.headers.get("etag", ""))
        if response.status_code < 300 or (response.status_code == 304 and "if-none-match" in request.headers):
            return answer, None, None
        wait = retry_after(response.headers.get("retry-after"), self.clock.now())
        return answer, self._problem(response, body, wait), wait

    def _authorise(self, request: httpx.Request) -> Secret | None:
        token = self._tokens.token()
        if token is not None:
            request.headers["authorization"] = f"Bearer {token.reveal().decode('ascii', 'strict')}"
        return token

    def authorisation(self) -> dict[str, str]:
        """The header that says who one is, for the feed's own request."""
        token = self._tokens.token()
        return {} if token is None else {"authorization": f"Bearer {token.reveal().decode('ascii', 'strict')}"}

    def refused_token(self) -> bool:
        """After a 401 outside of `ask`: whether another token is there by now."""
        return self._tokens.renewed(self._tokens.token())

    def token(self) -> Secret | None:
        """The token itself, to derive from it what seals unsaved forms."""
        return self._tokens.token()

    # -- idempotency keys --------------------------------------------------------------------------------------------

    def _key(self, digest: str) -> str:
        if form := intent.current():
            return hashlib.sha256(f"{form} {digest}".encode()).hexdigest()[:40]
        with self._guard:
            return self._unsure.get(digest) or intent.new()

    def _remember(self, digest: str, key: str) -> None:
        with self._guard:
            self._unsure[digest] = key
            self._unsure.move_to_end(digest)
            while len(self._unsure) > _REMEMBERED:
                self._unsure.popitem(last=False)

    def _forget(self, digest: str) -> None:
        with self._guard:
            self._unsure.pop(digest, None)

    # -- what came back ----------------------------------------------------------------------------------------------

    def _decoded(self, answer: Answer, kind: Any) -> Any:  # Any: whatever the noun is
        try:
            return wire.decode(kind, wire.parsed(answer.body))
        except CerttuiError as error:
            field = getattr(error, "field", "")
            raise Unreachable(
                f"{self.host} answered something that this version of certtui does not understand{f' ({field})' if field else ''}.",
                "Look at the URL, and whether the server is much older or newer.",
            ) from None

    def _problem(self, response: httpx.Response, body: bytes, wait: float | None) -> CerttuiError:
        status = response.status_code
        if not response.headers.get("content-type", "").startswith(PROBLEM_JSON):
            return foreign(self.host, status)
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return foreign(self.host, status)
        error = error_of(document if isinstance(document, dict) else {}, status)
        if isinstance(error, Interrupted) and status == 410:
            error = ListingGone(error.message, error.hint)
        elif isinstance(error, Interrupted):
            # Broken off over there, as when it shuts down; nobody here cancelled anything.
            error = Unreachable(error.message, error.hint)
        if isinstance(error, Invalid) and error.field:
            error.field = _own_field(error.field)
        if isinstance(error, Locked):
            self.locked_hint = True
        if wait is not None and wait > self.patience.obeys and not error.hint:
            error.hint = f"Try again in {wait:.0f} seconds."
        return error

    # -- streams, and the end ----------------------------------------------------------------------------------------

    def stream(self, path: str, *, headers: Mapping[str, str], read_timeout: float) -> Any:
        """An answer that does not end, as httpx's context manager (Any: httpx.Response inside), for the feed."""
        timeout = httpx.Timeout(self._timeout, connect=min(CONNECT_TIMEOUT, self._timeout), read=read_timeout)
        sent = {**headers, **self.authorisation(), "accept": "text/event-stream", "cache-control": "no-store"}
        return self._client.stream("GET", f"{self.url}{PREFIX}{path}", headers=sent, timeout=timeout)

    def now(self) -> datetime:
        return self.clock.now()

    def interrupt(self) -> None:
        """Break off what waits for an answer in other threads: it raises `Interrupted`."""
        self._generation += 1
        self._sockets.shut()

    def close(self) -> None:
        """The end; idempotent."""
        if self._closed:
            return
        self._closed = True
        self.waker.end()
        self._sockets.shut()
        self._client.close()


def _nothing() -> None:
    return None


def _whole(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise httpx.RemoteProtocolError("an answer without end")
        parts.append(part)
    return b"".join(parts)


def _own_field(path: str) -> str:
    """A place in what was sent, as `certificates[0].labels.name`, as the field that a form or command knows."""
    name = path.rpartition(".")[2].partition("[")[0]
    return "certificate" if name == "leaf" else name


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
