"""The ring around every request: its id, its log line, its numbers, its errors as problems, and a limit for slow readers.

A plain ASGI callable: Starlette's middleware base class would cost more than a request to the store.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from certtui.server import problems
from certtui.server.limits import ABORT

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from certtui.server.state import State

access_log = logging.getLogger("certtui.server.access")

_PROCESS = secrets.token_hex(4)
_numbers = itertools.count(1)
"""Ids of our own: a random part for the process and a count, since a system call for each would let go of the interpreter."""

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"healthz", "readyz"})


class Ring:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope["certtui.request_id"] = request_id
        metrics = self._state.metrics
        metrics.running += 1
        status, sent = 0, 0
        loop, patience = asyncio.get_running_loop(), self._state.settings.write_timeout

        def give_up() -> None:
            nonlocal status
            status = 499
            scope.get(ABORT, _nothing)()

        async def outward(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            else:
                sent += len(message.get("body", b""))
            # A client that does not take its answer holds no more than its connection, and not that for long.
            # A timer of the loop: `asyncio.timeout` would cost a twentieth of a request.
            late = loop.call_later(patience, give_up)
            try:
                await send(message)
            finally:
                late.cancel()

        try:
            await self.app(scope, receive, outward)
        except Exception as error:  # every error is answered; those that are none of ours are logged by `problems`
            if status:
                raise
            await problems.answer(error, request_id)(scope, receive, outward)
        finally:
            metrics.running -= 1
            seconds = time.perf_counter() - began
            act = scope.get("certtui.act", "")
            metrics.count(scope["method"] if act else "", act, status, seconds)
            if act not in _QUIET:
                _log(scope, request_id, act, status, seconds, sent)


def _nothing() -> None:
    """Without a connection of ours there is nothing to end."""


def _request_id(scope: Scope) -> str:
    """The client's own id where it is one, so that its log and ours can be joined."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if _ID.fullmatch(text):
                return str(text)
            break
    return f"{_PROCESS}{next(_numbers):08x}"


def _number(scope: Scope) -> str:
    """The id in the path, where it is one: anything else was written by a stranger."""
    text = scope.get("path_params", {}).get("id", "")
    return text if text.isascii() and text.isdigit() else ""


def _log(scope: Scope, request_id: str, act: str, status: int, seconds: float, sent: int) -> None:
    """One line of JSON: never a path, a query or a body, which may hold names and secrets."""
    if not access_log.isEnabledFor(logging.INFO):
        return
    client = scope.get("client")
    access_log.info(
        {
            "request_id": request_id,
            "act": act,
            "id": _number(scope),
            "method": scope["method"],
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": sent,
            "actor": scope.get("certtui.actor", ""),
            "address": client[0] if client else "",
        }
    )
