"""An authority is told of a revocation until it answers: by one worker at a time, and whatever it said is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from certtui.authorities.base import Told
from certtui.backend.local import authorities_made
from certtui.backend.local.revoke_work import LEASE, revocations_due
from certtui.errors import Conflict, Unreachable
from certtui.model.authority import AuthorityCapabilities
from certtui.model.panel import PanelLine
from certtui.model.revocation import AuthorityKnows, RevocationForm, RevocationReason
from tests.backend.entries import add, added, events
from tests.certs import NOW, make_chain

PROFILE = 7


@dataclass
class Asked:
    """An authority that answers from a list and remembers what it was asked."""

    answers: list[Told | BaseException] = field(default_factory=list)
    asked: list[tuple[str, RevocationReason]] = field(default_factory=list)
    why_not: str = ""
    during: list = field(default_factory=list)

    @property
    def capabilities(self) -> AuthorityCapabilities:
        return AuthorityCapabilities(why_no_revoke=self.why_not)

    def panel(self, request, reference, now) -> list[PanelLine]:
        return [PanelLine("Contact", "pki@example.com")]

    def revoke(self, leaf, reason) -> Told:
        self.asked.append((leaf.serial_number, reason))
        for act in self.during:
            act()
        answer = self.answers.pop(0) if self.answers else Told(True, "revoked")
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def authority(monkeypatch) -> Asked:
    """The authority of every profile."""
    asked = Asked()
    monkeypatch.setattr(authorities_made, "authority_of", lambda store, authority_id: asked)
    return asked


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def backend(request, tmp_path) -> Iterator:
    """A local backend with a profile that certificates may come from."""
    from tests.backend.conftest import HARNESSES

    made = HARNESSES[request.param](tmp_path / "store")
    opened = made.open(**({"create": True} if request.param == "sqlite" else {}))
    opened.harness = made
    _profile(opened)
    yield opened
    made.close()


def _profile(backend) -> None:
    from certtui.backend.local.tables_issuing import AuthorityTable

    with backend._store.changing() as change:
        row = AuthorityTable(
            id=PROFILE, created_at=1, updated_at=1, name="Example CA", name_key="example ca", type="acme"
        )
        change.session.add(row)


def issued(backend, number: int = 0):
    """An entry that the profile has issued."""
    leaf = make_chain(f"www{number}.example.com", number=number)[0]
    row_id = add(backend, leaf).id
    from certtui.backend.local.tables import CertificateTable

    with backend._store.changing() as change:
        change.session.get(CertificateTable, row_id).authority_id = PROFILE
    return backend.certificates.get(row_id)


def revoke(backend, page):
    """The entry, revoked."""
    form = RevocationForm(page.x509.serial_number, RevocationReason.KEY_COMPROMISE)
    return backend.certificates.revoke(page.id, page.version, form)


def test_the_page_has_what_the_authority_says_of_itself(backend, authority) -> None:
    assert issued(backend).panel == (PanelLine("Contact", "pki@example.com"),)


def test_a_profile_that_can_not_be_read_leaves_the_page_as_it_is(backend) -> None:
    from certtui.backend.local.tables_issuing import AuthorityTable

    with backend._store.changing() as change:
        row = change.session.get(AuthorityTable, PROFILE)
        row.type, row.settings = "local", '{"ca": "77"}'
    (line,) = issued(backend).panel
    assert line.mark == "problem"


def test_an_authority_that_answers_knows_at_once(backend, authority) -> None:
    page = issued(backend)
    assert (
        backend.certificates.plan_revocation(page.id).authority
        == "Example CA is asked at once, and again until it answers."
    )
    after = revoke(backend, page)
    assert after.revocation.authority is AuthorityKnows.TOLD
    assert (after.revocation.answer, after.revocation.attempts, after.revocation.tries_at) == ("revoked", 1, None)
    assert authority.asked == [(page.x509.serial_number, RevocationReason.KEY_COMPROMISE)]
    assert events(backend)[-2:] == ["certificate.revoke.confirmed", "certificate.revoke.told"]
    assert after.authority == "Example CA"
    assert after.status_reason.endswith("its authority was told.")


def test_one_that_can_not_be_reached_is_asked_again_later_and_later(backend, authority) -> None:
    authority.answers = [Unreachable("No route to it.") for _ in range(4)]
    after = revoke(backend, issued(backend))
    assert after.row.status == "revoked"
    pauses = []
    for attempt in range(1, 5):
        now = backend.clock.now()
        revocation = backend.certificates.get(after.id).revocation
        assert revocation.authority is AuthorityKnows.NOT_TOLD
        assert revocation.attempts == attempt
        pauses.append(revocation.tries_at - now)
        assert revocations_due(backend._store, revocation.tries_at - timedelta(seconds=1)) == (0, ())
        backend.harness.clock.advance(seconds=pauses[-1].total_seconds())
        done = revocations_due(backend._store, backend.clock.now())
    assert done == (1, ())
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)
    assert backend.certificates.get(after.id).revocation.authority is AuthorityKnows.TOLD
    assert events(backend).count("certificate.revoke.not_told") == 4


def test_the_page_says_how_often_it_was_tried_and_when_again(backend, authority) -> None:
    authority.answers = [Unreachable("No route to it.", "Look at the network.")]
    said = revoke(backend, issued(backend)).status_reason
    assert said == (
        "Revoked on 2026-06-15 for keyCompromise by ada; its authority was not told yet: tried once, "
        "next at 2026-06-15 12:01 UTC. It said: No route to it. Look at the network."
    )


def test_one_that_will_never_do_it_leaves_it_to_a_person(backend, authority) -> None:
    authority.answers = [Told(False, "This certificate is not ours.")]
    after = revoke(backend, issued(backend))
    assert after.revocation.authority is AuthorityKnows.PERSON
    assert after.revocation.tries_at is None
    assert "This certificate is not ours." in after.status_reason


def test_one_that_can_not_revoke_is_not_asked(backend, authority) -> None:
    authority.why_not = "It is told by mail."
    page = issued(backend)
    assert (
        backend.certificates.plan_revocation(page.id).authority == "It is told by mail. A person must tell Example CA."
    )
    after = revoke(backend, page)
    assert after.revocation.authority is AuthorityKnows.PERSON
    assert after.revocation.answer == "It is told by mail."
    assert authority.asked == []


def test_a_failed_attempt_leaves_the_version_that_others_saw(backend, authority) -> None:
    authority.answers = [Unreachable("No."), Unreachable("No.")]
    after = revoke(backend, issued(backend))
    backend.harness.clock.advance(minutes=1)
    revocations_due(backend._store, backend.clock.now())
    assert backend.certificates.get(after.id).version == after.version


def test_while_one_asks_nobody_else_does(backend, authority) -> None:
    authority.answers = [Unreachable("No.")]
    revoke(backend, issued(backend))
    backend.harness.clock.advance(minutes=1)
    other = backend.harness.open()
    rounds = []
    authority.during = [lambda: rounds.append(revocations_due(other._store, other.clock.now()))]
    assert revocations_due(backend._store, backend.clock.now()) == (1, ())
    assert rounds == [(0, ())]
    assert len(authority.asked) == 2


def test_after_a_crash_in_between_it_is_asked_again_when_the_lease_has_ended(backend, authority) -> None:
    authority.answers = [Unreachable("No."), KeyboardInterrupt()]
    after = revoke(backend, issued(backend))
    backend.harness.clock.advance(minutes=1)
    with pytest.raises(KeyboardInterrupt):
        revocations_due(backend._store, backend.clock.now())
    assert revocations_due(backend._store, backend.clock.now()) == (0, ())
    backend.harness.clock.advance(seconds=LEASE.total_seconds())
    assert revocations_due(backend._store, backend.clock.now()) == (1, ())
    assert backend.certificates.get(after.id).revocation.authority is AuthorityKnows.TOLD


def test_a_round_goes_on_after_one_that_failed_and_names_it(backend, authority) -> None:
    authority.answers = [Unreachable("No."), Unreachable("No."), Unreachable("Still no.")]
    pages = [revoke(backend, issued(backend, number)) for number in (1, 2)]
    backend.harness.clock.advance(minutes=1)
    assert revocations_due(backend._store, backend.clock.now()) == (1, ("www1.example.com: Still no.",))
    knows = [backend.certificates.get(page.id).revocation.authority for page in pages]
    assert knows == [AuthorityKnows.NOT_TOLD, AuthorityKnows.TOLD]


def test_a_person_may_have_told_it_before_it_answered(backend, authority) -> None:
    authority.answers = [Unreachable("No.")]
    after = revoke(backend, issued(backend))
    told = backend.certificates.note_authority_told(after.id, after.version)
    assert told.revocation.authority is AuthorityKnows.PERSON_TOLD
    backend.harness.clock.advance(days=1)
    assert revocations_due(backend._store, backend.clock.now()) == (0, ())


def test_what_the_authority_does_not_know_yet_is_not_deleted(backend, authority) -> None:
    authority.answers = [Unreachable("No.")]
    after = revoke(backend, issued(backend))
    with pytest.raises(Conflict, match="not told yet"):
        backend.certificates.delete(after.id, after.version)
    outcome = backend.certificates.delete_many([(after.id, after.version)])
    assert outcome.done == ()
    assert "not told yet" in outcome.skipped[0][1]
    told = backend.certificates.note_authority_told(after.id, after.version)
    backend.certificates.delete(told.id, told.version)


def test_a_fault_in_asking_leaves_it_revoked_and_to_be_asked_again(backend, authority) -> None:
    authority.answers = [ValueError("a secret word")]
    after = revoke(backend, issued(backend))
    assert after.revocation.authority is AuthorityKnows.NOT_TOLD
    assert after.revocation.answer == "Asking it failed: ValueError."


def test_every_answer_is_on_record(backend, authority) -> None:
    authority.answers = [Unreachable("No.")]
    revoke(backend, issued(backend))
    detail = json.loads(backend.audit.get(backend.audit.head().seq).detail)
    assert (detail["answer"], detail["attempts"], detail["next"]) == ("No.", 1, "2026-06-15T12:01:00Z")


def test_what_nobody_has_to_be_told_of_is_no_work(backend, authority) -> None:
    page = added(backend)
    revoke(backend, page)
    assert revocations_due(backend._store, NOW + timedelta(days=9)) == (0, ())
