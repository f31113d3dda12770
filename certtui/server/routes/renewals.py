"""Renewals over HTTP: what renews when, what is due, and one certificate that is to be renewed now. The due ones are renewed by the server."""

from __future__ import annotations

from certtui.model.order import Order
from certtui.model.renewal import Renewal
from certtui.model.renewal_calendar import AHEAD, MOST_DAYS, RenewalCalendar
from certtui.model.renewal_forecast import Simulation
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes(
    "renewals", "Certificates that renew themselves: what is due, and what stands in the way; the server renews it."
)


@ROUTES(
    "GET", "/renewals/due", "renewals.due", "List what is to be renewed now",
    help="Soonest expiry first, at most 500; also what can't be renewed, with the reason in `blocked`. Nothing is changed.",
    gives=tuple[Renewal, ...],
)  # fmt: skip
def due(call: Call) -> Reply:
    return reply(tuple(call.backend.renewals.due()), tuple[Renewal, ...])


@ROUTES(
    "GET", "/renewals/calendar", "renewals.calendar", "Read what renews when",
    help="Each day that has renewals, with each authority's share, from today on; `now` is what is due already, `later` what "
    "lies behind the last day.",
    gives=RenewalCalendar,
    query=(Parameter("days", "How many days ahead.", {"type": "integer", "minimum": 1, "maximum": MOST_DAYS,
                                                      "default": AHEAD}),),
)  # fmt: skip
def calendar(call: Call) -> Reply:
    return reply(call.backend.renewals.calendar(call.number("days", AHEAD)))


@ROUTES(
    "GET", "/renewals/simulation", "renewals.simulate", "Read what renewal comes to under shorter lifetimes",
    help="The same estate as it is (`limit` 0), and as if every certificate lived 200, 100 and 47 days at most "
    "(CA/Browser Forum, SC-081v3): renewals a day, the fullest day, and what nothing renews.",
    gives=Simulation,
)  # fmt: skip
def simulation(call: Call) -> Reply:
    return reply(call.backend.renewals.simulate())


OF_CERTIFICATES = Routes("certificates", "")


@OF_CERTIFICATES(
    "POST", "/certificates/{id}/renew", "certificates.renew", "Renew a certificate now",
    help="An order like the one before, to the same authority, due or not. Whoever does it at the same time gets the same order.",
    gives=Order, if_match=True, changes=True, created=True,
    query=(
        Parameter(
            "take_over", "Whether the new one takes its place where it is associated; missing for what the profile says.",
            {"type": "boolean"},
        ),
    ),
    again=lambda call, kept: _page(call.backend.orders.get(kept.first("order"))),
)  # fmt: skip
def renew(call: Call) -> Reply:
    take_over = call.flag("take_over") if "take_over" in call.query else None
    return _page(call.backend.certificates.renew(call.id, call.seen, take_over=take_over))


def _page(order: Order) -> Reply:
    return reply(order, version=order.version)
