"""The URL of a server: what may be one, and which proxy leads there."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # documented for getproxies, missing in the stubs
    getproxies_environment,
    proxy_bypass_environment,
)

from certtui.errors import Invalid

PREFIX = "/api/v1"


def base_url(text: str) -> str:
    """The URL without a slash at its end. Raises `Invalid` (field "url").

    Plain HTTP is taken on this machine alone: elsewhere the token would travel in the clear.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise Invalid(f"{text!r} is no URL of a server.", "Write it as https://HOST:PORT.", field="url")
    if parts.username is not None or parts.password is not None:
        raise Invalid(
            "The URL of a server holds no password.",
            "Put the token into a file and name it as token_file.",
            field="url",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise Invalid(
            f"{host} would get the token over plain HTTP, where anybody on the way can read it.",
            "Write https:// and let the server have a certificate.",
            field="url",
        )
    return url.removesuffix(PREFIX)


def is_loopback(host: str) -> bool:
    """Whether it is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_for(url: str, chosen: str) -> str | None:
    """The proxy to go through: the one that was chosen, none for `none`, else that of the environment (`HTTPS_PROXY`, `NO_PROXY`).

    Raises `Invalid` (field "proxy").
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if chosen == "none":
        return None
    if not chosen:
        if is_loopback(host) or proxy_bypass_environment(host):
            return None
        found = getproxies_environment()
        chosen = found.get(parts.scheme) or found.get("all") or ""
        if not chosen:
            return None
        if "://" not in chosen:
            chosen = f"http://{chosen}"
    if urlsplit(chosen).scheme not in ("http", "https") or not urlsplit(chosen).hostname:
        raise Invalid("The proxy is no HTTP proxy.", "Write it as http://HOST:PORT.", field="proxy")
    return chosen
