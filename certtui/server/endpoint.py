"""What happens to every request between its header and its answer: who, may they, the body, the act in a thread, the answer."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request  # FastAPI reads the annotation
from starlette.responses import Response

from certtui.backend import wire
from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.access import ACTS, require
from certtui.server import idempotency
from certtui.server.limits import PEER, read_body
from certtui.server.listings import owner_of
from certtui.server.problems import LostUpdate, Refusal, Unauthenticated
from certtui.server.quick import SAME_WHILE
from certtui.server.route import Call, Reply

if TYPE_CHECKING:
    from certtui.model.access import Identity
    from certtui.model.once import Once
    from certtui.server.route import Route
    from certtui.server.state import State

SMALL = 1_200
"""Bytes below which compressing an answer gains nothing: it fits in one packet."""

Endpoint = Callable[["Request"], Awaitable[Response]]


def endpoint(route: Route, state: State) -> Endpoint:
    """The ASGI-side function of one route."""
    most = state.settings.max_upload if route.upload else state.settings.max_body
    parameters = frozenset(each.name for each in route.query)

    async def answer(request: Request) -> Response:
        request.scope["certtui.act"] = route.act
        identity = await authenticated(request, state)
        request.scope["certtui.actor"] = identity.actor.name
        if route.act in ACTS:
            # The backend asks again, on whatever way it is reached; here it spares reading a body for nothing.
            require(identity.access, route.act)
        _known(request, parameters)
        version = _version(request, route)
        key = request.headers.get("idempotency-key") if route.changes else None
        raw = await read_body(request, most, state.settings) if route.method in ("POST", "PATCH", "PUT") else b""
        work = partial(_work, route, state, request, identity, version, key, raw)
        return await asyncio.get_running_loop().run_in_executor(state.pool, work)

    answer.__name__ = route.act.replace(".", "_")
    return answer


def _known(request: Request, parameters: frozenset[str]) -> None:
    """Raises `Invalid` for a parameter that nobody reads: a misspelt filter would list everything."""
    for name in request.query_params:
        if name not in parameters:
            known = f"Known: {', '.join(sorted(parameters))}." if parameters else "Leave it out."
            raise Invalid(f"There is no parameter {name[:80]!r} here.", known, field=name[:80])


async def authenticated(request: Request, state: State) -> Identity:
    """Who is asking. Raises `Unauthenticated`, `Refusal` (429)."""
    credential, is_token = _credential(request)
    known = state.gate.known(credential)
    if known is not None:
        return known
    address = address_of(request)
    if is_token:
        ask = partial(state.serving.authenticate_token, credential, address)
    else:
        ask = partial(state.serving.authenticate_certificate, credential, address)
    return await state.gate.admit(credential, address, ask, state.pool)


def _credential(request: Request) -> tuple[bytes, bool]:
    """A token, or the client certificate of the connection."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Only a bearer token opens this server.", "Send `Authorization: Bearer TOKEN`.")
        return token.strip().encode("latin-1", "replace"), True
    peer = request.scope.get(PEER)
    if isinstance(peer, bytes):
        return peer, False
    raise Unauthenticated(
        "This needs a token or a client certificate.", "`certtui token create` on the server's host makes a token."
    )


def address_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""


def _version(request: Request, route: Route) -> int | None:
    """The version of `If-Match`, which a route that changes an entry asks for (RFC 6585, 3)."""
    if not route.if_match:
        return None
    tag = request.headers.get("if-match", "")
    if not tag:
        raise Refusal(
            428,
            "version-needed",
            "A version is needed",
            "This changes an entry, so it needs the version that was seen.",
            "Send the ETag of the last answer as If-Match.",
        )
    bare = tag.removeprefix("W/").strip('"')
    if not (bare.isascii() and bare.isdigit() and len(bare) < 19):
        raise Invalid("If-Match holds no version of ours.", "Send the ETag as it came.", field="If-Match")
    return int(bare)


def _have(request: Request) -> str:
    """The first tag of `If-None-Match` (RFC 9110, 13.1.2), "" for none."""
    return request.headers.get("if-none-match", "").partition(",")[0].strip().removeprefix("W/").strip('"')


def _work(
    route: Route,
    state: State,
    request: Request,
    identity: Identity,
    version: int | None,
    key: str | None,
    raw: bytes,
) -> Response:
    """The blocking part, in a thread."""
    request_id: str = request.scope["certtui.request_id"]
    body = wire.decode(route.takes, wire.parsed(raw), strict=True) if route.takes is not None else None

    def call(once: Once | None) -> Call:
        backend = state.serving.acting(identity, request_id=request_id, once=once)
        return Call(
            backend,
            identity,
            state,
            request.path_params,
            request.query_params,
            body,
            version,
            request_id,
            _have(request),
        )

    def act(once: Once | None) -> Reply:
        made = call(once)
        try:
            return route.run(made)
        except Conflict as error:
            if route.if_match and _moved(route, made):
                raise LostUpdate(error) from None
            raise

    repeated = False
    if key is None:
        found = act(None)
    else:
        once = idempotency.once(owner_of(identity), key, route, _target(request), version, raw)
        again = None if route.again is None else partial(route.again, call(None))
        found, repeated = state.repeats.run(once, act, again, secret=route.secret)
    return _response(found, request, route, repeated=repeated)


def _target(request: Request) -> str:
    """What the request is about: the path, and the query string where it says more."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _moved(route: Route, call: Call) -> bool:
    """Whether it was the version that was in the way."""
    noun = getattr(call.backend, route.act.partition(".")[0])
    try:
        if route.now is not None:
            return route.now(call) != call.version
        found = noun.get(call.id)
    except NotFound:
        return False
    # A page has its version itself, or its row does.
    version: int = found.version if hasattr(found, "version") else found.row.version
    return version != call.version


def _response(found: Reply, request: Request, route: Route, *, repeated: bool) -> Response:
    headers = {"cache-control": "no-store"}
    request.scope[SAME_WHILE] = found.same_while
    if found.etag:
        headers["etag"] = found.etag
    if repeated:
        headers["idempotency-replayed"] = "true"
    if found.unchanged:
        return Response(None, 304, headers)
    if found.body is None:
        return Response(None, 204, headers)
    body = found.body
    # A secret beside text that somebody else chose is not compressed: its length would tell of it (BREACH).
    if len(body) > SMALL and not route.secret and _takes_gzip(request.headers.get("accept-encoding", "")):
        compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
        body = compressor.compress(body) + compressor.flush()
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(body, 201 if route.created else 200, headers, "application/json")


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip may be sent (RFC 9110, 12.5.3)."""
    if "gzip" not in accepted:
        return False
    return not any(
        part.partition(";")[0].strip() == "gzip"
        and part.replace(" ", "").endswith((";q=0", ";q=0.0", ";q=0.00", ";q=0.000"))
        for part in accepted.split(",")
    )
