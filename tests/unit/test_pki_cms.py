"""Signing a message and verifying it: who, when, whether it holds, and why not."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from certtui.errors import Invalid
from certtui.model.cms import SignOptions
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import cms, cms_form, cms_sign, der
from certtui.pki import cms_asn1 as asn1
from tests.certs import NOW, Made, make_cert, make_chain

CONTENT = b"Pay 100 to Alice."
ADA = make_cert("Ada Signs", server=False)
RSA = make_cert("Rivest", kind="rsa-2048", server=False)
DER = SignOptions(form="der")


def trusting(certificate: X509Facts, included: object) -> cms.Judgement:
    return cms.Judgement(True, "")


def sign(
    made: Made = ADA, content: bytes = CONTENT, options: SignOptions = DER, chain: tuple[bytes, ...] = ()
) -> bytes:
    return cms.sign(content, made.facts, Secret(made.key_der), chain, options, NOW)


def usage(**allowed: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    others = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in (*names, *others)})


def problem_of(message: bytes, content: bytes | None = None) -> str:
    found = cms.verify(message, content, judge=trusting)
    assert not found.valid
    assert not found.signers[0].good
    return found.signers[0].problem


def test_a_signature_says_who_signed_what_and_when() -> None:
    leaf, issuing, _ = make_chain("Ada Signs", number=50, server=False)
    found = cms.verify(sign(leaf, chain=(issuing.der,)), judge=trusting)
    (signer,) = found.signers
    assert (found.valid, found.content, found.detached) == (True, CONTENT, False)
    assert found.summary == "Good: signed by Ada Signs."
    assert (signer.name, signer.issuer, signer.algorithm) == ("Ada Signs", "CN=Test Issuing CA 50.0", "ecdsa sha256")
    assert (signer.signed_at, signer.fingerprint_sha256) == (NOW, leaf.facts.fingerprint_sha256)


def test_the_judge_gets_the_certificate_and_what_came_with_it_and_has_the_word_on_trust() -> None:
    leaf, issuing, _ = make_chain("Ada Signs", number=50, server=False)
    seen = []

    def judge(certificate: X509Facts, included: object) -> cms.Judgement:
        seen.append((certificate, included))
        return cms.Judgement(False, "Incomplete: the issuer “X” is missing.")

    found = cms.verify(sign(leaf, chain=(issuing.der,)), judge=judge)
    assert [certificate for certificate, _ in seen] == [leaf.facts]
    assert {each.der for each in seen[0][1]} == {leaf.der, issuing.der}
    assert (found.valid, found.signers[0].good, found.signers[0].trusted) == (False, True, False)
    assert (
        found.summary == "The signature is good, but Ada Signs is not trusted. Incomplete: the issuer “X” is missing."
    )


def test_nobody_is_trusted_without_a_judge() -> None:
    found = cms.verify(sign())
    assert (found.valid, found.signers[0].good) == (False, True)


def test_a_changed_content_is_told_from_a_changed_signature() -> None:
    message = sign()
    assert (
        problem_of(message.replace(b"Alice", b"Malet")) == "The content is not what was signed: its digest is another."
    )
    broken = message[:-1] + bytes([message[-1] ^ 1])
    assert problem_of(broken).startswith("The signature was not made with the key of this certificate")


def test_a_detached_signature_wants_its_content() -> None:
    message = sign(options=SignOptions(detached=True))
    assert cms.verify(message, CONTENT, judge=trusting).valid
    assert problem_of(message, b"") == "The content is not what was signed: its digest is another."
    with pytest.raises(Invalid, match="does not hold what was signed"):
        cms.verify(message)


def test_a_content_beside_an_attached_one_has_to_be_the_same() -> None:
    assert cms.verify(sign(), CONTENT, judge=trusting).valid
    with pytest.raises(Invalid, match="not the one that was given"):
        cms.verify(sign(), b"Pay 100 to Mallory.")


def test_an_empty_content_is_a_content() -> None:
    assert cms.verify(sign(content=b""), judge=trusting).valid
    assert cms.verify(sign(content=b"", options=SignOptions(detached=True)), b"", judge=trusting).valid


def test_a_message_without_a_signer_is_not_signed() -> None:
    from certtui.pki.pkcs7 import encode

    found = cms.verify(encode([ADA.der]), judge=trusting)
    assert (found.valid, found.signers) == (False, ())
    assert found.summary.startswith("Not signed")


def test_pss_is_for_rsa_keys() -> None:
    assert cms.verify(sign(RSA, options=SignOptions(pss=True)), judge=trusting).signers[0].algorithm == "rsa-pss sha256"
    with pytest.raises(Invalid, match="RSASSA-PSS is for RSA keys; this one is ec-256") as refused:
        sign(options=SignOptions(pss=True))
    assert refused.value.field == "pss"


@pytest.mark.parametrize(("options", "field"), [(SignOptions("md5"), "digest"), (SignOptions(form="xml"), "form")])
def test_options_that_are_none_are_refused(options: SignOptions, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign(options=options)
    assert refused.value.field == field


NO_USAGE = make_cert("Enc Only", server=False, key_usage=usage(key_agreement=True))
REPUDIABLE = make_cert("Notary", server=False, key_usage=usage(content_commitment=True))


def test_the_key_usage_has_to_allow_signing() -> None:
    sign(REPUDIABLE)
    with pytest.raises(Invalid) as refused:
        sign(NO_USAGE)
    said = "Enc Only can't sign: its key usage has neither digitalSignature nor nonRepudiation."
    assert refused.value.message == said


def test_a_signature_by_a_key_that_may_not_sign_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cms_sign, "require_signing", lambda certificate, now: None)
    message = sign(NO_USAGE)
    monkeypatch.undo()
    assert problem_of(message).startswith("The certificate's key may not sign: its key usage has neither")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("ml-dsa-65", "x can't sign: ML-DSA-65 keys are not used in CMS here, which knows RSA, EC and Ed25519."),
        (
            "ed25519",
            "x can't sign: Ed25519 signatures in CMS are not written here, since OpenSSL 3.0 can't verify them.",
        ),
    ],
)
def test_kinds_of_keys_that_are_not_written_are_refused(kind: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign(make_cert("x", kind=kind, server=False))
    assert refused.value.message == said


def test_who_is_expired_or_not_yet_valid_does_not_sign() -> None:
    old = make_cert("Old", server=False, not_before=NOW - timedelta(days=40), days=10)
    with pytest.raises(Invalid, match="Old can't sign: it expired 2026-05-16"):
        sign(old)
    with pytest.raises(Invalid, match="is not valid before 2026-06-20"):
        sign(make_cert("New", server=False, not_before=NOW + timedelta(days=5)))


def test_a_key_that_is_not_the_certificates_signs_nothing() -> None:
    with pytest.raises(Invalid, match="not that of the certificate"):
        cms.sign(CONTENT, ADA.facts, Secret(make_cert(number=9).key_der), [], DER, NOW)


def test_a_key_that_is_bound_to_pss_signs_by_pss_alone() -> None:
    bound = pss_bound()
    found = cms.verify(sign(bound), judge=trusting)
    assert (found.valid, found.signers[0].algorithm) == (True, "rsa-pss sha256")
    with pytest.raises(Invalid, match="bound to RSASSA-PSS with sha256"):
        sign(bound, options=SignOptions("sha512"))


def pss_bound() -> Made:
    """A certificate whose key says RSASSA-PSS with SHA-256: the octets of another one with the algorithm replaced, signed anew."""
    from certtui.pki.certificate_parts import certificate_parts, spki_parts
    from certtui.pki.cms_algorithms import pss_identifier

    spki = certificate_parts(RSA.der).spki
    bits = der.encode(der.BIT_STRING, b"\0" + spki_parts(spki)[2])
    start, stop = der.expect(RSA.der, 0, len(RSA.der), der.SEQUENCE)
    at, end = der.expect(RSA.der, start, stop, der.SEQUENCE)
    tbs = der.encode(der.SEQUENCE, RSA.der[at:end].replace(spki, asn1.sequence(pss_identifier("sha256"), bits)))
    algorithm = certificate_parts(RSA.der).signature_algorithm
    signature = RSA.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    whole = asn1.sequence(tbs, algorithm, der.encode(der.BIT_STRING, b"\0" + signature))
    return Made(x509.load_der_x509_certificate(whole), RSA.key)


ATTRIBUTE = {
    "an attribute is missing": (
        lambda found: [each for each in found if b"\x09\x04" not in each[:14]],
        "lack the content's",
    ),
    "an attribute is there twice": (lambda found: [*found, found[0]], "cannot be read"),
    "an attribute has two values": (
        lambda found: (
            [asn1.sequence(asn1.oid(cms_sign.MESSAGE_DIGEST), asn1.set_of([asn1.octets(b"a"), asn1.octets(b"b")]))]
            + [each for each in found if b"\x09\x04" not in each[:14]]
        ),
        "cannot be read",
    ),
    "the content's type is another": (
        lambda found: [each.replace(der.undotted(asn1.DATA), der.undotted(asn1.SIGNED_DATA)) for each in found],
        "for a content of another type",
    ),
    "another certificate is named": (
        lambda found: [each[:-32] + b"\0" * 32 if b"\x10\x02\x2f" in each[:16] else each for each in found],
        "made for another certificate",
    ),
    "the time is none": (lambda found: [each.replace(b"260615", b"269915") for each in found], "cannot be read"),
}


@pytest.mark.parametrize("what", ATTRIBUTE)
def test_signed_attributes_have_to_be_in_order(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is signed as it is: it is the rules of RFC 5652 that it breaks."""
    change, said = ATTRIBUTE[what]
    plain = cms_sign._attributes

    def changed(*given: object) -> bytes:
        found = asn1.whole(der.encode(der.SET, plain(*given))).children()  # type: ignore[arg-type]
        return b"".join(sorted(change([each.raw for each in found])))

    monkeypatch.setattr(cms_sign, "_attributes", changed)
    assert said in problem_of(sign())


def test_the_attributes_of_one_message_are_not_the_content_of_another() -> None:
    """Who drops content and attributes, and gives the attributes as the content, has a signature that fits it octet by octet."""
    signed = asn1.content_info(sign())[1].children()
    info = signed[-1].only()
    version, named, digest, attributes, algorithm, signature = info.children()
    bare = asn1.sequence(version.raw, named.raw, digest.raw, algorithm.raw, signature.raw)
    content = asn1.sequence(asn1.oid(asn1.DATA), der.encode(0xA0, asn1.octets(b"\x31" + attributes.raw[1:])))
    forged = asn1.sequence(signed[0].raw, signed[1].raw, content, signed[3].raw, asn1.set_of([bare]))
    message = asn1.wrapped_info(asn1.SIGNED_DATA, forged)
    assert problem_of(message) == "What is signed are the attributes of another message, passed off as a content."


def test_one_bad_signature_among_good_ones_is_no_good_message() -> None:
    good, other = (asn1.content_info(sign(each))[1].children() for each in (ADA, RSA))
    broken = other[-1].only().raw[:-1] + bytes([other[-1].only().raw[-1] ^ 1])
    certificates = der.encode(0xA0, ADA.der + RSA.der)

    def joined(second: bytes) -> bytes:
        infos = asn1.set_of([good[-1].only().raw, second])
        return asn1.wrapped_info(
            asn1.SIGNED_DATA, asn1.sequence(good[0].raw, good[1].raw, good[2].raw, certificates, infos)
        )

    both = cms.verify(joined(other[-1].only().raw), judge=trusting)
    assert (both.valid, len(both.signers)) == (True, 2)
    found = cms.verify(joined(broken), judge=trusting)
    assert (found.valid, sorted(each.good for each in found.signers)) == (False, [False, True])
    assert found.summary.startswith("Not good: the signature of Rivest.")


def test_what_is_written_is_der_and_pem_of_the_same() -> None:
    pem = cms.sign(CONTENT, RSA.facts, Secret(RSA.key_der), [], SignOptions(), NOW)
    assert pem.startswith(b"-----BEGIN CMS-----\n")
    assert cms_form.to_der(pem) == sign(RSA)
    assert base64.b64decode(b"".join(pem.splitlines()[1:-1])) == sign(RSA)


def test_base64_is_read_in_pieces_wherever_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    message = sign(RSA, options=SignOptions())
    whole = cms_form.to_der(message)
    short = message.replace(b"-----END CMS", b"\n\n  \n-----END CMS")
    for size in (1, 3, 5, 48, 64, 65, 1000):
        monkeypatch.setattr(cms_form, "_CHUNK", size)
        assert cms_form.to_der(message) == cms_form.to_der(short) == whole
        for spoilt in (
            message.replace(b"=\n-----END", b"\n-----END"),
            message.replace(b"=\n-----END", b"=\nAAAA\n-----END"),
        ):
            if spoilt != message:
                with pytest.raises(Invalid, match="not base64 throughout"):
                    cms_form.to_der(spoilt)


def test_what_is_too_large_for_memory_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_CONTENT", "MAX_MESSAGE"):
        monkeypatch.setattr(f"certtui.pki.cms_form.{name}", 1 << 20)
    for act in (
        lambda large: sign(content=large),
        lambda large: cms.verify(large),
        lambda large: cms.verify(sign(), large),
    ):
        with pytest.raises(Invalid, match="larger than 1 MiB, and it is held in memory"):
            act(b"0" * ((1 << 20) + 1))
