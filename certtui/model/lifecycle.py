"""The life of a certificate: what was done with it and when, who watches it. The facts behind the strip on its page."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

ISSUED, DEPLOYED, WATCHED, RENEWED, ENDED = STAGES = ("issued", "deployed", "watched", "renewed", "ended")
"""The stops of a life. `ended` is revoked or expired."""

MOST_DONE = 50


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One thing that was done, at which stop of its life."""

    at: datetime
    stage: str
    text: str
    """What, without who and when: `associated with lb-west`."""
    by: str = ""
    """Whose name stands for it; "" where that is not known."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What the page of a certificate tells of its life, beside the facts that it has anyway."""

    done: tuple[LifeEvent, ...]
    """At most MOST_DONE, newest first: from the facts of the entry and the audit log."""
    thresholds: tuple[int, ...]
    """Days before its end at which an alert is raised, falling; those of its group, else the store's."""
    used_since: datetime | None = None
    """Since when the first of those that use it now do: a resource, or a consumer of a container."""
    alert_id: int | None = None
    """The alert on its end that is not resolved, if there is one."""
    alerted_at: datetime | None = None
    renewed_at: datetime | None = None
    """When what renews it came here; None while nothing valid does."""
