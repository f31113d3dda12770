"""Keeping the event loop free of the longest pauses of Python's own making while a job works beside it.

A full garbage collection stops every thread, and with the console's and SQLAlchemy's objects in memory it takes 40 to 70
ms (measured): a key that hangs. Jobs make their objects without cycles, so the young collections that go on suffice.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000
_lock = threading.Lock()
_jobs = 0
_usual = gc.get_threshold()


@contextmanager
def no_full_collections() -> Iterator[None]:
    """No collection of the oldest generation until the last of these ends; may be entered by several threads at once."""
    global _jobs, _usual
    with _lock:
        _jobs += 1
        if _jobs == 1:
            _usual = gc.get_threshold()
            gc.set_threshold(_usual[0], _usual[1], _NEVER)
    try:
        yield
    finally:
        with _lock:
            _jobs -= 1
            if not _jobs:
                gc.set_threshold(*_usual)
