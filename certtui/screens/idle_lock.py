"""Locking after a while without a key press: the store forgets its key, and the screen shows nothing until it is unlocked."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.screens.base import Place
from certtui.widgets.state_text import StateText

if TYPE_CHECKING:
    from certtui.app import CerttuiApp


class IdleLock:
    """Looks now and then whether somebody is there; long jobs hold it off, since they may need a key."""

    def __init__(self, app: CerttuiApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._last = monotonic()
        app.set_interval(max(1.0, min(15.0, seconds / 4)), self.look)

    def touched(self) -> None:
        """A key was pressed, a mouse moved."""
        self._last = monotonic()

    def look(self) -> None:
        """Lock when the time is over."""
        if monotonic() - self._last >= self._seconds:
            self.lock()

    def lock(self) -> None:
        """Lock now, unless it is locked already or a long job runs."""
        app = self._app
        if (
            app.backend is None
            or app.jobs.titled()
            or any(isinstance(screen, LockScreen) for screen in app.screen_stack)
        ):
            return
        from certtui.screens.unlock import hide_secrets

        screen = LockScreen(self._seconds)
        app.push_screen(screen)
        hide_secrets(screen)


class LockScreen(Place):
    """Nothing but how to come back. What lies under it keeps its place."""

    TITLE = "Locked"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("lock",)

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._minutes = max(1, round(seconds / 60))

    def content(self) -> ComposeResult:
        key = self.console_app.keys.label("lock.unlock")
        spell = "a minute" if self._minutes == 1 else f"{self._minutes} minutes"
        yield StateText(f"Locked after {spell} without a key.", [f"{key}  unlocks; everything is where it was."])

    def ready(self) -> None:
        # The store of a server is not ours to lock: the screen is blank, and no key of it is here.
        if not self.backend.store.locked and not self.backend.capabilities.why_not("store.lock"):
            self.work(self.backend.store.lock, done=lambda _: self.refresh_frame())

    def do_lock_unlock(self) -> None:
        from certtui.screens.unlock import unlock

        if self.backend.store.locked and not self.backend.capabilities.why_not("store.unlock"):
            unlock(self, then=self._back)
        else:
            self._back()

    def do_lock_quit(self) -> None:
        self.console_app.leave()

    def _back(self) -> None:
        if self.is_current:
            self.app.pop_screen()
