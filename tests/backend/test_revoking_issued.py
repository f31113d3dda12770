"""Revoking what a CA of this store issued: its CRL and OCSP answers say so at once, for leaves and for CAs."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from certtui.errors import Conflict
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import CaState
from certtui.model.order import OrderStatus
from certtui.model.query import Query, Sort
from certtui.model.revocation import AuthorityKnows, RevocationForm, RevocationReason
from certtui.model.secret import Secret
from certtui.pki import pem
from certtui.pki.facts import x509_facts
from tests.backend.cas import intermediate, ocsp_request, root
from tests.backend.issuing import complete, external_authority, local_authority, signed
from tests.certs import NOW


def ca_named(backend, name: str):
    return backend.cas.get(backend.cas.resolve(name))


def revoked(backend, page, reason=RevocationReason.KEY_COMPROMISE, **more):
    """The entry, revoked."""
    return backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number, reason, **more))


def listed(backend, ca, page) -> x509.RevokedCertificate | None:
    """What the newest CRL of a CA says of a certificate."""
    crl = x509.load_der_x509_crl(backend.cas.crl(ca.row.id))
    return crl.get_revoked_certificate_by_serial_number(int(page.x509.serial_number, 16))


@pytest.fixture
def made(backend):
    """(page, CA) of an ordered certificate."""
    local_authority(backend)
    order = complete(backend)
    return backend.certificates.get(order.row.certificate_id), ca_named(backend, "Issuing")


def test_the_plan_says_that_crl_and_ocsp_say_so_at_once(backend, made) -> None:
    page, _ = made
    assert backend.certificates.plan_revocation(page.id).authority == (
        "Issuing is a CA of this store: its CRL and OCSP answers say so at once."
    )


def test_the_crl_has_it_at_once_with_reason_and_date(backend, made) -> None:
    page, ca = made
    assert listed(backend, ca, page) is None
    after = revoked(backend, page, invalidity_date=NOW)
    assert after.revocation.authority is AuthorityKnows.HERE
    assert after.revocation.answer == ""
    assert after.status_reason.endswith("the CRL of its CA, which is here, says so.")
    entry = listed(backend, ca, page)
    assert entry is not None
    assert entry.revocation_date_utc == NOW
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc == NOW


def test_no_reason_is_said_by_leaving_it_out(backend, made) -> None:
    page, ca = made
    revoked(backend, page, RevocationReason.UNSPECIFIED)
    assert not list(listed(backend, ca, page).extensions)


def test_ocsp_says_so_at_once(backend, made) -> None:
    page, ca = made
    issuer = x509_facts(backend.cas.certificate(ca.row.id))

    def answer() -> ocsp.OCSPResponse:
        return ocsp.load_der_ocsp_response(backend.cas.ocsp(ocsp_request(page.x509, issuer)))

    assert answer().certificate_status is ocsp.OCSPCertStatus.GOOD
    revoked(backend, page)
    assert answer().certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert answer().revocation_reason is x509.ReasonFlags.key_compromise


def test_the_page_leads_to_its_order_and_authority(backend, made) -> None:
    page, _ = made
    assert (page.authority, page.authority_id is not None, page.order_id is not None) == ("internal", True, True)
    assert any(line.label == "Issuing CA" for line in page.panel)


def test_an_intermediate_is_revoked_by_its_parent_with_what_lives_below_it_named(backend, made) -> None:
    page, ca = made
    below = backend.certificates.get(ca.row.certificate_id)
    plan = backend.certificates.plan_revocation(below.id)
    assert any("a CA with 1 living certificate:" in warning for warning in plan.warnings)
    assert plan.authority.startswith("Root is a CA of this store")
    revoked(backend, below, RevocationReason.CA_COMPROMISE)
    above = ca_named(backend, "Root")
    assert listed(backend, above, below) is not None
    assert listed(backend, ca, page) is None


def test_a_ca_that_is_revoked_issues_no_more_and_goes_on_signing_its_crls(backend, made) -> None:
    page, ca = made
    below = backend.certificates.get(ca.row.certificate_id)
    assert any("it issues no more" in warning for warning in backend.certificates.plan_revocation(below.id).warnings)
    revoked(backend, below, RevocationReason.CA_COMPROMISE)
    assert ca_named(backend, "Issuing").row.state is CaState.RETIRED
    with suppress(Conflict):
        assert complete(backend, "two.example.com").row.status is not OrderStatus.COMPLETE
    assert backend.cas.get(ca.row.id).row.issued == 1
    revoked(backend, page)
    assert listed(backend, ca, page) is not None


def test_what_issues_below_a_revoked_ca_is_said_before_and_raises_its_hand_until_it_is_retired(backend) -> None:
    middle = intermediate(backend, root(backend), "Policy CA")
    deep = intermediate(backend, middle, "Deep")
    local_authority(backend, "deep-orders", ca="Deep")
    entry = backend.certificates.get(middle.row.certificate_id)
    (said,) = [one for one in backend.certificates.plan_revocation(entry.id).warnings if "below it" in one]
    assert said == (
        "The CA below it goes on issuing what nobody trusts, until retired: Deep; deep-orders would still be asked."
    )
    revoked(backend, entry, RevocationReason.CA_COMPROMISE)
    assert hands_up(backend) == [("Deep", "Policy CA")]
    now = backend.cas.get(deep.row.id)
    backend.cas.retire(now.row.id, now.row.version)
    assert hands_up(backend) == []


def hands_up(backend) -> list[tuple[str, str]]:
    backend.alerts.sweep()
    rows = backend.alerts.search(Query("kind:ca_revoked_above state:open", Sort("id"))).rows(0, 5)
    return [(row.object_name, row.detail) for row in rows]


def test_a_root_has_nobody_who_could_revoke_it(backend, made) -> None:
    above = ca_named(backend, "Root")
    plan = backend.certificates.plan_revocation(above.row.certificate_id)
    assert "self-issued" in plan.authority


def test_what_was_imported_again_is_still_revoked_by_its_ca(backend, made) -> None:
    page, ca = made
    backend.certificates.delete(page.id, page.version)
    (again,) = backend.certificates.add([NewCertificate(page.x509)])
    page = backend.certificates.get(again.id)
    assert revoked(backend, page).revocation.authority is AuthorityKnows.HERE
    assert listed(backend, ca, page) is not None


def test_deleting_the_entry_does_not_take_it_off_the_crl(backend, made) -> None:
    page, ca = made
    after = revoked(backend, page)
    backend.certificates.delete(after.id, after.version)
    backend.cas.issue_crl(ca.row.id)
    assert listed(backend, ca, page) is not None


def test_of_an_external_ca_a_person_must_tell_it(backend) -> None:
    external_authority(backend, contact="pki@globex.example")
    order = complete(backend, authority="globex")
    order = backend.orders.complete(order.id, order.version, signed(order.csr_pem))
    page = backend.certificates.get(order.row.certificate_id)
    after = revoked(backend, page)
    assert after.revocation.authority is AuthorityKnows.PERSON


def test_a_locked_store_revokes_and_its_crl_follows(local) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    page = backend.certificates.get(complete(backend).row.certificate_id)
    ca = ca_named(backend, "Issuing")
    backend.store.set_passphrase(Secret("open sesame"))
    backend.store.lock()
    after = revoked(backend, page)
    assert after.revocation.authority is AuthorityKnows.HERE
    assert "its CRL will say so" in after.status_reason
    assert listed(backend, ca, page) is None
    backend.store.unlock(Secret("open sesame"))
    assert backend.work.run_due().done.get("crls")
    assert listed(backend, ca, page) is not None
    assert backend.certificates.get(page.id).status_reason.endswith("the CRL of its CA, which is here, says so.")


def test_a_crash_after_the_commit_leaves_a_crl_that_is_due(local, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    page = backend.certificates.get(complete(backend).row.certificate_id)

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("certtui.backend.local.cas_revoke.crl_after_revocation", killed)
    with pytest.raises(KeyboardInterrupt):
        revoked(backend, page)
    backend = local.open()
    ca = ca_named(backend, "Issuing")
    assert backend.certificates.get(page.id).revocation is not None
    assert listed(backend, ca, page) is None
    assert backend.work.run_due().done.get("crls") == 1
    assert listed(backend, ca, page) is not None


def test_a_failure_inside_the_act_leaves_nothing_of_it(local, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    page = backend.certificates.get(complete(backend).row.certificate_id)
    head = backend.audit.head()

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("certtui.backend.local.audit_chain.append", fails)
    with pytest.raises(KeyboardInterrupt):
        revoked(backend, page)
    monkeypatch.undo()
    assert backend.certificates.get(page.id) == page
    assert backend.audit.head() == head
    assert listed(backend, ca_named(backend, "Issuing"), page) is None


@pytest.mark.real("openssl")
def test_openssl_refuses_it_by_the_crl(backend, made, tmp_path: Path) -> None:
    page, ca = made
    above = ca_named(backend, "Root")

    def written() -> list[str]:
        for name, der in {
            "root": backend.cas.certificate(above.row.id),
            "ca": backend.cas.certificate(ca.row.id),
            "leaf": page.x509.der,
        }.items():
            (tmp_path / name).write_bytes(pem.encode("CERTIFICATE", der))
        crls = b"".join(pem.encode("X509 CRL", backend.cas.crl(each.row.id)) for each in (above, ca))
        (tmp_path / "crls").write_bytes(crls)
        at = str(int(NOW.timestamp()))
        words = ["openssl", "verify", "-attime", at, "-crl_check_all", "-CAfile", "root", "-untrusted", "ca"]
        return [*words, "-CRLfile", "crls", "leaf"]

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(written(), cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False)

    assert verify().returncode == 0, verify().stderr
    revoked(backend, page)
    refused = verify()
    assert refused.returncode != 0
    assert "certificate revoked" in refused.stderr
