"""Opens an encrypted message with the key of one certificate.

Whatever goes wrong behind the message's structure, key, padding or content, is one and the same error, and where an RSA
key gives no content key a random one takes its place (RFC 3218, 2.3): an answer that tells these apart would decrypt other
messages for whoever may ask often enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.cms import CmsIdentity, Decrypted
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import cms_asn1 as asn1
from certtui.pki import cms_form
from certtui.pki.cms_algorithms import OAEP, RSA, Refused, oaep
from certtui.pki.cms_asn1 import Malformed
from certtui.pki.cms_ciphers import Cannot, decrypted
from certtui.pki.cms_ecdh import SCHEMES, random_key, unwrapped
from certtui.pki.cms_enveloped import Agreement, Enveloped, Recipient, Transport, read_enveloped
from certtui.pki.cms_key import load_for
from certtui.pki.cms_signed import fits, serial_of
from certtui.pki.cms_usage import require_decrypting

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from certtui.pki.cms_key import Key


def recipients(message: bytes) -> tuple[CmsIdentity, ...]:
    """Whom a message is encrypted to, as it names them. Raises `Invalid`."""
    return tuple(each.identity for each in read_enveloped(message).recipients)


def decrypt(message: bytes, certificate: X509Facts, pkcs8: Secret) -> Decrypted:
    """Open a message. Raises `Invalid`: not for this certificate, not read here, or it can't be decrypted."""
    require_decrypting(certificate)
    found = read_enveloped(message)
    mine = [each for each in found.recipients if fits(certificate, each.identity)]
    if not mine:
        raise Invalid(_not_for(found), _hint(found), field="certificate")
    key = load_for(certificate, pkcs8)
    try:
        way, content_key = _content_key(mine[0], key, found.cipher.key_size)
        content = decrypted(found.cipher, content_key, found.data, found.tag, found.associated)
    except Refused as reason:
        raise Invalid(f"The message is not decrypted: {reason}.", _AGAIN, field="message") from None
    except Malformed as error:
        raise cms_form.unreadable(error) from None
    except Cannot:
        raise Invalid(
            "The message can't be decrypted with this key: it was changed, or made for another one.",
            "Have it sent again.",
            field="message",
        ) from None
    return Decrypted(content, found.cipher.name, way, found.cipher.authenticated)


_AGAIN = "Have it encrypted again, with RSA-OAEP, RSA or ephemeral ECDH."


def _not_for(found: Enveloped) -> str:
    named = [serial_of(each.identity) for each in found.recipients]
    if not named:
        return f"The message is not encrypted to a certificate, but to {' and '.join(found.others) or 'nobody'}."
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"The message is not encrypted to this certificate, but to {'; '.join(named[:3])}{more}."


def _hint(found: Enveloped) -> str:
    return (
        "Choose the certificate that it is encrypted to." if found.recipients else "Have it encrypted to a certificate."
    )


def _content_key(recipient: Recipient, key: Key, size: int) -> tuple[str, bytes]:
    """How the content key was protected, and the key. Raises `Cannot`, `Refused`, `Malformed`."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(recipient, Transport) and isinstance(key, rsa.RSAPrivateKey):
        return _transported(recipient, key, size)
    if isinstance(recipient, Agreement) and isinstance(key, ec.EllipticCurvePrivateKey):
        digest = SCHEMES.get(recipient.algorithm.oid, "")
        if not digest:
            raise Refused(f"its key agreement {recipient.algorithm.oid} is not one that is read here")
        if not recipient.point:
            raise Refused("the sender used a key of a certificate instead of a fresh one")
        if recipient.algorithm.parameters is None:
            raise Malformed("a key agreement without a key wrap")
        wrap = asn1.algorithm(recipient.algorithm.parameters)
        content_key = unwrapped(key, recipient.point, digest, wrap, recipient.ukm, recipient.wrapped)
        return f"ecdh {digest}", content_key if len(content_key) == size else random_key(size)
    raise Refused("its way to encrypt the content key does not fit the certificate's kind of key")


def _transported(recipient: Transport, key: RSAPrivateKey, size: int) -> tuple[str, bytes]:
    from cryptography.hazmat.primitives.asymmetric import padding

    chosen: padding.AsymmetricPadding
    if recipient.algorithm.oid == OAEP:
        digest, chosen = oaep(recipient.algorithm)
        way = f"rsa-oaep {digest}"
    elif recipient.algorithm.oid == RSA:
        chosen = padding.PKCS1v15()
        way = "rsa-pkcs1"
    else:
        raise Refused(f"its key encryption {recipient.algorithm.oid} is not one that is read here")
    stand_in = random_key(size)
    try:
        content_key = key.decrypt(recipient.wrapped, chosen)
    except ValueError:
        content_key = b""
    return way, content_key if len(content_key) == size else stand_in
