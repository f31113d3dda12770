"""Questions to name servers, one address at a time: what it answered, or why it did not, never from a cache of ours.

A resolver is asked only for the way (which zone, which servers, which addresses); what stands there is asked at the
zone's own servers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from certtui.errors import Invalid, Unreachable
from certtui.record import dataclass
from certtui.text import clipped

if TYPE_CHECKING:
    import dns.message
    import dns.name

SECONDS = 3.0
"""How long one server may take to answer; it is asked twice."""

_MOST_SERVERS = 8
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Recursive resolvers. A port that is not 53 goes for the zones' servers too: a laboratory on loopback needs that."""

    addresses: tuple[str, ...]
    port: int = 53
    until: float | None = None
    """By `time.monotonic`: the way is asked for no longer, however many names and servers are left."""


@dataclass(frozen=True, slots=True)
class NameServer:
    """One address of an authoritative server."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A server that gave no answer that can be used: what happened, in a few words."""

    words: str


def resolver_of(typed: str) -> Resolver:
    """`ADDRESS`, `ADDRESS:PORT` or several with commas; the system's own for "". Raises `Invalid` (field `resolvers`)."""
    import ipaddress

    if not typed.strip():
        return _of_the_system()
    addresses, ports = [], set()
    for word in typed.replace(",", " ").split():
        host, port = _split(word)
        try:
            ipaddress.ip_address(host)
            number = int(port or 53)
        except ValueError:
            number = 0
        if not 0 < number < 65536:
            raise Invalid(
                f"“{word}” is no address of a resolver.", "Write an IP address, as in 9.9.9.9.", field="resolvers"
            )
        addresses.append(host)
        ports.add(number)
    if len(ports) > 1:
        raise Invalid("All resolvers have one port.", "Leave the ports out.", field="resolvers")
    return Resolver(tuple(addresses), ports.pop())


def _split(word: str) -> tuple[str, str]:
    if word.startswith("["):
        host, _, rest = word[1:].partition("]")
        return host, rest.removeprefix(":")
    if word.count(":") == 1:
        host, _, port = word.partition(":")
        return host, port
    return word, ""


def _of_the_system() -> Resolver:
    import dns.resolver

    try:
        found = dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError):
        raise Unreachable("This machine knows no DNS resolver.", "Name one in the profile's settings.") from None
    return Resolver(tuple(str(each) for each in found.nameservers if isinstance(each, str)), found.port)


def ask(
    address: str, port: int, name: dns.name.Name | str, kind: str, *, recursion: bool = False
) -> dns.message.Message | Silence:
    """One question to one server, over TCP where UDP does not hold the answer; asked again once when nothing comes."""
    import dns.exception
    import dns.flags
    import dns.message
    import dns.query

    try:
        question = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    except dns.exception.DNSException as error:
        return Silence(f"no question, for that is no name ({type(error).__name__})")
    if not recursion:
        question.flags &= ~dns.flags.RD
    for left in (1, 0):
        try:
            answer, _ = dns.query.udp_with_fallback(question, address, timeout=SECONDS, port=port)
        except dns.exception.Timeout:
            if left:
                continue
            return Silence(f"no answer within {SECONDS:g} seconds")
        except (dns.exception.DNSException, EOFError) as error:
            return Silence(f"an answer that can't be read ({type(error).__name__})")
        except OSError as error:
            return Silence(f"not reached ({error.strerror or error})")
        return answer
    raise AssertionError("the loop returns")


def resolve(resolver: Resolver, name: dns.name.Name | str, kind: str) -> dns.message.Message:
    """The answer of the first resolver that gives one. Raises `Unreachable` with what each said."""
    import dns.rcode

    said = []
    for address in resolver.addresses:
        if resolver.until is not None and time.monotonic() > resolver.until:
            raise Unreachable(
                f"{text_of(name)} was not looked up: the names before it took too long.", "It is looked up again."
            )
        answer = ask(address, resolver.port, name, kind, recursion=True)
        if isinstance(answer, Silence):
            said.append(f"{address}: {answer.words}")
        elif answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return answer
        else:
            said.append(f"{address}: {dns.rcode.to_text(answer.rcode())}")
    raise Unreachable(
        f"The resolver can't look up {text_of(name)}: {'; '.join(said) or 'there is none'}.",
        "Where it says SERVFAIL, the domain's own servers don't answer it, or its DNSSEC is broken.",
    )


def zone_of(resolver: Resolver, name: str) -> str:
    """The zone that a name lies in, without the last dot. Raises `Unreachable`."""
    import dns.exception
    import dns.name
    import dns.rdatatype

    try:
        at = dns.name.from_text(name)
    except dns.exception.DNSException as error:
        raise Unreachable(
            f"“{clipped(name, 80)}” is no name that DNS can have ({type(error).__name__}).", "Check how it is written."
        ) from None
    while at != dns.name.root:
        # Of all types a resolver follows no CNAME for this one: what it leads to may be broken, or lead back.
        answer = resolve(resolver, at, "CNAME")
        for each in answer.authority:
            if each.rdtype == dns.rdatatype.SOA and each.name == dns.name.root:
                raise Unreachable(
                    f"{text_of(name)} lies in no zone: the resolver knows no {text_of(dns.name.from_text(name).split(2)[1])}.",
                    "Check how it is written; a name of an internal domain needs a resolver that knows it.",
                )
            if each.rdtype == dns.rdatatype.SOA and at.is_subdomain(each.name):
                return text_of(each.name)
        if not answer.answer:
            # Some forwarders leave out whose word it is that there is nothing.
            answer = resolve(resolver, at, "SOA")
            if any(each.rdtype == dns.rdatatype.SOA and each.name == at for each in answer.answer):
                return text_of(at)
        at = at.parent()
    raise Unreachable(f"No zone is known that {name} lies in.", "Check how it is written, and the resolver.")


def servers_of(resolver: Resolver, zone: str) -> tuple[NameServer, ...]:
    """The authoritative servers of a zone with their addresses. Raises `Unreachable`."""
    import dns.rdatatype

    answer = resolve(resolver, zone, "NS")
    names = sorted(
        text_of(record.target) for each in answer.answer if each.rdtype == dns.rdatatype.NS for record in each
    )
    found = [NameServer(name, address) for name in names[:_MOST_SERVERS] for address in _addresses(resolver, name)]
    if not found:
        raise Unreachable(
            f"No name server of {zone} has an address"
            + (f": {', '.join(names[:_MOST_SERVERS])}." if names else ": it has no NS records."),
            "Check the delegation of the zone at its parent.",
        )
    return tuple(found)


def _addresses(resolver: Resolver, name: str) -> list[str]:
    """One address for each family that this machine can use."""
    found: list[str] = []
    for kind in ("A", "AAAA"):
        if kind == "AAAA" and found and not _reaches_ipv6():
            continue
        try:
            answer = resolve(resolver, name, kind)
        except Unreachable:
            continue
        addresses = [record.address for each in answer.answer if each.rdtype.name == kind for record in each]
        found += addresses[:1]
    return found


def _reaches_ipv6() -> bool:
    """Whether there is a route to the Internet by IPv6; nothing is sent."""
    import socket

    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(("2001:db8::1", 53))
            return True
    except OSError:
        return False


def at_each(servers: Sequence[NameServer], asked: Callable[[NameServer], _Answer]) -> list[_Answer]:
    """The same question to all servers at once, answers in their order."""
    from concurrent.futures import ThreadPoolExecutor

    if len(servers) == 1:
        return [asked(servers[0])]
    with ThreadPoolExecutor(max(len(servers), 1), thread_name_prefix="certtui-dns") as pool:
        return list(pool.map(asked, servers))


def text_of(name: dns.name.Name | str) -> str:
    """A name in lower case without the last dot."""
    return str(name).rstrip(".").lower()
