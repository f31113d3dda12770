"""Orders to an external CA: the CSR goes out, the order waits, and the certificate comes back by one of several ways."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certtui.errors import Conflict, Invalid
from certtui.model.certificate import NewCertificate
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.status import Status
from tests.backend.cas import make_ca, make_intermediate
from tests.backend.entries import add, cert, events
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import complete, external_authority, pending, signed


def waiting(backend, **settings: str):
    """An order that was sent to an external CA."""
    external_authority(backend, **settings)
    return complete(backend, authority="globex")


def test_an_order_waits_for_a_person_and_shows_what_they_need(backend, harness) -> None:
    order = waiting(
        backend, contact="pki@globex.example", reminder_days="2", instructions="Use the portal.\nTicket first."
    )
    assert order.row.status is OrderStatus.PENDING
    assert order.row.submitted_at is not None
    harness.clock.advance(days=3)
    order = backend.orders.get(order.id)
    shown = {line.label: line for line in order.panel}
    assert shown["CSR"].copy == order.csr_pem
    assert shown["Waiting"].text.startswith("3 days")
    assert shown["Reminder"].mark == "problem"
    assert shown["Contact"].copy == "pki@globex.example"
    assert [line.text for line in order.panel if line.label == "What to do"] == ["Use the portal.", "Ticket first."]
    assert "Give the CSR to globex" in order.next
    assert order.row.duration_seconds == 3 * 86_400
    assert "certificate.request_csr.submitted" in events(backend)


def test_its_certificate_completes_it(backend, harness) -> None:
    order = waiting(backend)
    harness.clock.advance(hours=5)
    new = signed(order.csr_pem)
    done = backend.orders.complete(order.id, order.version, new)
    assert (done.row.status, done.row.duration_seconds) == (OrderStatus.COMPLETE, 5 * 3600)
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.source, entry.row.provider) == (Status.ACTIVE, "managed", "external")
    assert (entry.x509, entry.authority, entry.row.has_private_key) == (new.x509, "globex", True)
    with pytest.raises(Conflict):
        backend.orders.complete(order.id, done.version, new)


def test_the_story_says_how_the_certificate_differs_from_what_was_asked_for(backend, harness) -> None:
    order = waiting(backend)
    harness.clock.advance(days=300)
    new = signed(order.csr_pem, sans=("SHOP.example.com", "evil.example.com"), ca=True)
    done = backend.orders.complete(order.id, order.version, new)
    notes = [step.text for step in done.steps if step.name == "note"]
    assert notes == [
        "The certificate that was brought in expired on 2026-12-31.",
        "The certificate that was brought in is that of a CA.",
        "It has DNS:evil.example.com, which was not asked for.",
    ]
    order = complete(backend, "other.example.com", "globex")
    done = backend.orders.complete(order.id, order.version, signed(order.csr_pem, serial=5, sans=("evil.example.com",)))
    assert "It lacks DNS:other.example.com, which was asked for." in [step.text for step in done.steps]


def test_a_certificate_of_another_key_is_refused_naming_both(backend) -> None:
    order = waiting(backend)
    with pytest.raises(Invalid) as refused:
        backend.orders.complete(order.id, order.version, NewCertificate(cert().facts))
    assert refused.value.field == "certificate"
    assert order.spki_sha256[:8] in refused.value.message
    assert backend.orders.get(order.id) == order


def test_a_certificate_that_is_just_added_completes_the_order_it_belongs_to(backend) -> None:
    order = waiting(backend)
    outcome = backend.certificates.add([signed(order.csr_pem)])[0]
    assert (outcome.id, outcome.completed_csr) == (order.row.certificate_id, True)
    done = backend.orders.get(order.id)
    assert done.row.status is OrderStatus.COMPLETE
    assert backend.certificates.get(outcome.id).row.source == "managed"
    with pytest.raises(Conflict):
        backend.orders.complete(order.id, done.version, signed(order.csr_pem))


def test_the_chain_is_completed_from_what_is_known(backend) -> None:
    above = make_ca()
    middle = make_intermediate(above)
    add(backend, middle)
    order = waiting(backend)
    backend.orders.complete(order.id, order.version, signed(order.csr_pem, issuer=middle))
    entry = backend.certificates.get(order.row.certificate_id)
    assert [one.common_name for one in entry.chain] == ["Elsewhere issuing"]


def test_looking_at_a_waiting_order_changes_nothing_of_it(backend) -> None:
    order = waiting(backend)
    assert backend.orders.look(order.id).row.status is OrderStatus.PENDING
    unsent = pending(backend, "b.example.com", "globex")
    with pytest.raises(Conflict):
        backend.orders.look(unsent.id)


def test_an_order_that_was_sent_is_not_sent_twice(backend) -> None:
    order = waiting(backend)
    with pytest.raises(Conflict):
        backend.orders.submit(order.id, order.version)


def test_what_the_ca_was_asked_is_fixed_and_the_rest_can_be_changed(backend) -> None:
    from dataclasses import replace

    order = waiting(backend)
    with pytest.raises(Invalid) as refused:
        backend.orders.edit(order.id, order.version, replace(order.form, days=12))
    assert refused.value.field == "days"
    changed = backend.orders.edit(order.id, order.version, replace(order.form, auto_renew_days=9))
    assert changed.form.auto_renew_days == 9


def test_it_can_be_taken_back_and_cancelled(backend) -> None:
    order = waiting(backend)
    back = backend.orders.back_to_draft(order.id, order.version)
    assert (back.row.status, back.row.submitted_at) == (OrderStatus.DRAFT, None)
    again = backend.orders.submit(back.id, back.version)
    ended = backend.orders.cancel(again.id, again.version)
    assert (ended.row.status, ended.archived_keys) == (OrderStatus.CANCELLED, 2)


@pytest.mark.parametrize(("reminder", "after"), [("4", 4), ("", 3), ("0", None)])
def test_an_order_that_waits_longer_than_its_profile_says_raises_an_alert(
    backend, harness, store, reminder, after
) -> None:
    from certtui.model.query import Query

    external_authority(backend, **({"reminder_days": reminder} if reminder else {}))
    complete(backend, authority="globex")
    local = getattr(harness, "store", backend)
    found = []
    for day in range(1, 7):
        harness.clock.advance(days=1)
        local.alerts.sweep()
        if backend.alerts.search(Query("kind:order_waiting state:open")).rows(0, 5):
            found.append(day)
    assert found[:1] == ([] if after is None else [after])


def test_a_profile_with_waiting_orders_is_not_removed(backend) -> None:
    order = waiting(backend)
    profile = backend.authorities.get(order.row.authority_id)
    with pytest.raises(Conflict) as refused:
        backend.authorities.remove(profile.row.id, profile.row.version)
    assert f"order {order.id}" in refused.value.message


# --- folders: of the host that works, so on a store that is open here ----------------------------------------------------


@pytest.fixture
def here(local: LocalSqlite):
    return local.open(create=True)


def settle(path: Path) -> None:
    """Make a file old enough to be whole, by the tests' clock."""
    os.utime(path, (0, 0))


def folders(tmp_path: Path) -> dict[str, str]:
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    return {"out_folder": str(tmp_path / "out"), "watch_folder": str(tmp_path / "in")}


def test_the_csr_is_written_to_the_folder_for_csrs(here, tmp_path) -> None:
    order = waiting(here, **folders(tmp_path))
    [file] = (tmp_path / "out").iterdir()
    assert file.name == f"order-{order.id}-shop.example.com.csr"
    assert file.read_text() == order.csr_pem
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_can_not_be_written_is_told_and_the_order_waits_all_the_same(here, tmp_path) -> None:
    order = waiting(here, out_folder=str(tmp_path / "nowhere"))
    assert order.row.status is OrderStatus.PENDING
    assert "could not be written" in order.steps[-1].text


def test_a_certificate_in_the_watched_folder_completes_its_order_and_stays_where_it_is(here, local, tmp_path) -> None:
    order = waiting(here, **folders(tmp_path))
    file = tmp_path / "in" / "from-globex.pem"
    file.write_bytes(pem(signed(order.csr_pem)))
    settle(file)
    assert here.work.run_due().done["folders"] == 1
    assert here.orders.get(order.id).row.status is OrderStatus.COMPLETE
    assert file.exists()
    local.clock.advance(minutes=1)
    assert "folders" not in here.work.run_due().done


def pem(new: NewCertificate) -> bytes:
    from certtui.pki import pem as armour

    return armour.encode("CERTIFICATE", new.x509.der)


def test_a_file_that_is_still_being_written_is_read_once_it_no_longer_changes(here, local, tmp_path) -> None:
    order = waiting(here, **folders(tmp_path))
    content = pem(signed(order.csr_pem))
    file = tmp_path / "in" / "slow.pem"
    now = local.clock.now().timestamp()
    file.write_bytes(content[:100])
    os.utime(file, (now, now))
    here.work.run_due()
    file.write_bytes(content)
    os.utime(file, (now + 9, now + 9))
    local.clock.advance(seconds=10)
    assert here.work.run_due().done == {}
    local.clock.advance(seconds=10)
    assert here.work.run_due().done["folders"] == 1


@pytest.mark.parametrize("what", ["foreign", "garbage", "key", "large", "link"])
def test_a_file_that_is_of_no_use_is_told_once_and_shown_with_the_profile(here, local, tmp_path, what) -> None:
    order = waiting(here, **folders(tmp_path))
    file = tmp_path / "in" / "x.pem"
    elsewhere = tmp_path / "elsewhere.pem"
    elsewhere.write_bytes(pem(signed(order.csr_pem)))
    match what:
        case "foreign":
            file.write_bytes(cert("foreign.example.com").pem)
        case "garbage":
            file.write_bytes(b"nothing that is a certificate")
        case "key":
            file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        case "large":
            file.write_bytes(b"x" * 1_100_000)
        case "link":
            file.symlink_to(elsewhere)
    os.utime(file, (0, 0), follow_symlinks=False)
    [problem] = here.work.run_due().problems
    assert "x.pem in the watched folder of globex" in problem
    local.clock.advance(minutes=1)
    assert here.work.run_due().problems == ()
    panel = here.authorities.get(order.row.authority_id).panel
    assert [line.text for line in panel if line.mark == "problem"] == [problem]
    assert here.orders.get(order.id).row.status is OrderStatus.PENDING


def test_a_certificate_that_was_foreign_is_looked_at_again_when_an_order_begins_to_wait(here, local, tmp_path) -> None:
    from tests.backend.issuing import csr

    first = waiting(here, **folders(tmp_path))
    request = csr("late.example.com")
    file = tmp_path / "in" / "late.pem"
    from certtui.pki import pem as armour

    file.write_bytes(pem(signed(armour.encode("CERTIFICATE REQUEST", request).decode())))
    settle(file)
    assert len(here.work.run_due().problems) == 1
    local.clock.advance(minutes=1)
    from certtui.model.order import OrderForm

    late = here.orders.save(OrderForm(authority="globex", csr=request))
    late = here.orders.submit(late.id, late.version)
    local.clock.advance(minutes=1)
    assert here.work.run_due().done["folders"] == 1
    assert here.orders.get(late.id).row.status is OrderStatus.COMPLETE
    assert here.orders.get(first.id).row.status is OrderStatus.PENDING


def test_what_could_not_be_stored_or_read_is_tried_again_and_told_once(here, local, tmp_path, monkeypatch) -> None:
    from certtui.backend.local import work_folders
    from certtui.errors import Unreachable

    order = waiting(here, **folders(tmp_path))
    file = tmp_path / "in" / "from-globex.pem"
    file.write_bytes(pem(signed(order.csr_pem)))
    settle(file)
    stands_in_the_way = {
        "_arrive": Unreachable("The disk is full; nothing was changed.", "Free some space."),
        "_read": PermissionError(13, "Permission denied"),
    }
    for name, error in stands_in_the_way.items():

        def fails(*_: object, error: Exception = error) -> int:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(work_folders, name, fails)
            assert len(here.work.run_due().problems) == 1
            local.clock.advance(seconds=11)
            assert here.work.run_due().problems == ()
            local.clock.advance(seconds=11)
    assert here.work.run_due().done["folders"] == 1
    assert here.orders.get(order.id).row.status is OrderStatus.COMPLETE


def test_a_file_with_an_older_certificate_of_the_same_key_completes_the_order(here, local, tmp_path) -> None:
    order = waiting(here, **folders(tmp_path))
    request = x509.load_pem_x509_csr(order.csr_pem.encode()).public_bytes(Encoding.DER)
    old = signed(order.csr_pem, serial=1)
    here.orders.complete(order.id, order.version, old)
    again = here.orders.save(OrderForm(authority="globex", csr=request))
    again = here.orders.submit(again.id, again.version)
    file = tmp_path / "in" / "all.pem"
    file.write_bytes(pem(old) + pem(signed(order.csr_pem, serial=2)))
    settle(file)
    assert here.work.run_due().done["folders"] == 1
    assert here.orders.get(again.id).row.status is OrderStatus.COMPLETE


def test_a_watched_folder_that_is_gone_is_told(here, tmp_path) -> None:
    waiting(here, watch_folder=str(tmp_path / "nowhere"))
    [problem] = here.work.run_due().problems
    assert "can't be read" in problem


def test_a_relative_folder_is_refused_by_field(here) -> None:
    with pytest.raises(Invalid) as refused:
        external_authority(here, watch_folder="in")
    assert refused.value.field == "watch_folder"
