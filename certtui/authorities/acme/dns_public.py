"""Whether a zone can be found by whoever asks for it: through its parent, at servers that serve it. A CA has no other way."""

from __future__ import annotations

from certtui.authorities.acme.dns_ask import NameServer, Resolver, Silence, ask, at_each, servers_of, zone_of
from certtui.authorities.acme.dns_spread import texts_at
from certtui.errors import CerttuiError
from certtui.text import sentence


def hidden_because(resolver: Resolver, zone: str) -> str:
    """Why nobody finds the zone, in one sentence; "" where it is found, and one of its servers at least serves it."""
    try:
        found = zone_of(resolver, zone)
        if found != zone:
            return f"{zone} can't be found: its parent zone {found} does not delegate it."
        servers, deaf = deaf_of(resolver, zone, zone)
    except CerttuiError as error:
        return sentence(f"{zone} can't be found: {error.message}")
    if len(deaf) == len(servers):
        return f"{zone} can't be found: its name servers don't serve it: {'; '.join(deaf)}."
    return ""


def told(resolver: Resolver, zone: str) -> str:
    """The same for a person, whichever way it is: one or two sentences, and whose view that is."""
    import ipaddress

    if why := hidden_because(resolver, zone):
        return why
    by = ", ".join(resolver.addresses)
    seen = f"{zone} is resolvable through {by}, and its name servers answer."
    if any(ipaddress.ip_address(each).is_global for each in resolver.addresses):
        return seen
    return f"{seen} That resolver is of this network: the CA may see less than it does."


def deaf_of(resolver: Resolver, zone: str, name: str) -> tuple[tuple[NameServer, ...], list[str]]:
    """The servers of a zone, and what each of those said that give no good answer for a name of it. Raises `Unreachable`."""
    servers = servers_of(resolver, zone)
    answers = at_each(servers, lambda server: texts_at(resolver, server, name))
    deaf = [
        f"{server.name} ({server.address}): {answer.words}"
        for server, answer in zip(servers, answers, strict=True)
        if isinstance(answer, Silence)
    ]
    return servers, deaf


def serves(address: str, port: int, zone: str) -> bool:
    """Whether this server has the zone, be it delegated or not."""
    import dns.flags
    import dns.rdatatype

    answer = ask(address, port, zone, "SOA")
    return (
        not isinstance(answer, Silence)
        and bool(answer.flags & dns.flags.AA)
        and any(each.rdtype == dns.rdatatype.SOA for each in answer.answer)
    )
