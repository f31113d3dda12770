"""pkilint reads what the built-in PKI signs, by the RFCs as somebody else understood them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pkilint import loader, pkix
from pkilint.pkix import certificate, crl, extension, name, ocsp
from pkilint.validation import ValidationFindingSeverity

from certtui.model.ca import CaSpec, IssuingUrls
from certtui.model.crl import CrlEntry
from certtui.model.csr import SubjectFields
from certtui.model.template import TEMPLATES, Template
from certtui.pki import der
from certtui.pki.ca import make_intermediate, make_root
from certtui.pki.crl import build_crl
from certtui.pki.ocsp import GOOD, UNKNOWN, OcspItem, OcspQuestion, answer, issuer_hashes
from certtui.pki.signing import new_serial
from tests import authority
from tests.certs import NOW, make_cert, make_chain

Document = Any  # pkilint has no types
_ALL = (
    "ec-256",
    "ec-384",
    "ec-521",
    "rsa-2048",
    "ed25519",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
)
DELTA = IssuingUrls(delta_crl=("http://pki.example.com/delta.crl",))


def certificate_findings(data: bytes) -> list[str]:
    """What pkilint's PKIX profile says, down to what it calls a notice."""
    validator = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return _findings(validator, loader.load_certificate(data, "certificate"))


def crl_findings(data: bytes) -> list[str]:
    """As `certificate_findings`, of a CRL."""
    validator = crl.create_pkix_crl_validator_container(
        _decoders(),
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )
    return _findings(validator, loader.load_crl(data, "crl"))


def ocsp_findings(data: bytes) -> list[str]:
    """As `certificate_findings`, of an OCSP response."""
    validator = ocsp.create_pkix_ocsp_response_validator_container([ocsp.create_response_decoder(), *_decoders()], [])
    return _findings(validator, loader.load_ocsp_response(data, "ocsp"))


def _decoders() -> list[Document]:
    return [
        pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ]


def _findings(validator: Document, document: Document) -> list[str]:
    results = validator.validate(document.root)
    assert results
    return [
        f"{described.finding.code} at {result.node.path}: {described.message}"
        for result in results
        for described in result.finding_descriptions
        if described.finding.severity <= ValidationFindingSeverity.NOTICE
    ]


def test_the_linter_finds_what_is_wrong() -> None:
    assert certificate_findings(make_cert(issuer=make_chain()[-1], plain=True).der)


@pytest.mark.parametrize("key_type", _ALL)
def test_a_root_and_an_intermediate_of_every_kind_of_key_have_no_findings(key_type: str) -> None:
    made = authority.authority(key_type)
    assert certificate_findings(made.root.certificate.der) == []
    assert certificate_findings(made.issuing.certificate.der) == []


def test_an_intermediate_with_every_limit_has_no_findings() -> None:
    spec = CaSpec(
        SubjectFields("Limited CA", "Example", country="DE"),
        "ec-256",
        path_length=0,
        permitted=("DNS:example.com", "IP:10.0.0.0/8", "IP:2001:db8::/32", "EMAIL:example.com"),
        excluded=("DNS:secret.example.com",),
        usages=("serverAuth", "clientAuth"),
    )
    made = make_intermediate(spec, authority.authority().root_signer, NOW, urls=authority.URLS)
    assert certificate_findings(made.certificate.der) == []


def test_a_root_that_lives_beyond_2050_has_no_findings() -> None:
    assert (
        certificate_findings(make_root(CaSpec(SubjectFields("Long"), "ec-256", days=12_000), NOW).certificate.der) == []
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
@pytest.mark.parametrize("key_type", ["ec-256", "rsa-2048", "ed25519", "ml-dsa-65"])
def test_a_leaf_of_every_template_has_no_findings(template: Template, key_type: str) -> None:
    sans = ("DNS:www.example.com", "IP:10.0.0.7") if template.needs_san else ()
    assert certificate_findings(authority.leaf(template, key_type=key_type, sans=sans).certificate.der) == []


def test_a_leaf_without_a_subject_has_no_findings() -> None:
    made = authority.leaf(subject=SubjectFields(), sans=("DNS:only.example.com",), urls=DELTA)
    assert certificate_findings(made.certificate.der) == []


def test_a_responder_has_no_findings() -> None:
    assert certificate_findings(authority.responder()[0].der) == []


@pytest.mark.parametrize("base", [None, 6])
def test_full_and_delta_lists_have_no_findings(base: int | None) -> None:
    entries = [
        CrlEntry(new_serial(), NOW),
        CrlEntry(new_serial(), NOW, "keyCompromise", NOW - timedelta(days=3)),
        CrlEntry(new_serial(), NOW, "superseded"),
    ]
    data = build_crl(
        authority.authority().signer,
        entries,
        7,
        NOW,
        NOW + timedelta(days=7),
        base_number=base,
        freshest=() if base else ("http://pki.example.com/delta.crl",),
    )
    assert crl_findings(data) == []


def test_an_empty_list_with_a_distribution_point_has_no_findings() -> None:
    signer = authority.authority().signer
    data = build_crl(signer, [], 1, NOW, NOW + timedelta(days=7), distribution_point=("http://pki.example.com/ca.crl",))
    assert crl_findings(data) == []


@pytest.mark.parametrize("key_type", ["ec-256", "rsa-2048", "ml-dsa-44"])
def test_an_ocsp_answer_has_no_findings(key_type: str) -> None:
    issuer = authority.authority(key_type).issuing.certificate
    digest = der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted("2.16.840.1.101.3.4.2.1")) + b"\x05\x00")
    hashes = issuer_hashes(issuer, "sha256")
    octets = b"".join(der.encode(der.OCTET_STRING, bytes.fromhex(each)) for each in hashes)
    cert_id = der.encode(der.SEQUENCE, digest + octets + b"\x02\x01\x05")
    item = OcspItem("sha256", *hashes, "5", cert_id)
    question = OcspQuestion((item, item, item), b"n" * 16)
    statuses = (GOOD, UNKNOWN, CrlEntry("5", NOW, "keyCompromise"))
    signer = authority.responder(key_type)[1]
    assert ocsp_findings(answer(question, statuses, signer, NOW, NOW + timedelta(hours=1))) == []
