"""*Does this belong together?*: key, certificate, CSR and chain files judged against each other."""

from __future__ import annotations

from certtui.record import dataclass


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


@dataclass(frozen=True, slots=True)
class MatchReport:
    """`matches` is the answer, `summary` one sentence of why."""

    matches: bool
    summary: str
    parts: tuple[MatchPart, ...]
