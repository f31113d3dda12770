"""Whether a TXT record has reached every server of its zone: before the CA is told to look, as it looks only once."""

from __future__ import annotations

from certtui.authorities.acme.dns_ask import NameServer, Resolver, Silence, ask, at_each, servers_of, text_of, zone_of


def texts_at(resolver: Resolver, server: NameServer, name: str) -> set[str] | Silence:
    """The TXT values of a name at one server, the strings of each put together (RFC 7208, 3.3)."""
    import dns.flags
    import dns.rcode
    import dns.rdatatype

    answer = ask(server.address, resolver.port, name, "TXT")
    if isinstance(answer, Silence):
        return answer
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Silence(dns.rcode.to_text(answer.rcode()))
    if not answer.flags & dns.flags.AA:
        return Silence("an answer without authority (lame)")
    return {
        b"".join(record.strings).decode("ascii", "replace")
        for each in answer.answer
        if each.rdtype == dns.rdatatype.TXT and text_of(each.name) == name
        for record in each
    }


def not_yet_at(resolver: Resolver, name: str, values: frozenset[str], zone: str = "") -> tuple[str, ...]:
    """A few words for each server of the zone that has not all of the values; empty when all have. Raises `Unreachable`."""
    servers = servers_of(resolver, zone or zone_of(resolver, name))
    missing = []
    for server, found in zip(servers, at_each(servers, lambda server: texts_at(resolver, server, name)), strict=True):
        if isinstance(found, Silence):
            missing.append(f"{server.name} ({server.address}): {found.words}")
        elif not values <= found:
            missing.append(f"{server.name} ({server.address}) has it not yet")
    return tuple(missing)
