"""Subject alternative names as people type them, to what a request holds: A-labels, canonical addresses, four kinds."""

from __future__ import annotations

import ipaddress
import re
import socket

from certtui.errors import Invalid

_PREFIX = re.compile(r"(dns|ip(?: ?address)?|e-?mail|rfc822|uri|url)\s*:\s*", re.IGNORECASE)
_KINDS = {"dns": "DNS", "ip": "IP", "ipaddress": "IP", "email": "EMAIL", "rfc822": "EMAIL", "uri": "URI", "url": "URI"}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
_HINT = "Write one name per line: a host name, DNS:…, IP:…, EMAIL:… or URI:…"


def suggest_sans(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Typed lines to (normalised names without doubles, one problem sentence per bad name). Commas separate like lines."""
    good: dict[str, None] = {}
    problems: list[str] = []
    for item in _items(text):
        try:
            good[normalise(item)] = None
        except Invalid as problem:
            problems.append(problem.message)
    return tuple(good), tuple(problems)


def normalise(typed: str) -> str:
    """One name as typed to "DNS:…", "IP:…", "EMAIL:…" or "URI:…". Raises `Invalid` (field "sans")."""
    text = typed.strip()
    prefix = _PREFIX.match(text)
    if prefix:
        kind = _KINDS[re.sub(r"[ -]", "", prefix[1].lower())]
        value = text[prefix.end() :].strip()
    else:
        value = text
        kind = _guess(value)
    match kind:
        case "IP":
            return "IP:" + _address(value)
        case "EMAIL":
            return "EMAIL:" + _email(value)
        case "URI":
            return "URI:" + _uri(value)
        case _:
            return "DNS:" + host_name(value)


def host_name(typed: str) -> str:
    """A host name in A-labels and lower case, with an optional leading `*.`. Raises `Invalid` (field "sans")."""
    import idna

    name = typed.strip().rstrip(".。")
    star = name.startswith("*.")
    bare = name[2:] if star else name
    if not bare:
        raise _bad(typed, "it is empty")
    if "*" in bare:
        raise _bad(typed, "a star may only stand alone at the start, as in *.example.com")
    try:
        ascii_name = bare.lower() if bare.isascii() else idna.encode(bare, uts46=True).decode("ascii").lower()
        labels = ascii_name.split(".")
        for label in labels:
            if not _LABEL.match(label):
                raise _bad(typed, f"“{label}” is not allowed between dots" if label else "a part between dots is empty")
            if label.startswith("xn--"):
                idna.ulabel(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise _bad(typed, str(error).partition("\n")[0].rstrip(".")) from None
    if len(ascii_name) > 253:
        raise _bad(typed, "it is longer than 253 characters")
    if labels[-1].isdigit():
        raise _bad(typed, "its last part is a number")
    return ("*." if star else "") + ascii_name


def host_or_address(text: str) -> str:
    """A common name as a SAN if it is a host name (dotted, or `localhost`) or an address, else ""."""
    try:
        return "IP:" + _address(text)
    except Invalid:
        pass
    if "." not in text and text != "localhost":
        return ""
    try:
        return "DNS:" + host_name(text)
    except Invalid:
        return ""


def _items(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        line = _PREFIX.sub(lambda m: m[1].replace(" ", "") + ":", line.strip())
        if not line or line.startswith("#"):
            continue
        if "://" in line or line.lower().startswith(("uri:", "url:", "urn:")):
            # Commas belong to URIs; only one that a new prefix follows separates.
            found += [p for p in re.split(r"[\s;]+|,\s*(?=(?:DNS|IP|EMAIL|URI):)|,\s+", line) if p]
        else:
            found += [p for p in re.split(r"[\s,;]+", line) if p]
    return found


def _guess(value: str) -> str:
    try:
        ipaddress.ip_address(value.strip("[]"))
        return "IP"
    except ValueError:
        pass
    if "://" in value or value.lower().startswith("urn:"):
        return "URI"
    return "EMAIL" if "@" in value else "DNS"


def _address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value.strip().strip("[]"))
    except ValueError:
        raise Invalid(f"“{value}” is not an IP address.", _HINT, field="sans") from None
    if getattr(address, "scope_id", None):
        raise Invalid(f"“{value}” has a zone, which a certificate cannot hold.", _HINT, field="sans")
    # The same words as in `facts`, whatever the Python version thinks of mapped addresses.
    return socket.inet_ntop(socket.AF_INET if address.version == 4 else socket.AF_INET6, address.packed)


def _email(value: str) -> str:
    local, at, host = value.rpartition("@")
    if not at or not _LOCAL_PART.match(local):
        raise Invalid(f"“{value}” is not an e-mail address that a certificate can hold.", _HINT, field="sans")
    return f"{local}@{host_name(host)}"


def _uri(value: str) -> str:
    from urllib.parse import quote, urlsplit, urlunsplit

    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        raise Invalid(f"“{value}” is not a URI.", _HINT, field="sans") from None
    if not _SCHEME.match(value) or not (parts.netloc or parts.path) or any(c.isspace() or ord(c) < 32 for c in value):
        raise Invalid(f"“{value}” is not a URI: it needs a scheme, as in https://….", _HINT, field="sans")
    netloc = parts.netloc
    if not host.isascii():
        netloc = netloc.replace(netloc.rpartition("@")[2].partition(":")[0], host_name(host))
    rest = [quote(p, safe="%/:=&?~#+!$,;'@()*[]") for p in (parts.path, parts.query, parts.fragment)]
    return urlunsplit((parts.scheme, netloc, *rest))


def _bad(typed: str, why: str) -> Invalid:
    return Invalid(f"“{typed.strip()}” is not a host name: {why}.", _HINT, field="sans")
