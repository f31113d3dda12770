"""GET /api/v1/calendar.ics: expiries to subscribe to, within what one may see.

Calendars ask for a name and a password rather than for a header, so the token may come as the password of Basic
authentication (RFC 7617), whatever the name.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.responses import Response

from certtui.model.access import require
from certtui.server.endpoint import address_of, authenticated
from certtui.server.problems import Unauthenticated
from certtui.server.route import PREFIX

if TYPE_CHECKING:
    from certtui.model.access import Identity
    from certtui.server.state import State

PATH = f"{PREFIX}/calendar.ics"
FRESH = 900
"""Seconds for which the subscriber's own copy is as good as a new one."""
CALENDAR_TYPE = "text/calendar; charset=utf-8"


def subscribe(app: FastAPI, state: State) -> None:
    """Add the route."""

    async def calendar(request: Request) -> Response:
        request.scope["certtui.act"] = "calendar"
        identity = await _who(request, state)
        request.scope["certtui.actor"] = identity.actor.name
        require(identity.access, "channels.calendar")
        view = state.serving.acting(identity, request_id=request.scope["certtui.request_id"])
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(state.pool, lambda: view.channels.calendar())
        body = found.text.encode()
        headers = {
            "etag": f'"{hashlib.sha256(body).hexdigest()[:40]}"',
            "cache-control": f"private, max-age={FRESH}",
            "content-disposition": 'inline; filename="certtui.ics"',
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(None, 304, headers)
        return Response(body, 200, headers, CALENDAR_TYPE)

    app.add_api_route(PATH, calendar, name="calendar")


async def _who(request: Request, state: State) -> Identity:
    header = request.headers.get("authorization", "")
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "basic":
        try:
            return await authenticated(request, state)
        except Unauthenticated as error:
            error.scheme = "Basic"
            raise
    try:
        name, _, password = b64decode(given.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        name = password = b""
    token = password or name
    if not token:
        raise Unauthenticated("The password is a token.", "`certtui token create` makes one.", scheme="Basic")
    if (known := state.gate.known(token)) is not None:
        return known
    address = address_of(request)
    try:
        return await state.gate.admit(
            token, address, partial(state.serving.authenticate_token, token, address), state.pool
        )
    except Unauthenticated as error:
        error.scheme = "Basic"
        raise
