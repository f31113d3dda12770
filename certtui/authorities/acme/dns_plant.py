"""TXT records of an order: on record before they are made, made, seen at every server of their zone, removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import Planted
from certtui.authorities.acme.dns_ask import zone_of
from certtui.authorities.acme.dns_provider import records_of
from certtui.authorities.acme.dns_spread import not_yet_at
from certtui.authorities.acme.profile import DEFAULT_SPREAD
from certtui.authorities.base import Answer, Refused, Waiting

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_follow import Place
    from certtui.authorities.acme.proof import Call

_SPREAD_PAUSE = timedelta(seconds=10)


def plant(ca: AcmeCa, call: Call, wanted: Mapping[Place, Collection[str]], called: str = "") -> Answer | None:
    """Let the values be there, everywhere; None when they are. `called` is the zone in a sentence, where it has another name than its own."""
    made = [(place, value) for place, values in wanted.items() for value in sorted(values)]
    ca.books.plant(call.request.order_id, [Planted(place.name, value) for place, value in made])
    keepers = {zone: records_of(ca, zone) for zone in {place.zone for place in wanted}}
    for place, value in made:
        keepers[place.zone].add(place.name, value)
    for place, values in wanted.items():
        where = called or f"the zone {place.zone}"
        while missing := not_yet_at(ca.resolver(), place.name, frozenset(values), place.zone):
            words = "; ".join(missing)
            limit = timedelta(seconds=int(ca.settings.get("spread_seconds") or DEFAULT_SPREAD))
            if call.progress.asked_at is not None and call.now - call.progress.asked_at > limit:
                return Refused(
                    f"The records of {where} did not reach all of its name servers in time.",
                    words,
                    "Check how the zone's servers follow its primary, or give them more time in the profile.",
                )
            if call.rest(None, "") is not None:
                return Waiting(f"The records spread in {where}: {words}.", call.now + _SPREAD_PAUSE)
    return None


def remove(ca: AcmeCa, name: str, value: str) -> None:
    """Take a record away. Raises `Unreachable`, `Invalid`, `Locked`."""
    records_of(ca, _zone_for(ca, name)).remove(name, value)


def _zone_for(ca: AcmeCa, name: str) -> str:
    """The zone that a record was written to, whatever the profile has been changed to since."""
    for under, zone in ((ca.tech_zone, ca.zone), (ca.settings.get("dns_zone", ""), ca.settings.get("dns_zone", ""))):
        if under and (name == under or name.endswith("." + under)):
            return zone
    return zone_of(ca.resolver(), name)
