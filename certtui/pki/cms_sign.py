"""Makes a SignedData (RFC 5652, 5) with one signer, its chain, and the signed attributes that readers want."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.cms import DIGESTS, SignOptions
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import cms_asn1 as asn1
from certtui.pki import cms_form, der
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.pki.cms_algorithms import (
    DIGEST_OIDS,
    ECDSA_OIDS,
    PSS,
    RSA,
    hash_of,
    pss_digest,
    pss_identifier,
)
from certtui.pki.cms_key import load_for
from certtui.pki.cms_usage import require_signing

if TYPE_CHECKING:
    from certtui.pki.cms_key import Key

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"


def sign(
    content: bytes,
    certificate: X509Facts,
    pkcs8: Secret,
    chain: Sequence[bytes],
    options: SignOptions,
    now: datetime,
) -> bytes:
    """Sign a content with a certificate's key; `chain` are DER certificates that go along.

    Raises `Invalid` for what the certificate may not do, and for options that don't fit its key.
    """
    cms_form.check_form(options.form)
    cms_form.refuse_too_large(content)
    require_signing(certificate, now)
    digest, pss = _settled(certificate, options)
    key = load_for(certificate, pkcs8)
    attributes = _attributes(content, certificate, digest, now)
    algorithm, signature = _signed(key, der.encode(der.SET, attributes), digest, pss)
    digest_identifier = asn1.identifier(DIGEST_OIDS[digest])
    parts = certificate_parts(certificate.der)
    signer = asn1.sequence(
        asn1.small(1),
        asn1.sequence(parts.issuer, der.encode(der.INTEGER, parts.serial)),
        digest_identifier,
        der.encode(0xA0, attributes),
        algorithm,
        asn1.octets(signature),
    )
    inside = () if options.detached else asn1.around(0xA0, asn1.around(der.OCTET_STRING, content))
    signed = asn1.around(
        der.SEQUENCE,
        asn1.small(1),
        asn1.set_of([digest_identifier]),
        asn1.around(der.SEQUENCE, asn1.oid(asn1.DATA), inside),
        asn1.set_of({certificate.der, *chain}, 0xA0),
        asn1.set_of([signer]),
    )
    return cms_form.written(asn1.wrapped_info(asn1.SIGNED_DATA, signed), options.form)


def _settled(certificate: X509Facts, options: SignOptions) -> tuple[str, bool]:
    """The digest and whether to sign by PSS. Raises `Invalid`."""
    if options.digest not in DIGESTS:
        raise Invalid(
            f"“{options.digest}” is not a digest to sign with.", f"Choose {', '.join(DIGESTS)}.", field="digest"
        )
    kind = certificate.key_algorithm
    digest = options.digest
    if not kind.startswith("rsa-"):
        if options.pss:
            raise Invalid(f"RSASSA-PSS is for RSA keys; this one is {kind}.", "Sign without it.", field="pss")
        return digest, False
    oid, parameters, _ = spki_parts(certificate_parts(certificate.der).spki)
    if oid != PSS:
        return digest, options.pss
    bound = pss_digest(parameters)
    if bound not in ("", digest):
        raise Invalid(f"The certificate's key is bound to RSASSA-PSS with {bound}.", f"Choose {bound}.", field="digest")
    return digest, True


def _attributes(content: bytes, certificate: X509Facts, digest: str, now: datetime) -> bytes:
    """The signed attributes in DER order, without the tag around them: [0] in the message, SET when signed (RFC 5652, 5.4)."""
    # signingCertificateV2: SEQUENCE { certs SEQUENCE OF ESSCertIDv2 { certHash by SHA-256, the default } } (RFC 5035, 3).
    own = asn1.sequence(asn1.sequence(asn1.sequence(asn1.octets(hashlib.sha256(certificate.der).digest()))))
    found = (
        _attribute(CONTENT_TYPE, asn1.oid(asn1.DATA)),
        _attribute(SIGNING_TIME, _time(now)),
        _attribute(MESSAGE_DIGEST, asn1.octets(hashlib.new(digest, content).digest())),
        _attribute(SIGNING_CERTIFICATE_V2, own),
    )
    return b"".join(sorted(found))


def _attribute(oid: str, value: bytes) -> bytes:
    return asn1.sequence(asn1.oid(oid), der.encode(der.SET, value))


def _time(now: datetime) -> bytes:
    """UTCTime through 2049, GeneralizedTime after (RFC 5652, 11.3)."""
    if 1950 <= now.year < 2050:
        return der.encode(23, f"{now:%y%m%d%H%M%SZ}".encode())
    return der.encode(24, f"{now.year:04}{now:%m%d%H%M%SZ}".encode())


def _signed(key: Key, data: bytes, digest: str, pss: bool) -> tuple[bytes, bytes]:
    """The AlgorithmIdentifier of the signature, and the signature."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    hashed = hash_of(digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return asn1.identifier(ECDSA_OIDS[digest]), key.sign(data, ec.ECDSA(hashed))
    try:
        if pss:
            salted = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
            return pss_identifier(digest), key.sign(data, salted, hashed)
        # As OpenSSL writes it; sha256WithRSAEncryption would say the digest once more (RFC 5754, 3.2).
        return asn1.identifier(RSA, asn1.NULL), key.sign(data, padding.PKCS1v15(), hashed)
    except ValueError:
        raise Invalid(f"The RSA key is too short to sign with {digest}.", "Choose a shorter digest.") from None
