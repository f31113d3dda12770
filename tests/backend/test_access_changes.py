"""What somebody with a role and a scope may change, and what the log says of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from certtui.backend.base import Backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import CerttuiError, Conflict, Denied, Invalid, NotFound, Unsupported
from certtui.model.access import Access, Identity, Role, TokenForm
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit, ExportForm, ExportRequest, Labels
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query, Sort
from certtui.model.resource import ResourceForm
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert, new, resource
from tests.backend.test_saved_csrs import signed
from tests.certs import make_cert

PAY = Access(Role.OPERATOR, groups=("pay",))
BOTH = Access(Role.OPERATOR, groups=("pay", "ops"))
EXAMPLE = Access(Role.OPERATOR, domains=("example.com",))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def whole(request: pytest.FixtureRequest) -> LocalBackend:
    """A store without limits, on either database."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    opened = request.getfixturevalue(name).open(create=True)
    assert isinstance(opened, LocalBackend)
    return opened


def seen_by(whole: LocalBackend, access: Access, name: str = "carol") -> Backend:
    return whole.acting(Identity(Actor(name), access), via="api", request_id="r-1", address="192.0.2.9")


def csr(common_name: str = "www.example.com", group: str = "") -> CsrRequest:
    return CsrRequest(
        SubjectFields(common_name=common_name), (f"DNS:{common_name}",), labels=Labels(business_group=group)
    )


# --- adding -------------------------------------------------------------------------------------------------------------


def test_a_missing_group_becomes_the_only_one_that_a_person_has(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    assert added(view).row.business_group == "pay"
    assert view.csrs.create(csr("api.example.com")).business_group == "pay"


def test_of_several_groups_one_has_to_be_said(whole: LocalBackend) -> None:
    view = seen_by(whole, BOTH)
    for act in (lambda: add(view, cert()), lambda: view.csrs.create(csr())):
        with pytest.raises(Invalid) as caught:
            act()
        assert caught.value.field == "business_group"
    assert added(view, business_group="ops").row.business_group == "ops"


def test_nothing_is_put_into_the_group_of_somebody_else(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    for act in (lambda: add(view, cert(), business_group="ops"), lambda: view.csrs.create(csr(group="ops"))):
        with pytest.raises(Denied, match="ops is no business group of yours"):
            act()
    assert whole.certificates.overview().total == 0


@pytest.mark.parametrize("name", ["www.example.net", "badexample.com", "example.com.evil.test", "Example CA"])
def test_nothing_is_put_outside_ones_domains(whole: LocalBackend, name: str) -> None:
    view = seen_by(whole, EXAMPLE)
    with pytest.raises(Denied):
        add(view, cert(name))
    assert whole.certificates.overview().total == 0
    assert add(view, cert("www.example.com")).created


def test_one_name_outside_refuses_the_whole_batch(whole: LocalBackend) -> None:
    made = make_cert("a.example.com", sans=("DNS:a.example.com", "DNS:a.example.net"))
    with pytest.raises(Denied, match=r"a\.example\.net lies outside"):
        seen_by(whole, EXAMPLE).certificates.add([new(cert()), new(made)])
    assert whole.certificates.overview().total == 0


def test_a_request_for_a_name_outside_is_refused(whole: LocalBackend) -> None:
    with pytest.raises(Denied, match="lies outside your domains"):
        seen_by(whole, EXAMPLE).csrs.create(csr("www.example.net"))


def test_what_others_hold_is_a_conflict_that_tells_nothing_else(whole: LocalBackend) -> None:
    add(whole, cert(), business_group="ops", name="the-secret-name")
    with pytest.raises(Conflict) as caught:
        add(seen_by(whole, PAY), cert(), key=True)
    assert str(caught.value) == (
        "www.example.com is held by another group already. Ask an admin of this server to let you see it."
    )
    assert not whole.certificates.get(1).row.has_private_key


def test_a_key_is_attached_to_what_one_holds(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    add(view, cert())
    assert add(view, cert(), key=True).key_attached


def test_the_certificate_of_a_request_that_others_made_is_not_taken_from_them(whole: LocalBackend) -> None:
    theirs = whole.csrs.create(csr(group="ops"))
    certificate = signed(theirs)
    view = seen_by(whole, PAY)
    with pytest.raises(Conflict):
        view.certificates.add([certificate])
    with pytest.raises(NotFound):
        view.certificates.add([replace(certificate, csr_id=theirs.id)])
    with pytest.raises(NotFound):
        view.csrs.complete(theirs.id, theirs.version, certificate)
    assert whole.csrs.get(theirs.id).version == theirs.version


def test_an_intermediate_of_others_does_not_complete_a_path(whole: LocalBackend) -> None:
    root = make_cert("Root", ca=True)
    middle = make_cert("Middle", ca=True, issuer=root)
    leaf = make_cert("www.example.com", issuer=middle)
    add(whole, middle, business_group="ops", chain=(root,))
    view = seen_by(whole, PAY)
    outcome = add(view, leaf)
    assert outcome.missing_issuer == "CN=Middle"
    report = view.certificates.chain(outcome.id)
    assert {link.certificate_id for path in report.paths for link in path.links} <= {outcome.id, None}
    chained = view.certificates.export(outcome.id, ExportRequest(ExportForm.FULLCHAIN))
    assert chained.content.reveal().count(b"BEGIN CERTIFICATE") == 1
    assert add(
        seen_by(whole, BOTH), make_cert("b.example.com", issuer=middle), business_group="ops"
    ).missing_issuer != ("CN=Middle")


# --- changing -----------------------------------------------------------------------------------------------------------


def test_what_lies_outside_is_not_found_by_any_change(whole: LocalBackend) -> None:
    theirs, mine = added(whole, "a.example.com", key=True, business_group="ops"), added(whole, business_group="pay")
    lb = resource(whole)
    view = seen_by(whole, Access(Role.ADMIN, True, groups=("pay",)))
    hidden = (theirs.id, theirs.version)
    acts = [
        lambda: view.certificates.edit(*hidden, CertificateEdit(description="x")),
        lambda: view.certificates.delete(*hidden),
        lambda: view.certificates.delete_key(*hidden),
        lambda: view.certificates.reveal_key(theirs.id),
        lambda: view.certificates.export(theirs.id, ExportRequest(ExportForm.PEM)),
        lambda: view.certificates.record_view(theirs.id),
        lambda: view.certificates.plan_replacement(theirs.id, mine.id),
        lambda: view.certificates.plan_replacement(mine.id, theirs.id),
        lambda: view.resources.associate(theirs.id, [lb.row.id]),
        lambda: view.resources.dissociate(theirs.id, [lb.row.id]),
        lambda: view.csrs.delete(*hidden),
    ]
    before = whole.audit.head()
    gone = "There is no certificate 1 here (any more)."
    for act in acts:
        with pytest.raises(NotFound) as caught:
            act()
        assert caught.value.message == gone
    assert whole.audit.head() == before


def test_a_plan_made_by_somebody_else_is_not_carried_out_on_what_lies_outside(whole: LocalBackend) -> None:
    theirs, mine = added(whole, "a.example.com", business_group="ops"), added(whole, business_group="pay")
    plan = whole.certificates.plan_replacement(theirs.id, mine.id)
    with pytest.raises(NotFound):
        seen_by(whole, PAY).certificates.replace(plan)


def test_a_bulk_act_skips_what_lies_outside_as_gone(whole: LocalBackend) -> None:
    theirs, mine = added(whole, "a.example.com", business_group="ops"), added(whole, business_group="pay")
    pairs = [(theirs.id, theirs.version), (mine.id, mine.version), (99, 1)]
    view = seen_by(whole, PAY)
    edited = view.certificates.edit_many(pairs, CertificateEdit(description="x"))
    assert edited.done == (mine.id,)
    assert [reason.replace("99", "1") for _, reason in edited.skipped] == [
        f"There is no certificate {theirs.id} here (any more)."
    ] * 2
    deleted = view.certificates.delete_many([(theirs.id, theirs.version), (mine.id, mine.version + 1)])
    assert deleted.done == (mine.id,)
    assert whole.certificates.get(theirs.id).version == theirs.version


@pytest.mark.parametrize("group", ["ops", ""])
def test_nothing_is_moved_out_of_ones_scope(whole: LocalBackend, group: str) -> None:
    mine = added(whole, business_group="pay")
    view = seen_by(whole, PAY)
    with pytest.raises(Denied):
        view.certificates.edit(mine.id, mine.version, CertificateEdit(business_group=group))
    with pytest.raises(Denied):
        view.certificates.edit_many([(mine.id, mine.version)], CertificateEdit(business_group=group))
    assert whole.certificates.get(mine.id).row.business_group == "pay"


def test_between_ones_own_groups_an_entry_moves(whole: LocalBackend) -> None:
    mine = added(whole, business_group="pay")
    view = seen_by(whole, BOTH)
    edited = view.certificates.edit(mine.id, mine.version, CertificateEdit(business_group="ops"))
    assert edited.row.business_group == "ops"


def test_a_resource_that_others_use_too_is_not_removed_from_under_them(whole: LocalBackend) -> None:
    theirs = added(whole, "a.example.com", business_group="ops", name="the-secret-name")
    mine = added(whole, business_group="pay")
    lb = resource(whole)
    for one in (theirs, mine):
        whole.resources.associate(one.id, [lb.row.id])
    view = seen_by(whole, PAY)
    for dissociate in (False, True):
        with pytest.raises(Conflict) as caught:
            view.resources.remove(lb.row.id, lb.row.version, dissociate=dissociate)
        assert "the-secret-name" not in str(caught.value)
    assert whole.resources.get(lb.row.id).row.certificate_count == 2


def test_a_list_that_is_open_shows_what_left_the_scope_as_gone(whole: LocalBackend) -> None:
    from certtui.model.query import Gone

    mine = added(whole, business_group="pay")
    listing = seen_by(whole, PAY).certificates.search(Query())
    whole.certificates.edit(mine.id, mine.version, CertificateEdit(business_group="ops"))
    assert list(listing.rows(0, 5)) == [Gone(mine.id)]
    assert listing.reopen().total == 0


@pytest.mark.parametrize("way", ["moved", "deleted", "moved with others", "deleted with others"])
def test_those_who_could_see_an_entry_hear_that_it_left(whole: LocalBackend, way: str) -> None:
    mine, other = added(whole, business_group="pay"), added(whole, "a.example.com", business_group="ops")
    seq = whole.feed.latest()
    pairs = [(mine.id, mine.version), (other.id, other.version)]
    away = CertificateEdit(business_group="web")
    match way:
        case "moved":
            whole.certificates.edit(mine.id, mine.version, away)
        case "deleted":
            whole.certificates.delete(mine.id, mine.version)
        case "moved with others":
            whole.certificates.edit_many(pairs, away)
        case _:
            whole.certificates.delete_many(pairs)
    for access in (PAY, Access(Role.VIEWER, groups=("pay",), domains=("example.com",))):
        [change] = seen_by(whole, access).feed.since(seq)
        assert change.object_ids == (mine.id,)
    assert list(seen_by(whole, Access(Role.VIEWER, groups=("none",))).feed.since(seq)) == []


# --- rights and roles ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(ExportForm))
@pytest.mark.parametrize("role", list(Role))
def test_no_role_takes_a_key_out_without_the_right(whole: LocalBackend, role: Role, form: ExportForm) -> None:
    outcome = add(whole, cert(), key=True, chain=(cert("Example CA", ca=True),))
    page = whole.certificates.get(outcome.id)
    request = ExportRequest(form, Secret("correct horse"))
    view = seen_by(whole, Access(role))
    with pytest.raises(Denied):
        view.certificates.reveal_key(page.id)
    if form in (ExportForm.PFX, ExportForm.KEY):
        with pytest.raises(Denied, match="export-keys"):
            view.certificates.export(page.id, request)
        assert seen_by(whole, Access(role, True)).certificates.export(page.id, request).holds_key
    else:
        assert not view.certificates.export(page.id, request).holds_key


def test_a_viewer_changes_nothing(whole: LocalBackend) -> None:
    page, lb, before = added(whole), resource(whole), whole.audit.head()
    view = seen_by(whole, Access(Role.VIEWER))
    acts = [
        lambda: view.certificates.add([new(cert("x.example.com"))]),
        lambda: view.certificates.edit(page.id, page.version, CertificateEdit(name="x")),
        lambda: view.certificates.edit_many([], CertificateEdit(name="x")),
        lambda: view.certificates.delete(page.id, page.version),
        lambda: view.certificates.delete_many([(page.id, page.version)]),
        lambda: view.csrs.create(csr()),
        lambda: view.resources.add(ResourceForm(name="x", type="host")),
        lambda: view.resources.associate(page.id, [lb.row.id]),
        lambda: view.people.list_tokens(),
        lambda: view.audit.verify(),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert whole.audit.head() == before
    assert view.certificates.get(page.id).id == page.id
    assert "certificates.edit" in view.capabilities.missing
    assert not view.capabilities.why_not("certificates.search")


def test_the_store_is_cared_for_on_the_server(whole: LocalBackend) -> None:
    view = seen_by(whole, Access(Role.ADMIN, True))
    assert view.store.locked is False
    with pytest.raises(Unsupported):
        view.store.lock()
    with pytest.raises(Unsupported):
        view.store.seal(b"x")


def test_what_is_no_act_of_the_seam_is_not_reached(whole: LocalBackend) -> None:
    view = seen_by(whole, Access(Role.ADMIN, True))
    with pytest.raises(AttributeError):
        view.certificates._store  # type: ignore[attr-defined]  # noqa: B018


def test_an_admin_with_a_scope_gives_and_sees_no_more_than_they_have(whole: LocalBackend) -> None:
    whole.people.create_token(TokenForm("root", Access(Role.ADMIN, True)))
    view = seen_by(whole, Access(Role.ADMIN, groups=("pay",)))
    for beyond in (Access(Role.VIEWER), Access(Role.VIEWER, groups=("ops",)), Access(Role.VIEWER, True, ("pay",))):
        with pytest.raises(Denied):
            view.people.create_token(TokenForm("eve", beyond))
        with pytest.raises(Denied):
            view.people.add_mapping("DNS:eve.example", "eve", beyond)
    made = view.people.create_token(TokenForm("ci", Access(Role.VIEWER, groups=("pay",))))
    assert [one.id for one in view.people.list_tokens()] == [made.info.id]
    with pytest.raises(NotFound):
        view.people.revoke_token(1)
    assert view.people.revoke_token(made.info.id).revoked_at is not None


def test_the_log_says_who_from_where_over_which_way_and_in_which_request(whole: LocalBackend) -> None:
    add(seen_by(whole, PAY), cert())
    event = whole.audit.get(whole.audit.head().seq)
    assert json.loads(event.actor) == {
        "name": "carol",
        "kind": "user",
        "via": "api",
        "address": "192.0.2.9",
        "request_id": "r-1",
    }
    assert whole.audit.verify().first_broken is None


def test_a_view_is_closed_and_broken_off_alone(whole: LocalBackend) -> None:
    add(whole, cert())
    one, other = seen_by(whole, PAY), seen_by(whole, Access(Role.VIEWER))
    one.interrupt()
    one.close()
    assert other.certificates.overview().total == whole.certificates.overview().total == 1


def test_ones_own_acts_stay_in_ones_log(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    mine = added(view)
    whole.certificates.edit(mine.id, mine.version, CertificateEdit(business_group="ops"))
    view.audit.head()
    shown = [event.event for event in view.audit.search(Query("", Sort("id"))).rows(0, 10)]  # type: ignore[union-attr]
    assert shown == ["certificate.import.success", "certificate.edit.success"]
    assert seen_by(whole, PAY, "dave").audit.search(Query()).total == 1


def test_a_name_that_somebody_is_given_does_not_show_the_acts_of_others_with_it(whole: LocalBackend) -> None:
    added(whole, business_group="ops")
    assert json.loads(whole.audit.get(whole.audit.head().seq).actor)["name"] == "ada"
    admin = seen_by(whole, Access(Role.ADMIN, groups=("pay",)))
    made = admin.people.create_token(TokenForm("ada", Access(Role.VIEWER, groups=("pay",))))
    view = whole.acting(whole.authenticate_token(made.token))
    assert view.audit.search(Query()).total == 0


def test_pages_for_scripts_end_at_the_scope(whole: LocalBackend) -> None:
    added(whole, "a.example.com", business_group="ops")
    mine = added(whole, business_group="pay")
    found, cursor = seen_by(whole, PAY).certificates.page(Query(), "", 50)  # type: ignore[attr-defined]  # beyond the seam
    assert ([json.loads(row)["id"] for row in found], cursor) == ([mine.id], "")


def test_errors_of_a_limited_view_are_of_the_family(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    with pytest.raises(CerttuiError):
        view.certificates.search(Query("status:nonsense"))
    with pytest.raises(CerttuiError):
        view.certificates.search(Query("", Sort("nonsense")))
