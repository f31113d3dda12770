"""A store that is open: what every noun of the local backend stands on."""

from __future__ import annotations

from contextlib import contextmanager

from certtui.backend.local.keyring import CURRENT, Keyring, WrappingKey, wrapping_key_of
from certtui.clock import epoch
from certtui.errors import Denied, Locked, NotFound, PolicyRefused
from certtui.model.status import ExpiringRule
from certtui.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlmodel import Session, SQLModel

    from certtui.backend.local.audit_chain import Entry
    from certtui.backend.local.place import Place
    from certtui.backend.local.postgres.place import PostgresPlace
    from certtui.backend.local.readers import Readers
    from certtui.backend.local.sealing import StoreKey
    from certtui.backend.local.writer import Writer
    from certtui.clock import Clock
    from certtui.model.access import Access
    from certtui.model.audit import Actor
    from certtui.model.once import Once
    from certtui.model.policy import Policy


@dataclass(slots=True)
class Change:
    """A change under way: its session, its instant, and the audit records that go with it."""

    session: Session
    now: int
    """Epoch seconds."""
    actor: str = ""
    """Who makes it, by name."""
    entries: list[Entry] = field(default_factory=list)
    access: Access | None = None
    """Of whoever makes it, where it is limited: entries outside its scope are not found."""
    rights: Access | None = None
    """Of whoever makes it, None for the owner: for acts that ask for more than their noun does."""
    policies: tuple[Policy, ...] | None = None
    """Those in force, once the gate has read them for this change."""

    @property
    def limited(self) -> bool:
        """Whether anything may lie outside for whoever makes it: by scope, or by access lists, which hide nothing from admins."""
        if self.access is not None or self.rights is None:
            return self.access is not None
        from certtui.model.access import Role

        return self.rights.role < Role.ADMIN

    def record(
        self,
        event: str,
        kind: str = "",
        object_id: int | None = None,
        name: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Put an event on record, together with the change or not at all."""
        from certtui.backend.local.audit_chain import Entry

        self.entries.append(Entry(event, kind, object_id, name, detail or {}))

    def insert_many(self, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows that all have the same columns by the driver's `executemany`: a sixth of what the ORM costs a row."""
        from operator import itemgetter

        if not rows:
            return
        columns = tuple(rows[0])
        values = itemgetter(*columns)
        self.session.flush()
        connection = self.session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            [values(row) for row in rows],
        )

    def index_texts(self, first: int, last: int) -> None:
        """Put new entries (a range of ids) into SQLite's search index; PostgreSQL's is an index like any other."""
        from sqlalchemy import text

        if self.session.connection().dialect.name == "sqlite":
            self.session.execute(
                text(
                    "INSERT INTO certificate_fts(rowid, search_text) "
                    "SELECT id, search_text FROM certificate WHERE id BETWEEN :first AND :last"
                ),
                {"first": first, "last": last},
            )

    def wrapping_key(self) -> WrappingKey:
        """The wrapping key in force, under the write lock: what is sealed now must be sealed under it."""
        from sqlalchemy import text

        return wrapping_key_of(self.session.execute(text(CURRENT)).one())

    def expiring_rule(self) -> ExpiringRule:
        """The store's numbers for `expiring`."""
        from sqlmodel import select

        from certtui.backend.local.tables import StoreMetaTable

        meta = self.session.exec(select(StoreMetaTable)).one()
        return ExpiringRule(meta.expiring_days, meta.short_lifetime_days)

    def new_ids(self, table: str, count: int) -> range:
        """Ids never used before in this store, under the write lock."""
        from certtui.backend.local.tables import CounterTable

        counter = self.session.get(CounterTable, table, with_for_update=True)
        if counter is None:
            counter = CounterTable(name=table, value=0)
        first = counter.value + 1
        counter.value += count
        self.session.add(counter)
        self.session.flush()
        return range(first, first + count)


@dataclass(frozen=True, slots=True)
class OpenStore:
    """Where the store is, who works on it, and the ways to read and change it."""

    place: Place | PostgresPlace
    actor: Actor
    clock: Clock
    readers: Readers
    writer: Writer
    keyring: Keyring
    exists: bool
    read_only: bool
    access: Access | None = None
    """Of whoever came in over a server and sees a part only; None where nothing is outside."""
    rights: Access | None = None
    """Of whoever came in over a server, seeing a part or all; None for the owner, who may do everything."""
    once: Once | None = None
    """The idempotency key of the request that is served; its first change takes it."""

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """One transaction with its audit records. Raises `NotFound` without a store, `Denied` in read-only mode.

        What a policy refuses is undone like everything that raises, but that it was refused goes on record.
        """
        try:
            with self._changing() as change:
                yield change
        except PolicyRefused as refused:
            from certtui.backend.local.gate import record_refusal

            record_refusal(self, refused)
            raise

    @contextmanager
    def _changing(self) -> Iterator[Change]:
        self.require_writable()
        with self.writer.transaction() as session:
            change = self._change(session)
            once = self.once if self.once is not None and not self.once.taken else None
            if once is not None:
                from certtui.backend.local.once import take

                take(change, once)
            yield change
            session.flush()
            if once is not None:
                from certtui.backend.local.once import give_back, note_objects

                # What records nothing only looked: the change itself is still to come.
                (note_objects if change.entries else give_back)(change, once)
            self._append(change)
        if once is not None:
            once.taken = bool(change.entries)

    def _change(self, session: Session) -> Change:
        now = epoch(self.clock.now())
        return Change(session, now, actor=self.actor.name, access=self.access, rights=self.rights)

    def require_writable(self) -> None:
        """Raises `NotFound` without a store, `Denied` in read-only mode."""
        if not self.exists:
            raise NotFound(
                f"There is no store at {self.place.url} yet.",
                "`certtui store init` makes one, as does the first import.",
            )
        if self.read_only:
            raise Denied("The store was opened read-only.", "Open it without --read-only to change something.")

    def recording_reads(self) -> bool:
        """Whether views and exports can be recorded: also in read-only mode, unless the store's file can't be written."""
        import os

        if not self.exists:
            return False
        if self.place.engine == "postgresql":
            from certtui.backend.local.postgres.opening import may_write

            with self.readers.use() as connection:
                return may_write(connection)
        return os.access(self.place.file, os.W_OK) and os.access(self.place.file.parent, os.W_OK)

    @contextmanager
    def recording(self) -> Iterator[Change]:
        """Like `changing`, for records of what was read: `--read-only` does not stop them."""
        with self.writer.transaction() as session:
            change = self._change(session)
            yield change
            self._append(change)

    def _append(self, change: Change) -> None:
        if change.entries:
            from certtui.backend.local.audit_chain import actor_json, append

            append(change.session, change.now, actor_json(self.actor), change.entries)

    def wrapping_key(self) -> WrappingKey | None:
        """The wrapping key in force, as committed last."""
        with self.readers.use() as connection:
            row = connection.execute(CURRENT).fetchone()
        return wrapping_key_of(row) if row else None

    def store_key(self) -> tuple[str, StoreKey]:
        """(store uid, store key), for opening a key. Raises `Locked`."""
        wrapping = self.wrapping_key()
        if wrapping is None:
            raise Locked(f"There is no store at {self.place.url} yet.", "`certtui store init` makes one.")
        return wrapping.store_uid, self.keyring.open(wrapping)

    def close(self) -> None:
        """Close; reads that run are broken off, a change that runs is waited for. Idempotent."""
        self.readers.close()
        self.writer.close()
        self.keyring.lock()
