"""ARI: when the CA would like a certificate to be renewed, and an instant within that (RFC 9773)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.jose import b64
from certtui.authorities.acme.objects import RenewalInfo, renewal_info_of
from certtui.model.x509 import X509Facts

ASK_AGAIN = timedelta(hours=6)
"""Where the CA does not say when to ask again (RFC 9773, 4.3.2 allows one to choose); at least a minute, at most a day."""


def certificate_id(leaf: X509Facts) -> str:
    """How ARI and `replaces` name a certificate (RFC 9773, 4.1); "" for one without an authority key identifier."""
    if not leaf.authority_key_id or leaf.serial_number.startswith("-"):
        return ""
    serial = int(leaf.serial_number, 16)
    # The content of the DER INTEGER: a leading zero where the first bit would make it negative.
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    return f"{b64(bytes.fromhex(leaf.authority_key_id))}.{b64(octets)}"


def ask(connection: Connection, leaf: X509Facts) -> RenewalInfo | None:
    """The CA's window; None where it has no ARI or does not know the certificate. Raises `Unreachable`, `AcmeError`."""
    url, name = connection.directory.renewal_info, certificate_id(leaf)
    if not url or not name:
        return None
    reply = connection.get(f"{url.rstrip('/')}/{name}", absent=(400, 404))
    return None if reply.status >= 400 else renewal_info_of(reply.json(), reply.retry_at)


def asked_again_at(info: RenewalInfo, now: datetime) -> datetime:
    """When to ask again: as told, clamped as RFC 9773, 4.3.2 says."""
    wanted = info.retry_at or now + ASK_AGAIN
    return min(max(wanted, now + timedelta(minutes=1)), now + timedelta(days=1))


def instant_within(info: RenewalInfo, seed: str) -> datetime:
    """A uniformly random instant of the window (RFC 9773, 4.2), the same for the same seed; one in the past means now."""
    seconds = max(int((info.end - info.start).total_seconds()), 1)
    drawn = random.Random(f"{seed}:{info.start.isoformat()}:{info.end.isoformat()}")  # noqa: S311  (spreads load, hides nothing)
    return info.start + timedelta(seconds=drawn.randrange(seconds))
