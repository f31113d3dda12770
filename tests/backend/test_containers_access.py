"""Containers and stored secrets within scopes and access lists: what is not for somebody is not there for them, by no way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from certtui.backend.base import Backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.acl import AclForm
from certtui.model.audit import Actor
from certtui.model.consumer import ConsumerForm
from certtui.model.container import ContainerContent, ContainerEdit, ContainerForm, ContainerType
from certtui.model.query import Gone, Query
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecretForm
from tests.backend.entries import added
from tests.backend.filing import NGINX, consumer, container, fetched, parts_in, secret

PAY = Access(Role.OPERATOR, export_keys=True, groups=("pay",))
OPS = Access(Role.OPERATOR, export_keys=True, groups=("ops",))
EXAMPLE = Access(Role.OPERATOR, export_keys=True, domains=("example.com",))
ALL = Access(Role.OPERATOR, export_keys=True)
ADMIN = Access(Role.ADMIN, export_keys=True)
CLOSED = AclForm(read_group=False, use_group=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def whole(request: pytest.FixtureRequest) -> LocalBackend:
    """A store without limits, on either database."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    opened = request.getfixturevalue(name).open(create=True)
    assert isinstance(opened, LocalBackend)
    return opened


def seen_by(whole: LocalBackend, access: Access, name: str = "carol") -> Backend:
    return whole.acting(Identity(Actor(name), access))


def names(listing) -> list[str]:
    return [row.name for row in listing.rows(0, 50) if not isinstance(row, Gone)]


def every_way(view: Backend, container_id: int) -> list[Callable[[], object]]:
    """What one could try with a container."""
    held = view.containers
    return [
        lambda: held.get(container_id),
        lambda: held.resolve(str(container_id)),
        lambda: held.check(container_id),
        lambda: held.fetch(container_id),
        lambda: held.fetch(container_id, consumer=NGINX),
        lambda: held.consumers(container_id),
        lambda: held.add_consumer(container_id, NGINX),
        lambda: held.edit(container_id, 1, ContainerEdit(name="mine")),
        lambda: held.update(container_id, 1, ContainerContent(1)),
        lambda: held.rollback(container_id, 1, to=1),
        lambda: held.delete(container_id, 1),
    ]


def test_a_container_lies_where_its_certificate_lies(whole: LocalBackend) -> None:
    page = added(whole, key=True, business_group="pay")
    made = container(whole, page.id, "shop")
    one = consumer(whole, made.id)
    for access in (PAY, EXAMPLE, ALL):
        assert names(seen_by(whole, access).containers.search(Query())) == ["shop"]
        assert fetched(seen_by(whole, access), made.id).number == 1
    view = seen_by(whole, OPS)
    assert names(view.containers.search(Query())) == []
    assert list(view.containers.consumers()) == []
    for act in every_way(view, made.id):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotFound):
        view.containers.remove_consumer(one.id)
    with pytest.raises(NotFound):
        view.containers.create(ContainerForm(certificate_id=page.id))
    assert whole.containers.get(made.id).version == made.version


def test_what_has_no_names_lies_in_a_group_and_in_no_domain(whole: LocalBackend) -> None:
    word = secret(whole, business_group="pay")
    made = container(whole, name="vault", type=ContainerType.GENERIC, parts={"word": word.id}, business_group="pay")
    assert parts_in(fetched(seen_by(whole, PAY), made.id)) == {"word": b"correct horse"}
    for access in (OPS, EXAMPLE):
        view = seen_by(whole, access)
        assert names(view.containers.search(Query())) == names(view.secrets.search(Query())) == []
        for act in every_way(view, made.id):
            with pytest.raises(NotFound):
                act()
        for act in (view.secrets.get, view.secrets.check):
            with pytest.raises(NotFound):
                act(word.id)
        with pytest.raises(NotFound):
            view.secrets.delete(word.id, word.version)
        with pytest.raises((NotFound, Denied)):
            view.containers.create(ContainerForm("x", ContainerType.GENERIC, parts={"word": word.id}))


def test_what_somebody_stores_and_makes_is_of_their_group(whole: LocalBackend) -> None:
    view = seen_by(whole, PAY)
    made = view.secrets.store(StoredSecretForm("mine", "opaque", Secret(b"x")))
    assert made.row.business_group == "pay"
    held = view.containers.create(ContainerForm("mine", ContainerType.GENERIC, parts={"x": made.id}))
    assert held.row.business_group == "pay"
    with pytest.raises(Denied):
        view.secrets.store(StoredSecretForm("theirs", "opaque", Secret(b"x"), business_group="ops"))
    with pytest.raises(Denied):
        seen_by(whole, EXAMPLE).secrets.store(StoredSecretForm("nobody's", "opaque", Secret(b"x")))
    both = Access(Role.OPERATOR, groups=("pay", "ops"))
    with pytest.raises(Invalid) as refused:
        seen_by(whole, both).secrets.store(StoredSecretForm("whose", "opaque", Secret(b"x")))
    assert refused.value.field == "business_group"


def test_a_part_of_another_group_is_used_by_the_container_and_not_shown(whole: LocalBackend) -> None:
    page = added(whole, key=True, business_group="pay")
    word = secret(whole, business_group="ops")
    made = container(whole, page.id, parts={"private_key_passphrase": word.id})
    shown = seen_by(whole, PAY).containers.get(made.id).parts[-1]
    assert (shown.name, shown.secret, shown.about) == ("private_key_passphrase", "", "stored secret")
    with pytest.raises(Conflict, match="a container that you don't see"):
        seen_by(whole, OPS).secrets.delete(word.id, word.version)


@pytest.mark.parametrize("kind", ["container", "certificate", "secret"])
def test_a_list_on_the_container_its_certificate_or_a_part_keeps_a_fetch_from_whoever_is_not_named(
    whole: LocalBackend, kind: str
) -> None:
    page = added(whole, key=True)
    word = secret(whole)
    made = container(whole, page.id, "shop", parts={"private_key_passphrase": word.id})
    consumer(whole, made.id)
    object_id = {"container": made.id, "certificate": page.id, "secret": word.id}[kind]
    digest = fetched(seen_by(whole, ALL), made.id).digest
    whole.acls.set(kind, object_id, 0, AclForm(use_group=False, users=("svc",)))
    for access, name in ((ALL, "carol"), (ADMIN, "root")):
        view = seen_by(whole, access, name)
        assert names(view.containers.search(Query())) == ["shop"]
        for have in ("", digest):
            with pytest.raises(Denied, match="access list"):
                view.containers.fetch(made.id, have=have)
    assert fetched(seen_by(whole, ALL, "svc"), made.id).number == 1
    assert fetched(seen_by(whole, ALL, "ada"), made.id).number == 1  # its owner


def test_a_list_that_hides_the_container_hides_it_from_every_way(whole: LocalBackend) -> None:
    page = added(whole, key=True)
    made = container(whole, page.id, "shop")
    one = consumer(whole, made.id, ConsumerForm("secret-service"))
    whole.acls.set("container", made.id, 0, CLOSED)
    view = seen_by(whole, ALL)
    for act in every_way(view, made.id):
        with pytest.raises(NotFound):
            act()
    shown = view.certificates.get(page.id)
    assert (shown.containers, shown.consumers) == ((), ())
    assert view.certificates.plan_revocation(page.id).consumers == ()
    with pytest.raises(Conflict) as refused:
        view.certificates.delete(page.id, shown.version)
    assert "secret-service" not in str(refused.value)
    with pytest.raises(NotFound):
        view.containers.remove_consumer(one.id)
    seen = [event.object_kind for event in view.audit.search(Query()).rows(0, 50) if not isinstance(event, Gone)]
    assert "container" not in seen
    assert [change for change in view.feed.since(0) if change.object_kind == "container"] == []


def test_a_viewer_with_export_keys_fetches_and_changes_nothing(whole: LocalBackend) -> None:
    made = container(whole, added(whole, key=True).id)
    viewer = seen_by(whole, Access(Role.VIEWER, export_keys=True), "svc")
    assert fetched(viewer, made.id, consumer=NGINX).number == 1
    assert whole.containers.consumers(made.id)[0].created_by == "svc"
    for act in every_way(viewer, made.id)[6:]:
        with pytest.raises(Denied):
            act()
    for access in (Access(Role.VIEWER), Access(Role.ADMIN)):
        with pytest.raises(Denied, match="export-keys"):
            seen_by(whole, access).containers.fetch(made.id)
