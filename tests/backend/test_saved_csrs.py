"""Saved CSRs: key and request made here, completed by the certificate that was signed for them and by no other."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from certtui.errors import Ambiguous, Conflict, Invalid, NotFound
from certtui.model.certificate import CertificateEdit, Labels, NewCertificate
from certtui.model.csr import CsrRequest, SavedCsr, SubjectFields
from certtui.model.query import Query
from certtui.model.status import Status
from tests.backend.entries import added, cert, events
from tests.certs import NOW, Made, make_key


def request(common_name: str = "shop.example.com", **labels: str) -> CsrRequest:
    return CsrRequest(SubjectFields(common_name=common_name), (f"DNS:{common_name}",), "ec-256", Labels(**labels))


def signed(saved: SavedCsr) -> NewCertificate:
    """What an authority makes of a request."""
    from datetime import timedelta

    from certtui.pki.facts import x509_facts

    csr = x509.load_pem_x509_csr(saved.pem.encode())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(csr.subject)
        .public_key(csr.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=199))
        .sign(make_key("ec-256", 99), hashes.SHA256())
    )
    return NewCertificate(x509_facts(Made(certificate, None).der))


def test_a_saved_csr_is_a_pending_entry_with_its_key(backend) -> None:
    saved = backend.csrs.create(request(name="shop", business_group="web"))
    page = backend.certificates.get(saved.id)
    assert (page.row.status, page.row.has_private_key, page.x509) == (Status.PENDING, True, None)
    assert (page.row.name, page.row.business_group, page.csr_pem) == ("shop", "web", saved.pem)
    assert page.sans == ("DNS:shop.example.com",)
    assert x509.load_pem_x509_csr(saved.pem.encode()).is_signature_valid
    assert page.row.days_remaining is None
    assert events(backend)[-1] == "certificate.request_csr.saved"


def test_saved_csrs_are_listed_newest_first_and_found_by_name(backend, harness) -> None:
    first = backend.csrs.create(request("a.example.com"))
    harness.clock.advance(days=1)
    second = backend.csrs.create(request("b.example.com"))
    assert [one.id for one in backend.csrs.list()] == [second.id, first.id]
    assert backend.csrs.resolve("a.example.com") == first.id
    assert backend.csrs.resolve(str(second.id)) == second.id
    assert backend.csrs.get(first.id) == first
    assert [row.id for row in backend.certificates.search(Query("status:pending")).rows(0, 5)] == [first.id, second.id]


def test_names_of_saved_csrs_that_fit_several_list_the_candidates(backend) -> None:
    ids = {backend.csrs.create(request(name="shop")).id for _ in range(2)}
    with pytest.raises(Ambiguous) as several:
        backend.csrs.resolve("shop")
    assert {candidate for candidate, _ in several.value.candidates} == ids
    with pytest.raises(NotFound):
        backend.csrs.resolve("nothing")


def test_its_certificate_completes_it_and_keeps_its_labels_and_key(backend) -> None:
    saved = backend.csrs.create(request(name="shop", business_group="web"))
    key = backend.certificates.reveal_key(saved.id)
    new = signed(saved)
    outcome = backend.csrs.complete(saved.id, saved.version, new)
    assert (outcome.id, outcome.completed_csr, outcome.created) == (saved.id, True, True)
    page = backend.certificates.get(saved.id)
    assert page.x509 == new.x509
    assert (page.row.status, page.row.name, page.row.business_group) == (Status.ACTIVE, "shop", "web")
    assert page.csr_pem == saved.pem
    assert backend.certificates.reveal_key(saved.id) == key
    assert backend.csrs.list() == []
    assert "certificate.request_csr.completed" in events(backend)


def test_a_certificate_of_another_key_is_refused_naming_both(backend) -> None:
    saved = backend.csrs.create(request())
    with pytest.raises(Invalid) as refused:
        backend.csrs.complete(saved.id, saved.version, NewCertificate(cert().facts))
    assert refused.value.field == "certificate"
    assert saved.spki_sha256[:8] in refused.value.message
    assert cert().facts.spki_sha256[:8] in refused.value.message
    assert backend.csrs.get(saved.id) == saved


def test_a_certificate_that_is_just_added_completes_the_csr_it_belongs_to(backend, store) -> None:
    saved = backend.csrs.create(request())
    outcome = backend.certificates.add([signed(saved)])[0]
    assert (outcome.id, outcome.completed_csr) == (saved.id, True)
    assert backend.csrs.list() == []
    assert store.status().certificates == 1


def test_completing_needs_the_version_that_was_seen(backend) -> None:
    saved = backend.csrs.create(request())
    backend.certificates.edit(saved.id, saved.version, CertificateEdit(description="x"))
    with pytest.raises(Conflict):
        backend.csrs.complete(saved.id, saved.version, signed(saved))


def test_a_csr_is_completed_once(backend) -> None:
    saved = backend.csrs.create(request())
    new = signed(saved)
    backend.csrs.complete(saved.id, saved.version, new)
    with pytest.raises(NotFound):
        backend.csrs.complete(saved.id, saved.version + 1, new)


def test_a_certificate_that_is_another_entry_already_does_not_complete_a_csr(backend) -> None:
    page = added(backend)
    saved = backend.csrs.create(request())
    with pytest.raises(Conflict):
        backend.certificates.add([NewCertificate(cert().facts, csr_id=saved.id)])
    assert backend.csrs.get(saved.id) == saved
    assert backend.certificates.get(page.id) == page


def test_a_completed_csr_is_found_by_its_certificate(backend) -> None:
    saved = backend.csrs.create(request(name="kiosk"))
    backend.csrs.complete(saved.id, saved.version, signed(saved))
    rows = backend.certificates.search(Query("kiosk status:active")).rows(0, 5)
    assert [row.id for row in rows] == [saved.id]


def test_a_deleted_csr_takes_its_key_along(backend, store) -> None:
    saved = backend.csrs.create(request())
    backend.csrs.delete(saved.id, saved.version)
    assert backend.csrs.list() == []
    assert store.status().sealed_keys == 0
    assert events(backend)[-1] == "certificate.request_csr.deleted"
    with pytest.raises(NotFound):
        backend.csrs.delete(saved.id, saved.version)


def test_a_certificate_is_no_saved_csr(backend) -> None:
    page = added(backend, key=True)
    with pytest.raises(NotFound):
        backend.csrs.get(page.id)
    with pytest.raises(NotFound):
        backend.csrs.delete(page.id, page.version)
    assert backend.certificates.get(page.id) == page


def test_a_form_that_is_wrong_is_refused_by_field(backend) -> None:
    with pytest.raises(Invalid) as refused:
        backend.csrs.create(CsrRequest(SubjectFields(country="Germany", common_name="a.example.com")))
    assert refused.value.field == "country"
    assert backend.csrs.list() == []
