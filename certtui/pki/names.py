"""Distinguished names as text: RFC 4514 strings, the common name, one short word.

Written by hand instead of `cryptography`'s `rfc4514_string`, since that raises for strings that break their own type,
and since the bytes of the name are at hand already. Values keep every character; only what RFC 4514 asks for is escaped.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from certtui.pki import der

# RFC 4514, section 3, then the names that OpenSSL prints for the other types met in certificates.
TYPES = {
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
    "1.2.840.113549.1.9.1": "emailAddress",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.2.840.113549.1.9.8": "unstructuredAddress",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
_BY_CONTENT = {der.undotted(oid): short for oid, short in TYPES.items()}
_SPECIAL = {ord(c): "\\" + c for c in '"+,;<>\\'} | {0: "\\00"}
_NEEDS_CARE = frozenset('"+,;<>\\\0')


class NameText(NamedTuple):
    """One name: its RFC 4514 string, last common name, short word (CN, else O, else all), and SHA-256 of its DER."""

    rfc4514: str
    common_name: str
    short: str
    id: str


@lru_cache(maxsize=8192)
def name_text(name: bytes) -> NameText:
    """Describe a DER Name. Never raises: a name that cannot be walked is shown as `#` and its hex."""
    digest = sha256(name).hexdigest()
    try:
        text, common, organization = _walk(name)
    except der.Malformed:
        text = "#" + name.hex()
        return NameText(text, "", text, digest)
    return NameText(text, common, common or organization or text, digest)


def rdns(name: bytes) -> list[list[tuple[str, str]]]:
    """(type, value) pairs of each RDN in the order written; raises `Malformed`."""
    found = []
    for _, _, rdn_start, rdn_stop in der.parts(name):
        attributes = der.children(name, rdn_start, rdn_stop)
        found.append([_attribute(name, start, stop)[:2] for _, _, start, stop in attributes])
    return found


def string(tag: int, content: bytes) -> str | None:
    """The text of an ASN.1 string, None where it is no string or breaks its own encoding."""
    try:
        match tag:
            case 12:
                return content.decode("utf-8")
            case 18 | 19 | 20 | 22 | 26 | 27:
                # T61 and stray high octets are Latin-1 in practice, as OpenSSL reads them.
                return content.decode("latin-1")
            case 28:
                return content.decode("utf-32-be")
            case 30:
                return content.decode("utf-16-be")
            case _:
                return None
    except UnicodeDecodeError:
        return None


def _walk(name: bytes) -> tuple[str, str, str]:
    start, stop = der.expect(name, 0, len(name), der.SEQUENCE)
    rdns: list[str] = []
    common = organization = ""
    at = start
    while at < stop:
        _, rdn_at, at = der.tlv(name, at, stop)
        texts = []
        while rdn_at < at:
            _, inner, rdn_at = der.tlv(name, rdn_at, at)
            kind, value, text = _attribute(name, inner, rdn_at)
            texts.append(text)
            if kind == "CN":
                common = value
            elif kind == "O":
                organization = value
        rdns.append(texts[0] if len(texts) == 1 else "+".join(texts))
    rdns.reverse()
    return ",".join(rdns), common, organization


def _attribute(name: bytes, start: int, stop: int) -> tuple[str, str, str]:
    """Type, plain value and RFC 4514 text of one attribute."""
    oid_at, value_at = der.expect(name, start, stop, der.OID)
    tag, inner, end = der.tlv(name, value_at, stop)
    oid = name[oid_at:value_at]
    kind = _BY_CONTENT.get(oid)
    value = string(tag, name[inner:end])
    if kind is None or value is None:
        # RFC 4514, 2.4: an unknown type, or a value without a string form, is `#` and its encoding in hex.
        raw = "#" + name[value_at:end].hex()
        kind = kind or der.dotted(oid)
        return kind, raw if value is None else value, f"{kind}={raw}"
    return kind, value, f"{kind}={escaped(value)}"


def escaped(value: str) -> str:
    """A value as RFC 4514, 2.4 writes it."""
    if not value:
        return value
    text = value.translate(_SPECIAL) if not _NEEDS_CARE.isdisjoint(value) else value
    if value[0] in " #":
        text = "\\" + text
    if value[-1] == " " and len(value) > 1:
        text = text[:-1] + "\\ "
    return text


def common_name_of(rfc4514: str) -> str:
    """The common name in an RFC 4514 string that `name_text` made, "" if it has none."""
    return attribute_of(rfc4514, "CN")


def attribute_of(rfc4514: str, kind: str) -> str:
    """The first attribute of this kind (`OU`) in an RFC 4514 string that `name_text` made, "" if it has none."""
    for rdn in _split(rfc4514, ","):
        for attribute in _split(rdn, "+"):
            if attribute.startswith(f"{kind}="):
                return _unescaped(attribute[len(kind) + 1 :])
    return ""


def attributes_of(rfc4514: str) -> tuple[tuple[str, str], ...]:
    """All (kind, value) of an RFC 4514 string that `name_text` made, as they stand there."""
    found = []
    for rdn in _split(rfc4514, ",") if rfc4514 else ():
        for attribute in _split(rdn, "+"):
            kind, equals, value = attribute.partition("=")
            if equals:
                found.append((kind, _unescaped(value)))
    return tuple(found)


def _split(text: str, separator: str) -> list[str]:
    pieces = [""]
    escaping = False
    for char in text:
        if char == separator and not escaping:
            pieces.append("")
            continue
        pieces[-1] += char
        escaping = char == "\\" and not escaping
    return pieces


def _unescaped(value: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(value):
        if value[at] == "\\" and value[at + 1 : at + 3] == "00":
            out.append("\0")
            at += 3
        elif value[at] == "\\" and at + 1 < len(value):
            out.append(value[at + 1])
            at += 2
        else:
            out.append(value[at])
            at += 1
    return "".join(out)
