"""Renewals in memory for tests of the place: a made-up calendar with a busy day, empty ones, and every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any  # a row of another kind in the listing of a backend's rows

from certtui.errors import CerttuiError
from certtui.model.filter_orders import RENEWAL
from certtui.model.filters import parse
from certtui.model.query import Query
from certtui.model.renewal_calendar import (
    AHEAD,
    DayLoad,
    RenewalCalendar,
    RenewalRow,
    State,
    largest_first,
    midnight,
)
from certtui.model.renewal_forecast import Alike, Simulation, simulate
from tests.screens.memory import NOW, MemoryBackend, MemoryListing

DAY = timedelta(days=1)
WHY = "30 days before it expires."


def row(number: int, name: str, due: int, **changes: object) -> RenewalRow:
    """A certificate that is due in so many days, below 0 for days ago."""
    at = NOW + due * DAY
    made = RenewalRow(
        id=number, version=1, name=name, common_name=f"{name}.example.com", san_count=1 + number % 3,
        business_group=("payments", "platform")[number % 2], authority="Let's Encrypt", not_after=at + 30 * DAY,
        auto_renew_days=30, due_at=at, state=State.DUE if due <= 0 else State.PLANNED, why=WHY,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


ROWS = (
    row(1, "old-lb", -3, state=State.BLOCKED, authority="paper-ca", blocked="paper-ca is disabled."),
    row(
        2, "shop", -2, state=State.BLOCKED, order_id=12, try_at=NOW + timedelta(hours=4),
        blocked="Order 12 failed: CAA of example.com allows only globex.",
    ),
    row(3, "api-gateway", -1, state=State.UNDER_WAY, order_id=14, blocked="Its renewal is under way: order 14 is pending."),
    row(4, "billing", 0),
    row(5, "mail", 3, cname="_acme-challenge.mail.example.com leads to nothing: no such name at ns1.example.com."),
    row(6, "intranet", 3, authority="internal", auto_renew_days=7),
    row(7, "vpn", 17, authority="internal"),
    row(8, "partner-mtls", 40, why="Within the time that its CA suggests (ARI)."),
)  # fmt: skip


class MemoryRenewals:
    """`backend.base_issuing.Renewals` over rows; the calendar holds more than them, as that of a larger estate would."""

    def __init__(self, rows: tuple[RenewalRow, ...]) -> None:
        self.rows = rows
        self.error: CerttuiError | None = None
        self.estate: tuple[Alike, ...] = ()

    def search(self, query: Query) -> MemoryListing:
        if self.error is not None:
            raise self.error
        terms = parse(query.text, RENEWAL)
        states = {value.text for term in terms if term.key == "state" for value in term.values}
        rows = [each for each in self.rows if not states or each.state in states]
        held: Any = SimpleNamespace(rows={each.id: each for each in rows}, calls=[])
        return MemoryListing(held, query, [each.id for each in rows])

    def calendar(self, days: int = AHEAD) -> RenewalCalendar:
        today = midnight(NOW)
        loads: dict[int, dict[str, int]] = {}
        states = dict.fromkeys((State.BLOCKED, State.DUE, State.UNDER_WAY, State.PLANNED), 0)
        for each in self.rows:
            states[each.state] += 1
            by = loads.setdefault((each.due_at - today).days if each.due_at > NOW else -1, {})
            by[each.authority] = by.get(each.authority, 0) + 1
        if self.rows:
            for number in (*range(1, 28, 2), *range(28, 300, 3)):
                by = loads.setdefault(number, {})
                by["Let's Encrypt"] = by.get("Let's Encrypt", 0) + 3 + number % 5 + (41 if number == 13 else 0)
                by["internal"] = by.get("internal", 0) + number % 4
        due = loads.pop(-1, {})
        made = tuple(
            DayLoad(today + number * DAY, sum(by.values()), largest_first(by)) for number, by in sorted(loads.items())
        )
        total = sum(each.count for each in made) + sum(due.values())
        states[State.PLANNED] = total - sum(count for state, count in states.items() if state != State.PLANNED)
        return RenewalCalendar(
            NOW,
            today + days * DAY,
            tuple(states.items()),
            DayLoad(NOW, sum(due.values()), largest_first(due)),
            made,
            0,
            total,
        )

    def simulate(self) -> Simulation:
        return simulate(self.estate, NOW)


ESTATE = (
    *(Alike(4, 90 * 86_400 - 1, 30, day, "Let's Encrypt") for day in range(0, 60, 3)),
    *(Alike(2, 398 * 86_400 - 1, 30, day, "internal") for day in range(0, 360, 9)),
    Alike(25, 365 * 86_400 - 1, 60, 100, "paper-ca", external=True),
    Alike(3, 365 * 86_400 - 1, 30, 12, "GlobalSign", enabled=False),
    Alike(2, 365 * 86_400 - 1, 30, 40),
    Alike(140, 365 * 86_400 - 1, 0),
)


class RenewalsBackend(MemoryBackend):
    """A backend whose place Renewals is full."""

    def __init__(self, rows: tuple[RenewalRow, ...] = ROWS) -> None:
        super().__init__(0)
        self.renewals = MemoryRenewals(rows)
