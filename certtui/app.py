"""The console: one Textual App that holds the backend, the places, the keys and the theme. Small on purpose.

    CerttuiApp(lambda: open_backend(options, actor=actor), open_inspect, settings=Settings(theme="light"), clock=Clock()).run()

The chrome is painted first; the backend is opened in a thread, then every place's `ready()` is called. A place is added by
one line in `PLACES`. Screens reach the app as `self.console_app` (see `screens.base`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from random import random
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen

from certtui import work
from certtui.clock import Clock
from certtui.errors import CerttuiError, Unreachable
from certtui.keys import Keys
from certtui.keys_in_order import KeysInOrder
from certtui.record import dataclass, field
from certtui.themes import THEMES
from certtui.widgets.filters import AsciiFilter, Backstop, PlainFilter
from certtui.worker import OfThisProcess

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect
    from certtui.screens.alert_watch import AlertWatch
    from certtui.screens.base import Place
    from certtui.screens.idle_lock import IdleLock
    from certtui.screens.order_follow import OrderWatch
    from certtui.switching import Contexts

log = logging.getLogger("certtui.app")


def _forget(place: str, columns: Sequence[str]) -> None:
    """Keeps nothing: for tests and when no state folder can be written."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose, as the console needs it; made from configuration, state and flags by the command line."""

    theme: str = "dark"
    ascii: bool = False
    """`--ascii`: no glyph and no colour."""
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Action id to Textual key names."""
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Place id to the column ids that a person chose to see, in order."""
    save_columns: Callable[[str, Sequence[str]], None] = _forget
    """Keeps such a choice: (place id, column ids)."""
    follow_seconds: float = 1.0
    """How often the change feed is asked; 0 for never."""
    idle_lock_seconds: float = 0.0
    """Lock after so long without a key press; 0 for never."""
    clipboard: str = "auto"
    """The way to copy: `certtui.clipboard.choose`."""
    clipboard_clear_seconds: float = 30.0
    """A copied secret is taken back out after so long; 0 for never."""
    worker: bool = False
    """Do what is due on a store of this machine while the console is open."""


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """One place: `factory` is "module:class", imported when the place is first entered."""

    id: str
    key_action: str
    title: str
    factory: str


PLACES: tuple[PlaceEntry, ...] = (
    PlaceEntry("inventory", "go.inventory", "Inventory", "certtui.screens.inventory:InventoryScreen"),
    PlaceEntry("orders", "go.orders", "Orders", "certtui.screens.orders:OrdersScreen"),
    PlaceEntry("alerts", "go.alerts", "Alerts", "certtui.screens.alerts:AlertsScreen"),
    PlaceEntry("repositories", "go.repositories", "Repositories", "certtui.screens.repositories:RepositoriesScreen"),
    PlaceEntry("containers", "go.containers", "Containers", "certtui.screens.containers:ContainersScreen"),
    PlaceEntry("resources", "go.resources", "Resources", "certtui.screens.resources:ResourcesScreen"),
    PlaceEntry("authorities", "go.authorities", "Authorities", "certtui.screens.authorities:AuthoritiesScreen"),
    PlaceEntry("policies", "go.policies", "Policies", "certtui.screens.policies:PoliciesScreen"),
    PlaceEntry("audit", "go.audit", "Audit", "certtui.screens.audit:AuditScreen"),
    PlaceEntry("renewals", "go.renewals", "Renewals", "certtui.screens.renewals:RenewalsScreen"),
)


class CerttuiApp(KeysInOrder, inherit_bindings=False):
    """The console. `open_backend` and `open_inspect` are called in a thread, after the first paint."""

    TITLE = "certtui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [Binding("ctrl+c", "hint_leave", show=False, system=True)]

    def __init__(
        self,
        open_backend: Callable[[], Backend],
        open_inspect: Callable[[], Inspect],
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        self.settings = settings or Settings()
        # Asked before Textual takes it out of the environment, and looks at an empty one too: no-color.org, present and not empty.
        wants_no_color = bool(os.environ.get("NO_COLOR"))
        if not wants_no_color:
            os.environ.pop("NO_COLOR", None)
        super().__init__()
        self.clock = clock or Clock()
        self.contexts = contexts
        """Where else one may go; None where there is nothing to choose."""
        self.jobs = work.Jobs()
        self.unexpected: list[BaseException] = []
        """Errors that no one foresaw; tests assert that it stays empty."""
        self.backend: Backend | None = None
        self.inspect: Inspect | None = None
        self.opening_failed: CerttuiError | None = None
        self.crash_report: Path | None = None
        self.last_words = ""
        self._patience = 1.0
        """Seconds until a server that can't be reached is tried again."""
        self._open_backend = open_backend
        self._worker = OfThisProcess(self.clock, wanted=self.settings.worker)
        self._open_inspect = open_inspect
        self.keys = Keys(self.settings.keys)
        self.ascii_only = self.settings.ascii or os.environ.get("TERM") == "linux"
        plain = self.settings.ascii or wants_no_color
        self.last_filters: list[LineFilter] = []
        self._plain = PlainFilter(enabled=False)
        if self.ascii_only:
            self.last_filters.append(AsciiFilter())
        self.last_filters += [self._plain, Backstop()]
        self.animation_level = "none"
        for theme in THEMES.values():
            self.register_theme(theme)
        self.dress("no-colour" if plain else (self.settings.theme if self.settings.theme in THEMES else "dark"))
        self._idle: IdleLock | None = None
        self.orders: OrderWatch | None = None
        """Tells of orders that end while one stands elsewhere; None where nothing is followed."""
        self.alerts: AlertWatch | None = None
        """How many alerts are open; None where nothing is followed."""
        self._places: dict[str, Place] = {}

    # -- the start -----------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[object]:
        """The place one starts at: the inventory."""
        return self.place("inventory")

    def on_mount(self) -> None:
        self.call_after_refresh(self.open)
        if not self.is_headless:
            from certtui import signals

            signals.end_with(self.exit)
        if self.settings.idle_lock_seconds:
            from certtui.screens.idle_lock import IdleLock

            self._idle = IdleLock(self, self.settings.idle_lock_seconds)

    async def on_event(self, event: events.Event) -> None:
        if self._idle is not None and isinstance(event, events.InputEvent):
            self._idle.touched()
        await super().on_event(event)

    def open(self) -> None:
        """Open the backend in a thread; the places hear of it through `ready()`."""
        self.opening_failed = None
        work.run(self, self._open_both, done=self._opened, failed=self._not_opened, key="open")

    def _open_both(self) -> tuple[Backend, Inspect]:
        return self._open_backend(), self._open_inspect()

    def _opened(self, both: tuple[Backend, Inspect]) -> None:
        self.backend, self.inspect = both
        self._worker.work_on(self.backend)
        for screen in self.screen_stack:
            if hasattr(screen, "become_ready"):
                screen.become_ready()
        if self.orders is None and self.settings.follow_seconds:
            self.set_timer(self.settings.follow_seconds, self._watch_orders)

    def _watch_orders(self) -> None:
        if self.orders is None:
            from certtui.screens.alert_watch import AlertWatch
            from certtui.screens.order_follow import OrderWatch

            self.alerts = AlertWatch(self)
            self.orders = OrderWatch(self)

    def _not_opened(self, error: CerttuiError) -> None:
        self.opening_failed = error
        if isinstance(error, Unreachable) and self.settings.follow_seconds:
            # A server that is away comes back; whoever waits need not press a key for it. Not in step with everybody else.
            self._patience = min(30.0, self._patience * 2)
            self.set_timer(self._patience * (0.5 + random() / 2), self._open_again)  # noqa: S311 - no secret
        for screen in self.screen_stack:
            if hasattr(screen, "opening_failed"):
                screen.opening_failed(error)

    def change_backend(self, backend: Backend, opener: Callable[[], Backend]) -> Backend | None:
        """Another backend stands behind every place from now on; returns the old one, which is the caller's to close."""
        old, self.backend = self.backend, backend
        self._worker.work_on(backend)
        self._open_backend = opener
        self.opening_failed = None
        if self.orders is not None:
            self.orders.forget()
        if self.alerts is not None:
            self.alerts.forget()
        places = set(self._places.values())
        while len(self.screen_stack) > 1 and self.screen not in places:
            self.pop_screen()
        if self.inspect is None:
            self.inspect = self._open_inspect()
        for place in places:
            place.become_ready()
            place.switched()
        return old

    def as_typed(self, command: str) -> str:
        """A command line as it must be typed to mean what is shown here: with the context or store where another one is meant."""
        if self.contexts is None or self.backend is None:
            return command
        option = self.contexts.command_option(self.backend.info)
        return command.replace("certtui ", f"certtui {option} ", 1) if option else command

    def _open_again(self) -> None:
        if self.backend is None and self.opening_failed is not None:
            self.open()

    # -- places --------------------------------------------------------------------------------------------------

    def place(self, place_id: str) -> Place:
        """The screen of a place, made at its first visit and kept, so that filter, row and scroll are still there."""
        found = self._places.get(place_id)
        if found is None:
            entry = next(entry for entry in PLACES if entry.id == place_id)
            module, _, name = entry.factory.partition(":")
            found = self._places[place_id] = getattr(import_module(module), name)()
        return found

    def go(self, place_id: str) -> None:
        """Stand at a place: whatever lies over the present one is left, the place itself is kept."""
        target = self.place(place_id)
        if self.screen is target:
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self.screen is not target:
            self._stand_at(target)

    def _stand_at(self, target: Place) -> None:
        for entry_id, screen in self._places.items():
            if not self.is_screen_installed(screen):
                self.install_screen(screen, f"place-{entry_id}")
        # Over the inventory, the app's default screen: Textual can't switch that one away, it was never pushed.
        self.push_screen(target)

    def keep_columns(self, place: str, columns: Sequence[str]) -> None:
        """Remember the columns a person chose, for this run and, through the settings' port, for the next."""
        self.settings = replace(self.settings, columns={**self.settings.columns, place: tuple(columns)})
        self.settings.save_columns(place, tuple(columns))

    def dress(self, theme: str) -> None:
        """Change the colours; `no-colour` sends none at all."""
        self.no_color = self._plain.enabled = theme == "no-colour"
        if self.is_running:
            self.theme = theme
        else:
            # Before the start the style sheet is still to be read: announcing a change would have it read twice.
            self.set_reactive(App.theme, theme)
            self.stylesheet.set_variables(self.get_css_variables())

    # -- errors --------------------------------------------------------------------------------------------------

    def show_error(self, error: CerttuiError) -> None:
        """A dialog with what happened and what to do."""
        from certtui.widgets.dialogs import Message

        self.push_screen(Message("That did not work", [line for line in (error.message, error.hint) if line]))

    def show_unexpected(self, error: BaseException) -> None:
        """A dialog for an error that no one foresaw, and a log entry without values."""
        from certtui.widgets.dialogs import Message

        self.unexpected.append(error)
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        lines = [
            f"certtui met an error it does not know: {type(error).__name__}.",
            "Nothing else stopped. The log (:log) has the details.",
        ]
        self.push_screen(Message("That did not work", lines))

    def _fatal_error(self) -> None:
        """Textual prints locals here, which may hold secrets; this writes a redacted report and leaves one sentence."""
        import sys

        error = sys.exc_info()[1] or self._exception
        sentence = "certtui ended because of an error of its own."
        if isinstance(error, Exception):
            self.unexpected.append(error)
            sentence = self._report(error)
        self.last_words = sentence
        self._exit_renderables = []
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """After the terminal is itself again: the sentence, in one line, so that the path in it can be copied."""
        if self.last_words:
            self.error_console.file.write(self.last_words + "\n")
            self.last_words = ""

    def _report(self, error: Exception) -> str:
        try:
            from certtui import crash

            self.crash_report = crash.write_report(error, doing=f"showing {type(self._showing()).__name__}")
            return crash.sentence(error, self.crash_report)
        except Exception:  # a report that cannot be written must not hide that certtui ended
            return f"certtui ended because of an error of its own ({type(error).__name__}); no report could be written."

    def _showing(self) -> object:
        return self.screen_stack[-1] if self.screen_stack else self

    # -- the terminal --------------------------------------------------------------------------------------------

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, then ours; the backstop against control characters is the last of all.

        Without the one that turns ANSI colours to RGB: certtui names none, and a filter costs a tenth of a page down.
        """
        theirs = [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]
        return [*theirs, *(each for each in self.last_filters if each.enabled)]

    def action_hint_leave(self) -> None:
        """ctrl+c leaves nothing behind half-done: it only says which key leaves."""
        key = self.keys.label("app.quit") or "ctrl+p"
        if hasattr(self.screen, "say"):
            self.screen.say(f"{key} leaves.")

    def leave(self) -> None:
        """Leave; asks first while a long job runs or a form holds something unsaved."""
        reasons = [f"{title} is still running." for title in self.jobs.titled()]
        reasons += [words for screen in self.screen_stack if (words := getattr(screen, "unsaved", lambda: "")())]
        if not reasons:
            self.exit(0)
            return
        from certtui.widgets.dialogs import Confirm

        self.push_screen(Confirm("Leave certtui", reasons, "Leave", danger=True), self._left)

    def _left(self, answer: bool | None) -> None:
        if answer:
            self.exit(0)
