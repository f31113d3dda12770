"""Extensions as text, line by line, in the words of OpenSSL; what cannot be parsed is shown as hex and said to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone

from certtui.model.x509 import Extension
from certtui.pki import der
from certtui.pki.extensions import KEY_USAGES, Raw, basic_constraints, extended_usages, key_usage_bits
from certtui.pki.facts import general_name, time
from certtui.pki.names import rdns, string

_DUMP_MAX = 4096
_MAX_LINES = 10_000

USAGES = {
    "1.3.6.1.5.5.7.3.1": "TLS Web Server Authentication",
    "1.3.6.1.5.5.7.3.2": "TLS Web Client Authentication",
    "1.3.6.1.5.5.7.3.3": "Code Signing",
    "1.3.6.1.5.5.7.3.4": "E-mail Protection",
    "1.3.6.1.5.5.7.3.5": "IPSec End System",
    "1.3.6.1.5.5.7.3.6": "IPSec Tunnel",
    "1.3.6.1.5.5.7.3.7": "IPSec User",
    "1.3.6.1.5.5.7.3.8": "Time Stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP Signing",
    "1.3.6.1.5.5.7.3.17": "ipsec Internet Key Exchange",
    "1.3.6.1.5.5.8.2.2": "IP Security IKE Intermediate",
    "1.3.6.1.5.2.3.4": "PKINIT Client Auth",
    "1.3.6.1.5.2.3.5": "Signing KDC Response",
    "1.3.6.1.4.1.311.10.3.3": "Microsoft Server Gated Crypto",
    "1.3.6.1.4.1.311.10.3.4": "Microsoft Encrypted File System",
    "1.3.6.1.4.1.311.20.2.2": "Microsoft Smartcard Login",
    "2.16.840.1.113730.4.1": "Netscape Server Gated Crypto",
    "2.5.29.37.0": "Any Extended Key Usage",
}
_POLICIES = {
    "2.23.140.1.2.1": "domain validated",
    "2.23.140.1.2.2": "organization validated",
    "2.23.140.1.2.3": "individual validated",
    "2.23.140.1.1": "extended validation",
    "2.5.29.32.0": "any policy",
}
_TLS_FEATURES = {5: "status_request", 17: "status_request_v2"}
_REASONS = (
    "Unused",
    "Key Compromise",
    "CA Compromise",
    "Affiliation Changed",
    "Superseded",
    "Cessation Of Operation",
    "Certificate Hold",
    "Privilege Withdrawn",
    "AA Compromise",
)


def extension_text(raw: Raw) -> Extension:
    """One extension as text. Never raises."""
    name, render = _KNOWN.get(raw.oid, ("", None))
    if render is None:
        return Extension(raw.oid or "malformed", name, raw.critical, hex_dump(raw.value))
    try:
        lines = tuple(one_line(line) for line in render(raw.value))
    except (der.Malformed, ValueError, IndexError, OverflowError):
        lines = ("(cannot be parsed)", *hex_dump(raw.value))
    if len(lines) > _MAX_LINES:
        lines = (*lines[:_MAX_LINES], f"… and {len(lines) - _MAX_LINES} more lines")
    return Extension(raw.oid, name, raw.critical, lines)


def hex_dump(data: bytes) -> tuple[str, ...]:
    """Bytes as `openssl` dumps them: offset, hex, printable characters; the first 4 KiB."""
    lines = []
    for at in range(0, min(len(data), _DUMP_MAX), 16):
        row = data[at : at + 16]
        seen = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{at:04x} - {row.hex(' '):<47}   {seen}")
    if len(data) > _DUMP_MAX:
        lines.append(f"… and {len(data) - _DUMP_MAX} more bytes")
    return tuple(lines) or ("(empty)",)


def colons(data: bytes) -> str:
    """Upper-case hex with colons."""
    return data.hex(":").upper()


def one_line(text: str) -> str:
    """Text in which no line break can feign a line of its own."""
    if text.isprintable():
        return text
    return "".join(f"\\{ord(c):02X}" if c in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" else c for c in text)


def moment_text(moment: datetime, *, milliseconds: bool = False) -> str:
    """A time as OpenSSL prints it. Not %b: month names must not follow the locale."""
    fraction = f".{moment.microsecond // 1000:03}" if milliseconds else ""
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}{fraction}"
    return f"{_MONTHS[moment.month - 1]} {moment.day:2} {clock} {moment.year} GMT"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def name_line(name: bytes) -> str:
    """A DER name in the order written, as OpenSSL prints it: `C = US, O = "Example, Inc.", CN = a + UID = b`."""
    try:
        texts = [" + ".join(f"{kind} = {_quoted(value)}" for kind, value in rdn) for rdn in rdns(name)]
    except der.Malformed:
        return "(cannot be parsed) " + name.hex()
    return one_line(", ".join(texts))


def _quoted(value: str) -> str:
    """A value that could be taken for the next one is in quotes."""
    if not value or (_QUOTABLE.isdisjoint(value) and value[0] not in " #" and value[-1] != " "):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_QUOTABLE = frozenset(',+"\\<>;')


def _names(data: bytes, start: int, stop: int) -> list[str]:
    return [_general(data, tag, at, inner, after) for tag, at, inner, after in der.children(data, start, stop)]


def _general(data: bytes, tag: int, at: int, start: int, stop: int) -> str:
    content = data[start:stop]
    match tag:
        case 0x81:
            return "email:" + general_name(tag, content, content).partition(":")[2]
        case 0x87 if len(content) in (4, 16):
            return "IP Address:" + general_name(tag, content, content).partition(":")[2]
        case 0x82 | 0x86:
            return general_name(tag, content, content)
        case 0xA4:
            return "DirName:" + name_line(content)
        case 0x88:
            return "Registered ID:" + der.dotted(content)
        case 0xA0:
            return _other_name(data, start, stop)
        case _:
            return "othername: " + data[at:stop].hex(":")


def _other_name(data: bytes, start: int, stop: int) -> str:
    oid_at, oid_stop = der.expect(data, start, stop, der.OID)
    inner, inner_stop = der.expect(data, oid_stop, stop, 0xA0)
    tag, at, after = der.tlv(data, inner, inner_stop)
    text = string(tag, data[at:after])
    return f"othername: {der.dotted(data[oid_at:oid_stop])}::{text if text is not None else data[inner:inner_stop].hex(':')}"


def _alternative_names(value: bytes) -> Iterable[str]:
    start, stop = der.expect(value, 0, len(value), der.SEQUENCE)
    return _names(value, start, stop)


def _basic_constraints(value: bytes) -> Iterable[str]:
    is_ca, length = basic_constraints(value)
    return [f"CA:{'TRUE' if is_ca else 'FALSE'}" + (f", pathlen:{length}" if length is not None else "")]


def key_usage_names(value: bytes) -> tuple[str, ...]:
    """The key usages in words; raises `Malformed`."""
    return tuple(KEY_USAGES[bit] if bit < len(KEY_USAGES) else f"bit {bit}" for bit in key_usage_bits(value))


def extended_usage_names(value: bytes) -> tuple[str, ...]:
    """The extended key usages in words, unknown ones dotted; raises `Malformed`."""
    return tuple(USAGES.get(oid, oid) for oid in extended_usages(value))


def _subject_key_id(value: bytes) -> Iterable[str]:
    start, stop = der.expect(value, 0, len(value), der.OCTET_STRING)
    return [colons(value[start:stop])]


def _authority_key_id(value: bytes) -> Iterable[str]:
    for tag, _, start, stop in der.parts(value):
        match tag:
            case 0x80:
                yield "keyid:" + colons(value[start:stop])
            case 0xA1:
                yield from _names(value, start, stop)
            case 0x82:
                yield "serial:" + colons(value[start:stop].lstrip(b"\0") or b"\0")


def _distribution_points(value: bytes) -> Iterable[str]:
    for _, _, start, stop in der.parts(value):
        for tag, _, inner, after in der.children(value, start, stop):
            match tag:
                case 0xA0:
                    for kind, _, at, end in der.children(value, inner, after):
                        yield "Full Name:" if kind == 0xA0 else "Relative Name:"
                        yield from (f"  {n}" for n in _names(value, at, end))
                case 0x81:
                    bits = key_usage_bits(b"\x03" + value[inner - 1 : after])
                    yield "Reasons: " + ", ".join(_REASONS[b] for b in bits if b < len(_REASONS))
                case 0xA2:
                    yield "CRL Issuer:"
                    yield from (f"  {n}" for n in _names(value, inner, after))


def _information_access(value: bytes) -> Iterable[str]:
    methods = {"1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "CA Issuers", "1.3.6.1.5.5.7.48.5": "CA Repository"}
    for _, _, start, stop in der.parts(value):
        oid_at, oid_stop = der.expect(value, start, stop, der.OID)
        oid = der.dotted(value[oid_at:oid_stop])
        yield from (f"{methods.get(oid, oid)} - {n}" for n in _names(value, oid_stop, stop))


def _policies(value: bytes) -> Iterable[str]:
    for _, _, start, stop in der.parts(value):
        oid_at, oid_stop = der.expect(value, start, stop, der.OID)
        oid = der.dotted(value[oid_at:oid_stop])
        known = _POLICIES.get(oid)
        yield f"Policy: {oid}" + (f" ({known})" if known else "")
        for _, _, listed, listed_stop in der.children(value, oid_stop, stop):
            for _, _, at, end in der.children(value, listed, listed_stop):
                yield from _qualifier(value, at, end)


def _qualifier(value: bytes, start: int, stop: int) -> Iterable[str]:
    oid_at, oid_stop = der.expect(value, start, stop, der.OID)
    oid = der.dotted(value[oid_at:oid_stop])
    tag, at, end = der.tlv(value, oid_stop, stop)
    text = string(tag, value[at:end])
    if text is not None:
        yield f"  {'CPS' if oid == '1.3.6.1.5.5.7.2.1' else oid}: {text}"
        return
    yield f"  {'User Notice' if oid == '1.3.6.1.5.5.7.2.2' else oid}:"
    for kind, _, inner, after in der.children(value, at, end):
        notice = string(kind, value[inner:after])
        if notice is not None:
            yield f"    {notice}"


def _name_constraints(value: bytes) -> Iterable[str]:
    for tag, _, start, stop in der.parts(value):
        yield "Permitted:" if tag == 0xA0 else "Excluded:"
        for _, _, at, after in der.children(value, start, stop):
            kind, inner, end = der.tlv(value, at, after)
            content = value[inner:end]
            if kind == 0x87 and len(content) in (8, 32):
                half = len(content) // 2
                network = general_name(kind, content[:half], b"").partition(":")[2]
                mask = general_name(kind, content[half:], b"").partition(":")[2]
                yield f"  IP:{network}/{mask}"
            else:
                yield "  " + _general(value, kind, at, inner, end)


def _policy_constraints(value: bytes) -> Iterable[str]:
    words = {0x80: "Require Explicit Policy", 0x81: "Inhibit Policy Mapping"}
    return [f"{words.get(tag, hex(tag))}:{der.integer(value[start:stop])}" for tag, _, start, stop in der.parts(value)]


def _integer(value: bytes) -> Iterable[str]:
    start, stop = der.expect(value, 0, len(value), der.INTEGER)
    return [str(der.integer(value[start : min(stop, start + 64)]))]


def _tls_features(value: bytes) -> Iterable[str]:
    numbers = [der.integer(value[start:stop]) for _, _, start, stop in der.parts(value)[:64]]
    return [", ".join(_TLS_FEATURES.get(n, str(n)) for n in numbers)]


def _netscape_type(value: bytes) -> Iterable[str]:
    names = (
        "SSL Client",
        "SSL Server",
        "S/MIME",
        "Object Signing",
        "Unused",
        "SSL CA",
        "S/MIME CA",
        "Object Signing CA",
    )
    return [", ".join(names[bit] for bit in key_usage_bits(value) if bit < len(names))]


def _key_period(value: bytes) -> Iterable[str]:
    words = {0x80: "Not Before", 0x81: "Not After"}
    elements = [(tag, time(24, value[start:stop])) for tag, _, start, stop in der.parts(value)]
    return [", ".join(f"{words.get(tag, hex(tag))}: {moment_text(moment)}" for tag, moment in elements)]


def _text(value: bytes) -> Iterable[str]:
    tag, start, stop = der.tlv(value, 0, len(value))
    text = string(tag, value[start:stop])
    if text is None:
        raise der.Malformed("no string")
    return [text]


def _null(value: bytes) -> Iterable[str]:
    if value != b"\x05\x00":
        raise der.Malformed("no NULL")
    return [""]


def _timestamps(value: bytes) -> Iterable[str]:
    """Signed certificate timestamps (RFC 6962, 3.3)."""
    start, stop = der.expect(value, 0, len(value), der.OCTET_STRING)
    at, end = start + 2, start + 2 + int.from_bytes(value[start : start + 2], "big")
    if end != stop:
        raise der.Malformed("a list that does not fill its space")
    while at < end:
        size = int.from_bytes(value[at : at + 2], "big")
        item = value[at + 2 : at + 2 + size]
        at += 2 + size
        if size < 47 or at > end:
            raise der.Malformed("a timestamp that is cut off")
        moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=int.from_bytes(item[33:41], "big"))
        yield "Signed Certificate Timestamp:"
        yield f"  Version   : v{item[0] + 1} ({item[0]:#x})"
        yield f"  Log ID    : {colons(item[1:33])}"
        yield f"  Timestamp : {moment_text(moment, milliseconds=True)}"
        algorithm = {(4, 3): "ecdsa-with-SHA256", (4, 1): "sha256WithRSAEncryption"}
        skip = 43 + int.from_bytes(item[41:43], "big")
        yield f"  Signature : {algorithm.get((item[skip], item[skip + 1]), 'unknown')}"


Renderer = Callable[[bytes], Iterable[str]]
_KNOWN: dict[str, tuple[str, Renderer | None]] = {
    "2.5.29.14": ("X509v3 Subject Key Identifier", _subject_key_id),
    "2.5.29.15": ("X509v3 Key Usage", lambda v: [", ".join(key_usage_names(v))]),
    "2.5.29.16": ("X509v3 Private Key Usage Period", _key_period),
    "2.5.29.17": ("X509v3 Subject Alternative Name", _alternative_names),
    "2.5.29.18": ("X509v3 Issuer Alternative Name", _alternative_names),
    "2.5.29.19": ("X509v3 Basic Constraints", _basic_constraints),
    "2.5.29.30": ("X509v3 Name Constraints", _name_constraints),
    "2.5.29.31": ("X509v3 CRL Distribution Points", _distribution_points),
    "2.5.29.32": ("X509v3 Certificate Policies", _policies),
    "2.5.29.33": ("X509v3 Policy Mappings", None),
    "2.5.29.35": ("X509v3 Authority Key Identifier", _authority_key_id),
    "2.5.29.36": ("X509v3 Policy Constraints", _policy_constraints),
    "2.5.29.37": ("X509v3 Extended Key Usage", lambda v: [", ".join(extended_usage_names(v))]),
    "2.5.29.46": ("X509v3 Freshest CRL", _distribution_points),
    "2.5.29.54": ("X509v3 Inhibit Any Policy", _integer),
    "1.3.6.1.5.5.7.1.1": ("Authority Information Access", _information_access),
    "1.3.6.1.5.5.7.1.11": ("Subject Information Access", _information_access),
    "1.3.6.1.5.5.7.1.24": ("TLS Feature", _tls_features),
    "1.3.6.1.5.5.7.48.1.5": ("OCSP No Check", _null),
    "1.3.6.1.4.1.11129.2.4.2": ("CT Precertificate SCTs", _timestamps),
    "1.3.6.1.4.1.11129.2.4.3": ("CT Precertificate Poison", _null),
    "1.3.6.1.4.1.311.20.2": ("Microsoft Certificate Template Name", _text),
    "1.3.6.1.4.1.311.21.7": ("Microsoft Certificate Template", None),
    "2.16.840.1.113730.1.1": ("Netscape Cert Type", _netscape_type),
    "2.16.840.1.113730.1.13": ("Netscape Comment", _text),
}
