"""Encrypting to certificates and decrypting with their keys: who can, who can't, and what is never told."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certtui.errors import Invalid
from certtui.model.cms import CIPHERS, RSA_ENCRYPTIONS, EncryptOptions
from certtui.model.secret import Secret
from certtui.pki import cms, cms_decrypt, cms_ecdh, der
from certtui.pki import cms_asn1 as asn1
from tests.certs import NOW, Made, make_cert
from tests.unit.test_pki_cms import pss_bound, sign, usage

CONTENT = b"The launch code is 00000000."
RSA = make_cert("Rivest", kind="rsa-2048", number=60, server=False)
EC = make_cert("Neal", number=60, server=False)
DER = EncryptOptions(form="der")
CBC = EncryptOptions("aes-256-cbc", "pkcs1", "der")
CANNOT = "The message can't be decrypted with this key: it was changed, or made for another one."


def encrypt(*made: Made, content: bytes = CONTENT, options: EncryptOptions = DER) -> bytes:
    return cms.encrypt(content, [each.facts for each in made], options, NOW)


def decrypt(message: bytes, made: Made) -> bytes:
    return cms.decrypt(message, made.facts, Secret(made.key_der)).content


def refusal(message: bytes, made: Made) -> str:
    with pytest.raises(Invalid) as refused:
        decrypt(message, made)
    return refused.value.message


@pytest.mark.parametrize(("cipher", "way"), list(product(CIPHERS, RSA_ENCRYPTIONS)))
def test_every_recipient_opens_the_same_message(cipher: str, way: str) -> None:
    for content in (CONTENT, b"", b"x" * 16):
        message = encrypt(RSA, EC, content=content, options=EncryptOptions(cipher, way))
        assert decrypt(message, RSA) == decrypt(message, EC) == content


def test_a_message_says_how_it_was_protected() -> None:
    found = cms.decrypt(encrypt(RSA), RSA.facts, Secret(RSA.key_der))
    assert (found.cipher, found.key_encryption, found.authenticated) == ("aes-256-gcm", "rsa-oaep sha256", True)
    found = cms.decrypt(encrypt(EC, options=CBC), EC.facts, Secret(EC.key_der))
    assert (found.cipher, found.key_encryption, found.authenticated) == ("aes-256-cbc", "ecdh sha256", False)


def test_the_recipients_of_a_message_can_be_asked_for() -> None:
    named = cms.recipients(encrypt(RSA, EC))
    assert {each.serial_number for each in named} == {RSA.facts.serial_number, EC.facts.serial_number}
    assert sum(cms.fits(RSA.facts, each) for each in named) == 1


def test_nobody_else_opens_it() -> None:
    said = refusal(encrypt(EC), RSA)
    assert said.startswith("The message is not encrypted to this certificate, but to serial number ")
    assert said.endswith(" of CN=Neal.")


def test_the_same_certificate_twice_is_one_recipient() -> None:
    assert len(cms.recipients(encrypt(RSA, RSA))) == 1


def test_every_failure_behind_the_structure_is_the_same_one() -> None:
    """The key, its padding, the content's padding and its tag: who could tell them apart, could decrypt (RFC 3218)."""
    for made, options in ((RSA, CBC), (RSA, DER), (EC, DER), (EC, CBC)):
        message = encrypt(made, content=b"x" * 15, options=options)
        key = wrapped_key(message)
        noise = [bytes(len(key)), b"\xff" * len(key), b"\x01" * len(key), key[:-1] + bytes([key[-1] ^ 1]), key[:-1]]
        for each in noise:
            changed = with_wrapped_key(message, each)
            found = outcome(changed, made)
            # Behind an RSA key of no use a random one decrypts CBC: now and then that looks like a padding.
            assert found == CANNOT or options is CBC, found
        assert outcome(message[:-1] + bytes([message[-1] ^ 1]), made) == CANNOT


def outcome(message: bytes, made: Made) -> str:
    try:
        return decrypt(message, made).hex()
    except Invalid as refused:
        return refused.message


def wrapped_key(message: bytes) -> bytes:
    """The encrypted content key of the one recipient: the last OCTET STRING of its RecipientInfo."""
    info = asn1.content_info(message)[1].children()[1].only()
    last = info.children()[-1]
    while last.tag == der.SEQUENCE:
        last = last.children()[-1]
    return last.content


def with_wrapped_key(message: bytes, key: bytes) -> bytes:
    """The same message with another encrypted key, all lengths right."""

    def replaced(element: asn1.Element, path: tuple[int, ...]) -> bytes:
        if not path:
            return der.encode(element.tag, key)
        children = element.children()
        index = path[0] % len(children)
        inside = [replaced(each, path[1:]) if i == index else each.raw for i, each in enumerate(children)]
        return der.encode(element.tag, b"".join(inside))

    whole = asn1.whole(message)
    agreement = asn1.content_info(message)[1].children()[1].only().tag == 0xA1
    return replaced(whole, (1, 0, 1, 0, -1, *((0, -1) if agreement else ())))


def test_a_padding_that_fails_and_a_key_of_the_wrong_length_cost_the_same_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the library answers to a bad PKCS #1 v1.5 padding, an exception or octets, a random key takes its place."""
    asked: list[int] = []
    monkeypatch.setattr(cms_decrypt, "random_key", lambda size: asked.append(size) or b"k" * size)
    message = with_wrapped_key(encrypt(RSA, options=EncryptOptions(rsa="pkcs1", form="der")), b"\x01" * 256)
    assert refusal(message, RSA) == CANNOT
    short = RSA.key.public_key().encrypt(b"short", padding.PKCS1v15())
    assert refusal(with_wrapped_key(message, short), RSA) == CANNOT
    assert asked == [32, 32]


RSA_SIGNS = make_cert("Signs Only", kind="rsa-2048", number=60, server=False, key_usage=usage(digital_signature=True))
EC_SIGNS = make_cert(
    "Curve Signs", number=60, server=False, key_usage=usage(digital_signature=True, key_encipherment=True)
)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (RSA_SIGNS, "its key usage lacks keyEncipherment, which an RSA key needs."),
        (EC_SIGNS, "its key usage lacks keyAgreement, which an EC key needs."),
        (make_cert("Q", kind="ml-dsa-65", server=False), "ML-DSA-65 keys can't encrypt here, which"),
        (make_cert("E", kind="ed25519", server=False), "Ed25519 keys can't encrypt here, which"),
        (pss_bound(), "its key is for RSASSA-PSS signatures alone."),
    ],
)
def test_the_key_has_to_be_one_that_may_encrypt(made: Made, said: str) -> None:
    for act in (lambda: encrypt(made), lambda: decrypt(encrypt(RSA), made)):
        with pytest.raises(Invalid) as refused:
            act()
        assert said in refused.value.message
        assert refused.value.field == "certificate"


def test_one_recipient_who_may_not_spoils_it_for_all() -> None:
    with pytest.raises(Invalid, match="Curve Signs can't be encrypted to"):
        encrypt(RSA, EC_SIGNS)


def test_what_was_sent_to_an_expired_certificate_stays_readable_and_nothing_more_is_sent_to_it() -> None:
    old = make_cert("Old", number=60, server=False, not_before=NOW - timedelta(days=40), days=10)
    message = cms.encrypt(CONTENT, [old.facts], DER, NOW - timedelta(days=35))
    assert decrypt(message, old) == CONTENT
    with pytest.raises(Invalid, match="Old can't be encrypted to: it expired 2026-05-16"):
        encrypt(old)


@pytest.mark.parametrize(
    ("options", "field"),
    [(EncryptOptions("rc4"), "cipher"), (EncryptOptions(rsa="raw"), "rsa"), (EncryptOptions(form="xml"), "form")],
)
def test_options_that_are_none_are_refused(options: EncryptOptions, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        encrypt(RSA, options=options)
    assert refused.value.field == field
    with pytest.raises(Invalid, match="no certificate to encrypt to"):
        encrypt()


def test_signed_and_encrypted_are_not_confused() -> None:
    assert refusal(sign(EC), EC) == "The message is signed, not encrypted."
    with pytest.raises(Invalid, match="The message is encrypted, not signed"):
        cms.verify(encrypt(EC))


def test_kinds_that_openssl_does_not_write_everywhere_are_refused_by_name() -> None:
    compressed = asn1.wrapped_info("1.2.840.113549.1.9.16.1.9", asn1.sequence())
    assert refusal(compressed, EC) == "The message is compressed (CompressedData), which is not read."
    assert (
        refusal(asn1.wrapped_info("1.2.3", asn1.sequence()), EC) == "The message is of a kind that is not read (1.2.3)."
    )


def test_a_static_key_of_the_sender_is_refused() -> None:
    """RFC 5753, 3.1: the originator may be named by a certificate; its key would be needed, and proves nothing."""
    message = encrypt(EC)
    info = asn1.content_info(message)[1].children()[1].only()
    originator = info.children()[1]
    named = der.encode(0xA0, info.children()[-1].only().children()[0].raw)
    changed = edited(message, originator.raw, named)
    said = "The message is not decrypted: the sender used a key of a certificate instead of a fresh one."
    assert refusal(changed, EC) == said


def test_a_point_that_is_not_on_the_curve_is_refused() -> None:
    """Each answer to one would tell a little of the recipient's key."""
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    for point in (b"\x04" + b"\1" * 64, other.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), b"\0", b""):
        message = encrypt(EC)
        info = asn1.content_info(message)[1].children()[1].only()
        bits = info.children()[1].only().children()[1]
        changed = edited(message, bits.raw, der.encode(der.BIT_STRING, b"\0" + point))
        assert refusal(changed, EC) in ("The message cannot be parsed.", _STATIC)


_STATIC = "The message is not decrypted: the sender used a key of a certificate instead of a fresh one."


def edited(message: bytes, old: bytes, new: bytes) -> bytes:
    """The message with one element replaced, all lengths right."""

    def walk(element: asn1.Element) -> bytes:
        if element.raw == old:
            return new
        if not element.tag & 0x20:
            return element.raw
        return der.encode(element.tag, b"".join(walk(each) for each in element.children()))

    return walk(asn1.whole(message))


def test_a_downgrade_of_the_cipher_is_refused() -> None:
    """GCM in an EnvelopedData has no tag that anybody looks at."""
    _, parts = asn1.content_info(encrypt(EC))
    version, recipients, inside, _ = parts.children()
    message = asn1.wrapped_info(asn1.ENVELOPED_DATA, asn1.sequence(version.raw, recipients.raw, inside.raw))
    assert (
        refusal(message, EC) == "The message is not decrypted: aes-256-gcm does not belong into a message of this kind."
    )


def test_the_key_derivation_is_that_of_the_rfc() -> None:
    """Both sides of X9.63 with a user keying material, which OpenSSL writes for some applications."""
    own, recipient = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    wrap = asn1.identifier("2.16.840.1.101.3.4.1.45")
    kek = cms_ecdh._derived(own.exchange(ec.ECDH(), recipient.public_key()), "sha256", wrap, b"ukm", 32)
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap

    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    algorithm = asn1.algorithm(asn1.whole(wrap))
    assert cms_ecdh.unwrapped(recipient, point, "sha256", algorithm, b"ukm", aes_key_wrap(kek, b"k" * 32)) == b"k" * 32
