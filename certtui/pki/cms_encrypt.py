"""Makes an encrypted message: AuthEnvelopedData (RFC 5083) with GCM, EnvelopedData (RFC 5652, 6) with CBC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.errors import Invalid
from certtui.model.cms import CIPHERS, OAEP, PKCS1, RSA_ENCRYPTIONS, EncryptOptions
from certtui.model.x509 import X509Facts
from certtui.pki import cms_asn1 as asn1
from certtui.pki import cms_form, der
from certtui.pki.certificate_parts import certificate_parts
from certtui.pki.chain import display_name
from certtui.pki.cms_algorithms import RSA, hash_of, oaep_identifier
from certtui.pki.cms_ciphers import encrypted
from certtui.pki.cms_ecdh import EC_KEY, wrapped_for
from certtui.pki.cms_usage import require_encrypting

MAX_RECIPIENTS = 256
_OAEP_DIGEST = "sha256"


def encrypt(content: bytes, certificates: Sequence[X509Facts], options: EncryptOptions, now: datetime) -> bytes:
    """Encrypt a content so that the key of any of these certificates opens it.

    Raises `Invalid` for a certificate to which nothing may be encrypted, and for options that are none.
    """
    cms_form.check_form(options.form)
    cms_form.refuse_too_large(content)
    _check(certificates, options)
    for each in certificates:
        require_encrypting(each, now)
    made = encrypted(options.cipher, content)
    distinct = {each.fingerprint_sha256: each for each in certificates}.values()
    recipients = [_recipient(each, made.key, options.rsa) for each in distinct]
    inside = asn1.around(der.SEQUENCE, asn1.oid(asn1.DATA), made.identifier, asn1.around(0x80, *made.data))
    if made.tag:
        message = asn1.around(der.SEQUENCE, asn1.small(0), asn1.set_of(recipients), inside, asn1.octets(made.tag))
        return cms_form.written(asn1.wrapped_info(asn1.AUTH_ENVELOPED_DATA, message), options.form)
    # Version 0 is for key transport by issuer and serial number alone (RFC 5652, 6.1).
    version = 0 if all(each[0] == der.SEQUENCE for each in recipients) else 2
    message = asn1.around(der.SEQUENCE, asn1.small(version), asn1.set_of(recipients), inside)
    return cms_form.written(asn1.wrapped_info(asn1.ENVELOPED_DATA, message), options.form)


def _check(certificates: Sequence[X509Facts], options: EncryptOptions) -> None:
    if options.cipher not in CIPHERS:
        raise Invalid(
            f"“{options.cipher}” is not a cipher to encrypt with.", f"Choose {', '.join(CIPHERS)}.", field="cipher"
        )
    if options.rsa not in RSA_ENCRYPTIONS:
        raise Invalid(
            f"“{options.rsa}” is not a way to encrypt to an RSA key.", f"Choose {OAEP} or {PKCS1}.", field="rsa"
        )
    if not certificates:
        raise Invalid("There is no certificate to encrypt to.", "Name at least one.", field="certificate")
    if len(certificates) > MAX_RECIPIENTS:
        raise Invalid(
            f"A message is encrypted to {MAX_RECIPIENTS} certificates at most.", "Name fewer.", field="certificate"
        )


def _recipient(certificate: X509Facts, content_key: bytes, rsa_way: str) -> bytes:
    """One RecipientInfo, by issuer and serial number."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    parts = certificate_parts(certificate.der)
    named = asn1.sequence(parts.issuer, der.encode(der.INTEGER, parts.serial))
    try:
        key = x509.load_der_x509_certificate(certificate.der).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            return _agreement(key, named, content_key)
        if isinstance(key, rsa.RSAPublicKey):
            return _transport(key, named, content_key, rsa_way)
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise Invalid(f"Nothing can be encrypted to the key of {display_name(certificate)}.", field="certificate")


def _transport(key: object, named: bytes, content_key: bytes, way: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101  # as the caller saw
    if way == PKCS1:
        algorithm = asn1.identifier(RSA, asn1.NULL)
        wrapped = key.encrypt(content_key, padding.PKCS1v15())
    else:
        digest = hash_of(_OAEP_DIGEST)
        algorithm = oaep_identifier(_OAEP_DIGEST)
        wrapped = key.encrypt(content_key, padding.OAEP(padding.MGF1(digest), digest, None))
    return asn1.sequence(asn1.small(0), named, algorithm, asn1.octets(wrapped))


def _agreement(key: object, named: bytes, content_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec

    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101  # as the caller saw
    point, algorithm, wrapped = wrapped_for(key, content_key)
    sender = der.encode(0xA1, asn1.identifier(EC_KEY) + der.encode(der.BIT_STRING, b"\0" + point))
    listed = asn1.sequence(asn1.sequence(named, asn1.octets(wrapped)))
    return der.encode(0xA1, asn1.small(3) + der.encode(0xA0, sender) + algorithm + listed)
