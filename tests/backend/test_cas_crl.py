"""CRLs of the CAs here: numbered, complete, on time, published; whatever crosses what, and wherever a process ends."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certtui.backend.local import cas_crl
from certtui.backend.local.cas_crl import crls_due, next_crl_due
from certtui.errors import Conflict, Invalid, Unsupported
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import Ca, CaSettings, CaState
from certtui.model.status import Status
from tests.backend.cas import IssuedHere, foreign_crl, intermediate, issue, make_ca, make_intermediate, revoke, root
from tests.backend.entries import new
from tests.backend.harness import LocalSqlite
from tests.certs import NOW, make_cert


@pytest.fixture
def behind(harness: Any, backend: Any) -> Any:  # Any: a harness and `LocalBackend`
    """The store itself, also where the backend under test reaches it over HTTP: orders and revocations act there."""
    return getattr(harness, "store", backend)


def crl_of(backend: Any, ca: Ca, *, delta: bool = False) -> x509.CertificateRevocationList:
    found = x509.load_der_x509_crl(backend.cas.crl(ca.row.id, delta=delta))
    key = x509.load_der_x509_certificate(backend.cas.certificate(ca.row.id)).public_key()
    assert found.is_signature_valid(key)  # type: ignore[arg-type]
    return found


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def serials(crl: x509.CertificateRevocationList) -> set[str]:
    return {f"{entry.serial_number:x}" for entry in crl}


def test_a_revocation_is_in_the_crl_at_once_with_its_reason(backend, behind) -> None:
    ca = root(backend)
    first, second = issue(behind, ca, "a.example.com"), issue(behind, ca, "b.example.com")
    assert revoke(behind, first) == ca.row.id
    crl = crl_of(backend, ca)
    assert serials(crl) == {first.leaf.serial_number}
    [entry] = list(crl)
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert entry.revocation_date_utc == NOW
    revoke(behind, second, "unspecified")
    crl = crl_of(backend, ca)
    assert (serials(crl), number_of(crl)) == ({first.leaf.serial_number, second.leaf.serial_number}, 3)
    assert crl.next_update_utc == NOW + timedelta(days=7)
    row = backend.cas.get(ca.row.id).row
    assert (row.issued, row.living, row.revoked) == (2, 0, 2)


def test_a_certificate_is_revoked_once_for_all(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    revoke(behind, issued, "superseded")
    revoke(behind, issued, "keyCompromise")
    [entry] = list(crl_of(backend, ca))
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.superseded


def test_what_no_ca_here_issued_is_nobodys_to_revoke(backend, behind) -> None:
    root(backend)
    stranger = behind.certificates.add([new(make_cert("stranger.example.com"))])[0]
    assert revoke(behind, IssuedHere(make_cert("stranger.example.com").facts, (), b"", stranger.id)) is None


def test_what_an_imported_ca_issued_before_it_came_is_revoked_by_it(backend, behind) -> None:
    above = make_ca("Elsewhere")
    ca = backend.cas.import_ca(new(above, key=True))
    leaf = make_cert("old.example.com", issuer=above)
    entry = behind.certificates.add([new(leaf)])[0]
    assert revoke(behind, IssuedHere(leaf.facts, (), b"", entry.id)) == ca.row.id
    assert serials(crl_of(backend, ca)) == {leaf.facts.serial_number}


def test_deleting_the_entry_does_not_take_the_certificate_off_the_crl(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    revoke(behind, issued)
    page = behind.certificates.get(issued.certificate_id)
    behind.certificates.delete(page.id, page.version)
    backend.cas.issue_crl(ca.row.id)
    assert serials(crl_of(backend, ca)) == {issued.leaf.serial_number}


def test_a_crl_is_due_when_a_third_of_its_time_is_left(backend, behind, harness) -> None:
    ca = root(backend, settings=CaSettings(crl_days=6))
    store = behind._store
    assert next_crl_due(store) == NOW + timedelta(days=4)
    harness.clock.advance(days=4, seconds=-1)
    assert crls_due(store, harness.clock.now()) == (0, ())
    harness.clock.advance(seconds=1)
    assert crls_due(store, harness.clock.now()) == (1, ())
    assert crls_due(store, harness.clock.now()) == (0, ())
    assert backend.cas.get(ca.row.id).row.crl.number == 2
    harness.clock.advance(days=7)
    assert backend.cas.get(ca.row.id).row.crl.overdue


def test_a_retired_ca_goes_on_until_its_last_certificate_has_expired(backend, behind, harness) -> None:
    ca = root(backend, settings=CaSettings(crl_days=6))
    issue(behind, ca, days=30)
    backend.cas.retire(ca.row.id, ca.row.version, living=1)
    store = behind._store
    for _ in range(8):
        harness.clock.advance(days=4)
        assert crls_due(store, harness.clock.now())[0] == 1
    harness.clock.advance(days=4)
    assert crls_due(store, harness.clock.now()) == (0, ())
    assert next_crl_due(store) is None


def test_cas_without_their_key_here_are_never_due(backend, behind, harness) -> None:
    backend.cas.import_ca(new(make_ca("Elsewhere")))
    harness.clock.advance(days=400)
    assert next_crl_due(behind._store) is None
    assert crls_due(behind._store, harness.clock.now()) == (0, ())


def test_an_expired_certificate_stays_on_one_scheduled_crl_beyond_its_end(backend, behind, harness) -> None:
    ca = root(backend, settings=CaSettings(crl_days=6))
    issued = issue(behind, ca, days=10)
    revoke(behind, issued)
    store = behind._store
    seen = []
    for _ in range(7):
        harness.clock.advance(days=4)
        assert crls_due(store, harness.clock.now())[0] == 1
        crl = crl_of(backend, ca)
        after_end = crl.last_update_utc > issued.leaf.not_after
        seen.append((after_end, bool(serials(crl))))
    assert (True, True) in seen
    assert seen[-1] == (True, False)
    listed = [there for _, there in seen]
    assert listed == sorted(listed, reverse=True)


def test_a_delta_crl_says_what_changed_since_the_full_one(backend, behind) -> None:
    ca = root(backend, settings=CaSettings(delta_hours=6, delta_urls=("http://pki.example.com/delta.crl",)))
    first, second = issue(behind, ca, "a.example.com"), issue(behind, ca, "b.example.com")
    revoke(behind, first)
    full = crl_of(backend, ca)
    assert full.extensions.get_extension_for_class(x509.FreshestCRL)
    # Whoever still holds the full one before is told by the delta of the same number.
    beside = crl_of(backend, ca, delta=True)
    assert (number_of(beside), serials(beside)) == (number_of(full), {first.leaf.serial_number})
    revoke(behind, second, crl=False)
    info = backend.cas.issue_crl(ca.row.id, delta=True)
    delta = crl_of(backend, ca, delta=True)
    assert (info.delta, info.entries, number_of(delta)) == (True, 1, number_of(full) + 1)
    indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert (indicator.critical, indicator.value.crl_number) == (True, number_of(full))
    assert serials(delta) == {second.leaf.serial_number}
    assert delta.next_update_utc == NOW + timedelta(hours=6)


def test_a_ca_without_delta_hours_makes_no_delta(backend) -> None:
    ca = root(backend)
    with pytest.raises(Unsupported):
        backend.cas.issue_crl(ca.row.id, delta=True)


def test_deltas_are_made_by_the_worker_and_end_when_they_are_turned_off(backend, behind, harness) -> None:
    ca = root(backend, settings=CaSettings(crl_days=30, delta_hours=6))
    harness.clock.advance(hours=4)
    assert crls_due(behind._store, harness.clock.now()) == (1, ())
    now = backend.cas.get(ca.row.id)
    assert (now.row.crl.number, now.delta.number) == (1, 2)
    off = backend.cas.edit(ca.row.id, now.row.version, CaSettings(crl_days=30))
    assert off.delta is None
    harness.clock.advance(hours=10)
    assert crls_due(behind._store, harness.clock.now()) == (0, ())


def test_a_revocation_that_comes_while_a_crl_is_signed_makes_another_one_due(
    backend, behind, harness, monkeypatch
) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    real = cas_crl._built

    def slow(*args: Any, **more: Any) -> bytes:
        monkeypatch.setattr(cas_crl, "_built", real)
        revoke(behind, issued, crl=False)
        return real(*args, **more)

    monkeypatch.setattr(cas_crl, "_built", slow)
    behind.cas.issue_crl(ca.row.id)
    assert serials(crl_of(backend, ca)) == set()
    assert crls_due(behind._store, harness.clock.now()) == (1, ())
    assert serials(crl_of(backend, ca)) == {issued.leaf.serial_number}


def test_a_crl_that_was_built_while_a_later_one_was_stored_does_not_take_its_place(
    backend, behind, monkeypatch
) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    real = cas_crl._built

    def slow(*args: Any, **more: Any) -> bytes:
        monkeypatch.setattr(cas_crl, "_built", real)
        der = real(*args, **more)
        revoke(behind, issued)
        return der

    monkeypatch.setattr(cas_crl, "_built", slow)
    info = behind.cas.issue_crl(ca.row.id)
    assert info.number == 3
    assert serials(crl_of(backend, ca)) == {issued.leaf.serial_number}


class Crash(BaseException):
    """Stands for kill -9."""


@pytest.mark.parametrize("step", ["_built", "_store", "_put"])
def test_a_crash_between_number_and_crl_leaves_a_gap_and_the_crl_due(
    backend, behind, harness, monkeypatch, step
) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    revoke(behind, issued, crl=False)

    def broken(*_args: Any, **_more: Any) -> Any:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(cas_crl, step, broken)
        with pytest.raises(Crash):
            behind.cas.issue_crl(ca.row.id)
    assert backend.cas.get(ca.row.id).row.crl.number == 1
    harness.clock.advance(seconds=cas_crl.LEASE)
    assert crls_due(behind._store, harness.clock.now()) == (1, ())
    assert number_of(crl_of(backend, ca)) == 3
    assert serials(crl_of(backend, ca)) == {issued.leaf.serial_number}


def test_two_workers_make_one_crl(harness, backend, behind) -> None:
    ca = root(backend, settings=CaSettings(crl_days=3))
    intermediate(backend, ca, settings=CaSettings(crl_days=3))
    harness.clock.advance(days=2)
    local = getattr(harness, "local", harness)
    workers = [local.open() for _ in range(2)]
    together = threading.Barrier(2)
    counts: list[int] = []

    def work(worker: Any) -> None:
        worker.store.locked  # noqa: B018 - opened before the race
        together.wait()
        counts.append(crls_due(worker._store, harness.clock.now())[0])

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 2
    assert [backend.cas.get(ca_id).row.crl.number for ca_id in (1, 2)] == [2, 2]


def test_a_locked_store_says_which_crl_could_not_be_made_and_it_is_made_later(backend, behind, harness) -> None:
    ca = root(backend)
    harness.clock.advance(days=5)
    behind.store.lock()
    count, failures = crls_due(behind._store, harness.clock.now())
    assert count == 0
    assert failures == ("The CRL of Root could not be made: The store is locked, and this needs a private key.",)
    assert crls_due(behind._store, harness.clock.now()) == (0, ())
    assert next_crl_due(behind._store) == harness.clock.now() + timedelta(seconds=60)
    behind.store.unlock(None)
    harness.clock.advance(seconds=61)
    assert crls_due(behind._store, harness.clock.now()) == (1, ())
    assert backend.cas.get(ca.row.id).row.crl.number == 2


def test_a_crl_is_published_whole_and_readable_for_all(backend, behind, tmp_path: Path) -> None:
    file = tmp_path / "www" / "ca.crl"
    file.parent.mkdir()
    ca = root(backend, settings=CaSettings(crl_file=str(file), delta_hours=6))
    assert file.read_bytes() == backend.cas.crl(ca.row.id)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    revoke(behind, issue(behind, ca))
    assert file.read_bytes() == backend.cas.crl(ca.row.id)
    delta = tmp_path / "www" / "ca-delta.crl"
    assert delta.read_bytes() == backend.cas.crl(ca.row.id, delta=True)
    assert sorted(path.name for path in file.parent.iterdir()) == ["ca-delta.crl", "ca.crl"]
    assert backend.cas.get(ca.row.id).row.crl.published == str(file)
    assert backend.cas.get(ca.row.id).delta.published == str(delta)


def test_a_crl_that_cannot_be_written_is_shown_and_tried_again(backend, behind, harness, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "ca.crl"
    ca = root(backend, settings=CaSettings(crl_file=str(file)))
    published = backend.cas.get(ca.row.id).row.crl.published
    assert published.startswith("Not written: ")
    assert "No such file or directory" in published
    _, failures = crls_due(behind._store, harness.clock.now())
    assert failures[0].startswith("The CRL of Root could not be written: ")
    file.parent.mkdir()
    assert crls_due(behind._store, harness.clock.now()) == (0, ())
    assert file.read_bytes() == backend.cas.crl(ca.row.id)
    assert backend.cas.get(ca.row.id).row.crl.published == str(file)
    file.unlink()
    crls_due(behind._store, harness.clock.now())
    assert file.read_bytes() == backend.cas.crl(ca.row.id)


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(local: LocalSqlite, tmp_path: Path) -> None:
    backend = local.open(create=True)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    file = tmp_path / "ca.crl"
    file.symlink_to(precious)
    ca = root(backend, settings=CaSettings(crl_file=str(file)))
    assert precious.read_text() == "precious"
    assert file.read_bytes() == backend.cas.crl(ca.row.id)
    assert not file.is_symlink()


# --- the CRL of a CA whose key is not here ----------------------------------------------------------------------------


def test_what_the_crl_of_an_offline_ca_lists_is_revoked_here(backend, behind) -> None:
    above = make_ca("Elsewhere")
    offline = backend.cas.import_ca(new(above))
    leaf, other = make_cert("a.example.com", issuer=above), make_cert("b.example.com", issuer=above)
    ids = [behind.certificates.add([NewCertificate(one.facts)])[0].id for one in (leaf, other)]
    info = backend.cas.accept_crl(offline.row.id, foreign_crl(above, 9, leaf.facts.serial_number, form=Encoding.PEM))
    assert (info.number, info.entries, info.delta) == (9, 1, False)
    pages = [backend.certificates.get(one) for one in ids]
    assert [page.row.status for page in pages] == [Status.REVOKED, Status.ACTIVE]
    assert serials(crl_of(backend, offline)) == {leaf.facts.serial_number}
    again = backend.cas.accept_crl(offline.row.id, foreign_crl(above, 10, leaf.facts.serial_number))
    assert again.number == 10
    assert backend.certificates.get(ids[0]).version == pages[0].version


def test_a_certificate_of_another_ca_with_the_same_serial_is_left_alone(backend, behind) -> None:
    above, twin = make_ca("Elsewhere"), make_ca("Elsewhere", number=520)
    offline = backend.cas.import_ca(new(above))
    leaf = make_cert("a.example.com", issuer=twin, serial=4711)
    entry = behind.certificates.add([NewCertificate(leaf.facts)])[0]
    backend.cas.accept_crl(offline.row.id, foreign_crl(above, 9, leaf.facts.serial_number))
    assert backend.certificates.get(entry.id).row.status is Status.ACTIVE


def test_a_foreign_forged_old_or_partial_crl_changes_nothing(backend) -> None:
    above = make_ca("Elsewhere")
    other = make_ca("Other", number=521)
    offline = backend.cas.import_ca(new(above))
    backend.cas.accept_crl(offline.row.id, foreign_crl(above, 9))
    kept = backend.cas.crl(offline.row.id)
    wrong = {
        "is the CRL of": foreign_crl(other, 10),
        "does not verify": foreign_crl(above, 10, key=other.key),
        "is older": foreign_crl(above, 8),
        "is older than": foreign_crl(above, 10, at=NOW - timedelta(days=3)),
        "is a delta": foreign_crl(above, 10, delta=True),
        "is not a CRL": b"\x30\x00",
    }
    for sentence, data in wrong.items():
        with pytest.raises(Invalid, match=sentence) as refused:
            backend.cas.accept_crl(offline.row.id, data)
        assert refused.value.field == "crl"
    assert backend.cas.crl(offline.row.id) == kept


def test_a_ca_that_signs_its_own_crls_accepts_none(backend) -> None:
    ca = root(backend)
    with pytest.raises(Conflict, match="signs its own CRLs"):
        backend.cas.accept_crl(ca.row.id, backend.cas.crl(ca.row.id))


def test_the_offline_ca_above_a_waiting_one_is_found_by_its_crl_too(backend, behind) -> None:
    above = make_ca("Elsewhere")
    below = make_intermediate(above)
    offline = backend.cas.import_ca(new(above))
    child = backend.cas.import_ca(new(below, key=True))
    backend.cas.accept_crl(offline.row.id, foreign_crl(above, 1, below.facts.serial_number))
    assert backend.certificates.get(child.row.certificate_id).row.status is Status.REVOKED
    assert backend.cas.get(offline.row.id).row.revoked == 1
    assert backend.cas.get(child.row.id).row.state is CaState.ACTIVE


# --- whatever happens, in whatever order ------------------------------------------------------------------------------

ACTS = st.lists(st.sampled_from(["issue", "revoke", "crl", "delta", "work", "day", "late"]), max_size=25)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_a_crl_never_lacks_what_was_revoked_before_and_numbers_only_grow(tmp_path_factory, acts) -> None:
    harness = LocalSqlite(tmp_path_factory.mktemp("store") / "store")
    backend: Any = harness.open(create=True)
    ca = root(backend, settings=CaSettings(crl_days=6, delta_hours=12))
    issued: list[IssuedHere] = []
    revoked: set[str] = set()
    last = 1
    try:
        for act in acts:
            match act:
                case "issue":
                    issued.append(issue(backend, ca, f"{len(issued)}.example.com", days=300))
                case "revoke" | "late" if issued:
                    one = issued.pop()
                    revoke(backend, one, crl=act == "revoke")
                    revoked.add(one.leaf.serial_number)
                case "crl":
                    backend.cas.issue_crl(ca.row.id)
                case "delta":
                    backend.cas.issue_crl(ca.row.id, delta=True)
                case "work":
                    crls_due(backend._store, harness.clock.now())
                case "day":
                    harness.clock.advance(days=1)
            crl = crl_of(backend, ca)
            listed = serials(crl)
            with backend._store.readers.use() as connection:
                due = connection.execute("SELECT crl_due_at FROM ca").fetchone()[0]
            assert number_of(crl) >= last
            last = number_of(crl)
            assert listed <= revoked
            if listed != revoked:
                assert due <= harness.clock.now().timestamp()
            if act in ("crl", "work"):
                assert listed == revoked
    finally:
        harness.close()
