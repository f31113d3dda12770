"""CAs are the same for everybody: who sees a part of the inventory only still sees, checks and issues by them."""

from __future__ import annotations

from typing import Any

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.cas_issue import reserve, sign
from certtui.errors import Denied, Locked, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query
from certtui.model.template import SERVER
from certtui.pki.csr import make
from certtui.pki.facts import x509_facts
from tests.backend.cas import intermediate, issue, ocsp_request, root, spec
from tests.backend.harness import LocalSqlite
from tests.certs import NOW


@pytest.fixture
def whole(local: LocalSqlite) -> Any:  # Any: `LocalBackend`
    backend = local.open(create=True)
    assert isinstance(backend, LocalBackend)
    return backend


def view(backend: LocalBackend, role: Role = Role.OPERATOR) -> Any:  # Any: `ActingBackend`
    """As somebody of one group sees it."""
    return backend.acting(Identity(Actor("grace", via="api"), Access(role, groups=("ours",))))


def test_a_scope_hides_no_ca_and_nothing_that_it_publishes(whole) -> None:
    above = root(whole)
    ca = intermediate(whole, above)
    seen = view(whole, Role.VIEWER)
    assert [row.name for row in seen.cas.search(Query()).rows(0, 9)] == ["Issuing", "Root"]
    assert seen.cas.get(ca.row.id) == whole.cas.get(ca.row.id)
    assert seen.cas.resolve("issuing") == ca.row.id
    assert seen.cas.crl(ca.row.id) == whole.cas.crl(ca.row.id)
    assert seen.cas.certificate(ca.row.id) == whole.cas.certificate(ca.row.id)
    issued = issue(whole, ca)
    request = ocsp_request(issued.leaf, x509_facts(whole.cas.certificate(ca.row.id)))
    assert seen.cas.ocsp(request) == whole.cas.ocsp(request)
    with pytest.raises(NotFound):
        seen.certificates.get(ca.row.certificate_id)


def test_who_sees_a_part_may_issue_by_a_ca_and_not_change_it(whole) -> None:
    ca = root(whole)
    seen = view(whole)
    request, _ = make(CsrRequest(SubjectFields("www.example.com"), ("DNS:www.example.com",)))
    store = seen._store
    signed = sign(
        store,
        reserve(store, "Root"),
        request.der,
        SERVER,
        subject=SubjectFields("www.example.com"),
        sans=("DNS:www.example.com",),
        days=None,
        submitted_at=NOW,
    )
    assert signed.leaf.issuer_name == "Root"
    for role in (Role.OPERATOR, Role.ADMIN):
        with pytest.raises(Denied):
            view(whole, role).cas.create_root(spec("Mine"))
        with pytest.raises(Denied):
            view(whole, role).cas.retire(ca.row.id, ca.row.version)


def test_an_order_signed_twice_is_one_certificate(whole, local) -> None:
    root(whole)
    request, _ = make(CsrRequest(SubjectFields("www.example.com"), ("DNS:www.example.com",)))
    store = whole._store
    reserved = reserve(store, "Root")

    def once():
        return sign(
            store,
            type(reserved).parse(str(reserved)),
            request.der,
            SERVER,
            subject=SubjectFields("www.example.com"),
            sans=("DNS:www.example.com",),
            days=30,
            submitted_at=NOW,
        ).leaf

    first = once()
    local.clock.advance(hours=5)
    second = once()
    for each in ("serial_number", "not_before", "not_after", "spki_sha256", "subject", "issuer"):
        assert getattr(first, each) == getattr(second, each)
    assert first.serial_number == reserved.serial_number


def test_a_kept_key_is_forgotten_with_the_lock(whole) -> None:
    ca = root(whole)
    issue(whole, ca)
    assert whole._store.keyring.recall(("ca", ca.row.id)) is not None
    whole.store.lock()
    assert whole._store.keyring.recall(("ca", ca.row.id)) is None
    with pytest.raises(Locked):
        issue(whole, ca, "b.example.com")
