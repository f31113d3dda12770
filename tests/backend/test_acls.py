"""Access lists: who writes them, and that they hold on every way to an entry and its key."""

from __future__ import annotations

import json

import pytest

from certtui.backend.base import Backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import Access, Identity, Role, TokenForm
from certtui.model.acl import AclForm, ReachCount
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit, ExportForm, ExportRequest, Restriction
from certtui.model.order import OrderForm
from certtui.model.query import Query
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert, new, resource
from tests.backend.repositories import file, repository

VIEWER = Access(Role.VIEWER, export_keys=True)
OPERATOR = Access(Role.OPERATOR, export_keys=True)
ADMIN = Access(Role.ADMIN, export_keys=True)

CLOSED = AclForm(read_group=False, use_group=False)
KEY = ExportRequest(ExportForm.KEY, password=Secret("long enough"))


# --- what a list says, over every backend -----------------------------------------------------------------------------


def test_an_entry_without_a_list_is_open_to_its_group_and_owned_by_who_brought_it(backend: Backend) -> None:
    page = added(backend)
    acl = backend.acls.get("certificate", page.id)
    assert (acl.version, acl.read_group, acl.use_group, acl.owner) == (0, True, True, "ada")
    assert (acl.object_name, acl.readers, acl.users, acl.restricted) == (page.row.name, (), (), False)


def test_a_list_is_changed_part_by_part_and_on_record(backend: Backend) -> None:
    page = added(backend)
    first = backend.acls.set(
        "certificate", page.id, 0, AclForm(use_group=False, users=("svc-lb", "bob"), readers=("bob",))
    )
    assert (first.version, first.read_group, first.use_group) == (1, True, False)
    assert (first.readers, first.users, first.updated_by) == ((), ("bob", "svc-lb"), "ada")
    second = backend.acls.set("certificate", page.id, 1, AclForm(readers=(" carol ", "carol"), users=("bob",)))
    assert (second.version, second.use_group, second.readers, second.users) == (2, False, ("carol",), ("bob",))
    event = backend.audit.get(backend.audit.head().seq)
    assert (event.event, event.object_kind, event.object_id) == ("acl.set.success", "certificate", page.id)
    assert json.loads(event.detail)["changed"] == {"readers": [[], ["carol"]], "users": [["bob", "svc-lb"], ["bob"]]}


def test_saying_what_holds_already_changes_nothing(backend: Backend) -> None:
    page = added(backend)
    head = backend.audit.head()
    assert backend.acls.set("certificate", page.id, 0, AclForm(read_group=True, users=())).version == 0
    assert backend.audit.head() == head


def test_a_list_that_moved_is_a_conflict(backend: Backend) -> None:
    page = added(backend)
    backend.acls.set("certificate", page.id, 0, CLOSED)
    for seen in (0, 2):
        with pytest.raises(Conflict):
            backend.acls.set("certificate", page.id, seen, AclForm(users=("bob",)))
    assert backend.acls.get("certificate", page.id).users == ()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (AclForm(users=("",)), "users"),
        (AclForm(readers=("a\nb",)), "readers"),
        (AclForm(users=tuple(map(str, range(501)))), "users"),
    ],
)
def test_a_name_that_is_none_is_refused(backend: Backend, form: AclForm, field: str) -> None:
    page = added(backend)
    with pytest.raises(Invalid) as caught:
        backend.acls.set("certificate", page.id, 0, form)
    assert caught.value.field == field
    assert backend.acls.get("certificate", page.id).version == 0


def test_what_is_not_there_has_no_list(backend: Backend) -> None:
    for kind in ("certificate", "container", "repository", "secret"):
        for number in (0, 77, 2**40):
            with pytest.raises(NotFound):
                backend.acls.get(kind, number)
    with pytest.raises(Invalid):
        backend.acls.get("token", 1)


def test_who_reaches_an_entry_is_told_with_the_reason(backend: Backend) -> None:
    page = added(backend, key=True, business_group="pay")
    pay = ("pay",)
    made = {
        name: backend.people.create_token(TokenForm(name, access)).info
        for name, access in {
            "svc-lb": Access(Role.VIEWER, True, pay),
            "bob": Access(Role.OPERATOR, False, pay),
            "eve": Access(Role.OPERATOR, True, ("ops",)),
            "carol": Access(Role.OPERATOR, True, pay),
            "root": Access(Role.ADMIN, True),
        }.items()
    }
    gone = backend.people.create_token(TokenForm("old", ADMIN)).info
    backend.people.revoke_token(gone.id)
    mapping = backend.people.add_mapping("DNS:lb.example.com", "svc-lb", Access(Role.VIEWER))
    form = AclForm(read_group=False, use_group=False, users=("svc-lb",), readers=("bob",))
    backend.acls.set("certificate", page.id, 0, form)
    found = {one.credential: one for one in backend.acls.who("certificate", page.id)}
    can = {credential: (one.name, one.reads, one.uses, one.takes_key) for credential, one in found.items()}
    assert can == {
        f"token {made['svc-lb'].id}": ("svc-lb", True, True, True),
        f"mapping {mapping.id}": ("svc-lb", True, True, False),
        f"token {made['bob'].id}": ("bob", True, False, False),
        f"token {made['carol'].id}": ("carol", False, False, False),
        f"token {made['eve'].id}": ("eve", False, False, False),
        f"token {made['root'].id}": ("root", True, False, False),
    }
    why = {one.name: one.why for one in found.values() if one.credential.startswith("token")}
    assert why["svc-lb"] == "The list names them."
    assert why["bob"] == "They read it; the list does not let them use it."
    assert why["carol"] == "Its access list does not name them."
    assert why["eve"] == "Its access list does not name them."
    assert why["root"] == "Admins read what a list closes; the list does not let them use it."


def test_what_a_token_reaches_is_counted_by_the_same_rules(backend: Backend) -> None:
    mine = [added(backend, f"{name}.example.com", key=name != "c", business_group="pay") for name in "abc"]
    added(backend, "d.example.com", key=True, business_group="ops")
    token = backend.people.create_token(TokenForm("carol", Access(Role.VIEWER, True, ("pay",)))).info
    credential = f"token {token.id}"
    assert backend.acls.reach(credential).counts[0] == ReachCount("certificate", 3, 2)
    backend.acls.set("certificate", mine[0].id, 0, CLOSED)
    assert backend.acls.reach(credential).counts[0] == ReachCount("certificate", 2, 1)
    backend.acls.set("certificate", mine[0].id, 1, AclForm(readers=("carol",)))
    reach = backend.acls.reach(credential)
    assert reach.counts[0] == ReachCount("certificate", 3, 1)
    assert [(one.object_id, one.uses) for one in reach.named] == [(mine[0].id, False)]
    assert (reach.name, reach.role, reach.groups, reach.ended) == ("carol", "viewer", ("pay",), False)
    backend.people.revoke_token(token.id)
    assert backend.acls.reach(credential).ended


def test_a_page_and_the_filter_tell_what_is_restricted_and_how(backend: Backend) -> None:
    closed, readable, plain = (added(backend, f"{name}.example.com", business_group="pay") for name in "abc")
    backend.acls.set("certificate", closed.id, 0, AclForm(read_group=False, use_group=False, users=("svc-lb", "ada")))
    backend.acls.set("certificate", readable.id, 0, AclForm(use_group=False, readers=("bob",)))
    backend.acls.set("certificate", plain.id, 0, AclForm(readers=("bob",)))
    assert backend.acls.get("certificate", closed.id).business_group == "pay"
    said = [backend.certificates.get(one.id).restrictions for one in (closed, readable, plain)]
    assert said == [
        (Restriction("certificate", read_group=False, use_group=False, readers=0, users=2),),
        (Restriction("certificate", read_group=True, use_group=False, readers=1, users=1),),
        (),
    ]
    for filter_text, found in {
        "access:restricted": [closed.id, readable.id],
        "access:open": [plain.id],
        "!access:restricted": [plain.id],
        "access:open,restricted": [closed.id, readable.id, plain.id],
    }.items():
        rows = backend.certificates.search(Query(filter_text)).rows(0, 9)
        assert [row.id for row in rows] == found, filter_text


def test_the_list_of_a_repository_restricts_what_is_filed_there(backend: Backend) -> None:
    page, other = (added(backend, f"{name}.example.com") for name in "ab")
    made = repository(backend, "web")
    file(backend, made, page.id)
    backend.acls.set("repository", made.id, 0, AclForm(use_group=False, users=("svc-lb",)))
    said = Restriction("repository", read_group=True, use_group=False, readers=0, users=2)
    assert backend.certificates.get(page.id).restrictions == (said,)
    assert [row.id for row in backend.certificates.search(Query("access:restricted")).rows(0, 9)] == [page.id]
    assert [row.id for row in backend.certificates.search(Query("access:open")).rows(0, 9)] == [other.id]


@pytest.mark.parametrize("credential", ["", "token", "token x", "user 1", "token 1 2"])
def test_what_is_no_credential_reaches_nothing(backend: Backend, credential: str) -> None:
    with pytest.raises(Invalid):
        backend.acls.reach(credential)


def test_a_token_that_is_not_there_is_not_found(backend: Backend) -> None:
    with pytest.raises(NotFound):
        backend.acls.reach("token 77")


# --- that lists hold, on either database ------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def whole(request: pytest.FixtureRequest) -> LocalBackend:
    """A store without limits, on either database."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    opened = request.getfixturevalue(name).open(create=True)
    assert isinstance(opened, LocalBackend)
    return opened


def seen_by(whole: LocalBackend, name: str, access: Access = OPERATOR) -> Backend:
    return whole.acting(Identity(Actor(name), access))


def test_an_entry_closed_to_somebody_is_not_there_for_them(whole: LocalBackend) -> None:
    page = added(whole, key=True)
    whole.acls.set("certificate", page.id, 0, AclForm(read_group=False, use_group=False, users=("bob",)))
    carol, bob = seen_by(whole, "carol"), seen_by(whole, "bob")
    assert carol.certificates.search(Query()).rows(0, 9) == []
    assert carol.certificates.overview().total == 0
    assert carol.certificates.records([page.id]) == ()
    changes = [
        lambda: carol.certificates.get(page.id),
        lambda: carol.certificates.resolve(page.row.name),
        lambda: carol.certificates.chain(page.id),
        lambda: carol.certificates.record_view(page.id),
        lambda: carol.certificates.export(page.id, ExportRequest(ExportForm.PEM)),
        lambda: carol.certificates.export(page.id, KEY),
        lambda: carol.certificates.reveal_key(page.id),
        lambda: carol.certificates.edit(page.id, page.version, CertificateEdit(description="x")),
        lambda: carol.certificates.delete(page.id, page.version),
        lambda: carol.certificates.delete_key(page.id, page.version),
        lambda: carol.resources.associate(page.id, [resource(whole).row.id]),
        lambda: carol.acls.get("certificate", page.id),
        lambda: carol.acls.set("certificate", page.id, 1, AclForm(read_group=True)),
    ]
    for change in changes:
        with pytest.raises(NotFound):
            change()
    assert carol.certificates.delete_many([(page.id, page.version)]).done == ()
    assert carol.certificates.lookup(fingerprints=[cert().facts.fingerprint_sha256]) == ()
    assert bob.certificates.get(page.id).id == page.id
    assert bob.certificates.export(page.id, KEY).holds_key


def test_bringing_a_hidden_certificate_again_tells_no_more_than_that_it_is_held(whole: LocalBackend) -> None:
    page = added(whole)
    whole.acls.set("certificate", page.id, 0, CLOSED)
    with pytest.raises(Conflict, match="held by another group"):
        seen_by(whole, "carol").certificates.add([new(cert(), key=True)])
    assert not whole.certificates.get(page.id).row.has_private_key


def test_reading_without_using_leaves_the_key_where_it_is(whole: LocalBackend) -> None:
    page = added(whole, key=True)
    whole.acls.set("certificate", page.id, 0, AclForm(use_group=False, users=("bob",)))
    for name, access in (("carol", OPERATOR), ("eve", VIEWER), ("root", ADMIN)):
        view = seen_by(whole, name, access)
        assert view.certificates.get(page.id).row.has_private_key
        assert not view.certificates.export(page.id, ExportRequest(ExportForm.PEM)).holds_key
        acts = [lambda v=view: v.certificates.export(page.id, KEY), lambda v=view: v.certificates.reveal_key(page.id)]
        if access is not VIEWER:
            acts += [
                lambda v=view: v.certificates.delete_key(page.id, page.version),
                lambda v=view: v.certificates.delete(page.id, page.version),
            ]
            refused = view.certificates.delete_many([(page.id, page.version)])
            assert refused.done == ()
            assert "access list" in refused.skipped[0][1]
        for act in acts:
            with pytest.raises(Denied, match="access list"):
                act()
    assert whole.certificates.get(page.id).row.has_private_key
    assert seen_by(whole, "bob", VIEWER).certificates.reveal_key(page.id)


def test_whoever_brought_an_entry_keeps_it(whole: LocalBackend) -> None:
    dora = seen_by(whole, "dora")
    page = added(dora, key=True)
    dora.acls.set("certificate", page.id, 0, CLOSED)
    assert dora.certificates.reveal_key(page.id)
    assert dora.certificates.overview().total == 1
    assert dora.acls.set("certificate", page.id, 1, AclForm(readers=("carol",))).readers == ("carol",)
    with pytest.raises(Denied, match="its owner dora and by admins"):
        seen_by(whole, "carol").acls.set("certificate", page.id, 2, AclForm(users=("carol",)))


def test_an_admin_mends_a_list_and_is_named_before_using_the_key(whole: LocalBackend) -> None:
    page = added(whole, key=True)
    whole.acls.set("certificate", page.id, 0, CLOSED)
    root = seen_by(whole, "root", ADMIN)
    assert root.certificates.search(Query()).total == 1
    with pytest.raises(Denied):
        root.certificates.reveal_key(page.id)
    root.acls.set("certificate", page.id, 1, AclForm(users=("root",)))
    assert root.certificates.reveal_key(page.id)


def test_somebody_in_a_scope_is_bound_by_it_also_where_a_list_names_them(whole: LocalBackend) -> None:
    page = added(whole, business_group="ops")
    whole.acls.set("certificate", page.id, 0, AclForm(users=("carol",)))
    view = seen_by(whole, "carol", Access(Role.OPERATOR, True, ("pay",)))
    with pytest.raises(NotFound):
        view.certificates.get(page.id)


def test_a_list_that_closes_takes_the_row_out_of_an_open_listing(whole: LocalBackend) -> None:
    from certtui.model.query import Gone

    page = added(whole)
    listing = seen_by(whole, "carol").certificates.search(Query())
    assert len(listing.rows(0, 5)) == 1
    whole.acls.set("certificate", page.id, 0, CLOSED)
    assert all(isinstance(row, Gone) for row in listing.rows(0, 5))


def test_the_log_and_the_feed_are_silent_of_what_is_hidden_also_after_it_is_gone(whole: LocalBackend) -> None:
    carol = seen_by(whole, "carol")
    page = added(whole)
    seq = whole.feed.latest()
    whole.acls.set("certificate", page.id, 0, CLOSED)
    whole.certificates.edit(page.id, page.version, CertificateEdit(description="x"))
    whole.certificates.delete(page.id, page.version + 1)
    assert list(carol.feed.since(seq)) == []
    assert carol.audit.search(Query(f"id:{page.id}")).rows(0, 9) == []
    assert len(seen_by(whole, "root", ADMIN).audit.search(Query(f"id:{page.id}")).rows(0, 9)) == 4


def test_the_order_of_a_hidden_entry_is_hidden_too(whole: LocalBackend) -> None:
    order = whole.orders.save(OrderForm(sans=("DNS:api.example.com",)))
    assert order.row.certificate_id is not None
    carol = seen_by(whole, "carol")
    assert len(carol.orders.search(Query()).rows(0, 5)) == 1
    whole.acls.set("certificate", order.row.certificate_id, 0, CLOSED)
    assert carol.orders.search(Query()).rows(0, 5) == []
    for act in (
        lambda: carol.orders.get(order.row.id),
        lambda: carol.orders.cancel(order.row.id, order.row.version),
        lambda: carol.orders.edit(order.row.id, order.row.version, OrderForm(sans=("DNS:b.example.com",))),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_renewal_is_for_the_same_people(whole: LocalBackend) -> None:
    old = added(whole, "old.example.com", key=True)
    whole.acls.set("certificate", old.id, 0, AclForm(read_group=False, use_group=False, users=("bob",)))
    order = whole.orders.save(OrderForm(sans=("DNS:old.example.com",), renews_id=old.id))
    assert order.row.certificate_id is not None
    assert whole.acls.get("certificate", order.row.certificate_id).users == ("bob",)
    newer = added(whole, "newer.example.com", key=True)
    whole.certificates.replace(whole.certificates.plan_replacement(old.id, newer.id))
    acl = whole.acls.get("certificate", newer.id)
    assert (acl.read_group, acl.users) == (False, ("bob",))
    assert seen_by(whole, "carol").certificates.search(Query()).rows(0, 9) == []


def test_a_list_reaches_a_renewal_that_is_under_way_with_its_key(whole: LocalBackend) -> None:
    old = added(whole, "old.example.com", key=True)
    other = added(whole, "other.example.com", key=True)
    orders = [
        whole.orders.save(OrderForm(sans=("DNS:old.example.com",), key_type="ec-256", renews_id=each.id))
        for each in (old, other)
    ]
    for order in orders:
        whole.orders.generate(order.row.id, order.row.version)
    renewing, elsewhere = (order.row.certificate_id for order in orders)
    assert renewing is not None
    assert elsewhere is not None
    whole.acls.set("certificate", old.id, 0, AclForm(use_group=False, users=("bob",)))
    with pytest.raises(Denied):
        seen_by(whole, "carol").certificates.reveal_key(renewing)
    assert seen_by(whole, "bob").certificates.reveal_key(renewing)
    assert seen_by(whole, "carol").certificates.reveal_key(elsewhere)
    whole.acls.set("certificate", old.id, 1, AclForm(users=()))
    with pytest.raises(Denied):
        seen_by(whole, "bob").certificates.reveal_key(renewing)


def test_a_resource_of_a_hidden_entry_counts_nothing_and_is_not_removed_from_under_it(whole: LocalBackend) -> None:
    page, lb = added(whole), resource(whole)
    whole.resources.associate(page.id, [lb.row.id])
    whole.acls.set("certificate", page.id, 0, CLOSED)
    carol = seen_by(whole, "carol")
    assert carol.resources.get(lb.row.id).certificates == ()
    with pytest.raises(Conflict, match="other groups"):
        carol.resources.remove(lb.row.id, lb.row.version, dissociate=True)


def test_a_scoped_admin_learns_only_of_credentials_within_their_scope(whole: LocalBackend) -> None:
    page = added(whole, business_group="pay")
    whole.people.create_token(TokenForm("everything", ADMIN))
    mine = whole.people.create_token(TokenForm("carol", Access(Role.VIEWER, groups=("pay",)))).info
    view = seen_by(whole, "boss", Access(Role.ADMIN, groups=("pay",)))
    assert [one.credential for one in view.acls.who("certificate", page.id)] == [f"token {mine.id}"]
    with pytest.raises(NotFound):
        view.acls.reach("token 1")
    assert view.acls.reach(f"token {mine.id}").counts[0].reads == 1


def test_two_people_of_the_same_access_get_their_own_pages(whole: LocalBackend) -> None:
    first, second = added(whole, "a.example.com"), added(whole, "b.example.com")
    whole.acls.set("certificate", first.id, 0, AclForm(read_group=False, readers=("bob",)))
    whole.acls.set("certificate", second.id, 0, AclForm(read_group=False, readers=("carol",)))
    for name, page in (("bob", first), ("carol", second)):
        assert [row.id for row in seen_by(whole, name, VIEWER).certificates.search(Query()).rows(0, 9)] == [page.id]


def test_adding_with_a_key_fills_only_what_one_sees(whole: LocalBackend) -> None:
    assert add(seen_by(whole, "carol"), cert("mine.example.com"), key=True).created
