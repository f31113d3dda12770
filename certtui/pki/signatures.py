"""Did this key sign that certificate? One answer for every algorithm, with the reason when not."""

from __future__ import annotations

from functools import lru_cache

from certtui.model.x509 import X509Facts


def signature_problem(certificate: X509Facts, issuer: X509Facts) -> str:
    """Why the issuer's name and key do not fit the certificate's signature, "" if they do; begins in lower case."""
    return _problem(certificate.der, issuer.der)


_MAX_EXPONENT_BITS = 64
"""As OpenSSL has it for large keys; with a smaller one it lets an exponent be as long as the modulus, a hundred times the work."""


@lru_cache(maxsize=1024)
def _problem(certificate: bytes, issuer: bytes) -> str:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        child = x509.load_der_x509_certificate(certificate)
        signer = x509.load_der_x509_certificate(issuer)
        if takes_too_long(signer.public_key()):
            return "the signature cannot be checked: the exponent is too large"
        child.verify_directly_issued_by(signer)
    except InvalidSignature:
        return "the signature does not verify"
    except UnsupportedAlgorithm:
        return "the signature cannot be checked: its algorithm is not supported here"
    except Exception:
        # Keys that cannot be loaded, parameters that fit no algorithm: the parser raises many kinds on hostile bytes.
        return "the signature cannot be checked"
    return ""


def takes_too_long(key: object) -> bool:
    """Whether checking a signature by this public key would take far longer than an honest one does."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    return isinstance(key, RSAPublicKey) and key.public_numbers().e.bit_length() > _MAX_EXPONENT_BITS
