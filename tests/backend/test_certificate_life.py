"""The life of a certificate on its page: what was done with it and when, what watches it, over every backend."""

from __future__ import annotations

from certtui.backend.base import Backend
from certtui.model.certificate import CertificateEdit
from certtui.model.lifecycle import DEPLOYED, ENDED, ISSUED, RENEWED, Lifecycle
from certtui.model.revocation import RevocationForm
from tests.backend.entries import add, added, cert, resource
from tests.backend.filing import consumer, container


def life(backend: Backend, certificate_id: int) -> Lifecycle:
    found = backend.certificates.get(certificate_id).life
    assert found is not None
    return found


def told(backend: Backend, certificate_id: int) -> list[tuple[str, str, str]]:
    return [(each.stage, each.text, each.by) for each in life(backend, certificate_id).done]


def test_what_came_is_told_with_who_brought_it(backend: Backend) -> None:
    page = added(backend)
    assert told(backend, page.id) == [(ISSUED, "came into the inventory", "ada")]
    found = life(backend, page.id)
    assert (found.used_since, found.alerted_at, found.renewed_at) == (None, None, None)
    assert found.thresholds == (90, 60, 30, 14, 7, 3, 1)


def test_resources_and_consumers_are_told_by_name_and_since_when(backend: Backend) -> None:
    page = added(backend, key=True)
    used = resource(backend)
    now = backend.certificates.overview().as_of
    backend.resources.associate(page.id, [used.row.id])
    backend.resources.dissociate(page.id, [used.row.id])
    assert {each[:2] for each in told(backend, page.id)} == {
        (DEPLOYED, f"associated with {used.row.name}"),
        (DEPLOYED, f"dissociated from {used.row.name}"),
        (ISSUED, "came into the inventory"),
    }
    assert life(backend, page.id).used_since is None
    consumer(backend, container(backend, page.id).id)
    since = life(backend, page.id).used_since
    assert since is not None
    assert since >= now.replace(microsecond=0)


def test_the_days_of_its_group_watch_it_and_an_alert_is_told(backend: Backend) -> None:
    page = backend.certificates.get(add(backend, cert(days=20), business_group="pay").id)
    backend.alerts.set_thresholds("pay", [45, 10])
    backend.alerts.sweep()
    found = life(backend, page.id)
    assert found.thresholds == (45, 10)
    assert found.alert_id is not None
    assert found.alerted_at is not None
    assert backend.alerts.get(found.alert_id).row.object_name == page.row.name
    backend.alerts.set_thresholds("", [33])
    backend.certificates.edit(page.id, page.version, CertificateEdit(business_group="ops"))
    assert life(backend, page.id).thresholds == (33,)


def test_a_renewal_is_told_at_both_ends(backend: Backend) -> None:
    old = backend.certificates.get(add(backend, cert(days=20)).id)
    new = backend.certificates.get(add(backend, cert(number=7, days=300), name="newer").id)
    backend.certificates.replace(backend.certificates.plan_replacement(old.id, new.id))
    assert (RENEWED, f"renewed by {new.row.name}", "") in told(backend, old.id)
    assert life(backend, old.id).renewed_at is not None
    assert (RENEWED, f"put in the place of {old.row.name}", "ada") in told(backend, new.id)


def test_a_revocation_is_told_with_who_did_it(backend: Backend) -> None:
    page = added(backend)
    assert page.x509 is not None
    backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    assert (ENDED, "revoked", "ada") in told(backend, page.id)
