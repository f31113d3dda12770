"""The patterns by which policies speak of names. No regular expressions: no pattern takes more than its length times the name's.

    example.com         exactly that name
    *.example.com       exactly one label before it; `api-*.example.com` a label that begins so; `?` is one character
    **.example.com      one label or more before it, not the name itself
    .example.com        the name itself and everything below it
    **                  every host name
    ip:10.0.0.0/8       addresses of a network; `ip:10.1.*` by their text
    email:*@example.com, uri:spiffe://example.com/*, other:*    SANs of other kinds, as whole texts

DNS names are compared in ASCII spelling and lower case. A name with a wildcard stands for many: a pattern *covers* it
when it takes all of them, and *touches* it when it takes one of them: `*.example.com` is touched by `secret.example.com`.
"""

from __future__ import annotations

from functools import lru_cache

from certtui.errors import Invalid
from certtui.model.search_text import a_labels, fold
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS = ("dns", "ip", "email", "uri", "other")
_LONGEST = 253
_PATTERN = "Write it as example.com, *.example.com, **.example.com or .example.com; docs/policies.md explains them."


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a request in the form in which it is compared."""

    kind: str
    text: str
    """Folded; a DNS name in ASCII, without the dot at its end."""
    shown: str
    """As it stands in the request, without its kind."""

    @property
    def wildcard(self) -> bool:
        return self.kind == "dns" and "*" in self.text


@lru_cache(4096)
def name_of(san: str) -> Name:
    """A SAN ("DNS:…") as a name; text without a kind is a host name."""
    kind, colon, value = san.partition(":")
    kind = kind.lower()
    if not colon or kind not in _KINDS:
        kind, value = "dns", san
    folded = fold(value)
    return Name(kind, a_labels(folded).removesuffix(".") if kind == "dns" else folded, value)


def covered(name: Name, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns takes everything that the name stands for."""
    return any(_takes(_compiled(pattern), name, touching=False) for pattern in patterns)


def touching(name: Name, patterns: Iterable[str]) -> str:
    """The first pattern that takes something of what the name stands for, "" for none."""
    return next((pattern for pattern in patterns if _takes(_compiled(pattern), name, touching=True)), "")


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits a pattern of `*` and `?`, whatever the case."""
    return _glob(_folded(pattern), fold(text))


def checked_pattern(raw: str, field: str) -> str:
    """A name pattern in its one spelling. Raises `Invalid` with the field."""
    text = fold(raw.strip())
    kind, colon, value = text.partition(":")
    if colon and kind in _KINDS and kind != "dns":
        return f"{kind}:{_checked_other(kind, value, raw, field)}"
    if colon and kind == "dns":
        text = value
    begin = "**." if text.startswith("**.") else "." if text.startswith(".") else ""
    rest = text[len(begin) :].removesuffix(".")
    if text == "**":
        return text
    labels = [_checked_label(label, raw, field) for label in rest.split(".")]
    if not rest or len(rest) > _LONGEST:
        raise _no_pattern(raw, field)
    return begin + ".".join(labels)


# --- patterns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    text: str
    least: int
    """Labels before `labels`, at least."""
    most: int
    """The same at most, -1 for any number."""
    labels: tuple[str, ...] = ()
    """From the root down."""
    network: tuple[int, int, int] | None = None
    """(version, first, last) of an address range."""


_folded = lru_cache(1024)(fold)


@lru_cache(2048)
def _compiled(pattern: str) -> _Pattern:
    kind, colon, value = pattern.partition(":")
    if colon and kind in _KINDS and kind != "dns":
        network = _network(value) if kind == "ip" and "/" in value else None
        return _Pattern(kind, fold(value), 0, 0, (), network)
    text = value if colon and kind == "dns" else pattern
    text = a_labels(fold(text)).removesuffix(".")
    if text == "**":
        return _Pattern("dns", text, 1, -1)
    if text.startswith("**."):
        return _Pattern("dns", text, 1, -1, tuple(reversed(text[3:].split("."))))
    if text.startswith("."):
        return _Pattern("dns", text, 0, -1, tuple(reversed(text[1:].split("."))))
    return _Pattern("dns", text, 0, 0, tuple(reversed(text.split("."))))


def _takes(pattern: _Pattern, name: Name, *, touching: bool) -> bool:
    if pattern.kind != name.kind:
        return False
    if name.kind == "ip" and pattern.network is not None:
        return _in_network(name.text, pattern.network, touching=touching)
    if name.kind != "dns":
        return _glob(pattern.text, name.text)
    labels = name.text.split(".")
    before = len(labels) - len(pattern.labels)
    if before < pattern.least or (0 <= pattern.most < before):
        return False
    labels.reverse()
    return all(
        (touching and "*" in label)
        or (wanted == label if "*" not in wanted and "?" not in wanted else _glob(wanted, label))
        for wanted, label in zip(pattern.labels, labels)  # noqa: B905 - the pattern ends it
    )


def _glob(pattern: str, text: str) -> bool:
    """`*` takes any characters, `?` one; going back to the last star only, so never longer than one times the other.

    A star in the text is taken by a star only: it stands for many texts, and all of them must fit.
    """
    at, position, star, mark = 0, 0, -1, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, position
            at += 1
        elif at < len(pattern) and (
            pattern[at] == text[position] if text[position] == "*" else pattern[at] in ("?", text[position])
        ):
            at += 1
            position += 1
        elif star >= 0:
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")


@lru_cache(1024)
def _network(text: str) -> tuple[int, int, int] | None:
    from ipaddress import ip_network

    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network[0]), int(network[-1])


def _in_network(text: str, network: tuple[int, int, int], *, touching: bool) -> bool:
    """Whether the address lies there; an IPv4 address written as IPv6 (RFC 4291, 2.5.5.2) is only touched."""
    from ipaddress import IPv6Address, ip_address

    try:
        address = ip_address(text)
    except ValueError:
        return False
    if touching and isinstance(address, IPv6Address) and address.ipv4_mapped is not None and network[0] == 4:
        return network[1] <= int(address.ipv4_mapped) <= network[2]
    return address.version == network[0] and network[1] <= int(address) <= network[2]


def _checked_label(label: str, raw: str, field: str) -> str:
    if any(char in "*?" for char in label):
        if "**" in label or not label.isascii():
            raise _no_pattern(raw, field)
    else:
        label = a_labels(label)
    if not 0 < len(label) <= 63 or not label.isascii() or any(not (char.isalnum() or char in "-_*?") for char in label):
        raise _no_pattern(raw, field)
    return label


def _checked_other(kind: str, value: str, raw: str, field: str) -> str:
    if not value or len(value) > _LONGEST or (kind == "ip" and "/" in value and _network(value) is None):
        raise _no_pattern(raw, field)
    return value


def _no_pattern(raw: str, field: str) -> Invalid:
    return Invalid(f"{raw.strip() or 'Nothing'} is no pattern of names.", _PATTERN, field=field)
