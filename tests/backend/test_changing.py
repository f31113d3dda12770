"""Editing and deleting entries, one by one and many at once; nobody's change is lost under somebody else's."""

from __future__ import annotations

import json

import pytest

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.certificate import CertificateEdit
from certtui.model.query import Query
from tests.backend.entries import added, events, resource


def test_an_edit_changes_only_what_it_names(backend) -> None:
    page = added(backend, name="shop", business_group="payments")
    after = backend.certificates.edit(page.id, page.version, CertificateEdit(description="by the door"))
    assert (after.row.name, after.row.business_group, after.description) == ("shop", "payments", "by the door")
    assert after.version == page.version + 1


def test_an_edit_is_found_by_its_new_words_and_no_longer_by_the_old(backend) -> None:
    page = added(backend, name="shop")
    backend.certificates.edit(page.id, page.version, CertificateEdit(name="warehouse"))
    assert [row.name for row in backend.certificates.search(Query("warehouse")).rows(0, 5)] == ["warehouse"]
    assert list(backend.certificates.search(Query("name:shop")).rows(0, 5)) == []
    assert list(backend.certificates.search(Query("shop")).rows(0, 5)) == []


def test_an_edit_records_what_was_and_what_is(backend) -> None:
    page = added(backend, business_group="a")
    backend.certificates.edit(page.id, page.version, CertificateEdit(business_group="b"))
    event = backend.audit.get(backend.audit.head().seq)
    assert event.event == "certificate.edit.success"
    assert json.loads(event.detail)["changed"] == {"business_group": ["a", "b"]}


def test_an_edit_that_changes_nothing_is_no_change(backend) -> None:
    page = added(backend, name="shop")
    head = backend.audit.head()
    assert backend.certificates.edit(page.id, page.version, CertificateEdit(name="shop")).version == page.version
    assert backend.audit.head() == head


def test_an_emptied_name_becomes_the_common_name_again(backend) -> None:
    page = added(backend, "www.example.com", name="shop")
    after = backend.certificates.edit(page.id, page.version, CertificateEdit(name=""))
    assert after.row.name == "www.example.com"


def test_a_change_under_ones_feet_is_a_conflict(backend, harness) -> None:
    page = added(backend)
    other = harness.open()
    other.certificates.edit(page.id, page.version, CertificateEdit(description="theirs"))
    with pytest.raises(Conflict):
        backend.certificates.edit(page.id, page.version, CertificateEdit(description="mine"))
    assert backend.certificates.get(page.id).description == "theirs"


def test_a_refused_edit_changes_nothing(backend) -> None:
    page = added(backend)
    with pytest.raises(Invalid):
        backend.certificates.edit(page.id, page.version, CertificateEdit(contact_email="no address"))
    assert backend.certificates.get(page.id) == page


def test_an_entry_that_is_gone_cannot_be_edited(backend) -> None:
    with pytest.raises(NotFound):
        backend.certificates.edit(99, 1, CertificateEdit(name="x"))


def test_many_take_one_group_and_those_that_moved_are_named(backend) -> None:
    pages = [added(backend, f"h{number}.example.com") for number in range(3)]
    backend.certificates.edit(pages[1].id, pages[1].version, CertificateEdit(description="moved"))
    versions = [(page.id, page.version) for page in pages]
    outcome = backend.certificates.edit_many([*versions, (99, 1)], CertificateEdit(business_group="web"))
    assert outcome.done == (pages[0].id, pages[2].id)
    assert [skipped for skipped, _ in outcome.skipped] == [pages[1].id, 99]
    assert all(reason for _, reason in outcome.skipped)
    assert backend.certificates.get(pages[0].id).row.business_group == "web"
    assert backend.certificates.get(pages[1].id).row.business_group == ""


def test_many_edited_are_one_event(backend) -> None:
    pages = [added(backend, f"h{number}.example.com") for number in range(3)]
    before = backend.audit.head().seq
    backend.certificates.edit_many([(page.id, page.version) for page in pages], CertificateEdit(business_group="web"))
    assert backend.audit.head().seq == before + 1
    assert json.loads(backend.audit.get(before + 1).detail)["ids"] == [page.id for page in pages]


def test_many_cannot_take_one_name(backend) -> None:
    pages = [added(backend, f"h{number}.example.com") for number in range(2)]
    with pytest.raises(Invalid) as refused:
        backend.certificates.edit_many([(page.id, page.version) for page in pages], CertificateEdit(name="same"))
    assert refused.value.field == "name"


def test_a_deleted_entry_is_gone_from_everywhere(backend, store) -> None:
    page = added(backend, key=True)
    backend.certificates.delete(page.id, page.version)
    with pytest.raises(NotFound):
        backend.certificates.get(page.id)
    assert list(backend.certificates.search(Query("example")).rows(0, 5)) == []
    assert store.status().sealed_keys == 0
    assert events(backend)[-1] == "certificate.delete.success"


def test_an_entry_in_use_is_not_deleted_and_its_use_is_named(backend) -> None:
    page, used = added(backend), resource(backend, "lb-west")
    page = backend.certificates.get(backend.resources.associate(page.id, [used.row.id]).id)
    with pytest.raises(Conflict) as refused:
        backend.certificates.delete(page.id, page.version)
    assert "lb-west" in refused.value.message
    assert backend.certificates.get(page.id) == page


def test_a_confirmed_dissociation_deletes_it_and_leaves_the_resource(backend) -> None:
    page, used = added(backend), resource(backend)
    page = backend.resources.associate(page.id, [used.row.id])
    backend.certificates.delete(page.id, page.version, dissociate=True)
    assert backend.resources.get(used.row.id).certificates == ()


def test_deleting_what_somebody_changed_is_a_conflict(backend) -> None:
    page = added(backend)
    backend.certificates.edit(page.id, page.version, CertificateEdit(description="x"))
    with pytest.raises(Conflict):
        backend.certificates.delete(page.id, page.version)
    assert backend.certificates.get(page.id).description == "x"


def test_deleting_many_skips_and_names_what_is_in_use_or_moved(backend) -> None:
    pages = [added(backend, f"h{number}.example.com") for number in range(3)]
    used = resource(backend)
    pages[1] = backend.resources.associate(pages[1].id, [used.row.id])
    outcome = backend.certificates.delete_many([(page.id, page.version) for page in pages] + [(99, 1)])
    assert outcome.done == (pages[0].id, pages[2].id)
    assert [skipped for skipped, _ in outcome.skipped] == [pages[1].id, 99]
    assert backend.certificates.get(pages[1].id).row.resource_count == 1


def test_deleting_many_can_dissociate(backend) -> None:
    page, used = added(backend), resource(backend)
    page = backend.resources.associate(page.id, [used.row.id])
    assert backend.certificates.delete_many([(page.id, page.version)], dissociate=True).done == (page.id,)
