"""Which domain the names of an entry lie in, and which names lie at or below a domain.

A name is compared label by label from the right, in ASCII spelling and lower case: `www.example.com` lies below
`example.com`, `www.badexample.com` does not. `*` is a label like any other. The names of an entry are its DNS names; only
one without any SAN is known by its common name. An entry without a name lies in no domain.
"""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.model.search_text import a_labels, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 253
"""Characters of a domain name (RFC 1035, 2.3.4)."""


def names_of(sans: Sequence[str], common_name: str) -> tuple[str, ...]:
    """The names that count: DNS names, or the common name where there is no SAN at all."""
    if not sans:
        return (common_name,) if common_name else ()
    return tuple(san[4:] for san in sans if san[:4].upper() == "DNS:")


def reversed_name(name: str) -> str:
    """A name from the root down, each label closed by a dot: `com.example.www.`; below means begins with."""
    return ".".join(_labels(name)) + "."


def _labels(name: str) -> list[str]:
    """The labels of a name from the root down."""
    return a_labels(fold(name)).removesuffix(".").split(".")[::-1]


def domain_of(sans: Sequence[str], common_name: str) -> str:
    """The deepest domain that all names lie at or below, as `reversed_name` writes it; "" where there is none."""
    names = names_of(sans, common_name)
    if len(names) == 1:
        return reversed_name(names[0])
    common: list[str] = []
    for number, name in enumerate(names):
        labels = _labels(name)
        if not number:
            common = labels
            continue
        if labels[: len(common)] == common:
            continue
        same = 0
        for one, other in zip(common, labels):  # noqa: B905 - the shorter one ends it
            if one != other:
                break
            same += 1
        del common[same:]
    return "".join(f"{label}." for label in common)


def outside(names: Iterable[str], domains: Sequence[str]) -> list[str]:
    """The names that lie in none of the domains."""
    wanted = tuple(map(reversed_name, domains))
    return [name for name in names if not reversed_name(name).startswith(wanted)]


def within(sans: Sequence[str], common_name: str, domains: Sequence[str]) -> bool:
    """Whether there is a name, and every name lies at or below one of the domains."""
    names = names_of(sans, common_name)
    return bool(names) and not outside(names, domains)


def forks(domains: Sequence[str]) -> tuple[str, ...]:
    """The domains, reversed, that are no domain of these but have two of them in different branches below.

    Where the names of an entry have such a domain in common they may lie in several of the domains: look at each name.
    """
    reversed_domains = sorted(set(map(reversed_name, domains)))
    found = set()
    for number, one in enumerate(reversed_domains):
        for other in reversed_domains[number + 1 :]:
            common = domain_of((f"DNS:{unreversed(one)}", f"DNS:{unreversed(other)}"), "")
            if not common.startswith(tuple(reversed_domains)):
                found.add(common)
    return tuple(sorted(found))


def unreversed(domain: str) -> str:
    """The name of which `reversed_name` made this."""
    return ".".join(reversed(domain.removesuffix(".").split(".")))


def checked_domain(raw: str) -> str:
    """A domain as a scope has it: ASCII, lower case, no dot at either end. Raises `Invalid`."""
    name = a_labels(fold(raw.strip())).removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > _LONGEST or not name.isascii() or any(not _is_label(label) for label in labels):
        raise Invalid(
            f"{raw.strip() or 'Nothing'} is no domain.",
            "Write it as example.com; the names below it are meant too.",
            field="domains",
        )
    return name


def _is_label(label: str) -> bool:
    return 0 < len(label) <= 63 and all(char.isalnum() or char in "-_" for char in label)
