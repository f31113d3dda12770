"""Asking a CA whether it has revoked a certificate: by OCSP where the certificate names a responder, else by its CRL."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme.connection import proxy_for
from certtui.authorities.acme.http_within import within
from certtui.errors import CerttuiError, Unreachable
from certtui.model.crl import CrlEntry
from certtui.model.x509 import X509Facts
from certtui.pki import revoked

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 20_000_000
_SECONDS = 15.0
_SECONDS_IN_ALL = 60.0
"""A CRL may be long, and the way to it slow."""
_TYPES = {"content-type": "application/ocsp-request", "accept": "application/ocsp-response"}


def revocation_of(
    leaf: X509Facts, issuer: X509Facts, now: datetime, heard: MutableMapping[str, bytes | None]
) -> tuple[CrlEntry, str] | None:
    """The revocation and who said so; None where the CA says that there is none, or says nothing anywhere.

    `heard` keeps CRLs for those asked together, and None for who did not answer. Raises `CerttuiError` where nobody could be asked.
    """
    responders, points = revoked.places(leaf)
    failed: CerttuiError | None = None
    for url in responders[:2]:
        try:
            answer = _answer(url, heard, revoked.question(leaf, issuer))
            entry = revoked.by_ocsp(answer, leaf, issuer, now)
            return None if entry is None else (entry, f"OCSP at {url}")
        except CerttuiError as error:
            failed = error
    for url in points[:2]:
        try:
            entry = revoked.by_crl(_answer(url, heard), leaf, issuer, url, now)
            return None if entry is None else (entry, f"the CRL at {url}")
        except CerttuiError as error:
            failed = error
    if failed is not None:
        raise failed
    return None


def _answer(url: str, heard: MutableMapping[str, bytes | None], body: bytes | None = None) -> bytes:
    """What is there; who did not answer is not asked again, and a list is asked for once. Raises `Unreachable`."""
    if url in heard:
        if (kept := heard[url]) is None:
            raise Unreachable(f"{url} did not answer.", "It is asked again another day.")
        return kept
    try:
        found = _fetched(url, body)
    except Unreachable:
        heard[url] = None
        raise
    if body is None:
        heard[url] = found
    return found


def _fetched(url: str, body: bytes | None = None) -> bytes:
    """What is at an address that a certificate names; nothing is followed from there. Raises `Unreachable`."""
    import httpx

    try:
        with (
            httpx.Client(timeout=_SECONDS, trust_env=False, proxy=proxy_for(url)) as client,
            within(_SECONDS_IN_ALL) as limit,
            client.stream(
                "GET" if body is None else "POST",
                url,
                content=body,
                headers=None if body is None else _TYPES,
                extensions=limit,
            ) as answer,
        ):
            if answer.status_code != 200:
                raise Unreachable(f"{url} answered {answer.status_code}.", "It is asked again another day.")
            return _read(url, answer)
    except httpx.HTTPError as error:
        raise Unreachable(
            f"{url} can't be reached: {type(error).__name__}.", "It is asked again another day."
        ) from None
    except httpx.InvalidURL:
        raise Unreachable(f"{url} is no address.", "The certificate names it so.") from None


def _read(url: str, answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise Unreachable(f"{url} sends more than {MOST_BYTES // 1_000_000} MB.", "It is asked again another day.")
        parts.append(part)
    return b"".join(parts)
