"""A repository under the write lock: found, as the person saw it, and theirs to work with or to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change
from certtui.backend.local.read.repositories import gone
from certtui.errors import Conflict, Denied
from certtui.model.repository import RepositoryState
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_filing import RepositoryTable
    from certtui.model.access import Access
    from certtui.model.repository_states import RepositoryEvent

_ENDLESS = 1 << 63


def repository_inside(change: Change, row: RepositoryTable) -> bool:
    """Whether the repository is there for whoever makes the change: in their scope, and hidden by no access list."""
    access = change.access
    if access is not None and access.groups is not None and row.business_group not in ("", *access.groups):
        return False
    if not change.limited:
        return True
    from certtui.backend.local.acl import hides
    from certtui.backend.local.acl_sql import REPOSITORY

    return not hides(change, REPOSITORY, row.id)


def repository(change: Change, repository_id: int) -> RepositoryTable:
    """The row of a repository. Raises `NotFound`, also for one that is not to be seen."""
    from certtui.backend.local.tables_filing import RepositoryTable

    row = change.session.get(RepositoryTable, repository_id) if 0 < repository_id < _ENDLESS else None
    if row is None or not repository_inside(change, row):
        raise gone(repository_id)
    return row


def repository_as_seen(change: Change, repository_id: int, version: int) -> RepositoryTable:
    """The row of a repository that nobody changed since, to be changed. Raises `NotFound`, `Conflict`, `Denied`."""
    row = repository(change, repository_id)
    require_own(change.access, row.business_group)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def require_own(access: Access | None, group: str) -> None:
    """Raises `Denied` where the repositories of a group are not this person's to make and change."""
    if access is None or (group and (access.groups is None or group in access.groups)):
        return
    if not group:
        raise Denied(
            "A repository without a business group is shared by all, and you see a part of the store.",
            "Ask an admin who sees all of it.",
        )
    raise Denied(f"{group} is no business group of yours.", f"Yours: {', '.join(access.groups or ())}.")


def step(row: RepositoryTable, event: RepositoryEvent) -> RepositoryState | None:
    """Where the event leads. Raises `Conflict` where it is impossible."""
    from certtui.model.repository_states import moved

    return moved(event, RepositoryState(row.state), row.name)


def touch(change: Change, row: RepositoryTable) -> None:
    """Count a change of the row."""
    row.version += 1
    row.updated_at = change.now
    change.session.add(row)


def require_free(change: Change, name: str, group: str, but: int | None) -> None:
    """Raises `Conflict` when a repository of the group has this name."""
    taken = named(change, name, group)
    if taken is not None and taken.id != but:
        raise Conflict(f"There is a repository called {taken.name} already.", "Choose another name.")


def named(change: Change, name: str, group: str) -> RepositoryTable | None:
    """The repository of a group that has this name, whatever its case."""
    from sqlmodel import select

    from certtui.backend.local.tables_filing import RepositoryTable

    return change.session.exec(
        select(RepositoryTable)
        .where(RepositoryTable.business_group == group)
        .where(RepositoryTable.name_key == fold(name))
    ).first()


def bound_to(change: Change, ca_id: int) -> RepositoryTable | None:
    """The repository that a CA is bound to, whoever asks."""
    from sqlmodel import select

    from certtui.backend.local.tables_filing import RepositoryTable

    return change.session.exec(select(RepositoryTable).where(RepositoryTable.ca_id == ca_id)).first()


def as_seen_by(change: Change, row: RepositoryTable) -> str:
    """How a sentence may call a repository: by its name for those to whom it is there."""
    return f"the repository {row.name}" if repository_inside(change, row) else "a repository that is not yours"
