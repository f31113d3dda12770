"""Short ways to make repositories in a backend under test, and to file certificates there."""

from __future__ import annotations

from typing import Any

from certtui.backend.base import Backend
from certtui.model.local_ca import Ca, CaSettings
from certtui.model.repository import FilingOutcome, Repository, RepositoryForm, RepositorySource
from tests.backend import issuing
from tests.backend.cas import intermediate, root


def repository(
    backend: Backend, name: str = "web", source: str = "uploaded", *, group: str = "", **more: Any
) -> Repository:
    """A repository. Any: what belongs to its source."""
    return backend.repositories.create(RepositoryForm(RepositorySource(source, **more), name, group))


def issuing_ca(backend: Backend, *, compliant: bool = False, authority: str = "internal") -> Ca:
    """An intermediate, and a profile that issues by it."""
    ca = intermediate(backend, root(backend), settings=CaSettings(compliant=compliant))
    issuing.local_authority(backend, authority, ca=ca.row.name)
    return ca


def versions(backend: Backend, *ids: int) -> list[tuple[int, int]]:
    """(id, version) pairs as they are now."""
    return [(each, backend.certificates.get(each).version) for each in ids]


def file(backend: Backend, where: Repository, *ids: int, **more: Any) -> FilingOutcome:
    """File entries as they are now. Any: a reason."""
    return backend.repositories.add_certificates(where.id, versions(backend, *ids), **more)


def filed(backend: Backend, certificate_id: int) -> str:
    """The name of the repository that an entry is filed in."""
    return backend.certificates.get(certificate_id).row.repository
