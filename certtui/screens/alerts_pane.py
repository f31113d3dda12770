"""The pane beside the alerts: what exactly is the matter, where it stands, and its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.alert import KIND_WORDS
from certtui.model.alert_words import sentence_of, standing
from certtui.screens.alerts_columns import SEVERITY_LOOK
from certtui.text import cells, clipped
from certtui.widgets.line import Lines, Part
from certtui.widgets.wrapping import wrapped
from certtui.work import run

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.clock import Clock
    from certtui.model.alert import Alert, AlertRow

LABEL = 9


class AlertsPane(Lines):
    """Follows the cursor: one read at a time, the newest row wins."""

    DEFAULT_CSS = "AlertsPane { height: 1fr; padding: 0 1; border-left: solid $border-blurred; }"

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._row: AlertRow | None = None
        self._shown: AlertRow | None = None
        self._reading = False

    def follow(self, backend: Backend, clock: Clock, row: AlertRow | None) -> None:
        """Show this row; called on every move of the cursor."""
        self._row = row
        if row is None:
            self._shown = None
            self.show([])
        elif not self._reading and row != self._shown:
            self._read(backend, clock, row)

    def _read(self, backend: Backend, clock: Clock, row: AlertRow) -> None:
        self._reading = True

        def done(alert: Alert) -> None:
            self._reading = False
            if self._row is not None and self._row.id == alert.id:
                self._shown = self._row
                self.show(pane_lines(alert, clock.now(), self.content_size.width))
            else:
                self.follow(backend, clock, self._row)

        def failed(error: object) -> None:
            self._reading = False
            self._shown = None
            self.show([[(str(error), "dim")]])

        run(self, lambda: backend.alerts.get(row.id), done=done, failed=failed)


def pane_lines(alert: Alert, now: datetime, width: int) -> list[list[Part]]:
    """The pane's lines for one alert; raw text."""
    row = alert.row
    word, style = SEVERITY_LOOK[row.severity]
    name = clipped(row.object_name, max(4, width - cells(word.strip()) - 2))
    gap = " " * max(1, width - cells(name) - cells(word.strip()))
    lines: list[list[Part]] = [[(name, "accent"), (gap, ""), (word.strip(), style)], []]
    lines += [[(line, "")] for line in wrapped(sentence_of(row, now), width)]
    lines.append([])
    fields = [
        ("What", KIND_WORDS[row.kind]),
        ("State", standing(row)),
        ("Since", f"{row.opened_at:%Y-%m-%d %H:%M} UTC"),
        ("Group", row.business_group or "none"),
        ("Note", row.note),
    ]
    for label, value in fields:
        for at, line in enumerate(wrapped(value, max(4, width - LABEL)) if value else []):
            lines.append([(f"{label if at == 0 else '':<{LABEL}}", "dim"), (line, "")])
    lines += [[], [("Story", "head")]]
    for event in alert.history:
        said = f"{event.at:%m-%d %H:%M}  {event.what} by {event.who}"
        lines.append([(clipped(said, width), "")])
        lines += [[("             " + line, "dim")] for line in wrapped(event.note, max(4, width - 13)) if event.note]
    return lines
