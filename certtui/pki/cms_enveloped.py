"""Takes an EnvelopedData (RFC 5652, 6) or AuthEnvelopedData (RFC 5083) apart: recipients, cipher, and the encrypted content."""

from __future__ import annotations

from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.cms import CmsIdentity
from certtui.pki import cms_asn1 as asn1
from certtui.pki import cms_form, der
from certtui.pki.cms_algorithms import Refused
from certtui.pki.cms_asn1 import AUTH_ENVELOPED_DATA, ENVELOPED_DATA, Algorithm, Element, Malformed
from certtui.pki.cms_ciphers import ContentCipher, read_cipher
from certtui.pki.cms_ecdh import EC_KEY
from certtui.pki.cms_kinds import typed_content
from certtui.pki.cms_signed import identity

_OTHER_RECIPIENTS = {
    0xA2: "a key that both sides have (KEKRecipientInfo)",
    0xA3: "a password (PasswordRecipientInfo)",
    0xA4: "a recipient of another kind (OtherRecipientInfo)",
}


class Transport(NamedTuple):
    """A content key encrypted to an RSA key (RFC 5652, 6.2.1)."""

    identity: CmsIdentity
    algorithm: Algorithm
    wrapped: bytes


class Agreement(NamedTuple):
    """A content key wrapped by what the sender's and one recipient's key agree on (RFC 5652, 6.2.2)."""

    identity: CmsIdentity
    algorithm: Algorithm
    point: bytes
    """Of the sender's ephemeral key; b"" where its key is another one, which is not read."""
    ukm: bytes | None
    wrapped: bytes


Recipient = Transport | Agreement


class Enveloped(NamedTuple):
    """A message taken apart. `others` are the kinds of recipients that are not certificates, in words."""

    recipients: tuple[Recipient, ...]
    others: tuple[str, ...]
    cipher: ContentCipher
    data: bytes
    tag: bytes
    associated: bytes
    """What is authenticated beside the content: the authenticated attributes with the tag of a SET (RFC 5083, 2.2)."""


def read_enveloped(message: bytes) -> Enveloped:
    """Take an encrypted message in any form apart. Raises `Invalid`."""
    data = cms_form.to_der(message)
    try:
        kind, content = typed_content(data, ENVELOPED_DATA, AUTH_ENVELOPED_DATA)
        return _enveloped(content, authenticated=kind == AUTH_ENVELOPED_DATA)
    except Refused as reason:
        raise Invalid(f"The message is not decrypted: {reason}.", _AGAIN, field="message") from None
    except Malformed as error:
        raise cms_form.unreadable(error) from None


_AGAIN = "Have it encrypted again, with AES in GCM or CBC."


def _enveloped(element: Element, *, authenticated: bool) -> Enveloped:
    _, *parts = element.expect(der.SEQUENCE).children(3)
    if parts and parts[0].tag == 0xA0:
        parts.pop(0)  # originatorInfo: certificates of the sender, of use to static keys alone
    if len(parts) < 2:
        raise Malformed("recipients and an encrypted content")
    listed, inside, *rest = parts
    recipients: list[Recipient] = []
    others: list[str] = []
    for each in listed.expect(der.SET).children():
        if each.tag == der.SEQUENCE:
            recipients.append(_transport(each))
        elif each.tag == 0xA1:
            recipients += _agreements(each)
        else:
            others.append(_OTHER_RECIPIENTS.get(each.tag, "a recipient of an unknown kind"))
        if len(recipients) > asn1.MAX_ELEMENTS:
            raise Malformed("more recipients than anything honest has")
    info = inside.expect(der.SEQUENCE).children()
    if len(info) == 2:
        raise Invalid("The message does not hold the encrypted content.", "Give a message that does.", field="message")
    if len(info) != 3:
        raise Malformed("an encrypted content has a type, a cipher and octets")
    cipher = read_cipher(asn1.algorithm(info[1]))
    if cipher.authenticated is not authenticated:
        raise Refused(f"{cipher.name} does not belong into a message of this kind")
    if info[2].tag == 0xA0:
        raise asn1.Indefinite("octets in pieces")
    data = info[2].expect(0x80).content
    if not authenticated:
        return Enveloped(tuple(recipients), tuple(others), cipher, data, b"", b"")
    associated = b""
    if rest and rest[0].tag == 0xA1:
        associated = b"\x31" + rest.pop(0).raw[1:]
    if not rest:
        raise Malformed("an authenticated content has a tag")
    tag = rest[0].expect(der.OCTET_STRING).content
    if len(tag) != cipher.tag_size:
        raise Malformed("a tag as long as the message says")
    return Enveloped(tuple(recipients), tuple(others), cipher, data, tag, associated)


def _transport(element: Element) -> Transport:
    parts = element.children()
    if len(parts) != 4:
        raise Malformed("a key transport has four parts")
    _, named, algorithm, wrapped = parts
    return Transport(identity(named), asn1.algorithm(algorithm), wrapped.expect(der.OCTET_STRING).content)


def _agreements(element: Element) -> list[Agreement]:
    """One for each recipient of a KeyAgreeRecipientInfo."""
    _, originator, *rest = element.children(2)
    point = _point(originator.expect(0xA0).only())
    ukm = rest.pop(0).only().expect(der.OCTET_STRING).content if rest and rest[0].tag == 0xA1 else None
    if len(rest) != 2:
        raise Malformed("a key agreement ends with its recipients")
    algorithm = asn1.algorithm(rest[0])
    found = []
    for each in rest[1].expect(der.SEQUENCE).children():
        parts = each.expect(der.SEQUENCE).children()
        if len(parts) != 2:
            raise Malformed("a recipient has a name and a wrapped key")
        named, wrapped = parts
        found.append(Agreement(_named(named), algorithm, point, ukm, wrapped.expect(der.OCTET_STRING).content))
    return found


def _point(originator: Element) -> bytes:
    """The sender's ephemeral key, b"" where it is named by a certificate instead."""
    if originator.tag != 0xA1:
        return b""
    parts = originator.children()
    if len(parts) != 2 or asn1.algorithm(parts[0]).oid != EC_KEY:
        return b""
    return parts[1].expect(der.BIT_STRING).content[1:]


def _named(element: Element) -> CmsIdentity:
    """KeyAgreeRecipientIdentifier: issuerAndSerialNumber, or [0] with the key identifier first (RFC 5652, 6.2.2)."""
    if element.tag == 0xA0:
        first = element.children()[:1]
        if not first:
            raise Malformed("a recipient without a name")
        return CmsIdentity(subject_key_id=first[0].expect(der.OCTET_STRING).content.hex())
    return identity(element)
