"""Repositories: made, filled, moved between, reset, enabled, deleted; and what each data source takes."""

from __future__ import annotations

import json

import pytest

from certtui.errors import Ambiguous, Conflict, Invalid, NotFound
from certtui.model.query import Gone, Query, Sort
from certtui.model.repository import DataSource, RepositoryForm, RepositorySource, RepositoryState
from tests.backend.cas import make_ca, make_intermediate
from tests.backend.entries import add, added, cert, events, new
from tests.backend.repositories import file, filed, repository, versions


def names(listing) -> list[str]:
    return [row.name for row in listing.rows(0, 50) if not isinstance(row, Gone)]


def test_a_repository_is_there_as_it_was_made(backend) -> None:
    made = repository(backend, "web servers", group="payments")
    row = backend.repositories.get(made.id).row
    assert (row.name, row.business_group, row.version) == ("web servers", "payments", 1)
    assert (row.data_source, row.state) == (DataSource.UPLOADED, RepositoryState.ENABLED)
    assert (row.certificates, row.ca_id, row.ca_name) == (0, None, "")
    assert row.created_by == backend.info.actor.name
    assert events(backend)[-1] == "repository.create.success"


def test_a_name_is_made_up_where_none_is_given(backend) -> None:
    first = backend.repositories.create(RepositoryForm(RepositorySource("uploaded")))
    assert first.name == f"repository-{first.id}"
    # The next one's own is taken already.
    backend.repositories.rename(first.id, first.version, f"repository-{first.id + 1}")
    second = backend.repositories.create(RepositoryForm(RepositorySource("uploaded")))
    assert second.name == f"repository-{second.id + 1}"


def test_a_name_is_taken_once_in_its_group(backend) -> None:
    made = repository(backend, "Web", group="payments")
    repository(backend, "web", group="shop")
    repository(backend, "web")
    with pytest.raises(Conflict):
        repository(backend, "wEb", group="payments")
    with pytest.raises(Ambiguous) as several:
        backend.repositories.resolve("web")
    assert (made.id, "Web of payments") in several.value.candidates
    assert backend.repositories.resolve(f"id:{made.id}") == made.id


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (RepositorySource(""), "data_source"),
        (RepositorySource("found"), "data_source"),
        (RepositorySource("private"), "ca_id"),
        (RepositorySource("private", ca_id=99), "ca_id"),
        (RepositorySource("uploaded", ca_id=1), "ca_id"),
        (RepositorySource("compliant", ca_id=1), "policies"),
        (RepositorySource("compliant", policy_set="Strict"), "ca_id"),
        (RepositorySource("uploaded-ca", policy_ids=(1,)), "policies"),
    ],
)
def test_a_source_that_cannot_be_is_refused_by_field(backend, source: RepositorySource, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        backend.repositories.create(RepositoryForm(source, "web"))
    assert refused.value.field == field
    assert names(backend.repositories.search(Query())) == []


def test_the_list_is_searched_sorted_and_filtered(backend) -> None:
    repository(backend, "alpha", group="payments")
    second = repository(backend, "beta", "uploaded-ca")
    third = repository(backend, "gamma")
    file(backend, third, added(backend).id)
    backend.repositories.reset(second.id, second.version, leaving=0)
    search = backend.repositories.search
    assert names(search(Query())) == ["alpha", "beta", "gamma"]
    assert names(search(Query(sort=Sort("certificates", descending=True)))) == ["gamma", "beta", "alpha"]
    assert names(search(Query(sort=Sort("ca")))) == ["alpha", "beta", "gamma"]
    assert names(search(Query("mm"))) == ["gamma"]
    assert names(search(Query("state:reset"))) == ["beta"]
    assert names(search(Query("source:uploaded"))) == ["alpha", "gamma"]
    assert names(search(Query('group:""'))) == ["beta", "gamma"]
    assert names(search(Query("ca:Issuing"))) == []
    assert names(search(Query(f"id:{third.id}"))) == ["gamma"]
    with pytest.raises(NotFound):
        backend.repositories.resolve("delta")
    with pytest.raises(NotFound):
        backend.repositories.get(third.id + 1)


def test_renaming_takes_what_was_seen_and_a_name_that_is_free(backend) -> None:
    made, other = repository(backend), repository(backend, "mail")
    after = backend.repositories.rename(made.id, made.version, "www")
    assert (after.name, after.version) == ("www", made.version + 1)
    assert events(backend)[-1] == "repository.rename.success"
    for version, name in ((made.version, "again"), (after.version, "MAIL")):
        with pytest.raises(Conflict):
            backend.repositories.rename(made.id, version, name)
    with pytest.raises(Invalid):
        backend.repositories.rename(other.id, other.version, "  ")


# --- filing ----------------------------------------------------------------------------------------------------------


def test_what_is_filed_says_where_and_is_found_by_it(backend) -> None:
    where = repository(backend, "web servers")
    first, second = added(backend), added(backend, "mail.example.com")
    outcome = file(backend, where, first.id)
    assert (outcome.done, outcome.skipped) == ((first.id,), ())
    page = backend.certificates.get(first.id)
    assert (page.row.repository, page.row.repository_id) == ("web servers", where.id)
    assert page.version == first.version + 1
    assert backend.repositories.get(where.id).row.certificates == 1
    for filter, expected in (
        ('repository:"web servers"', ["www.example.com"]),
        ("repository:web*", ["www.example.com"]),
        ('repository:""', ["mail.example.com"]),
        ("!repository:web*", ["mail.example.com"]),
        ('repository:"",web*', ["mail.example.com", "www.example.com"]),
        ("repository:other", []),
    ):
        assert names(backend.certificates.search(Query(filter))) == expected, filter
    order = ["www.example.com", "mail.example.com"]
    assert names(backend.certificates.search(Query(sort=Sort("repository")))) == order
    assert names(backend.certificates.search(Query("example", sort=Sort("repository")))) == order
    record = backend.certificates.records([first.id])[0]
    assert record.row.repository == "web servers"
    assert filed(backend, second.id) == ""


def test_one_act_is_one_event_that_names_every_certificate(backend) -> None:
    where, other = repository(backend), repository(backend, "mail")
    ids = [added(backend, f"{each}.example.com").id for each in "abc"]
    file(backend, where, ids[0])
    file(backend, other, *ids)
    event = backend.audit.get(backend.audit.head().seq)
    assert event.event == "certificate.file.success"
    assert json.loads(event.detail) == {"ids": ids, "repository": other.id, "from": [[ids[0], where.id]]}
    assert backend.feed.since(event.id - 1)[0].object_ids == tuple(ids)


def test_a_certificate_is_in_one_repository_and_moves(backend) -> None:
    where, other = repository(backend), repository(backend, "mail")
    entry = added(backend)
    file(backend, where, entry.id)
    file(backend, other, entry.id)
    assert filed(backend, entry.id) == "mail"
    assert backend.repositories.get(where.id).row.certificates == 0
    # Filing it there once more changes nothing.
    head = backend.audit.head().seq
    assert file(backend, other, entry.id).done == (entry.id,)
    assert backend.audit.head().seq == head


def test_rows_that_moved_or_are_not_there_are_skipped_and_named(backend) -> None:
    where = repository(backend)
    entry = added(backend)
    outcome = backend.repositories.add_certificates(where.id, [(entry.id, entry.version + 1), (999, 1)])
    assert outcome.done == ()
    assert [row_id for row_id, _ in outcome.skipped] == [entry.id, 999]
    with pytest.raises(NotFound):
        backend.repositories.add_certificates(where.id + 1, versions(backend, entry.id))


def test_what_is_taken_out_stays_in_the_inventory(backend) -> None:
    where = repository(backend)
    first, second = added(backend), added(backend, "mail.example.com")
    file(backend, where, first.id)
    outcome = backend.repositories.remove_certificates(where.id, versions(backend, first.id, second.id))
    assert outcome.done == (first.id,)
    assert outcome.skipped == ((second.id, "mail.example.com is not filed in web."),)
    assert filed(backend, first.id) == ""
    assert events(backend)[-1] == "certificate.unfile.success"


def test_deleting_an_entry_takes_it_out(backend) -> None:
    where = repository(backend)
    entry = added(backend)
    file(backend, where, entry.id)
    backend.certificates.delete(*versions(backend, entry.id)[0])
    assert backend.repositories.get(where.id).row.certificates == 0


def test_a_request_without_a_certificate_can_not_be_filed(backend) -> None:
    from tests.backend.issuing import local_authority, pending

    local_authority(backend)
    order = pending(backend)
    assert order.row.certificate_id is not None
    outcome = file(backend, repository(backend), order.row.certificate_id)
    assert "no certificate yet" in outcome.skipped[0][1]


# --- adding into a repository ----------------------------------------------------------------------------------------


def into(made, where, **more):
    from dataclasses import replace

    return replace(new(made, **more), repository_id=where.id)


def test_what_is_added_is_filed_at_once_also_when_it_was_there(backend) -> None:
    where = repository(backend)
    there = added(backend)
    outcomes = backend.certificates.add([into(cert(), where), into(cert("mail.example.com"), where)])
    assert [(one.created, one.filed) for one in outcomes] == [(False, True), (True, True)]
    assert [filed(backend, one.id) for one in outcomes] == ["web", "web"]
    assert outcomes[0].id == there.id


def test_what_a_repository_does_not_take_is_not_added(backend) -> None:
    where = repository(backend, "CAs", "uploaded-ca")
    with pytest.raises(Invalid) as refused:
        backend.certificates.add([into(cert(), where)])
    assert refused.value.field == "repository"
    assert names(backend.certificates.search(Query())) == []
    root = make_ca()
    outcomes = backend.certificates.add([into(cert(), where), into(root, where)], skip_refused=True)
    assert [(bool(one.refused), one.filed) for one in outcomes] == [(True, False), (False, True)]
    assert names(backend.certificates.search(Query())) == ["Elsewhere"]


def test_a_repository_that_is_gone_or_was_reset_takes_nothing(backend) -> None:
    where = repository(backend)
    backend.repositories.reset(where.id, where.version, leaving=0)
    with pytest.raises(Conflict):
        backend.certificates.add([into(cert(), where)])
    backend.repositories.delete(where.id, where.version + 1)
    with pytest.raises(Invalid):
        backend.certificates.add([into(cert(), where)])
    assert names(backend.certificates.search(Query())) == []


# --- uploaded CA certificates ----------------------------------------------------------------------------------------


def test_a_ca_certificate_with_a_hole_in_its_chain_is_refused_with_the_missing_issuer(backend) -> None:
    root = make_ca()
    middle = make_intermediate(root)
    last = make_intermediate(middle, "Elsewhere last", number=504)
    where = repository(backend, "CAs", "uploaded-ca")
    entry = add(backend, last).id
    assert "its issuer CN=Elsewhere issuing" in file(backend, where, entry).skipped[0][1]
    add(backend, middle)
    assert "its issuer CN=Elsewhere is missing" in file(backend, where, entry).skipped[0][1]
    add(backend, root)
    assert file(backend, where, entry).done == (entry,)


def test_what_came_along_completes_the_chain(backend) -> None:
    root = make_ca()
    middle = make_intermediate(root)
    where = repository(backend, "CAs", "uploaded-ca")
    entry = add(backend, middle, chain=(root,)).id
    assert file(backend, where, entry).done == (entry,)


def test_an_issuer_of_the_right_name_and_the_wrong_key_completes_nothing(backend) -> None:
    middle = make_intermediate(make_ca())
    where = repository(backend, "CAs", "uploaded-ca")
    add(backend, make_ca(number=505))
    entry = add(backend, middle).id
    assert "its issuer CN=Elsewhere is missing" in file(backend, where, entry).skipped[0][1]


def test_what_is_no_ca_is_not_among_ca_certificates(backend) -> None:
    where = repository(backend, "CAs", "uploaded-ca")
    entry = added(backend).id
    assert "not the certificate of a CA" in file(backend, where, entry).skipped[0][1]
    assert filed(backend, entry) == ""


# --- reset, enable, delete -------------------------------------------------------------------------------------------


def test_a_plan_names_what_will_leave(backend) -> None:
    where = repository(backend)
    ids = [added(backend, f"{each}.example.com").id for each in "ba"]
    file(backend, where, *ids)
    plan = backend.repositories.plan_reset(where.id)
    assert (plan.repository_id, plan.name, plan.total, plan.ca_name) == (where.id, "web", 2, "")
    assert [one.name for one in plan.certificates] == ["a.example.com", "b.example.com"]


def test_a_reset_detaches_all_and_destroys_nothing(backend) -> None:
    where = repository(backend)
    entry = added(backend, key=True)
    file(backend, where, entry.id)
    before = backend.certificates.get(entry.id)
    after = backend.repositories.reset(where.id, where.version, leaving=1)
    assert (after.row.state, after.row.data_source, after.row.certificates) == (RepositoryState.RESET, None, 0)
    page = backend.certificates.get(entry.id)
    assert (page.row.repository, page.row.has_private_key, page.version) == ("", True, before.version + 1)
    told = backend.audit.get(backend.audit.head().seq)
    assert told.event == "repository.reset.success"
    assert json.loads(told.detail)["detached"] == [entry.id]


def test_a_reset_that_was_not_seen_as_it_is_now_is_refused(backend) -> None:
    where = repository(backend)
    file(backend, where, added(backend).id)
    for version, leaving in ((where.version, 0), (where.version + 1, 1)):
        with pytest.raises(Conflict):
            backend.repositories.reset(where.id, version, leaving=leaving)
    assert backend.repositories.get(where.id).row.certificates == 1


def test_what_was_reset_is_enabled_with_a_source_chosen_anew_or_deleted(backend) -> None:
    where = repository(backend)
    with pytest.raises(Conflict):
        backend.repositories.enable(where.id, where.version, RepositorySource("uploaded"))
    with pytest.raises(Conflict):
        backend.repositories.delete(where.id, where.version)
    reset = backend.repositories.reset(where.id, where.version, leaving=0)
    with pytest.raises(Conflict):
        file(backend, where, added(backend).id)
    with pytest.raises(Conflict):
        backend.repositories.plan_reset(where.id)
    again = backend.repositories.enable(where.id, reset.version, RepositorySource("uploaded-ca"))
    assert (again.row.state, again.row.data_source) == (RepositoryState.ENABLED, DataSource.UPLOADED_CA)
    reset = backend.repositories.reset(where.id, again.version, leaving=0)
    with pytest.raises(Conflict):
        backend.repositories.delete(where.id, again.version)
    backend.repositories.delete(where.id, reset.version)
    with pytest.raises(NotFound):
        backend.repositories.get(where.id)
    assert events(backend)[-1] == "repository.delete.success"
