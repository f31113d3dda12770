"""TXT records by a program of this host: `HOOK add|remove NAME VALUE`, no shell, little environment, exit status 0."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from certtui.errors import Invalid, Unreachable
from certtui.record import dataclass
from certtui.text import clipped

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHOWN_OUTPUT = 300


@dataclass(frozen=True, slots=True)
class Hook:
    """An executable file; `seconds` is how long one call may take."""

    path: str
    seconds: int = 60

    def add(self, name: str, value: str) -> None:
        self._call("add", name, value)

    def remove(self, name: str, value: str) -> None:
        self._call("remove", name, value)

    def _call(self, act: str, name: str, value: str) -> None:
        import tempfile

        environment = {"PATH": _PATH, "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}
        # A file and not a pipe: what it leaves behind may hold its output open for ever.
        with tempfile.TemporaryFile() as said:
            try:
                child = subprocess.Popen(
                    [self.path, act, name, value],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise Unreachable(
                    f"The hook {self.path} could not be started: {error.strerror}.",
                    "Check the file, and that it is executable.",
                ) from None
            try:
                status = child.wait(self.seconds)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                raise Unreachable(
                    f"The hook {self.path} was ended after {self.seconds} seconds.", "It is tried again."
                ) from None
            if status == 0:
                return
            said.seek(0)
            words = clipped(said.read(4_096).decode("utf-8", "replace").strip(), _SHOWN_OUTPUT)
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        raise Unreachable(f"The hook {self.path} {how}{f': {words}' if words else ''}.", "It is tried again.")


def checked_hook(path: str) -> str:
    """The path of an executable file. Raises `Invalid` (field `hook`)."""
    found = Path(path)
    if not found.is_absolute() or any(ord(c) < 32 for c in path):
        raise Invalid(f"“{path}” is no whole path.", "Write it from / on, without arguments.", field="hook")
    return str(found)
