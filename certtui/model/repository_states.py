"""Where a repository can go from where it stands: one table, asked by every act and by nothing else."""

from __future__ import annotations

from enum import Enum

from certtui.errors import Conflict
from certtui.model.repository import RepositoryState

_ENABLED, _RESET = RepositoryState.ENABLED, RepositoryState.RESET


class RepositoryEvent(str, Enum):
    """What can happen to a repository."""

    FILE = "file"
    """Certificates are filed there, or taken out."""
    RENAME = "rename"
    RESET = "reset"
    """All that is filed there leaves; its CA and its policies are free."""
    ENABLE = "enable"
    """A data source is chosen anew."""
    DELETE = "delete"

    def __str__(self) -> str:
        return self.value


NEXT: dict[tuple[RepositoryState, RepositoryEvent], RepositoryState | None] = {
    (_ENABLED, RepositoryEvent.FILE): _ENABLED,
    (_ENABLED, RepositoryEvent.RENAME): _ENABLED,
    (_ENABLED, RepositoryEvent.RESET): _RESET,
    (_RESET, RepositoryEvent.RENAME): _RESET,
    (_RESET, RepositoryEvent.ENABLE): _ENABLED,
    (_RESET, RepositoryEvent.DELETE): None,
}
"""Where an event leads; None where nothing is left. What is not here is impossible."""

_WHY_NOT = {
    (_ENABLED, RepositoryEvent.ENABLE): ("is enabled already", "Reset it to choose another data source."),
    (_ENABLED, RepositoryEvent.DELETE): ("is enabled", "Reset it first: only then it can be deleted."),
    (_RESET, RepositoryEvent.FILE): ("was reset", "Enable it first: a data source says what may be filed there."),
    (_RESET, RepositoryEvent.RESET): ("was reset already", "Enable it, or delete it."),
}


def why_not(event: RepositoryEvent, state: RepositoryState) -> str:
    """Why the event can't happen to a repository that stands there, one sentence; "" when it can."""
    if (state, event) in NEXT:
        return ""
    stands, what_to_do = _WHY_NOT[state, event]
    return f"It {stands}. {what_to_do}"


def moved(event: RepositoryEvent, state: RepositoryState, name: str) -> RepositoryState | None:
    """Where the event leads, None where nothing is left. Raises `Conflict` naming the repository where it is impossible."""
    if (state, event) not in NEXT:
        stands, what_to_do = _WHY_NOT[state, event]
        raise Conflict(f"The repository {name} {stands}.", what_to_do)
    return NEXT[state, event]
