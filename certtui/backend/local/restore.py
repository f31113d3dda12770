"""Bringing a backup back: checked on a copy first, then put in the store's place in one transaction."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from certtui.backend.local import events, private_files, sealed_tables
from certtui.backend.local.audit_chain import actor_json, canonical, link_hash
from certtui.backend.local.backup import copy_database
from certtui.backend.local.check import opened_keys
from certtui.backend.local.create import set_journal
from certtui.backend.local.keyring import CURRENT, KEY_FILE, Keyring, WrappingKey, wrapping_key_of
from certtui.backend.local.opening import bring_to_head
from certtui.backend.local.place import Place
from certtui.backend.local.sqlite import connect_reading, connect_writing
from certtui.backend.local.storage_errors import translated
from certtui.clock import Clock, epoch
from certtui.errors import Conflict, Invalid, Locked, NotFound
from certtui.model.audit import Actor
from certtui.model.secret import Secret
from certtui.model.store import RestoreReport


def restore_store(
    place: Place, backup: Path, *, overwrite: bool, passphrase: Secret | None, actor: Actor, clock: Clock
) -> RestoreReport:
    """See `backend.base.StoreAdmin.restore`. The backup file itself is only read."""
    if not backup.is_file():
        raise NotFound(f"There is no backup at {backup}.", "Check the path.")
    if place.exists() and backup.samefile(place.file):
        raise Conflict("The backup named is the store itself.", "Name the backup file.")
    if place.exists() and not overwrite:
        raise Conflict(
            f"There is a store at {place.file} already.", "Confirm that it is replaced; it is kept under a dated name."
        )
    with translated():
        private_files.make_folder(place.file.parent)
        with private_files.beside(place.file) as copy:
            private_files.write_fresh(copy, b"")
            _take_copy(backup, copy)
            bring_to_head(copy, read_only=False)
            report = _report(place, copy, passphrase)
            _leap_crl_numbers(copy, clock)
            _record(copy, backup, actor, clock)
            if place.exists():
                _replace(place, copy, clock)
            else:
                set_journal(copy, place.file.parent)
                private_files.sync_file(copy)
                _place(copy, place)
            _drop_side_files(copy)
    return report


def _take_copy(backup: Path, copy: Path) -> None:
    """A copy with what a write-ahead log beside the backup holds. Raises `Invalid` when it is not a whole database."""
    try:
        source = connect_reading(backup)
        try:
            copy_database(source, copy)
        finally:
            source.close()
        checked = sqlite3.connect(copy)
        try:
            problems = [row[0] for row in checked.execute("PRAGMA integrity_check(3)")]
        finally:
            checked.close()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.Error) and not _beyond_reading(error):
            raise  # A full disk is no fault of the backup.
        raise Invalid(
            f"{backup} is not a whole backup: it is no certtui store, or it is damaged.",
            "Name another backup.",
            field="backup",
        ) from None
    if problems != ["ok"]:
        raise Invalid(f"{backup} is damaged: {problems[0]}.", "Name another backup.", field="backup")


def _report(place: Place, copy: Path, passphrase: Secret | None) -> RestoreReport:
    connection = sqlite3.connect(copy)
    try:
        wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
        certificates = int(connection.execute("SELECT count(*) FROM certificate").fetchone()[0])
        keys = sealed_tables.count(connection)
        try:
            store_key = Keyring(place, passphrase).open(wrapping)
            unopened = sum(not opens for _, opens in opened_keys(connection, wrapping.store_uid, store_key))
            warning = f"{unopened} private keys do not open with the store key." if unopened else ""
        except Locked:
            unopened = keys
            warning = _no_key(place, wrapping, keys)
    finally:
        connection.close()
    return RestoreReport(str(place.file), certificates, keys, unopened, warning)


def _no_key(place: Place, wrapping: WrappingKey, keys: int) -> str:
    what = f"the {keys} private keys in it" if keys else "new private keys"
    if wrapping.protection == KEY_FILE:
        return (
            f"The store key with the fingerprint {wrapping.fingerprint} is not at {place.key_file}: "
            f"without it {what} stay sealed. Put the key file there."
        )
    return f"The store is protected by a passphrase, which was not given or does not fit: {what} were not tried."


def _leap_crl_numbers(copy: Path, clock: Clock) -> None:
    """CRLs that were published since the backup have numbers that it does not know, and numbers only grow (RFC 5280, 5.2.3)."""
    connection = sqlite3.connect(copy, isolation_level=None)
    now = epoch(clock.now())
    try:
        # As for a CA that comes with its key: nobody issues more than one CRL a second for years.
        connection.execute(
            "UPDATE ca SET crl_number = ? WHERE crl_number < ? AND state IN ('active', 'retired')", (now, now)
        )
    finally:
        connection.close()


def _record(copy: Path, backup: Path, actor: Actor, clock: Clock) -> None:
    """The restored log goes on with the restore itself."""
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        seq, previous = connection.execute("SELECT seq, hash FROM audit_head").fetchone()
        detail = canonical({"backup": backup.name, "after": seq})
        record = (seq + 1, epoch(clock.now()), events.STORE_RESTORED, actor_json(actor), "store", None, "", detail)
        link = link_hash(previous, *record)
        connection.execute(
            "INSERT INTO audit_event (seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*record, previous, link),
        )
        connection.execute("UPDATE audit_head SET seq = ?, hash = ?", (seq + 1, link))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _replace(place: Place, copy: Path, clock: Clock) -> None:
    """Keep the present store aside, then write the copy over it in one transaction, so that whoever has it open just sees a change.

    A store too damaged to be opened is moved aside as it is, with its log.
    """
    aside = _aside(place, clock)
    try:
        present = connect_writing(place.file)
        try:
            private_files.write_fresh(aside, b"")
            copy_database(present, aside)
            private_files.sync_file(aside)
            source = sqlite3.connect(copy)
            try:
                source.backup(present)
            finally:
                source.close()
        finally:
            present.close()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.Error) and not _beyond_reading(error):
            raise
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                _with(place.file, suffix).replace(_with(aside, suffix))
        set_journal(copy, place.file.parent)
        private_files.sync_file(copy)
        _place(copy, place)
    else:
        set_journal(place.file, place.file.parent)
    private_files.sync_folder(place.file.parent)


def _beyond_reading(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _place(copy: Path, place: Place) -> None:
    try:
        private_files.place_new(copy, place.file)
    except FileExistsError:
        raise Conflict(f"Another process made a store at {place.file} meanwhile.", "Look at it first.") from None


def _aside(place: Place, clock: Clock) -> Path:
    """A name for the store that is replaced: `certtui.db.replaced-20261120T170000Z`, numbered if it is taken."""
    base = place.file.with_name(f"{place.file.name}.replaced-{clock.now():%Y%m%dT%H%M%SZ}")
    names = [base, *(base.with_name(f"{base.name}.{number}") for number in range(1, 1000))]
    return next(name for name in names if not os.path.lexists(name))


def _with(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)


def _drop_side_files(copy: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            _with(copy, suffix).unlink()
