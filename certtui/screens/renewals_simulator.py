"""The simulator: the same estate under lifetimes of 200, 100 and 47 days, beside what it is today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.renewal_words import Line, lack_lines, renewal_lines, scenario_names, verdict
from certtui.screens.page import LinesPage
from certtui.widgets.fields import Item, blank, sentence, text_line

if TYPE_CHECKING:
    from certtui.model.renewal_forecast import Simulation

LABEL, CELL = 26, 12
ASSUMED = (
    "Every certificate is taken to live at most so long, those of private CAs too, and to renew in its rhythm: its life "
    "less its auto-renew days, or two thirds of it where these don't fit.",
    "Publicly trusted TLS certificates may live 200, 100 and 47 days from these days on (CA/Browser Forum, SC-081v3).",
)


class SimulatorScreen(LinesPage):
    """Nothing is changed by it."""

    TITLE = "Simulator"

    def load(self) -> None:
        self.work(self.backend.renewals.simulate, done=self._show, failed=self.cannot, key="simulation")

    def about(self) -> str:
        return "shorter lifetimes"

    def _show(self, simulation: Simulation) -> None:
        self.show(items(simulation), keep=True)


def items(simulation: Simulation) -> list[Item]:
    """The page: what it comes to, the two tables, what was assumed."""
    shown = [sentence(verdict(simulation)), blank()]
    if not simulation.certificates:
        return shown
    names = Line("", scenario_names(simulation))
    shown += [Item(draw=lambda width: [[(_row(names), "head")]], selectable=False)]
    shown += [text_line(_row(line)) for line in renewal_lines(simulation)]
    lacks = lack_lines(simulation)
    if lacks:
        shown.append(blank())
        shown += [text_line(_row(line), "warn" if line.bad else "") for line in lacks]
    shown.append(blank())
    return [*shown, *(sentence(text, "dim") for text in ASSUMED)]


def _row(line: Line) -> str:
    label = line.label if len(line.label) <= LABEL else f"{line.label[: LABEL - 1]}…"
    return f"{label:<{LABEL}}" + "".join(f"{value:>{CELL}}" for value in line.values)
