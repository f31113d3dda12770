"""Revoking: the plan says what breaks, the act is for good, and what its authority knows is never lost."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.certificate import CertificateEdit
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.revocation import AuthorityKnows, RevocationForm, RevocationReason
from certtui.model.status import Status
from tests.backend.entries import add, added, cert, events, resource
from tests.certs import NOW, make_chain


def revoked(backend, page, reason=RevocationReason.SUPERSEDED, **more):
    """The entry, revoked."""
    return backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number, reason, **more))


def test_a_revoked_certificate_says_so_everywhere(backend) -> None:
    page = added(backend)
    after = revoked(backend, page)
    assert after.row.status is Status.REVOKED
    assert after.version == page.version + 1
    assert after.revocation is not None
    assert after.revocation.reason is RevocationReason.SUPERSEDED
    assert after.revocation.revoked_at == NOW
    assert after.revocation.by == "ada"
    assert after.status_reason.startswith(
        "Revoked on 2026-06-15 for superseded by ada; a person must tell its authority."
    )
    assert backend.certificates.records([page.id])[0].row.status is Status.REVOKED


def test_without_a_known_authority_a_person_must_tell_it_until_somebody_says_so(backend) -> None:
    after = revoked(backend, added(backend))
    assert after.revocation.authority is AuthorityKnows.PERSON
    told = backend.certificates.note_authority_told(after.id, after.version)
    assert told.revocation.authority is AuthorityKnows.PERSON_TOLD
    assert "ada" in told.revocation.answer
    with pytest.raises(Conflict):
        backend.certificates.note_authority_told(told.id, told.version)


def test_nobody_can_have_told_of_what_is_not_revoked(backend) -> None:
    page = added(backend)
    with pytest.raises(Conflict):
        backend.certificates.note_authority_told(page.id, page.version)
    with pytest.raises(NotFound):
        backend.certificates.note_authority_told(99, 1)


def test_the_serial_number_guards_against_another_one(backend) -> None:
    page = added(backend)
    for serial in ("", "0", "ab:cd", page.x509.serial_number + "0"):
        with pytest.raises(Invalid) as refused:
            backend.certificates.revoke(page.id, page.version, RevocationForm(serial))
        assert refused.value.field == "serial_number"
    assert backend.certificates.get(page.id).revocation is None


def test_the_serial_number_may_be_written_as_other_programs_do(backend) -> None:
    page = added(backend)
    digits = page.x509.serial_number.upper()
    digits = digits if len(digits) % 2 == 0 else f"0{digits}"
    written = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    after = backend.certificates.revoke(page.id, page.version, RevocationForm(f" 00:{written} "))
    assert after.revocation.reason is RevocationReason.UNSPECIFIED


def test_what_moved_is_not_revoked(backend) -> None:
    page = added(backend)
    backend.certificates.edit(page.id, page.version, CertificateEdit(description="moved"))
    with pytest.raises(Conflict):
        revoked(backend, page)
    assert backend.certificates.get(page.id).revocation is None


def test_revoking_is_for_good(backend) -> None:
    after = revoked(backend, added(backend))
    with pytest.raises(Conflict, match="revoked already"):
        revoked(backend, after)
    with pytest.raises(Conflict, match="revoked already"):
        backend.certificates.plan_revocation(after.id)


def test_what_has_no_certificate_is_not_revoked(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    with pytest.raises(Conflict):
        backend.certificates.plan_revocation(saved.id)
    with pytest.raises(Conflict):
        backend.certificates.revoke(saved.id, 1, RevocationForm("1"))
    with pytest.raises(NotFound):
        backend.certificates.plan_revocation(99)


@pytest.mark.parametrize("shift", [timedelta(seconds=1), timedelta(days=-4000)], ids=["future", "before it existed"])
def test_an_invalidity_date_is_a_day_that_can_have_been(backend, shift) -> None:
    page = added(backend)
    with pytest.raises(Invalid) as refused:
        revoked(backend, page, invalidity_date=NOW + shift)
    assert refused.value.field == "invalidity_date"


def test_an_invalidity_date_is_kept(backend) -> None:
    page = added(backend)
    since = NOW - timedelta(hours=3)
    assert revoked(backend, page, invalidity_date=since).revocation.invalidity_date == since


def test_the_plan_names_what_breaks_and_who_must_know_and_changes_nothing(backend) -> None:
    page = added(backend)
    used = [resource(backend, name).row.id for name in ("lb-west", "edge-3")]
    page = backend.resources.associate(page.id, used)
    latest = backend.feed.latest()
    plan = backend.certificates.plan_revocation(page.id)
    assert [one.name for one in plan.resources] == ["edge-3", "lb-west"]
    assert plan.serial_number == page.x509.serial_number
    assert (plan.certificate_id, plan.version, plan.name) == (page.id, page.version, page.row.name)
    assert plan.replacement_id is None
    assert plan.replacement == "No replacement is in the inventory."
    assert "A person must" in plan.authority
    assert backend.certificates.get(page.id).version == page.version
    assert not backend.feed.since(latest)


def test_the_plan_and_the_act_are_on_record(backend) -> None:
    page = added(backend)
    plan = backend.certificates.plan_revocation(page.id)
    revoked(backend, page, RevocationReason.KEY_COMPROMISE)
    assert events(backend)[-2:] == ["certificate.revoke.requested", "certificate.revoke.confirmed"]
    head = backend.audit.head().seq
    asked, done = (json.loads(backend.audit.get(seq).detail) for seq in (head - 1, head))
    assert asked["serial"] == done["serial"] == plan.serial_number
    assert (done["reason"], done["code"], done["authority"]) == ("keyCompromise", 1, "a person must tell it")


def test_a_renewal_that_can_be_used_is_the_replacement(backend) -> None:
    old = added(backend)
    newer = backend.certificates.get(add(backend, cert("other.example.com", number=2), name="newer").id)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, newer.id))
    plan = backend.certificates.plan_revocation(old.id)
    assert plan.replacement_id == newer.id
    assert plan.replacement.startswith("newer ")
    assert " renews it and is valid until " in plan.replacement
    assert [member.relation for member in plan.lineage] == ["this", "renewal"]


def test_what_it_renewed_is_named_as_the_one_before_it(backend) -> None:
    old = added(backend)
    newer = backend.certificates.get(add(backend, cert("www.example.com", number=2), name="newer").id)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, newer.id))
    plan = backend.certificates.plan_revocation(newer.id)
    assert plan.replacement_id == old.id
    assert f"(id {old.id}) is the one before it and is valid until " in plan.replacement


@pytest.mark.parametrize(
    ("sans", "fits"),
    [
        (("www.example.com",), True),
        (("*.example.com",), True),
        (("www.example.com", "api.example.com"), True),
        (("www.example.org",), False),
        (("example.com",), False),
        (("www.example.com", "www.example.org"), True),
    ],
)
def test_else_one_that_is_valid_for_all_of_its_names(backend, sans, fits) -> None:
    page = added(backend)
    other = add(backend, cert("another", number=7, sans=sans), name="another")
    plan = backend.certificates.plan_revocation(page.id)
    assert plan.replacement_id == (other.id if fits else None)


def test_what_can_not_be_used_is_no_replacement(backend) -> None:
    page = added(backend)
    add(backend, cert("www.example.com", number=8, not_before=NOW - timedelta(days=9), days=3), name="expired")
    add(backend, cert("www.example.com", number=9, not_before=NOW + timedelta(days=9)), name="later")
    other = backend.certificates.get(add(backend, cert("www.example.com", number=10), name="revoked").id)
    revoked(backend, other)
    assert backend.certificates.plan_revocation(page.id).replacement_id is None


def test_an_expired_one_can_be_revoked_and_the_plan_says_that_it_expired(backend) -> None:
    added_one = add(backend, cert("old.example.com", not_before=NOW - timedelta(days=30), days=10))
    page = backend.certificates.get(added_one.id)
    assert page.row.status is Status.EXPIRED
    assert any("expired" in warning for warning in backend.certificates.plan_revocation(page.id).warnings)
    assert revoked(backend, page).row.status is Status.REVOKED


def test_of_a_ca_the_plan_counts_what_lives_below_it(backend) -> None:
    chain = make_chain()
    for made in chain:
        add(backend, made)
    leaf, above = chain[0], chain[1]
    found = {page.x509.fingerprint_sha256: page for page in map(backend.certificates.get, range(1, len(chain) + 1))}
    plan = backend.certificates.plan_revocation(found[above.facts.fingerprint_sha256].id)
    assert any("a CA with 1 living certificate:" in warning for warning in plan.warnings)
    plan = backend.certificates.plan_revocation(found[leaf.facts.fingerprint_sha256].id)
    assert not any("CA" in warning for warning in plan.warnings)


def test_a_self_issued_one_has_nobody_who_could_say_so(backend) -> None:
    assert "self-issued" in backend.certificates.plan_revocation(added(backend).id).authority


def test_of_an_imported_one_the_plan_names_the_issuer_that_a_person_must_tell(backend) -> None:
    leaf, above, _ = make_chain()
    page = backend.certificates.get(add(backend, leaf).id)
    plan = backend.certificates.plan_revocation(page.id)
    assert plan.authority == f"No authority is known here that issued it. A person must tell {above.facts.common_name}."
