"""The place Alerts: what needs a person, the most urgent first; enter goes straight to the thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from certtui.actions import Action
from certtui.model.alert import AlertRow, AlertState, SweepReport
from certtui.model.query import Query, Sort
from certtui.screens.alert_acts import ActsOnAlerts, open_thing
from certtui.screens.alerts_columns import COLUMNS, SHOWN
from certtui.screens.alerts_pane import AlertsPane
from certtui.screens.list_place import ListPlace

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field

OPEN = "state:open"
"""The filter that one comes in with."""


class AlertsScreen(ListPlace[AlertRow], ActsOnAlerts):
    """The list."""

    PLACE = "alerts"
    KINDS = ("alert",)
    TITLE = "Alerts"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "alerts")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("severity", descending=True)
    NOUN = ("alert", "alerts")

    def __init__(self) -> None:
        super().__init__()
        self.query_now = Query(OPEN, self.SORT)

    def pane(self) -> ComposeResult:
        yield AlertsPane()

    def on_mount(self) -> None:
        self.bar.text = self.query_now.text

    def search(self, query: Query) -> Listing[AlertRow]:
        return self.backend.alerts.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_fields import ALERT

        return ALERT

    def first_run(self) -> list[str]:
        key = self.console_app.keys.label
        return [
            "No alert yet.",
            "What needs a person comes here by itself: what expires, what failed, what is weak.",
            "",
            f"{key('alert.sweep')}  looks now",
            f"{key('alert.channels')}  channels: tell it by mail, webhook, command or calendar too",
        ]

    def _state(self) -> tuple[str, list[str]]:
        nothing_open = self.listing is not None and self.table.total == 0 and self.query_now.text == OPEN
        if self._problem is None and nothing_open and not self.bar.error:
            key = self.console_app.keys.label
            return "Nothing needs a person now.", [
                "What expires, fails or is weak comes here by itself, once for each thing.",
                "",
                f"{key('app.back')}  shows what was handled, too",
                f"{key('alert.sweep')}  looks now",
                f"{key('alert.channels')}  channels: tell it by mail, webhook, command or calendar too",
            ]
        return super()._state()

    def why_not(self, action: Action) -> str:
        row = self.table.current if self.is_mounted else None
        if row is not None and not self.table.marks and (reason := why_not_now(action.id, row)):
            return reason
        return super().why_not(action)

    def opened(self, row: AlertRow) -> None:
        open_thing(self, row.object_kind, row.object_id)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.moved)  # the pane may be seen now

    def moved(self) -> None:
        self.refresh_frame()  # what can be done hangs on where the alert stands
        if self.size.width >= 100 and self.console_app.backend is not None:
            self.query_one(AlertsPane).follow(self.backend, self.console_app.clock, self.table.current)

    def do_alert_story(self) -> None:
        row = self.table.current
        if row is not None:
            self.open_screen("certtui.screens.alert_page:AlertScreen", row.id)

    def do_alert_channels(self) -> None:
        self.open_screen("certtui.screens.channels:ChannelsScreen")

    def do_alert_sweep(self) -> None:
        def done(report: SweepReport) -> None:
            self.changed()
            found = report.opened + report.escalated + report.woken
            said = f"{found:,} alerts are new or more urgent, {report.resolved:,} resolved themselves."
            self.call_after_refresh(
                self.say, said if found or report.resolved else "Looked: nothing has changed.", "ok"
            )

        self.work_long(
            "Looking for what needs a person", self.backend.alerts.sweep, done=done, command="certtui alert sweep"
        )

    def do_alert_thresholds(self) -> None:
        self.open_screen("certtui.screens.alert_thresholds:ThresholdsScreen")


def why_not_now(act: str, row: AlertRow) -> str:
    """Why an alert can't be handled so where it stands, "" if it can."""
    resolved = row.state is AlertState.RESOLVED
    match act:
        case "alert.acknowledge" | "alert.snooze" | "alert.resolve" if resolved:
            return "It is resolved already."
        case "alert.reopen" if row.state is AlertState.OPEN:
            return "It is open."
    return ""
