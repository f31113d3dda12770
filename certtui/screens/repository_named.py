"""A repository that is typed in a form by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.repository_states import RepositoryEvent, why_not

if TYPE_CHECKING:
    from certtui.backend.base import Backend


def look_up(backend: Backend, name: str) -> tuple[int | None, str]:
    """Its id, with a few words about it; else None, with what is wrong."""
    try:
        found = backend.repositories.get(backend.repositories.resolve(name))
    except CerttuiError as error:
        return None, str(error)
    row = found.row
    if row.data_source is None:
        return None, why_not(RepositoryEvent.FILE, row.state)
    return row.id, f"{row.data_source.label}. What it does not take is not added."
