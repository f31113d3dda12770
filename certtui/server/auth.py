"""Who is asking: a token or a client certificate to an identity, remembered for a moment; guessing is slowed down."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from certtui.errors import Denied
from certtui.server.problems import Refusal, Unauthenticated

if TYPE_CHECKING:
    from certtui.model.access import Identity

REMEMBERED = 4_096
TRUSTED = 15 * 60.0
"""Seconds for which who was let in once is not made to wait for what others of the same address get wrong."""
MOST_WAITING = 64
"""Logins that are made to wait at once; more are sent away, so that guessing holds no connections."""

Ask = Callable[[], "Identity"]


class Gate:
    """Asks the store who somebody is. Its methods run on the event loop, the question itself in a thread."""

    def __init__(
        self, seconds: float, delay: Callable[[str], float], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._delay = delay
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._known: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        self._epoch = 0
        self._waiting = 0

    def known(self, credential: bytes) -> Identity | None:
        """Who showed the same token or certificate a moment ago."""
        found = self._known.get(_digest(credential))
        if found is None or self._monotonic() - found[1] >= self._seconds:
            return None
        return found[0]

    async def admit(self, credential: bytes, address: str, ask: Ask, pool: Executor) -> Identity:
        """Ask the store. Raises `Unauthenticated`, and `Refusal` (429) where too many are waiting already."""
        found = self._known.get(_digest(credential))
        if found is None or self._monotonic() - found[1] >= TRUSTED:
            await self._wait(address)
        epoch = self._epoch
        try:
            identity = await asyncio.get_running_loop().run_in_executor(pool, ask)
        except Denied as error:
            with self._guard:
                self._known.pop(_digest(credential), None)
            raise Unauthenticated(error.message, error.hint) from None
        with self._guard:
            # A revocation that came while the store was asked must not be outlived.
            if epoch == self._epoch:
                self._known[_digest(credential)] = (identity, self._monotonic())
                self._known.move_to_end(_digest(credential))
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return identity

    def forget(self) -> None:
        """Somebody's access changed: everybody is asked for again."""
        with self._guard:
            self._epoch += 1
            self._known.clear()

    async def _wait(self, address: str) -> None:
        delay = self._delay(address)
        if delay <= 0:
            return
        if self._waiting >= MOST_WAITING:
            seconds = str(int(delay) + 1)
            raise Refusal(
                429,
                "too-many-failures",
                "Too many failed logins",
                "Too many failed logins came from this address.",
                f"Wait {seconds} seconds.",
                {"retry-after": seconds},
            )
        self._waiting += 1
        try:
            await asyncio.sleep(delay)
        finally:
            self._waiting -= 1


def _digest(credential: bytes) -> bytes:
    return hashlib.sha256(credential).digest()
