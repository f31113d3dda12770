"""May this certificate's key be used for that? Kind of key, key usage and validity, each refused with one sentence."""

from __future__ import annotations

from datetime import datetime

from certtui.errors import Invalid
from certtui.model.x509 import X509Facts
from certtui.pki import der
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.pki.chain import display_name
from certtui.pki.cms_algorithms import PSS
from certtui.pki.extensions import KEY_USAGE, key_usage_bits, raw_extensions

_DIGITAL_SIGNATURE, _NON_REPUDIATION, _KEY_ENCIPHERMENT, _KEY_AGREEMENT = 0, 1, 2, 4
_CURVES = ("ec-256", "ec-384", "ec-521", "ec-brainpoolp256r1", "ec-brainpoolp384r1", "ec-brainpoolp512r1")


def require_signing(certificate: X509Facts, now: datetime) -> None:
    """Raises `Invalid` for a certificate whose key may or can not sign a message, today."""
    _require_now(certificate, now, "sign")
    if certificate.key_algorithm == "ed25519":
        # The house's rule is that openssl cms reads what is written here.
        raise Invalid(
            f"{display_name(certificate)} can't sign: Ed25519 signatures in CMS are not written here, "
            "since OpenSSL 3.0 can't verify them.",
            _OTHER,
            field="certificate",
        )
    if problem := signing_problem(certificate):
        raise Invalid(f"{display_name(certificate)} can't sign: {problem}.", _OTHER, field="certificate")


def signing_problem(certificate: X509Facts) -> str:
    """Why no message may be signed by this certificate's key, in words that follow a colon; "" if one may."""
    kind = certificate.key_algorithm
    if not kind.startswith(("rsa-", "ec-")) and kind != "ed25519":
        return f"{_kind(kind)} are not used in CMS here, which knows RSA, EC and Ed25519"
    bits = usage_bits(certificate)
    if bits is not None and not {_DIGITAL_SIGNATURE, _NON_REPUDIATION} & set(bits):
        return "its key usage has neither digitalSignature nor nonRepudiation"
    return ""


def require_encrypting(certificate: X509Facts, now: datetime) -> None:
    """Raises `Invalid` for a certificate to which nothing can or should be encrypted, today."""
    _require_now(certificate, now, "be encrypted to")
    if problem := encryption_problem(certificate):
        raise Invalid(f"{display_name(certificate)} can't be encrypted to: {problem}.", _OTHER, field="certificate")


def require_decrypting(certificate: X509Facts) -> None:
    """Raises `Invalid` for a certificate whose key may not decrypt. An expired one may: what was sent to it stays readable."""
    if problem := encryption_problem(certificate):
        raise Invalid(f"{display_name(certificate)} can't decrypt: {problem}.", _OTHER, field="certificate")


def encryption_problem(certificate: X509Facts) -> str:
    """Why nothing is encrypted to this certificate's key, in words that follow a colon; "" if it can be."""
    kind = certificate.key_algorithm
    bits = usage_bits(certificate)
    if kind.startswith("rsa-"):
        if for_pss_alone(certificate):
            return "its key is for RSASSA-PSS signatures alone"
        return _without(bits, _KEY_ENCIPHERMENT, "keyEncipherment", "an RSA key needs")
    if kind in _CURVES:
        return _without(bits, _KEY_AGREEMENT, "keyAgreement", "an EC key needs")
    return f"{_kind(kind)} can't encrypt here, which RSA keys and EC keys of the usual curves can"


def usage_bits(certificate: X509Facts) -> tuple[int, ...] | None:
    """The bits of keyUsage (RFC 5280, 4.2.1.3); None where it does not say, no bit where it is malformed."""
    found = [each.value for each in raw_extensions(certificate.der) if each.oid == KEY_USAGE]
    try:
        return tuple(key_usage_bits(found[0])) if found else None
    except der.Malformed:
        return ()


def for_pss_alone(certificate: X509Facts) -> bool:
    """Whether the certificate's key may make RSASSA-PSS signatures and nothing else (RFC 4055, 1.2)."""
    return spki_parts(certificate_parts(certificate.der).spki)[0] == PSS


_OTHER = "Choose another certificate, or have one issued that allows it."


def _without(bits: tuple[int, ...] | None, bit: int, name: str, who: str) -> str:
    return "" if bits is None or bit in bits else f"its key usage lacks {name}, which {who}"


def _require_now(certificate: X509Facts, now: datetime, act: str) -> None:
    name = display_name(certificate)
    if now > certificate.not_after:
        raise Invalid(f"{name} can't {act}: it expired {certificate.not_after:%Y-%m-%d}.", _RENEW, field="certificate")
    if now < certificate.not_before:
        raise Invalid(
            f"{name} can't {act}: it is not valid before {certificate.not_before:%Y-%m-%d}.",
            "Choose another certificate.",
            field="certificate",
        )


_RENEW = "Renew it, or choose another certificate."


def _kind(key_algorithm: str) -> str:
    if key_algorithm.startswith("ec-"):
        return f"keys on the curve {key_algorithm[3:]}"
    return "Ed25519 keys" if key_algorithm == "ed25519" else f"{key_algorithm.upper()} keys"
