"""Moving a store to another place, SQLite to PostgreSQL or back: every row, verified, keys wrapped anew.

The target is made in one transaction, or in a file that gets its name at the end: after a crash at any instant there
is no target, and the same command begins again. Meanwhile the source takes no other change; it stays as it was, with
one event more that says where it went.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events, private_files, sealed_tables, sealing
from certtui.backend.local.audit import verify_chain
from certtui.backend.local.audit_chain import Entry, actor_json, append
from certtui.backend.local.keyring import CURRENT, KEY_FILE, Keyring, wrapping_key_of
from certtui.backend.local.storage_errors import translated
from certtui.errors import Conflict, Unreachable
from certtui.model.store import MoveReport

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Table

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.place import Place
    from certtui.backend.local.postgres.place import PostgresPlace
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret

_STEP = 1_000
_OWN = ("store_meta", "wrapping_key", "audit_head")
"""Tables whose rows the target gets anew."""

Values = tuple[Any, ...]  # Any: a row's values


@dataclass(frozen=True, slots=True)
class _Keys:
    """Where data keys come from and where they go."""

    old_uid: str
    old: sealing.StoreKey
    new_uid: str
    new: sealing.StoreKey

    def moved(self, key_uid: str, wrapped: bytes) -> bytes:
        """A wrapped data key, wrapped for the new store."""
        return sealing.rewrap(sealing.SealedKey(key_uid, wrapped, b""), self.old_uid, self.old, self.new, self.new_uid)


@dataclass(slots=True)
class _Counted:
    """Rows done of all, each counted when copied and when read again."""

    progress: Progress | None
    total: int
    done: int = 0

    def add(self, rows: int) -> None:
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, self.total)


def move_store(
    store: OpenStore, place: Place | PostgresPlace, *, passphrase: Secret | None, progress: Progress | None = None
) -> MoveReport:
    """Copy an open store to a place where there is none.

    Raises `Conflict` when something is there, `Locked` when the source's keys can't be opened, `Denied` in read-only
    mode, `Unreachable` when what was read again differs from what was written: then there is no target.
    """
    from certtui.backend.local.tables import WrappingKeyTable

    store.require_writable()
    if place.exists():
        raise _taken(store, place)
    store.store_key()
    with store.readers.use() as connection:
        verified = verify_chain(connection)
    with store.writer.transaction() as session:
        source = session.connection()
        with _made(place) as target:
            keys, wrapping = _new_keys(store, source, place, passphrase)
            # First of all rows: the sealed keys refer to it.
            target.execute(_table(WrappingKeyTable).insert(), wrapping)
            counted = _Counted(progress, 2 * sum(_count(source, table) for table in _tables()))
            digests = {table.name: _copy(source, target, table, keys, counted) for table in _tables()}
            _finish(source, target, keys, wrapping)
            for table in _tables():
                _verify(target, table, digests[table.name], keys, counted)
            detail = {"from": store.place.url, "to": place.url, "store_uid": keys.new_uid, "was": keys.old_uid}
            head = _record(target, store, detail)
        append(session, _now(store), actor_json(store.actor), [Entry(events.STORE_MOVED, "store", detail=detail)])
    return MoveReport(
        place=place.url,
        tables=tuple((name, count) for name, (count, _) in digests.items()),
        sealed_keys=digests["sealed_key"][0],
        key_place=str(place.key_file) if wrapping["protection"] == KEY_FILE else "the passphrase",
        key_fingerprint=str(wrapping["fingerprint"]),
        audit_head=head,
        audit_problem=verified.problem,
    )


def _taken(store: OpenStore, place: Place | PostgresPlace) -> Conflict:
    """What to say of a target that holds a store: perhaps this very one, moved there before."""
    from certtui.backend.local.opening import reading_of
    from certtui.backend.local.readers import Readers

    said = f"There is a store at {place.url} already."
    readers = Readers(reading_of(place))
    try:
        with readers.use() as connection:
            moved = connection.execute(
                "SELECT detail FROM audit_event WHERE event = ? ORDER BY seq DESC LIMIT 1", (events.STORE_MOVED,)
            ).fetchone()
    finally:
        readers.close()
    source = store.wrapping_key()
    if moved and source and f'"was":"{source.store_uid}"' in moved[0]:
        return Conflict(f"This store was moved to {place.url} already.", "Use it there, with `--store`.")
    return Conflict(said, "Name a place where there is none.")


@contextmanager
def _made(place: Place | PostgresPlace) -> Iterator[Connection]:
    """A connection to empty tables at the place; they are there for others when the block ends well."""
    if place.engine == "postgresql":
        from certtui.backend.local.postgres.create import begun, make_tables, require_none
        from certtui.backend.local.postgres.search import drop_index

        with begun(place) as connection:
            require_none(connection, place)
            make_tables(connection)
            drop_index(connection)
            yield connection
        return
    from certtui.backend.local.create import empty_store, set_journal
    from certtui.backend.local.writer import writing_engine

    with translated():
        private_files.make_folder(place.file.parent)
        temporary = place.file.with_name(f".{place.file.name}.moving")
        # What a crash left.
        temporary.unlink(missing_ok=True)
        try:
            private_files.write_fresh(temporary, b"")
            empty_store(temporary)
            engine = writing_engine(temporary)
            try:
                with engine.begin() as connection:
                    yield connection
            finally:
                engine.dispose()
            set_journal(temporary, place.file.parent)
            private_files.sync_file(temporary)
            try:
                private_files.place_new(temporary, place.file)
            except FileExistsError:
                raise Conflict(f"Another process made a store at {place.file} meanwhile.", "Look at it.") from None
        finally:
            temporary.unlink(missing_ok=True)


def _new_keys(
    store: OpenStore, source: Connection, place: Place | PostgresPlace, passphrase: Secret | None
) -> tuple[_Keys, dict[str, Any]]:  # Any: column values
    from certtui.backend.local.create import wrapping_row

    old = wrapping_key_of(source.exec_driver_sql(CURRENT).one())
    uid = secrets.token_hex(16)
    if place.engine == "postgresql":
        place.store_uid = uid
    row = wrapping_row(uid, passphrase, place, _now(store))
    columns = ("id", "protection", "fingerprint", "salt", "memory_kib", "iterations", "lanes", "sealed")
    values = [row[name] for name in columns]
    new = Keyring(place, passphrase).open(wrapping_key_of([uid, *values]))
    return _Keys(old.store_uid, store.keyring.open(old), uid, new), dict(row)


def _tables() -> Sequence[Table]:
    """The tables to copy, each after those that it refers to."""
    from certtui.backend.local.all_tables import metadata

    return [table for table in metadata().sorted_tables if table.name not in _OWN]


def _count(connection: Connection, table: Table) -> int:
    from sqlalchemy import func, select

    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:  # Any: a row's values
    """All rows in the order of the primary key, in batches; the whole never stands in memory."""
    from sqlalchemy import select

    statement = select(table).order_by(*table.primary_key.columns)
    return connection.execute(statement, execution_options={"yield_per": _STEP}).partitions()


def _copy(source: Connection, target: Connection, table: Table, keys: _Keys, counted: _Counted) -> tuple[int, str]:
    """Copy a table; answers (rows, digest) of what was read."""
    names = [column.name for column in table.columns]
    write = _inserting(target, table.name, names)
    change = _changed(table, names, keys)
    digest, count = _Digest(table, names), 0
    for rows in _rows(source, table):
        digest.add(rows)
        write([change(tuple(row)) for row in rows])
        count += len(rows)
        counted.add(len(rows))
    return count, digest.hex()


def _inserting(target: Connection, table: str, names: list[str]) -> Callable[[list[Values]], object]:
    """What writes a batch of rows: COPY on PostgreSQL, which takes a third of the time."""
    columns = ", ".join(names)
    if target.dialect.name == "sqlite":
        insert = f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
        return lambda rows: target.exec_driver_sql(insert, rows)
    from certtui.backend.local.postgres.copying import copy_rows

    driver = target.connection.driver_connection
    return lambda rows: copy_rows(driver, f"COPY {table} ({columns}) FROM STDIN", rows)


def _changed(table: Table, names: list[str], keys: _Keys) -> Callable[[Values], Values]:
    """What becomes of a row on its way."""
    if table.name == "certificate":
        # Who renews whom is put in at the end: an entry may renew one that comes after it.
        lineage = names.index("renews_id")
        return lambda row: (*row[:lineage], None, *row[lineage + 1 :])
    if table.name in sealed_tables.NAMES:
        places = {name: names.index(name) for name in ("key_uid", "wrapped_data_key", "wrapping_key_id")}

        def rewrapped(row: Values) -> Values:
            values = list(row)
            values[places["wrapped_data_key"]] = keys.moved(row[places["key_uid"]], row[places["wrapped_data_key"]])
            values[places["wrapping_key_id"]] = keys.new.id
            return tuple(values)

        return rewrapped
    return lambda row: row


def _finish(
    source: Connection, target: Connection, keys: _Keys, wrapping: dict[str, Any]
) -> None:  # Any: column values
    """What is the target's own, what was left for the end, and SQLite's search index."""
    from certtui.backend.local.tables import AuditHeadTable, CertificateTable, StoreMetaTable

    certificate, meta, head = (_table(one) for one in (CertificateTable, StoreMetaTable, AuditHeadTable))
    lineage = [
        {"entry": row_id, "renewed": renews_id}
        for row_id, renews_id in source.execute(
            certificate.select().with_only_columns(certificate.c.id, certificate.c.renews_id)
            .where(certificate.c.renews_id.is_not(None))
        )
    ]  # fmt: skip
    if lineage:
        from sqlalchemy import bindparam

        statement = certificate.update().where(certificate.c.id == bindparam("entry"))
        target.execute(statement.values(renews_id=bindparam("renewed")), lineage)
    own = dict(source.execute(meta.select()).one()._mapping)
    own |= {"store_uid": keys.new_uid, "protection": wrapping["protection"], "wrapping_key_id": wrapping["id"]}
    target.execute(meta.insert(), own)
    target.execute(head.update().values(**source.execute(head.select()).one()._mapping))
    if target.dialect.name == "sqlite":
        target.exec_driver_sql(
            "INSERT INTO certificate_fts(rowid, search_text) SELECT id, search_text FROM certificate"
        )
        return
    from certtui.backend.local.postgres.search import make_index

    make_index(target)


def _table(model: Any) -> Table:  # Any: SQLModel adds `__table__` at run time
    table: Table = model.__table__
    return table


def _verify(target: Connection, table: Table, expected: tuple[int, str], keys: _Keys, counted: _Counted) -> None:
    """Read a table of the target again; every sealed key must open. Raises `Unreachable`."""
    names = [column.name for column in table.columns]
    digest, count = _Digest(table, names), 0
    for rows in _rows(target, table):
        digest.add(rows)
        count += len(rows)
        counted.add(len(rows))
        if table.name in sealed_tables.NAMES:
            for row in rows:
                sealed = sealing.SealedKey(row.key_uid, row.wrapped_data_key, row.payload)
                sealing.unseal(sealed, keys.new_uid, keys.new)
    if (count, digest.hex()) != expected:
        raise Unreachable(
            f"What the table {table.name} holds at the new place is not what was written: {count} rows for {expected[0]}.",
            "Nothing was moved. Check the disks of both sides.",
        )


class _Digest:
    """SHA-256 over every value of every row in order; of sealed keys without their wraps, which are new."""

    def __init__(self, table: Table, names: list[str]) -> None:
        left_out = ("wrapped_data_key", "wrapping_key_id") if table.name in sealed_tables.NAMES else ()
        self._kept = [position for position, name in enumerate(names) if name not in left_out]
        self._sum = hashlib.sha256()

    def add(self, rows: Sequence[Row[Any]]) -> None:  # Any: a row's values
        kept = self._kept
        # repr() of integers, texts, bytes and None is one spelling for one value.
        self._sum.update("\n".join(repr([row[position] for position in kept]) for row in rows).encode("utf-8") + b"\n")

    def hex(self) -> str:
        return self._sum.hexdigest()


def _record(target: Connection, store: OpenStore, detail: Mapping[str, object]) -> int:
    """The target's log goes on with the move itself; answers its head's number."""
    from sqlmodel import Session

    with Session(bind=target, join_transaction_mode="create_savepoint") as session, session.begin():
        return append(
            session, _now(store), actor_json(store.actor), [Entry(events.STORE_MOVED, "store", detail=detail)]
        )


def _now(store: OpenStore) -> int:
    from certtui.clock import epoch

    return epoch(store.clock.now())
