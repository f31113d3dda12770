"""The base of places that are a list: filter, table, the state it is in; marks, order and the change feed beside it.

    class ResourcesScreen(ListPlace[ResourceRow]):
        PLACE, TITLE = "resources", "Resources"
        CONTEXTS = ("global", "place", "list", "resources")
        COLUMNS = (...)                                       # widgets.columns.Column
        SORT = Sort("name")
        NOUN = ("resource", "resources")

        def search(self, query): return self.backend.resources.search(query)      # in a thread
        def fields(self): ...                                 # imports and gives model.filter_fields.RESOURCE
        def first_run(self) -> list[str]: ...                 # the sentences of an empty place
        def opened(self, row): ...                            # enter

`targets()` gives the (id, version) pairs that an act is for: the marked rows, else the row under the cursor. After an act
call `changed()`: rows are read again in place, and the list is asked again where rows came or went.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from certtui.errors import CerttuiError, Interrupted, Invalid
from certtui.model.query import Query, Sort
from certtui.screens.list_feed import FollowsTheFeed
from certtui.screens.list_marks import Listed, MarksRows
from certtui.screens.list_order import OrdersRows
from certtui.screens.list_said import SaysHowItStands
from certtui.widgets.filter_bar import FilterBar
from certtui.widgets.record_table import RecordTable
from certtui.work import run

if TYPE_CHECKING:
    from textual.widget import Widget

    from certtui.actions import Action
    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field


R = TypeVar("R", bound=Listed)


class ListPlace(SaysHowItStands[R], MarksRows[R], OrdersRows[R], FollowsTheFeed[R], Generic[R]):
    """A list and what one does in it. Filter, row, scroll and marks stay while the console runs."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    """None by Textual: a list that was empty when one came back would leave the keys to the strip, which filters by enter."""
    SORT: ClassVar[Sort] = Sort("name")

    DEFAULT_CSS = """
    ListPlace #body { height: 1fr; }
    ListPlace #body > .pane { display: none; }
    ListPlace.-wide #body > .pane { display: block; width: 46; }
    ListPlace.-state #body { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.query_now = Query("", self.SORT)
        self.listing: Listing[R] | None = None
        self._had_row = False
        self._again: tuple[int | None] | None = None

    # -- for subclasses ------------------------------------------------------------------------------------------

    def search(self, query: Query) -> Listing[R]:
        """Open the list; called in a thread."""
        raise NotImplementedError

    def fields(self) -> Mapping[str, Field]:
        """The keys of this list's filter, imported when the first filter is typed."""
        from certtui.model.filter_fields import CERTIFICATE

        return CERTIFICATE

    def head(self) -> ComposeResult:
        """What stands over the filter."""
        yield from ()

    def pane(self) -> ComposeResult:
        """What stands beside the list at 100 columns and more: one widget of the class `pane`."""
        yield from ()

    def opened(self, row: R) -> None:
        """The row was entered."""

    def moved(self) -> None:
        """Another row stands under the cursor, or it changed."""

    def listed(self) -> None:
        """A new listing is shown, or rows were read again: time to ask what else shows them."""

    def why_not(self, action: Action) -> str:
        reason = super().why_not(action)
        if not reason and action.rows and not action.id.startswith("list.") and not self.targets():
            return f"There is no {self.NOUN[0]} here to do it with."
        return reason

    def key_line_acts(self) -> list[Action]:
        # A place has nothing to go back to; its room is for what can be done here.
        acts = [act for act in super().key_line_acts() if act.id != "app.back"]
        if self.listing is None or self.table.total == 0:
            # Nothing to open, mark or sort: the keys that help now come forward.
            waiting = ("list.filter", "list.refresh")
            return [act for act in acts if not act.rows and (act.id in waiting or not act.id.startswith("list."))]
        return acts

    # -- the frame -----------------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        yield from self.head()
        yield FilterBar(self.fields)
        with Horizontal(id="body"):
            yield RecordTable(self.chosen_columns(), self._fetch)
            yield from self.pane()

    @property
    def table(self) -> RecordTable[R]:
        return self.query_one(RecordTable)

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    def on_mount(self) -> None:
        self.bind_table(self.table)
        self.table.show_columns(self.chosen_columns(), self.query_now.sort)
        self.set_focus(self.table)
        if not self._ready and self.console_app.opening_failed is None:
            self._lay_state()
        if self.console_app.settings.follow_seconds:
            self.set_interval(self.console_app.settings.follow_seconds, self.follow_feed)

    def ready(self) -> None:
        self.ask()

    def switched(self) -> None:
        """Ask the other backend for the same filter and order; marks and rows were the old one's."""
        # The old backend is about to be closed: what is still asked of it would look as if the new one were away.
        self.console_app.jobs.drop(self)
        self.searching, self._again = False, None
        self.listing = self.heard = self.as_of = None
        self.unseen = self._everything = 0
        self._problem = None
        if self.is_mounted:
            self.table.unmark()
            self.table.open(None)
            self.refresh_frame()
            self.ask()

    def opening_failed(self, error: CerttuiError) -> None:
        self._problem = error
        self._lay_state()

    def about(self) -> str:
        marked = len(self.table.marks) if self.is_mounted else 0
        return f"{marked:,} marked" if marked else ""

    # -- the listing ---------------------------------------------------------------------------------------------

    def ask(self, *, anchor: int | None = None) -> None:
        """Open the list for the present query; the cursor comes to stand on the row `anchor`, or stays where that is hidden.

        While one search runs, only the newest later one is remembered: typing never queues up searches.
        """
        if self.console_app.backend is None:
            return  # `ready` asks, for whatever is the query by then
        if self.searching:
            self._again = (anchor,)
            return
        self.searching = True
        query, old, backend = self.query_now, self.listing, self.backend
        here = self.table.current

        def search() -> tuple[Listing[R], int | None, int | None, int]:
            seq = backend.feed.latest()
            listing = self.search(query)
            position = None if anchor is None else listing.position(anchor)
            if anchor is not None and position is None and here is not None and here.id != anchor:
                position = listing.position(here.id)
            if old is not None:
                old.close()
            # Asked once: it may become known between two looks.
            return listing, listing.total, position, seq

        def done(answer: tuple[Listing[R], int | None, int | None, int]) -> None:
            if backend is self.backend:
                self._show(query, *answer)
            elif not self._next_search():  # another context was opened meanwhile
                self.ask()

        self.work(search, done=done, failed=self._not_found)

    def _next_search(self) -> bool:
        self.searching = False
        if self._again is not None:
            (anchor,) = self._again
            self._again = None
            self.ask(anchor=anchor)
            return True
        return False

    def _show(self, query: Query, listing: Listing[R], total: int | None, position: int | None, seq: int) -> None:
        self._problem = None
        self._reached()
        self.listing = listing
        self.heard = seq
        self.unseen = 0
        superseded = self._next_search()
        table = self.table
        top = None
        if position is not None:
            top = max(0, position - (table.cursor - table.top))
        table.open(total, cursor=position or 0, top=0 if position is None else top)
        if not query.text and total is not None:
            self._everything = total
        if total is None and not superseded:
            self._count(listing)
        self._lay_state()
        self.lay_count()
        self.listed()

    def _not_found(self, error: CerttuiError) -> None:
        if self._next_search():
            return
        if self.listing is not None and self.away(error):
            return  # the last list stays on the screen
        if isinstance(error, Invalid) and self.listing is not None:
            self.fail(error)
            return
        self._problem = error
        self._lay_state()

    def _count(self, listing: Listing[R]) -> None:
        """Wait for the total in a thread, a moment at a time, so that a closed list is let go."""

        def counted(total: int | None) -> None:
            if listing is not self.listing:
                return
            if total is None:
                self._count(listing)
                return
            self.table.know_total(total)
            if not self.query_now.text:
                self._everything = total
            self._lay_state()
            self.lay_count()

        def wait() -> int | None:
            listing.wait(0.5)
            return listing.total

        run(self, wait, done=counted, failed=self._not_counted, background=True)

    def _not_counted(self, error: CerttuiError) -> None:
        if not isinstance(error, Interrupted) and not self.away(error):  # that is a list which was closed meanwhile
            self.fail(error)

    def _fetch(self, start: int, stop: int, generation: int) -> None:
        listing = self.listing
        if listing is None:
            return

        def failed(error: CerttuiError) -> None:
            if listing is not self.listing:
                return
            self.table.failed(start, generation)
            if isinstance(error, Interrupted):
                self.changed()  # the server let the list go, and it has another order by now
            elif not self.away(error):
                self.fail(error)

        self.work(
            lambda: listing.rows(start, stop),
            done=lambda rows: self.table.deliver(start, rows, generation),
            failed=failed,
        )

    def on_screen_resume(self) -> None:
        if self._ready and self.listing is not None:
            self.came_back()

    def first_focus(self) -> Widget | None:
        return self.table

    # -- filter --------------------------------------------------------------------------------------------------

    def filter_to(self, text: str, *, anchor: int | None = None) -> None:
        """Filter by this text from now on."""
        self.query_now = Query(text, self.query_now.sort)
        self.bar.text = text
        self.ask(anchor=anchor)

    async def do_list_filter(self) -> None:
        await self.bar.edit()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.filter_to(event.text)

    def on_filter_bar_judged(self) -> None:
        if self.table.total == 0:
            self._lay_state()

    def on_filter_bar_closed(self) -> None:
        self.set_focus(self.table)

    def do_app_back(self) -> None:
        """First out of the filter, keeping the row; a place itself is not left by it."""
        if self.focused is not self.table and not self.has_class("-state"):
            self.set_focus(self.table)
        elif self.query_now.text:
            row = self.table.current
            self.filter_to("", anchor=row.id if row else None)

    # -- rows ----------------------------------------------------------------------------------------------------

    def on_record_table_moved(self) -> None:
        has_row = self.table.current is not None
        if has_row != self._had_row:
            # What can be done changes with there being a row, not with every step of the cursor.
            self._had_row = has_row
            self.refresh_frame()
        self.moved()

    def on_record_table_opened(self) -> None:
        self.do_list_open()

    def on_record_table_marked(self) -> None:
        self.lay_count()
        self.refresh_frame()  # the top line says how many are marked, too

    def do_list_open(self) -> None:
        row = self.table.current
        if row is not None:
            self.opened(row)

    def do_list_refresh(self) -> None:
        if self.console_app.backend is None:
            self._problem = None
            self._lay_state()
            self.console_app.open()
            return
        self.changed()
