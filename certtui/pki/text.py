"""A certificate or request in the manner of `openssl x509 -text`, total: what cannot be parsed is shown as hex and said to be so."""

from __future__ import annotations

from collections.abc import Iterable

from certtui.errors import Invalid
from certtui.model.x509 import Extension, X509Details
from certtui.pki import der
from certtui.pki.algorithms import key_algorithm, signature
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.pki.extension_text import (
    extended_usage_names,
    extension_text,
    hex_dump,
    key_usage_names,
    moment_text,
    name_line,
)
from certtui.pki.extensions import EXTENDED_KEY_USAGE, KEY_USAGE, Raw, raw_extensions
from certtui.pki.facts import csr_parts, extension_requests, x509_facts

_KEY_NAMES = {
    "1.2.840.113549.1.1.1": "rsaEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.10045.2.1": "id-ecPublicKey",
    "1.2.840.10040.4.1": "dsaEncryption",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
}
# Name of the curve, and what NIST calls it.
_CURVE_NAMES = {
    "ec-224": ("secp224r1", "P-224"),
    "ec-256": ("prime256v1", "P-256"),
    "ec-384": ("secp384r1", "P-384"),
    "ec-521": ("secp521r1", "P-521"),
    "ec-secp256k1": ("secp256k1", ""),
}


def details(data: bytes) -> X509Details:
    """Extensions, usages and the whole text of one DER certificate. Raises `Invalid` for what is no certificate."""
    facts = x509_facts(data)
    try:
        parts = certificate_parts(data)
    except der.Malformed:
        raise Invalid("The certificate's structure cannot be read.") from None
    raw = raw_extensions(data)
    extensions = tuple(map(extension_text, raw))
    key_lines = tuple(public_key_lines(parts.spki))
    _, algorithm = signature(parts.signature_algorithm)
    lines = [
        "Certificate:",
        "    Data:",
        f"        Version: {parts.version} ({parts.version - 1:#x})",
        *_serial(parts.serial),
        f"        Signature Algorithm: {algorithm}",
        f"        Issuer: {name_line(parts.issuer)}",
        "        Validity",
        f"            Not Before: {moment_text(facts.not_before)}",
        f"            Not After : {moment_text(facts.not_after)}",
        f"        Subject: {name_line(parts.subject)}",
        "        Subject Public Key Info:",
        *_indented(key_lines, 12),
        *_extension_lines("        X509v3 extensions:", extensions),
        f"    Signature Algorithm: {algorithm}",
        "    Signature Value:",
        *_hex_lines(parts.signature, 8, 18),
        "",
    ]
    return X509Details(
        parts.version,
        algorithm,
        _usages(raw, KEY_USAGE),
        _usages(raw, EXTENDED_KEY_USAGE),
        key_lines,
        extensions,
        "\n".join(lines),
    )


def csr_text(data: bytes) -> str:
    """A DER PKCS#10 request in the manner of `openssl req -text`. Raises `Invalid` for what is none."""
    from certtui.pki.facts import csr_facts

    facts = csr_facts(data)
    subject, spki, bounds = csr_parts(data)
    wanted = [_request_extension(data, oid, start, stop) for oid, start, stop in extension_requests(data, *bounds)]
    outer = der.parts(data)
    algorithm = signature(data[outer[1][1] : outer[1][3]])[1] if len(outer) > 1 else ""
    bits = data[outer[2][2] + 1 : outer[2][3]] if len(outer) > 2 else b""
    lines = [
        "Certificate Request:",
        "    Data:",
        "        Version: 1 (0x0)",
        f"        Subject: {name_line(subject)}",
        "        Subject Public Key Info:",
        *_indented(public_key_lines(spki), 12),
        *_extension_lines("        Requested Extensions:", wanted),
        f"    Signature Algorithm: {algorithm}" + ("" if facts.signature_valid else " (does not verify)"),
        "    Signature Value:",
        *_hex_lines(bits, 8, 18),
        "",
    ]
    return "\n".join(lines)


def public_key_lines(spki: bytes) -> Iterable[str]:
    """A SubjectPublicKeyInfo as OpenSSL prints it; an unknown or malformed one as hex."""
    algorithm = key_algorithm(spki)
    try:
        oid, _, bits = spki_parts(spki)
    except der.Malformed:
        return ["(cannot be parsed)", *hex_dump(spki)]
    lines = [f"Public Key Algorithm: {_KEY_NAMES.get(oid, algorithm if algorithm != oid else oid)}"]
    size = algorithm.rpartition("-")[2]
    if algorithm.startswith(("rsa", "ec", "dsa")) and size.isdigit():
        lines.append(f"    Public-Key: ({size} bit)")
    elif oid in _KEY_NAMES:
        lines.append(f"    {_KEY_NAMES[oid]} Public-Key:")
    if algorithm.startswith("rsa-"):
        try:
            return lines + _rsa_lines(bits)
        except (der.Malformed, IndexError):
            lines.append("    (cannot be parsed)")
    lines += ["    pub:", *_hex_lines(bits, 8, 15)]
    if algorithm in _CURVE_NAMES:
        curve, nist = _CURVE_NAMES[algorithm]
        lines += [f"    ASN1 OID: {curve}", *([f"    NIST CURVE: {nist}"] if nist else [])]
    elif algorithm.startswith("ec-explicit"):
        lines.append("    Explicit curve parameters")
    return lines


def _rsa_lines(bits: bytes) -> list[str]:
    modulus, exponent = der.parts(bits)[:2]
    number = int.from_bytes(bits[exponent[2] : exponent[3]][:64], "big")
    return [
        "    Modulus:",
        *_hex_lines(bits[modulus[2] : modulus[3]], 8, 15),
        f"    Exponent: {number} ({number:#x})",
    ]


def _serial(content: bytes) -> list[str]:
    number = int.from_bytes(content, "big", signed=True)
    if -(2**63) <= number < 2**63:
        sign = "-" if number < 0 else ""
        return [f"        Serial Number: {number} ({sign}{abs(number):#x})"]
    if number < 0:
        digits = f"{-number:x}"
        raw = bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))
        return ["        Serial Number:", f"             (Negative){raw.hex(':')}"]
    return ["        Serial Number:", f"            {content.lstrip(bytes(1)).hex(':')}"]


def _request_extension(data: bytes, oid: bytes, start: int, stop: int) -> Extension:
    try:
        return extension_text(Raw(der.dotted(oid), False, data[start:stop]))
    except der.Malformed:
        return extension_text(Raw("", False, data[start:stop]))


def _extension_lines(title: str, extensions: Iterable[Extension]) -> list[str]:
    lines: list[str] = []
    for extension in extensions:
        critical = " critical" if extension.critical else ""
        lines.append(f"            {extension.name or extension.oid}:{critical}")
        lines += _indented(extension.lines, 16)
    return [title, *lines] if lines else []


def _usages(raw: Iterable[Raw], oid: str) -> tuple[str, ...]:
    render = key_usage_names if oid == KEY_USAGE else extended_usage_names
    for extension in raw:
        if extension.oid == oid:
            try:
                return render(extension.value)
            except der.Malformed:
                return ("(cannot be parsed)",)
    return ()


def _indented(lines: Iterable[str], width: int) -> list[str]:
    return [" " * width + line for line in lines]


def _hex_lines(data: bytes, width: int, per_line: int) -> list[str]:
    rows = [data[at : at + per_line].hex(":") for at in range(0, len(data), per_line)]
    return [" " * width + row + (":" if i < len(rows) - 1 else "") for i, row in enumerate(rows)]
