"""Loads the private key of a certificate for one use in CMS, and makes sure that the two belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki.certificate_parts import certificate_parts, spki_parts

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Key = RSAPrivateKey | EllipticCurvePrivateKey


def load_for(certificate: X509Facts, pkcs8: Secret) -> Key:
    """The loaded key. Raises `Invalid` where it is not that of the certificate, or of no kind that CMS is made with."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

    try:
        # Its numbers were checked when it was first read. Doing so again takes 200 ms for RSA with 4096 bits, in which the
        # interpreter stands still (measured).
        key = load_der_private_key(pkcs8.reveal(), None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("The private key cannot be loaded.") from None
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise Invalid("The private key is of a kind that is not used in CMS here.", field="certificate")
    # The bits alone: an RSA key that is bound to PSS loads as a plain one.
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if spki_parts(public)[2] != spki_parts(certificate_parts(certificate.der).spki)[2]:
        raise Invalid("The private key is not that of the certificate.", field="certificate")
    return key
