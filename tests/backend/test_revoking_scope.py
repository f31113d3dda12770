"""Revoking within a scope: one's own only; the CA behind it need not be seen for its CRL to say so."""

from __future__ import annotations

import pytest
from cryptography import x509

from certtui.errors import Denied, NotFound
from certtui.model.access import Access, Role
from certtui.model.certificate import Labels
from certtui.model.revocation import AuthorityKnows, RevocationForm
from tests.backend.entries import add, cert
from tests.backend.issuing import complete, local_authority
from tests.backend.test_access_changes import PAY, seen_by, whole

__all__ = ["whole"]


def form_for(page) -> RevocationForm:
    return RevocationForm(page.x509.serial_number)


def test_an_operator_revokes_what_lies_in_the_scope_and_its_ca_says_so(whole) -> None:
    local_authority(whole)
    order = complete(whole, labels=Labels(business_group="pay"))
    view = seen_by(whole, PAY)
    page = view.certificates.get(order.row.certificate_id)
    assert view.certificates.plan_revocation(page.id).authority.startswith("Issuing is a CA of this store")
    after = view.certificates.revoke(page.id, page.version, form_for(page))
    assert after.revocation is not None
    assert (after.revocation.authority, after.revocation.by) == (AuthorityKnows.HERE, "carol")
    crl = x509.load_der_x509_crl(whole.cas.crl(whole.cas.resolve("Issuing")))
    assert crl.get_revoked_certificate_by_serial_number(int(page.x509.serial_number, 16)) is not None


def test_what_lies_outside_is_not_found_and_stays(whole) -> None:
    page = whole.certificates.get(add(whole, cert(), business_group="ops").id)
    view = seen_by(whole, PAY)
    for act in (
        lambda: view.certificates.plan_revocation(page.id),
        lambda: view.certificates.revoke(page.id, page.version, form_for(page)),
        lambda: view.certificates.note_authority_told(page.id, page.version),
    ):
        with pytest.raises(NotFound):
            act()
    assert whole.certificates.get(page.id).revocation is None


def test_a_replacement_outside_the_scope_is_none(whole) -> None:
    page = whole.certificates.get(add(whole, cert(), business_group="pay").id)
    other = add(whole, cert("www.example.com", number=5), business_group="ops")
    assert whole.certificates.plan_revocation(page.id).replacement_id == other.id
    assert seen_by(whole, PAY).certificates.plan_revocation(page.id).replacement_id is None


def test_who_only_looks_does_not_revoke(whole) -> None:
    page = whole.certificates.get(add(whole, cert()).id)
    view = seen_by(whole, Access(Role.VIEWER))
    with pytest.raises(Denied):
        view.certificates.plan_revocation(page.id)
    with pytest.raises(Denied):
        view.certificates.revoke(page.id, page.version, form_for(page))


def test_of_two_who_revoke_at_once_one_is_told(whole) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from certtui.errors import Conflict

    page = whole.certificates.get(add(whole, cert()).id)

    def act(_: int) -> str:
        try:
            whole.certificates.revoke(page.id, page.version, form_for(page))
        except Conflict:
            return "conflict"
        return "revoked"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(act, range(4))) == ["conflict"] * 3 + ["revoked"]
