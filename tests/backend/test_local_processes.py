"""Several processes, threads and sudden ends on one store: no lost change, no fork, nothing half-done."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from certtui.errors import CerttuiError, Interrupted, Unreachable
from certtui.model.query import Query
from tests.backend.entries import add, added, cert, new
from tests.backend.harness import LocalSqlite

ROOT = Path(__file__).parents[2]

EDITOR = """
import sys
from certtui.backend.factory import StoreOptions, open_backend
from certtui.errors import Conflict
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit
url, who, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
backend = open_backend(StoreOptions(url), actor=Actor(who))
done = 0
while done < times:
    page = backend.certificates.get(1)
    try:
        backend.certificates.edit(1, page.version, CertificateEdit(description=page.description + who))
    except Conflict:
        continue
    done += 1
backend.close()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_edits_of_several_processes_lose_nothing_and_never_fork_the_chain(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend)
    before = backend.audit.head().seq
    processes = [start(EDITOR, str(local.file), who, "12") for who in "abc"]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    after = backend.certificates.get(page.id)
    assert {who: after.description.count(who) for who in "abc"} == {"a": 12, "b": 12, "c": 12}
    assert after.version == page.version + 36
    verified = backend.audit.verify()
    assert (verified.first_broken, verified.head.seq) == (None, before + 36)


IMPORTER = """
import dataclasses, hashlib, sys
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.inspect import SourceFile
from certtui.model.audit import Actor
from certtui.model.certificate import NewCertificate
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki.facts import x509_facts
facts = x509_facts(sys.stdin.buffer.read())
backend = open_backend(StoreOptions(sys.argv[1]), actor=Actor("importer"))
number = 0
while True:
    batch = []
    for _ in range(50):
        number += 1
        name = hashlib.sha256(str(number).encode()).hexdigest()
        one = dataclasses.replace(facts, fingerprint_sha256=name, spki_sha256=name, common_name=name)
        batch.append(NewCertificate(one, key=KeyFacts(name, "ec-256", Secret(b"key" * 40))))
    backend.certificates.add(batch)
    print(number, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_after_kill_9_in_an_import_every_batch_is_wholly_in_or_out(local: LocalSqlite, batches: int) -> None:
    local.open(create=True).close()
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(local.file)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(cert().der)
    process.stdin.close()
    for _ in range(batches):
        said = process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    backend = local.open()
    status = backend.store.status()
    assert status.certificates >= int(said)
    assert status.certificates % 50 == 0
    assert status.sealed_keys == status.certificates
    assert all(one.ok for one in backend.store.check())
    assert backend.audit.head().seq == 1 + status.certificates // 50
    assert add(backend, cert(), key=True).created


def test_two_processes_that_make_the_same_store_end_up_in_one(local: LocalSqlite) -> None:
    code = """
import sys
from certtui.backend.factory import StoreOptions, open_backend
from certtui.model.audit import Actor
backend = open_backend(StoreOptions(sys.argv[1], create=True), actor=Actor("ada"))
print(backend.store.status().key_fingerprint, backend.audit.get(1).hash)
"""
    processes = [start(code, str(local.file)) for _ in range(3)]
    said = {process.communicate(timeout=60)[0] for process in processes}
    assert len(said) == 1
    assert len(said.pop().split()) == 2
    assert not [path.name for path in local.folder.iterdir() if path.name.startswith(".")]


def test_threads_share_a_backend(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(4):
                page = added(backend, f"h{number}-{step}.example.com")
                assert backend.certificates.get(page.id) == page
                backend.certificates.search(Query("example")).rows(0, 10)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert backend.store.status().certificates == 24
    assert backend.audit.verify().first_broken is None


def test_interrupting_breaks_off_a_read_in_another_thread(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    store = backend.certificates._store  # type: ignore[attr-defined]
    running, ended = threading.Event(), []

    def read() -> None:
        with store.readers.use() as connection:
            connection.create_function("started", 0, lambda: running.set() or 1)
            connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT started() UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            ).fetchone()

    def guarded() -> None:
        try:
            read()
        except CerttuiError as error:
            ended.append(type(error))

    thread = threading.Thread(target=guarded)
    thread.start()
    assert running.wait(10)
    while thread.is_alive():
        backend.interrupt()
        thread.join(0.01)
    assert ended == [Interrupted]
    assert backend.store.status().exists


def test_a_closed_backend_says_so_and_closes_again(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    added(backend)
    backend.close()
    backend.close()
    for act in (lambda: backend.certificates.get(1), lambda: added(backend, "b.example.com")):
        with pytest.raises(Unreachable):
            act()


def test_a_full_disk_is_one_sentence_and_nothing_half_done(local: LocalSqlite, monkeypatch) -> None:
    from certtui.backend.local import writer

    page = added(local.open(create=True))
    real = writer.connect_writing

    def nearly_full(file: Path) -> sqlite3.Connection:
        connection = real(file)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        return connection

    monkeypatch.setattr(writer, "connect_writing", nearly_full)
    backend = local.open()
    head = backend.audit.head()
    batch = [new(cert(f"h{n}.example.com", sans=tuple(f"n{i}-{n}.example.com" for i in range(300)))) for n in range(5)]
    with pytest.raises(Unreachable, match="disk is full"):
        backend.certificates.add(batch)
    assert backend.audit.head() == head
    assert [row.id for row in backend.certificates.search(Query()).rows(0, 10)] == [page.id]
    assert all(one.ok for one in local.open().store.check())


def test_a_store_that_somebody_keeps_locked_is_said_to_be_busy(local: LocalSqlite, monkeypatch) -> None:
    from certtui.backend.local import sqlite

    monkeypatch.setattr(sqlite, "BUSY_MS", 1)
    page = added(local.open(create=True))
    holder = sqlite3.connect(local.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    backend = local.open()
    assert backend.certificates.get(page.id) == page
    with pytest.raises(Unreachable, match="busy"):
        added(backend, "b.example.com")
    holder.execute("ROLLBACK")
    holder.close()
    assert added(backend, "b.example.com").id


TAMPERINGS = {
    'UPDATE audit_event SET actor = \'{"name":"mallory"}\' WHERE seq = 3': 3,
    "UPDATE audit_event SET detail = '{}' WHERE seq = 4": 4,
    "UPDATE audit_event SET at = at + 1 WHERE seq = 1": 1,
    "UPDATE audit_event SET object_id = NULL WHERE seq = 3": 3,
    "DELETE FROM audit_event WHERE seq = 3": 3,
    "DELETE FROM audit_event WHERE seq >= 5": 5,
    "DELETE FROM audit_event": 1,
    "UPDATE audit_event SET seq = 100 WHERE seq = 6": 6,
    "UPDATE audit_head SET hash = 'x'": 6,
    "UPDATE audit_event SET prev_hash = 'x' WHERE seq = 4": 4,
}


@pytest.mark.parametrize(("sql", "first"), TAMPERINGS.items())
def test_tampering_with_the_audit_log_is_found_where_it_begins(local: LocalSqlite, sql: str, first: int) -> None:
    backend = local.open(create=True)
    for number in range(5):
        added(backend, f"h{number}.example.com")
    connection = sqlite3.connect(local.file)
    connection.execute(sql)
    connection.commit()
    connection.close()
    verified = backend.audit.verify()
    assert verified.first_broken == first
    assert verified.problem


def test_a_tail_cut_with_its_head_shows_against_a_head_kept_elsewhere(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    for number in range(3):
        added(backend, f"h{number}.example.com")
    kept = backend.audit.head()
    connection = sqlite3.connect(local.file)
    before = connection.execute("SELECT hash FROM audit_event WHERE seq = 2").fetchone()[0]
    connection.execute("DELETE FROM audit_event WHERE seq > 2")
    connection.execute("UPDATE audit_head SET seq = 2, hash = ?", (before,))
    connection.commit()
    connection.close()
    verified = backend.audit.verify()
    assert verified.first_broken is None
    assert verified.head.seq < kept.seq
