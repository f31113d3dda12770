"""Being asked to end: the console leaves as it would by its key, so that the terminal is given back as it was."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""`kill`, and the terminal's end: a window closed, a connection lost."""


def end_with(leave: Callable[[int], object]) -> None:
    """From now on call `leave` with 128 and the signal's number, once; a second signal ends the process at once.

    To be called on the event loop of the main thread.
    """
    loop = asyncio.get_running_loop()

    def ended(number: int) -> None:
        for each in ENDING:
            loop.remove_signal_handler(each)
        leave(128 + number)

    for number in ENDING:
        loop.add_signal_handler(number, ended, int(number))
