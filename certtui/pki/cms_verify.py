"""Verifies a SignedData (RFC 5652, 5.6): each signer by itself, and in words why one is not good.

The path of a signer's certificate is judged by whoever calls: this module knows keys, not trust.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.cms import CmsIdentity, CmsSigner, CmsVerification
from certtui.model.x509 import X509Facts
from certtui.pki import cms_asn1 as asn1
from certtui.pki import cms_form, der
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.pki.chain import display_name
from certtui.pki.cms_algorithms import (
    Refused,
    SignatureAlgorithm,
    digest_name,
    hash_of,
    pss_digest,
    signature,
    signature_name,
)
from certtui.pki.cms_asn1 import Malformed
from certtui.pki.cms_kinds import content_of
from certtui.pki.cms_sign import CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, SIGNING_TIME
from certtui.pki.cms_signed import Attributes, SignerInfo, fits, read_signed, serial_of
from certtui.pki.cms_usage import for_pss_alone, signing_problem
from certtui.pki.signatures import takes_too_long

SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_MAX_CANDIDATES = 8
"""Certificates tried for one signer: several that go by one name were made by hand."""


class Judgement(NamedTuple):
    """What the caller says of a certificate's path: trusted or not, and one sentence."""

    trusted: bool
    said: str


Judge = Callable[[X509Facts, Sequence[X509Facts]], Judgement]
"""Judges a signer's certificate, with the certificates that came along."""
Find = Callable[[CmsIdentity], Sequence[X509Facts]]
"""Certificates known elsewhere that fit how a message names its signer."""


class _Content:
    """What was signed, each digest of it made once however many signers there are."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._known: dict[str, bytes] = {}

    def digest(self, name: str) -> bytes:
        if name not in self._known:
            self._known[name] = hashlib.new(name, self.octets).digest()
        return self._known[name]


def verify(
    message: bytes, content: bytes | None = None, *, judge: Judge | None = None, find: Find | None = None
) -> CmsVerification:
    """Verify a message, a detached one with its content. Without a judge no signer is trusted.

    Raises `Invalid` for what is no SignedData that is read here; a signature that does not hold is an answer, not an error.
    """
    der_message = cms_form.to_der(message)
    try:
        signed = read_signed(content_of(der_message, asn1.SIGNED_DATA))
    except Malformed as error:
        raise cms_form.unreadable(error) from None
    detached = signed.content is None
    if detached and content is None and signed.signers:
        raise Invalid(
            "The signature is detached: the message does not hold what was signed.",
            "Give the signed content too.",
            field="content",
        )
    if content is not None:
        cms_form.refuse_too_large(content)
    if not detached and content is not None and content != signed.content:
        raise Invalid(
            "The message holds its own content, and it is not the one that was given.",
            "Leave the content out, or give the message that belongs to it.",
            field="content",
        )
    what = _Content((content or b"") if signed.content is None else signed.content)
    signers = tuple(
        _signer(each, signed.content_type, what, signed.certificates, judge, find) for each in signed.signers
    )
    return CmsVerification(
        bool(signers) and all(each.good and each.trusted for each in signers),
        _summary(signers),
        signers,
        detached,
        signed.content or b"",
    )


def _summary(signers: Sequence[CmsSigner]) -> str:
    if not signers:
        return "Not signed: the message has certificates at most, and no signer."
    bad = next((each for each in signers if not each.good), None)
    if bad is not None:
        return f"Not good: the signature of {bad.name}. {bad.problem}"
    distrusted = next((each for each in signers if not each.trusted), None)
    if distrusted is not None:
        return f"The signature is good, but {distrusted.name} is not trusted. {distrusted.path}".strip()
    return f"Good: signed by {' and '.join(each.name for each in signers)}."


def _signer(
    info: SignerInfo,
    content_type: str,
    content: _Content,
    included: Sequence[X509Facts],
    judge: Judge | None,
    find: Find | None,
) -> CmsSigner:
    candidates = [each for each in included if fits(each, info.identity)]
    if not candidates and find is not None:
        candidates = [each for each in find(info.identity) if fits(each, info.identity)]
    problem, algorithm = _content_problem(info, content_type, content)
    certificate = candidates[0] if candidates else None
    if not problem and algorithm is not None:
        problem = "Its certificate is not in the message and not known here."
        for each in candidates[:_MAX_CANDIDATES]:
            certificate = each
            problem = _signature_problem(info, algorithm, each, content)
            if not problem:
                break
    judged = Judgement(False, "")
    if certificate is not None and judge is not None and not problem:
        judged = judge(certificate, included)
    return CmsSigner(
        display_name(certificate) if certificate else serial_of(info.identity),
        certificate.issuer if certificate else info.identity.issuer,
        certificate.serial_number if certificate else info.identity.serial_number,
        certificate.fingerprint_sha256 if certificate else "",
        algorithm.text if algorithm else signature_name(info.algorithm),
        _signed_at(info.attributes),
        not problem,
        problem,
        judged.trusted,
        judged.said,
    )


def _signed_at(attributes: Attributes | None) -> datetime | None:
    try:
        return attributes.time(SIGNING_TIME) if attributes else None
    except Malformed:
        return None


def _content_problem(info: SignerInfo, content_type: str, content: _Content) -> tuple[str, SignatureAlgorithm | None]:
    """Why the content is not what was signed, whoever did it, and the algorithm where it is known."""
    try:
        digest = digest_name(info.digest)
        algorithm = signature(info.algorithm, digest)
    except Refused as reason:
        return f"The signature is not accepted: {reason}.", None
    except Malformed:
        return "The signature's algorithm cannot be read.", None
    if info.attributes is None:
        return _bare_problem(content_type, content, digest, algorithm), algorithm
    try:
        info.attributes.time(SIGNING_TIME)
        kind = info.attributes.single(CONTENT_TYPE)
        stated = info.attributes.single(MESSAGE_DIGEST)
        if kind is None or stated is None:
            return "Its signed attributes lack the content's type or digest (RFC 5652, 5.3).", algorithm
        if kind.oid() != content_type:
            return "The signature was made for a content of another type.", algorithm
        made = content.digest(digest)
        if not hmac.compare_digest(stated.expect(der.OCTET_STRING).content, made):
            return "The content is not what was signed: its digest is another.", algorithm
    except Malformed:
        return "Its signed attributes cannot be read.", algorithm
    return "", algorithm


def _bare_problem(content_type: str, content: _Content, digest: str, algorithm: SignatureAlgorithm) -> str:
    """What stands against a signature over the content alone."""
    if content_type != asn1.DATA:
        return "A content that is not plain data has to be signed with attributes (RFC 5652, 5.3)."
    if algorithm.digest != digest:
        return "The message names two different digests for one signature."
    if _looks_like_attributes(content.octets):
        return "What is signed are the attributes of another message, passed off as a content."
    return ""


def _looks_like_attributes(content: bytes) -> bool:
    """Whether the content is a SET of attributes: a signature over them counts for the content they are about, not for them.

    Whoever has a message with signed attributes could drop the content, and present the attributes as one.
    """
    if content[:1] != b"\x31":
        return False
    try:
        found = [each.children() for each in asn1.whole(content).children()]
        return any(len(parts) == 2 and parts[0].oid() == MESSAGE_DIGEST for parts in found)
    except Malformed:
        return False


def _signature_problem(
    info: SignerInfo, algorithm: SignatureAlgorithm, certificate: X509Facts, content: _Content
) -> str:
    if problem := signing_problem(certificate):
        return f"The certificate's key may not sign: {problem}."
    try:
        if not _named(info.attributes, certificate):
            return "The signature was made for another certificate (signingCertificate, RFC 5035)."
    except Malformed:
        return "Its signed attributes cannot be read."
    return _key_problem(info, algorithm, certificate, content)


def _named(attributes: Attributes | None, certificate: X509Facts) -> bool:
    """Whether the signing certificate attributes, where there are any, name this certificate first (RFC 5035, 3 and 5)."""
    if attributes is None:
        return True
    for oid, default in ((SIGNING_CERTIFICATE_V2, "sha256"), (SIGNING_CERTIFICATE, "sha1")):
        value = attributes.single(oid)
        if value is None:
            continue
        listed = value.expect(der.SEQUENCE).children()
        named = listed[0].expect(der.SEQUENCE).children() if listed else []
        parts = named[0].expect(der.SEQUENCE).children() if named else []
        if not parts:
            raise Malformed("a signing certificate that is not named")
        digest = default
        if default == "sha256" and parts[0].tag == der.SEQUENCE:
            try:
                digest = digest_name(asn1.algorithm(parts.pop(0)))
            except Refused:
                return False
        if (
            not parts
            or parts[0].expect(der.OCTET_STRING).content
            != hashlib.new(digest, certificate.der, usedforsecurity=False).digest()
        ):
            return False
    return True


def _key_problem(info: SignerInfo, algorithm: SignatureAlgorithm, certificate: X509Facts, content: _Content) -> str:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    signed = content if info.attributes is None else _Content(info.attributes.signed)
    try:
        key = x509.load_der_x509_certificate(certificate.der).public_key()
        if takes_too_long(key):
            return "The signature cannot be checked: the exponent of the key is too large."
        if algorithm.kind == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(info.signature, signed.octets)
            return ""
        made, hashed = signed.digest(algorithm.digest), Prehashed(hash_of(algorithm.digest))
        match algorithm.kind:
            case "ecdsa" if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(info.signature, made, ec.ECDSA(hashed))
            case "rsa-pss" if isinstance(key, rsa.RSAPublicKey):
                if for_pss_alone(certificate) and _bound(certificate) not in ("", algorithm.digest):
                    return "The key is bound to another digest."
                salted = padding.PSS(padding.MGF1(hash_of(algorithm.mask)), algorithm.salt)
                key.verify(info.signature, made, salted, hashed)
            case "rsa" if isinstance(key, rsa.RSAPublicKey):
                if for_pss_alone(certificate):
                    return "The key is for RSASSA-PSS signatures alone."
                key.verify(info.signature, made, padding.PKCS1v15(), hashed)
            case kind:
                return f"The certificate's key ({certificate.key_algorithm}) makes no {kind} signatures."
    except InvalidSignature:
        return "The signature was not made with the key of this certificate, or what it covers was changed."
    except UnsupportedAlgorithm:
        return "The signature cannot be checked: its algorithm is not supported here."
    except Exception:
        # Keys that cannot be loaded, parameters that fit no algorithm: the parser raises many kinds on hostile bytes.
        return "The signature cannot be checked."
    return ""


def _bound(certificate: X509Facts) -> str:
    return pss_digest(spki_parts(certificate_parts(certificate.der).spki)[1])
