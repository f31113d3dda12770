"""The log: `certtui.log` in the state folder, 0600, redacted, rotated; the console shows it with `:log`.

Modules log through the standard library (`logging.getLogger(__name__)`); `start` gives that a place to go. Several
processes may write at once: every line is one append, and a file is moved away by whoever finds it full first.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from certtui import paths
from certtui.crash import message, trace
from certtui.errors import CerttuiError
from certtui.redact import redacted

if TYPE_CHECKING:
    from pathlib import Path

FULL = 512 * 1024
"""Bytes at which a file is moved away."""
KEPT = 3
"""Older files that stay: `certtui.log.1` is the newest of them."""


def start(folder: Path | None = None, level: int = logging.INFO) -> Path | None:
    """Send everything that certtui logs, and warnings of others, to the log file; its path, or None where it can't be made.

    Without it, or when it fails, log lines go nowhere: never to the terminal, which belongs to the console.
    """
    place: Path | None = None
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError, CerttuiError):
        here = paths.made_private(folder or paths.state_folder()) / "certtui.log"
        handler = _File(here)
        place = here
    handler.setFormatter(_Line())
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _File | logging.NullHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("certtui").setLevel(level)
    # Argument values of SQL statements and HTTP headers are logged at DEBUG by these; they stay at warnings.
    logging.captureWarnings(True)
    return place


def tail(lines: int = 1000, folder: Path | None = None) -> list[str]:
    """The last lines of the log, oldest first, raw text; [] where there is none."""
    place = (folder or paths.state_folder()) / "certtui.log"
    found: list[str] = []
    for each in (place.with_name(f"{place.name}.1"), place):
        with contextlib.suppress(OSError):
            found += each.read_text("utf-8", "replace").splitlines()
    return found[-lines:]


class _Line(logging.Formatter):
    """`2026-11-20T14:02:11Z warning certtui.work: text`; an exception as crash reports have it, indented below."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = redacted(_text_of(record)).replace("\r", "\\r").replace("\n", "\n  ")
        lines = [f"{at} {record.levelname.lower()} {record.name}: {text}"]
        if record.exc_info and (error := record.exc_info[1]):
            lines += [f"  {line}" for line in redacted("\n".join(trace(error))).split("\n")]
        return "\n".join(lines)


def _text_of(record: logging.LogRecord) -> str:
    # An exception given as an argument would be formatted with its whole text.
    if isinstance(record.args, tuple):
        record.args = tuple(message(each) if isinstance(each, BaseException) else each for each in record.args)
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


class _File(logging.Handler):
    """Appends each record by itself, so that rotation by another process is noticed and no descriptor stays open."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place
        os.close(self._open())

    def emit(self, record: logging.LogRecord) -> None:
        # A log that can't be written (disk full, folder gone, a broken repr) must not disturb what is being done.
        with contextlib.suppress(Exception):
            data = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            descriptor = self._open()
            try:
                if os.fstat(descriptor).st_size + len(data) > FULL:
                    self._rotate(descriptor)
                    os.close(descriptor)
                    descriptor = self._open()
                os.write(descriptor, data)
            finally:
                os.close(descriptor)

    def _open(self) -> int:
        return os.open(self._place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def _rotate(self, descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_ino != self._place.stat().st_ino:
            return  # another process was first
        for number in range(KEPT, 0, -1):
            older = self._place.with_name(f"{self._place.name}.{number}")
            newer = self._place.with_name(f"{self._place.name}.{number - 1}") if number > 1 else self._place
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)
