"""Reads files in a child process: what holds the interpreter, and what was written by strangers, stays out of this one.

The child is one of `jobs_child`, started with a clean session, fed and read through pipes only; cancelling is killing it. A
file at which it dies gets one sentence, a new child goes on behind it. Secrets go through the pipe and nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from certtui.backend.inspect import ReadFile, SourceFile
from certtui.errors import CerttuiError, Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import Material, X509Facts
from certtui.pki import wire
from certtui.pki.limits import CPU_SECONDS, MAX_BYTES

_BATCH_FILES = 128
_BATCH_BYTES = 512 * 1024
_WINDOW = 8
"""Batches in flight: enough that neither side waits for the other, few enough that a cancel wastes little."""
_PIPE_SIZE = 1 << 20
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="certtui-starts-readers")
"""Makes all children: with PR_SET_PDEATHSIG one dies with the thread that made it, so that thread must last as long as the process."""


def read_one(file: SourceFile, passwords: Sequence[Secret]) -> Material:
    """Read one file in a child of its own. Raises `Invalid`, `PasswordNeeded`."""
    _refuse_too_large(file)
    with contextlib.closing(Child(passwords)) as child:
        return _ask(child, file)


def read_many(files: Iterable[SourceFile], passwords: Sequence[Secret]) -> Iterator[ReadFile]:
    """Read many files in order; parsing overlaps with what the consumer does. Closing the iterator kills the child."""
    source = iter(files)
    run = _Run(source, passwords)
    try:
        while True:
            yield from run.results()
            if not run.broken:
                break
            # The child died: find the file at which it does, one by one, then go on with the rest.
            yield from _one_by_one(run.left, passwords)
            if run.failure is not None:
                raise run.failure
            run = _Run(source, passwords)
    finally:
        run.close()


def _one_by_one(files: Sequence[SourceFile], passwords: Sequence[Secret]) -> Iterator[ReadFile]:
    child: Child | None = None
    try:
        for file in files:
            child = child if child is not None and child.alive else Child(passwords)
            try:
                _refuse_too_large(file)
                yield ReadFile(file.path, _ask(child, file))
            except CerttuiError as error:
                yield refused(file.path, error)
    finally:
        if child is not None:
            child.close()


def refused(path: str, error: CerttuiError) -> ReadFile:
    """A file that could not be read, with the sentence of why."""
    return ReadFile(path, None, error.message, isinstance(error, PasswordNeeded))


class Child:
    """One reading child. Not for several threads at once, but for one that writes and one that reads."""

    def __init__(self, passwords: Sequence[Secret]) -> None:
        # -P: a file named like a module in the folder where certtui was started must not be imported. The package
        # itself may live outside site-packages, so its place is said.
        package = str(Path(__file__).resolve().parents[2])
        self._process = _STARTER.submit(
            subprocess.Popen,
            [sys.executable, "-P", "-m", "certtui.pki.jobs_child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**_environment(), "PYTHONPATH": package},
            start_new_session=True,
        ).result()
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("Popen gives the pipes it was asked for")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        _widen(self._stdin.fileno())
        _widen(self._stdout.fileno())
        self.alive = self.send([p.reveal() for p in passwords])

    def send(self, blobs: Sequence[bytes]) -> bool:
        """One frame; False if the child is gone."""
        try:
            self._stdin.write(wire.pack_blobs(blobs))
            self._stdin.flush()
        except (OSError, ValueError):
            self.alive = False
            return False
        return True

    def answer(self) -> tuple[int, bytes, bytes] | None:
        """The next frame; None when the child is gone or talks nonsense."""
        try:
            frame = wire.read_answer(self._stdout.read)
        except (OSError, ValueError):
            frame = None
        if frame is None:
            self.alive = False
        return frame

    def end_input(self) -> None:
        """Nothing more comes: the child answers what it has and ends."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()

    def ended(self) -> int | None:
        """How it ended by itself, as `Popen.returncode` has it; None if it had to be killed. Closes it."""
        try:
            return self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.close()

    def close(self) -> None:
        """Kill it and wait; idempotent."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            # A pipe that broke in the middle of a write still holds its rest.
            with contextlib.suppress(OSError, ValueError):
                pipe.close()


def _ask(child: Child, file: SourceFile) -> Material:
    ahead: list[X509Facts] = []
    if child.send([file.data]):
        while frame := child.answer():
            try:
                kind, text, body = frame
                octets = wire.Octets(body)
                rows = wire.rows_of(text)
                if kind == wire.RESULTS and len(rows) == 1:
                    return wire.material_of(rows[0], octets, file.path, ahead)
                ahead += [wire.certificate_of(row, octets) for row in rows]
            except wire.Garbled:
                break
    raise _obituary(child.ended())


def _obituary(code: int | None) -> Invalid:
    """What to say of a file at which the child died, from how it died."""
    match code:
        case _ if code == -signal.SIGXCPU:
            said = f"Reading the file took more than {CPU_SECONDS} seconds of computing."
        case _ if code == -signal.SIGKILL:
            said = "The system stopped the reading of the file, probably for lack of memory."
        case _ if code is not None and code < 0:
            said = "Reading the file crashed the parser."
        case _:
            said = "The process that reads files failed."
    return Invalid(said, "Check where the file comes from.")


class _Run:
    """One child with a thread that feeds it and a thread that takes its answers, until the input ends or it dies."""

    def __init__(self, source: Iterator[SourceFile], passwords: Sequence[Secret]) -> None:
        self._source = source
        self._child = Child(passwords)
        self._sent: deque[list[SourceFile]] = deque()
        self._window = threading.Semaphore(_WINDOW)
        self._answers: SimpleQueue[tuple[int, bytes, bytes] | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._exhausted = False
        self.failure: BaseException | None = None
        """What the files' iterator raised; it is the consumer's to hear, after what came before it."""
        self.broken = False
        """The child died before everything was answered; `left` is what it was given and did not answer."""
        self._feeder = threading.Thread(target=self._feed, name="certtui-feeds-reader", daemon=True)
        self._taker = threading.Thread(target=self._take, name="certtui-takes-answers", daemon=True)
        self._feeder.start()
        self._taker.start()

    def results(self) -> Iterator[ReadFile]:
        """What became of each file, in order; ends with `broken` set when the child died early."""
        ahead: list[X509Facts] = []
        while (frame := self._answers.get()) is not None:
            kind, text, body = frame
            octets = wire.Octets(body)
            try:
                rows = wire.rows_of(text)
                if kind == wire.PARTS:
                    ahead += [wire.certificate_of(row, octets) for row in rows]
                    continue
                for row in rows:
                    yield self._next(row, octets, ahead)
                    ahead = []
            except wire.Garbled:
                break
        self._feeder_ended()
        if self._sent or not (self._exhausted or self.failure):
            self.broken = True
        elif self.failure is not None:
            raise self.failure

    def _next(self, row: wire.Row, octets: wire.Octets, ahead: Sequence[X509Facts]) -> ReadFile:
        if not self._sent:
            raise wire.Garbled("more answers than questions")
        batch = self._sent[0]
        file = batch[0]
        try:
            found = ReadFile(file.path, wire.material_of(row, octets, file.path, ahead))
        except wire.Garbled:
            raise
        except CerttuiError as error:
            found = refused(file.path, error)
        del batch[0]
        if not batch:
            self._sent.popleft()
            self._window.release()
        return found

    @property
    def left(self) -> list[SourceFile]:
        return [file for batch in self._sent for file in batch]

    def close(self) -> None:
        self._stopping.set()
        self._child.close()
        self._window.release()

    def _feeder_ended(self) -> None:
        """Wait until nobody else asks the files' iterator."""
        self._stopping.set()
        self._window.release()
        self._child.end_input() if not self._sent else self._child.close()
        self._feeder.join()

    def _feed(self) -> None:
        try:
            for batch in self._batches():
                self._window.acquire()
                self._sent.append(batch)
                # A file that is too large is cut to what shows it: the child refuses it by its size.
                blobs = [f.data[: MAX_BYTES + 1] for f in batch]
                if self._stopping.is_set() or not self._child.send(blobs):
                    return
        except BaseException as error:
            self.failure = error
        self._child.end_input()

    def _batches(self) -> Iterator[list[SourceFile]]:
        """Small files together, large ones alone. Whatever was taken from the iterator is given, even when it raises."""
        batch: list[SourceFile] = []
        size = 0
        try:
            while not self._stopping.is_set():
                file = next(self._source, None)
                if file is None:
                    self._exhausted = True
                    break
                if batch and size + len(file.data) > _BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
                batch.append(file)
                size += len(file.data)
                if len(batch) >= _BATCH_FILES:
                    yield batch
                    batch, size = [], 0
        except Exception:
            if batch:
                yield batch
            raise
        if batch:
            yield batch

    def _take(self) -> None:
        while (frame := self._child.answer()) is not None:
            self._answers.put(frame)
        self._answers.put(None)


def _refuse_too_large(file: SourceFile) -> None:
    if len(file.data) > MAX_BYTES:
        raise Invalid(f"The file is larger than {MAX_BYTES // 2**20} MiB.", "Split it.")


def _environment() -> dict[str, str]:
    """What Python needs to start, and nothing that may hold a secret or a way to load code."""
    keep = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "LD_LIBRARY_PATH",
        "SYSTEMROOT",
        "OPENSSL_CONF",
        "VIRTUAL_ENV",
    )
    return {name: value for name, value in os.environ.items() if name in keep}


def _widen(descriptor: int) -> None:
    """A pipe of 1 MiB where Linux allows it, so that the two sides wait less for each other."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
