"""Adding certificates: once each, wholly or not at all, with what belongs to them."""

from __future__ import annotations

import json

import pytest

from certtui.backend.base import Backend
from certtui.errors import Invalid, NotFound
from certtui.model.certificate import Labels, NewCertificate, Source
from certtui.model.query import Query
from certtui.model.status import Status
from tests.backend.entries import add, added, cert, events, new
from tests.certs import make_chain, subject_name


def test_an_added_certificate_is_there_with_every_fact(backend: Backend) -> None:
    made = cert("www.example.com", sans=("www.example.com", "IP:192.0.2.1", "URI:https://example.com/a"))
    outcome = add(backend, made)
    page = backend.certificates.get(outcome.id)
    assert page.x509 == made.facts
    assert (outcome.created, outcome.key_attached, outcome.name) == (True, False, "www.example.com")
    assert page.sans == made.facts.sans
    assert page.row.status is Status.ACTIVE
    assert page.row.source == "imported"
    assert page.row.has_private_key is False


def test_what_people_write_on_it_is_kept(backend: Backend) -> None:
    labels = {
        "name": "shop",
        "business_group": "payments",
        "description": "two\nlines",
        "contact_email": "a@example.com",
    }
    page = backend.certificates.get(add(backend, cert(), **labels).id)
    assert (page.row.name, page.row.business_group) == ("shop", "payments")
    assert (page.description, page.row.contact_email) == ("two\nlines", "a@example.com")


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (cert("www.example.com"), "www.example.com"),
        (cert("", subject=subject_name(organization="ACME"), sans=("IP:192.0.2.1",)), "192.0.2.1"),
        (
            cert("", subject=subject_name(organization="ACME", organizational_unit="Shop, online"), sans=()),
            "Shop, online",
        ),
        (cert("", subject=subject_name(organization="ACME"), sans=()), "ACME"),
        (cert("", subject=subject_name(), issuer=cert("R3", ca=True), sans=()), "from R3"),
    ],
    ids=["common name", "first SAN", "unit", "organisation", "nothing"],
)
def test_an_entry_without_a_name_is_called_by_its_certificate(backend: Backend, made, name: str) -> None:
    assert add(backend, made).name == name


def test_two_entries_may_share_a_name(backend: Backend) -> None:
    first = add(backend, cert(number=1), name="shop")
    second = add(backend, cert(number=2), name="shop")
    assert first.id != second.id


def test_what_is_there_already_is_not_added_twice(backend: Backend) -> None:
    first = add(backend, cert(), name="first")
    again = add(backend, cert(), name="again")
    assert (again.id, again.created, again.name) == (first.id, False, "first")
    assert len(backend.certificates.search(Query()).ids()) == 1


def test_adding_what_is_there_changes_and_records_nothing(backend: Backend) -> None:
    page = added(backend)
    head = backend.audit.head()
    add(backend, cert())
    assert backend.audit.head() == head
    assert backend.certificates.get(page.id).version == page.version


def test_a_key_that_was_missing_is_attached(backend: Backend) -> None:
    page = added(backend)
    outcome = add(backend, cert(), key=True)
    assert (outcome.id, outcome.created, outcome.key_attached) == (page.id, False, True)
    after = backend.certificates.get(page.id)
    assert after.row.has_private_key
    assert after.version == page.version + 1


def test_a_key_that_is_there_is_not_attached_again(backend: Backend) -> None:
    added(backend, key=True)
    assert add(backend, cert(), key=True).key_attached is False


def test_a_key_of_another_certificate_is_refused_naming_both_keys(backend: Backend) -> None:
    made, other = cert(number=1), cert(number=2)
    with pytest.raises(Invalid) as refused:
        backend.certificates.add([NewCertificate(made.facts, key=other.key_facts)])
    assert refused.value.field == "key"
    assert made.facts.spki_sha256[:8] in refused.value.message
    assert other.facts.spki_sha256[:8] in refused.value.message


def test_one_refused_certificate_keeps_the_whole_batch_out(backend: Backend) -> None:
    good, bad = cert("good.example.com", number=1), cert("bad.example.com", number=2)
    wrong = NewCertificate(bad.facts, key=good.key_facts)
    with pytest.raises(Invalid):
        backend.certificates.add([new(good), wrong])
    assert list(backend.certificates.search(Query()).ids()) == []


def test_the_same_certificate_twice_in_a_batch_becomes_one_entry(backend: Backend) -> None:
    made = cert()
    outcomes = backend.certificates.add([new(made), new(made, key=True), new(made)])
    assert len({one.id for one in outcomes}) == 1
    assert [one.created for one in outcomes] == [True, False, False]
    assert [one.key_attached for one in outcomes] == [False, True, False]
    assert backend.certificates.get(outcomes[0].id).row.has_private_key


def test_outcomes_come_in_the_order_given(backend: Backend) -> None:
    made = [cert(f"host-{number}.example.com", number=number) for number in range(5)]
    add(backend, made[3])
    outcomes = backend.certificates.add([new(one) for one in made])
    assert [one.fingerprint_sha256 for one in outcomes] == [one.facts.fingerprint_sha256 for one in made]
    assert [one.created for one in outcomes] == [True, True, True, False, True]


def test_a_batch_is_one_audit_event_with_its_ids_and_a_digest(backend: Backend) -> None:
    before = backend.audit.head().seq
    outcomes = backend.certificates.add([new(cert(f"h{n}.example.com", number=n), key=n == 1) for n in range(3)])
    assert backend.audit.head().seq == before + 1
    event = backend.audit.get(before + 1)
    detail = json.loads(event.detail)
    assert event.event == "certificate.import.success"
    assert detail["ids"] == [one.id for one in outcomes]
    assert detail["keys"] == [outcomes[1].id]
    assert len(detail["digest"]) == 64


def test_an_empty_batch_is_nothing(backend: Backend) -> None:
    assert list(backend.certificates.add([])) == []


def test_the_chain_comes_back_in_its_order_without_becoming_entries(backend: Backend) -> None:
    leaf, *chain = make_chain(intermediates=2)
    outcome = add(backend, leaf, chain=tuple(chain))
    page = backend.certificates.get(outcome.id)
    assert page.chain == tuple(one.facts for one in chain)
    assert len(backend.certificates.search(Query()).ids()) == 1


def test_a_chain_that_comes_later_is_stored_with_what_is_there(backend: Backend) -> None:
    leaf, *chain = make_chain()
    first = add(backend, leaf)
    add(backend, leaf, chain=tuple(chain))
    assert backend.certificates.get(first.id).chain == tuple(one.facts for one in chain)


def test_a_missing_intermediate_is_named(backend: Backend) -> None:
    leaf, issuing, root = make_chain()
    assert add(backend, leaf).missing_issuer == leaf.facts.issuer
    assert add(backend, issuing).missing_issuer == issuing.facts.issuer
    assert add(backend, root).missing_issuer == ""
    assert backend.certificates.add([new(leaf)])[0].missing_issuer == ""


def test_an_intermediate_that_comes_along_is_not_missing_but_its_issuer_may_be(backend: Backend) -> None:
    leaf, issuing, root = make_chain()
    assert add(backend, leaf, chain=(issuing,)).missing_issuer == root.facts.subject
    assert backend.certificates.add([new(leaf, chain=(issuing, root))])[0].missing_issuer == ""


def test_the_source_is_kept(backend: Backend) -> None:
    outcome = backend.certificates.add([NewCertificate(cert().facts, source=Source.DISCOVERED)])[0]
    assert backend.certificates.get(outcome.id).row.source == "discovered"


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        (Labels(name="a\nb"), "name"),
        (Labels(name="x" * 300), "name"),
        (Labels(business_group="x" * 200), "business_group"),
        (Labels(contact_email="nobody"), "contact_email"),
        (Labels(description="x" * 5000), "description"),
        (Labels(name="a\udcff"), "name"),
        (Labels(name="a\0b"), "name"),
    ],
)
def test_labels_that_cannot_be_are_refused_by_field(backend: Backend, labels: Labels, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        backend.certificates.add([NewCertificate(cert().facts, labels=labels)])
    assert refused.value.field == field


def test_hostile_names_come_back_as_they_are(backend: Backend) -> None:
    name = "\x1b]52;c;aGk=\x07[/foo]\u202e%s'; DROP TABLE certificate; --"
    page = backend.certificates.get(add(backend, cert(name, sans=())).id)
    assert page.row.common_name == name
    assert page.x509 is not None
    assert page.x509.common_name == name


def test_a_certificate_from_1950_to_9999_is_added(backend: Backend) -> None:
    from tests.backend.harness import instant

    made = cert(not_before=instant("1950-01-01"), not_after=instant("9999-12-31T23:59:59"))
    page = backend.certificates.get(add(backend, made).id)
    assert page.x509 == made.facts


def test_an_entry_that_is_not_there_is_not_found(backend: Backend) -> None:
    with pytest.raises(NotFound):
        backend.certificates.get(4711)


def test_ids_are_never_used_twice(backend: Backend) -> None:
    first = added(backend, "a.example.com")
    backend.certificates.delete(first.id, first.version)
    assert added(backend, "b.example.com").id > first.id


def test_the_search_finds_what_was_just_added(backend: Backend) -> None:
    added(backend, "needle.example.com")
    rows = backend.certificates.search(Query("needle")).rows(0, 5)
    assert [row.name for row in rows] == ["needle.example.com"]  # type: ignore[union-attr]


def test_one_import_is_one_event(backend: Backend) -> None:
    added(backend)
    assert events(backend)[-1] == "certificate.import.success"
