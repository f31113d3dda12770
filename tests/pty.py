"""A terminal for the journeys and benchmarks: a real pty, with pyte drawing what the program writes.

Waiting is always for something: text on the screen, bytes, the end of the process, or silence of the pty. Nothing sleeps.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

_QUERIES = {
    # What a present-day terminal answers; without an answer the program must work too (see `answers`).
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[?u": b"\x1b[?0u",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>1;10;0c",
}
# What pyte would draw as text: device control strings, mode queries, the kitty keyboard protocol, tmux's window size queries.
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1bP.*?\x1b\\|\x1b\[\?[\d;]*\$p|\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\d*(?:;\d+)*t|\x1b[=>]", re.DOTALL
)
_HALF = re.compile(rb"\x1b(?:\[[\x20-\x3f]*|P[^\x1b]*|\][^\x07\x1b]*)?\Z")


class _Screen(pyte.Screen):
    """pyte's screen with the alternate screen (DECSET 1049), so that what a program leaves behind can be seen."""

    _kept: tuple[dict[int, object], object] | None = None

    def set_mode(self, *modes: int, **kwargs: object) -> None:
        if kwargs.get("private") and 1049 in modes:
            self._kept = copy.deepcopy(dict(self.buffer)), copy.copy(self.cursor)
            self.erase_in_display(2)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: object) -> None:
        if kwargs.get("private") and 1049 in modes and self._kept:
            self.buffer.clear()
            buffer, self.cursor = self._kept  # type: ignore[assignment]  # what set_mode kept
            self.buffer.update(buffer)  # type: ignore[arg-type]
            self.dirty.update(range(self.lines))
            self._kept = None
        super().reset_mode(*modes, **kwargs)


class Terminal:
    """A program in a pty of its own. `raw` is every byte it wrote; use it as a context manager, so that it is gone after."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        answers: bool = True,
        screen: bool = True,
        timeout: float = 20.0,
    ) -> None:
        """`environ` is the whole environment but for TERM and COLORTERM; `screen=False` leaves pyte out, for measuring."""
        self.raw = bytearray()
        self.reads: list[tuple[float, int]] = []
        """When something was read (time.perf_counter) and how long `raw` was then."""
        self.ended = False
        self.status: int | None = None
        self._answers = answers
        self._timeout = timeout
        self._held = b""
        self._screen = _Screen(columns, rows) if screen else None
        self._stream = pyte.ByteStream(self._screen) if self._screen else None
        variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(os.environ if environ is None else environ)}
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover  # the child: exec or nothing
            try:
                if cwd is not None:
                    os.chdir(cwd)
                _set_size(0, columns, rows)
                os.execvpe(argv[0], list(argv), variables)
            finally:
                os._exit(127)
        _set_size(self._fd, columns, rows)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(signal.SIGKILL)
        self.wait_end()
        with contextlib.suppress(OSError):
            os.close(self._fd)

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        assert self._screen is not None
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def cursor_hidden(self) -> bool:
        """Whether the program left the cursor hidden."""
        assert self._screen is not None
        return bool(self._screen.cursor.hidden)

    def lines(self) -> list[str]:
        """The screen's lines."""
        return self.text.split("\n")

    def send(self, keys: bytes | str) -> float:
        """Type; returns when (time.perf_counter)."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self._fd, data[:1024]) :]
        return time.perf_counter()

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size; the kernel tells the program by SIGWINCH."""
        if self._screen:
            self._screen.resize(rows, columns)
        _set_size(self._fd, columns, rows)

    def wait_for(self, what: str, *, timeout: float | None = None) -> Terminal:
        """Until a text stands on the screen; fails with the screen as it is."""
        return self.wait_until(lambda: what in self.text, f"{what!r} on the screen", timeout=timeout)

    def wait_gone(self, what: str, *, timeout: float | None = None) -> Terminal:
        """Until a text is off the screen."""
        return self.wait_until(lambda: what not in self.text, f"{what!r} off the screen", timeout=timeout)

    def wait_until(self, done: Callable[[], bool], described: str, *, timeout: float | None = None) -> Terminal:
        """Until something holds, read by read; fails with the screen as it is."""
        end = time.monotonic() + (timeout or self._timeout)
        while not done():
            left = end - time.monotonic()
            if self.ended or left <= 0:
                why = f"the program ended ({self.status})" if self.ended else "time ran out"
                raise AssertionError(
                    f"{why} before there was {described}:\n{self.text if self._screen else self.raw[-2000:]!r}"
                )
            self.read(min(left, 1.0))
        return self

    def wait_bytes(self, pattern: bytes, start: int = 0, *, timeout: float | None = None) -> float:
        """Until bytes were written, from `start` of `raw` on; when the read that brought them came."""
        end = time.monotonic() + (timeout or self._timeout)
        while (at := self.raw.find(pattern, start)) < 0:
            if self.ended or time.monotonic() > end:
                raise AssertionError(f"no {pattern!r} in {bytes(self.raw[start:][-2000:])!r}")
            self.read(0.5)
        return next(when for when, length in self.reads if length >= at + len(pattern))

    def wait_quiet(self, gap: float = 0.2, *, timeout: float | None = None) -> float:
        """Until nothing was written for `gap` seconds; when the last read came."""
        end = time.monotonic() + (timeout or self._timeout)
        while not self.ended and self.read(gap) and time.monotonic() < end:
            pass
        return self.reads[-1][0] if self.reads else self.started

    def wait_end(self, *, timeout: float | None = None) -> int:
        """Until the process is gone; its exit status, negative for a signal."""
        end = time.monotonic() + (timeout or self._timeout)
        while not self.ended and self.status is None:
            if time.monotonic() > end:
                raise AssertionError(f"it has not ended:\n{self.text if self._screen else ''}")
            self.read(0.05)
            self._reap(os.WNOHANG)
        self._drain()
        self._reap(0)
        assert self.status is not None
        return self.status

    def read(self, timeout: float) -> bytes:
        """One read of at most `timeout` seconds; b"" when nothing came or the program closed its side."""
        if self.ended or not select.select([self._fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self.ended = True
            return b""
        self.raw += data
        self.reads.append((time.perf_counter(), len(self.raw)))
        if self._answers:
            for query, answer in _QUERIES.items():
                if query in data:
                    os.write(self._fd, answer)
        self._draw(data)
        return data

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Signal the program, and only it."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does."""
        os.close(self._fd)
        self._fd = os.open(os.devnull, os.O_RDWR)
        self.ended = True

    def memory_peak(self) -> int:
        """Peak resident memory of the program in KiB (VmHWM); Linux."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1])

    def _draw(self, data: bytes) -> None:
        if self._stream is None:
            return
        data = self._held + data
        half = _HALF.search(data)
        self._held = data[half.start() :] if half else b""
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data[: half.start()] if half else data))

    def _drain(self) -> None:
        while self.read(0.05):
            pass

    def _reap(self, flags: int) -> None:
        if self.status is None:
            pid, status = os.waitpid(self.pid, flags)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
