"""Takes a SignedData (RFC 5652, 5) apart: content, certificates, and what each signer claims."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.cms import CmsIdentity
from certtui.model.x509 import X509Facts
from certtui.pki import cms_asn1 as asn1
from certtui.pki import der
from certtui.pki.cms_asn1 import Algorithm, Element, Malformed
from certtui.pki.facts import time, x509_facts
from certtui.pki.names import name_text

MAX_SIGNERS = 16
"""Each has a path that is judged: what a message may cost to verify is bounded by this."""
MAX_CERTIFICATES = 64
_TIMES = (23, 24)


class SignerInfo(NamedTuple):
    """One signer as the message has it (RFC 5652, 5.3). `attributes` is None where nothing but the content was signed."""

    identity: CmsIdentity
    digest: Algorithm
    attributes: Attributes | None
    algorithm: Algorithm
    signature: bytes


class Attributes(NamedTuple):
    """Signed attributes: what is signed in their place, and the values of each by its OID."""

    signed: bytes
    """Their DER with the tag of a SET (RFC 5652, 5.4)."""
    values: dict[str, list[Element]]

    def single(self, oid: str) -> Element | None:
        """The one value of an attribute that may have but one; None where it is absent. Raises `Malformed`."""
        found = self.values.get(oid)
        if found is None:
            return None
        if len(found) != 1:
            raise Malformed("an attribute with several values")
        return found[0]

    def time(self, oid: str) -> datetime | None:
        """A time, None where it is absent. Raises `Malformed`."""
        found = self.single(oid)
        if found is None:
            return None
        if found.tag not in _TIMES:
            raise Malformed("a time of another type")
        try:
            return time(found.tag, found.content)
        except (ValueError, IndexError, OverflowError):
            raise Malformed("a time that does not exist") from None


class SignedData(NamedTuple):
    """A message taken apart. `content` is None where it is detached."""

    content_type: str
    content: bytes | None
    certificates: tuple[X509Facts, ...]
    signers: tuple[SignerInfo, ...]


def read_signed(content: Element) -> SignedData:
    """Take a SignedData apart. Raises `Malformed`, `Invalid`."""
    _, _, encapsulated, *rest = content.expect(der.SEQUENCE).children(4)
    content_type, inside = _encapsulated(encapsulated)
    certificates: tuple[X509Facts, ...] = ()
    if rest[0].tag == 0xA0:
        certificates = tuple(_certificates(rest.pop(0)))
    if rest and rest[0].tag == 0xA1:
        # Revocation lists: whose certificate is revoked is asked of the authority, not of the signer.
        rest.pop(0)
    if len(rest) != 1:
        raise Malformed("a SignedData ends with its signers")
    listed = rest[0].expect(der.SET).children()
    if len(listed) > MAX_SIGNERS:
        raise Invalid(f"The message has {len(listed)} signers; more than {MAX_SIGNERS} are not checked.")
    return SignedData(content_type, inside, certificates, tuple(map(_signer, listed)))


def identity(element: Element) -> CmsIdentity:
    """A SignerIdentifier or RecipientIdentifier: issuerAndSerialNumber or [0] subjectKeyIdentifier. Raises `Malformed`."""
    if element.tag == 0x80:
        return CmsIdentity(subject_key_id=element.content.hex())
    parts = element.expect(der.SEQUENCE).children()
    if len(parts) != 2:
        raise Malformed("an issuer and a serial number")
    name, serial = parts
    number = int.from_bytes(serial.expect(der.INTEGER).content, "big", signed=True)
    try:
        text = name_text(name.expect(der.SEQUENCE).raw)
    except (ValueError, IndexError):
        raise Malformed("a name that cannot be read") from None
    return CmsIdentity(text.id, f"{number:x}", issuer=text.rfc4514)


def fits(certificate: X509Facts, named: CmsIdentity) -> bool:
    """Whether this certificate is the one that is named."""
    if named.subject_key_id:
        return certificate.subject_key_id == named.subject_key_id
    return (certificate.issuer_id, certificate.serial_number) == (named.issuer_id, named.serial_number)


def _encapsulated(element: Element) -> tuple[str, bytes | None]:
    kind, *rest = element.expect(der.SEQUENCE).children(1)
    if not rest:
        return kind.oid(), None
    inside = rest[0].expect(0xA0).only()
    if inside.tag != der.OCTET_STRING:
        # PKCS#7 1.5 puts the inner structure here without an OCTET STRING around it (RFC 5652, 5.2.1).
        raise Invalid("The signed content is not octets, as in the old PKCS#7, which is not read.", _AGAIN)
    return kind.oid(), inside.content


_AGAIN = "Write the message again with `openssl cms`."


def _certificates(element: Element) -> list[X509Facts]:
    """The X.509 certificates; other kinds, and those that cannot be parsed, can't be a signer's."""
    found = []
    listed = element.children()
    if len(listed) > MAX_CERTIFICATES:
        raise Invalid(
            f"The message has {len(listed)} certificates; more than {MAX_CERTIFICATES} are not looked through."
        )
    for each in listed:
        if each.tag == der.SEQUENCE:
            try:
                found.append(x509_facts(each.raw))
            except Invalid:
                continue
    return found


def _signer(element: Element) -> SignerInfo:
    _, named, digest, *rest = element.expect(der.SEQUENCE).children(5)
    attributes = _attributes(rest.pop(0)) if rest[0].tag == 0xA0 else None
    if len(rest) == 3:
        # Unsigned attributes, a time stamp say: nothing vouches for them.
        rest.pop().expect(0xA1)
    if len(rest) != 2:
        raise Malformed("a signer ends with its signature")
    algorithm, signature = rest
    return SignerInfo(
        identity(named),
        asn1.algorithm(digest),
        attributes,
        asn1.algorithm(algorithm),
        signature.expect(der.OCTET_STRING).content,
    )


def _attributes(element: Element) -> Attributes:
    values: dict[str, list[Element]] = {}
    for each in element.children():
        parts = each.expect(der.SEQUENCE).children()
        if len(parts) != 2:
            raise Malformed("an attribute has a type and values")
        # One that is there twice has the values of both, which is as wrong (RFC 5652, 11).
        values.setdefault(parts[0].oid(), []).extend(parts[1].expect(der.SET).children())
    return Attributes(b"\x31" + element.raw[1:], values)


def serial_of(named: CmsIdentity) -> str:
    """How a message names a certificate that nobody has, in words."""
    if named.subject_key_id:
        return f"the key {named.subject_key_id}"
    return f"serial number {named.serial_number} of {named.issuer or 'a nameless issuer'}"
