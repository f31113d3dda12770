"""A CA profile under the write lock: found, as the person saw it, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change
from certtui.errors import Conflict, NotFound
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import AuthorityTable


def profile(change: Change, authority_id: int) -> AuthorityTable:
    """The row of a profile. Raises `NotFound`."""
    from certtui.backend.local.tables_issuing import AuthorityTable

    row = change.session.get(AuthorityTable, authority_id)
    if row is None:
        raise gone(authority_id)
    return row


def profile_as_seen(change: Change, authority_id: int, version: int) -> AuthorityTable:
    """The row of a profile that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = profile(change, authority_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def profile_named(change: Change, name: str) -> AuthorityTable | None:
    """The profile of this name, None if there is none."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import AuthorityTable

    return change.session.exec(select(AuthorityTable).where(AuthorityTable.name_key == fold(name))).first()


def gone(authority_id: int) -> NotFound:
    """For a profile that is not there."""
    return NotFound(f"There is no authority {authority_id} here (any more).", "See the list of authorities.")
