"""The inventory's pages that were just written, sent from the event loop: no thread, no routing, one look at the store for all who wait.

Dashboards and scripts ask for the same page together. Everything that decides is still asked for each of them: who it is,
whether they may, and whether the store changed, after they asked. What is not certain goes the way of every request.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

from certtui.model.access import Role, require
from certtui.server.route import PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from certtui.model.access import Identity
    from certtui.server.state import State

ACT = "certificates.page"
PATH = f"{PREFIX}/certificates"
SAME_WHILE = "certtui.same_while"
"""Where the scope holds what a page that was just written depends on: the newest change before it, and the second."""
KEPT = 64
LARGEST = 256 << 10
"""Answers, and bytes of each: 16 MB at most."""

_BEARER = b"bearer "


class Shared:
    """One question to the store for all who ask at the same time. Every answer is from after one asked; loop only."""

    def __init__(self, ask: Callable[[], int], pool: Executor) -> None:
        self._ask = ask
        self._pool = pool
        self._waiting: list[asyncio.Future[int]] = []
        self._asking = False

    async def __call__(self) -> int:
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if not self._asking:
            self._begin()
        return await waiter

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        asked = asyncio.get_running_loop().run_in_executor(self._pool, self._ask)
        asked.add_done_callback(partial(self._tell, waiting))
        self._asking = True

    def _tell(self, waiting: list[asyncio.Future[int]], asked: asyncio.Future[int]) -> None:
        self._asking = False
        if self._waiting:
            # They came while it was asked, so its answer may be from before them.
            self._begin()
        for each in waiting:
            if each.done():
                continue  # given up meanwhile
            if asked.cancelled():
                each.cancel()
            elif error := asked.exception():
                each.set_exception(error)
            else:
                each.set_result(asked.result())


class Quick:
    """In front of the application, within the ring: answers what it has, passes on everything else."""

    def __init__(self, app: ASGIApp, state: State, newest: Shared) -> None:
        self._app = app
        self._state = state
        self._newest = newest
        self._kept: OrderedDict[Hashable, tuple[Hashable, Message, Message]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        token, accepts = _headers(scope)
        known = self._state.gate.known(token) if token else None
        if known is None:
            await self._app(scope, receive, send)
            return
        key = self._key(known, scope, accepts)
        found = self._kept.get(key)
        if found is not None and found[0] == (await self._newest(), self._state.serving.clock.now()):
            # The look ended the trust in whoever lost their access meanwhile.
            known = self._state.gate.known(token)
            if known is not None and self._key(known, scope, accepts) == key:
                scope["certtui.act"], scope["certtui.actor"] = ACT, known.actor.name
                require(known.access, ACT)
                await send(dict(found[1]))
                await send(dict(found[2]))
                return
        await self._pass_on(key, known is not None, scope, receive, send)

    def _key(self, known: Identity, scope: Scope, accepts: bytes) -> Hashable:
        # Access lists name people, and hide nothing from admins.
        name = "" if known.access.role >= Role.ADMIN else known.actor.name
        return known.access, name, scope["query_string"], accepts

    async def _pass_on(self, key: Hashable, keep: bool, scope: Scope, receive: Receive, send: Send) -> None:
        """The way of every request; its page is kept for the next."""
        head: Message | None = None

        async def outward(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                head = dict(message) if message["status"] == 200 else None
            elif keep and head is not None and scope.get(SAME_WHILE) is not None and not message.get("more_body"):
                self._keep(key, scope[SAME_WHILE], head, message)
            await send(message)

        await self._app(scope, receive, outward)

    def _keep(self, key: Hashable, state: Hashable, head: Message, body: Message) -> None:
        if len(body.get("body", b"")) > LARGEST:
            return
        self._kept[key] = state, head, dict(body)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _headers(scope: Scope) -> tuple[bytes, bytes]:
    """The bearer token, b"" without one or with several headers; and what encodings are taken."""
    token = accepts = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if token or value[:7].lower() != _BEARER:
                return b"", b""
            token = value[7:].strip()
        elif name == b"accept-encoding":
            accepts += b"," + value
    return token, accepts
