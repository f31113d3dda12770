"""Our own look at what a CA will ask for by HTTP: it tells a wrong web root from a right one before a failure counts there.

What is seen from here need not be what the CA sees, so no answer at all says little; a wrong one says much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from certtui.authorities.acme.dns_ask import Resolver, resolve
from certtui.authorities.acme.dns_look import FOUND, UNKNOWN, WRONG, Looked
from certtui.authorities.acme.dns_names import Delegation
from certtui.authorities.acme.http_answers import PATH
from certtui.authorities.acme.http_within import within
from certtui.errors import Unreachable

if TYPE_CHECKING:
    import httpx

PORT = 80
"""Where a CA asks (RFC 8555, 8.3), which nothing can change."""

_SECONDS = 5.0
_errno = re.compile(r"^\[Errno -?\d+\] ")
_SECONDS_IN_ALL = 15.0
_MOST_REDIRECTS = 5
_MOST_BYTES = 2_048


def look(resolver: Resolver, host: str, token: str, expected: str) -> Looked:
    """Ask as a CA would, by the name's own addresses. What can't be looked at is an answer as well."""
    where = f"http://{_bracketed(host)}{PATH}{token}"
    shown = Delegation(f"http://{_bracketed(host)}{PATH}", token)
    try:
        status, body, last = _asked(resolver, where)
    except Unreachable as error:
        return Looked(shown, UNKNOWN, f"{shown.name} can't be looked at from here: {error.message}")
    led = f" It leads to {last}." if last != where else ""
    if status != 200:
        return Looked(shown, WRONG, f"{shown.name} answers {status} for the token.{led}")
    if body.decode("latin-1").rstrip() != expected:
        return Looked(shown, WRONG, f"{shown.name} answers something else for the token.{led}")
    return Looked(shown, FOUND, f"{shown.name} answers the token as it should.{led}")


def _asked(resolver: Resolver, url: str) -> tuple[int, bytes, str]:
    """Status, body and address after redirects. Raises `Unreachable`."""
    import httpx

    # As CAs do, without a look at the certificate: a redirect to https often leads to the one that is to be replaced.
    with (
        httpx.Client(timeout=_SECONDS, trust_env=False, verify=False) as client,  # noqa: S501
        within(_SECONDS_IN_ALL) as limit,
    ):
        for _ in range(_MOST_REDIRECTS + 1):
            status, body, further = _once(client, limit, resolver, url)
            if not further:
                return status, body, url
            try:
                url = urljoin(url, further)
            except ValueError:
                raise Unreachable("it redirects to no address.") from None
    raise Unreachable(f"it redirects more than {_MOST_REDIRECTS} times.")


def _once(client: httpx.Client, limit: Mapping[str, object], resolver: Resolver, url: str) -> tuple[int, bytes, str]:
    import httpx

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unreachable("it redirects to no address.") from None
    if parts.scheme not in ("http", "https") or not host or port not in (None, PORT, 443):
        raise Unreachable("it redirects to where no CA would follow.")
    said = ""
    for address in _addresses(resolver, host):
        at = f"{parts.scheme}://{_bracketed(address)}:{port or (PORT if parts.scheme == 'http' else 443)}{parts.path or '/'}"
        try:
            with client.stream(
                "GET",
                at + (f"?{parts.query}" if parts.query else ""),
                headers={"Host": parts.netloc.rpartition("@")[2], "User-Agent": "certtui", "Accept": "*/*"},
                extensions={"sni_hostname": host, **limit},
            ) as reply:
                further = reply.headers.get("location", "") if reply.is_redirect else ""
                body = b""
                for piece in reply.iter_bytes():
                    body += piece
                    if further or len(body) > _MOST_BYTES:
                        break
                return reply.status_code, body, further
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            said = f"{address}: {_errno.sub('', str(error)) or type(error).__name__}"
    raise Unreachable(said or f"{host} has no address.")


def _addresses(resolver: Resolver, host: str) -> list[str]:
    import ipaddress

    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    found: list[str] = []
    for kind in ("A", "AAAA"):
        answer = resolve(resolver, host, kind)
        found += [record.address for each in answer.answer if each.rdtype.name == kind for record in each][:2]
    return found


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
