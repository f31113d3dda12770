"""Due work: what the worker did, and when it is wanted next."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass, field


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What one round did, by kind of work: `orders`, `revocations`, `crls`, `folders`, `alerts`, `deliveries`."""

    done: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """What could not be done, one sentence each; it is tried again when it is due."""
    next_due: datetime | None = None
    """The earliest instant at which something is due; None for nothing known."""


@dataclass(frozen=True, slots=True)
class WorkStatus:
    """Whether somebody works: the newest round of any worker on this store, and what waits."""

    last_round: datetime | None
    last_worker: str
    due: int
    """Rows that are due now and not being worked on."""
    next_due: datetime | None
