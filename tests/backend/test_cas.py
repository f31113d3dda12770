"""CAs of the built-in PKI: made, imported, completed, rolled over, retired; and what is refused on the way."""

from __future__ import annotations

import pytest

from certtui.backend.base import Backend
from certtui.errors import Conflict, Invalid, Locked, NotFound
from certtui.model.ca import CaSpec
from certtui.model.certificate import NewCertificate
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaSettings, CaState
from certtui.model.query import Query, Sort
from certtui.model.status import Status
from tests.backend.cas import foreign_crl, intermediate, make_ca, make_intermediate, root, signed_by_offline, spec
from tests.backend.entries import added, cert, events, new
from tests.certs import make_cert


def test_a_root_is_an_entry_with_its_key_and_an_empty_crl(backend: Backend) -> None:
    ca = root(backend)
    assert (ca.row.kind, ca.row.state, ca.row.name, ca.row.parent_id) == ("root", CaState.ACTIVE, "Root", None)
    assert ca.row.crl is not None
    assert (ca.row.crl.number, ca.row.crl.entries, ca.row.crl.overdue) == (1, 0, False)
    entry = backend.certificates.get(ca.row.certificate_id)
    assert entry.x509 is not None
    assert (entry.x509.is_ca, entry.x509.self_issued, entry.x509.der) == (
        True,
        True,
        backend.cas.certificate(ca.row.id),
    )
    assert (entry.row.has_private_key, entry.row.source, entry.row.provider) == (True, "managed", "local")
    assert "ca.create.success" in events(backend)


def test_an_intermediate_hangs_below_its_issuer_which_has_it_on_record(backend: Backend) -> None:
    above = root(backend)
    ca = intermediate(backend, above)
    assert (ca.row.kind, ca.row.parent_id, ca.chain) == ("intermediate", above.row.id, ("Root",))
    counted = backend.cas.get(above.row.id).row
    assert (counted.issued, counted.living, counted.revoked) == (1, 1, 0)
    below = intermediate(backend, ca, "Below")
    assert below.chain == ("Issuing", "Root")
    entry = backend.certificates.get(below.row.certificate_id)
    assert [facts.common_name for facts in entry.chain] == ["Issuing"]


def test_an_intermediate_outside_its_issuers_limits_is_refused_and_leaves_nothing(backend: Backend) -> None:
    above = backend.cas.create_root(spec("Narrow", path_length=0))
    before = backend.audit.head()
    with pytest.raises(Invalid) as refused:
        intermediate(backend, above)
    assert refused.value.field == "path_length"
    assert backend.audit.head() == before
    assert [row.name for row in rows(backend)] == ["Narrow"]


def test_limits_of_a_ca_are_told_in_sentences(backend: Backend) -> None:
    above = root(backend)
    limited = CaSpec(
        SubjectFields("Limited"),
        "ec-256",
        path_length=0,
        permitted=("DNS:example.com", "IP:10.0.0.0/8"),
        excluded=("EMAIL:example.org",),
        usages=("serverAuth",),
    )
    ca = backend.cas.create_intermediate(above.row.id, limited)
    assert ca.limits == (
        "It issues no CAs, only leaves (path length 0).",
        "It may issue for these names only: DNS:example.com, IP:10.0.0.0/8.",
        "It may not issue for these names: EMAIL:example.org.",
        "It is limited to these extended key usages: serverAuth.",
    )


def test_two_cas_of_one_name_are_refused_before_a_key_is_made(backend: Backend) -> None:
    root(backend)
    with pytest.raises(Conflict, match="There is a CA called Root already"):
        backend.cas.create_root(spec("rOOT"))


def test_settings_that_make_no_sense_name_their_field(backend: Backend) -> None:
    wrong = {
        "crl_days": CaSettings(crl_days=0),
        "delta_hours": CaSettings(crl_days=1, delta_hours=24),
        "crl_file": CaSettings(crl_file="ca.crl"),
        "ocsp_urls": CaSettings(ocsp_urls=("ocsp.example.com",)),
        "crl_urls": CaSettings(crl_urls=("http://exämple.com/ca.crl",)),
    }
    for field, settings in wrong.items():
        with pytest.raises(Invalid) as refused:
            backend.cas.create_root(spec("Root"), settings)
        assert refused.value.field == field
    with pytest.raises(Invalid, match=r"does not end in \.crl"):
        backend.cas.create_root(spec("Root"), CaSettings(crl_file="/etc/passwd"))
    assert rows(backend) == []


def test_cas_are_listed_filtered_and_found_by_name(backend: Backend) -> None:
    above = root(backend)
    ca = intermediate(backend, above)
    assert [row.name for row in rows(backend)] == ["Issuing", "Root"]
    assert [row.name for row in rows(backend, "kind:root")] == ["Root"]
    assert [row.name for row in rows(backend, "iss")] == ["Issuing"]
    assert rows(backend, "state:retired") == []
    assert [row.name for row in rows(backend, sort="-id")] == ["Issuing", "Root"]
    assert backend.cas.resolve("issuing") == backend.cas.resolve(f"id:{ca.row.id}") == ca.row.id
    for nothing in ("", "Nobody", "99"):
        with pytest.raises(NotFound):
            backend.cas.resolve(nothing)
    with pytest.raises(NotFound):
        backend.cas.get(99)


def test_a_ca_waits_for_its_offline_root_and_issues_when_the_certificate_is_there(backend: Backend) -> None:
    ca = backend.cas.request_intermediate(spec("Issuing"))
    assert (ca.row.state, ca.row.not_after, ca.row.crl) == (CaState.WAITING, None, None)
    assert ca.csr_pem.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert backend.certificates.get(ca.row.certificate_id).row.status is Status.PENDING
    with pytest.raises(Conflict, match="waits for its certificate"):
        backend.cas.issue_crl(ca.row.id)
    with pytest.raises(NotFound):
        backend.cas.certificate(ca.row.id)
    done = backend.cas.complete(ca.row.id, ca.row.version, signed_by_offline(ca))
    assert (done.row.state, done.row.kind, done.chain) == (CaState.ACTIVE, "intermediate", ("Offline root",))
    assert done.row.crl is not None
    assert done.row.crl.number == 1
    assert backend.certificates.get(ca.row.certificate_id).row.status is Status.ACTIVE
    with pytest.raises(Conflict):
        backend.cas.complete(ca.row.id, done.row.version, signed_by_offline(ca))


def test_the_certificate_of_a_waiting_ca_may_come_by_an_import_too(backend: Backend) -> None:
    ca = backend.cas.request_intermediate(spec("Issuing"))
    outcome = backend.certificates.add([signed_by_offline(ca)])[0]
    assert (outcome.id, outcome.completed_csr) == (ca.row.certificate_id, True)
    assert backend.cas.get(ca.row.id).row.state is CaState.ACTIVE
    assert backend.cas.issue_crl(ca.row.id).number == 1


def test_a_waiting_ca_takes_no_other_certificate(backend: Backend) -> None:
    ca = backend.cas.request_intermediate(spec("Issuing"))
    with pytest.raises(Invalid, match="belongs to another key"):
        backend.cas.complete(ca.row.id, ca.row.version, new(cert("www.example.com")))
    with pytest.raises(Invalid, match="is not a CA"):
        backend.cas.complete(ca.row.id, ca.row.version, signed_by_offline(ca, is_ca=False))
    with pytest.raises(Conflict, match="changed by somebody else"):
        backend.cas.complete(ca.row.id, ca.row.version + 1, signed_by_offline(ca))
    assert backend.cas.get(ca.row.id) == ca


def test_a_ca_imported_with_its_key_signs_crls_and_one_without_is_offline(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    below = make_intermediate(above, "Elsewhere issuing")
    offline = backend.cas.import_ca(new(above))
    assert (offline.row.state, offline.row.kind, offline.row.crl) == (CaState.OFFLINE, "root", None)
    with pytest.raises(Conflict, match="is not here"):
        backend.cas.issue_crl(offline.row.id)
    ca = backend.cas.import_ca(new(below, key=True), CaSettings(crl_days=3))
    assert (ca.row.state, ca.row.parent_id, ca.settings.crl_days) == (CaState.ACTIVE, offline.row.id, 3)
    assert ca.row.crl is not None
    assert backend.cas.get(offline.row.id).row.issued == 1
    with pytest.raises(Conflict, match="is here already"):
        backend.cas.import_ca(new(below, key=True))


def test_a_root_imported_after_its_child_becomes_its_parent(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    child = backend.cas.import_ca(new(make_intermediate(above, "Elsewhere issuing"), key=True))
    assert child.row.parent_id is None
    parent = backend.cas.import_ca(new(above))
    assert backend.cas.get(child.row.id).row.parent_id == parent.row.id
    assert backend.cas.get(child.row.id).chain == ("Elsewhere",)


def test_an_offline_ca_gets_its_key_later_and_goes_on_from_its_last_crl(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    offline = backend.cas.import_ca(new(above))
    backend.cas.accept_crl(offline.row.id, foreign_crl(above, 7_000_000_000))
    with pytest.raises(Conflict, match="is here already"):
        backend.cas.import_ca(new(above))
    ca = backend.cas.import_ca(new(above, key=True))
    assert (ca.row.id, ca.row.state) == (offline.row.id, CaState.ACTIVE)
    assert ca.row.crl is not None
    assert ca.row.crl.number == 7_000_000_001
    with pytest.raises(Conflict, match="is here already"):
        backend.cas.import_ca(new(above, key=True))


def test_crl_numbers_that_cannot_be_counted_on_keep_a_ca_offline(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    offline = backend.cas.import_ca(new(above))
    backend.cas.accept_crl(offline.row.id, foreign_crl(above, 1 << 150))
    with pytest.raises(Invalid, match="too large to go on from"):
        backend.cas.import_ca(new(above, key=True))
    assert backend.cas.get(offline.row.id).row.state is CaState.OFFLINE


def test_what_an_imported_ca_issued_before_is_on_its_record(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    for made in (
        make_cert("a.example.com", issuer=above),
        make_cert("b.example.com", issuer=above),
        make_cert("c.example.com", issuer=make_ca("Elsewhere", number=540)),
    ):
        backend.certificates.add([new(made)])
    ca = backend.cas.import_ca(new(above, key=True))
    assert (ca.row.issued, ca.row.living) == (2, 2)
    assert {one.name for one in backend.cas.living(ca.row.id)} == {"a.example.com", "b.example.com"}


def test_an_entry_that_is_in_the_inventory_becomes_the_cas(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    entry = added_ca(backend, above)
    ca = backend.cas.import_ca(new(above, key=True))
    assert ca.row.certificate_id == entry
    assert backend.certificates.get(entry).row.has_private_key
    assert ca.row.state is CaState.ACTIVE


def test_what_is_no_ca_is_not_imported(backend: Backend) -> None:
    with pytest.raises(Invalid, match="is not a CA"):
        backend.cas.import_ca(new(cert("www.example.com"), key=True))
    above = make_ca("Elsewhere")
    other = make_ca("Other", number=504)
    with pytest.raises(Invalid):
        backend.cas.import_ca(NewCertificate(above.facts, key=other.key_facts))
    assert rows(backend) == []


def test_the_entry_of_a_ca_is_not_deleted_robbed_or_replaced(backend: Backend) -> None:
    ca = root(backend)
    entry = backend.certificates.get(ca.row.certificate_id)
    with pytest.raises(Conflict, match="the CA Root"):
        backend.certificates.delete(entry.id, entry.version)
    with pytest.raises(Conflict, match="the CA Root"):
        backend.certificates.delete_key(entry.id, entry.version)
    outcome = backend.certificates.delete_many([(entry.id, entry.version)])
    assert outcome.done == ()
    assert "the CA Root" in outcome.skipped[0][1]
    other = added(backend, "www.example.com")
    with pytest.raises(Conflict, match="the CA Root"):
        backend.certificates.replace(backend.certificates.plan_replacement(entry.id, other.id))
    waiting = backend.cas.request_intermediate(spec("Issuing"))
    saved = backend.csrs.get(waiting.row.certificate_id)
    with pytest.raises(Conflict, match="the CA Issuing"):
        backend.csrs.delete(saved.id, saved.version)
    assert backend.cas.get(ca.row.id) == ca


def test_settings_are_changed_by_whoever_saw_the_last_ones(backend: Backend) -> None:
    ca = root(backend)
    changed = backend.cas.edit(ca.row.id, ca.row.version, CaSettings(crl_days=30, ocsp_urls=("http://o.example.com",)))
    assert changed.settings == CaSettings(crl_days=30, ocsp_urls=("http://o.example.com",))
    with pytest.raises(Conflict, match="changed by somebody else"):
        backend.cas.edit(ca.row.id, ca.row.version, CaSettings())
    crl = backend.cas.issue_crl(ca.row.id)
    assert (crl.next_update - crl.this_update).days == 30


def test_a_successor_has_a_new_key_the_next_name_and_what_the_old_one_had(backend: Backend) -> None:
    above = root(backend)
    old = intermediate(backend, above, settings=CaSettings(crl_days=3, ocsp_urls=("http://o.example.com",)))
    young = backend.cas.roll_over(old.row.id, old.row.version)
    assert (young.row.name, young.row.parent_id, young.settings.crl_days) == ("Issuing G2", above.row.id, 3)
    assert young.row.key_algorithm == old.row.key_algorithm
    assert backend.cas.get(old.row.id).successor_id == young.row.id
    assert backend.cas.issue_crl(old.row.id).number == 2
    with pytest.raises(Conflict, match="has a successor already, Issuing G2"):
        backend.cas.roll_over(old.row.id, old.row.version)
    third = backend.cas.roll_over(young.row.id, young.row.version)
    assert third.row.name == "Issuing G3"


def test_a_successor_below_an_offline_root_waits_for_it(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    ca = backend.cas.import_ca(new(make_intermediate(above, "Elsewhere issuing"), key=True))
    young = backend.cas.roll_over(ca.row.id, ca.row.version)
    assert (young.row.state, young.row.name) == (CaState.WAITING, "Elsewhere issuing G2")


def test_a_root_is_rolled_over_to_a_root(backend: Backend) -> None:
    old = root(backend)
    young = backend.cas.roll_over(old.row.id, old.row.version, spec("Root of 2030"))
    assert (young.row.kind, young.row.name) == ("root", "Root of 2030")


def test_a_ca_retires_when_the_number_of_living_certificates_is_the_one_that_was_seen(backend: Backend) -> None:
    above = root(backend)
    intermediate(backend, above)
    [living] = backend.cas.living(above.row.id)
    assert living.name == "Issuing"
    with pytest.raises(Conflict, match="has issued 1 certificate that is still valid"):
        backend.cas.retire(above.row.id, above.row.version)
    with pytest.raises(Conflict):
        backend.cas.retire(above.row.id, above.row.version, living=2)
    retired = backend.cas.retire(above.row.id, above.row.version, living=1)
    assert retired.row.state is CaState.RETIRED
    assert backend.cas.issue_crl(above.row.id).number == 2
    with pytest.raises(Conflict, match="is retired and issues no more"):
        intermediate(backend, retired, "Late")
    with pytest.raises(Conflict, match="retired already"):
        backend.cas.retire(above.row.id, retired.row.version, living=1)


def test_a_locked_store_makes_no_ca_and_no_crl_but_shows_them(backend: Backend, harness) -> None:
    ca = root(backend)
    harness.care(backend).lock()
    with pytest.raises(Locked):
        backend.cas.create_root(spec("Another"))
    with pytest.raises(Locked):
        backend.cas.issue_crl(ca.row.id)
    assert backend.cas.get(ca.row.id) == ca
    assert backend.cas.crl(ca.row.id)


@pytest.mark.parametrize("key_type", ["rsa-2048", "ed25519", "ml-dsa-65"])
def test_other_kinds_of_keys_make_cas_too(backend: Backend, key_type: str) -> None:
    above = backend.cas.create_root(spec("Root", key_type=key_type))
    ca = intermediate(backend, above)
    assert above.row.key_algorithm == key_type
    assert backend.cas.issue_crl(above.row.id).number == 2
    assert ca.chain == ("Root",)


def test_cas_that_came_with_one_name_are_told_apart_by_a_number(backend: Backend) -> None:
    for seed in (1, 2):
        backend.cas.import_ca(new(make_ca("Twin", number=510 + seed)))
    assert sorted(row.name for row in rows(backend)) == ["Twin", "Twin 2"]
    assert backend.cas.resolve("twin") != backend.cas.resolve("twin 2")
    with pytest.raises(NotFound):
        backend.cas.resolve("twin 3")


def rows(backend: Backend, text: str = "", sort: str = "name"):
    listing = backend.cas.search(Query(text, Sort.parse(sort)))
    return list(listing.rows(0, 50))


def added_ca(backend: Backend, made) -> int:
    return backend.certificates.add([new(made)])[0].id
