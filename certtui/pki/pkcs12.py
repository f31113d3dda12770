"""PKCS#12 (RFC 7292) read by hand: every key and every certificate, old ciphers, no MAC, and a guard against bombs.

`cryptography` reads one key per file and starts hashing before anybody can look at the iteration count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki import der, keys, pbe
from certtui.pki.names import string
from certtui.pki.pbe import Password
from certtui.record import dataclass, field

NO_MAC = "The PFX file has no integrity check (MAC): nothing shows whether it was changed on its way."
_HINT = "Check that the file is whole."
_DATA = "1.2.840.113549.1.7.1"
_ENCRYPTED_DATA = "1.2.840.113549.1.7.6"
_BAG = "1.2.840.113549.1.12.10.1."
_FRIENDLY_NAME = "1.2.840.113549.1.9.20"
_LOCAL_KEY_ID = "1.2.840.113549.1.9.21"
_X509 = "1.2.840.113549.1.9.22.1"
_MAX_BAGS = 200_000
_MAX_NESTING = 4


@dataclass(frozen=True, slots=True)
class Bags:
    """What a PFX holds: certificates in DER and keys in the order found, the leaf's friendlyName, sentences to say.

    `problems` are parts that could not be read while others could.
    """

    certificates: tuple[bytes, ...]
    keys: tuple[KeyFacts, ...]
    friendly_name: str
    warnings: tuple[str, ...]
    problems: tuple[str, ...]


def read(data: bytes, passwords: Sequence[Secret]) -> Bags:
    """Open a PFX with the first password that fits; none and the empty one are tried by themselves.

    Raises `Invalid` for a damaged or absurd file, `PasswordNeeded` when no password fits.
    """
    try:
        content, mac = _outer(data)
        for password in (*(p.reveal() for p in passwords), None, b""):
            if mac is not None and not pbe.mac_fits(mac, content, password):
                continue
            try:
                return _open(content, password, has_mac=mac is not None)
            except pbe.WrongPassword:
                continue
    except der.Malformed:
        raise Invalid("The PFX file is cut off or damaged.", _HINT) from None
    if any(passwords):
        raise PasswordNeeded("The password does not open the PFX file.", "Check the password.", wrong=True)
    raise PasswordNeeded("The PFX file is protected by a password.", "Give its password.")


@dataclass(slots=True)
class _Found:
    certificates: list[tuple[bytes, bytes, str]] = field(default_factory=list)
    """DER, localKeyId, friendlyName."""
    keys: list[tuple[KeyFacts, bytes, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    bags: int = 0


def _outer(data: bytes) -> tuple[bytes, bytes | None]:
    """The AuthenticatedSafe's octets, over which the MAC goes, and the MacData if there is one."""
    pfx = der.from_ber(data)
    elements = der.parts(pfx)
    if len(elements) < 2:
        raise der.Malformed("a PFX has a version and a content")
    kind, content = _content_info(pfx, elements[1][2], elements[1][3])
    if kind != _DATA:
        raise Invalid("The PFX file is signed with a public key instead of a password, which is not supported.", _HINT)
    mac = pfx[elements[2][1] : elements[2][3]] if len(elements) > 2 else None
    return _octets(content), mac


def _open(content: bytes, password: Password, *, has_mac: bool) -> Bags:
    found = _Found()
    if not has_mac:
        found.warnings.append(NO_MAC)
    safes = _as_der(content, password_proven=has_mac)
    for _, _, start, stop in der.parts(safes):
        kind, inner = _content_info(safes, start, stop)
        match kind:
            case _ if kind == _DATA:
                safe = _octets(inner)
            case _ if kind == _ENCRYPTED_DATA:
                safe = _decrypted(inner, password)
            case _:
                found.problems.append("A part of the PFX file that is encrypted to a public key was left out.")
                continue
        _collect(_as_der(safe, password_proven=has_mac), password, found, 0)
    return Bags(
        tuple(c for c, _, _ in found.certificates),
        tuple(k for k, _, _ in found.keys),
        _friendly_name(found),
        tuple(found.warnings),
        tuple(found.problems),
    )


def _as_der(data: bytes, *, password_proven: bool) -> bytes:
    try:
        return der.from_ber(data)
    except der.Malformed:
        if password_proven:
            raise
        # Without a MAC, noise after decryption is how a wrong password shows.
        raise pbe.WrongPassword from None


def _decrypted(encrypted: bytes, password: Password) -> bytes:
    """EncryptedData (RFC 5652, 8): version, then type, algorithm and [0] IMPLICIT content."""
    elements = der.parts(encrypted)
    if len(elements) < 2:
        raise der.Malformed("encrypted data without content")
    info = list(der.children(encrypted, elements[1][2], elements[1][3]))
    if len(info) < 3:
        raise der.Malformed("encrypted data without content")
    algorithm = encrypted[info[1][1] : info[1][3]]
    tag, _, start, stop = info[2]
    if tag == 0xA0:
        # BER leaves the string in pieces; one piece alone is not joined by `from_ber`.
        start, stop = der.expect(encrypted, start, stop, der.OCTET_STRING)
    return pbe.decrypt(algorithm, password, encrypted[start:stop])


def _collect(safe: bytes, password: Password, found: _Found, depth: int) -> None:
    for _, _, start, stop in der.parts(safe):
        found.bags += 1
        if found.bags > _MAX_BAGS or depth > _MAX_NESTING:
            raise Invalid("The PFX file holds too many parts.", "Split it.")
        bag = list(der.children(safe, start, stop))
        if len(bag) < 2:
            raise der.Malformed("a bag without a value")
        kind = der.dotted(safe[bag[0][2] : bag[0][3]]).removeprefix(_BAG)
        value = safe[bag[1][2] : bag[1][3]]
        name, key_id = _attributes(safe, bag[2][2], bag[2][3]) if len(bag) > 2 else ("", b"")
        match kind:
            case "1" | "2":
                _collect_key(value, password, found, name, key_id)
            case "3":
                _collect_certificate(value, found, name, key_id)
            case "4":
                found.warnings.append("A revocation list (CRL) in the PFX file was left out.")
            case "6":
                _collect(value, password, found, depth + 1)
            case _:
                found.warnings.append("A secret in the PFX file that is no certificate or key was left out.")


def _collect_key(value: bytes, password: Password, found: _Found, name: str, key_id: bytes) -> None:
    plain = value
    if keys.is_encrypted(value):
        (_, at, _, after), (_, _, start, stop) = der.parts(value)
        plain = pbe.decrypt(value[at:after], password, value[start:stop])
    try:
        found.keys.append((keys.from_der(plain, ()), key_id, name))
    except Invalid as problem:
        found.problems.append(f"A private key in the PFX file was left out. {problem.message}")


def _collect_certificate(value: bytes, found: _Found, name: str, key_id: bytes) -> None:
    elements = der.parts(value)
    if len(elements) < 2 or der.dotted(value[elements[0][2] : elements[0][3]]) != _X509:
        found.warnings.append("A certificate in the PFX file that is not X.509 was left out.")
        return
    start, stop = der.expect(value, elements[1][2], elements[1][3], der.OCTET_STRING)
    found.certificates.append((value[start:stop], key_id, name))


def _attributes(data: bytes, start: int, stop: int) -> tuple[str, bytes]:
    """friendlyName and localKeyId of a bag; malformed ones are no reason to refuse the rest."""
    name, key_id = "", b""
    try:
        for oid, tag, content in _attribute_values(data, start, stop):
            if oid == _FRIENDLY_NAME:
                name = string(tag, content) or name
            elif oid == _LOCAL_KEY_ID:
                key_id = content
    except der.Malformed:
        pass
    return name, key_id


def _attribute_values(data: bytes, start: int, stop: int) -> Iterator[tuple[str, int, bytes]]:
    for _, _, at, after in der.children(data, start, stop):
        oid_at, oid_stop = der.expect(data, at, after, der.OID)
        values, values_stop = der.expect(data, oid_stop, after, der.SET)
        if values < values_stop:
            tag, inner, end = der.tlv(data, values, values_stop)
            yield der.dotted(data[oid_at:oid_stop]), tag, data[inner:end]


def _friendly_name(found: _Found) -> str:
    """The name of the certificate that belongs to the first key, else the key's own, else the only certificate's."""
    if not found.keys:
        return found.certificates[0][2] if len(found.certificates) == 1 else ""
    _, key_id, key_name = found.keys[0]
    by_id = (name for _, other, name in found.certificates if key_id and other == key_id and name)
    return next(by_id, "") or key_name


def _content_info(data: bytes, start: int, stop: int) -> tuple[str, bytes]:
    """The type of a ContentInfo and the element within its [0]."""
    oid_at, oid_stop = der.expect(data, start, stop, der.OID)
    inner, inner_stop = der.expect(data, oid_stop, stop, 0xA0)
    return der.dotted(data[oid_at:oid_stop]), data[inner:inner_stop]


def _octets(element: bytes) -> bytes:
    start, stop = der.expect(element, 0, len(element), der.OCTET_STRING)
    return element[start:stop]
