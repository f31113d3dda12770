"""The hash chain of the audit log: what is hashed, and how records are appended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.model.audit import Actor
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to record; `detail` is JSON-able and never holds a secret."""

    event: str
    object_kind: str = ""
    object_id: int | None = None
    object_name: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


def canonical(value: object) -> str:
    """JSON in exactly one spelling: sorted keys, no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def actor_json(actor: Actor) -> str:
    """Who acted, as it is recorded; parts that are empty are left out."""
    parts = {
        "name": actor.name,
        "kind": actor.kind,
        "sudo_user": actor.sudo_user,
        "ssh_client": actor.ssh_client,
        "via": actor.via,
        "address": actor.address,
        "request_id": actor.request_id,
        "credential": actor.credential,
    }
    return canonical({key: value for key, value in parts.items() if value})


def link_hash(
    prev_hash: str,
    seq: int,
    at: int,
    event: str,
    actor: str,
    object_kind: str,
    object_id: int | None,
    object_name: str,
    detail: str,
) -> str:
    """SHA-256 over every field of a record and the hash before it, as lower-case hex."""
    record = canonical([prev_hash, seq, at, event, actor, object_kind, object_id, object_name, detail])
    return hashlib.sha256(record.encode("ascii")).hexdigest()


def append(session: Session, at: int, actor: str, entries: list[Entry]) -> int:
    """Append records and move the head, as the last thing a transaction does. Returns the head's sequence number."""
    from sqlmodel import select

    from certtui.backend.local.tables import AuditEventTable, AuditHeadTable

    # The row lock makes writers on PostgreSQL queue here, in commit order; SQLite has the whole file locked already.
    head = session.exec(select(AuditHeadTable).with_for_update()).one()
    for entry in entries:
        detail = canonical(dict(entry.detail))
        seq = head.seq + 1
        fields = (seq, at, entry.event, actor, entry.object_kind, entry.object_id, entry.object_name, detail)
        link = link_hash(head.hash, *fields)
        session.add(
            AuditEventTable(
                seq=seq,
                at=at,
                event=entry.event,
                actor=actor,
                object_kind=entry.object_kind,
                object_id=entry.object_id,
                object_name=entry.object_name,
                detail=detail,
                prev_hash=head.hash,
                hash=link,
            )
        )
        head.seq, head.hash = seq, link
    session.add(head)
    session.flush()
    return head.seq
