"""Renewals over HTTP: what renews when, what is due, and one that a person wants now. The due ones are renewed by the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.remote.listing import open_listing
from certtui.errors import Unsupported
from certtui.model.renewal import Renewal, RenewalReport
from certtui.model.renewal_calendar import AHEAD, RenewalCalendar, RenewalRow
from certtui.model.renewal_forecast import Simulation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query

ACTS = ("run_due",)


class RemoteRenewals:
    """`backend.base_issuing.Renewals` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view

    def search(self, query: Query) -> Listing[RenewalRow]:
        return open_listing(self._view, "renewals", RenewalRow, query)

    def calendar(self, days: int = AHEAD) -> RenewalCalendar:
        found: RenewalCalendar = self._view.connection.read(f"/renewals/calendar?days={days}", RenewalCalendar)
        return found

    def simulate(self) -> Simulation:
        found: Simulation = self._view.connection.read("/renewals/simulation", Simulation)
        return found

    def due(self) -> Sequence[Renewal]:
        found: tuple[Renewal, ...] = self._view.connection.read("/renewals/due", tuple[Renewal, ...])
        return found

    def run_due(self) -> RenewalReport:
        raise Unsupported(
            self._view.capabilities.why_not("renewals.run_due"),
            "Its worker runs with it; `certtui renew NAME` renews one certificate now.",
        )
