"""Who may do what with CAs, also by way of their inventory entries: admins who see all of the store, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from certtui.errors import Denied, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.certificate import ExportForm, ExportRequest
from certtui.model.local_ca import Ca, CaSettings, CaState
from certtui.model.revocation import RevocationForm
from certtui.model.secret import Secret
from certtui.model.status import Status
from tests.backend.cas import intermediate, issue, make_ca, root, signed_by_offline, spec
from tests.backend.entries import new
from tests.backend.harness import LocalSqlite

PEOPLE = {
    "viewer": Access(Role.VIEWER, export_keys=True),
    "operator": Access(Role.OPERATOR, export_keys=True),
    "admin of a group": Access(Role.ADMIN, export_keys=True, groups=("ours", "")),
    "admin of a domain": Access(Role.ADMIN, export_keys=True, domains=("example.com",)),
}
ANYBODY = pytest.mark.parametrize("who", PEOPLE)


class Estate:
    """A root, an issuing CA and one that waits, seen by somebody else."""

    def __init__(self, backend: Any, who: str) -> None:  # Any: `LocalBackend`
        self.all = backend
        self.root = root(backend)
        self.ca = intermediate(backend, self.root)
        self.waiting = backend.cas.request_intermediate(spec("Waiting"))
        self.seen = backend.acting(Identity(Actor(who), PEOPLE[who]))


@pytest.fixture
def backend(local: LocalSqlite) -> Any:
    return local.open(create=True)


@ANYBODY
def test_what_is_done_with_cas_is_for_admins_who_see_all(backend: Any, who: str) -> None:
    here = Estate(backend, who)
    cas, ca = here.seen.cas, here.ca
    acts: list[Callable[[], object]] = [
        lambda: cas.create_root(spec("New")),
        lambda: cas.create_intermediate(here.root.row.id, spec("New")),
        lambda: cas.request_intermediate(spec("New")),
        lambda: cas.complete(here.waiting.row.id, here.waiting.row.version, signed_by_offline(here.waiting)),
        lambda: cas.import_ca(new(make_ca())),
        lambda: cas.edit(ca.row.id, ca.row.version, CaSettings(crl_days=3)),
        lambda: cas.issue_crl(ca.row.id),
        lambda: cas.accept_crl(ca.row.id, b""),
        lambda: cas.roll_over(ca.row.id, ca.row.version),
        lambda: cas.living(ca.row.id),
        lambda: cas.retire(ca.row.id, ca.row.version),
    ]
    before = backend.audit.head()
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert backend.audit.head() == before
    # What a CA publishes is for everybody.
    assert cas.get(ca.row.id).row.name == "Issuing"
    assert cas.certificate(ca.row.id)
    assert cas.crl(ca.row.id)


@ANYBODY
@pytest.mark.parametrize("way", ["reveal", "pfx", "key"])
def test_the_key_of_a_ca_is_not_taken_out_by_the_right_to_take_keys_out_alone(backend: Any, who: str, way: str) -> None:
    here = Estate(backend, who)
    certificates, entry = here.seen.certificates, here.ca.row.certificate_id
    asked = ExportRequest(ExportForm.PFX if way == "pfx" else ExportForm.KEY, password=Secret("a long passphrase"))
    with pytest.raises((Denied, NotFound)):
        certificates.reveal_key(entry) if way == "reveal" else certificates.export(entry, asked)


def test_the_key_of_a_leaf_and_the_certificate_of_a_ca_still_are(backend: Any) -> None:
    here = Estate(backend, "viewer")
    leaf = issue(backend, here.ca)
    assert here.seen.certificates.export(here.ca.row.certificate_id, ExportRequest(ExportForm.PEM)).content
    with pytest.raises(NotFound, match="private key"):
        here.seen.certificates.reveal_key(leaf.certificate_id)
    whole = backend.acting(Identity(Actor("admin"), Access(Role.ADMIN, export_keys=True)))
    assert b"PRIVATE KEY" in whole.certificates.reveal_key(here.ca.row.certificate_id).reveal()


@pytest.mark.parametrize("who", ["operator", "admin of a group"])
def test_a_ca_is_not_revoked_by_who_may_not_retire_it(backend: Any, who: str) -> None:
    here = Estate(backend, who)
    page = backend.certificates.get(here.ca.row.certificate_id)
    form = RevocationForm(page.x509.serial_number)
    for act in (
        lambda: here.seen.certificates.plan_revocation(page.id),
        lambda: here.seen.certificates.revoke(page.id, page.version, form),
    ):
        with pytest.raises(Denied, match="This is the certificate of the CA Issuing"):
            act()
    assert backend.certificates.get(page.id).row.status is Status.ACTIVE
    assert _state(backend, here.ca) is CaState.ACTIVE
    leaf = issue(backend, here.ca)
    seen = backend.certificates.get(leaf.certificate_id)
    here.seen.certificates.revoke(seen.id, seen.version, RevocationForm(seen.x509.serial_number))


@pytest.mark.parametrize("who", ["operator", "admin of a group"])
def test_an_import_does_not_complete_a_ca_for_who_may_not(backend: Any, who: str) -> None:
    here = Estate(backend, who)
    with pytest.raises(Denied, match="This is the certificate of the CA Waiting"):
        here.seen.certificates.add([signed_by_offline(here.waiting)])
    assert _state(backend, here.waiting) is CaState.WAITING
    assert (
        backend.cas.complete(here.waiting.row.id, here.waiting.row.version, signed_by_offline(here.waiting)).row.state
        is CaState.ACTIVE
    )


def _state(backend: Any, ca: Ca) -> CaState:
    state: CaState = backend.cas.get(ca.row.id).row.state
    return state
