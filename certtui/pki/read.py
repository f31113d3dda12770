"""Everything that one file or paste holds: the form is found by looking, never by the file's name."""

from __future__ import annotations

import binascii
from collections.abc import Sequence

from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import CsrFacts, KeyFacts, Material, X509Facts
from certtui.pki import der, keys, pem, pkcs7, pkcs12
from certtui.pki.facts import csr_facts, x509_facts
from certtui.pki.limits import MAX_BYTES, MAX_CERTIFICATES
from certtui.record import dataclass, field

_MAX_SENTENCES = 200
_HINT = "Give PEM or DER: a certificate, key, request, PKCS#7 or PFX."


@dataclass(slots=True)
class _Found:
    certificates: list[X509Facts] = field(default_factory=list)
    keys: list[KeyFacts] = field(default_factory=list)
    requests: list[CsrFacts] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[Invalid] = field(default_factory=list)
    friendly_name: str = ""


def read(path: str, data: bytes, passwords: Sequence[Secret] = ()) -> Material:
    """Everything in one file. Raises `Invalid` with a sentence, `PasswordNeeded` when encrypted and none fits.

    At most 32 MiB and 100,000 certificates. A part that cannot be parsed is a warning while something else can be.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"The file is larger than {MAX_BYTES // 2**20} MiB.", "Split it, or give the certificates themselves."
        )
    data = _as_bytes_of_text(data)
    if not data.strip():
        raise Invalid("The file is empty.", _HINT)
    found = _Found()
    if pem.looks_like_pem(data):
        form = "pem"
        _read_pem(data, passwords, found)
    else:
        form = _read_der(_binary(data), passwords, found)
    if not (found.certificates or found.keys or found.requests):
        if found.problems:
            raise found.problems[0]
        said = found.warnings[0] if found.warnings else "The file holds no certificate, key or request."
        raise Invalid(said, _HINT)
    return Material(
        path,
        form,
        tuple(found.certificates),
        tuple(found.keys),
        tuple(found.requests),
        found.friendly_name,
        _bounded(found.warnings),
        _bounded([p.message for p in found.problems]),
    )


def _bounded(sentences: Sequence[str]) -> tuple[str, ...]:
    """As many sentences as somebody may read; the rest is counted."""
    if len(sentences) <= _MAX_SENTENCES:
        return tuple(sentences)
    return (*sentences[:_MAX_SENTENCES], f"{len(sentences) - _MAX_SENTENCES:,} more parts like these.")


def may_hold_secrets(data: bytes) -> bool:
    """Whether reading this may load a private key or derive from a password: then it belongs into the child process."""
    if pem.looks_like_pem(data):
        return b"PRIVATE KEY" in data
    return looks_like(_binary(data)) not in ("certificate", "request", "pkcs7")


def _as_bytes_of_text(data: bytes) -> bytes:
    """Text that a Windows editor saved as UTF-16, as bytes again."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError:
            return data
    return data


def _binary(data: bytes) -> bytes:
    """DER as it is; bare base64 without armour decoded, as people paste it (a SEQUENCE in base64 begins with M)."""
    if data[:80].lstrip()[:1] == b"M":
        try:
            return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)
        except binascii.Error:
            return data
    return data


def _read_pem(data: bytes, passwords: Sequence[Secret], found: _Found) -> None:
    for block in pem.blocks(data):
        try:
            if block.problem:
                raise Invalid(block.problem, "Check that the file is whole.")
            _read_block(block, passwords, found)
        except PasswordNeeded:
            raise
        except Invalid as problem:
            found.problems.append(problem)
        _check_count(len(found.certificates) + len(found.problems))


def _read_block(block: pem.Block, passwords: Sequence[Secret], found: _Found) -> None:
    match block.label:
        case "CERTIFICATE" | "X509 CERTIFICATE":
            found.certificates.append(x509_facts(block.der))
        case "TRUSTED CERTIFICATE":
            # OpenSSL's own: the certificate, then trust settings that do not concern the inventory.
            found.certificates.append(x509_facts(block.der[: der.tlv(block.der, 0, len(block.der))[2]]))
        case "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST":
            found.requests.append(csr_facts(block.der))
        case "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS":
            _read_certificates(pkcs7.certificates_in(block.der), found)
        case "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY":
            found.keys.append(keys.from_der(block.der, passwords))
        case "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY":
            found.keys.append(keys.from_pem(block.text, passwords, encrypted=block.encrypted))
        case "OPENSSH PRIVATE KEY":
            raise Invalid(
                "The private key is in OpenSSH's own format.", "Convert a copy: ssh-keygen -p -m PKCS8 -f COPY."
            )
        case "EC PARAMETERS" | "DSA PARAMETERS" | "DH PARAMETERS" | "X9.42 DH PARAMETERS":
            return
        case "X509 CRL":
            found.warnings.append("A revocation list (CRL) was left out.")
        case "PUBLIC KEY" | "RSA PUBLIC KEY":
            found.warnings.append("A public key alone was left out.")
        case label:
            found.warnings.append(f"A block “{label}” was left out.")


def _read_der(data: bytes, passwords: Sequence[Secret], found: _Found) -> str:
    """Read one binary structure and name its form."""
    kind = looks_like(data)
    _refuse_rest(data, kind)
    match kind:
        case "certificate":
            found.certificates.append(x509_facts(data))
        case "request":
            found.requests.append(csr_facts(data))
        case "pkcs7":
            _read_certificates(pkcs7.certificates_in(data), found)
            return "pkcs7"
        case "pfx":
            _read_pfx(data, passwords, found)
            return "pfx"
        case "key":
            found.keys.append(keys.from_der(data, passwords))
        case "crl":
            raise Invalid("This is a revocation list (CRL), not a certificate.", _HINT)
        case "java keystore":
            raise Invalid(
                "This is a Java keystore.",
                "Convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12.",
            )
        case _:
            raise Invalid("This is no certificate, key or request in a known form.", _HINT)
    return "der"


def _read_certificates(ders: Sequence[bytes], found: _Found) -> None:
    _check_count(len(found.certificates) + len(ders))
    for item in ders:
        try:
            found.certificates.append(x509_facts(item))
        except Invalid as problem:
            found.problems.append(problem)


def _read_pfx(data: bytes, passwords: Sequence[Secret], found: _Found) -> None:
    bags = pkcs12.read(data, passwords)
    _read_certificates(bags.certificates, found)
    found.keys += bags.keys
    found.friendly_name = bags.friendly_name
    found.warnings += bags.warnings
    found.problems += [Invalid(problem) for problem in bags.problems]


def _check_count(count: int) -> None:
    if count > MAX_CERTIFICATES:
        raise Invalid(f"The file holds more than {MAX_CERTIFICATES:,} parts.", "Split it.")


def _refuse_rest(data: bytes, kind: str) -> None:
    """Bytes after a structure are refused here for all kinds alike, and a structure that is cut off."""
    if kind == "java keystore" or data[:1] != b"\x30" or data[1:2] == b"\x80":
        return
    try:
        stop = der.tlv(data, 0, len(data))[2]
    except der.Malformed:
        raise Invalid("The file is cut off: its end is missing.", "Copy it again, in binary.") from None
    if extra := len(data) - stop:
        raise Invalid(f"{extra} byte{'s follow' if extra > 1 else ' follows'} the end of the data; nothing may.", _HINT)


def looks_like(data: bytes) -> str:
    """The kind of a binary structure by its shape alone: certificate, request, crl, key, pkcs7, pfx, java keystore or ""."""
    if data[:4] in (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"):
        return "java keystore"
    try:
        return _shape(data)
    except (der.Malformed, IndexError):
        return ""


def _shape(data: bytes) -> str:
    if data[0] != der.SEQUENCE:
        return ""
    if data[1] == 0x80:
        at, end = 2, len(data)
    else:
        # A truncated file still shows what it was going to be.
        size = data[1]
        at, end = 2 + (size & 0x7F if size & 0x80 else 0), len(data)
    match data[at]:
        case der.OID:
            return "pkcs7"
        case der.INTEGER:
            _, start, stop = der.tlv(data, at, end)
            version, following = data[start:stop], data[stop]
            if version == b"\x03" and following == der.SEQUENCE:
                return "pfx"
            return "key" if following in (der.SEQUENCE, der.INTEGER, der.OCTET_STRING) else ""
        case der.SEQUENCE:
            inner = at + 2 + (data[at + 1] & 0x7F if data[at + 1] & 0x80 else 0)
            return _signed(data, inner, end)
        case _:
            return ""


def _signed(data: bytes, at: int, end: int) -> str:
    """What a SEQUENCE in a SEQUENCE is: certificate, request, CRL or encrypted key, by its first elements."""
    first = data[at]
    if first == der.OID:
        return "key"
    if first == 0xA0:
        return "certificate"
    kinds: list[int] = []
    while len(kinds) < 4 and at < end:
        tag, _, at = der.tlv(data, at, end)
        kinds.append(tag)
    times = (23, 24)
    match kinds:
        case [der.INTEGER, der.SEQUENCE, der.SEQUENCE, when] | [der.SEQUENCE, der.SEQUENCE, when, *_] if when in times:
            return "crl"
        case [der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.SEQUENCE]:
            # Of version 1: serial, algorithm, issuer, validity.
            return "certificate"
        case [der.INTEGER, der.SEQUENCE, der.SEQUENCE, *_]:
            return "request"
        case _:
            return ""
