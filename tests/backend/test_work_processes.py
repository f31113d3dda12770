"""Processes that die in the middle of an order, and several workers at once: never twice, nothing lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from certtui.backend.base import Backend
from certtui.model.order import OrderStatus
from tests.backend.entries import add, cert
from tests.backend.harness import LocalPostgres, LocalSqlite
from tests.backend.issuing import complete, external_authority, local_authority, pending

ROOT = Path(__file__).parents[2]

START = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from certtui.backend.factory import StoreOptions, open_backend
from certtui.clock import FixedClock
from certtui.model.audit import Actor
url, key, at = sys.argv[1:4]
backend = open_backend(
    StoreOptions(url, key_file=Path(key)), actor=Actor("child"), clock=FixedClock(datetime.fromisoformat(at))
)
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""

SUBMIT = (
    START
    + """
from certtui.backend.local import orders_finish, orders_send
order_id, point = int(sys.argv[4]), sys.argv[5]
def after(function):
    def wrapped(*arguments, **more):
        found = function(*arguments, **more)
        die()
        return found
    return wrapped
match point:
    case "before the reference is committed":
        orders_send.written = die
    case "before the CA is asked":
        orders_send.ask = die
    case "after the CA has signed":
        orders_send.ask = after(orders_send.ask)
    case "while it is stored":
        orders_finish.associate = die
    case "before the end is committed":
        orders_send.finish = after(orders_send.finish)
    case "after the end is committed":
        orders_send.answered = after(orders_send.answered)
order = backend.orders.get(order_id)
backend.orders.submit(order_id, order.version)
"""
)

WORK = (
    START
    + """
print("ready", flush=True)
sys.stdin.readline()
report = backend.work.run_due()
print(report.done.get("orders", 0), *report.problems, flush=True)
"""
)


RENEW = (
    START
    + """
print("ready", flush=True)
sys.stdin.readline()
report = backend.renewals.run_due()
print(len(report.orders), *report.problems, flush=True)
"""
)


def start(code: str, harness: LocalSqlite | LocalPostgres, *more: str) -> subprocess.Popen[str]:
    url = harness.url if isinstance(harness, LocalPostgres) else str(harness.file)
    arguments = [url, str(harness.key_file), harness.clock.now().isoformat(), *more]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def serials(backend: Backend) -> dict[int, str]:
    """What each order was sent by, as the audit log has it."""
    import json

    found = {}
    for seq in range(1, backend.audit.head().seq + 1):
        event = backend.audit.get(seq)
        if event.event == "certificate.request_automated.submitted":
            detail = json.loads(event.detail)
            found[detail["order"]] = detail["reference"].partition(":")[2]
    return found


@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("before the reference is committed", OrderStatus.PENDING),
        ("before the CA is asked", OrderStatus.PROCESSING),
        ("after the CA has signed", OrderStatus.PROCESSING),
        ("while it is stored", OrderStatus.PROCESSING),
        ("before the end is committed", OrderStatus.PROCESSING),
        ("after the end is committed", OrderStatus.COMPLETE),
    ],
)
def test_an_order_survives_a_kill_at_every_point(local: LocalSqlite, point: str, left: OrderStatus) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    order = pending(backend)
    child = start(SUBMIT, local, str(order.id), point)
    _, said = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, said
    found = backend.orders.get(order.id)
    assert found.row.status is left
    assert backend.cas.get(2).row.issued == (left is OrderStatus.COMPLETE)
    assert backend.work.run_due().done.get("orders", 0) == 0  # the lease of the dead still holds
    local.clock.advance(minutes=6)
    backend.work.run_due()
    if left is OrderStatus.PENDING:
        # Nobody was asked: a person sends it.
        assert serials(backend) == {}
        backend.orders.submit(found.id, found.version)
    done = backend.orders.get(order.id)
    assert done.row.status is OrderStatus.COMPLETE
    leaf = backend.certificates.get(done.row.certificate_id).x509
    assert leaf.serial_number == serials(backend)[order.id]
    assert backend.cas.get(2).row.issued == 1
    assert all(finding.ok for finding in backend.store.check())
    assert backend.audit.verify().first_broken is None


def interrupted(backend: Backend, count: int) -> list[int]:
    """Orders whose process died after the CA was asked."""
    from certtui.backend.local.orders_send import begun

    found = []
    for number in range(count):
        order = pending(backend, f"h{number}.example.com")
        begun(backend._store, order.id, order.version)  # type: ignore[attr-defined]  # LocalBackend
        found.append(order.id)
    return found


def at_once(harness: LocalSqlite | LocalPostgres, *codes: str) -> list[list[str]]:
    """Processes that begin at the same moment; the words that each says in the end."""
    workers = [start(code, harness) for code in codes]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n", worker.stderr and worker.stderr.read()
    said = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        out, errors = worker.communicate(timeout=60)
        assert worker.returncode == 0, errors
        said.append(out.split())
    return said


def _work_at_once(harness: LocalSqlite | LocalPostgres, backend: Backend) -> None:
    local_authority(backend)
    orders = interrupted(backend, 24)
    harness.clock.advance(minutes=6)
    said = at_once(harness, WORK, WORK)
    assert sum(int(one[0]) for one in said) == len(orders)
    assert [one[1:] for one in said] == [[], []]
    wanted = serials(backend)
    for order_id in orders:
        done = backend.orders.get(order_id)
        assert done.row.status is OrderStatus.COMPLETE
        assert backend.certificates.get(done.row.certificate_id).x509.serial_number == wanted[order_id]
        assert [step.name for step in done.steps].count("issued") == 1
    assert backend.cas.get(2).row.issued == len(orders)


def test_two_workers_on_one_file_never_do_an_order_twice(local: LocalSqlite) -> None:
    _work_at_once(local, local.open(create=True))


@pytest.mark.real("initdb")
def test_two_workers_on_one_database_never_do_an_order_twice(on_postgres: LocalPostgres) -> None:
    _work_at_once(on_postgres, on_postgres.open())


@pytest.mark.real("initdb")
def test_a_worker_and_a_command_line_on_one_database_renew_each_certificate_once(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    local_authority(backend)
    old = [
        complete(backend, f"h{number}.example.com", days=20, auto_renew_days=5).row.certificate_id
        for number in range(5)
    ]
    on_postgres.clock.advance(days=16)
    at_once(on_postgres, WORK, RENEW)
    backend.work.run_due()
    assert backend.renewals.due() == ()
    assert backend.orders.overview().counts == {"complete": 2 * len(old)} | dict.fromkeys(
        ("draft", "pending", "processing", "failed", "cancelled"), 0
    )
    assert backend.cas.get(2).row.issued == 2 * len(old)
    for certificate_id in old:
        lineage = backend.certificates.get(certificate_id).lineage
        assert [each.relation for each in lineage] == ["this", "renewal"]


def test_what_somebody_else_renewed_since_it_was_found_due_is_left_alone(
    local: LocalSqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certtui.backend.local import renewals_read

    backend = local.open(create=True)
    local_authority(backend)
    complete(backend, "h.example.com", days=20, auto_renew_days=5)
    local.clock.advance(days=16)
    found = list(renewals_read.walk(backend._store))  # type: ignore[attr-defined]  # LocalBackend
    assert len(found) == 1
    monkeypatch.setattr(renewals_read, "walk", lambda _store: iter(found))
    assert len(backend.renewals.run_due().orders) == 1
    assert backend.renewals.run_due().orders == ()
    assert backend.cas.get(2).row.issued == 2


def test_a_locked_store_lets_orders_wait_and_says_so(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    external_authority(backend)
    [order_id] = interrupted(backend, 1)
    waiting = complete(backend, "b.example.com", "globex")
    key = local.key_file.read_bytes()
    local.key_file.unlink()
    local.close()
    local.clock.advance(minutes=6)
    backend = local.open()
    report = backend.work.run_due()
    assert any("1 order waits" in problem for problem in report.problems)
    assert backend.orders.get(order_id).row.status is OrderStatus.PROCESSING
    assert backend.orders.get(waiting.id).row.status is OrderStatus.PENDING
    local.key_file.touch(mode=0o600)
    local.key_file.write_bytes(key)
    local.close()
    backend = local.open()
    assert backend.work.run_due().done["orders"] == 1
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE


def test_a_kind_of_work_that_fails_is_a_problem_and_the_others_go_on(
    local: LocalSqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    [order_id] = interrupted(backend, 1)
    local.clock.advance(minutes=6)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("certtui.backend.local.work_folders.folders_due", broken)
    report = backend.work.run_due()
    assert any("folders failed: RuntimeError" in problem for problem in report.problems)
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE


def test_an_authority_that_can_not_be_reached_is_asked_later_and_later(
    local: LocalSqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certtui.authorities.local import LocalPki
    from certtui.errors import Unreachable

    backend = local.open(create=True)
    local_authority(backend)
    order = pending(backend)

    def away(*_: object) -> None:
        raise Unreachable("The CA does not answer.", "Look at its network.")

    monkeypatch.setattr(LocalPki, "submit", away)
    order = backend.orders.submit(order.id, order.version)
    assert order.row.status is OrderStatus.PROCESSING
    assert order.steps[-1].outcome == "waiting"
    pauses = []
    for _ in range(4):
        pauses.append(int((order.looks_at - local.clock.now()).total_seconds()))
        local.clock.advance(seconds=pauses[-1])
        assert len(backend.work.run_due().problems) == 1
        order = backend.orders.get(order.id)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]
    monkeypatch.undo()
    assert backend.orders.look(order.id).row.status is OrderStatus.COMPLETE
    # The same step of waiting stands once in the story.
    assert [step.name for step in backend.orders.get(order.id).steps].count("waiting") == 1


def test_a_clock_that_was_ahead_for_a_while_holds_up_no_round(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    now = local.clock.now()
    local.clock.advance(days=365)
    backend.work.run_due()
    local.clock.advance(days=-365)
    add(backend, cert("soon.example.com", not_before=now - timedelta(days=80), not_after=now + timedelta(days=3)))
    assert backend.work.run_due().done["alerts"] == 1
    assert "alerts" not in backend.work.run_due().done


def test_a_round_that_another_worker_is_at_is_due_when_its_lease_ends(
    local: LocalSqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = local.open(create=True)
    backend.work.run_due()
    local.clock.advance(minutes=5)
    other = local.open()
    seen = []

    def meanwhile(*_: object) -> tuple[int, tuple[str, ...]]:
        if not seen:
            seen.append(None)
            seen[0] = other.work.run_due()
        return 0, ()

    monkeypatch.setattr("certtui.backend.local.work_folders.folders_due", meanwhile)
    backend.work.run_due()
    assert seen[0].next_due > local.clock.now()


def test_the_status_of_work_says_who_worked_and_what_waits(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    before = backend.work.status()
    assert (before.last_round, before.last_worker, before.due) == (None, "", 0)
    local_authority(backend)
    interrupted(backend, 2)
    local.clock.advance(minutes=6)
    assert backend.work.status().due == 2
    report = backend.work.run_due()
    assert report.done["orders"] == 2
    after = backend.work.status()
    assert (after.due, after.last_round) == (0, local.clock.now())
    assert after.last_worker
    assert after.next_due is not None


def test_a_worker_in_the_background_completes_what_was_interrupted(local: LocalSqlite) -> None:
    import threading

    from certtui.worker import Running

    backend = local.open(create=True)
    local_authority(backend)
    [order_id] = interrupted(backend, 1)
    local.clock.advance(minutes=6)
    heard = threading.Event()
    running = Running(backend, local.clock, heard=lambda report: heard.set() if report.done.get("orders") else None)
    running.start()
    assert heard.wait(20)
    running.stop()
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE
