"""Many orders at once come to what one after the other comes to; what is special about one is left to the other way."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from certtui.backend.local import orders_many
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Locked
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.certificate import Labels
from certtui.model.order import Order, OrderForm, OrderStatus
from certtui.model.policy import PolicyForm, PolicyRules
from certtui.model.query import Query
from certtui.model.repository import RepositoryForm, RepositorySource
from certtui.model.status import Status
from tests.backend.entries import events
from tests.backend.harness import LocalPostgres, LocalSqlite
from tests.backend.issuing import csr, external_authority, form, local_authority

BY_CHANCE = ("id", "certificate_id", "version", "reference", "spki_sha256", "fingerprint_sha256", "serial_number")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def here(request: pytest.FixtureRequest, tmp_path) -> Any:  # Any: `LocalBackend`
    made: Any = (
        LocalSqlite(tmp_path / "store") if request.param == "sqlite" else LocalPostgres(tmp_path / "store").start()
    )
    backend = made.open(create=True) if request.param == "sqlite" else made.open()
    assert isinstance(backend, LocalBackend)
    local_authority(backend)
    yield backend
    made.close()


def place(backend: Any, *forms: OrderForm) -> list[Order | None]:
    return [None if one is None else backend.orders.get(one.id) for one in backend.orders.place_many(forms)]


def one_by_one(backend: Any, wanted: OrderForm) -> Order:
    order = backend.orders.save(wanted)
    return backend.orders.submit(order.id, order.version)


def alike(one: Any, other: Any, *, but: tuple[str, ...] = BY_CHANCE) -> None:
    """Field by field, but for what is chance: keys, serials, ids."""
    for each in fields(one):
        if each.name not in but:
            assert getattr(one, each.name) == getattr(other, each.name), each.name


def test_an_order_is_what_it_would_have_been_alone(here) -> None:
    for extra in (
        {},
        {"csr": csr("elsewhere.example.com")},
        {"sans": ("DNS:a.example.com", "IP:192.0.2.7"), "days": 17, "key_type": "ec-384", "auto_renew_days": 5},
        {"labels": Labels("shop", "web", "the shop", "ada@example.com"), "template": "both"},
    ):
        wanted = replace(form("shop.example.com"), **extra)
        if wanted.csr:
            wanted = replace(wanted, subject=type(wanted.subject)())
        alone = one_by_one(here, wanted)
        if wanted.csr:
            wanted = replace(wanted, csr=csr("elsewhere.example.com", number=3))
        many, _ = place(here, wanted, form("other.example.com"))
        assert many is not None
        alike(many.row, alone.row)
        alike(many, alone, but=(*BY_CHANCE, "row", "form", "csr_pem", "steps", "panel", "container_ref"))
        alike(many.form, alone.form, but=("csr",))
        assert [step.name for step in many.steps] == [step.name for step in alone.steps]
        assert [step.text for step in many.steps][:3] == [step.text for step in alone.steps][:3]
        pages = [here.certificates.get(order.row.certificate_id) for order in (many, alone)]
        alike(pages[0].row, pages[1].row)
        # What the log tells of many stands there once for all of them.
        alike(
            *pages,
            but=(*BY_CHANCE, "row", "x509", "csr_pem", "order_id", "panel", "spki_sha256", "containers", "life"),
        )
        held = [[here.containers.get(each.id) for each in page.containers] for page in pages]
        assert len(held[0]) == len(held[1]) == (0 if wanted.csr else 1)
        for one, other in zip(*held, strict=True):
            alike(one.row, other.row, but=(*BY_CHANCE, "ref", "certificate_id"))
            assert one.versions[0].reason == other.versions[0].reason == "issued"
            assert many.container_ref == one.row.ref
        alike(pages[0].x509, pages[1].x509, but=(*BY_CHANCE, "der", "fingerprint_sha1", "subject_key_id"))
        assert (pages[0].order_id, pages[0].row.status) == (many.id, Status.ACTIVE)


def test_every_certificate_is_on_its_cas_record_and_its_key_opens(here) -> None:
    orders = place(here, *(form(f"{number}.example.com") for number in range(5)))
    [ca] = [row for row in here.cas.search(Query()).rows(0, 9) if row.kind == "intermediate"]
    assert (ca.issued, ca.living) == (5, 5)
    for order in orders:
        assert order is not None
        assert order.row.status is OrderStatus.COMPLETE
        assert b"PRIVATE KEY" in here.certificates.reveal_key(order.row.certificate_id).reveal()
    assert [each for each in here.store.check() if not each.ok] == []
    assert here.audit.verify().first_broken is None
    assert events(here).count("certificate.issue.success") == 1
    assert len(here.certificates.search(Query("3.example.com")).rows(0, 9)) == 1
    assert len(here.orders.search(Query("3.example.com")).rows(0, 9)) == 1


def test_what_is_special_is_left_to_the_other_way_untouched(here) -> None:
    external_authority(here)
    disabled = local_authority(here, "off", ca="Issuing")
    from certtui.model.authority import AuthorityForm
    from tests.backend.entries import resource

    here.authorities.edit(disabled.row.id, disabled.row.version, AuthorityForm(enabled=False))
    used = resource(here)
    old = one_by_one(here, form("old.example.com"))
    known = one_by_one(here, replace(form("known.example.com"), reference="known"))
    before = here.audit.head()
    special = [
        form("a.example.com", "globex"),
        form("a.example.com", "off"),
        form("a.example.com", "nobody"),
        form("a.example.com", ""),
        form("not a name at all"),
        form("a.example.com", template="nothing"),
        form("a.example.com", days=9999),
        form("a.example.com", resource_ids=(used.row.id,)),
        form("a.example.com", renews_id=old.row.certificate_id),
        form("a.example.com", reference="known"),
        form("a.example.com", key_type="nothing"),
    ]
    assert place(here, *special) == [None] * len(special)
    assert here.audit.head() == before
    assert known.row.status is OrderStatus.COMPLETE


def test_an_uploaded_csr_whose_key_waits_here_is_left_to_the_other_way(here) -> None:
    request = csr("elsewhere.example.com")
    here.orders.save(OrderForm(authority="internal", csr=request))
    assert place(here, OrderForm(authority="internal", csr=request), form("b.example.com"))[0] is None


def test_a_reference_counts_once_within_a_batch(here) -> None:
    twice = replace(form("a.example.com"), reference="once")
    first, second = place(here, twice, twice)
    assert first is not None
    assert second is None
    assert here.orders.save(twice).id == first.id


def test_where_a_policy_has_something_to_say_the_gate_says_it(here) -> None:
    from certtui.model.policy import PolicyRules

    here.policies.add(
        PolicyForm(name="Ours", enabled=True, outcome="hard", rules=PolicyRules(allowed_names=("*.example.com",)))
    )
    fine, refused = place(here, form("a.example.com"), form("a.example.org"))
    assert fine is not None
    assert refused is None


def test_a_crash_before_the_end_leaves_nothing(here, monkeypatch) -> None:
    class Crash(BaseException):
        pass

    def broken(*_args: Any) -> None:
        raise Crash

    before = here.audit.head()
    with monkeypatch.context() as patched:
        patched.setattr(orders_many, "_record", broken)
        with pytest.raises(Crash):
            here.orders.place_many([form("a.example.com")])
    assert here.audit.head() == before
    assert len(here.orders.search(Query()).rows(0, 9)) == 0
    assert len(here.certificates.search(Query("a.example.com")).rows(0, 9)) == 0
    assert place(here, form("a.example.com"))[0] is not None


def test_a_ca_that_retires_meanwhile_issues_nothing(here, monkeypatch) -> None:
    real = orders_many._prepared

    def slow(*args: Any) -> Any:
        ready = real(*args)
        [ca] = [row for row in here.cas.search(Query()).rows(0, 9) if row.kind == "intermediate"]
        here.cas.retire(ca.id, ca.version)
        return ready

    monkeypatch.setattr(orders_many, "_prepared", slow)
    assert place(here, form("a.example.com")) == [None]


def test_the_mark_of_a_renewal_is_left_to_the_other_way(here) -> None:
    """Which refuses it where it is not the renewal."""
    assert place(here, form("a.example.com", reference="renews-7-1")) == [None]


def test_a_locked_store_places_nothing(here) -> None:
    here.store.lock()
    with pytest.raises(Locked):
        here.orders.place_many([form("a.example.com")])


def test_a_scope_is_kept(here) -> None:
    identity = Identity(Actor("grace", via="api"), Access(Role.OPERATOR, groups=("ours",)))
    seen = here.acting(identity)
    with pytest.raises(AttributeError):
        seen.orders.place_many  # noqa: B018 - beyond the seam, so without a rule
    placed = orders_many.place_many(
        seen._store, [form("a.example.com"), form("b.example.com", labels=Labels(business_group="theirs"))]
    )
    assert [one is not None for one in placed] == [True, False]
    assert here.certificates.get(here.orders.get(placed[0].id).row.certificate_id).row.business_group == "ours"


def test_what_is_attached_to_the_repository_of_their_ca_holds_and_they_are_filed(here) -> None:
    ca = here.cas.get(here.cas.resolve("Issuing"))
    here.cas.edit(ca.row.id, ca.row.version, replace(ca.settings, compliant=True))
    rule = here.policies.add(PolicyForm("no wildcards", rules=PolicyRules(wildcards=False)))
    source = RepositorySource("compliant", ca.row.id, (rule.id,))
    here.repositories.create(RepositoryForm(source, "audited"))
    done = place(here, form("a.example.com"), form("*.example.com"), form("b.example.com"))
    assert [one is not None for one in done] == [True, False, True]
    listing = here.certificates.search(Query("repository:audited"))
    assert [row.name for row in listing.rows(0, 9)] == ["a.example.com", "b.example.com"]
    assert events(here).count("certificate.file.success") == 1
