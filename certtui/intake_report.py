"""What a bulk import tells: what became of every file, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """One certificate that is in the inventory now, with the file it came from."""

    id: int
    name: str
    path: str
    fingerprint_sha256: str
    key_attached: bool
    missing_issuer: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or a part of one, that did not go in; `needs_password` when another password might help."""

    path: str
    reason: str
    needs_password: bool = False
    needs_reason: bool = False
    """A soft policy asks for a word."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that a person should read: why it was skipped, what was odd in it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What became of everything: added, there already, rejected, skipped; `cancelled` when it was broken off."""

    imported: tuple[Taken, ...]
    existing: tuple[Taken, ...]
    rejected: tuple[Rejected, ...]
    skipped: tuple[Note, ...]
    notes: tuple[Note, ...]
    cancelled: bool


@dataclass(frozen=True, slots=True)
class IntakeProgress:
    """How far it is. Bytes are those of files read, out of all that were found."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    imported: int
    existing: int
    rejected: int
    path: str
    """The file that was dealt with last, raw; "" at the end."""
