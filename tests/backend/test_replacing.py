"""Update after renewal: a plan that is carried out as it was shown, or not at all; the lineage is kept."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.certificate import CertificateEdit
from certtui.model.csr import CsrRequest, SubjectFields
from tests.backend.entries import add, added, cert, resource
from tests.certs import NOW


def renewal(backend, **more):
    """The old certificate and a newer one of the same name."""
    old = backend.certificates.get(add(backend, cert("www.example.com", number=1), name="old").id)
    made = cert("www.example.com", number=2, not_before=NOW - timedelta(days=1), **more)
    return old, backend.certificates.get(add(backend, made, name="new").id)


def test_a_plan_names_every_association_and_changes_nothing(backend) -> None:
    old, new = renewal(backend)
    used = [resource(backend, name).row.id for name in ("lb-west", "edge-3")]
    old = backend.resources.associate(old.id, used)
    head = backend.audit.head()
    plan = backend.certificates.plan_replacement(old.id, new.id)
    assert [(move.resource.name, move.move) for move in plan.moves] == [("edge-3", True), ("lb-west", True)]
    assert all(move.reason for move in plan.moves)
    assert plan.warnings == ()
    assert backend.audit.head() == head


def test_carried_out_everything_moves_and_the_lineage_is_there_from_both_sides(backend) -> None:
    old, new = renewal(backend)
    used = [resource(backend, name).row.id for name in ("lb-west", "edge-3")]
    backend.resources.associate(old.id, used[:1])
    backend.resources.associate(old.id, used[1:], "client-ca")
    after = backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    assert {(one.name, one.role) for one in after.resources} == {("lb-west", "server"), ("edge-3", "client-ca")}
    assert after.row.resource_count == 2
    assert [(one.id, one.relation) for one in after.lineage] == [(old.id, "renewed"), (new.id, "this")]
    before = backend.certificates.get(old.id)
    assert before.resources == ()
    assert before.row.resource_count == 0
    assert [(one.id, one.relation) for one in before.lineage] == [(old.id, "this"), (new.id, "renewal")]


def test_a_replacement_is_one_event_that_names_both(backend) -> None:
    old, new = renewal(backend)
    used = resource(backend).row.id
    backend.resources.associate(old.id, [used])
    before = backend.audit.head().seq
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    assert backend.audit.head().seq == before + 1
    event = backend.audit.get(before + 1)
    assert event.event == "certificate.replace.success"
    assert json.loads(event.detail) == {"ids": [new.id, old.id], "renews": old.id, "moved": [used]}


def test_an_association_that_the_new_one_has_already_just_ends(backend) -> None:
    old, new = renewal(backend)
    used = resource(backend).row.id
    backend.resources.associate(old.id, [used])
    backend.resources.associate(new.id, [used])
    after = backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    assert [one.id for one in after.resources] == [used]
    assert backend.certificates.get(old.id).resources == ()


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_plan_is_void_when_either_side_moved(backend, side: str) -> None:
    old, new = renewal(backend)
    plan = backend.certificates.plan_replacement(old.id, new.id)
    moved = old if side == "old" else new
    backend.certificates.edit(moved.id, moved.version, CertificateEdit(description="moved"))
    with pytest.raises(Conflict):
        backend.certificates.replace(plan)
    assert backend.certificates.get(new.id).lineage == ()


def test_a_plan_is_void_when_an_association_went_away(backend) -> None:
    old, new = renewal(backend)
    used = resource(backend).row.id
    backend.resources.associate(old.id, [used])
    plan = backend.certificates.plan_replacement(old.id, new.id)
    backend.resources.dissociate(old.id, [used])
    with pytest.raises(Conflict):
        backend.certificates.replace(plan)


def test_a_certificate_does_not_replace_itself(backend) -> None:
    page = added(backend)
    with pytest.raises(Invalid):
        backend.certificates.plan_replacement(page.id, page.id)


def test_what_is_in_one_lineage_is_not_replaced_again(backend) -> None:
    old, new = renewal(backend)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    for pair in ((old.id, new.id), (new.id, old.id)):
        with pytest.raises(Invalid):
            backend.certificates.plan_replacement(*pair)


def test_one_certificate_renews_only_one(backend) -> None:
    old, new = renewal(backend)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    third = added(backend, "third.example.com")
    with pytest.raises(Invalid):
        backend.certificates.plan_replacement(third.id, new.id)


def test_a_pending_entry_is_on_neither_side(backend) -> None:
    page = added(backend)
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    for pair in ((page.id, saved.id), (saved.id, page.id)):
        with pytest.raises(Invalid):
            backend.certificates.plan_replacement(*pair)
    with pytest.raises(NotFound):
        backend.certificates.plan_replacement(page.id, 99)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"sans": ("a.example.com", "b.example.com")}, {"sans": ("a.example.com",)}, "b.example.com"),
        ({"sans": ("a.example.com",)}, {"sans": ("*.example.com",)}, ""),
        ({"days": 300}, {"days": 20}, "does not last longer"),
        ({"kind": "rsa-2048"}, {"kind": "rsa-1024"}, "weaker"),
        ({"kind": "rsa-2048"}, {"kind": "ec-256"}, ""),
        ({}, {"not_before": NOW + timedelta(days=3)}, "becomes valid"),
    ],
    ids=["name lost", "covered by a wildcard", "shorter", "weaker key", "other kind of key", "not yet valid"],
)
def test_a_plan_warns_of_what_a_careful_person_would_want_to_know(backend, before, after, said: str) -> None:
    old = add(backend, cert("a.example.com", number=1, **before))
    later = {"not_before": NOW - timedelta(days=1)} | after
    new = add(backend, cert("a.example.com", number=2, **later))
    warnings = backend.certificates.plan_replacement(old.id, new.id).warnings
    assert any(said in one for one in warnings) if said else warnings == ()


def test_a_plan_warns_when_only_the_old_key_is_here(backend) -> None:
    old = add(backend, cert("a.example.com", number=1), key=True)
    new = add(backend, cert("a.example.com", number=2, not_before=NOW - timedelta(days=1)))
    assert any("private key" in one for one in backend.certificates.plan_replacement(old.id, new.id).warnings)


def test_a_lineage_outlives_the_deletion_of_its_first_member(backend) -> None:
    old, new = renewal(backend)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    old = backend.certificates.get(old.id)
    backend.certificates.delete(old.id, old.version)
    assert backend.certificates.get(new.id).lineage == ()
