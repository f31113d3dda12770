"""TXT records of an order: on record before they are made, made, seen at every server of their zone, taken away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import Planted
from certtui.authorities.acme.dns_provider import records_of
from certtui.authorities.acme.dns_spread import not_yet_at
from certtui.authorities.acme.profile import DEFAULT_SPREAD
from certtui.authorities.base import Answer, Refused, Waiting
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof import Call

_SPREAD_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a TXT record goes: its name, and the zone that this name lies in."""

    name: str
    zone: str


def plant(ca: AcmeCa, call: Call, wanted: Mapping[Place, Collection[str]], called: str) -> Answer | None:
    """Let the values be there, everywhere; None when they are. `called` is the zone in a sentence."""
    made = [(place, value) for place, values in wanted.items() for value in sorted(values)]
    ca.books.plant(call.request.order_id, [Planted(place.name, value) for place, value in made])
    keepers = {zone: records_of(ca, zone) for zone in {place.zone for place in wanted}}
    for place, value in made:
        keepers[place.zone].add(place.name, value)
    resolver = ca.resolver()
    for place, values in wanted.items():
        while missing := not_yet_at(resolver, place.name, frozenset(values), place.zone):
            words = "; ".join(missing)
            limit = timedelta(seconds=int(ca.settings.get("spread_seconds") or DEFAULT_SPREAD))
            if call.progress.asked_at is not None and call.now - call.progress.asked_at > limit:
                return Refused(
                    f"The records of {called} did not reach all of its name servers in time.",
                    words,
                    "Check how the zone's servers follow its primary, or give them more time in the profile.",
                )
            if call.rest(None, "") is not None:
                return Waiting(f"The records spread in {called}: {words}.", call.now + _SPREAD_PAUSE)
    return None


def uproot(ca: AcmeCa, order_id: int) -> int:
    """Take away the records of an order; how many. Raises `Unreachable`, `Invalid`, `Locked`."""
    planted = ca.books.planted(order_id)
    for each in planted:
        records_of(ca, ca.zone).remove(each.name, each.value)
        ca.books.uproot(order_id, each)
    return len(planted)
