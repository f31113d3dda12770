"""Name constraints (RFC 5280, 4.2.1.10): from what a form says to DER, and whether they lie within an issuer's."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from certtui.errors import Invalid
from certtui.model.csr import SubjectFields
from certtui.pki import der
from certtui.pki.bounds import Issuer, check_names
from certtui.pki.sans import host_name, normalise

_HINT = "Write DNS:example.com, IP:10.0.0.0/8, EMAIL:example.com or EMAIL:name@example.com."


def constraints_value(permitted: Sequence[str], excluded: Sequence[str]) -> bytes:
    """The DER of NameConstraints. Raises `Invalid` (field "permitted" or "excluded")."""
    trees = b""
    for tag, field, written in ((0xA0, "permitted", permitted), (0xA1, "excluded", excluded)):
        if written:
            names = [der.encode(der.SEQUENCE, _tree(each, field)) for each in dict.fromkeys(written)]
            trees += der.encode(tag, b"".join(names))
    return der.encode(der.SEQUENCE, trees)


def unlimited(permitted: Sequence[str], excluded: Sequence[str]) -> tuple[str, ...]:
    """Sentences on kinds of names that constraints leave free, which is seldom what was meant (RFC 5280, 4.2.1.10)."""
    kinds = {text.strip().partition(":")[0].upper() for text in (*permitted, *excluded)}
    if "DNS" in kinds and "IP" not in kinds:
        return ("Its name constraints leave IP addresses free: none is permitted or excluded.",)
    if "IP" in kinds and "DNS" not in kinds:
        return ("Its name constraints leave host names free: none is permitted or excluded.",)
    return ()


def _tree(text: str, field: str) -> bytes:
    kind, colon, value = text.strip().partition(":")
    value = value.strip()
    try:
        match kind.upper() if colon else "":
            case "DNS":
                # A dot in front would exclude the name itself for some readers (RFC 5280 knows none for host names).
                return der.encode(0x82, host_name(value.removeprefix("*.").removeprefix(".")).encode("ascii"))
            case "EMAIL":
                return der.encode(0x81, _mail(value).encode("ascii"))
            case "IP":
                network = ipaddress.ip_network(value)
                return der.encode(0x87, network.network_address.packed + network.netmask.packed)
    except (Invalid, ValueError):
        pass
    raise Invalid(f"“{text}” is not a name constraint.", _HINT, field=field)


def _mail(value: str) -> str:
    if "@" in value:
        return normalise("EMAIL:" + value).removeprefix("EMAIL:")
    dot = "." if value.startswith(".") else ""
    return dot + host_name(value.removeprefix("."))


def within_issuer(issuer: Issuer, permitted: Sequence[str]) -> None:
    """Whether permitted trees of a new CA lie within those of its issuer. Raises `Invalid` (field "permitted")."""
    names = []
    for text in permitted:
        kind, _, value = text.strip().partition(":")
        match kind.upper():
            case "IP":
                _tree(text, "permitted")
                network = ipaddress.ip_network(value.strip())
                names += [f"IP:{network[0]}", f"IP:{network[-1]}"]
            case "EMAIL" if "@" not in value:
                names.append(f"EMAIL:x@{value.strip().removeprefix('.')}")
            case _:
                names.append(f"{kind.upper()}:{value.strip().removeprefix('*.').removeprefix('.')}")
    try:
        check_names(issuer, tuple(names), SubjectFields())
    except Invalid as problem:
        raise Invalid(problem.message, "Permit only what the issuer permits.", field="permitted") from None
