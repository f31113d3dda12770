"""The audit log: append-only, hash-chained, one sequence."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: locally the OS user, with `SUDO_USER` and the SSH client's address where there are any."""

    name: str
    kind: str = "user"
    sudo_user: str = ""
    ssh_client: str = ""
    via: str = "console"
    """`console`, `cli`, `api`, `worker`."""
    address: str = ""
    """Where a request came from over the network, "" for acts on this host."""
    request_id: str = ""
    """The request that an act came with, as in the server's log and answer; "" for none."""
    credential: str = ""
    """What they came in by: `token 3` or `mapping 2`; a name alone can be given to anybody. "" for acts on this host."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One record. `id` is the sequence number; `detail` is canonical JSON text (never a secret); hashes are lower-case hex."""

    id: int
    at: datetime
    event: str
    actor: str
    object_kind: str
    object_id: int | None
    object_name: str
    detail: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest record's number and hash, to keep elsewhere: a log cut later no longer contains it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditExport:
    """That records were written to a file: how many, in which form, and what filter took them ("" for all)."""

    count: int
    form: str
    filter: str = ""


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """`first_broken` is the first sequence number that does not fit, None when all do."""

    checked: int
    first_broken: int | None
    problem: str
    head: AuditHead
    expected: str = ""
    """What should stand there (a hash, a number), and what does; "" where nothing is broken."""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change, for screens that follow: the audit sequence number and what it touched."""

    seq: int
    event: str
    object_kind: str
    object_ids: tuple[int, ...]


def actor_in_words(actor: str) -> str:
    """Who acted, in a few words: the name, whom they were before sudo, where they came from. Takes an event's `actor`."""
    import json

    try:
        found = json.loads(actor)
    except ValueError:
        return actor
    if not isinstance(found, dict):
        return actor
    words = [str(found.get("name", ""))]
    if sudo := found.get("sudo_user"):
        words.append(f"(sudo by {sudo})")
    if client := found.get("ssh_client"):
        words.append(f"from {client}")
    return " ".join(words)
