"""Looking for TXT records that somebody else makes: at every server of the zone, where the CNAMEs at their name end."""

from __future__ import annotations

from certtui.authorities.acme.dns_ask import Resolver, Silence, at_each, servers_of
from certtui.authorities.acme.dns_follow import end_of
from certtui.authorities.acme.dns_look import FOUND, MISSING, SILENT, UNKNOWN, WRONG, Looked, Seen
from certtui.authorities.acme.dns_names import Delegation
from certtui.authorities.acme.dns_spread import texts_at
from certtui.errors import Unreachable


def look(resolver: Resolver, name: str, values: frozenset[str]) -> Looked:
    """Look now. What can't be looked at is an answer as well."""
    try:
        place = end_of(resolver, name)
        servers = servers_of(resolver, place.zone)
    except Unreachable as error:
        return Looked(Delegation(name, ""), UNKNOWN, str(error))
    answers = at_each(servers, lambda server: texts_at(resolver, server, place.name))
    seen = tuple(
        _seen(f"{server.name} ({server.address})", answer, values)
        for server, answer in zip(servers, answers, strict=True)
    )
    made = Delegation(name, place.name)
    led = f" {name} leads to {place.name}: it goes there." if place.name != name else ""
    bad = next((each for each in seen if each.kind != FOUND), None)
    if bad is None:
        return Looked(made, FOUND, f"{name} has what the CA wants at every name server.", seen, place.zone)
    told = [each for each in seen if each.kind == WRONG]
    verdict, what = (WRONG, told[0]) if told else (MISSING, bad)
    return Looked(made, verdict, f"{name} is not ready: {what.server} has {what.text}.{led}", seen, place.zone)


def _seen(server: str, found: set[str] | Silence, values: frozenset[str]) -> Seen:
    if isinstance(found, Silence):
        return Seen(server, SILENT, found.words)
    missing = values - found
    if not missing:
        return Seen(server, FOUND, "what the CA wants")
    if len(missing) < len(values):
        return Seen(server, WRONG, f"{len(values) - len(missing)} of the {len(values)} values")
    if found:
        return Seen(server, WRONG, "other values" if len(found) > 1 else "another value")
    return Seen(server, MISSING, "no TXT record")
