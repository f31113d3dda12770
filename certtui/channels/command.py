"""A program of this host: its arguments as they were written, no shell, JSON on its standard input, little environment."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from certtui.channels.message import payload_bytes
from certtui.model.channel import DeliveryResult
from certtui.text import clipped

if TYPE_CHECKING:
    from certtui.channels.message import Message
    from certtui.model.channel import CommandSettings

_MOST_OUTPUT = 4_096
_SHOWN_OUTPUT = 300
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(settings: CommandSettings, message: Message) -> DeliveryResult:
    """Run it once; exit status 0 is a success, everything else is tried again."""
    environment = {
        "PATH": _PATH,
        "LANG": "C.UTF-8",
        "HOME": os.environ.get("HOME", "/"),
        "CERTTUI_EVENT": message.event,
        "CERTTUI_DELIVERY": message.uid,
    }
    # A file and not a pipe: who does not read its input can't make us wait.
    with tempfile.TemporaryFile() as given:
        given.write(payload_bytes(message) + b"\n")
        given.seek(0)
        try:
            child = subprocess.Popen(
                list(settings.argv),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            return DeliveryResult(False, f"{settings.argv[0]} could not be started: {error.strerror}.")
    said = _Head(child.stdout)
    try:
        status = child.wait(settings.timeout)
    except subprocess.TimeoutExpired:
        _end(child)
        return DeliveryResult(False, f"The command was ended after {settings.timeout} seconds{said.words()}.")
    # What it has started and left behind may hold its output open, and is its own affair.
    words = said.words()
    if status == 0:
        return DeliveryResult(True, f"The command ended with status 0{words}.")
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return DeliveryResult(False, f"The command {how}{words}.")


class _Head:
    """The beginning of what a child says; the rest is read and dropped, so that it never waits for us."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream = stream
        self._said = b""
        self._thread = threading.Thread(target=self._read, name="certtui-command", daemon=True)
        self._thread.start()

    def words(self) -> str:
        self._thread.join(1.0)
        text = self._said.decode("utf-8", "replace").strip()
        return f": {clipped(text, _SHOWN_OUTPUT)}" if text else ""

    def _read(self) -> None:
        if self._stream is None:
            return
        with suppress(OSError, ValueError), self._stream:
            while chunk := self._stream.read1(_MOST_OUTPUT):  # type: ignore[attr-defined]  # a BufferedReader
                self._said = (self._said + chunk)[:_MOST_OUTPUT]


def _end(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
