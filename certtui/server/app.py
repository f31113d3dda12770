"""The application: routes of every noun, the change feed, health, metrics, and the ring of middleware around them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from certtui import __version__
from certtui.errors import CerttuiError, Unreachable
from certtui.server import problems
from certtui.server.auth import Gate
from certtui.server.endpoint import endpoint
from certtui.server.feed import PEOPLE, Follower
from certtui.server.grouping import grouped, single
from certtui.server.idempotency import Repeats
from certtui.server.listings import Listings
from certtui.server.metrics import Metrics
from certtui.server.operations import operations
from certtui.server.pages import Pages
from certtui.server.quick import Quick, Shared
from certtui.server.ring import Ring
from certtui.server.route import PREFIX
from certtui.server.routes import NOUNS
from certtui.server.routes.calendar import subscribe
from certtui.server.routes.public import Publisher
from certtui.server.settings import Settings
from certtui.server.state import State
from certtui.server.stream import stream
from certtui.worker import Running, works_here

if TYPE_CHECKING:
    from certtui.backend.inspect import Inspect
    from certtui.server.port import Serving

_log = logging.getLogger(__name__)

HOUSEKEEPING = 600.0
"""Seconds between two times that old idempotency keys are dropped."""


def create_app(serving: Serving, inspect: Inspect, settings: Settings | None = None) -> FastAPI:
    """The ASGI application over an open store, which stays the caller's to close. `app.state.certtui` is its `State`."""
    limits = settings or Settings()
    pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="certtui-request")
    gate = Gate(limits.identity_cache, serving.login_delay)
    newest = Shared(_Newest(serving, gate), pool)
    state = State(
        serving=serving,
        settings=limits,
        inspect=inspect,
        pool=pool,
        gate=gate,
        listings=Listings(limits),
        repeats=Repeats(serving.answers),
        follower=Follower(newest, limits.feed_interval),
        metrics=Metrics(),
        pages=Pages(),
    )
    app = FastAPI(
        title="certtui", version=__version__, docs_url=None, redoc_url=None, openapi_url=None,
        lifespan=partial(_lifespan, state), separate_input_output_schemas=False,
    )  # fmt: skip
    app.state.certtui = state
    # On the application itself: FastAPI looks through routers that are included one by one, for every request.
    for route in (each for noun in NOUNS for each in noun.all):
        app.add_api_route(
            PREFIX + route.path, endpoint(route, state), methods=[route.method], name=route.name, response_model=None
        )
    stream(app, state)
    operations(app, state)
    subscribe(app, state)
    if limits.public_pki:
        state.publisher = Publisher(state)
        state.publisher.add_to(app)
    app.router.routes = grouped(app.router.routes, depth=3)
    app.add_exception_handler(HTTPException, _refused)
    # The last one added is the outermost.
    app.add_middleware(Quick, state=state, newest=newest)
    app.add_middleware(Ring, state=state)
    return app


def create_public_app(app: FastAPI) -> FastAPI:
    """What a listener of its own serves beside that application: the public side of the built-in PKI, and nothing else."""
    state: State = app.state.certtui
    public = FastAPI(title="certtui", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    if state.publisher is None:
        state.publisher = Publisher(state)
    state.publisher.add_to(public)
    public.add_exception_handler(HTTPException, _refused)
    public.add_middleware(Ring, state=state)
    return public


async def _refused(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such path, no such method."""
    return problems.answer(problems.known(error), request.scope["certtui.request_id"])


class _Newest:
    """Looks for the newest change; one that touches who may come in has everybody asked for again."""

    def __init__(self, serving: Serving, gate: Gate) -> None:
        self._serving = serving
        self._gate = gate
        self._seen = -1

    def __call__(self) -> int:
        feed = self._serving.backend.feed
        newest = feed.latest()
        if newest != self._seen and self._touches_people(newest):
            self._gate.forget()
        self._seen = newest
        return newest

    def _touches_people(self, newest: int) -> bool:
        if self._seen < 0 or newest - self._seen > _MANY:
            return True
        changes = self._serving.backend.feed.since(self._seen, _MANY)
        return any(each.object_kind in PEOPLE for each in changes)


_MANY = 1_000


@contextlib.asynccontextmanager
async def _lifespan(state: State, app: FastAPI) -> AsyncIterator[None]:
    keeper = asyncio.create_task(_keep_house(state))
    state.worker = worker = _worker(state)
    try:
        yield
    finally:
        keeper.cancel()
        await state.follower.close()
        if worker is not None:
            await asyncio.get_running_loop().run_in_executor(None, _end, worker, state.settings.graceful)
        state.listings.close()
        if state.publisher is not None:
            state.publisher.close()
        # Whatever runs in a thread has been waited for by the server, or was given up; its end is not waited for again.
        state.pool.shutdown(wait=False, cancel_futures=True)


def _worker(state: State) -> Running | None:
    """The due work, in a thread of its own: none of a request's, so that neither waits for the other."""
    backend = state.serving.backend
    if not state.settings.worker or not works_here(backend):
        return None
    return Running(backend, state.serving.clock).start()


def _end(worker: Running, seconds: float) -> None:
    """Let the round end that runs now; one that takes too long is given up, which costs nothing but time."""
    try:
        worker.stop(seconds)
    except Unreachable as error:
        _log.warning("%s", error)


async def _keep_house(state: State) -> None:
    loop = asyncio.get_running_loop()
    while True:
        oldest = state.serving.clock.now() - timedelta(seconds=state.settings.answers_kept)
        with contextlib.suppress(CerttuiError):
            await loop.run_in_executor(state.pool, state.serving.answers.forget, oldest)
        await asyncio.sleep(HOUSEKEEPING)


def route_names(app: FastAPI) -> list[tuple[str, str, str]]:
    """(method, path, name) of every route, for the table of who may do what. Raises `TypeError` for one that is of another kind."""
    found: list[tuple[str, str, str]] = []
    for route in single(app.routes):
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route!r} is no route of ours")
        found += [(method, route.path, route.name) for method in sorted(route.methods or ())]
    return found
