"""A store moves to PostgreSQL and back: nothing is lost, nothing half-done, keys are wrapped anew."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.backend.base import Backend
from certtui.backend.factory import StoreOptions, move_store, open_backend
from certtui.backend.local import moving
from certtui.errors import Conflict, Denied, Locked, Unreachable
from certtui.model.certificate import CertificateEdit
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.query import Query
from certtui.model.secret import Secret
from certtui.model.store import MoveReport
from tests import postgres
from tests.backend.cas import fill_pki
from tests.backend.entries import add, added, cert, events, resource
from tests.backend.harness import ACTOR, LocalSqlite

pytestmark = pytest.mark.real("initdb")


@pytest.fixture
def database() -> Iterator[str]:
    """The address of an empty database."""
    with postgres.database() as name:
        yield postgres.cluster().url(name)


@pytest.fixture
def filled(local: LocalSqlite) -> LocalSqlite:
    """A store with everything that a store can hold."""
    backend = local.open(create=True)
    old = backend.certificates.get(add(backend, cert("www.example.com"), key=True, chain=(cert("ca.example.com"),)).id)
    new = added(backend, "shop.example.com", key=True, business_group="Payments", description="ü\n\x7f")
    backend.certificates.replace(backend.certificates.plan_replacement(new.id, old.id))
    balancer = resource(backend)
    backend.resources.associate(old.id, [balancer.row.id])
    backend.csrs.create(CsrRequest(SubjectFields(common_name="csr.example.com")))
    gone = added(backend, "gone.example.com")
    backend.certificates.delete(gone.id, gone.version)
    fill_pki(backend)
    page = backend.certificates.get(new.id)
    backend.certificates.edit(page.id, page.version, CertificateEdit(contact_email="ada@example.com"))
    return local


def move(local: LocalSqlite, url: str, **options: object) -> MoveReport:
    target = StoreOptions(url, key_file=local.folder / "target.key", **options)  # type: ignore[arg-type]
    return move_store(local.options(), target, actor=ACTOR, clock=local.clock)


def opened(local: LocalSqlite, url: str, **options: object) -> Backend:
    options = {"key_file": local.folder / "target.key"} | options
    backend = open_backend(StoreOptions(url, **options), actor=ACTOR, clock=local.clock)  # type: ignore[arg-type]
    local.opened.append(backend)
    return backend


def everything(backend: Backend) -> dict[str, object]:
    """All that the seam shows of a store but its log."""
    listing = backend.certificates.search(Query())
    listing.wait()
    ids = listing.ids()
    return {
        "certificates": [backend.certificates.get(one) for one in ids],
        "csrs": backend.csrs.list(),
        "resources": backend.resources.search(Query()).rows(0, 100),
        "overview": backend.certificates.overview(),
        "found": backend.certificates.search(Query("payments")).rows(0, 5),
    }


def keys(backend: Backend) -> list[str]:
    holders = backend.certificates.search(Query("has:key !status:pending")).rows(0, 50)
    return [str(backend.certificates.reveal_key(row.id).reveal()) for row in holders]


def test_everything_is_there_afterwards_and_the_log_goes_on(filled: LocalSqlite, database: str) -> None:
    source = filled.open()
    before, log = everything(source), [source.audit.get(seq) for seq in range(1, source.audit.head().seq + 1)]
    report = move(filled, database)
    target = opened(filled, database)
    assert everything(target) == before
    assert [target.audit.get(event.id) for event in log] == log
    assert target.audit.head().seq == report.audit_head == len(log) + 1
    assert target.audit.verify().first_broken is None
    assert events(target)[-1] == events(filled.open())[-1] == "store.move.success"
    assert keys(target) == keys(filled.open())
    assert all(one.ok for one in target.store.check())


def test_a_store_comes_back_as_it_went(filled: LocalSqlite, database: str, tmp_path: Path) -> None:
    before = everything(filled.open())
    move(filled, database)
    there = StoreOptions(database, key_file=filled.folder / "target.key")
    back = StoreOptions(str(tmp_path / "back" / "certtui.db"))
    move_store(there, back, actor=ACTOR, clock=filled.clock)
    returned = open_backend(back, actor=ACTOR, clock=filled.clock)
    filled.opened.append(returned)
    assert everything(returned) == before
    assert all(one.ok for one in returned.store.check())
    assert sorted(one.name for one in (tmp_path / "back").iterdir() if "-" not in one.name) == [
        "certtui.db",
        "certtui.key",
    ]


def test_the_new_place_goes_on_with_ids_never_used_before(filled: LocalSqlite, database: str) -> None:
    move(filled, database)
    assert added(opened(filled, database), "next.example.com").id == added(filled.open(), "next.example.com").id


def test_the_new_store_has_a_uid_and_a_key_of_its_own(filled: LocalSqlite, database: str) -> None:
    source = filled.open().store.status()
    report = move(filled, database)
    assert report.key_fingerprint != source.key_fingerprint
    wraps = sqlite3.connect(filled.file).execute("SELECT wrapped_data_key FROM sealed_key ORDER BY id").fetchall()
    name = database.partition("?")[0].rpartition("/")[2]
    with postgres.cluster().admin(name) as connection:
        moved = connection.execute("SELECT wrapped_data_key FROM sealed_key ORDER BY id").fetchall()
        uid = connection.execute("SELECT store_uid FROM store_meta").fetchone()
    assert not set(wraps) & set(moved)
    assert uid != sqlite3.connect(filled.file).execute("SELECT store_uid FROM store_meta").fetchone()


def test_a_passphrase_can_protect_the_new_place(filled: LocalSqlite, database: str) -> None:
    move(filled, database, passphrase=Secret("correct horse"))
    locked = opened(filled, database)
    assert locked.store.locked
    locked.store.unlock(Secret("correct horse"))
    assert keys(locked) == keys(filled.open())


def test_what_is_there_is_not_written_over(filled: LocalSqlite, database: str) -> None:
    move(filled, database)
    with pytest.raises(Conflict, match="was moved to"):
        move(filled, database)
    other = LocalSqlite(filled.folder.parent / "other")
    other.open(create=True).close()
    with pytest.raises(Conflict, match="There is a store"):
        move(other, database)


def test_a_move_that_breaks_off_leaves_nothing_and_is_done_again(
    filled: LocalSqlite, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = filled.open().audit.head()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(moving, "_finish", crash)
        with pytest.raises(KeyboardInterrupt):
            move(filled, database)
        with pytest.raises(KeyboardInterrupt):
            move(filled, str(filled.folder / "file" / "new.db"))
    assert not (filled.folder / "file" / "new.db").exists()
    assert filled.open().audit.head() == head
    move(filled, database)
    move(filled, str(filled.folder / "file" / "new.db"))


KILLED = """
import os, signal, sys
from pathlib import Path
from certtui.backend.factory import StoreOptions, move_store
from certtui.backend.local import moving
from certtui.model.audit import Actor
moving._finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
move_store(StoreOptions(sys.argv[1]), StoreOptions(sys.argv[2], key_file=Path(sys.argv[3])), actor=Actor("ada"))
"""


def test_a_move_that_is_killed_is_done_again(filled: LocalSqlite, database: str) -> None:
    before = everything(filled.open())
    for place in (database, str(filled.folder / "file" / "new.db")):
        key_file = filled.folder / "target.key"
        command = [sys.executable, "-c", KILLED, str(filled.file), place, str(key_file)]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        assert not opened(filled, place).store.status().exists
        move(filled, place)
        assert everything(opened(filled, place)) == before
    assert sorted(one.name for one in (filled.folder / "file").iterdir() if "-" not in one.name) == ["new.db"]


def test_a_row_that_arrived_differently_stops_it(
    filled: LocalSqlite, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = moving._finish

    def tamper(source, target, *more) -> None:  # type: ignore[no-untyped-def]
        finish(source, target, *more)
        target.exec_driver_sql("UPDATE certificate_der SET der = '\\x00' WHERE certificate_id = 1")

    monkeypatch.setattr(moving, "_finish", tamper)
    with pytest.raises(Unreachable, match="certificate_der"):
        move(filled, database)
    assert not opened(filled, database).store.status().exists


def test_a_locked_or_read_only_store_is_not_moved(local: LocalSqlite, database: str) -> None:
    local.admin().init(passphrase=Secret("correct horse"))
    with pytest.raises(Locked):
        move(local, database)
    options = local.options(read_only=True)
    with pytest.raises(Denied):
        move_store(options, StoreOptions(database), actor=ACTOR, clock=local.clock)


def test_the_progress_counts_every_row_twice(filled: LocalSqlite, database: str) -> None:
    told: list[tuple[int, int | None]] = []
    target = StoreOptions(database, key_file=filled.folder / "target.key")
    report = move_store(
        filled.options(),
        target,
        actor=ACTOR,
        clock=filled.clock,
        progress=lambda done, total: told.append((done, total)),
    )
    rows = sum(count for _, count in report.tables)
    assert told[-1] == (2 * rows, 2 * rows)
