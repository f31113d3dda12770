"""The page of one alert: what is the matter, where it stands, and who did what about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.clock import rfc3339
from certtui.model.alert import KIND_WORDS
from certtui.model.alert_words import sentence_of, standing
from certtui.screens.alert_acts import ActsOnAlerts, open_thing
from certtui.screens.alerts import why_not_now
from certtui.screens.alerts_columns import SEVERITY_LOOK
from certtui.screens.page import LinesPage
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.model.alert import Alert


class AlertScreen(ActsOnAlerts, LinesPage):
    """Opened by id; enter on its object goes on to it."""

    TITLE = "Alert"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "alert")

    def __init__(self, alert_id: int) -> None:
        super().__init__()
        self._key = alert_id
        self._alert: Alert | None = None

    def about(self) -> str:
        return self._alert.row.object_name if self._alert else ""

    def targets(self) -> list[tuple[int, int]]:
        return [(self._alert.id, self._alert.version)] if self._alert else []

    def unmark(self, ids: Sequence[int] | None = None) -> None:
        """Nothing is marked on a page."""

    def changed(self) -> None:
        self.load()

    def why_not(self, action: Action) -> str:
        if self._alert is not None and (reason := why_not_now(action.id, self._alert.row)):
            return reason
        return super().why_not(action)

    def load(self) -> None:
        self.work(lambda: self.backend.alerts.get(self._key), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, alert: Alert) -> None:
        again = self._alert is not None
        self._alert = alert
        row = alert.row
        word, style = SEVERITY_LOOK[row.severity]
        target = (row.object_kind, row.object_id)
        items = [
            sentence(sentence_of(row, self.console_app.clock.now()), style),
            blank(),
            Item(row.object_kind.capitalize(), row.object_name, target=target),
            Item("What", KIND_WORDS[row.kind], copies=str(row.kind)),
            Item("Severity", word.strip(), style),
            Item("State", standing(row)),
            Item("Since", rfc3339(row.opened_at)),
            Item("Due", rfc3339(row.due_at) if row.due_at else "no date"),
            Item("Group", row.business_group or "none", copies=row.business_group),
            Item("Detail", row.detail or "none", copies=row.detail),
            Item("Note", row.note or "none", copies=row.note),
            blank(),
            heading("Story"),
        ]
        for event in alert.history:
            note = f"  {event.note}" if event.note else ""
            items.append(Item(f"{event.at:%m-%d %H:%M}", f"{event.what} by {event.who}, {event.severity}{note}"))
        self.show(items, keep=again)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        event.prevent_default()
        open_thing(self, *event.target)
