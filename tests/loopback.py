"""Programs of the system that tests start on loopback: a free port, the start, the wait until they answer, the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port of 127.0.0.1 that is free for TCP and UDP alike."""
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def memory_folder(megabytes: int = 8) -> str | None:
    """A folder in memory with so much room; None where there is none. On a disk BIND stalls for seconds now and then."""
    folder = "/dev/shm"
    if not os.access(folder, os.W_OK):
        return None
    room = os.statvfs(folder)
    return folder if room.f_bavail * room.f_frsize >= megabytes * 2**20 else None


@contextmanager
def running(
    argv: Sequence[str], log: Path, answers: Callable[[], object], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the foreground until the end of the block; the kernel ends it should this process be killed."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            preexec_fn=_end_with_parent,
        )
    try:
        _wait(process, log, answers)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, answers: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            if answers():
                return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{process.args} did not start: {log.read_text()[-2000:]}") from error
        # It is the program's start that is waited for, and nothing tells when that is.
        time.sleep(0.01)


def _end_with_parent() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
