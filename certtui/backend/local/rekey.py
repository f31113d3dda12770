"""A new store key. Every data key is wrapped anew in one transaction; no private key is touched.

With a key file, the order is: new key beside the old file, on disk; everything re-wrapped and committed; the new file
takes the old one's name. After a crash at any step the store's fingerprint says which of the two files is its key
(`keyfile.read_matching`), and the next start finishes what is left.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events, keyfile, private_files, sealed_tables, sealing
from certtui.backend.local.keyring import KEY_FILE, PASSPHRASE, WrappingKey
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.place import Place
from certtui.backend.local.storage_errors import translated
from certtui.backend.local.wiping import destroying
from certtui.errors import Conflict, Invalid
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.postgres.place import PostgresPlace
    from certtui.backend.local.sealed_tables import Sealed
    from certtui.model.progress import Progress

_STEP = 500

PassphraseKey = tuple[sealing.PassphraseCosts, bytes]
"""How a passphrase becomes a key, and the key."""


@dataclass(frozen=True, slots=True)
class _NewKey:
    """The key to come, the columns that say how it is protected, and what the keyring holds of its passphrase."""

    store_key: sealing.StoreKey
    columns: dict[str, Any]  # Any: column values
    passphrase_key: PassphraseKey | None


def rekey(store: OpenStore, progress: Progress | None = None) -> None:
    """A new store key under the same protection. Raises `Locked`, `Denied`."""

    def same(wrapping: WrappingKey) -> _NewKey:
        if wrapping.protection == KEY_FILE:
            return _in_key_file(store.place)
        held = store.keyring.passphrase_key()
        if held is None:
            raise Conflict("Another process changed the passphrase at this moment.", "Unlock the store and repeat it.")
        # The costs that made the key which is held, whatever the row says by now: others would lock the passphrase out.
        return _under_passphrase(held[1], held[0], wrapping.store_uid)

    _change_key(store, same, events.STORE_REKEYED, progress)


def protect_by(store: OpenStore, passphrase: Secret | None) -> None:
    """A new store key under a passphrase, or in a key file with None. Raises `Locked`, `Denied`, `Invalid`, `Conflict`."""
    if passphrase is not None and not passphrase:
        raise Invalid("An empty passphrase protects nothing.", "Choose a longer one.", field="passphrase")

    def other(wrapping: WrappingKey) -> _NewKey:
        if passphrase is None:
            if wrapping.protection == PASSPHRASE and store.place.key_file.exists():
                raise Conflict(
                    f"There is a file at {store.place.key_file} already, where the key file would go.",
                    "Move it away first.",
                )
            return _in_key_file(store.place)
        costs = sealing.PassphraseCosts(salt=secrets.token_bytes(16))
        return _under_passphrase(sealing.passphrase_key(passphrase, costs), costs, wrapping.store_uid)

    _change_key(store, other, events.STORE_PROTECTION_CHANGED, None)


def _change_key(
    store: OpenStore, make: Callable[[WrappingKey], _NewKey], event: str, progress: Progress | None
) -> None:
    with translated(), destroying(store) as change:
        wrapping = change.wrapping_key()
        old = store.keyring.open(wrapping)
        _finish_interrupted(store.place, wrapping)
        new = make(wrapping)
        if new.columns["protection"] == KEY_FILE:
            _write_beside(store.place, new.store_key.key)
        _add_wrapping_key(change, new)
        count = _rewrap(change, wrapping, old, new.store_key, progress)
        _put_in_force(change, wrapping, new)
        change.record(
            event,
            "store",
            None,
            "",
            {
                "protection": new.columns["protection"],
                "key_fingerprint": new.store_key.fingerprint,
                "old_key_fingerprint": wrapping.fingerprint,
                "keys": count,
            },
        )
    store.keyring.replace(new.store_key, new.passphrase_key)
    with translated():
        if new.columns["protection"] == KEY_FILE:
            keyfile.put_in_force(store.place)
        elif wrapping.protection == KEY_FILE:
            store.place.key_file.unlink(missing_ok=True)
            private_files.sync_folder(store.place.key_file.parent)


def _in_key_file(place: Place | PostgresPlace) -> _NewKey:
    store_key = sealing.StoreKey(secrets.token_hex(8), sealing.new_key())
    columns = {
        "protection": KEY_FILE,
        "fingerprint": store_key.fingerprint,
        "memory_kib": 0,
        "iterations": 0,
        "lanes": 0,
        "salt": b"",
        "sealed": b"",
    }
    return _NewKey(store_key, columns, None)


def _under_passphrase(under: bytes, costs: sealing.PassphraseCosts, store_uid: str) -> _NewKey:
    from certtui.backend.local.create import passphrase_columns

    store_key = sealing.StoreKey(secrets.token_hex(8), sealing.new_key())
    return _NewKey(store_key, passphrase_columns(store_key, under, costs, store_uid), (costs, under))


def _finish_interrupted(place: Place | PostgresPlace, wrapping: WrappingKey) -> None:
    """Make sure that the file beside is not the key in force before it is written over; raises where it can't be."""
    if wrapping.protection != KEY_FILE or not place.next_key_file.exists():
        return
    if sealing.fingerprint(keyfile.read(place.next_key_file)) == wrapping.fingerprint:
        keyfile.put_in_force(place)


def _write_beside(place: Place | PostgresPlace, key: bytes) -> None:
    private_files.make_folder(place.key_file.parent)
    with private_files.beside(place.next_key_file) as temporary:
        private_files.write_fresh(temporary, key)
        temporary.replace(place.next_key_file)
        private_files.sync_folder(place.next_key_file.parent)


def _add_wrapping_key(change: Change, new: _NewKey) -> None:
    from certtui.backend.local.tables import WrappingKeyTable

    change.session.add(WrappingKeyTable(id=new.store_key.id, created_at=change.now, **new.columns))
    change.session.flush()


def _rewrap(
    change: Change,
    wrapping: WrappingKey,
    old: sealing.StoreKey,
    new: sealing.StoreKey,
    progress: Progress | None,
) -> int:
    from sqlmodel import func, select

    tables = sealed_tables.models()
    total = sum(change.session.exec(select(func.count()).select_from(table)).one() for table in tables)
    done = 0
    for table in tables:
        for count in _rewrapped(change, table, wrapping, old, new):
            done += count
            if progress is not None:
                progress(done, total)
    return done


def _rewrapped(
    change: Change, table: Sealed, wrapping: WrappingKey, old: sealing.StoreKey, new: sealing.StoreKey
) -> Iterator[int]:
    """Wrap one table anew, batch by batch; how many each time."""
    from sqlalchemy import bindparam, update
    from sqlmodel import col, select

    statement = (
        update(table.__table__)  # type: ignore[union-attr]  # SQLModel adds it at run time
        .where(col(table.id) == bindparam("row_id"))
        .values(wrapped_data_key=bindparam("wrapped"), wrapping_key_id=new.id)
    )
    last = 0
    while True:
        rows = change.session.exec(
            select(table.id, table.key_uid, table.wrapped_data_key)
            .where(col(table.id) > last)
            .order_by(col(table.id))
            .limit(_STEP)
        ).all()
        if not rows:
            return
        change.session.execute(
            statement,
            [
                {
                    "row_id": row_id,
                    "wrapped": sealing.rewrap(sealing.SealedKey(key_uid, wrapped, b""), wrapping.store_uid, old, new),
                }
                for row_id, key_uid, wrapped in rows
            ],
        )
        last = rows[-1][0]
        yield len(rows)


def _put_in_force(change: Change, wrapping: WrappingKey, new: _NewKey) -> None:
    from sqlmodel import select

    from certtui.backend.local.tables import StoreMetaTable, WrappingKeyTable

    meta = change.session.exec(select(StoreMetaTable)).one()
    meta.wrapping_key_id = new.store_key.id
    meta.protection = new.columns["protection"]
    change.session.add(meta)
    change.session.flush()
    old = change.session.get(WrappingKeyTable, wrapping.id)
    if old is not None:
        change.session.delete(old)
