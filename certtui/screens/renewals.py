"""The place Renewals: what renews when as a calendar, and the certificates behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from certtui.model.query import Query, Sort
from certtui.model.renewal_calendar import RenewalRow, State, bars, load
from certtui.model.renewal_words import bar_words, day_load_words, load_words, portions
from certtui.screens.list_place import ListPlace
from certtui.screens.renew import RenewsCertificates
from certtui.screens.renewals_columns import COLUMNS, SHOWN
from certtui.screens.renewals_pane import RenewalsPane
from certtui.widgets.load_chart import LoadBar, LoadChart
from certtui.widgets.strip_bar import Choice, Pickable, StatusStrip

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.backend.base import Listing
    from certtui.errors import CerttuiError
    from certtui.model.filter_fields import Field
    from certtui.model.renewal_calendar import Bar, RenewalCalendar

SPAN = 30
"""Days that the sentence under the chart is about."""

_STATES = {
    State.BLOCKED: ("Blocked", "bad"),
    State.DUE: ("Due", "warn"),
    State.UNDER_WAY: ("Under way", "note"),
    State.PLANNED: ("Planned", "ok"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class RenewalsScreen(ListPlace[RenewalRow], RenewsCertificates):
    """The calendar over the list; what is due or blocked soonest stands first."""

    PLACE = "renewals"
    KINDS = ("certificate", "order", "authority")
    TITLE = "Renewals"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "renewals")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("due")
    NOUN = ("renewal", "renewals")

    def __init__(self) -> None:
        super().__init__()
        self._calendar: RenewalCalendar | None = None

    def head(self) -> ComposeResult:
        yield StatusStrip()
        yield LoadChart()

    def pane(self) -> ComposeResult:
        yield RenewalsPane()

    def search(self, query: Query) -> Listing[RenewalRow]:
        return self.backend.renewals.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_orders import RENEWAL

        return RENEWAL

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "Nothing renews itself yet.",
            "A certificate with auto-renew days is replaced by its authority so many days before it expires.",
            "Orders get them from their form or their authority's profile; to others an edit gives authority and days.",
            "",
            f"{keys.label('go.inventory')}  go to the inventory; {keys.label('certificate.edit')} on a certificate there edits it",
            f"{keys.label('go.authorities')}  go to the authorities",
            f"{keys.label('renewals.simulate')}  see what shorter lifetimes will cost",
        ]

    # -- strip, chart, pane --------------------------------------------------------------------------------------

    def listed(self) -> None:
        self.work(self.backend.renewals.calendar, done=self._survey, failed=self._not_surveyed, key="overview")
        self.moved()

    def switched(self) -> None:
        self._calendar = None
        super().switched()

    def _not_surveyed(self, error: CerttuiError) -> None:
        if not self.away(error):
            self.fail(error)

    def _survey(self, calendar: RenewalCalendar) -> None:
        self._calendar = calendar
        self._everything = calendar.total
        self._lay_pictures()
        self.lay_count()

    def _lay_pictures(self) -> None:
        calendar = self._calendar
        if calendar is None:
            return
        self.query_one(StatusStrip).offer(
            [
                Choice(_STATES[state][0], count, f"state:{state}", _STATES[state][1], self._has(f"state:{state}"))
                for state, count in calendar.states
            ]
        )
        found = bars(calendar)
        whole = load(calendar, SPAN)
        self.query_one(LoadChart).chart(
            [self._bar(bar, found[index - 1] if index else None) for index, bar in enumerate(found)],
            [day_load_words(bar) for bar in found],
            (load_words(whole), portions(whole.by)),
        )

    def _bar(self, bar: Bar, before: Bar | None) -> LoadBar:
        blocked = dict(self._calendar.states).get(State.BLOCKED, 0) if self._calendar else 0
        style = "note" if bar.start is not None else "bad" if blocked else "warn"
        choice = Choice(bar_words(bar), bar.load.count, bar.filter, style, self._has(bar.filter))
        return LoadBar(choice, bar.a_day, _tick(bar, before), _another_unit(bar, before))

    def _has(self, addition: str) -> bool:
        if not self.query_now.text:
            return False
        from certtui.model.filter_edit import has_terms
        from certtui.model.filters import FilterError

        try:
            return has_terms(self.query_now.text, addition, self.fields())
        except FilterError:
            return False

    def on_pickable_picked(self, event: Pickable.Picked) -> None:
        from certtui.model.filter_edit import toggled
        from certtui.model.filters import FilterError

        try:
            self.filter_to(toggled(self.query_now.text, event.choice.filter, self.fields()))
        except FilterError:
            self.filter_to(event.choice.filter)

    def filter_to(self, text: str, *, anchor: int | None = None) -> None:
        super().filter_to(text, anchor=anchor)
        self._lay_pictures()

    def do_renewals_strip(self) -> None:
        self.set_focus(self.query_one(StatusStrip))

    def do_renewals_chart(self) -> None:
        self.set_focus(self.query_one(LoadChart))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.moved)  # the pane may be seen now

    def moved(self) -> None:
        if self.size.width >= 100:
            self.query_one(RenewalsPane).follow(self.table.current)

    def key_line_acts(self) -> list[Action]:
        # The room is for what one comes here for.
        return [act for act in super().key_line_acts() if act.id not in ("list.mark", "list.sort")]

    # -- acts ----------------------------------------------------------------------------------------------------

    def opened(self, row: RenewalRow) -> None:
        self.open_screen("certtui.screens.certificate:CertificateScreen", row.id)

    def do_renewals_simulate(self) -> None:
        self.open_screen("certtui.screens.renewals_simulator:SimulatorScreen")


def _another_unit(bar: Bar, before: Bar | None) -> bool:
    """Days begin, or weeks, or months. What is left of a month after the weeks is one of the months."""
    if before is None:
        return False
    if before.start is None:
        return True
    return (before.days == 1 and bar.days != 1) or (before.days == 7 and bar.days != 7)


def _tick(bar: Bar, before: Bar | None) -> str:
    """Today and every Monday, the weeks with their month, the months by their name."""
    if bar.start is None:
        return "due"
    month = _MONTHS[bar.start.month - 1]
    if bar.days == 1:
        first = before is None or before.start is None
        return f"{bar.start.day} {month}" if first else str(bar.start.day) if bar.start.weekday() == 0 else ""
    return f"{bar.start.day} {month}" if bar.days == 7 else month
