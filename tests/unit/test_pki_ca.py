"""Roots, intermediates and what limits them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.ca import CA_KEY_TYPES, CaSpec, IssuingUrls, MadePair
from certtui.model.csr import SubjectFields
from certtui.pki import ca, der
from certtui.pki.bounds import known_issuer, longest_path, validity
from certtui.pki.certificate_parts import certificate_parts
from certtui.pki.extensions import limits
from certtui.pki.facts import x509_facts
from certtui.pki.keys import key_facts
from certtui.pki.name_limits import constraints_value
from certtui.pki.signatures import signature_problem
from certtui.pki.signing import Signer, load_signer, new_serial, serial_octets
from tests import authority
from tests.certs import NOW, make_cert, make_key, usage
from tests.hostile import raw_cert

SUB = CaSpec(SubjectFields("Sub CA"), "ec-256", days=100)


def root(**more: Any) -> tuple[MadePair, Signer]:
    """A root of P-256 with its key loaded; `more` goes to the spec."""
    spec = CaSpec(**{"subject": SubjectFields("Root"), "key_type": "ec-256", **more})
    made = ca.make_root(spec, NOW)
    return made, load_signer(made.certificate, made.key.pkcs8)


def below(signer: Signer, *above: MadePair, **more: Any) -> tuple[MadePair, Signer]:
    """A CA that the signer signed; `above` are those that its limits are taken of, the nearest first."""
    spec = CaSpec(**{"subject": SubjectFields("Sub CA"), "key_type": "ec-256", "days": 100, **more})
    made = ca.make_intermediate(spec, signer, NOW)
    chain = tuple(each.certificate.der for each in above)
    return made, load_signer(made.certificate, made.key.pkcs8, above=chain)


@pytest.mark.parametrize("kind", [k for k in CA_KEY_TYPES if k not in ("rsa-3072", "rsa-4096")])
def test_a_chain_of_every_kind_of_key_verifies(kind: str) -> None:
    made = authority.authority(kind)
    for certificate, issuer in (
        (made.root.certificate, made.root.certificate),
        (made.issuing.certificate, made.root.certificate),
        (authority.leaf(by=made.signer).certificate, made.issuing.certificate),
    ):
        assert signature_problem(certificate, issuer) == ""
        assert certificate.authority_key_id == issuer.subject_key_id
    assert made.root.certificate.key_algorithm == kind


def test_the_default_is_p384_with_sha256() -> None:
    made = ca.make_root(CaSpec(SubjectFields("Root")), NOW)
    assert (made.certificate.key_algorithm, made.certificate.signature_digest) == ("ec-384", "sha256")


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("kind", ["ec-256", "rsa-2048"])
def test_a_digest_can_be_chosen(kind: str, digest: str) -> None:
    made = authority.authority(kind, digest)
    assert made.root.certificate.signature_digest == digest
    assert signature_problem(made.issuing.certificate, made.root.certificate) == ""


def test_n_days_are_n_days_and_begin_a_little_earlier() -> None:
    made, _ = root(days=10)
    facts = made.certificate
    assert facts.not_after - facts.not_before == timedelta(days=10, seconds=-1)
    assert NOW - facts.not_before == timedelta(minutes=5)


def test_a_ca_says_what_it_may_do() -> None:
    made, signer = root(path_length=2)
    made, _ = below(
        signer, path_length=0, permitted=("DNS:example.com",), excluded=("IP:10.0.0.0/8",), usages=("serverAuth",)
    )
    certificate = x509.load_der_x509_certificate(made.certificate.der)
    extensions = certificate.extensions
    assert extensions.get_extension_for_class(x509.BasicConstraints) == x509.Extension(
        ExtensionOID.BASIC_CONSTRAINTS, True, x509.BasicConstraints(True, 0)
    )
    assert extensions.get_extension_for_class(x509.KeyUsage) == x509.Extension(
        ExtensionOID.KEY_USAGE, True, usage(ca=True, signature=False)
    )
    assert extensions.get_extension_for_class(x509.NameConstraints).critical
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_urls_are_written_into_an_intermediate() -> None:
    made = authority.authority().issuing.certificate
    extensions = x509.load_der_x509_certificate(made.der).extensions
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.access_location.value for each in access] == [*authority.URLS.ocsp, *authority.URLS.issuer]
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [name.value for point in points for name in point.full_name or ()] == list(authority.URLS.crl)


@pytest.mark.parametrize(
    "url", ["ftp://x.example/a", "x.example/a", "http://", "http://a b", "http://ä.example", "http://x/\n"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    _, signer = root()
    with pytest.raises(Invalid, match="URL"):
        ca.make_intermediate(SUB, signer, NOW, urls=IssuingUrls(crl=(url,)))


def test_an_intermediate_never_outlives_its_issuer_and_says_so() -> None:
    made, signer = root(days=50)
    sub = ca.make_intermediate(SUB, signer, NOW)
    assert sub.certificate.not_after == made.certificate.not_after
    assert any("instead of" in note for note in sub.notes)
    assert below(signer, days=50)[0].notes == ()


def test_an_issuer_that_is_not_valid_signs_nothing() -> None:
    _, signer = root(days=50)
    for now in (NOW + timedelta(days=51), NOW - timedelta(days=1)):
        with pytest.raises(Invalid, match=r"expired|not valid before"):
            ca.make_intermediate(SUB, signer, now)


def test_path_length_is_respected_all_the_way_up() -> None:
    top, signer = root(path_length=2)
    first, first_signer = below(signer, top)
    assert limits(first.certificate.der).path_length == 1
    assert first.notes
    with pytest.raises(Invalid, match="at most 0"):
        ca.make_intermediate(CaSpec(SubjectFields("x"), path_length=1), first_signer, NOW)
    second, second_signer = below(first_signer, first, top, subject=SubjectFields("Second"))
    assert limits(second.certificate.der).path_length == 0
    assert longest_path(second_signer) == 0
    with pytest.raises(Invalid, match="may not issue for another CA"):
        ca.make_intermediate(CaSpec(SubjectFields("x"), "ec-256"), second_signer, NOW)


def test_a_path_length_higher_up_counts_where_the_issuer_says_nothing() -> None:
    top = make_cert("Top", ca=True, path_length=1)
    middle = make_cert("Middle", ca=True, issuer=top, number=2)
    signer = load_signer(middle.facts, middle.key, above=(top.der,))
    with pytest.raises(Invalid, match="path length"):
        ca.make_intermediate(SUB, signer, NOW)


def test_usages_are_those_of_the_issuer_or_fewer() -> None:
    _, signer = root(usages=("serverAuth", "clientAuth"))
    assert limits(below(signer)[0].certificate.der).usages == ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2")
    assert limits(below(signer, usages=("clientAuth",))[0].certificate.der).usages == ("1.3.6.1.5.5.7.3.2",)
    with pytest.raises(Invalid, match="extended key usage") as caught:
        below(signer, usages=("codeSigning",))
    assert caught.value.field == "usages"


def test_permitted_names_lie_within_those_of_the_issuer() -> None:
    _, signer = root(permitted=("DNS:example.com", "IP:10.0.0.0/8", "EMAIL:example.com"))
    below(signer, permitted=("DNS:shop.example.com", "IP:10.1.0.0/16", "EMAIL:a@example.com"))
    for tree in ("DNS:example.org", "DNS:com", "IP:11.0.0.0/16", "IP:0.0.0.0/0", "EMAIL:example.org"):
        with pytest.raises(Invalid, match="name constraints") as caught:
            below(signer, permitted=(tree,))
        assert caught.value.field == "permitted"


def test_constraints_that_leave_a_kind_free_are_noted() -> None:
    assert (
        "IP addresses" in ca.make_root(CaSpec(SubjectFields("R"), "ec-256", permitted=("DNS:a.example",)), NOW).notes[0]
    )
    assert (
        ca.make_root(CaSpec(SubjectFields("R"), "ec-256", permitted=("DNS:a.example", "IP:10.0.0.0/8")), NOW).notes
        == ()
    )


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (CaSpec(SubjectFields()), "common_name"),
        (CaSpec(SubjectFields("x" * 65)), "common_name"),
        (CaSpec(SubjectFields("R", country="Germany")), "country"),
        (CaSpec(SubjectFields("R"), "rsa-1024"), "key_type"),
        (CaSpec(SubjectFields("R"), digest="sha1"), "digest"),
        (CaSpec(SubjectFields("R"), days=0), "days"),
        (CaSpec(SubjectFields("R"), days=10_000_000), "days"),
        (CaSpec(SubjectFields("R"), path_length=-1), "path_length"),
        (CaSpec(SubjectFields("R"), usages=("tlsServer",)), "usages"),
        (CaSpec(SubjectFields("R"), usages=("3.1.2",)), "usages"),
        (CaSpec(SubjectFields("R"), permitted=("example.com",)), "permitted"),
        (CaSpec(SubjectFields("R"), permitted=("DNS:",)), "permitted"),
        (CaSpec(SubjectFields("R"), excluded=("IP:10.0.0.1/8",)), "excluded"),
        (CaSpec(SubjectFields("R"), excluded=("EMAIL:a b@example.com",)), "excluded"),
    ],
)
def test_what_is_wrong_with_a_ca_names_its_field(spec: CaSpec, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        ca.make_root(spec, NOW)
    assert caught.value.field == field


def test_name_constraints_are_written_as_rfc_5280_has_them() -> None:
    value = constraints_value(
        ("DNS:*.Example.com", "DNS:.example.org", "IP:10.0.0.0/8", "IP:2001:db8::/32", "EMAIL:example.com"),
        ("EMAIL:boss@example.com", "DNS:münchen.example"),
    )
    made = ca.make_root(
        CaSpec(
            SubjectFields("R"),
            "ec-256",
            permitted=(
                "DNS:*.Example.com",
                "DNS:.example.org",
                "IP:10.0.0.0/8",
                "IP:2001:db8::/32",
                "EMAIL:example.com",
            ),
            excluded=("EMAIL:boss@example.com", "DNS:münchen.example"),
        ),
        NOW,
    )
    extension = x509.load_der_x509_certificate(made.certificate.der).extensions.get_extension_for_class(
        x509.NameConstraints
    )
    assert extension.value.public_bytes() == value
    permitted, excluded = extension.value.permitted_subtrees or [], extension.value.excluded_subtrees or []
    assert [str(name.value) for name in permitted] == [
        "example.com",
        "example.org",
        "10.0.0.0/8",
        "2001:db8::/32",
        "example.com",
    ]
    assert [name.value for name in excluded] == ["boss@example.com", "xn--mnchen-3ya.example"]


def test_a_root_beyond_2050_reads_back_its_dates() -> None:
    made, _ = root(days=12_000)
    assert made.certificate.not_after == made.certificate.not_before + timedelta(days=12_000, seconds=-1)
    assert made.certificate.not_after.year > 2050


def test_a_request_for_an_offline_root_asks_for_all_that_the_ca_is_to_be() -> None:
    spec = CaSpec(SubjectFields("Issuing", "Example"), "ec-256", path_length=0, permitted=("DNS:example.com",))
    facts, key = ca.intermediate_csr(spec)
    request = x509.load_der_x509_csr(facts.der)
    assert facts.signature_valid
    assert facts.spki_sha256 == key.spki_sha256
    constraints = request.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value) == (True, x509.BasicConstraints(True, 0))
    assert request.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_a_ca_whose_key_is_elsewhere_is_signed_as_an_offline_root_would() -> None:
    top, signer = root()
    facts, key = ca.intermediate_csr(SUB)
    made = ca.sign_intermediate(facts.der, SUB, signer, NOW)
    assert made.certificate.spki_sha256 == key.spki_sha256
    assert made.certificate.is_ca
    assert signature_problem(made.certificate, top.certificate) == ""
    assert ca.check_ca_pair(made.certificate, key, NOW) == ()


def test_an_intermediate_has_a_name_of_its_own() -> None:
    _, signer = root()
    with pytest.raises(Invalid, match="name of its own"):
        below(signer, subject=SubjectFields("Root"))


def test_only_a_ca_with_its_own_key_can_be_imported() -> None:
    made = make_cert("Imported", ca=True)
    assert ca.check_ca_pair(made.facts, made.key_facts, NOW) == ()
    assert "not here" in ca.check_ca_pair(made.facts, None, NOW)[0]
    with pytest.raises(Invalid, match="not that of the certificate"):
        ca.check_ca_pair(made.facts, key_facts(make_key("ec-256", 77)), NOW)
    leaf = make_cert("www.example.com")
    for key in (leaf.key_facts, None):
        with pytest.raises(Invalid, match="is not a CA"):
            ca.check_ca_pair(leaf.facts, key, NOW)
    crl_only = make_cert("X", ca=True, key_usage=usage(ca=False))
    with pytest.raises(Invalid, match="keyUsage"):
        ca.check_ca_pair(crl_only.facts, crl_only.key_facts, NOW)
    with pytest.raises(Invalid, match="expired"):
        ca.check_ca_pair(made.facts, made.key_facts, NOW + timedelta(days=3650))


def test_a_dsa_ca_cannot_issue_here() -> None:
    made = make_cert("Old", ca=True, kind="dsa-1024")
    with pytest.raises(Invalid, match="dsa-1024"):
        ca.check_ca_pair(made.facts, made.key_facts, NOW)


def test_a_ca_with_a_weak_key_can_be_imported_without_it_only() -> None:
    made = make_cert("Old", ca=True, kind="rsa-1024")
    with pytest.raises(Invalid, match="too weak"):
        ca.check_ca_pair(made.facts, made.key_facts, NOW)
    assert ca.check_ca_pair(made.facts, None, NOW)


def test_what_is_odd_about_an_imported_ca_is_said() -> None:
    only = x509.KeyUsage(False, False, False, False, False, True, False, False, False)
    made = make_cert("No lists", ca=True, key_usage=only)
    assert "may not sign CRLs" in ca.check_ca_pair(made.facts, made.key_facts, NOW)[0]
    assert "not valid before" in ca.check_ca_pair(made.facts, made.key_facts, NOW - timedelta(days=40))[0]


def test_a_key_that_may_sign_by_pss_only_is_refused() -> None:
    made = make_cert("PSS", ca=True, kind="rsa-2048")
    oid = der.encode(der.OID, der.undotted("1.2.840.113549.1.1.10"))
    plain = der.encode(der.OID, der.undotted("1.2.840.113549.1.1.1"))
    spki = certificate_parts(made.der).spki
    (_, at, _, after), (_, bits, _, _) = der.parts(spki)
    assert plain in spki[at:after]
    changed = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, oid) + spki[bits:])
    facts = x509_facts(raw_cert(spki=changed))
    with pytest.raises(Invalid, match="RSASSA-PSS only"):
        load_signer(facts, made.key)


def test_a_limit_that_is_longer_than_any_chain_is_no_hindrance() -> None:
    made = make_cert("Top", ca=True, path_length=200)
    sub = ca.make_intermediate(SUB, load_signer(made.facts, made.key), NOW)
    assert limits(sub.certificate.der).path_length == 32


def test_an_imported_ca_repeats_its_name_octet_by_octet() -> None:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Old CA", _type=x509.name._ASN1Type.T61String, _validate=False)]
    )
    made = make_cert(ca=True, subject=name)
    issued = authority.leaf(by=load_signer(made.facts, made.key))
    assert issued.certificate.issuer_id == made.facts.subject_id


def test_serials_are_long_random_positive_and_canonical() -> None:
    serials = [new_serial() for _ in range(1000)]
    assert len(set(serials)) == 1000
    for serial in serials:
        assert f"{int(serial, 16):x}" == serial
        assert int(serial, 16).bit_length() == 127
        assert len(serial_octets(serial)) == 16


@given(st.integers(min_value=-(1 << 170), max_value=1 << 170))
def test_a_serial_becomes_an_integer_or_is_refused(number: int) -> None:
    if 0 < number < 1 << 159:
        assert int.from_bytes(serial_octets(f"{number:x}"), "big", signed=True) == number
    else:
        with pytest.raises(Invalid):
            serial_octets(f"{number:x}")


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_dates_never_leave_those_of_the_issuer(days: int, issuer_days: int) -> None:
    issuer = make_cert("CA", ca=True, days=20_000, not_before=NOW).facts
    found = validity(days, NOW + timedelta(days=issuer_days - 1), issuer)
    assert issuer.not_before <= found.not_before < found.not_after <= issuer.not_after
    assert bool(found.note) == (
        found.not_after - found.not_before < timedelta(days=days, seconds=-1) - timedelta(minutes=5)
    )


def test_a_signer_never_shows_its_key() -> None:
    assert "PrivateKey" not in repr(authority.authority().signer)


def test_a_preview_needs_no_key() -> None:
    made = authority.authority()
    assert known_issuer(made.issuing.certificate, (made.root.certificate.der,)).limits == made.signer.limits


def test_a_request_made_with_the_cas_own_key_is_refused() -> None:
    _, signer = root()
    own = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    data = own.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="key of the CA itself"):
        ca.sign_intermediate(data, SUB, signer, NOW)
