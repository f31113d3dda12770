"""Changes under an idempotency key: the key is taken in the same transaction as the change, its answer kept beside it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch
from certtui.errors import Conflict
from certtui.model.once import Kept, Once

if TYPE_CHECKING:
    from certtui.backend.local.audit_chain import Entry


def take(change: Change, once: Once) -> None:
    """Take the key, under the write lock. Raises `Conflict` when a change under it was committed before."""
    from sqlalchemy import text

    taken = change.session.execute(
        text(
            "INSERT INTO once (owner, request_key, created_at, digest) VALUES (:owner, :key, :now, :digest) "
            "ON CONFLICT (owner, request_key) DO NOTHING RETURNING created_at"
        ),
        {"owner": once.owner, "key": once.key, "now": change.now, "digest": once.digest},
    )
    if taken.first() is None:
        raise Conflict("This was done already, by a request with the same Idempotency-Key.", "See what is there.")


def note_objects(change: Change, once: Once) -> None:
    """What the change made or touched, for an answer that has to be given again."""
    from sqlalchemy import text

    objects = [[entry.object_kind, each] for entry in change.entries for each in _ids(entry)]
    change.session.execute(
        text("UPDATE once SET object_ids = :ids WHERE owner = :owner AND request_key = :key"),
        {"ids": json.dumps(objects), "owner": once.owner, "key": once.key},
    )


def give_back(change: Change, once: Once) -> None:
    """Let a later transaction of the act take the key."""
    from sqlalchemy import text

    change.session.execute(
        text("DELETE FROM once WHERE owner = :owner AND request_key = :key"),
        {"owner": once.owner, "key": once.key},
    )


def _ids(entry: Entry) -> list[int]:
    if entry.object_id is not None:
        return [entry.object_id]
    listed = entry.detail.get("ids")
    return [int(each) for each in listed] if isinstance(listed, list) else []


class LocalAnswers:
    """What was answered under idempotency keys, in the store itself: every server on it knows."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def find(self, owner: str, key: str) -> Kept | None:
        """What was done under a key; None when nothing was."""
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT digest, object_ids, etag, body FROM once WHERE owner = ? AND request_key = ?",
                (owner, key),
            ).fetchone()
        if row is None:
            return None
        digest, ids, etag, body = row
        objects = tuple((str(kind), int(each)) for kind, each in json.loads(ids or "[]"))
        return Kept(digest, objects, etag, None if body is None else bytes(body))

    def keep(self, owner: str, key: str, etag: str, body: bytes | None) -> None:
        """Write the answer down; None where it must not be."""
        from sqlalchemy import text

        with self._store.writer.transaction() as session:
            session.execute(
                text("UPDATE once SET etag = :etag, body = :body WHERE owner = :owner AND request_key = :key"),
                {"etag": etag, "body": body, "owner": owner, "key": key},
            )

    def release(self, owner: str, key: str) -> None:
        """Free the key of an act that was refused after a part of it was done: asking again says how things stand."""
        from sqlalchemy import text

        with self._store.writer.transaction() as session:
            session.execute(
                text("DELETE FROM once WHERE owner = :owner AND request_key = :key AND body IS NULL"),
                {"owner": owner, "key": key},
            )

    def forget(self, before: datetime) -> None:
        """Drop what is older."""
        from sqlalchemy import text

        if not self._store.exists or self._store.read_only:
            return
        with self._store.writer.transaction() as session:
            session.execute(text("DELETE FROM once WHERE created_at < :before"), {"before": epoch(before)})
