"""The audit log: `backend.base.Audit` on the local store, and the proof that its chain holds."""

from __future__ import annotations

import sqlite3

from certtui.backend.local.audit_chain import link_hash
from certtui.backend.local.open_store import OpenStore
from certtui.clock import from_epoch
from certtui.errors import NotFound
from certtui.model.audit import AuditEvent, AuditHead, AuditVerification
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.readers import Readers
    from certtui.model.audit import AuditExport
    from certtui.model.progress import Progress
    from certtui.model.query import Query

_STEP = 2_000


class LocalAudit:
    """The audit log of a local store."""

    def __init__(self, store: OpenStore, *, whole: Readers | None = None) -> None:
        """`whole` reads all of the chain, for `verify`, where the store's own readers are limited to a part of it."""
        self._store = store
        self._whole = whole or store.readers

    def search(self, query: Query) -> Listing[AuditEvent]:
        from certtui.backend.local.read.audit import open_audit

        return open_audit(self._store.readers, self._store.clock, query)

    def get(self, seq: int) -> AuditEvent:
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash "
                "FROM audit_event WHERE seq = ?",
                (seq,),
            ).fetchone()
        if row is None:
            raise NotFound(f"There is no audit event {seq}.", "See the list.")
        return AuditEvent(row[0], from_epoch(row[1]), *row[2:])

    def head(self) -> AuditHead:
        with self._store.readers.use() as connection:
            return head_of(connection)

    def record_export(self, export: AuditExport) -> None:
        from certtui.backend.local.views import record_audit_export

        record_audit_export(self._store, export)

    def verify(self, progress: Progress | None = None) -> AuditVerification:
        with self._whole.use() as connection:
            return verify_chain(connection, progress)


def head_of(connection: sqlite3.Connection) -> AuditHead:
    """The newest record's number and hash, as the head row has it."""
    row = connection.execute("SELECT seq, hash FROM audit_head").fetchone()
    return AuditHead(*row) if row else AuditHead(0, "")


def verify_chain(connection: sqlite3.Connection, progress: Progress | None = None) -> AuditVerification:
    """Walk the whole chain in one snapshot: every hash, no gap, and the head at its end. Names the first record that is wrong.

    A tail that was cut together with the head row looks whole from inside: that is what a head kept elsewhere is for.
    """
    connection.execute("BEGIN")
    try:
        head = head_of(connection)
        expected, previous = 1, ""
        while True:
            rows = connection.execute(
                "SELECT seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash "
                "FROM audit_event WHERE seq >= ? ORDER BY seq LIMIT ?",
                (expected, _STEP),
            ).fetchall()
            for row in rows:
                problem = _problem(row, expected, previous)
                if problem is not None:
                    return AuditVerification(
                        expected - 1, expected, problem.text, head, problem.expected, problem.found
                    )
                expected, previous = expected + 1, row[9]
            if progress is not None:
                progress(expected - 1, head.seq)
            if len(rows) < _STEP:
                break
        last = expected - 1
        if last < head.seq:
            return AuditVerification(
                last,
                expected,
                f"The log ends at {last}, but its head says {head.seq}: its tail was cut.",
                head,
                str(head.seq),
                str(last),
            )
        if last > head.seq or previous != head.hash:
            return AuditVerification(
                last,
                max(1, head.seq),
                "The head does not fit the last event: it was changed.",
                head,
                f"{last} {previous}",
                f"{head.seq} {head.hash}",
            )
        return AuditVerification(last, None, "", head)
    finally:
        connection.execute("ROLLBACK")


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong with one record: a sentence, what should stand there, and what does."""

    text: str
    expected: str
    found: str


def _problem(row: tuple[object, ...], expected: int, previous: str) -> _Problem | None:
    """What is wrong with one record, None if nothing is."""
    seq, at, event, actor, kind, object_id, name, detail, prev_hash, hashed = row
    if seq != expected:
        return _Problem(f"Event {expected} is missing: it was deleted.", str(expected), str(seq))
    if prev_hash != previous:
        text = f"Event {expected} does not follow the one before it: one of the two was changed."
        return _Problem(text, previous, str(prev_hash))
    try:
        right = link_hash(
            str(prev_hash),
            int(str(seq)),
            int(str(at)),
            str(event),
            str(actor),
            str(kind),
            None if object_id is None else int(str(object_id)),
            str(name),
            str(detail),
        )
    except ValueError:
        right = ""
    if hashed == right:
        return None
    return _Problem(f"Event {expected} was changed after it was written.", right, str(hashed))
