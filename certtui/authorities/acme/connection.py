"""One ACME server over HTTPS: directory, nonces, signed requests, answers of bounded size, errors as sentences.

A request that was refused for its nonce has had no effect, so it is sent again at once with the nonce that came with
the refusal (RFC 8555, 6.5). One that got no answer is never repeated here: whether it had an effect is for the
caller to find out. Connections and nonces may be shared by threads.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from certtui.authorities.acme.jose import AccountKey
from certtui.authorities.acme.objects import Directory, directory_of
from certtui.authorities.acme.problems import error_of, problem_of
from certtui.authorities.acme.retry_after import instant
from certtui.clock import Clock
from certtui.errors import Invalid, Unreachable
from certtui.record import dataclass

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1_000_000
"""An answer that is longer is no answer of an ACME server."""

_MOST_ROOTS = 5_000_000
"""Bytes of a file with roots; those of a whole system have a quarter of a million."""

_NONCE_TRIES = 12
_DIRECTORY_SECONDS = 3_600
_MOST_NONCES = 50
_NONCE = re.compile(r"[A-Za-z0-9_-]{1,1000}\Z")
_LINK = re.compile(r'<([^>]*)>((?:[^,"<]|"[^"]*")*)')
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: 2xx, its body read."""

    status: int
    url: str
    body: bytes
    location: str = ""
    retry_at: datetime | None = None
    links: tuple[tuple[str, str], ...] = ()
    """Relation and address of each `Link`, as `alternate` (RFC 8555, 7.4.2) and `next` (7.1.2.1)."""
    nonce: str = ""
    """For the next request; it is used once."""

    def linked(self, relation: str) -> tuple[str, ...]:
        """The addresses of one relation."""
        return tuple(address for each, address in self.links if each == relation)

    def json(self) -> dict[str, object]:
        """The body as a JSON object. Raises `Unreachable`."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            page = self.body.lstrip()[:1] == b"<"
            raise Unreachable(
                f"{host_of(self.url)} answered with {'a page' if page else 'something'} that is no JSON object.",
                f"Check the directory's address{', and whether a portal or a proxy stands in between' if page else ''}.",
            )
        return found


class Connection:
    """An ACME server by the address of its directory; close it, or use it as a context."""

    def __init__(
        self,
        directory_url: str,
        *,
        ca_file: str = "",
        timeout: float = 15.0,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
        user_agent: str = "",
    ) -> None:
        """`ca_file` names the roots to trust in place of the system's, `timeout` is in seconds for each request.

        Raises `Invalid` (field `directory` or `ca_file`).
        """
        import httpx

        self.url = checked_url(directory_url)
        self._timeout = timeout
        self._clock = clock or Clock()
        self._nonces: list[str] = []
        self._guard = threading.Lock()
        self._directory: Directory | None = None
        self._directory_until = 0.0
        self._http = httpx.Client(
            verify=trusting(ca_file),
            timeout=timeout,
            # Nothing of the surroundings but the proxy: no ~/.netrc, no SSL_CERT_FILE.
            trust_env=False,
            proxy=None if transport is not None else proxy_for(self.url),
            transport=transport,
            headers={"user-agent": user_agent or _user_agent(), "accept-language": "en"},
        )

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def now(self) -> datetime:
        """The instant by this connection's clock."""
        return self._clock.now()

    @property
    def directory(self) -> Directory:
        """Where things are, asked for once an hour. Raises `Unreachable`, `AcmeError`."""
        now = time.monotonic()
        if self._directory is None or now > self._directory_until:
            self._directory = directory_of(self.get(self.url).json())
            self._directory_until = now + _DIRECTORY_SECONDS
        return self._directory

    def get(self, url: str, *, absent: tuple[int, ...] = ()) -> Reply:
        """An unsigned GET, which ACME has for the directory and renewal information alone; statuses of `absent` are answers."""
        answer = self._send("GET", url)
        return answer if answer.status in absent else self._judged(answer)

    def post(
        self, url: str, payload: Mapping[str, object] | None, key: AccountKey, kid: str = "", *, accept: str = ""
    ) -> Reply:
        """A signed request; without a payload it is a POST-as-GET (RFC 8555, 6.3). Raises `AcmeError`, `Unreachable`."""
        body = b"" if payload is None else json.dumps(payload).encode()
        nonce = self._nonce()
        for _ in range(_NONCE_TRIES):
            answer = self._send(
                "POST",
                url,
                content=key.signed(body, url=url, nonce=nonce, kid=kid),
                headers={"content-type": "application/jose+json", **({"accept": accept} if accept else {})},
            )
            if answer.status < 400 or self._problem_type(answer) != "badNonce":
                self._keep(answer.nonce)
                return self._judged(answer)
            # The fresh one of this refusal; the others that are kept may be as stale as the refused one.
            self._forget_nonces()
            nonce = answer.nonce or self._new_nonce()
        # No refusal of what is asked for: an order that ended by it would have to be made again by hand.
        raise Unreachable(
            f"{host_of(self.url)} refused {_NONCE_TRIES} nonces that it had just given.", "It is tried again."
        )

    def _problem_type(self, answer: Reply) -> str:
        try:
            return problem_of(json.loads(answer.body), answer.status).type
        except (ValueError, RecursionError):
            return ""

    def _nonce(self) -> str:
        with self._guard:
            if self._nonces:
                return self._nonces.pop()
        return self._new_nonce()

    def _new_nonce(self) -> str:
        answer = self._send("HEAD", self.directory.new_nonce)
        if answer.status >= 400:
            self._judged(answer)
        if not answer.nonce:
            raise Unreachable(f"{host_of(self.url)} gave no nonce.", "Check the directory's address.")
        return answer.nonce

    def _keep(self, nonce: str) -> None:
        if nonce:
            with self._guard:
                self._nonces.append(nonce)
                del self._nonces[:-_MOST_NONCES]

    def _forget_nonces(self) -> None:
        with self._guard:
            self._nonces.clear()

    def _send(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        import httpx

        address = self._named(url)
        began = time.monotonic()
        try:
            with self._http.stream(method, address, content=content, headers=headers) as answer:
                body = self._read(answer, began + self._timeout)
                return Reply(
                    answer.status_code,
                    address,
                    body,
                    urljoin(address, location) if (location := _first(answer, "location")) else "",
                    instant(_first(answer, "retry-after"), self.now()),
                    _links(answer.headers.get_list("link"), address),
                    _nonce_of(_first(answer, "replay-nonce")),
                )
        except httpx.TimeoutException:
            raise _late(address, self._timeout) from None
        except httpx.RemoteProtocolError as error:
            # Whether it was done, nobody here can know: who asked finds out (advance.py).
            early = any(word in str(error) for word in ("disconnected", "closed connection"))
            said = "ended the connection before its answer was whole" if early else "does not speak HTTP"
            raise Unreachable(
                f"{host_of(address)} {said}.",
                "It is tried again." if early else "Check the address, and what stands in between.",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise Unreachable(
                f"{host_of(address)} could not be reached: {_said(error)}.",
                "Check the address, the network, the proxy.",
            ) from None

    def _named(self, url: str) -> str:
        """An address that the server gave. One that it can't be asked by may be right the next time."""
        try:
            return checked_url(url)
        except Invalid as error:
            raise Unreachable(
                f"{host_of(self.url)} gives an address that can't be asked: {error.message}",
                "Where it stands behind a proxy, the proxy has to say that it is asked over https://.",
            ) from None

    def _read(self, answer: httpx.Response, until: float) -> bytes:
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise Unreachable(
                    f"{host_of(str(answer.url))} answers with more than {MOST_BYTES:,} bytes.",
                    "Check the directory's address.",
                )
            if time.monotonic() > until:
                raise _late(str(answer.url), self._timeout)
        return body

    def _judged(self, answer: Reply) -> Reply:
        """The answer if it is one; else what the server said. Raises `AcmeError`, `Unreachable`."""
        if 200 <= answer.status < 300:
            return answer
        if 300 <= answer.status < 400:
            # A signed request is for one address (RFC 8555, 6.4): it can't follow.
            raise Unreachable(
                f"{host_of(answer.url)} answered {answer.status}, a redirect to {answer.location or 'nowhere'}.",
                "Use that address if it is the CA's; else a portal or a proxy stands in between.",
            )
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        problem = problem_of(document, answer.status)
        if not problem.type and answer.status not in (429, 503):
            raise Unreachable(
                f"{host_of(answer.url)} answered {answer.status}{': ' + problem.detail if problem.detail else ''}.",
                "Check the address; it is tried again." if answer.status >= 500 else "Check the directory's address.",
            )
        if problem.type == "serverInternal" and answer.status != 503:
            raise Unreachable(f"{problem.meaning} It says: {problem.words}", "It is tried again.")
        raise error_of(problem, answer.retry_at)


def checked_url(url: str) -> str:
    """An address that may be asked: HTTPS only (RFC 8555, 6.1). Raises `Invalid` (field `directory`)."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        usable = False
    if not usable or any(ord(c) <= 32 or ord(c) == 127 for c in url.strip()):
        raise Invalid(f"“{url[:200]}” is no HTTPS address.", "ACME is spoken over https:// alone.", field="directory")
    if parts.username is not None:
        raise Invalid("An ACME server's address has no user name.", "Leave it out.", field="directory")
    return url.strip()


def host_of(url: str) -> str:
    """The host of an address, with a port where it has one."""
    return urlsplit(url).netloc


def _first(answer: httpx.Response, name: str) -> str:
    """A header that there should be one of; two proxies in a row may each add it."""
    return next(iter(answer.headers.get_list(name)), "")


def _nonce_of(header: str) -> str:
    """The nonce; what is no base64url is ignored (RFC 8555, 6.5.1)."""
    return header if _NONCE.match(header) else ""


def _links(headers: list[str], base: str) -> tuple[tuple[str, str], ...]:
    """Every relation of every link (RFC 8288, 3)."""
    found = []
    for header in headers:
        for target, rest in _LINK.findall(header):
            for quoted, bare in _REL.findall(rest):
                found += [(word.lower(), urljoin(base, target)) for word in (quoted or bare).split()]
    return tuple(dict.fromkeys(found))


def trusting(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 and above with the roots of a file, or the system's for "". Raises `Invalid` (field `ca_file`)."""
    try:
        if ca_file:
            _require_small(ca_file)
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise Invalid(
            f"The roots at {ca_file} can't be read: {getattr(error, 'strerror', None) or error}.",
            "Give a PEM file of the CA's own roots, or none for the system's.",
            field="ca_file",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _require_small(path: str) -> None:
    """Raises `OSError` for what is read without an end: a device, a pipe; whoever sets it may be elsewhere."""
    import stat
    from pathlib import Path

    found = Path(path).stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(None, "it is no file")
    if found.st_size > _MOST_ROOTS:
        raise OSError(None, "it is too long")


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY`)."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def _user_agent() -> str:
    from certtui import __version__

    return f"certtui/{__version__} (ACME)"


def _late(url: str, seconds: float) -> Unreachable:
    return Unreachable(f"{host_of(url)} did not answer within {seconds:g} seconds.", "It is tried again.")


def _said(error: Exception) -> str:
    text = str(error).rstrip(".")
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its TLS certificate is not trusted (" + text.rpartition(": ")[2].partition(" (_ssl")[0] + ")"
    return text[:200] or type(error).__name__
