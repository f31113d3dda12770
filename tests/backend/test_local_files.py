"""The files of a store: private, made whole or not at all, and refused where they are not what they should be."""

from __future__ import annotations

import os
import sqlite3
import stat

import pytest

from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local import keyfile, place, private_files
from certtui.errors import CerttuiError, Conflict, Denied, Invalid, Locked
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert
from tests.backend.harness import ACTOR, LocalSqlite


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_store_is_private_in_every_file(local: LocalSqlite) -> None:
    before = os.umask(0)
    try:
        backend = local.open(create=True)
        add(backend, cert(), key=True)
    finally:
        os.umask(before)
    assert mode(local.folder) == 0o700
    assert {path.name: mode(path) for path in local.folder.iterdir()} == {
        "certtui.db": 0o600,
        "certtui.db-wal": 0o600,
        "certtui.db-shm": 0o600,
        "certtui.key": 0o600,
    }


def test_the_key_file_is_where_it_was_asked_for(local: LocalSqlite, tmp_path) -> None:
    named = tmp_path / "keys" / "store.key"
    options = StoreOptions(str(local.file), key_file=named, create=True)
    backend = open_backend(options, actor=ACTOR, clock=local.clock)
    local.opened.append(backend)
    assert named.stat().st_size == 32
    assert not local.key_file.exists()
    assert backend.store.status().key_file == str(named)


def test_a_key_file_that_is_there_is_used_not_replaced(local: LocalSqlite) -> None:
    local.folder.mkdir()
    private_files.write_fresh(local.key_file, bytes(range(32)))
    local.open(create=True)
    assert local.key_file.read_bytes() == bytes(range(32))


def test_init_makes_a_store_once(local: LocalSqlite) -> None:
    assert local.admin().init().exists
    with pytest.raises(Conflict):
        local.admin().init()


def test_init_with_a_passphrase_makes_no_key_file(local: LocalSqlite) -> None:
    status = local.admin().init(passphrase=Secret("correct horse"))
    assert (status.protection, status.key_file, status.locked) == ("passphrase", "", True)
    assert not local.key_file.exists()
    assert add(local.open(passphrase="correct horse"), cert(), key=True).key_attached


def test_opening_with_create_twice_opens_the_same_store(local: LocalSqlite) -> None:
    page = added(local.open(create=True))
    assert local.open(create=True).certificates.get(page.id) == page


def test_a_key_file_that_others_can_read_is_warned_of(local: LocalSqlite) -> None:
    local.open(create=True)
    local.key_file.chmod(0o644)
    assert any("key file" in one for one in local.open().info.warnings)
    assert any("key file" in one for one in local.open().store.status().warnings)


def test_a_key_file_behind_a_symbolic_link_is_refused(local: LocalSqlite, tmp_path) -> None:
    local.open(create=True)
    elsewhere = local.key_file.rename(tmp_path / "elsewhere.key")
    local.key_file.symlink_to(elsewhere)
    backend = local.open()
    assert backend.store.locked
    with pytest.raises(Locked, match="symbolic link"):
        add(backend, cert(), key=True)


def test_a_planted_link_is_not_written_through_when_a_store_is_made(local: LocalSqlite, tmp_path) -> None:
    local.folder.mkdir()
    victim = tmp_path / "victim"
    local.key_file.symlink_to(victim)
    with pytest.raises(Locked):
        local.open(create=True)
    assert not victim.exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_something_else_than_a_key_file_locks_with_a_sentence(local: LocalSqlite, content: bytes) -> None:
    local.open(create=True)
    local.key_file.write_bytes(content)
    with pytest.raises(Locked, match="32 bytes"):
        add(local.open(), cert(), key=True)


def test_a_missing_key_file_locks_and_names_it(local: LocalSqlite) -> None:
    page = added(local.open(create=True), key=True)
    local.key_file.unlink()
    backend = local.open()
    assert backend.certificates.get(page.id) == page
    assert backend.store.locked
    with pytest.raises(Locked) as refused:
        backend.certificates.reveal_key(page.id)
    assert str(local.key_file) in refused.value.message


def test_another_stores_key_file_locks_and_names_the_fingerprint(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    fingerprint = backend.store.status().key_fingerprint
    local.key_file.write_bytes(bytes(32))
    with pytest.raises(Locked, match=fingerprint):
        local.open().certificates.reveal_key(page.id)


def test_a_file_that_is_no_store_is_refused(local: LocalSqlite) -> None:
    local.folder.mkdir()
    local.file.write_text("not a database, however long it may be" * 100)
    with pytest.raises(Invalid):
        local.open()


def test_somebody_elses_database_is_refused_and_left_alone(local: LocalSqlite) -> None:
    local.folder.mkdir()
    connection = sqlite3.connect(local.file)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    before = local.file.read_bytes()
    with pytest.raises(Invalid, match="not a certtui store"):
        local.open(create=True)
    assert local.file.read_bytes() == before


def test_an_empty_file_is_refused(local: LocalSqlite) -> None:
    local.folder.mkdir()
    local.file.touch()
    with pytest.raises(Invalid):
        local.open(create=True)


def test_a_store_of_a_newer_certtui_is_refused(local: LocalSqlite) -> None:
    local.open(create=True)
    local.close()
    connection = sqlite3.connect(local.file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(Denied, match="newer certtui"):
        local.open()


def test_a_path_that_cannot_be_is_one_sentence(local: LocalSqlite) -> None:
    local.folder.mkdir()
    for url in (f"/{'x' * 300}/certs.db", str(local.folder / ("y" * 300)), "/tmp/a\0b"):
        with pytest.raises(CerttuiError) as refused:
            open_backend(StoreOptions(url), actor=ACTOR)
        assert refused.value.hint


def test_a_folder_without_the_right_to_look_is_one_sentence(local: LocalSqlite, monkeypatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied", str(local.file))

    monkeypatch.setattr("pathlib.Path.exists", refuse)
    with pytest.raises(Denied, match="No right"):
        open_backend(StoreOptions(str(local.file)), actor=ACTOR)


def test_a_folder_means_the_store_in_it(local: LocalSqlite) -> None:
    local.folder.mkdir()
    assert place.place_of(str(local.folder), None).file == local.file


@pytest.mark.parametrize(
    ("url", "file"),
    [("sqlite:////srv/certs.db", "/srv/certs.db"), ("/srv/certs.db", "/srv/certs.db"), ("sqlite:////a%20b", "/a b")],
)
def test_a_store_is_named_by_path_or_url(url: str, file: str) -> None:
    assert str(place.place_of(url, None).file) == file


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite://host/x", "mysql://x", "sqlite:////x?mode=memory"])
def test_a_url_that_is_no_store_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        place.place_of(url, None)


MOUNTS = r"""22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:40 / /home rw - nfs4 server:/home rw
31 30 0:41 / /home/ada/local\040disk rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/x.db", "ext4"),
        ("/home/ada/x.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homework/x.db", "ext4"),
        ("/home/ada/local disk/x.db", "xfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert place.mount_type(path, MOUNTS) == kind


def test_on_a_network_file_system_a_rollback_journal_is_kept_and_said(local: LocalSqlite, monkeypatch) -> None:
    local.open(create=True)
    local.close()
    for module in ("opening", "create"):
        monkeypatch.setattr(f"certtui.backend.local.{module}.network_file_system", lambda _path: "nfs4")
    backend = local.open()
    assert backend.store.status().journal_mode == "delete"
    assert any("nfs4" in one for one in backend.info.warnings)
    assert add(backend, cert()).created


def test_making_a_key_file_never_leaves_half_of_one(tmp_path, monkeypatch) -> None:
    def cut(*_args) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(os, "fsync", cut)
    with pytest.raises(Exception, match="disk is full"):
        keyfile.make(tmp_path / "store.key")
    assert list(tmp_path.iterdir()) == []


def test_a_reading_connection_keeps_few_pages(local: LocalSqlite) -> None:
    from certtui.backend.local.sqlite import connect_reading

    local.open(create=True)
    connection = connect_reading(local.file)
    (kibibytes,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.close()
    # A console holds several of them open; 16 MB each were a third of its memory.
    assert -4_000 <= kibibytes < 0
