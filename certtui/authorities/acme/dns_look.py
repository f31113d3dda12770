"""Looking at a CNAME where it is kept: what each authoritative server says, and one sentence of what that means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.authorities.acme.dns_ask import (
    NameServer,
    Resolver,
    Silence,
    ask,
    at_each,
    resolve,
    servers_of,
    text_of,
    zone_of,
)
from certtui.authorities.acme.dns_names import Delegation
from certtui.errors import Unreachable
from certtui.record import dataclass

if TYPE_CHECKING:
    import dns.message

FOUND, MISSING, WRONG, LOOP, LAME, SILENT = "found", "missing", "wrong", "loop", "lame", "silent"
"""What one server says of the CNAME."""

SPLIT, UNKNOWN, HIDDEN = "split", "unknown", "hidden"
"""What all of them together come to, besides FOUND, MISSING, WRONG and LOOP. HIDDEN: it is right, and leads into a zone that nobody finds."""

_MOST_HOPS = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """What one server says: `text` in a few words, `ttl` the seconds that caches may keep it (None where nothing is to keep)."""

    server: str
    kind: str
    text: str
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One CNAME as it was seen: what it comes to, a sentence of it, and each server's word."""

    delegation: Delegation
    verdict: str
    sentence: str
    seen: tuple[Seen, ...] = ()
    zone: str = ""

    @property
    def ok(self) -> bool:
        """Whether the CA can follow it."""
        return self.verdict == FOUND

    @property
    def to_be_made(self) -> bool:
        """Whether the record itself is not as it should be."""
        return self.verdict not in (FOUND, HIDDEN)

    def hidden(self, why: str) -> Looked:
        """The same where the zone that it leads into can't be found."""
        return replace(self, verdict=HIDDEN, sentence=f"{self.delegation.name} is right, but {why}")


def look(resolver: Resolver, delegation: Delegation) -> Looked:
    """Look now. What can't be looked at is an answer as well."""
    try:
        zone = zone_of(resolver, delegation.name)
        servers = servers_of(resolver, zone)
    except Unreachable as error:
        return Looked(delegation, UNKNOWN, str(error))
    seen = tuple(at_each(servers, lambda server: _seen(resolver, server, delegation)))
    verdict, sentence = _judged(delegation, zone, seen)
    return Looked(delegation, verdict, sentence, seen, zone)


def _seen(resolver: Resolver, server: NameServer, delegation: Delegation) -> Seen:
    import dns.flags
    import dns.rcode

    label = f"{server.name} ({server.address})"
    answer = ask(server.address, resolver.port, delegation.name, "CNAME")
    if isinstance(answer, Silence):
        return Seen(label, SILENT, answer.words)
    code = answer.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        kind = LAME if code in (dns.rcode.REFUSED, dns.rcode.NOTAUTH) else SILENT
        more = ": it does not serve the zone that is delegated to it (lame)" if kind == LAME else ""
        return Seen(label, kind, f"{dns.rcode.to_text(code)}{more}")
    if not answer.flags & dns.flags.AA:
        return Seen(
            label, LAME, "an answer without authority: it does not serve the zone that is delegated to it (lame)"
        )
    target, ttl = _cname(answer, delegation.name)
    if target:
        return _led(resolver, delegation, label, target, ttl)
    what = "no such name" if code == dns.rcode.NXDOMAIN else "the name, but no CNAME"
    return Seen(label, MISSING, what, _negative_ttl(answer))


def _led(resolver: Resolver, delegation: Delegation, label: str, target: str, ttl: int | None) -> Seen:
    """Where a CNAME leads: at once, or by further ones."""
    if target == delegation.target:
        return Seen(label, FOUND, f"CNAME {target}", ttl)
    path = [delegation.name, target]
    try:
        while len(path) <= _MOST_HOPS:
            if path[-1] in path[:-1]:
                return Seen(label, LOOP, f"a loop: {' → '.join(path)}", ttl)
            further, _ = _cname(resolve(resolver, path[-1], "CNAME"), path[-1])
            if not further:
                break
            path.append(further)
            if further == delegation.target:
                return Seen(label, FOUND, f"CNAME {' → '.join(path[1:])}", ttl)
        else:
            return Seen(label, LOOP, f"more than {_MOST_HOPS} CNAMEs in a row: {' → '.join(path)}", ttl)
    except Unreachable:
        pass
    return Seen(label, WRONG, f"CNAME {' → '.join(path[1:])}", ttl)


def _cname(answer: dns.message.Message, name: str) -> tuple[str, int | None]:
    import dns.rdatatype

    for each in answer.answer:
        if each.rdtype == dns.rdatatype.CNAME and text_of(each.name) == name:
            return text_of(each[0].target), each.ttl
    return "", None


def _negative_ttl(answer: dns.message.Message) -> int | None:
    """How long caches may keep that there is nothing (RFC 2308, 5)."""
    import dns.rdatatype

    for each in answer.authority:
        if each.rdtype == dns.rdatatype.SOA:
            return min(int(each.ttl), int(each[0].minimum))
    return None


def _judged(delegation: Delegation, zone: str, seen: tuple[Seen, ...]) -> tuple[str, str]:
    name, target = delegation.name, delegation.target
    told = [each for each in seen if each.kind not in (LAME, SILENT)]
    if not told:
        words = "; ".join(f"{each.server}: {each.text}" for each in seen)
        return UNKNOWN, f"No name server of {zone} answers for {name}: {words}."
    kinds = {each.kind for each in told}
    kept = _kept(max((each.ttl or 0 for each in told if each.kind != FOUND), default=0))
    if kinds == {FOUND}:
        deaf = [each for each in seen if each.kind in (LAME, SILENT)]
        more = f" {deaf[0].server} gives no good answer: {deaf[0].text}." if deaf else ""
        return FOUND, f"{name} leads to {target}.{more}"
    if len(kinds) > 1 or len({each.text for each in told}) > 1:
        words = "; ".join(f"{each.server}: {each.text}" for each in told)
        return SPLIT, f"The name servers of {zone} don't agree on {name}: {words}.{kept}"
    first = told[0]
    match first.kind:
        case "missing":
            return MISSING, f"{name} leads nowhere yet: {first.server} has {first.text}.{kept}"
        case "loop":
            return LOOP, f"{name} leads in a circle: {first.text}.{kept}"
        case _:
            return (
                WRONG,
                f"{name} leads to the wrong target: {first.text.removeprefix('CNAME ')}, not to {target}.{kept}",
            )


def _kept(ttl: int) -> str:
    return f" Caches may keep that for {ttl} second{'s' if ttl != 1 else ''}." if ttl else ""
