"""Leaves: what comes of a CSR, an order and a template."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.ca import CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.template import (
    BOTH,
    CLIENT,
    CODE_SIGNING,
    CUSTOM,
    LEAF_KEYS,
    SERVER,
    Template,
)
from certtui.pki.bounds import known_issuer
from certtui.pki.ca import make_intermediate, make_root
from certtui.pki.extensions import breaks_constraints, name_constraints, raw_extensions
from certtui.pki.issue import check_order, issue, names_of_csr
from certtui.pki.signatures import signature_problem
from certtui.pki.signing import Signer, load_signer
from tests import authority
from tests.certs import NOW, general_name, make_cert, make_key, subject_name


def limited(**more: Any) -> Signer:
    """An issuing CA with limits."""
    made = make_intermediate(
        CaSpec(**{"subject": SubjectFields("Limited"), "key_type": "ec-256", "days": 365, **more}),
        authority.authority().root_signer,
        NOW,
    )
    return load_signer(made.certificate, made.key.pkcs8, above=(authority.authority().root.certificate.der,))


def csr_with(*extensions: tuple[x509.ExtensionType, bool], name: x509.Name | None = None, key: Any = None) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name or subject_name("www.example.com"))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(key or make_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def order(csr: bytes, template: Template = SERVER, signer: Signer | None = None, **more: Any) -> Any:
    given = {"subject": SubjectFields("www.example.com"), "sans": ("DNS:www.example.com",), **more}
    return issue(signer or authority.authority().signer, csr, template, NOW, **given)


@pytest.mark.parametrize("kind", [k for k in LEAF_KEYS if k not in ("rsa-3072", "rsa-4096")])
def test_a_leaf_of_every_kind_of_key_verifies_and_has_the_key_of_its_csr(kind: str) -> None:
    made = authority.leaf(key_type=kind).certificate
    assert signature_problem(made, authority.authority().issuing.certificate) == ""
    assert made.spki_sha256 == authority.request(kind)[1].spki_sha256
    assert made.key_algorithm == kind


def test_what_a_server_certificate_holds() -> None:
    facts = authority.leaf(sans=("DNS:www.example.com", "DNS:*.shop.example", "IP:10.0.0.7")).certificate
    certificate = x509.load_der_x509_certificate(facts.der)
    found = {each.oid: each for each in certificate.extensions}
    assert certificate.version is x509.Version.v3
    assert found[ExtensionOID.BASIC_CONSTRAINTS].value == x509.BasicConstraints(False, None)
    assert facts.sans == ("DNS:www.example.com", "DNS:*.shop.example", "IP:10.0.0.7")
    assert not found[ExtensionOID.SUBJECT_ALTERNATIVE_NAME].critical
    assert facts.authority_key_id == authority.authority().issuing.certificate.subject_key_id
    assert {each.dotted_string for each, extension in found.items() if extension.critical} == {"2.5.29.15", "2.5.29.19"}
    assert not facts.is_ca


def test_the_key_identifier_is_that_of_rfc_7093() -> None:
    certificate = x509.load_der_x509_certificate(authority.leaf().certificate.der)
    point = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert authority.leaf().certificate.subject_key_id == sha256(point).hexdigest()[:40]


def test_what_a_csr_asks_for_in_vain_is_left_out_and_said() -> None:
    csr = csr_with(
        (x509.BasicConstraints(True, 3), True),
        (x509.SubjectAlternativeName([x509.DNSName("evil.example.org")]), False),
        (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),
        (x509.NameConstraints([x509.DNSName("example.org")], None), True),
        (x509.OCSPNoCheck(), False),
        name=subject_name("evil.example.org"),
    )
    made = order(csr)
    assert not made.certificate.is_ca
    assert made.certificate.sans == ("DNS:www.example.com",)
    assert made.certificate.subject == "CN=www.example.com"
    kinds = {each.oid for each in raw_extensions(made.certificate.der)}
    assert kinds.isdisjoint({"2.5.29.30", "1.3.6.1.5.5.7.48.1.5"})
    assert len(made.notes) == 3
    assert "to be a CA" in made.notes[0]


def test_a_csr_that_does_not_prove_its_key_is_refused() -> None:
    csr = bytearray(authority.request()[0])
    csr[-5] ^= 1
    with pytest.raises(Invalid, match="does not verify") as caught:
        order(bytes(csr))
    assert caught.value.field == "csr"


@given(st.binary(max_size=300))
def test_octets_that_are_no_csr_get_a_sentence(data: bytes) -> None:
    with pytest.raises(Invalid):
        order(data)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_damaged_csr_is_refused_or_still_proves_its_key(at: int, noise: bytes) -> None:
    csr = bytearray(authority.request()[0])
    csr[at : at + len(noise)] = noise
    with suppress(Invalid):
        assert order(bytes(csr)).certificate.spki_sha256 == authority.request()[1].spki_sha256


def test_a_key_that_the_template_does_not_allow_is_refused() -> None:
    for csr, kind in (
        (csr_with(key=rsa.generate_private_key(65537, 1024)), "rsa-1024"),
        (csr_with(key=make_key("dsa-1024")), "dsa-1024"),
    ):
        with pytest.raises(Invalid, match=kind) as caught:
            order(csr)
        assert caught.value.field == "key_type"
    with pytest.raises(Invalid, match="ec-256"):
        order(authority.request()[0], replace(SERVER, key_types=("rsa-2048",)))


def test_a_small_public_exponent_is_refused() -> None:
    with pytest.raises(Invalid, match="exponent"):
        order(csr_with(key=rsa.generate_private_key(3, 2048)))


def test_a_csr_of_the_cas_own_key_is_refused() -> None:
    with pytest.raises(Invalid, match="key of the CA itself"):
        order(csr_with(key=authority.authority().signer.key))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"subject": SubjectFields(), "sans": ()}, "common_name"),
        ({"subject": SubjectFields("Shop"), "sans": ()}, "sans"),
        ({"sans": ("EMAIL:a@example.com",)}, "sans"),
        ({"sans": ("DNS:bad..name",)}, "sans"),
        ({"sans": ("OTHER:30",)}, "sans"),
        ({"days": 0}, "days"),
        ({"days": 398}, "days"),
        ({"serial_number": "00"}, "serial_number"),
        ({"serial_number": "-5"}, "serial_number"),
        ({"serial_number": "ff" * 20}, "serial_number"),
    ],
)
def test_what_is_wrong_with_an_order_names_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        order(authority.request()[0], **more)
    assert caught.value.field == field


def test_a_given_serial_is_used_and_the_same_order_gives_the_same_content() -> None:
    first = order(authority.request()[0], serial_number="1f00").certificate
    again = order(authority.request()[0], serial_number="1f00").certificate
    assert first.serial_number == again.serial_number == "1f00"
    # All but the signature, which ECDSA makes of new randomness.
    assert x509.load_der_x509_certificate(first.der).tbs_certificate_bytes == (
        x509.load_der_x509_certificate(again.der).tbs_certificate_bytes
    )


def test_a_leaf_never_outlives_its_issuer_and_says_so() -> None:
    signer = limited(days=10)
    made = authority.leaf(by=signer)
    assert made.certificate.not_after == signer.certificate.not_after
    assert "instead of" in made.notes[0]


def test_a_leaf_without_a_subject_has_critical_names() -> None:
    made = authority.leaf(subject=SubjectFields(), sans=("DNS:only.example.com",)).certificate
    found = x509.load_der_x509_certificate(made.der).extensions
    assert found.get_extension_for_class(x509.SubjectAlternativeName).critical
    assert made.subject == ""


def test_usages_that_the_ca_is_limited_to_are_respected() -> None:
    signer = limited(usages=("serverAuth",))
    authority.leaf(SERVER, by=signer)
    for template in (CLIENT, BOTH, CODE_SIGNING, CUSTOM):
        with pytest.raises(Invalid, match="extended key usage") as caught:
            authority.leaf(template, by=signer)
        assert caught.value.field == "usages"


def test_a_limit_higher_up_counts_too() -> None:
    top = make_root(CaSpec(SubjectFields("Top"), "ec-256", permitted=("DNS:example.com",)), NOW)
    middle = make_intermediate(
        CaSpec(SubjectFields("Middle"), "ec-256"), load_signer(top.certificate, top.key.pkcs8), NOW
    )
    known = load_signer(middle.certificate, middle.key.pkcs8, above=(top.certificate.der,))
    with pytest.raises(Invalid, match=r"www.example.org \(name constraints\)"):
        authority.leaf(by=known, sans=("DNS:www.example.org",), subject=SubjectFields())


@pytest.mark.parametrize(
    ("subject", "sans", "allowed"),
    [
        (SubjectFields(), ("DNS:www.example.com",), True),
        (SubjectFields(), ("DNS:example.com",), True),
        (SubjectFields(), ("DNS:*.shop.example.com",), True),
        (SubjectFields(), ("DNS:wwwexample.com",), False),
        (SubjectFields(), ("DNS:www.example.com.evil.org",), False),
        (SubjectFields(), ("DNS:www.secret.example.com",), False),
        (SubjectFields(), ("DNS:*.example.com",), False),  # it would stand for secret.example.com
        (SubjectFields(), ("IP:10.1.2.3",), True),
        (SubjectFields(), ("IP:11.1.2.3",), False),
        (SubjectFields(), ("IP:::ffff:10.1.2.3",), False),
        (SubjectFields(), ("URI:https://anything.example.org/",), True),  # no constraint of that kind
        (SubjectFields("evil.example.org"), ("DNS:www.example.com",), False),
        (SubjectFields("Some service"), ("DNS:www.example.com",), True),
        (SubjectFields(email="a@example.com"), ("DNS:www.example.com",), True),
        (SubjectFields(email="a@example.org"), ("DNS:www.example.com",), False),
    ],
)
def test_name_constraints_hold_for_every_name(subject: SubjectFields, sans: tuple[str, ...], allowed: bool) -> None:
    signer = limited(
        permitted=("DNS:example.com", "IP:10.0.0.0/8", "EMAIL:example.com"), excluded=("DNS:secret.example.com",)
    )
    if allowed:
        assert authority.leaf(by=signer, subject=subject, sans=sans).certificate.sans == sans
    else:
        with pytest.raises(Invalid, match="name constraints"):
            authority.leaf(by=signer, subject=subject, sans=sans)


@pytest.mark.parametrize(
    "common_name", ["11.0.0.1", "10.0.0.1", "xn--a.example.org", "www.example.123", "A_b.example.org"]
)
def test_a_common_name_that_openssl_takes_for_a_host_is_one(common_name: str) -> None:
    signer = limited(permitted=("DNS:example.com", "IP:10.0.0.0/8", "EMAIL:example.com"))
    for sans in ((), ("EMAIL:a@example.com",), ("IP:10.0.0.1",)):
        with pytest.raises(Invalid, match="name constraints"):
            authority.leaf(CUSTOM, by=signer, subject=SubjectFields(common_name), sans=sans)
    assert authority.leaf(CUSTOM, by=signer, subject=SubjectFields("Ada Lovelace"), sans=("EMAIL:a@example.com",))


def test_a_mailbox_is_another_one_when_its_case_differs_before_the_at() -> None:
    signer = limited(permitted=("EMAIL:Ada@Example.com",))
    for mail, allowed in (("Ada@example.com", True), ("Ada@EXAMPLE.com", True), ("ada@example.com", False)):
        if allowed:
            assert authority.leaf(CUSTOM, by=signer, subject=SubjectFields("Ada"), sans=(f"EMAIL:{mail}",))
        else:
            with pytest.raises(Invalid, match="name constraints"):
                authority.leaf(CUSTOM, by=signer, subject=SubjectFields("Ada"), sans=(f"EMAIL:{mail}",))


def test_constraints_on_directory_names_and_uris_of_an_imported_ca_hold() -> None:
    tree = x509.Name(subject_name(organization="Example", country="DE").rdns[::-1])
    constraints = x509.NameConstraints([x509.DirectoryName(tree), x509.UniformResourceIdentifier(".example.com")], None)
    made = make_cert("Imported", ca=True, extensions=((constraints, True),))
    signer = load_signer(made.facts, made.key)
    inside = SubjectFields("www.example.com", "EXAMPLE", country="DE")
    assert authority.leaf(by=signer, subject=inside).certificate.common_name == "www.example.com"
    with pytest.raises(Invalid, match="this subject"):
        authority.leaf(by=signer, subject=replace(inside, organization="Other"))
    assert authority.leaf(by=signer, subject=inside, sans=("URI:https://a.example.com/x",))
    for uri in ("URI:https://a.example.org/", "URI:https://example.com/", "URI:urn:uuid:1"):
        with pytest.raises(Invalid, match="name constraints"):
            authority.leaf(by=signer, subject=inside, sans=(uri,))


@given(
    st.lists(st.sampled_from(["a.example", "b.a.example", "x.b.a.example", "c.example", "example"]), max_size=3),
    st.lists(st.sampled_from(["a.example", "b.a.example", "c.example"]), max_size=2),
    st.lists(st.sampled_from(["b.a.example", "x.b.a.example"]), max_size=2),
)
def test_what_is_issued_never_breaks_the_cas_constraints(
    hosts: list[str], permitted: list[str], excluded: list[str]
) -> None:
    made = limited(permitted=tuple(f"DNS:{p}" for p in permitted), excluded=tuple(f"DNS:{e}" for e in excluded))
    sans = tuple(f"DNS:{host}" for host in hosts) or ("DNS:a.example",)
    extension = next((e for e in raw_extensions(made.certificate.der) if e.oid == "2.5.29.30"), None)
    trees = name_constraints(extension.value) if extension else ((), ())
    try:
        leaf = authority.leaf(by=made, subject=SubjectFields(), sans=sans).certificate
    except Invalid:
        assert any(_breaks(host, permitted, excluded) for host in hosts or ["a.example"])
    else:
        assert breaks_constraints(leaf.sans, *trees) == ""
        assert not any(_breaks(host, permitted, excluded) for host in hosts or ["a.example"])


def _breaks(host: str, permitted: list[str], excluded: list[str]) -> bool:
    """The rule once more, label by label."""
    labels = host.split(".")

    def below(tree: str) -> bool:
        return labels[-len(tree.split(".")) :] == tree.split(".")

    return (bool(permitted) and not any(map(below, permitted))) or any(map(below, excluded))


def test_a_certificate_that_is_no_ca_signs_nothing() -> None:
    made = make_cert("www.example.org")
    with pytest.raises(Invalid, match="is not a CA"):
        authority.leaf(by=load_signer(made.facts, made.key))


def test_a_ca_with_a_critical_extension_that_nobody_knows_signs_nothing() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    made = make_cert("Odd", ca=True, extensions=((unknown, True),))
    with pytest.raises(Invalid, match="not understood"):
        authority.leaf(by=load_signer(made.facts, made.key))


def test_a_preview_says_what_issuing_would_without_the_cas_key() -> None:
    made = authority.authority()
    seen = known_issuer(made.issuing.certificate, (made.root.certificate.der,))
    found = check_order(seen, SERVER, NOW, subject=SubjectFields("münchen.example"), sans=())
    assert (found.subject.common_name, found.sans) == ("xn--mnchen-3ya.example", ("DNS:xn--mnchen-3ya.example",))
    assert found.dates.not_after - found.dates.not_before == timedelta(days=90, seconds=-1)
    with pytest.raises(Invalid, match="397"):
        check_order(seen, SERVER, NOW, subject=SubjectFields("a.example"), sans=(), days=1000)
    with pytest.raises(Invalid, match="dsa-1024"):
        check_order(seen, SERVER, NOW, subject=SubjectFields("a.example"), sans=(), key_type="dsa-1024")


def test_the_names_of_an_uploaded_csr_can_be_ordered() -> None:
    name = subject_name("www.example.com", country="DE", organization="Example", organizational_unit="One")
    more = x509.Name([*name, x509.NameAttribute(x509.OID_ORGANIZATIONAL_UNIT_NAME, "Two"), *_serial_number()])
    sans = [general_name(each) for each in ("WWW.example.com", "IP:10.0.0.7", "EMAIL:a@example.com")]
    csr = csr_with(
        (x509.SubjectAlternativeName([*sans, x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))]), False), name=more
    )
    found = names_of_csr(csr)
    assert found.subject == SubjectFields("www.example.com", "Example", "One", "DE")
    assert found.sans == ("DNS:www.example.com", "IP:10.0.0.7", "EMAIL:a@example.com")
    assert len(found.notes) == 3


def _serial_number() -> list[x509.NameAttribute[str]]:
    return [x509.NameAttribute(x509.OID_SERIAL_NUMBER, "4711")]


@given(st.binary(max_size=200))
def test_names_of_octets_that_are_no_csr_get_a_sentence(data: bytes) -> None:
    with pytest.raises(Invalid):
        names_of_csr(data)


def test_a_ca_that_stands_where_none_may_issues_nothing() -> None:
    top = make_cert("Top", ca=True, path_length=0)
    middle = make_cert("Middle", ca=True, issuer=top, number=2)
    with pytest.raises(Invalid, match="path length"):
        authority.leaf(by=load_signer(middle.facts, middle.key, above=(top.der,)))
