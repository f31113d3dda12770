"""Looking for the CAA records that speak for names: the climb of RFC 8659, 3, each step asked at the zone's own servers.

A resolver tells the way (aliases, zones, servers); what a cache of it may still hold decides nothing, so a record that
was mended is seen at once. What can't be looked up is no leave to issue: a CA refuses then, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from certtui.authorities.acme.caa import CaaRecord, Found, climb
from certtui.authorities.acme.dns_ask import NameServer, Resolver, Silence, ask, at_each, resolve, servers_of, zone_of
from certtui.authorities.acme.dns_ask import text_of as text
from certtui.errors import Unreachable

if TYPE_CHECKING:
    import dns.message

_MOST_ALIASES = 8
_AT_ONCE = 8


def find(resolver: Resolver, names: Sequence[str]) -> dict[str, tuple[Found, ...] | str]:
    """What speaks for each name: what its servers have (several where they differ), or why it could not be looked up, a sentence."""
    ways = {name: climb(name) for name in names}
    known: dict[str, tuple[Found, ...] | str] = {}
    found: dict[str, tuple[Found, ...] | str] = {}
    height = 0
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="certtui-caa") as pool:
        while left := [name for name in names if name not in found]:
            # Names of one domain share their ancestors: each is asked once.
            steps = sorted({ways[name][height] for name in left} - known.keys())
            known.update(zip(steps, pool.map(lambda step: _at(resolver, step), steps), strict=True))
            height += 1
            for name in left:
                here = known[ways[name][height - 1]]
                if isinstance(here, str) or any(each.records for each in here) or height == len(ways[name]):
                    found[name] = here
    return found


def _at(resolver: Resolver, name: str) -> tuple[Found, ...] | str:
    """The records of one name, through its aliases."""
    try:
        answer = resolve(resolver, name, "CAA")
        owner = _owner(answer, name)
        alias = name if owner != name else ""
        if "." not in owner:
            # Of a top level the resolver's word is enough: nobody mends that by the hour.
            return (Found(owner, _records(answer, owner), alias),)
        servers = servers_of(resolver, zone_of(resolver, owner))
        answers = at_each(servers, lambda server: _of_server(resolver, server, owner))
    except Unreachable as error:
        return f"CAA records of {name} can't be looked up, and a CA that can't either refuses. {error.message}"
    told = [each for each in answers if not isinstance(each, Silence)]
    if not told:
        words = "; ".join(
            f"{server.name} ({server.address}): {each.words}"
            for server, each in zip(servers, answers, strict=True)
            if isinstance(each, Silence)
        )
        return f"No name server answers for the CAA records of {owner}, and a CA refuses then: {words}."
    return tuple(Found(owner, records, alias) for records in dict.fromkeys(told))


def _owner(answer: dns.message.Message, name: str) -> str:
    """Where CNAMEs (and what a resolver makes of DNAMEs) lead. Raises `Unreachable` for a circle."""
    import dns.rdatatype

    targets = {text(each.name): text(each[0].target) for each in answer.answer if each.rdtype == dns.rdatatype.CNAME}
    at = name
    for _ in range(_MOST_ALIASES + 1):
        if at not in targets:
            return at
        at = targets[at]
    raise Unreachable(f"{name} is an alias that leads in a circle, or too far.")


def _of_server(resolver: Resolver, server: NameServer, owner: str) -> tuple[CaaRecord, ...] | Silence:
    import dns.flags
    import dns.rcode

    answer = ask(server.address, resolver.port, owner, "CAA")
    if isinstance(answer, Silence):
        return answer
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Silence(dns.rcode.to_text(answer.rcode()))
    if not answer.flags & dns.flags.AA:
        return Silence("an answer without authority (lame)")
    return _records(answer, owner)


def _records(answer: dns.message.Message, owner: str) -> tuple[CaaRecord, ...]:
    import dns.rdatatype

    return tuple(
        sorted(
            (
                CaaRecord(record.flags, record.tag.decode("latin-1"), record.value)
                for each in answer.answer
                if each.rdtype == dns.rdatatype.CAA and text(each.name) == owner
                for record in each
            ),
            key=lambda record: (record.tag, record.value, record.flags),
        )
    )
