"""Backend calls off the event loop: one daemon thread per call, the answer delivered to the screen that asked.

    work.run(self, lambda: self.backend.certificates.get(7), done=self.show)
    work.run(self, fetch, done=self.show, key="pane")          # a newer one with this key supersedes an older one
    work.run(self, record, done=self.show, to_the_end=True)    # leaving waits for it
    work.run_long(self, "Importing", act, done=self.report)    # act(progress) behind a dialog with bar and cancel

Textual's own thread workers block leaving until they end and there are few of them; these are daemon threads, so that a
call which hangs never keeps the terminal. An answer for a screen that is gone is dropped. An error of the family of
`certtui.errors` goes to `failed`, or to a dialog; any other exception becomes a dialog and a log entry. None ends the app.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from certtui.errors import CerttuiError, Interrupted
from certtui.pauses import no_full_collections

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from certtui.model.progress import Progress

T = TypeVar("T")
log = logging.getLogger("certtui.work")


class Job:
    """One call under way. `cancel` drops its answer and makes its next report of progress raise `Interrupted`."""

    def __init__(self, owner: MessagePump, key: str, title: str = "", *, background: bool = False) -> None:
        self.owner = owner
        self.key = key
        self.title = title
        """What a person would call it; jobs with a title make leaving ask first."""
        self.background = background
        """Nobody waits for it: following the feed, counting rows."""
        self.thread: threading.Thread | None = None
        self.to_the_end = False
        """Leaving waits for it, though not for ever: `Jobs.see_through`."""
        self.cancelled = False
        self.finished = False
        self.progress: tuple[int, int | None] = (0, None)

    def cancel(self) -> None:
        self.cancelled = True

    def report(self, done: int, total: int | None) -> None:
        """The `Progress` port of this job, called in its thread."""
        if self.cancelled:
            raise Interrupted("Cancelled.", "What was wholly done before stays done.")
        self.progress = (done, total)


class Jobs:
    """All jobs of one app: what `settle` waits for and what leaving asks about."""

    def __init__(self) -> None:
        self._running: list[Job] = []

    def __len__(self) -> int:
        return sum(not job.background for job in self._running)

    def titled(self) -> list[str]:
        """Titles of the long jobs that run now."""
        return [job.title for job in self._running if job.title and not job.cancelled]

    def see_through(self, seconds: float) -> None:
        """After the app has ended: wait for what was to be done to the end, each for so long at most."""
        for job in list(self._running):
            if job.to_the_end and job.thread is not None:
                job.thread.join(seconds)

    def begin(self, job: Job) -> None:
        """Take a job in; an older one of the same owner and key is superseded."""
        if job.key:
            for other in self._running:
                if other.owner is job.owner and other.key == job.key:
                    other.cancel()
        self._running.append(job)

    def drop(self, owner: MessagePump) -> None:
        """What this owner asked is of no use any more: the answers, and the errors, are not delivered."""
        for job in self._running:
            if job.owner is owner:
                job.cancel()

    def end(self, job: Job) -> None:
        job.finished = True
        if job in self._running:
            self._running.remove(job)


def run(
    owner: MessagePump,
    func: Callable[[], T],
    *,
    done: Callable[[T], object],
    failed: Callable[[CerttuiError], object] | None = None,
    key: str = "",
    title: str = "",
    background: bool = False,
    to_the_end: bool = False,
) -> Job:
    """Call `func` in a daemon thread and `done` with its answer on the event loop, unless `owner` is gone by then.

    `owner` is a screen, a widget or the app. With a `key`, a later run of the same owner and key supersedes this one.
    Without `failed`, an error of the family opens a dialog with its message and hint. What changes the store goes
    `to_the_end`: who leaves at once has done it all the same.
    """
    job = Job(owner, key, title, background=background)
    job.to_the_end = to_the_end
    return _start(job, func, done, failed)


def run_long(
    owner: MessagePump,
    title: str,
    func: Callable[[Progress], T],
    *,
    done: Callable[[T], object],
    failed: Callable[[CerttuiError], object] | None = None,
    command: str = "",
) -> Job:
    """A long call behind a `ProgressDialog` (bar, estimate, cancel). `func` gets the `Progress` port and must call it.

    Cancelling raises `Interrupted` from the port inside `func`, which is then delivered to `failed` like other errors.
    """
    from certtui.widgets.dialogs import ProgressDialog

    job = Job(owner, "", title)
    dialog = ProgressDialog(title, job, command=command)
    app = owner.app

    def close() -> None:
        if dialog.is_attached:
            dialog.dismiss(None)

    def on_done(answer: T) -> None:
        close()
        done(answer)

    def on_failed(error: CerttuiError) -> None:
        close()
        if failed is not None:
            failed(error)
        elif not isinstance(error, Interrupted):
            app.show_error(error)  # type: ignore[attr-defined]  # CerttuiApp: importing it here would be a circle

    def without_long_pauses() -> T:
        with no_full_collections():
            return func(job.report)

    app.push_screen(dialog)
    return _start(job, without_long_pauses, on_done, on_failed, deliver_cancelled=True)


def _start(
    job: Job,
    func: Callable[[], T],
    done: Callable[[T], object],
    failed: Callable[[CerttuiError], object] | None,
    *,
    deliver_cancelled: bool = False,
) -> Job:
    app = job.owner.app
    jobs: Jobs = app.jobs  # type: ignore[attr-defined]  # CerttuiApp: importing it here would be a circle
    jobs.begin(job)
    loop = asyncio.get_running_loop()
    # Textual finds the app and the active pump through context variables, which a thread does not inherit.
    context = contextvars.copy_context()

    def deliver(callback: Callable[[], object]) -> None:
        jobs.end(job)
        if (job.cancelled and not deliver_cancelled) or not (job.owner.is_running and job.owner.is_attached):
            return
        try:
            callback()
        except Exception as error:
            app.show_unexpected(error)  # type: ignore[attr-defined]  # as above

    def settle(callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the person has left
            loop.call_soon_threadsafe(deliver, callback, context=context)

    def fail(error: Exception) -> Callable[[], object]:
        if isinstance(error, CerttuiError):
            if failed is not None:
                return lambda: failed(error)
            if isinstance(error, Interrupted):
                return lambda: None
            return lambda: app.show_error(error)  # type: ignore[attr-defined]  # as above
        return lambda: app.show_unexpected(error)  # type: ignore[attr-defined]  # as above

    def body() -> None:
        try:
            answer = func()
        except Exception as error:
            settle(fail(error))
        else:
            settle(lambda: done(answer))

    job.thread = threading.Thread(target=body, name=f"certtui-{job.key or 'work'}", daemon=True)
    job.thread.start()
    return job
