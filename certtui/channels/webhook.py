"""A POST of JSON, signed as Standard Webhooks 1.0 says (https://www.standardwebhooks.com): id, time and body under HMAC-SHA256.

A redirect is an answer like any other that is not a success: what is signed for one address goes to no other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ssl
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from certtui.channels.deadline import ALTOGETHER, Deadline
from certtui.channels.message import payload_bytes
from certtui.channels.trust import trusting
from certtui.clock import epoch
from certtui.errors import CerttuiError, Invalid
from certtui.model.channel import DeliveryResult
from certtui.model.secret import Secret
from certtui.text import clipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from certtui.channels.message import Message
    from certtui.model.channel import WebhookSettings

_PREFIX = "whsec_"
_SECONDS = 10.0
_MOST_ANSWER = 4_096
_SHOWN_ANSWER = 200
_LONGEST_WAIT = 86_400


def new_secret() -> Secret:
    """A fresh signing key as it is given to the other side: `whsec_` and 256 random bits."""
    import secrets

    return Secret(_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def signing_key(secret: Secret) -> bytes:
    """The bytes that sign: after `whsec_` they are base64, else the text itself. Raises `Invalid` (field "secret")."""
    text = secret.reveal()
    if not text.startswith(_PREFIX.encode()):
        return text
    try:
        key = base64.b64decode(text[len(_PREFIX) :], validate=True)
    except binascii.Error:
        key = b""
    if len(key) < 16:
        raise Invalid("After whsec_ stands a key of 16 bytes or more, in base64.", "Copy it whole.", field="secret")
    return key


def signature(secret: Secret, uid: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    signed = b".".join((uid.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()


def post(settings: WebhookSettings, secret: Secret | None, message: Message, now: datetime) -> DeliveryResult:
    """Send one message; any 2xx is a success, 410 the end of it, everything else is tried again."""
    import httpx

    body = payload_bytes(message)
    timestamp = epoch(now)
    headers = {
        "content-type": "application/json",
        "user-agent": "certtui",
        "accept": "*/*",
        "accept-encoding": "identity",
        "webhook-id": message.uid,
        "webhook-timestamp": str(timestamp),
    }
    if secret is not None:
        headers["webhook-signature"] = signature(secret, message.uid, timestamp, body)
    limit = Deadline(ALTOGETHER)

    def connected(event: str, info: Mapping[str, Any]) -> None:  # Any: what httpcore tells of an event
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            limit.watch(info["return_value"].get_extra_info("socket"))

    try:
        context: ssl.SSLContext = trusting(settings.ca_file)
        with (
            limit,
            # Nothing of the surroundings: no ~/.netrc, no SSL_CERT_FILE.
            httpx.Client(verify=context, timeout=_SECONDS, proxy=_proxy(settings.url), trust_env=False) as client,
            client.stream(
                "POST", settings.url, content=body, headers=headers, extensions={"trace": connected}
            ) as answer,
        ):
            said = _read(answer, limit)
            return _judged(answer.status_code, said, answer.headers.get("retry-after", ""), now)
    except httpx.TimeoutException:
        return DeliveryResult(False, "The server did not answer in time.")
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        if limit.passed:
            return DeliveryResult(False, "The server did not answer in time.")
        return DeliveryResult(False, f"The server could not be reached: {_said(error)}.")
    except CerttuiError as error:
        return DeliveryResult(False, str(error))


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY`)."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def _read(answer: httpx.Response, limit: Deadline) -> str:
    """The beginning of what the server says; what it said until its time ran out is enough."""
    import httpx

    said = b""
    try:
        for chunk in answer.iter_raw():
            said += chunk
            if len(said) >= _MOST_ANSWER:
                break
    except httpx.HTTPError:
        if not limit.passed:
            raise
    return said[:_MOST_ANSWER].decode("utf-8", "replace").strip()


def _judged(status: int, said: str, retry_after: str, now: datetime) -> DeliveryResult:
    words = f": {clipped(said, _SHOWN_ANSWER)}" if said else ""
    if 200 <= status < 300:
        return DeliveryResult(True, f"The server answered {status}.")
    if status == 410:
        return DeliveryResult(False, f"The server answered 410, it is gone for good{words}.", permanent=True)
    if 300 <= status < 400:
        return DeliveryResult(False, f"The server answered {status}, a redirect, which is not followed.")
    return DeliveryResult(False, f"The server answered {status}{words}.", retry_after=_wait(retry_after, now))


def _wait(retry_after: str, now: datetime) -> int | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3)."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(int(text), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0, min(int((until - now).total_seconds()), _LONGEST_WAIT))


def _said(error: Exception) -> str:
    return str(clipped(str(error).rstrip("."), _SHOWN_ANSWER)) or type(error).__name__
