"""Did this key sign that certificate? One answer for every algorithm, with the reason when not."""

from __future__ import annotations

from functools import lru_cache

from certtui.model.x509 import X509Facts


def signature_problem(certificate: X509Facts, issuer: X509Facts) -> str:
    """Why the issuer's key does not verify the certificate's signature, "" if it does. Names are not compared."""
    return _problem(certificate.der, issuer.der)


@lru_cache(maxsize=4096)
def _problem(certificate: bytes, issuer: bytes) -> str:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        child = x509.load_der_x509_certificate(certificate)
        parent = x509.load_der_x509_certificate(issuer)
    except Exception:
        return "cannot be parsed"
    try:
        child.verify_directly_issued_by(parent)
    except InvalidSignature:
        return "the signature does not verify"
    except UnsupportedAlgorithm:
        return "the signature algorithm is not supported here, so the signature was not checked"
    except Exception:
        # Names that differ, keys that cannot be loaded, parameters that fit no algorithm.
        return _by_hand(child, parent)
    return ""


def _by_hand(child: object, parent: object) -> str:
    return "the signature cannot be checked"
