"""Whether its CA has revoked a certificate, by what the CA publishes: an OCSP answer (RFC 6960) or a CRL (RFC 5280, 5).

The native parsers are used, which hold no lock for long: CRLs of public CAs have hundreds of thousands of entries.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.crl import CrlEntry
from certtui.model.x509 import X509Facts
from certtui.pki.signatures import takes_too_long

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509 import ocsp

SKEW = timedelta(minutes=10)
"""So far the clock of a CA may be ahead."""

_HINT = "It is asked again another day."


def places(leaf: X509Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where its CA says so: addresses of OCSP responders, and of CRLs; empty where the certificate names none."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

    try:
        extensions = x509.load_der_x509_certificate(leaf.der).extensions
    except ValueError:
        return (), ()
    responders: list[str] = []
    lists: list[str] = []
    for extension in extensions:
        if extension.oid == ExtensionOID.AUTHORITY_INFORMATION_ACCESS:
            assert isinstance(extension.value, x509.AuthorityInformationAccess)  # noqa: S101  # by its OID
            ocsp = [each for each in extension.value if each.access_method == AuthorityInformationAccessOID.OCSP]
            responders += _urls(each.access_location for each in ocsp)
        elif extension.oid == ExtensionOID.CRL_DISTRIBUTION_POINTS:
            assert isinstance(extension.value, x509.CRLDistributionPoints)  # noqa: S101  # by its OID
            for point in extension.value:
                # Those of another CA, or of some reasons, are not enough.
                if point.crl_issuer is None and point.reasons is None:
                    lists += _urls(point.full_name or ())
    return tuple(dict.fromkeys(responders)), tuple(dict.fromkeys(lists))


def _urls(names) -> list[str]:  # type: ignore[no-untyped-def]  # general names
    from cryptography import x509

    found = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in found if url.lower().startswith(("http://", "https://"))]


def question(leaf: X509Facts, issuer: X509Facts) -> bytes:
    """The DER OCSPRequest; SHA-1 names the issuer, which every responder knows (RFC 5019, 2.1.1)."""
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate, ocsp

    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load_der_x509_certificate(leaf.der),
        load_der_x509_certificate(issuer.der),
        SHA1(),  # noqa: S303  # it names, and proves nothing
    )
    return builder.build().public_bytes(Encoding.DER)


def by_ocsp(data: bytes, leaf: X509Facts, issuer: X509Facts, now: datetime) -> CrlEntry | None:
    """The revocation that an OCSP answer proves, None where it says `good`. Raises `Invalid` for one that proves nothing."""
    from cryptography import x509
    from cryptography.x509 import ocsp

    try:
        answer = ocsp.load_der_ocsp_response(data)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise _nothing(f"it says {answer.response_status.name.lower().replace('_', ' ')}")
        single = next((each for each in answer.responses if each.serial_number == int(leaf.serial_number, 16)), None)
        if single is None or not _names(single, x509.load_der_x509_certificate(issuer.der)):
            raise _nothing("it is about another certificate")
        _require_fresh(single.this_update_utc, single.next_update_utc, now)
        if not _signed(answer, x509.load_der_x509_certificate(issuer.der), now):
            raise _nothing("its signature is not that of the CA")
        status, reason, at = single.certificate_status, single.revocation_reason, single.revocation_time_utc
    except Invalid:
        raise
    except Exception:
        # Whatever the parser raises on bytes of strangers.
        raise _nothing("it can't be read") from None
    if status is ocsp.OCSPCertStatus.GOOD:
        return None
    if status is not ocsp.OCSPCertStatus.REVOKED or at is None:
        raise _nothing("it does not know the certificate")
    return CrlEntry(leaf.serial_number, at, "unspecified" if reason is None else reason.value)


def by_crl(data: bytes, leaf: X509Facts, issuer: X509Facts, url: str, now: datetime) -> CrlEntry | None:
    """The revocation that a CRL proves, None where it lists none. Raises `Invalid` for one that proves nothing."""
    from cryptography import x509
    from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

    try:
        signer = x509.load_der_x509_certificate(issuer.der)
        crl = x509.load_der_x509_crl(data)
        if crl.issuer != signer.subject or takes_too_long(signer.public_key()):
            raise _nothing("it is that of another CA")
        if not crl.is_signature_valid(signer.public_key()):  # type: ignore[arg-type]  # other kinds raise
            raise _nothing("its signature is not that of the CA")
        _require_fresh(crl.last_update_utc, crl.next_update_utc, now)
        for extension in crl.extensions:
            if extension.oid == ExtensionOID.ISSUING_DISTRIBUTION_POINT:
                _require_scope(extension.value, url)
            elif extension.critical:
                raise _nothing("it says something critical that is not understood, as a delta does")
        entry = crl.get_revoked_certificate_by_serial_number(int(leaf.serial_number, 16))
        if entry is None:
            return None
        reason = "unspecified"
        for each in entry.extensions:
            if each.oid == CRLEntryExtensionOID.CRL_REASON:
                reason = each.value.reason.value
        at = entry.revocation_date_utc
    except Invalid:
        raise
    except Exception:
        raise _nothing("it can't be read") from None
    return None if reason == "removeFromCRL" else CrlEntry(leaf.serial_number, at, reason)


def _require_scope(point: object, url: str) -> None:
    """Raises `Invalid` for a list that does not speak for every revoked certificate that names `url` (5.2.5)."""
    from cryptography import x509

    assert isinstance(point, x509.IssuingDistributionPoint)  # noqa: S101  # by its OID
    if (
        point.only_contains_ca_certs
        or point.only_contains_attribute_certs
        or point.indirect_crl
        or point.only_some_reasons
    ):
        raise _nothing("it is about other certificates")
    if point.full_name and url not in _urls(point.full_name):
        raise _nothing("it is a part that belongs elsewhere")


def _require_fresh(since: datetime, until: datetime | None, now: datetime) -> None:
    if since > now + SKEW or (until is not None and until + SKEW < now):
        raise _nothing("it is not of today")


def _names(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer is about a certificate of this CA (RFC 6960, 4.1.1)."""
    from cryptography.hazmat.primitives.hashes import Hash
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import SubjectKeyIdentifier

    digest = Hash(single.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    if digest.finalize() != single.issuer_name_hash:
        return False
    if single.hash_algorithm.name == "sha1":
        return SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest == single.issuer_key_hash
    from certtui.pki.facts import x509_facts
    from certtui.pki.ocsp_request import issuer_hashes

    facts = x509_facts(issuer.public_bytes(Encoding.DER))
    return issuer_hashes(facts, single.hash_algorithm.name)[1] == single.issuer_key_hash.hex()


def _signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> bool:
    """Whether the CA signed it, or a responder that the CA made for that (RFC 6960, 4.2.2.2)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signers = [issuer]
    for each in answer.certificates[:4]:
        usages = [ext.value for ext in each.extensions if isinstance(ext.value, x509.ExtendedKeyUsage)]
        if usages and ExtendedKeyUsageOID.OCSP_SIGNING in usages[0]:
            if not each.not_valid_before_utc - SKEW <= now <= each.not_valid_after_utc:
                continue
            try:
                each.verify_directly_issued_by(issuer)
            except Exception:  # noqa: S112  # a signature of another CA, or of a kind that is not known here
                continue
            signers.append(each)
    return any(_verifies(answer, each) for each in signers)


def _verifies(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    key, digest = signer.public_key(), answer.signature_hash_algorithm
    if takes_too_long(key):
        return False
    try:
        match key:
            case rsa.RSAPublicKey() if digest is not None:
                key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
            case ec.EllipticCurvePublicKey() if digest is not None:
                key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(digest))
            case ed25519.Ed25519PublicKey():
                key.verify(answer.signature, answer.tbs_response_bytes)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _nothing(why: str) -> Invalid:
    return Invalid(f"What the CA publishes proves nothing: {why}.", _HINT)
