"""When to try again, and how long to wait before."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from certtui.clock import UTC
from certtui.record import dataclass

Pause = Callable[[float], bool]
"""Waits so many seconds; True when it was woken up because everything is to end."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a client repeats itself. Seconds."""

    attempts: int = 3
    first: float = 0.25
    longest: float = 30.0
    obeys: float = 10.0
    """A `Retry-After` up to here is waited for within one call; a longer one is told to the person."""


def backoff(patience: Patience, failures: int, roll: Callable[[], float] = random.random) -> float:
    """Seconds before the next try after so many failures: doubling, between half and whole, so that clients do not march in step."""
    step = min(patience.longest, patience.first * 2.0 ** min(failures - 1, 20))
    return step * (0.5 + 0.5 * roll())


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a `Retry-After` header (RFC 9110, 10.2.3: seconds or a date), None without one."""
    if not value:
        return None
    bare = value.strip()
    if bare.isascii() and bare.isdigit():
        return float(int(bare[:9]))
    try:
        at = parsedate_to_datetime(bare)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


class Waker:
    """A pause that can be ended from another thread."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def pause(self, seconds: float) -> bool:
        return self._over.wait(seconds)

    def end(self) -> None:
        """End this and every later pause."""
        self._over.set()
