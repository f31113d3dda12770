"""Messages by strangers: whatever they hold, one sentence, and no exception but ours."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.cms import EncryptOptions, SignOptions
from certtui.model.secret import Secret
from certtui.pki import cms, cms_verify, der
from certtui.pki import cms_asn1 as asn1
from tests.certs import NOW, make_cert
from tests.unit.test_pki_cms import trusting

ADA = make_cert("Ada", number=70, server=False)
RIVEST = make_cert("Rivest", kind="rsa-2048", number=70, server=False)


@cache
def messages() -> tuple[bytes, ...]:
    """One of every kind."""
    signed = [
        cms.sign(b"content", each.facts, Secret(each.key_der), [ADA.der], SignOptions(pss=pss, form="der"), NOW)
        for each, pss in ((ADA, False), (RIVEST, True), (RIVEST, False))
    ]
    both = [ADA.facts, RIVEST.facts]
    ways = (EncryptOptions(form="der"), EncryptOptions("aes-256-cbc", "pkcs1", "der"))
    return (*signed, *(cms.encrypt(b"content", both, way, NOW) for way in ways))


def read(message: bytes) -> None:
    """Everything that reads a message; only `Invalid` may come of it."""
    for act in (
        lambda: cms.verify(message, judge=trusting),
        lambda: cms.verify(message, b"content"),
        lambda: cms.recipients(message),
        lambda: cms.decrypt(message, ADA.facts, Secret(ADA.key_der)),
        lambda: cms.decrypt(message, RIVEST.facts, Secret(RIVEST.key_der)),
    ):
        with suppress(Invalid):
            act()


@given(st.integers(0, 4), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_octets_are_refused_or_found_out(which: int, changes: list[tuple[float, int]]) -> None:
    message = bytearray(messages()[which])
    for place, octet in changes:
        message[int(place * (len(message) - 1))] = octet
    read(bytes(message))


@given(st.integers(0, 4), st.floats(0, 1), st.floats(0, 1), st.binary(max_size=6))
def test_cut_and_stuffed_messages_are_refused(which: int, at: float, length: float, stuffing: bytes) -> None:
    message = messages()[which]
    start = int(at * len(message))
    stop = start + int(length * (len(message) - start))
    read(message[:start] + stuffing + message[stop:])


@given(st.integers(0, 4), st.data())
def test_elements_that_are_dropped_doubled_or_retagged_are_refused(which: int, data: st.DataObject) -> None:
    """The lengths are right here, so that it is the structure that is read, however odd."""
    read(reshaped(asn1.whole(messages()[which]), data, 0))


def reshaped(element: asn1.Element, data: st.DataObject, depth: int) -> bytes:
    if not element.tag & 0x20 or depth > 7:
        return element.raw
    children = element.children()
    if not children:
        return element.raw
    index = data.draw(st.integers(0, len(children) - 1))
    parts = [each.raw for each in children]
    act = data.draw(st.sampled_from(["into", "into", "into", "drop", "double", "empty", "retag"]))
    match act:
        case "into":
            parts[index] = reshaped(children[index], data, depth + 1)
        case "drop":
            del parts[index]
        case "double":
            parts.insert(index, parts[index])
        case "empty":
            parts[index] = der.encode(children[index].tag, b"")
        case _:
            parts[index] = der.encode(
                data.draw(st.sampled_from([2, 4, 5, 6, 0x30, 0x31, 0x80, 0xA0, 0xA1])), children[index].content
            )
    return der.encode(element.tag, b"".join(parts))


@given(st.binary(max_size=200))
def test_any_octets_are_no_message(octets: bytes) -> None:
    read(octets)
    read(b"\x30" + octets)
    read(b"-----BEGIN CMS-----\n" + octets + b"\n-----END CMS-----\n")
    read(b"Content-Type: application/pkcs7-mime\n\n" + octets)


DEEP = b"\x30\x82\xff\xff" * 20_000


@pytest.mark.parametrize(
    "message",
    [
        b"",
        DEEP,
        b"\x30\x80" * 50_000,
        b"\x30\x84\xff\xff\xff\xff",
        asn1.wrapped_info(asn1.SIGNED_DATA, b"\x30\x00" * 200_000),
        asn1.wrapped_info(asn1.SIGNED_DATA, asn1.sequence(b"\x02\x01\x01" * 100_000)),
        b"-----BEGIN CMS-----" * 50_000,
        b"X: y\n" * 100_000,
        b"\n" * 1_000_000,
    ],
    ids=["nothing", "deep", "indefinite", "four gigabytes", "many", "numbers", "begins", "headers", "lines"],
)
def test_bombs_cost_nothing(message: bytes) -> None:
    begun = time.process_time()
    read(message)
    assert time.process_time() - begun < 2


def test_many_signers_are_not_checked() -> None:
    version, digests, content, certificates, signers = asn1.content_info(messages()[0])[1].children()
    info = signers.only().raw
    many = der.encode(der.SET, info * 100)
    message = asn1.wrapped_info(
        asn1.SIGNED_DATA, asn1.sequence(version.raw, digests.raw, content.raw, certificates.raw, many)
    )
    with pytest.raises(Invalid, match="has 100 signers; more than 16 are not checked"):
        cms.verify(message)


def test_a_pile_of_certificates_is_not_looked_through() -> None:
    version, digests, content, _, signers = asn1.content_info(messages()[0])[1].children()
    pile = der.encode(0xA0, ADA.der * 65)
    message = asn1.wrapped_info(
        asn1.SIGNED_DATA, asn1.sequence(version.raw, digests.raw, content.raw, pile, signers.raw)
    )
    with pytest.raises(Invalid, match="has 65 certificates; more than 64 are not looked through"):
        cms.verify(message)


def test_one_content_is_hashed_once_for_all_signers(monkeypatch: pytest.MonkeyPatch) -> None:
    version, digests, content, certificates, signers = asn1.content_info(messages()[0])[1].children()
    many = der.encode(der.SET, signers.only().raw * 16)
    message = asn1.wrapped_info(
        asn1.SIGNED_DATA, asn1.sequence(version.raw, digests.raw, content.raw, certificates.raw, many)
    )
    hashed: list[bytes] = []
    plain = cms_verify.hashlib.new

    def counted(name: str, data: bytes, **more: bool) -> object:
        hashed.append(data)
        return plain(name, data, **more)

    monkeypatch.setattr(cms_verify.hashlib, "new", counted)
    assert all(each.good for each in cms.verify(message).signers)
    assert hashed.count(b"content") == 1


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"hello", "This is not a CMS message."),
        (ADA.pem, "This is not a CMS message: the file holds a PEM block “CERTIFICATE”."),
        (ADA.der, "The message cannot be parsed."),
        (b"-----BEGIN CMS-----\nMIAG", "The PEM block “CMS” is cut off: its END line is missing."),
        (b"-----BEGIN CMS-----\n!!\n-----END CMS-----\n", "The message is not base64 throughout."),
        (b"\x30\x80\x06\x01", "The message is written in pieces of indefinite length (BER), which is not read."),
    ],
)
def test_what_is_no_message_is_told_apart(message: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        cms.verify(message)
    assert refused.value.message == said
    with pytest.raises(Invalid) as refused:
        cms.decrypt(message, ADA.facts, Secret(ADA.key_der))
    assert refused.value.message == said
