"""What anybody may fetch of the built-in PKI, without a login: CRLs, certificates of CAs, OCSP answers.

They are signed statements made for strangers (RFC 5280, 4.2.1.13 and 4.2.2.1; RFC 6960, A.1), so they are the same for
everybody and may be kept by caches. A pool of their own answers, so that a flood of questions leaves the API its threads.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from certtui.clock import UTC
from certtui.errors import CerttuiError, NotFound
from certtui.record import dataclass
from certtui.server.limits import read_body
from certtui.server.problems import Refusal
from certtui.server.quick import Shared

if TYPE_CHECKING:
    from fastapi import FastAPI

    from certtui.server.state import State

T = TypeVar("T")

THREADS = 4
MOST_WAITING = 256
"""Questions that wait for a thread; more are told to come back."""
MOST_ASKED = 16 << 10
"""Bytes of an OCSP request; one for a certificate takes about a hundred."""
FRESH = 3600
"""Seconds for which a cache may keep what is valid for longer: a revocation is known everywhere within an hour."""
KEPT = 64 << 20
"""Bytes of CRLs and certificates that are held."""

CRL_TYPE = "application/pkix-crl"
CERTIFICATE_TYPE = "application/pkix-cert"
OCSP_TYPE = "application/ocsp-response"

_MALFORMED = bytes.fromhex("30030a0101")
_TRY_LATER = bytes.fromhex("30030a0103")
"""OCSP responses without content (RFC 6960, 4.2.1): malformedRequest, tryLater."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file as it is sent: from when it is, and until when it holds (None where it says nothing of that)."""

    body: bytes
    kind: str
    since: datetime | None
    until: datetime | None
    name: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:40]}"'


class Publisher:
    """The public side of one server."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="certtui-public")
        self._newest = Shared(lambda: state.serving.backend.feed.latest(), self._pool)
        self._waiting = 0
        self._files: OrderedDict[str, tuple[int, Published]] = OrderedDict()
        self._size = 0

    def add_to(self, app: FastAPI) -> None:
        """The routes, the ones that read with HEAD too."""
        for path, handler, name in (
            ("/pki/crl/{file:path}", self.crl, "public.crl"),
            ("/pki/ca/{file:path}", self.certificate, "public.certificate"),
        ):
            app.add_api_route(path, handler, methods=["GET", "HEAD"], name=name)
        app.add_api_route("/pki/ocsp", self.ocsp_post, methods=["POST"], name="public.ocsp")
        app.add_api_route("/pki/ocsp/{question:path}", self.ocsp_get, methods=["GET"], name="public.ocsp")

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- files -------------------------------------------------------------------------------------------------------

    async def crl(self, request: Request) -> Response:
        request.scope["certtui.act"] = "public.crl"
        return await self._file(request, ".crl", self._read_crl)

    async def certificate(self, request: Request) -> Response:
        request.scope["certtui.act"] = "public.certificate"
        return await self._file(request, ".cer", self._read_certificate)

    async def _file(self, request: Request, ending: str, read: Callable[[str], Published]) -> Response:
        file = request.path_params["file"]
        if not file.endswith(ending) or len(file) > 300:
            raise _nothing()
        newest = await self._newest()
        known = self._files.get(request.url.path)
        if known is None or known[0] != newest:
            found = await self._run(lambda: read(file.removesuffix(ending)))
            self._keep(request.url.path, newest, found)
        else:
            found = known[1]
        return _sent(found, request.headers, self._state.serving.clock.now())

    def _read_crl(self, name: str) -> Published:
        """`NAME` is the CRL of the CA of that id or name, `NAME-delta` its delta."""
        from cryptography import x509

        cas = self._state.serving.backend.cas
        try:
            ca_id, delta = _resolved(cas.resolve, name), False
        except NotFound:
            if not name.endswith("-delta"):
                raise
            ca_id, delta = _resolved(cas.resolve, name.removesuffix("-delta")), True
        der = cas.crl(ca_id, delta=delta)
        crl = x509.load_der_x509_crl(der)
        return Published(
            der, CRL_TYPE, crl.last_update_utc, crl.next_update_utc, f"{ca_id}{'-delta' if delta else ''}.crl"
        )

    def _read_certificate(self, name: str) -> Published:
        cas = self._state.serving.backend.cas
        ca_id = _resolved(cas.resolve, name)
        return Published(cas.certificate(ca_id), CERTIFICATE_TYPE, None, None, f"{ca_id}.cer")

    def _keep(self, path: str, newest: int, found: Published) -> None:
        if (old := self._files.pop(path, None)) is not None:
            self._size -= len(old[1].body)
        self._files[path] = newest, found
        self._size += len(found.body)
        while self._size > KEPT and len(self._files) > 1:
            _, (_, gone) = self._files.popitem(last=False)
            self._size -= len(gone.body)

    # -- OCSP --------------------------------------------------------------------------------------------------------

    async def ocsp_post(self, request: Request) -> Response:
        """RFC 6960, A.1.1: the request is the body."""
        request.scope["certtui.act"] = "public.ocsp"
        try:
            asked = await read_body(request, MOST_ASKED, self._state.settings)
        except Refusal as refused:
            if refused.status == 413:
                return _ocsp(_MALFORMED, {"cache-control": "no-store", "connection": "close"})
            raise
        return _ocsp(await self._answer(asked), {"cache-control": "no-store"})

    async def ocsp_get(self, request: Request) -> Response:
        """RFC 6960, A.1.1: the request is in the path, base64 and then URL-encoded."""
        request.scope["certtui.act"] = "public.ocsp"
        # Some clients leave `+` as it is, which others on the way take for a blank.
        text = request.path_params["question"].replace(" ", "+")
        try:
            asked = b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            asked = b""
        answer = await self._answer(asked) if 0 < len(asked) <= MOST_ASKED else _MALFORMED
        return _ocsp(answer, _kept_for(answer, self._state.serving.clock.now()), request.headers)

    async def _answer(self, asked: bytes) -> bytes:
        try:
            return await self._run(lambda: self._state.serving.backend.cas.ocsp(asked))
        except (Refusal, CerttuiError):
            return _TRY_LATER

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Refusal(503, "busy", "Busy", "Too many ask at this moment.", "Ask again.", {"retry-after": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _resolved(resolve: Callable[[str], int], name: str) -> int:
    """The CA of that id or name; several that fit are told to nobody."""
    try:
        return resolve(f"{'id' if name.isascii() and name.isdigit() else 'name'}:{name}")
    except NotFound:
        raise NotFound("There is nothing at this path.") from None


def _nothing() -> Refusal:
    return Refusal(404, "not-found", "Not there", "There is nothing at this path.")


def _sent(found: Published, headers: Mapping[str, str], now: datetime) -> Response:
    """The file with what caches need to know (RFC 9111); 304 for who has it."""
    sent = {"etag": found.etag, "cache-control": _cache_control(found.until, now)}
    if found.since is not None:
        sent["last-modified"] = _http_date(found.since)
    if found.until is not None:
        sent["expires"] = _http_date(found.until)
    if _has_it(found, headers):
        return Response(None, 304, sent)
    sent["content-disposition"] = f'attachment; filename="{found.name}"'
    return Response(found.body, 200, sent, found.kind)


def _has_it(found: Published, headers: Mapping[str, str]) -> bool:
    """RFC 9110, 13.1: the tag decides, where one is sent."""
    if (tags := headers.get("if-none-match")) is not None:
        return tags.strip() == "*" or found.etag in [each.strip().removeprefix("W/") for each in tags.split(",")]
    if found.since is None or (since := headers.get("if-modified-since")) is None:
        return False
    try:
        return found.since <= parsedate_to_datetime(since).replace(tzinfo=UTC)
    except (ValueError, TypeError):
        return False


def _cache_control(until: datetime | None, now: datetime) -> str:
    left = FRESH if until is None else max(0, min(FRESH, int((until - now).total_seconds())))
    return f"public, max-age={left}, no-transform, must-revalidate"


def _kept_for(answer: bytes, now: datetime) -> dict[str, str]:
    """The caching headers of an OCSP answer to a GET (RFC 5019, 6.2); an error or one with a nonce is kept by nobody."""
    from cryptography.x509 import OCSPNonce, ocsp

    try:
        response = ocsp.load_der_ocsp_response(answer)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return {"cache-control": "no-store"}
        if any(isinstance(each.value, OCSPNonce) for each in response.extensions):
            return {"cache-control": "no-store"}
        singles = list(response.responses)
        produced = max(each.this_update_utc for each in singles)
        until = min(each.next_update_utc or each.this_update_utc for each in singles)
    except ValueError:
        return {"cache-control": "no-store"}
    return {
        "cache-control": _cache_control(until, now),
        "last-modified": _http_date(produced),
        "expires": _http_date(until),
        "etag": f'"{hashlib.sha256(answer).hexdigest()[:40]}"',
    }


def _ocsp(answer: bytes, sent: dict[str, str], headers: Mapping[str, str] | None = None) -> Response:
    if headers is not None and "etag" in sent and headers.get("if-none-match", "") == sent["etag"]:
        return Response(None, 304, sent)
    return Response(answer, 200, sent, OCSP_TYPE)


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
