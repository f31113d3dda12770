"""What others changed, from a stream of server-sent events; by asking every few seconds where no stream gets through.

One daemon thread holds the stream and is the only one that tries a server which is away: `latest` gives the number that is
known, or at once the error by which the server is not reached.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import httpx

from certtui.backend.remote.retries import backoff
from certtui.backend.wire_forms import Latest
from certtui.errors import CerttuiError, Interrupted, Unreachable
from certtui.model.audit import Change

if TYPE_CHECKING:
    from certtui.backend.remote.connection import Connection

POLL = 2.0
"""Seconds between two questions where there is no stream."""
SILENCE = 45.0
"""Seconds without a sign of life (the server gives one every 15) after which the stream is taken to be dead."""
STEADY = 10.0
"""Seconds after which a stream counts as one that lasts."""
BROKEN_OFF = 0.05
"""Seconds after an interrupt, which was about others."""
PATH = "/feed"


class RemoteFeed:
    """`backend.base.Feed` over HTTP; with `follow` it keeps a stream from the first question on."""

    def __init__(
        self, connection: Connection, *, follow: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._http = connection
        self._follow = follow
        self._guard = threading.Condition()
        self._thread: threading.Thread | None = None
        self._seq: int | None = None
        self._changes = 0
        """Own changes that the number counts in."""
        self._streaming = False
        self._failure: CerttuiError | None = None
        self._closed = False
        self._again = False
        if follow:
            connection.heard = self._heard

    def latest(self) -> int:
        if not self._follow:
            return self._asked()
        with self._guard:
            self._begin()
            if self._failure is not None:
                raise self._failure
            if self._seq is not None and self._changes == self._http.changes:
                return self._seq
        return self._asked()

    def since(self, seq: int, limit: int = 1000) -> Sequence[Change]:
        found: tuple[Change, ...] = self._http.read("/feed/changes", tuple[Change, ...], since=seq, limit=limit)
        return list(found)

    def live(self) -> int | None:
        """The newest number while a stream tells it, else None."""
        with self._guard:
            return self._seq if self._streaming and self._changes == self._http.changes else None

    def close(self) -> None:
        """End the stream; idempotent."""
        with self._guard:
            self._closed = True
            self._guard.notify_all()

    # -- the number --------------------------------------------------------------------------------------------------

    def _asked(self, attempts: int | None = None) -> int:
        changes = self._http.changes
        try:
            found: Latest = self._http.read("/feed/latest", Latest, attempts=attempts)
        except Unreachable as error:
            with self._guard:
                if self._follow:
                    self._failure = error
            raise
        self._know(found.seq, changes)
        return found.seq

    def _know(self, seq: int, changes: int | None = None) -> None:
        with self._guard:
            # Another store may stand behind the same address one day, with a smaller number.
            if changes is not None:
                self._changes = changes
                self._seq = seq
            else:
                self._seq = max(seq, self._seq or 0)
            self._failure = None

    def _heard(self) -> None:
        """Somebody got an answer: a server that was away is back."""
        if self._failure is not None:
            with self._guard:
                self._again = True
                self._guard.notify_all()

    # -- the thread --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="certtui-feed", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        failures = breaks = 0
        while not self._closed:
            began = self._monotonic()
            try:
                self._asked(attempts=1)
                failures = 0
                streamed = self._stream()
                breaks = 1 if self._monotonic() - began > STEADY else breaks + 1
                # A stream that broke is taken up again at once; one that never lasts, or never came, is asked for by turns.
                pause = min(POLL, backoff(self._http.patience, breaks)) if streamed else POLL
            except Interrupted:
                pause = BROKEN_OFF
            except Exception as error:  # a thread's exception ends nothing, and whoever follows must hear of it
                failures += 1
                self._fail(error)
                pause = backoff(self._http.patience, failures)
            self._pause(pause)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, CerttuiError):
            error = Unreachable(f"The feed can't be read: {type(error).__name__}.", "See the log.")
        with self._guard:
            self._failure = error

    def _pause(self, seconds: float) -> None:
        with self._guard:
            self._guard.wait_for(lambda: self._closed or self._again, seconds)
            self._again = False

    def _stream(self) -> bool:
        """Follow until the stream ends; False where this server, or something on the way, has no stream for us."""
        headers = {"last-event-id": str(self._seq or 0)}
        came = False
        # What ends it is told by the next question: whether the server is away, or only the stream.
        with (
            contextlib.suppress(httpx.HTTPError, httpx.StreamError, RuntimeError),
            self._http.stream(PATH, headers=headers, read_timeout=SILENCE) as response,
        ):
            if response.status_code == 200:
                came = True
                self._set_streaming(True)
                for line in response.iter_lines():
                    if self._closed:
                        break
                    self._line(line)
        self._set_streaming(False)
        return came

    def _set_streaming(self, streaming: bool) -> None:
        with self._guard:
            self._streaming = streaming

    def _line(self, line: str) -> None:
        """One line of an event stream (WHATWG HTML, 9.2); the id is all that is needed of it."""
        name, _, value = line.partition(":")
        if name == "id" and (bare := value.strip()).isascii() and bare.isdigit():
            self._know(int(bare))
