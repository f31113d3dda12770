"""Where a CA ends that looks for a TXT record: by the CNAMEs at a name, as the authoritative servers have them."""

from __future__ import annotations

import time

from certtui.authorities.acme.dns_ask import Resolver, Silence, ask, servers_of, text_of, zone_of
from certtui.errors import Unreachable
from certtui.record import dataclass

_MOST_HOPS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a TXT record goes: its name, and the zone that this name lies in."""

    name: str
    zone: str


def end_of(resolver: Resolver, name: str) -> Place:
    """Follow it. Raises `Unreachable`: no zone, no server that answers, a circle."""
    path = [name]
    while True:
        zone = zone_of(resolver, path[-1])
        further = _cname(resolver, zone, path[-1])
        if not further:
            return Place(path[-1], zone)
        if further in path or len(path) > _MOST_HOPS:
            raise Unreachable(f"{name} leads in a circle: {' → '.join([*path, further])}.", "Mend its CNAMEs.")
        path.append(further)


def _cname(resolver: Resolver, zone: str, name: str) -> str:
    """Where a CNAME leads by the first server that answers with authority, "" where there is none."""
    import dns.flags
    import dns.rcode
    import dns.rdatatype

    said = []
    for server in servers_of(resolver, zone):
        if resolver.until is not None and time.monotonic() > resolver.until:
            said.append("the others were not asked, for that took too long")
            break
        answer = ask(server.address, resolver.port, name, "CNAME")
        if isinstance(answer, Silence):
            said.append(f"{server.name} ({server.address}): {answer.words}")
        elif answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) or not answer.flags & dns.flags.AA:
            said.append(f"{server.name} ({server.address}): {dns.rcode.to_text(answer.rcode())} without authority")
        else:
            return next(
                (
                    text_of(each[0].target)
                    for each in answer.answer
                    if each.rdtype == dns.rdatatype.CNAME and text_of(each.name) == name
                ),
                "",
            )
    raise Unreachable(f"No name server of {zone} answers for {name}: {'; '.join(said)}.", "Check its delegation.")
