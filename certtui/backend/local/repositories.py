"""Repositories: `backend.base_filing.Repositories` on the local store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.labels import MAX_GROUP, one_line
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Invalid
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.model.access import Access
    from certtui.model.cms import CmsVerification, Decrypted, EncryptOptions, SignOptions
    from certtui.model.query import Query
    from certtui.model.repository import (
        FilingOutcome,
        Repository,
        RepositoryForm,
        RepositoryRow,
        RepositorySource,
        ResetPlan,
    )

_MAX_NAME = 128


class LocalRepositories:
    """Places that group certificates by data source."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[RepositoryRow]:
        from certtui.backend.local.read.repositories import open_repositories

        return open_repositories(self._store.readers, self._store.clock, query)

    def get(self, repository_id: int) -> Repository:
        from certtui.backend.local.read.repositories import repository_page

        return repository_page(self._store.readers, self._store.clock, repository_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_repository

        return resolve_repository(self._store.readers, reference)

    def create(self, form: RepositoryForm) -> Repository:
        from certtui.backend.local.repositories_rows import require_free, require_own
        from certtui.backend.local.repositories_source import checked_source, choose
        from certtui.backend.local.tables_filing import RepositoryTable

        name = one_line(form.name, "name", _MAX_NAME)
        group = _group(self._store.access, one_line(form.business_group, "business_group", MAX_GROUP))
        chosen = checked_source(form.source)
        require_own(self._store.access, group)
        with self._store.changing() as change:
            (row_id,) = change.new_ids("repository", 1)
            name = name or _made_up(change, group, row_id)
            require_free(change, name, group, None)
            row = RepositoryTable(
                id=row_id,
                created_at=change.now,
                updated_at=change.now,
                name=name,
                name_key=fold(name),
                business_group=group,
                state="enabled",
                created_by=change.actor,
            )
            told = choose(change, row, chosen)
            change.record(events.REPOSITORY_CREATED, "repository", row_id, name, {"business_group": group, **told})
        return self.get(row_id)

    def rename(self, repository_id: int, version: int, name: str) -> Repository:
        from certtui.backend.local.repositories_rows import repository_as_seen, require_free, step, touch
        from certtui.model.repository_states import RepositoryEvent

        name = one_line(name, "name", _MAX_NAME)
        if not name:
            raise Invalid("A repository needs a name.", "Give it one.", field="name")
        with self._store.changing() as change:
            row = repository_as_seen(change, repository_id, version)
            step(row, RepositoryEvent.RENAME)
            require_free(change, name, row.business_group, row.id)
            if name != row.name:
                detail = {"changed": {"name": [row.name, name]}}
                row.name, row.name_key = name, fold(name)
                touch(change, row)
                change.record(events.REPOSITORY_RENAMED, "repository", row.id, name, detail)
        return self.get(repository_id)

    def plan_reset(self, repository_id: int) -> ResetPlan:
        from certtui.backend.local.repositories_reset import plan_reset

        return plan_reset(self._store, repository_id)

    def reset(self, repository_id: int, version: int, *, leaving: int) -> Repository:
        from certtui.backend.local.repositories_reset import reset

        reset(self._store, repository_id, version, leaving)
        return self.get(repository_id)

    def enable(self, repository_id: int, version: int, source: RepositorySource) -> Repository:
        from certtui.backend.local.repositories_rows import repository_as_seen, step, touch
        from certtui.backend.local.repositories_source import checked_source, choose
        from certtui.model.repository_states import RepositoryEvent

        chosen = checked_source(source)
        with self._store.changing() as change:
            row = repository_as_seen(change, repository_id, version)
            step(row, RepositoryEvent.ENABLE)
            row.state = "enabled"
            told = choose(change, row, chosen)
            touch(change, row)
            change.record(events.REPOSITORY_ENABLED, "repository", row.id, row.name, told)
        return self.get(repository_id)

    def delete(self, repository_id: int, version: int) -> None:
        from certtui.backend.local.repositories_rows import repository_as_seen, step
        from certtui.model.repository_states import RepositoryEvent

        with self._store.changing() as change:
            row = repository_as_seen(change, repository_id, version)
            step(row, RepositoryEvent.DELETE)
            detail = {"business_group": row.business_group}
            change.session.delete(row)
            change.record(events.REPOSITORY_DELETED, "repository", row.id, row.name, detail)

    def add_certificates(
        self, repository_id: int, versions: Sequence[tuple[int, int]], *, reason: str = ""
    ) -> FilingOutcome:
        from certtui.backend.local.repositories_filing import add_certificates

        return add_certificates(self._store, repository_id, versions, reason)

    def remove_certificates(self, repository_id: int, versions: Sequence[tuple[int, int]]) -> FilingOutcome:
        from certtui.backend.local.repositories_filing import remove_certificates

        return remove_certificates(self._store, repository_id, versions)

    def sign(self, repository_id: int, certificate_id: int, content: bytes, options: SignOptions) -> bytes:
        from certtui.backend.local.repositories_cms import sign

        return sign(self._store, repository_id, certificate_id, content, options)

    def verify(self, repository_id: int, message: bytes, content: bytes | None = None) -> CmsVerification:
        from certtui.backend.local.repositories_verify import verify

        return verify(self._store, repository_id, message, content)

    def encrypt(
        self, repository_id: int, certificate_ids: Sequence[int], content: bytes, options: EncryptOptions
    ) -> bytes:
        from certtui.backend.local.repositories_cms import encrypt

        return encrypt(self._store, repository_id, certificate_ids, content, options)

    def decrypt(self, repository_id: int, certificate_id: int | None, message: bytes) -> Decrypted:
        from certtui.backend.local.repositories_cms import decrypt

        return decrypt(self._store, repository_id, certificate_id, message)


def _group(access: Access | None, group: str) -> str:
    """A missing group is that of a person who has exactly one. Raises `Invalid` where it has to be said."""
    if group or access is None or access.groups is None:
        return group
    own = [one for one in access.groups if one]
    if len(own) == 1:
        return own[0]
    raise Invalid(
        "Which business group it belongs to has to be said.",
        f"Yours: {', '.join(own) or 'none'}.",
        field="business_group",
    )


def _made_up(change: Change, group: str, row_id: int) -> str:
    """A name that is free."""
    from certtui.backend.local.repositories_rows import named

    number = row_id
    while named(change, f"repository-{number}", group) is not None:
        number += 1
    return f"repository-{number}"
