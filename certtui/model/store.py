"""The store as an object of care: where it is, whether it is whole, whether it is locked."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Facts for `store status`, doctor and the console's header. Sizes in bytes."""

    url: str
    exists: bool
    engine: str
    """`sqlite` or `postgresql`."""
    schema_revision: str
    journal_mode: str
    certificates: int
    sealed_keys: int
    size: int
    protection: str
    """`key-file` or `passphrase`."""
    key_file: str
    """Path of the key file, "" with a passphrase."""
    key_fingerprint: str
    """Short hex fingerprint of the store key, to tell keys apart; reveals nothing of it."""
    locked: bool
    created_at: datetime | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One finding of `store check`: `ok` or a problem, and what to do."""

    check: str
    ok: bool
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds and what it does not: the store key stays where it is."""

    path: str
    size: int
    sha256: str
    certificates: int
    key_fingerprint: str
    key_place: str


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore brought back; `unopened_keys` counts sealed keys that the present store key does not open."""

    path: str
    certificates: int
    sealed_keys: int
    unopened_keys: int
    warning: str


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What a move to another place copied; every table was read again there and found equal."""

    place: str
    tables: tuple[tuple[str, int], ...]
    """(table, rows)."""
    sealed_keys: int
    """Private keys, each opened with the new store key."""
    key_place: str
    key_fingerprint: str
    audit_head: int
    """The newest audit event at the new place: the move itself."""
    audit_problem: str
    """What was wrong with the audit chain before the move, "" when nothing was; it was copied as it is."""
