"""The extensions of a certificate as they were written, and those that decide about a path."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from certtui.pki import der
from certtui.record import dataclass

BASIC_CONSTRAINTS = "2.5.29.19"
KEY_USAGE = "2.5.29.15"
NAME_CONSTRAINTS = "2.5.29.30"
EXTENDED_KEY_USAGE = "2.5.29.37"
KEY_USAGES = (
    "Digital Signature",
    "Non Repudiation",
    "Key Encipherment",
    "Data Encipherment",
    "Key Agreement",
    "Certificate Sign",
    "CRL Sign",
    "Encipher Only",
    "Decipher Only",
)
SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
_ANY_USAGE = "2.5.29.37.0"
_KEY_CERT_SIGN = 5
# Those that path checking here understands or that name no rule which a server certificate could break.
_UNDERSTOOD = frozenset(
    {
        BASIC_CONSTRAINTS,
        KEY_USAGE,
        NAME_CONSTRAINTS,
        EXTENDED_KEY_USAGE,
        "2.5.29.14",
        "2.5.29.17",
        "2.5.29.18",
        "2.5.29.31",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.35",
        "2.5.29.36",
        "2.5.29.54",
        "1.3.6.1.5.5.7.1.1",
    }
)


class Raw(NamedTuple):
    """One extension: dotted OID ("" if malformed), critical, and the content of extnValue."""

    oid: str
    critical: bool
    value: bytes


def raw_extensions(certificate: bytes) -> list[Raw]:
    """Every extension of a DER certificate in order, doubled ones too; what cannot be walked ends the list. Never raises."""
    found: list[Raw] = []
    try:
        outer, end = der.expect(certificate, 0, len(certificate), der.SEQUENCE)
        at, stop = der.expect(certificate, outer, end, der.SEQUENCE)
        for tag, _, start, after in der.children(certificate, at, stop):
            if tag == 0xA3:
                listed, listed_stop = der.expect(certificate, start, after, der.SEQUENCE)
                found += [_raw(certificate, s, e) for _, _, s, e in der.children(certificate, listed, listed_stop)]
    except der.Malformed:
        pass
    return found


def _raw(data: bytes, at: int, stop: int) -> Raw:
    try:
        oid_at, oid_stop = der.expect(data, at, stop, der.OID)
        critical = False
        tag, start, after = der.tlv(data, oid_stop, stop)
        if tag == der.BOOLEAN:
            critical = data[start:after] != b"\0"
            tag, start, after = der.tlv(data, after, stop)
        return Raw(der.dotted(data[oid_at:oid_stop]), critical, data[start:after])
    except der.Malformed:
        return Raw("", False, data[at:stop])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a certificate says of paths through it. None: it does not say. `problems` are extensions that cannot be honoured."""

    is_ca: bool | None = None
    path_length: int | None = None
    may_sign_certificates: bool | None = None
    usages: tuple[str, ...] | None = None
    """Extended key usages as dotted OIDs."""
    permitted: tuple[str, ...] = ()
    """Name constraints as "DNS:…", "EMAIL:…", "URI:…" (a host), "IP:<hex>", "DIRNAME:<hex of the DER name>"."""
    excluded: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def limits(certificate: bytes) -> Limits:
    """Read the limits (RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.10) of a DER certificate; malformed ones are problems."""
    is_ca: bool | None = None
    path_length: int | None = None
    may_sign: bool | None = None
    usages: tuple[str, ...] | None = None
    permitted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    problems: list[str] = []
    seen: set[str] = set()
    for extension in raw_extensions(certificate):
        if extension.oid in seen:
            problems.append(f"has the extension {extension.oid} twice")
        seen.add(extension.oid)
        try:
            match extension.oid:
                case "2.5.29.19":
                    is_ca, path_length = basic_constraints(extension.value)
                case "2.5.29.15":
                    may_sign = _KEY_CERT_SIGN in key_usage_bits(extension.value)
                case "2.5.29.37":
                    usages = extended_usages(extension.value)
                case "2.5.29.30":
                    permitted, excluded = name_constraints(extension.value)
                case oid if extension.critical and oid not in _UNDERSTOOD:
                    problems.append(f"has a critical extension that is not understood ({oid or 'malformed'})")
        except der.Malformed:
            problems.append(f"has a malformed extension ({extension.oid})")
    return Limits(is_ca, path_length, may_sign, usages, permitted, excluded, tuple(problems))


def basic_constraints(value: bytes) -> tuple[bool, int | None]:
    """cA and pathLenConstraint; raises `Malformed`."""
    is_ca, length = False, None
    for tag, _, start, stop in der.parts(value):
        if tag == der.BOOLEAN:
            is_ca = value[start:stop] != b"\0"
        elif tag == der.INTEGER:
            length = der.integer(value[start:stop])
    return is_ca, length


def key_usage_bits(value: bytes) -> tuple[int, ...]:
    """The numbers of the bits that are set (RFC 5280, 4.2.1.3); raises `Malformed`."""
    start, stop = der.expect(value, 0, len(value), der.BIT_STRING)
    bits = value[start + 1 : stop]
    return tuple(8 * i + b for i, octet in enumerate(bits) for b in range(8) if octet & 0x80 >> b)


def extended_usages(value: bytes) -> tuple[str, ...]:
    """The dotted OIDs of an extKeyUsage (RFC 5280, 4.2.1.12); raises `Malformed`."""
    return tuple(der.dotted(value[start:stop]) for tag, _, start, stop in der.parts(value) if tag == der.OID)


def name_constraints(value: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Permitted and excluded subtrees as in `Limits`; kinds that no name here has are left out. Raises `Malformed`."""
    trees: dict[int, list[str]] = {0xA0: [], 0xA1: []}
    for tag, _, start, stop in der.parts(value):
        for _, _, at, after in der.children(value, start, stop):
            kind, inner, end = der.tlv(value, at, after)
            content = value[inner:end]
            match kind:
                case 0x82:
                    text = "DNS:" + content.decode("latin-1").lower()
                case 0x81:
                    text = "EMAIL:" + _mail(content.decode("latin-1"))
                case 0x86:
                    text = "URI:" + content.decode("latin-1").lower()
                case 0x87:
                    text = "IP:" + content.hex()
                case 0xA4:
                    text = "DIRNAME:" + content.hex()
                case _:
                    continue
            trees.setdefault(tag, []).append(text)
    return tuple(trees[0xA0]), tuple(trees[0xA1])


def _mail(text: str) -> str:
    """A mailbox or a host as it is compared: of a mailbox the part before the @ counts with its case (RFC 5280, 4.2.1.6)."""
    local, at, host = text.rpartition("@")
    return local + at + host.lower()


def serves_tls(usages: tuple[str, ...] | None) -> bool:
    """Whether extended key usages leave room for a TLS server; saying nothing does."""
    return usages is None or SERVER_AUTH in usages or _ANY_USAGE in usages


def breaks_constraints(sans: tuple[str, ...], permitted: tuple[str, ...], excluded: tuple[str, ...]) -> str:
    """The first name that the subtrees do not allow, "" if all are allowed."""
    for san in sans:
        kind, _, value = san.partition(":")
        same = [p.partition(":")[2] for p in permitted if p.startswith(kind + ":")]
        if same and not any(_within(kind, value, tree) for tree in same):
            return value
        if any(e.startswith(kind + ":") and _within(kind, value, e.partition(":")[2]) for e in excluded):
            return value
    return ""


def _within(kind: str, value: str, tree: str) -> bool:
    match kind:
        case "DNS":
            host, tree = value.lower().removeprefix("*."), tree.removeprefix(".")
            return not tree or host == tree or host.endswith("." + tree)
        case "EMAIL":
            value = _mail(value)
            host = value.rpartition("@")[2]
            if "@" in tree:
                return value == tree
            return host.endswith(tree) if tree.startswith(".") else host == tree
        case "IP":
            return _ip_within(value, bytes.fromhex(tree))
        case "URI":
            return _uri_within(value, tree)
        case "DIRNAME":
            return _name_within(bytes.fromhex(value), bytes.fromhex(tree))
        case _:
            return False


def _uri_within(value: str, tree: str) -> bool:
    """RFC 5280, 4.2.1.10: the host of the URI; a tree that begins with a dot means what is below it."""
    from urllib.parse import urlsplit

    try:
        host = (urlsplit(value).hostname or "").lower()
    except ValueError:
        return False
    return host.endswith(tree) if tree.startswith(".") else host == tree


def _name_within(name: bytes, tree: bytes) -> bool:
    """Whether a DER name begins with all parts of another, case and doubled spaces aside (RFC 5280, 7.1)."""
    from certtui.pki.names import rdns

    try:
        whole, start = (
            [sorted((kind, " ".join(text.casefold().split())) for kind, text in part) for part in rdns(each)]
            for each in (name, tree)
        )
    except der.Malformed:
        return False
    return whole[: len(start)] == start


def _ip_within(value: str, tree: bytes) -> bool:
    import ipaddress

    try:
        packed = ipaddress.ip_address(value).packed
    except ValueError:
        return False
    if len(tree) != 2 * len(packed):
        return False
    network, mask = tree[: len(packed)], tree[len(packed) :]
    return all(a & m == n & m for a, n, m in zip(packed, network, mask, strict=True))
