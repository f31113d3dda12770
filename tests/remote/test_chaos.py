"""A network that drops, delays, truncates and duplicates: nothing is done twice, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui import intent
from certtui.backend.remote.retries import Patience
from certtui.errors import Conflict, Interrupted, Unreachable
from certtui.model.certificate import CertificateEdit
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query
from certtui.model.resource import ResourceForm
from tests.backend.entries import add, added, cert, new
from tests.chaos_proxy import Chaos
from tests.remote.estate import Served, served

SPOILT = ("refuse", "drop-request", "half-request", "drop-answer", "half-answer", "twice")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def chaos(team: Served) -> Iterator[Chaos]:
    with Chaos(team.server.port) as made:
        yield made


@pytest.fixture
def backend(team: Served, chaos: Chaos):
    return team.open(url=chaos.url)


@pytest.mark.parametrize("plan", SPOILT)
def test_a_csr_is_made_once(team: Served, chaos: Chaos, backend, plan: str) -> None:
    chaos.plan(plan, only="POST /api/v1/csrs")
    made = backend.csrs.create(CsrRequest(SubjectFields(common_name="once.example.com")))
    assert chaos.spoilt == [f"{plan} POST /api/v1/csrs HTTP/1.1"]
    assert [each.id for each in team.estate.backend.csrs.list()] == [made.id]


@pytest.mark.parametrize("plan", SPOILT)
def test_a_certificate_is_added_once_and_the_answer_says_so(team: Served, chaos: Chaos, backend, plan: str) -> None:
    chaos.plan(plan, only="POST /api/v1/certificates")
    outcome = add(backend, cert(), key=True)
    assert outcome.created
    assert outcome.key_attached
    assert team.estate.events().count("certificate.import.success") == 1


@pytest.mark.parametrize("plan", SPOILT)
def test_an_edit_is_made_once_and_is_no_conflict_with_itself(team: Served, chaos: Chaos, backend, plan: str) -> None:
    page = added(backend)
    chaos.plan(plan, only="PATCH")
    after = backend.certificates.edit(page.id, page.version, CertificateEdit(description="x"))
    assert (after.version, after.description) == (page.version + 1, "x")
    assert team.estate.events().count("certificate.edit.success") == 1


@pytest.mark.parametrize("plan", SPOILT)
def test_what_is_deleted_is_deleted_once(team: Served, chaos: Chaos, backend, plan: str) -> None:
    page = added(backend)
    chaos.plan(plan, only="DELETE")
    backend.certificates.delete(page.id, page.version)
    assert team.estate.events().count("certificate.delete.success") == 1


@pytest.mark.parametrize("plan", SPOILT)
def test_resources_and_associations_are_made_once(team: Served, chaos: Chaos, backend, plan: str) -> None:
    page = added(backend)
    chaos.plan(plan, only="POST /api/v1/resources")
    made = backend.resources.add(ResourceForm(name="lb", type="host"))
    chaos.plan(plan, only="associate")
    assert [each.name for each in backend.resources.associate(page.id, [made.row.id]).resources] == ["lb"]
    assert team.estate.events().count("resource.create.success") == 1


@pytest.mark.parametrize("plan", SPOILT)
def test_a_list_is_read_whole(team: Served, chaos: Chaos, backend, plan: str) -> None:
    team.estate.backend.certificates.add([new(cert(f"h{number:03d}.example.com")) for number in range(150)])
    chaos.plan(plan, only="listings")
    listing = backend.certificates.search(Query())
    chaos.plan(plan, only="rows")
    names = [row.name for row in (*listing.rows(0, 128), *listing.rows(128, 256))]
    assert names == [f"h{number:03d}.example.com" for number in range(150)]
    assert len(chaos.spoilt) == 2


def test_when_every_try_is_lost_asking_again_is_still_the_same_act(team: Served, chaos: Chaos, backend) -> None:
    request = CsrRequest(SubjectFields(common_name="once.example.com"))
    chaos.plan("drop-answer", "drop-answer", only="POST /api/v1/csrs")
    with pytest.raises(Unreachable):
        backend.csrs.create(request)
    made = backend.csrs.create(request)
    assert [each.id for each in team.estate.backend.csrs.list()] == [made.id]


def test_two_acts_that_look_alike_are_two(team: Served, backend) -> None:
    request = CsrRequest(SubjectFields(common_name="same.example.com"))
    assert backend.csrs.create(request).id != backend.csrs.create(request).id


def test_a_form_is_saved_once_also_by_a_console_that_was_started_anew(team: Served, chaos: Chaos, backend) -> None:
    request = CsrRequest(SubjectFields(common_name="once.example.com"))
    form = intent.new()
    chaos.plan("drop-answer", "drop-answer", only="POST /api/v1/csrs")
    with intent.of(form), pytest.raises(Unreachable):
        backend.csrs.create(request)
    backend.close()
    with intent.of(form):
        made = team.open().csrs.create(request)
    assert [each.id for each in team.estate.backend.csrs.list()] == [made.id]


def test_the_same_form_with_other_content_is_another_act(team: Served, backend) -> None:
    with intent.of(intent.new()):
        one = backend.csrs.create(CsrRequest(SubjectFields(common_name="one.example.com")))
        two = backend.csrs.create(CsrRequest(SubjectFields(common_name="two.example.com")))
    assert one.id != two.id


def test_somebody_elses_change_is_a_conflict_also_over_a_bad_network(team: Served, chaos: Chaos, backend) -> None:
    page = added(backend)
    team.open().certificates.edit(page.id, page.version, CertificateEdit(description="theirs"))
    chaos.plan("drop-answer", only="PATCH")
    with pytest.raises(Conflict):
        backend.certificates.edit(page.id, page.version, CertificateEdit(description="mine"))
    assert backend.certificates.get(page.id).description == "theirs"


def test_an_import_goes_on_through_everything(team: Served, chaos: Chaos) -> None:
    backend = team.open(url=chaos.url, patience=Patience(attempts=len(SPOILT) + 1, first=0.001))
    chaos.plan(*SPOILT)
    for number in range(6):
        add(backend, cert(f"h{number}.example.com"), key=True)
    assert chaos.waiting == 0
    assert team.estate.backend.certificates.overview().total == 6
    assert team.estate.events().count("certificate.import.success") == 6


def test_more_than_one_request_takes_is_sent_in_parts_and_each_once(
    team: Served, chaos: Chaos, backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.backend.remote.certificates.MOST_AT_ONCE", 2)
    batch = [new(cert(f"h{number}.example.com")) for number in range(5)]
    chaos.plan("drop-answer", "drop-answer", only="POST /api/v1/certificates ")
    with pytest.raises(Unreachable):
        backend.certificates.add(batch)
    chaos.plan("drop-answer", only="POST /api/v1/certificates ")
    outcomes = backend.certificates.add(batch)
    assert [each.name for each in outcomes] == [f"h{number}.example.com" for number in range(5)]
    assert all(each.created for each in outcomes)
    page = backend.certificates.get(outcomes[0].id)
    assert backend.certificates.edit_many(
        [(each.id, 1) for each in outcomes], CertificateEdit(description="x")
    ).done == tuple(each.id for each in outcomes)
    assert [each.row.id for each in backend.certificates.records([each.id for each in outcomes])] == [
        each.id for each in outcomes
    ]
    known = backend.certificates.lookup(
        fingerprints=[each.fingerprint_sha256 for each in outcomes], spkis=[page.spki_sha256]
    )
    assert {each.id for each in known} == {each.id for each in outcomes}
    assert team.estate.backend.certificates.overview().total == 5


def test_an_answer_that_does_not_come_is_given_up_after_the_time_out(team: Served, chaos: Chaos) -> None:
    backend = team.open(url=chaos.url, patience=Patience(attempts=1))
    backend._view.connection._timeout = 0.05
    chaos.plan("late")
    with pytest.raises(Unreachable, match="did not answer in time"):
        backend.certificates.overview()


def test_an_interrupt_breaks_off_what_waits_and_the_next_question_is_answered(
    team: Served, chaos: Chaos, backend
) -> None:
    chaos.plan("late")
    ended: list[Exception] = []

    def ask() -> None:
        try:
            backend.certificates.overview()
        except Interrupted as error:
            ended.append(error)

    waiter = threading.Thread(target=ask)
    waiter.start()
    while not chaos.spoilt:
        waiter.join(0.001)
    backend.interrupt()
    waiter.join(10)
    assert len(ended) == 1
    chaos.gate.set()
    assert backend.certificates.overview().total == 0


def test_leaving_does_not_wait_for_a_server_that_hangs(chaos: Chaos, backend) -> None:
    chaos.plan("late")

    def ask() -> None:
        with pytest.raises(Interrupted):
            backend.certificates.overview()

    waiter = threading.Thread(target=ask)
    waiter.start()
    while not chaos.spoilt:
        waiter.join(0.001)
    backend.close()
    waiter.join(10)
    assert not waiter.is_alive()


@pytest.mark.parametrize("plan", SPOILT)
def test_an_order_is_made_and_sent_once(team: Served, chaos: Chaos, backend, plan: str) -> None:
    from tests.backend.issuing import form, local_authority

    store = team.estate.backend
    local_authority(store)
    chaos.plan(plan, only="POST /api/v1/orders")
    draft = backend.orders.save(form())
    chaos.plan(plan, only="submit")
    order = backend.orders.submit(draft.id, draft.version)
    assert len(chaos.spoilt) == 2
    assert order.row.status == "complete"
    assert store.orders.overview().counts["complete"] == sum(store.orders.overview().counts.values()) == 1
    assert store.cas.get(2).row.issued == 1


@pytest.mark.parametrize("plan", SPOILT)
def test_a_certificate_is_revoked_once(team: Served, chaos: Chaos, backend, plan: str) -> None:
    from certtui.model.revocation import RevocationForm

    page = added(backend)
    assert page.x509 is not None
    chaos.plan(plan, only="revoke")
    after = backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    assert after.row.status == "revoked"
    assert team.estate.events().count("certificate.revoke.confirmed") == 1
