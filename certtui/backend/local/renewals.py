"""Renewals. `backend.base_issuing.Renewals` on the local store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore
from certtui.model.renewal_calendar import AHEAD, checked_ahead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.model.query import Query
    from certtui.model.renewal import Renewal, RenewalReport
    from certtui.model.renewal_calendar import RenewalCalendar, RenewalRow
    from certtui.model.renewal_forecast import Simulation


class LocalRenewals:
    """What is due is decided from facts each time; an order's reference keeps two workers from renewing twice."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[RenewalRow]:
        from certtui.backend.local.read.renewals import open_renewals

        return open_renewals(self._store, query)

    def calendar(self, days: int = AHEAD) -> RenewalCalendar:
        from certtui.backend.local.read.renewals import calendar

        return calendar(self._store, checked_ahead(days))

    def simulate(self) -> Simulation:
        from certtui.backend.local.read.renewals import estate
        from certtui.model.renewal_forecast import simulate

        return simulate(estate(self._store), self._store.clock.now())

    def due(self) -> Sequence[Renewal]:
        from certtui.backend.local.renewals_read import due

        return tuple(each.renewal for each in due(self._store))

    def run_due(self) -> RenewalReport:
        from certtui.backend.local.renewals_act import ask_windows, carry_on, run_due
        from certtui.model.renewal import RenewalReport

        ask_windows(self._store)
        under_way = carry_on(self._store)
        made = run_due(self._store)
        return RenewalReport((*under_way.orders, *made.orders), (*under_way.problems, *made.problems))
