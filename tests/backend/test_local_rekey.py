"""A re-key that breaks off at any step loses no key: the next start finds the store's key and goes on."""

from __future__ import annotations

import sqlite3

import pytest

from certtui.backend.local import keyfile, private_files, rekey, sealing
from certtui.errors import Conflict, Interrupted, Locked, Unreachable
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert
from tests.backend.harness import LocalSqlite


class Crash(BaseException):
    """Stands for kill -9: nobody catches it, and nothing is cleaned up on its way but what the kernel does."""


def crash(*_args: object, **_more: object) -> None:
    raise Crash


STEPS = [
    (rekey, "_write_beside"),
    (rekey, "_add_wrapping_key"),
    (rekey, "_rewrap"),
    (rekey, "_put_in_force"),
    (keyfile, "put_in_force"),
]


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_step_leaves_every_key_to_be_opened(
    local: LocalSqlite, monkeypatch, module, step, moment
) -> None:
    page = added(local.open(create=True), key=True)
    crashing = local.open()
    real = getattr(module, step)

    def broken(*args: object, **more: object) -> object:
        if moment == "after":
            real(*args, **more)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(module, step, broken)
        with pytest.raises(Crash):
            crashing.store.rekey()
    fresh = local.open()
    assert fresh.certificates.reveal_key(page.id).reveal() == cert().key_pem
    assert fresh.audit.verify().first_broken is None
    fresh.store.rekey()
    assert local.open().certificates.reveal_key(page.id).reveal() == cert().key_pem
    assert not local.file.with_suffix(".key.new").exists()


def test_after_a_crash_the_next_start_puts_the_new_key_file_in_place(local: LocalSqlite, monkeypatch) -> None:
    page = added(local.open(create=True), key=True)
    old = local.key_file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(keyfile, "put_in_force", crash)
        with pytest.raises(Crash):
            local.open().store.rekey()
    assert local.key_file.read_bytes() == old
    assert local.open().certificates.reveal_key(page.id)
    assert local.key_file.read_bytes() != old
    assert sorted(path.name for path in local.folder.iterdir() if "key" in path.name) == ["certtui.key"]


def test_another_process_that_needs_the_key_in_the_last_step_is_no_trouble(local: LocalSqlite, monkeypatch) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    real = keyfile.put_in_force

    with monkeypatch.context() as patched:
        patched.setattr(rekey.keyfile, "put_in_force", lambda place: (real(place), real(place)))
        backend.store.rekey()
    assert local.open().certificates.reveal_key(page.id)


def test_a_rekey_between_reading_and_opening_a_key_is_followed(local: LocalSqlite, monkeypatch) -> None:
    backend, other = local.open(create=True), local.open()
    page = added(backend, key=True)
    real, done = sealing.unseal, []

    def interrupted(*args: object) -> Secret:
        if not done:
            done.append(other.store.rekey())
            backend.store.lock()
            backend.store.unlock(Secret(b""))
            raise Unreachable("It does not open.")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "unseal", interrupted)
    assert backend.certificates.reveal_key(page.id).reveal() == cert().key_pem
    assert done


def test_a_leftover_new_key_that_never_came_in_force_is_written_over(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    private_files.write_fresh(local.file.with_suffix(".key.new"), bytes(32))
    backend.store.rekey()
    assert local.open().certificates.reveal_key(page.id)
    assert local.key_file.read_bytes() != bytes(32)


def test_the_old_key_opens_nothing_any_more(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    old = local.key_file.read_bytes()
    backend.store.rekey()
    local.key_file.write_bytes(old)
    with pytest.raises(Locked):
        local.open().certificates.reveal_key(page.id)
    rows = sqlite3.connect(local.file).execute("SELECT count(*) FROM wrapping_key").fetchone()
    assert rows == (1,)


def test_a_rekey_that_is_cancelled_changes_nothing(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    before = (backend.store.status().key_fingerprint, backend.audit.head(), local.key_file.read_bytes())

    def cancel(_done: int, _total: int | None) -> None:
        raise Interrupted("Cancelled.")

    with pytest.raises(Interrupted):
        backend.store.rekey(cancel)
    assert (backend.store.status().key_fingerprint, backend.audit.head(), local.key_file.read_bytes()) == before
    assert local.open().certificates.reveal_key(page.id)


def test_a_rekey_tells_how_far_it_is(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    for number in range(3):
        add(backend, cert(f"h{number}.example.com"), key=True)
    told = []
    backend.store.rekey(lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


def test_a_locked_store_is_not_rekeyed(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    backend.store.lock()
    with pytest.raises(Locked):
        backend.store.rekey()


def test_with_a_passphrase_the_key_file_is_gone(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    backend.store.set_passphrase(Secret("correct horse"))
    assert not local.key_file.exists()


def test_going_back_does_not_write_over_a_file_in_the_key_files_place(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    backend.store.set_passphrase(Secret("correct horse"))
    local.key_file.write_bytes(b"somebody's")
    with pytest.raises(Conflict):
        backend.store.set_passphrase(None)
    assert local.key_file.read_bytes() == b"somebody's"
    assert local.open(passphrase="correct horse").certificates.reveal_key(page.id)


@pytest.mark.parametrize("to_passphrase", [True, False])
def test_a_crash_while_the_protection_changes_loses_no_key(
    local: LocalSqlite, monkeypatch, to_passphrase: bool
) -> None:
    backend = local.open(create=True)
    page = added(backend, key=True)
    if not to_passphrase:
        backend.store.set_passphrase(Secret("old horse"))
    with monkeypatch.context() as patched:
        patched.setattr(rekey, "_put_in_force", crash)
        with pytest.raises(Crash):
            backend.store.set_passphrase(Secret("new horse") if to_passphrase else None)
    assert local.open(passphrase="old horse").certificates.reveal_key(page.id)
