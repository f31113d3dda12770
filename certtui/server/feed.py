"""The change feed as server-sent events: one look at the store for all who follow, each then reads what they may see.

`id` is the audit log's sequence number, so `Last-Event-ID` resumes where a connection broke, on any server of the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from certtui.backend import wire
from certtui.errors import CerttuiError
from certtui.server.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.audit import Change

_log = logging.getLogger(__name__)

BATCH = 500
PEOPLE = frozenset({"token", "mapping"})
"""Kinds of objects whose change may end somebody's access."""


class Follower:
    """Looks for news while anybody follows, and wakes them."""

    def __init__(self, latest: Callable[[], Awaitable[int]], interval: float) -> None:
        self._latest = latest
        self._interval = interval
        self._news = asyncio.Condition()
        self._streams: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.seq = -1

    @property
    def streams(self) -> int:
        """How many follow."""
        return self._streams.total()

    def enter(self, owner: str, most: int) -> None:
        """One more stream. Raises `Refusal` (429) beyond `most` of one owner."""
        if self._streams[owner] >= most:
            raise Refusal(
                429,
                "too-many-streams",
                "Too many streams",
                f"{most} change feeds are open already.",
                "Close one of them.",
                {"retry-after": "10"},
            )
        self._streams[owner] += 1

    def leave(self, owner: str) -> None:
        """One less."""
        self._streams[owner] -= 1
        if self._streams[owner] <= 0:
            del self._streams[owner]

    async def wait(self, seq: int, seconds: float) -> bool:
        """Until something came after `seq`, or the time is over; False then, and at the end."""
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._look())
        async with self._news:
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait_for(lambda: self.seq > seq or self._closed)
            except TimeoutError:
                return False
        return not self._closed

    @property
    def closed(self) -> bool:
        return self._closed

    async def close(self) -> None:
        """End all streams."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        async with self._news:
            self._news.notify_all()

    async def _look(self) -> None:
        while self._streams.total() and not self._closed:
            try:
                seq = await self._latest()
            except CerttuiError as error:
                _log.warning("the feed can't be read: %s", error)
            else:
                if seq != self.seq:
                    async with self._news:
                        self.seq = seq
                        self._news.notify_all()
            await asyncio.sleep(self._interval)
        self._task = None


async def events(
    follower: Follower,
    start: int,
    heartbeat: float,
    since: Callable[[int, int], Awaitable[Sequence[Change] | None]],
) -> AsyncIterator[bytes]:
    """The body of a stream. `since` reads changes as the person may see them; None ends the stream (access is gone)."""
    seq = start
    yield b"retry: 1000\n: certtui\n\n"
    while not follower.closed:
        newest = follower.seq
        changes = await since(seq, BATCH)
        if changes is None:
            return
        for change in changes:
            seq = change.seq
            yield b"id: %d\nevent: change\ndata: %s\n\n" % (seq, wire.dumps(change))
        if len(changes) == BATCH:
            continue
        if newest > seq:
            # What this person may not see lies behind them too: a client that resumes need not pass it again.
            seq = newest
            yield b"id: %d\n\n" % seq
        if not await follower.wait(seq, heartbeat) and not follower.closed:
            yield b": still here\n\n"
