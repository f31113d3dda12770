"""The path from a certificate to a root, and where it breaks."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One certificate (or one hole) of a path, root first. `found_in` is `chain`, `inventory`, `system` or `missing`."""

    subject: str
    name: str
    fingerprint_sha256: str
    not_after: datetime | None
    found_in: str
    certificate_id: int | None
    note: str
    """What a person should know of it: "in this system's trust store", "key here, matches", "" …"""
    problem: str
    """Why the path breaks here ("expired 2026-01-02", "signature does not verify", "not in the chain, …"), else ""."""


@dataclass(frozen=True, slots=True)
class ChainPath:
    """One path, root first, leaf last."""

    links: tuple[ChainLink, ...]
    trusted: bool
    problem: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """All paths, best first; `trust_store` names the roots they were judged against (path and number of roots)."""

    paths: tuple[ChainPath, ...]
    trust_store: str
    summary: str
    """One sentence: "Complete, trusted by …", "Incomplete: the intermediate … is missing." """
