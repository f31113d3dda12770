"""A limit of time for one HTTP request as a whole: a server that sends a byte every few seconds never runs into the others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress


@contextmanager
def within(seconds: float) -> Iterator[dict[str, object]]:
    """What httpx takes as `extensions` for requests over new connections: these are cut when the time is over, and the request fails."""
    streams: list[object] = []
    over = threading.Event()

    def opened(event: str, info: Mapping[str, object]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            streams.append(info["return_value"])
            if over.is_set():
                cut()

    def cut() -> None:
        over.set()
        for stream in streams:
            found = stream.get_extra_info("socket")  # type: ignore[attr-defined]  # of httpcore's streams
            with suppress(OSError):
                if isinstance(found, socket.socket):
                    found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield {"trace": opened}
    finally:
        timer.cancel()
