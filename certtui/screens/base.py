"""The frame that every screen stands in: a line on top, the place, a line that may say something, the keys that work here.

    class ResourcesScreen(Place):
        PLACE = "resources"                      # id in app.PLACES; "" for a screen that is no place
        TITLE = "Resources"
        CONTEXTS = ("global", "place", "list", "resources")

        def content(self) -> ComposeResult:      # the middle
            yield RecordTable(...)

        def ready(self) -> None:                 # the backend is open: ask it, through self.work(...)
            ...

        def do_resource_add(self) -> None:       # the act "resource.add" of actions.py
            ...

Every act of the screen's contexts is bound to its keys; `action_act` is the gate: it says why an act is not possible here
(read-only, capability) and otherwise calls `do_<id>`. `say(...)` shows a sentence, `fail(error)` an error, both until the
next key. `work(func, done=...)` runs a backend call in a thread.

Textual calls `on_mount`, `on_resize` and `on_screen_resume` of every class, the subclass's first: never call `super()` there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.screen import Screen
from textual.widget import Widget

from certtui.actions import Action
from certtui.errors import CerttuiError
from certtui.widgets.frame import KeyLine, NoticeLine, TooSmall, TopLine
from certtui.work import Job, run, run_long

if TYPE_CHECKING:
    from certtui.app import CerttuiApp
    from certtui.backend.base import Backend
    from certtui.model.progress import Progress
    from certtui.widgets.fields import FieldView
    from certtui.widgets.record_table import RecordTable

T = TypeVar("T")

SMALLEST = (60, 15)


class Place(Screen[object]):
    """The base of all full screens, places and pages alike."""

    PLACE: ClassVar[str] = ""
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place")

    DEFAULT_CSS = """
    Place { layout: vertical; overflow: hidden; background: $background; color: $foreground; }
    Place > #middle { height: 1fr; }
    Place.-too-small > #middle, Place.-too-small > TopLine, Place.-too-small > KeyLine,
    Place.-too-small > NoticeLine { display: none; }
    Place.-too-small > TooSmall { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._ready = False
        self._typed_into: Widget | None = None

    # -- for subclasses ------------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        """The middle of the screen."""
        yield from ()

    def ready(self) -> None:
        """Called once, on the event loop, when the screen is mounted and the backend is open."""

    def opening_failed(self, error: CerttuiError) -> None:
        """The backend could not be opened."""
        self.fail(error)

    def switched(self) -> None:
        """Another backend stands behind the seam now; nothing that was read from the old one holds."""
        self.refresh_frame()

    def made(self, certificate_id: int) -> None:
        """A form that lay over this screen added this certificate, or gave it its key."""

    def about(self) -> str:
        """What stands beside the title in the top line: the object's name, the count, …"""
        return ""

    def unsaved(self) -> str:
        """A sentence of what leaving would lose, or ""."""
        return ""

    def why_not(self, action: Action) -> str:
        """Why an act is not possible at this moment, or ""; subclasses add their own reasons to these."""
        backend = self.console_app.backend
        if action.act or action.changes:
            if backend is None:
                return "The store is not open yet."
            if action.changes and backend.info.read_only:
                return "This was opened read-only."
            if action.act:
                return backend.capabilities.why_not(action.act)
        return ""

    # -- what a screen stands on ---------------------------------------------------------------------------------

    @property
    def console_app(self) -> CerttuiApp:
        return cast("CerttuiApp", self.app)

    @property
    def backend(self) -> Backend:
        """The open backend; only asked once `ready` was called."""
        backend = self.console_app.backend
        assert backend is not None, "a screen asked for the backend before it was ready"  # noqa: S101
        return backend

    def work(
        self,
        func: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[CerttuiError], object] | None = None,
        key: str = "",
        to_the_end: bool = False,
    ) -> Job:
        """`work.run` for this screen; without `failed`, an error shows in the notice line."""
        return run(self, func, done=done, failed=failed or self.fail, key=key, to_the_end=to_the_end)

    def work_long(
        self,
        title: str,
        func: Callable[[Progress], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[CerttuiError], object] | None = None,
        command: str = "",
    ) -> Job:
        """`work.run_long` for this screen: a dialog with bar, estimate and cancel while it runs."""
        return run_long(self, title, func, done=done, failed=failed, command=command)

    def open_screen(self, factory: str, *args: object) -> None:
        """Push a screen named "module:class", imported now: what is not used is not loaded."""
        module, _, name = factory.partition(":")
        self.app.push_screen(getattr(import_module(module), name)(*args))

    def say(self, sentence: str, style: str = "note") -> None:
        """Show a sentence above the keys until the next key press; raw text."""
        self.query_one(NoticeLine).say(sentence, style)

    def fail(self, error: CerttuiError) -> None:
        """Show an error above the keys: what happened, and what to do."""
        self.say(str(error), "bad")

    # -- the frame -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield TopLine()
        with Widget(id="middle"):
            yield from self.content()
        yield NoticeLine()
        yield KeyLine()
        yield TooSmall()

    def on_mount(self) -> None:
        self._bind()
        self.refresh_frame()
        self.become_ready()

    def become_ready(self) -> None:
        """Called by the app when the backend has opened."""
        app = self.console_app
        if self.query(TopLine) and app.backend is not None and not self._ready:
            self._ready = True
            self.refresh_frame()
            self.ready()
        elif app.opening_failed is not None:
            self.opening_failed(app.opening_failed)

    def refresh_frame(self) -> None:
        """Draw the top line and the keys again; sends nothing when they say what they said."""
        app = self.console_app
        info = app.backend.info if app.backend else None
        self.query_one(TopLine).show_frame(
            title=self.title or "",
            about=self.about(),
            context=info.name if info else "opening",
            demo=bool(info and info.demo and info.name != "demo"),
            read_only=bool(info and info.read_only),
            locked=bool(app.backend and app.backend.store.locked),
            news=app.orders.news if app.orders else "",
            alerts=app.alerts.words if app.alerts else ("", ""),
        )
        self.query_one(KeyLine).show_keys(self._key_line())

    def _key_line(self) -> list[tuple[str, str, bool]]:
        keys = self.console_app.keys
        acts = sorted(self.key_line_acts(), key=lambda action: action.footer)
        label = keys.label_while_typing if "form" in self.CONTEXTS else keys.label
        return [
            (label(action.id), self.word_of(action), not self.why_not(action)) for action in acts if label(action.id)
        ]

    def word_of(self, action: Action) -> str:
        """The word of an act in the key line."""
        return action.word

    def key_line_acts(self) -> list[Action]:
        """The acts that the key line may show now."""
        keys = self.console_app.keys
        return [action for action in keys.within(self.CONTEXTS) if action.footer and self.offers(action)]

    def offers(self, action: Action) -> bool:
        """Whether this screen does that act at all: it has the method, or its list does it."""
        return hasattr(self, action.method) or action.id.startswith("list.")

    def nearness(self, action: Action) -> int:
        """Sorts acts: what is peculiar to this screen first, what holds everywhere last."""
        return -max(self.CONTEXTS.index(context) for context in action.contexts if context in self.CONTEXTS)

    def _bind(self) -> None:
        keys = self.console_app.keys
        bindings = [
            Binding(",".join(keys.of(action.id)), f"screen.act('{action.id}')", action.title, show=False)
            for action in keys.within(self.CONTEXTS)
            if keys.of(action.id) and hasattr(self, action.method) and not action.rows
        ]
        self._bindings = BindingsMap.merge([self._bindings, BindingsMap(bindings)])

    def bind_table(self, table: RecordTable[Any] | FieldView) -> None:  # Any: a table of whatever rows
        """Give a list its keys: moves are the table's own, acts the screen's; they hold while it has the focus.

        They have priority, which makes Textual run one before it looks at the next key: a burst such as `/api` then
        opens the filter and types into it, instead of asking the list what `a` means.
        """
        keys = self.console_app.keys
        bindings: list[BindingType] = []
        for action in keys.within(self.CONTEXTS):
            if not keys.of(action.id):
                continue
            if hasattr(self, action.method):
                call = f"screen.act('{action.id}')"
            elif hasattr(table, action.method):
                call = f"do('{action.method}')"
            else:
                continue
            bindings.append(Binding(",".join(keys.of(action.id)), call, action.title, show=False, priority=True))
        table.bind_keys(BindingsMap(bindings))

    def action_act(self, action_id: str) -> object:
        """The gate of all acts: says why not, or does it; what it returns is awaited if it can be, so that keys keep their order."""
        action = self.console_app.keys.get(action_id)
        if reason := self.why_not(action):
            self.say(f"{action.title}: {reason}", "warn")
            return None
        self.query_one(NoticeLine).clear()
        return getattr(self, action.method)()

    def key_pressed(self) -> None:
        """Any key: what was said has been read. Called by the app before the key does anything."""
        for line in self.query(NoticeLine):
            line.clear()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        too_small = width < SMALLEST[0] or height < SMALLEST[1]
        if too_small and not self.has_class("-too-small"):
            self._typed_into = self.focused  # hiding it takes the focus from it
        elif not too_small and self.has_class("-too-small"):
            self.call_after_refresh(self._focus_again)
        self.set_class(too_small, "-too-small")
        self.set_class(width >= 100, "-wide")

    def _focus_again(self) -> None:
        """After the terminal was too small, keys go where they went before."""
        if self.focused is None and not self.has_class("-too-small"):
            self.set_focus(self._typed_into or self.first_focus())

    def first_focus(self) -> Widget | None:
        """Where keys go at first."""
        return next(iter(self.focus_chain), None)

    def on_screen_resume(self) -> None:
        if self.console_app.backend is not None:
            self.become_ready()  # it may have opened while another screen lay over this one or in its place
        self.refresh_frame()

    # -- acts of every screen ------------------------------------------------------------------------------------

    def do_app_help(self) -> object:
        from certtui.screens.help import HelpScreen

        return self.app.push_screen(HelpScreen(self))

    def do_app_palette(self) -> object:
        from certtui.screens.palette import PaletteScreen

        return self.app.push_screen(PaletteScreen(self))

    def do_app_go(self) -> object:
        from certtui.screens.palette import PaletteScreen

        return self.app.push_screen(PaletteScreen(self, places=True))

    def do_app_back(self) -> None:
        """A place stays; a page over it goes."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def do_order_ended(self) -> None:
        """To the order whose end was told last."""
        watch = self.console_app.orders
        if watch is None or not watch.ended:
            self.say("No order has ended that you were not told of.")
            return
        row = watch.ended[-1]
        watch.seen(row)
        self.open_screen("certtui.screens.order_page:OrderScreen", row.id)

    def do_app_redraw(self) -> None:
        self.app.refresh(repaint=True, layout=True)

    def do_app_suspend(self) -> None:
        self.app.action_suspend_process()

    def do_app_quit(self) -> None:
        self.console_app.leave()

    def do_go_inventory(self) -> None:
        self.console_app.go("inventory")

    def do_go_orders(self) -> None:
        self.console_app.go("orders")

    def do_go_alerts(self) -> None:
        self.console_app.go("alerts")

    def do_go_containers(self) -> None:
        self.console_app.go("containers")

    def do_go_repositories(self) -> None:
        self.console_app.go("repositories")

    def do_go_resources(self) -> None:
        self.console_app.go("resources")

    def do_go_authorities(self) -> None:
        self.console_app.go("authorities")

    def do_go_policies(self) -> None:
        self.console_app.go("policies")

    def do_go_audit(self) -> None:
        self.console_app.go("audit")

    def do_go_renewals(self) -> None:
        self.console_app.go("renewals")

    def do_access_reach(self) -> None:
        self.open_screen("certtui.screens.access_tokens:TokensScreen")

    def do_app_log(self) -> None:
        self.open_screen("certtui.screens.log:LogScreen")

    def do_app_ctx(self) -> None:
        from certtui.screens.contexts import choose_context

        choose_context(self)

    def do_app_theme(self) -> None:
        from certtui.screens.theme import choose_theme

        choose_theme(self)

    def do_store_status(self) -> None:
        self.open_screen("certtui.screens.store:StoreScreen")

    def do_store_lock(self) -> None:
        from certtui.screens.unlock import lock

        lock(self)

    def do_store_unlock(self) -> None:
        from certtui.screens.unlock import unlock

        unlock(self)

    def do_store_set_passphrase(self) -> None:
        from certtui.screens.unlock_passphrase import set_passphrase

        set_passphrase(self)
