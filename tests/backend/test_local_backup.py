"""Backup while in use, restore that proves what it brings back, and checks that find what is wrong."""

from __future__ import annotations

import hashlib
import sqlite3
import stat

import pytest

from certtui.errors import CerttuiError, Conflict, Denied, Interrupted, Invalid, NotFound, Unreachable
from certtui.model.query import Query
from certtui.model.secret import Secret
from tests.backend.cas import root
from tests.backend.entries import add, added, cert, events, new
from tests.backend.harness import LocalSqlite


def names(backend) -> list[str]:
    return [row.name for row in backend.certificates.search(Query()).rows(0, 100)]


def test_a_backup_is_one_private_file_that_says_what_it_holds(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend, key=True)
    report = backend.store.backup(tmp_path / "backup.db")
    file = tmp_path / "backup.db"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "store"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (report.size, report.sha256) == (file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
    status = backend.store.status()
    assert (report.certificates, report.key_fingerprint, report.key_place) == (
        1,
        status.key_fingerprint,
        str(local.key_file),
    )
    assert local.key_file.read_bytes() not in file.read_bytes()
    assert events(backend)[-1] == "store.backup.success"


def test_a_backup_does_not_write_over_a_file_unless_told(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    file = tmp_path / "backup.db"
    file.write_text("precious")
    with pytest.raises(Conflict):
        backend.store.backup(file)
    assert file.read_text() == "precious"
    backend.store.backup(file, overwrite=True)
    assert file.read_bytes().startswith(b"SQLite")


def test_a_backup_never_takes_the_place_of_the_store(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    added(backend)
    with pytest.raises(Conflict):
        backend.store.backup(local.file, overwrite=True)
    assert names(backend) == ["www.example.com"]


@pytest.mark.parametrize("name", ["{key}", "{key}.new", "{db}-wal", "{db}-shm", "{db}-journal"])
def test_a_backup_never_takes_the_place_of_a_key_file_or_a_log(local: LocalSqlite, name) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    with pytest.raises(Conflict, match="not written over"):
        backend.store.backup(
            local.folder / ".." / local.folder.name / name.format(key=local.key_file.name, db=local.file.name),
            overwrite=True,
        )
    assert local.open().certificates.reveal_key(page.id)


def test_a_backup_tells_how_far_it_is(local: LocalSqlite, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("certtui.backend.local.backup._PAGES", 8)
    backend = local.open(create=True)
    added(backend)
    told: list[tuple[int, int | None]] = []
    backend.store.backup(tmp_path / "backup.db", progress=lambda done, total: told.append((done, total)))
    assert len(told) > 2
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_a_backup_that_is_cancelled_leaves_nothing(local: LocalSqlite, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("certtui.backend.local.backup._PAGES", 8)
    backend = local.open(create=True)
    added(backend)

    def cancel(done: int, total: int | None) -> None:
        raise Interrupted("Cancelled.")

    with pytest.raises(Interrupted):
        backend.store.backup(tmp_path / "backup.db", progress=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    added(backend, name="other.example.com")  # and the store is in use as before


def test_a_backup_holds_the_state_it_began_with(local: LocalSqlite, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("certtui.backend.local.backup._PAGES", 8)
    backend, other = local.open(create=True), local.open()
    added(backend)
    steps = 0

    def write(done: int, total: int | None) -> None:
        nonlocal steps
        steps += 1
        added(other, name=f"meanwhile-{steps}.example.com")

    backend.store.backup(tmp_path / "backup.db", progress=write)
    copy = sqlite3.connect(tmp_path / "backup.db")
    assert (copy.execute("SELECT name FROM certificate").fetchall(), steps > 2) == ([("www.example.com",)], True)
    copy.close()


def test_a_backup_while_somebody_writes_holds_whole_changes(local: LocalSqlite, tmp_path) -> None:
    import threading

    backend = local.open(create=True)
    busy, stop = local.open(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            busy.certificates.add([new(cert(f"h{number}-{n}.example.com", number=1)) for n in range(2)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backend.store.backup(tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        connection = sqlite3.connect(tmp_path / f"{number}.db")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM certificate").fetchone()[0] % 2 == 0
        connection.close()


def test_a_restored_store_is_as_it_was_with_every_key(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    page = added(backend, "old.example.com", key=True)
    backend.store.backup(tmp_path / "backup.db")
    backend.certificates.delete(page.id, page.version)
    added(backend, "new.example.com")
    report = local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert (report.certificates, report.sealed_keys, report.unopened_keys, report.warning) == (1, 1, 0, "")
    fresh = local.open()
    assert names(fresh) == ["old.example.com"]
    assert fresh.certificates.reveal_key(page.id).reveal() == cert("old.example.com").key_pem
    assert all(one.ok for one in fresh.store.check())
    assert "store.restore.success" in events(fresh)


def test_crls_of_a_restored_ca_have_numbers_that_were_never_used(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    ca = root(backend)
    backend.store.backup(tmp_path / "a.backup")
    published = [backend.cas.issue_crl(ca.row.id).number for _ in range(3)]
    local.close()
    local.admin().restore(tmp_path / "a.backup", overwrite=True)
    backend = local.open()
    assert backend.cas.issue_crl(ca.row.id).number > max(published)
    assert backend.cas.get(ca.row.id).row.crl.number > max(published)


def test_the_store_that_was_there_is_kept_under_a_dated_name(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    backend.store.backup(tmp_path / "backup.db")
    added(backend, "kept.example.com")
    for _ in range(2):
        local.admin().restore(tmp_path / "backup.db", overwrite=True)
    aside = sorted(path for path in local.folder.iterdir() if ".replaced-" in path.name)
    assert [path.name for path in aside] == [
        "certtui.db.replaced-20260615T120000Z",
        "certtui.db.replaced-20260615T120000Z.1",
    ]
    assert stat.S_IMODE(aside[0].stat().st_mode) == 0o600
    connection = sqlite3.connect(aside[0])
    assert connection.execute("SELECT name FROM certificate").fetchall() == [("kept.example.com",)]


def test_who_has_the_store_open_sees_the_restored_one(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend, "old.example.com")
    backend.store.backup(tmp_path / "backup.db")
    added(backend, "new.example.com")
    local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert names(backend) == ["old.example.com"]
    added(backend, "later.example.com")
    assert backend.audit.verify().first_broken is None


def test_a_store_is_not_replaced_unless_told(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    backend.store.backup(tmp_path / "backup.db")
    added(backend)
    with pytest.raises(Conflict):
        local.admin().restore(tmp_path / "backup.db")
    with pytest.raises(Denied):
        local.admin(read_only=True).restore(tmp_path / "backup.db", overwrite=True)
    assert names(backend) == ["www.example.com"]


def test_a_restore_without_a_store_makes_one(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    backend.store.backup(tmp_path / "backup.db")
    local.close()
    for path in local.folder.iterdir():
        if path != local.key_file:
            path.unlink()
    assert local.admin().restore(tmp_path / "backup.db").unopened_keys == 0
    assert stat.S_IMODE(local.file.stat().st_mode) == 0o600
    assert local.open().certificates.reveal_key(page.id)
    assert local.open().store.status().journal_mode == "wal"


def test_without_the_right_key_file_a_restore_warns_and_names_the_key(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    report = backend.store.backup(tmp_path / "backup.db")
    old = local.key_file.read_bytes()
    backend.store.rekey()
    restored = local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert restored.unopened_keys == 1
    assert report.key_fingerprint in restored.warning
    local.key_file.write_bytes(old)
    assert local.open().certificates.reveal_key(page.id)


def test_a_restore_under_a_passphrase_proves_the_keys_with_it(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend, key=True)
    backend.store.set_passphrase(Secret("correct horse"))
    backend.store.backup(tmp_path / "backup.db")
    assert local.admin(passphrase="correct horse").restore(tmp_path / "backup.db", overwrite=True).unopened_keys == 0
    without = local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert without.unopened_keys == 1
    assert "passphrase" in without.warning


def test_a_raw_copy_of_a_store_in_use_is_restored_with_its_log(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend, "in-the-log.example.com")
    assert local.file.with_name("certtui.db-wal").stat().st_size
    for suffix in ("", "-wal"):
        copied = local.file.with_name("certtui.db" + suffix).read_bytes()
        (tmp_path / f"copy.db{suffix}").write_bytes(copied)
    local.admin().restore(tmp_path / "copy.db", overwrite=True)
    assert names(local.open()) == ["in-the-log.example.com"]


@pytest.mark.parametrize("spoil", ["cut", "other", "text", "missing"])
def test_what_is_no_whole_backup_changes_nothing(local: LocalSqlite, tmp_path, spoil: str) -> None:
    backend = local.open(create=True)
    add(backend, cert(), key=True)
    file = tmp_path / "backup.db"
    backend.store.backup(file)
    match spoil:
        case "cut":
            file.write_bytes(file.read_bytes()[: 20 * 4096])
        case "other":
            file.unlink()
            connection = sqlite3.connect(file)
            connection.execute("CREATE TABLE recipes (name TEXT)")
            connection.close()
        case "text":
            file.write_text("no database" * 1000)
        case "missing":
            file.unlink()
    with pytest.raises((Invalid, NotFound)):
        local.admin().restore(file, overwrite=True)
    assert names(backend) == ["www.example.com"]
    assert not [path.name for path in local.folder.iterdir() if path.name.startswith(".") or "replaced" in path.name]


def test_whether_it_is_locked_can_be_asked_of_a_store_that_is_damaged_meanwhile(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    added(backend, key=True)
    assert not backend.store.locked
    with local.file.open("r+b") as file:
        file.truncate(5000)
    assert not backend.store.locked
    with pytest.raises(CerttuiError):
        backend.store.status()


def test_a_schema_that_is_no_text_is_damage_and_a_backup_takes_its_place(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend)
    backend.store.backup(tmp_path / "backup.db")
    local.close()
    content = local.file.read_bytes()
    local.file.write_bytes(content.replace(b"CREATE TABLE", b"CREATE \xff\xfeBLE"))
    with pytest.raises(Unreachable, match="damaged"):
        local.open().store.check()
    local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert names(local.open()) == ["www.example.com"]


def test_a_store_too_damaged_to_open_is_moved_aside(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    added(backend)
    backend.store.backup(tmp_path / "backup.db")
    local.close()
    local.file.write_bytes(b"ruined" * 1000)
    local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert names(local.open()) == ["www.example.com"]
    aside = [path for path in local.folder.iterdir() if ".replaced-" in path.name]
    assert aside[0].read_bytes().startswith(b"ruined")


def findings(local: LocalSqlite) -> dict[str, bool]:
    return {one.check: one.ok for one in local.open().store.check()}


def test_a_whole_store_passes_every_check(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    added(backend, key=True)
    assert set(findings(local).values()) == {True}


@pytest.mark.parametrize(
    ("check", "sql"),
    [
        ("audit chain", "UPDATE audit_event SET actor = '{}' WHERE seq = 2"),
        ("private keys", "UPDATE sealed_key SET payload = zeroblob(100)"),
        ("entries", "UPDATE certificate SET has_private_key = 0"),
        ("entries", "DELETE FROM certificate_der"),
        ("references", "INSERT INTO association VALUES (99, 99, 'server', 0)"),
        ("search index", "DROP TRIGGER certificate_fts_update; UPDATE certificate SET search_text = 'x'"),
    ],
)
def test_a_check_finds_what_was_changed_from_outside(local: LocalSqlite, check: str, sql: str) -> None:
    added(local.open(create=True), key=True)
    connection = sqlite3.connect(local.file)
    connection.executescript(sql)
    connection.close()
    found = findings(local)
    assert found.pop(check) is False
    assert set(found.values()) == {True}


def test_a_check_of_a_locked_store_says_what_it_left_out(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    added(backend, key=True)
    backend.store.lock()
    finding = next(one for one in backend.store.check() if one.check == "private keys")
    assert not finding.ok
    assert "Not checked" in finding.message
