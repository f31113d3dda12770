"""Resources and what uses what."""

from __future__ import annotations

import pytest

from certtui.errors import Ambiguous, Conflict, Invalid, NotFound
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query
from certtui.model.resource import ResourceForm
from tests.backend.entries import add, added, cert, events, resource


def test_a_resource_is_there_as_it_was_written(backend) -> None:
    made = backend.resources.add(
        ResourceForm(name="lb-west", type="load-balancer", endpoint="lb.example.com:443", notes="rack 4")
    )
    row = backend.resources.get(made.row.id).row
    assert (row.name, row.type, row.endpoint, row.notes) == ("lb-west", "load-balancer", "lb.example.com:443", "rack 4")
    assert (row.certificate_count, row.next_expiry, row.version) == (0, None, 1)
    assert events(backend)[-1] == "resource.create.success"


def test_a_name_is_taken_once_whatever_its_case(backend) -> None:
    resource(backend, "lb-west")
    with pytest.raises(Conflict):
        resource(backend, "LB-West")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (ResourceForm(), "name"),
        (ResourceForm(name="  "), "name"),
        (ResourceForm(name="a\nb"), "name"),
        (ResourceForm(name="x", type="toaster"), "type"),
        (ResourceForm(name="x", endpoint="y" * 600), "endpoint"),
    ],
)
def test_a_form_that_cannot_be_is_refused_by_field(backend, form: ResourceForm, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        backend.resources.add(form)
    assert refused.value.field == field


def test_an_edit_changes_only_what_it_names(backend) -> None:
    made = resource(backend, "lb-west", endpoint="a:443")
    after = backend.resources.edit(made.row.id, made.row.version, ResourceForm(notes="rack 4"))
    assert (after.row.name, after.row.endpoint, after.row.notes) == ("lb-west", "a:443", "rack 4")
    with pytest.raises(Conflict):
        backend.resources.edit(made.row.id, made.row.version, ResourceForm(notes="late"))


def test_a_resource_may_change_the_case_of_its_own_name_and_take_no_other(backend) -> None:
    made, _ = resource(backend, "lb-west"), resource(backend, "edge-3")
    after = backend.resources.edit(made.row.id, made.row.version, ResourceForm(name="LB-West"))
    assert after.row.name == "LB-West"
    with pytest.raises(Conflict):
        backend.resources.edit(made.row.id, after.row.version, ResourceForm(name="EDGE-3"))


def test_an_association_is_seen_from_both_sides(backend) -> None:
    page, made = added(backend), resource(backend)
    after = backend.resources.associate(page.id, [made.row.id])
    assert [(one.id, one.name, one.role) for one in after.resources] == [(made.row.id, "lb-west", "server")]
    assert (after.row.resource_count, after.version) == (1, page.version + 1)
    seen = backend.resources.get(made.row.id)
    assert [(one.id, one.role, one.status) for one in seen.certificates] == [(page.id, "server", "active")]
    assert (seen.row.certificate_count, seen.row.next_expiry) == (1, page.row.not_after)


def test_associating_again_changes_nothing(backend) -> None:
    page, made = added(backend), resource(backend)
    first = backend.resources.associate(page.id, [made.row.id])
    assert backend.resources.associate(page.id, [made.row.id, made.row.id]) == first


def test_two_roles_on_one_resource_are_one_resource_in_use(backend) -> None:
    page, made = added(backend), resource(backend)
    backend.resources.associate(page.id, [made.row.id], "server")
    after = backend.resources.associate(page.id, [made.row.id], "client-ca")
    assert [one.role for one in after.resources] == ["client-ca", "server"]
    assert after.row.resource_count == 1
    gone = backend.resources.dissociate(page.id, [made.row.id])
    assert (gone.resources, gone.row.resource_count) == ((), 0)


def test_associations_that_cannot_be_are_refused_whole(backend) -> None:
    page, made = added(backend), resource(backend)
    with pytest.raises(Invalid):
        backend.resources.associate(page.id, [made.row.id], "gateway")
    with pytest.raises(NotFound):
        backend.resources.associate(page.id, [made.row.id, 99])
    with pytest.raises(NotFound):
        backend.resources.associate(99, [made.row.id])
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    with pytest.raises(Invalid):
        backend.resources.associate(saved.id, [made.row.id])
    assert backend.certificates.get(page.id) == page


def test_dissociating_what_is_not_associated_is_not_found_and_changes_nothing(backend) -> None:
    page, first, second = added(backend), resource(backend, "a"), resource(backend, "b")
    page = backend.resources.associate(page.id, [first.row.id])
    with pytest.raises(NotFound):
        backend.resources.dissociate(page.id, [first.row.id, second.row.id])
    assert backend.certificates.get(page.id) == page


def test_a_resource_in_use_is_not_removed_and_its_use_is_named(backend) -> None:
    page, made = added(backend), resource(backend)
    backend.resources.associate(page.id, [made.row.id])
    with pytest.raises(Conflict) as refused:
        backend.resources.remove(made.row.id, made.row.version)
    assert "www.example.com" in refused.value.message


def test_a_confirmed_removal_dissociates_everything(backend) -> None:
    page, made = added(backend), resource(backend)
    backend.resources.associate(page.id, [made.row.id])
    backend.resources.remove(made.row.id, made.row.version, dissociate=True)
    assert backend.certificates.get(page.id).row.resource_count == 0
    with pytest.raises(NotFound):
        backend.resources.get(made.row.id)
    assert events(backend)[-1] == "resource.delete.success"


def test_removing_what_somebody_changed_is_a_conflict(backend) -> None:
    made = resource(backend)
    backend.resources.edit(made.row.id, made.row.version, ResourceForm(notes="x"))
    with pytest.raises(Conflict):
        backend.resources.remove(made.row.id, made.row.version)


def test_resources_are_found_by_id_and_name(backend) -> None:
    made = resource(backend, "lb-west")
    assert backend.resources.resolve("lb-west") == made.row.id
    assert backend.resources.resolve(str(made.row.id)) == made.row.id
    with pytest.raises(NotFound):
        backend.resources.resolve("nothing")


def test_references_to_certificates_name_the_candidates_when_several_fit(backend) -> None:
    ids = {add(backend, cert(number=number), name="shop").id for number in (1, 2)}
    with pytest.raises(Ambiguous) as several:
        backend.certificates.resolve("shop")
    assert {candidate for candidate, _ in several.value.candidates} == ids


def test_resources_are_listed(backend) -> None:
    resource(backend, "b")
    resource(backend, "a")
    assert [row.name for row in backend.resources.search(Query()).rows(0, 5)] == ["a", "b"]
