"""*Does this belong together?*: key, certificate, CSR and chain files judged against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from certtui.model.status import days_ago, days_remaining
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A key or certificate that is stored, as it is compared: by the hash of its public key, what is sealed is not opened."""

    path: str
    """How it was named, for instance `cert:api`."""
    kind: str
    """key, public key or certificate."""
    label: str
    spki_sha256: str
    key_algorithm: str = ""
    not_after: datetime | None = None
    unseen: str = ""
    """Why its key can't be told, one sentence; "" where it can."""


@dataclass(frozen=True, slots=True)
class MatchPart:
    """One thing found in one file: `kind` is certificate, key, csr or chain; `identity` is the spki_sha256."""

    path: str
    kind: str
    label: str
    identity: str
    ok: bool
    problem: str
    """Which part of which is wrong, one sentence; "" when it fits."""
    not_before: datetime | None = None
    not_after: datetime | None = None
    """Of certificates, and of stored secrets that expire."""


@dataclass(frozen=True, slots=True)
class MatchReport:
    """`matches` is the answer, `summary` one sentence of why."""

    matches: bool
    summary: str
    parts: tuple[MatchPart, ...]
    unfit: tuple[str, ...] = ()
    """What stands against using it all the same: expired, not valid yet, revoked; a sentence each."""

    @property
    def good(self) -> bool:
        """It belongs together, and nothing stands against using it."""
        return self.matches and not self.unfit


def with_validity(
    report: MatchReport, now: datetime, *, more: Sequence[str] = (), judged: Sequence[str] = ()
) -> MatchReport:
    """The report with what is out of its time; `more` is known besides, and parts of the paths in `judged` were looked at."""
    said = [_out_of_time(part, now) for part in report.parts if part.path not in judged]
    return replace(report, unfit=tuple(dict.fromkeys((*more, *filter(None, said)))))


def _out_of_time(part: MatchPart, now: datetime) -> str:
    what = f"The {part.kind} {part.label} in {part.path}"
    if part.not_after is not None and part.not_after < now:
        return f"{what} expired {days_ago(days_remaining(part.not_after, now))}."
    if part.not_before is not None and part.not_before > now:
        return f"{what} is not valid before {part.not_before:%Y-%m-%d %H:%M} UTC."
    return ""
