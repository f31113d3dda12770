"""Making a store: the key file first, then the database, which appears whole under its name or not at all."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from certtui.backend.local import events, keyfile, private_files, sealing
from certtui.backend.local.audit_chain import actor_json, canonical, link_hash
from certtui.backend.local.keyring import KEY_FILE, PASSPHRASE
from certtui.backend.local.place import Place, network_file_system
from certtui.backend.local.schema import APPLICATION_ID, SEARCH_VERSION, sqlite_ddl
from certtui.backend.local.storage_errors import translated
from certtui.clock import Clock, epoch
from certtui.errors import Conflict
from certtui.model.audit import Actor
from certtui.model.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.local.postgres.place import PostgresPlace


def create_store(place: Place | PostgresPlace, *, actor: Actor, clock: Clock, passphrase: Secret | None = None) -> None:
    """Make the store. Raises `Conflict` if it is there, `Unreachable` or `Denied` when the file system or server refuses."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import create

        create.create_store(place, actor=actor, clock=clock, passphrase=passphrase)
        return
    if place.exists():
        raise Conflict(f"There is a store at {place.file} already.", "Open it, or name another path.")
    with translated():
        private_files.make_folder(place.file.parent)
        now = epoch(clock.now())
        store_uid = secrets.token_hex(16)
        wrapping = wrapping_row(store_uid, passphrase, place, now)
        with private_files.beside(place.file) as temporary:
            private_files.write_fresh(temporary, b"")
            _fill(temporary, store_uid, wrapping, actor, now)
            set_journal(temporary, place.file.parent)
            private_files.sync_file(temporary)
            try:
                private_files.place_new(temporary, place.file)
            except FileExistsError:
                raise Conflict(
                    f"Another process made the store at {place.file} at the same moment.", "Open it."
                ) from None


def wrapping_row(
    store_uid: str, passphrase: Secret | None, place: Place | PostgresPlace, now: int
) -> dict[str, str | int | bytes]:
    """The first wrapping key: of the key file, or a random one under a passphrase."""
    wrapping_id = secrets.token_hex(8)
    row: dict[str, str | int | bytes] = {
        "id": wrapping_id,
        "created_at": now,
        "protection": KEY_FILE,
        "memory_kib": 0,
        "iterations": 0,
        "lanes": 0,
        "salt": b"",
        "sealed": b"",
    }
    if passphrase is None:
        return row | {"fingerprint": sealing.fingerprint(keyfile.make(place.key_file))}
    store_key = sealing.StoreKey(wrapping_id, sealing.new_key())
    costs = sealing.PassphraseCosts(salt=secrets.token_bytes(16))
    under = sealing.passphrase_key(passphrase, costs)
    return row | passphrase_columns(store_key, under, costs, store_uid)


def passphrase_columns(
    store_key: sealing.StoreKey, under: bytes, costs: sealing.PassphraseCosts, store_uid: str
) -> dict[str, str | int | bytes]:
    """The columns of a wrapping key that a passphrase protects."""
    return {
        "protection": PASSPHRASE,
        "fingerprint": store_key.fingerprint,
        "memory_kib": costs.memory_kib,
        "iterations": costs.iterations,
        "lanes": costs.lanes,
        "salt": costs.salt,
        "sealed": sealing.seal_store_key(store_key, under, store_uid),
    }


def set_journal(file: Path, folder: Path) -> None:
    """A write-ahead log, so that readers never wait; a rollback journal where a network file system can't carry one."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute(f"PRAGMA journal_mode = {'DELETE' if network_file_system(folder) else 'WAL'}")
    finally:
        connection.close()


def empty_store(file: Path) -> None:
    """The tables of a store in an empty file, and no row but the audit head's."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        _make_tables(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _make_tables(connection: sqlite3.Connection) -> None:
    # Before the first page: the search index and long texts leave holes that are worth giving back.
    connection.execute("PRAGMA page_size = 4096")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.executescript("BEGIN;" + sqlite_ddl())


def _fill(file: Path, store_uid: str, wrapping: dict[str, str | int | bytes], actor: Actor, now: int) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        _make_tables(connection)
        columns = ", ".join(wrapping)
        marks = ", ".join("?" for _ in wrapping)
        connection.execute(f"INSERT INTO wrapping_key ({columns}) VALUES ({marks})", tuple(wrapping.values()))  # noqa: S608 - our own column names
        connection.execute(
            "INSERT INTO store_meta (id, store_uid, created_at, search_version, protection, wrapping_key_id) "
            "VALUES (1, ?, ?, ?, ?, ?)",
            (store_uid, now, SEARCH_VERSION, wrapping["protection"], wrapping["id"]),
        )
        record = (
            1,
            now,
            events.STORE_CREATED,
            actor_json(actor),
            "store",
            None,
            "",
            canonical({"store_uid": store_uid, "protection": wrapping["protection"]}),
        )
        link = link_hash("", *record)
        connection.execute(
            "INSERT INTO audit_event (seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)",
            (*record, link),
        )
        connection.execute("UPDATE audit_head SET seq = 1, hash = ?", (link,))
        connection.execute("COMMIT")
    finally:
        connection.close()
