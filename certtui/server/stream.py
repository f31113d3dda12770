"""GET /api/v1/feed: the change feed as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from certtui.errors import CerttuiError
from certtui.model.access import require
from certtui.server import feed
from certtui.server.endpoint import authenticated
from certtui.server.listings import owner_of
from certtui.server.problems import Refusal
from certtui.server.route import PREFIX, whole

if TYPE_CHECKING:
    from certtui.model.audit import Change
    from certtui.server.state import State


def stream(app: FastAPI, state: State) -> None:
    """Add the route; each stream asks again who it is for before it tells something."""

    async def follow(request: Request) -> Response:
        request.scope["certtui.act"] = "feed.follow"
        identity = await authenticated(request, state)
        require(identity.access, "feed.since")
        request.scope["certtui.actor"] = identity.actor.name
        loop = asyncio.get_running_loop()
        request_id = request.scope["certtui.request_id"]
        view = state.serving.acting(identity, request_id=request_id)
        known = request.headers.get("last-event-id") or request.query_params.get("since")
        if known is None:
            start = await loop.run_in_executor(state.pool, lambda: view.feed.latest())
        else:
            start = whole("since", known)

        async def since(seq: int, limit: int) -> Sequence[Change] | None:
            try:
                if (await authenticated(request, state)).access != identity.access:
                    return None
                changes = await loop.run_in_executor(state.pool, lambda: view.feed.since(seq, limit))
                if any(each.object_kind in feed.PEOPLE for each in changes):
                    # Who may come in changed between the two: told to somebody who may not any more, it would be passed too.
                    state.gate.forget()
                    if (await authenticated(request, state)).access != identity.access:
                        return None
                return changes
            except (CerttuiError, Refusal):
                return None

        owner = owner_of(identity)
        state.follower.enter(owner, state.settings.streams_each)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for piece in feed.events(state.follower, start, state.settings.heartbeat, since):
                    yield piece
            finally:
                state.follower.leave(owner)

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
        )

    app.add_api_route(f"{PREFIX}/feed", follow, name="feed.follow")
