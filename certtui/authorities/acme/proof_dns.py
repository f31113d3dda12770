"""`dns-01` with TXT records in the domains' own zones; a CNAME that is at `_acme-challenge` already is followed, as the CA does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from certtui.authorities.acme.dns_follow import Place, end_of
from certtui.authorities.acme.dns_look import FOUND, UNKNOWN, Looked
from certtui.authorities.acme.dns_names import Delegation, challenge_name
from certtui.authorities.acme.dns_plant import plant
from certtui.authorities.acme.proof import pause_between_looks, untold
from certtui.authorities.acme.proof_delegated import served, written_and_read
from certtui.authorities.base import Answer, Waiting
from certtui.errors import Unreachable
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_ask import Resolver
    from certtui.authorities.acme.proof import Asked, Call
    from certtui.authorities.base import Request


class OwnZone:
    """Where each record goes is looked up before the CA is asked: a zone that nobody serves is no use to it."""

    challenge = "dns-01"
    by = "DNS"
    afterwards = ""
    patience = 0.0

    def __init__(self, ca: AcmeCa) -> None:
        self._ca = ca

    def hint(self, request: Request) -> str:
        return "Is the zone resolvable from the Internet? Test the authority, look at the zone, send it again."

    def refusal(self, kind: str, value: str) -> str:
        return f"{value} is an address, which has no DNS record to prove it by." if kind == "IP" else ""

    def look(self, call: Call) -> Waiting | None:
        from concurrent.futures import ThreadPoolExecutor

        names = names_of(call.request)
        with ThreadPoolExecutor(min(max(len(names), 1), 8), thread_name_prefix="certtui-look") as pool:
            looks = tuple(pool.map(partial(self._looked, self._ca.resolver(len(names))), names))
        call.keep(replace(call.progress, looked_at=call.now, looks=looks))
        bad = next((each for each in looks if not each.ok), None)
        if bad is None:
            return None
        pause = pause_between_looks(call.now - call.request.submitted_at)
        return Waiting(bad.sentence, call.now + pause, pending=True)

    def _looked(self, resolver: Resolver, name: str) -> Looked:
        try:
            place = self._place(resolver, name)
        except Unreachable as error:
            return Looked(Delegation(name, ""), UNKNOWN, str(error))
        led = "" if place.name == name else f" {name} leads there."
        return Looked(
            Delegation(name, place.name), FOUND, f"{place.name} is in the zone {place.zone}.{led}", zone=place.zone
        )

    def _place(self, resolver: Resolver, name: str) -> Place:
        """Where the record of a name goes; in the zone that the profile names, where it lies in that."""
        place, zone = end_of(resolver, name), self._ca.settings.get("dns_zone", "")
        within = zone and (place.name == zone or place.name.endswith("." + zone))
        return Place(place.name, zone) if within else place

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        wanted: dict[Place, set[str]] = {}
        resolver = self._ca.resolver(len(asked))
        for each in untold(asked):
            wanted.setdefault(self._place(resolver, challenge_name(each.identifier.value)), set()).add(each.dns_value)
        return plant(self._ca, call, wanted)

    def lost(self, order_id: int) -> bool:
        return False

    def settle(self, order_id: int) -> None:
        return

    def close(self) -> None:
        return

    # -- pages ---------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Sequence[PanelLine]:
        return [PanelLine("TXT", f"{name}, made and removed by itself", copy=name) for name in names_of(request)]

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        looks = {each.delegation.name: each for each in self._ca.books.progress(request.order_id).looks}
        lines = []
        for name in names_of(request):
            looked = looks.get(name)
            if looked is None:
                lines.append(PanelLine("TXT", name, mark="waiting", copy=name))
            else:
                lines.append(PanelLine("TXT", looked.sentence, mark="ok" if looked.ok else "problem", copy=name))
        written = [
            PanelLine("Written", f"{each.name} = {each.value}", copy=each.value)
            for each in self._ca.books.planted(request.order_id)
        ]
        return [*lines, *written]

    def of_profile(self) -> Sequence[PanelLine]:
        return [PanelLine("Records", f"in {self._ca.settings.get('dns_zone') or 'the zone of each name'}")]

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        zone = self._ca.settings.get("dns_zone", "")
        if not zone:
            return ()
        # Named as a proof is: its key may be allowed to change no other names.
        name = challenge_name(f"certtui-test-{secrets.token_hex(6)}.{zone}")
        return (
            ("Zone", lambda: served(self._ca, zone, zone)),
            ("Records", lambda: written_and_read(self._ca, zone, zone, name=name)),
        )


def names_of(request: Request) -> list[str]:
    """Where TXT records are looked for: a wildcard and its apex share one."""
    return sorted({challenge_name(san[4:]) for san in request.sans if san.startswith("DNS:")})
