"""The repositories of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import (
    MOST_AT_ONCE,
    DecryptBody,
    EncryptBody,
    FilingBody,
    Id,
    MadeMessage,
    RenameBody,
    ResetBody,
    SignBody,
    VerifyBody,
)
from certtui.errors import NotFound
from certtui.model.cms import CmsVerification, Decrypted, EncryptOptions, SignOptions
from certtui.model.repository import (
    FilingOutcome,
    Repository,
    RepositoryForm,
    RepositoryRow,
    RepositorySource,
    ResetPlan,
)

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteRepositories:
    """`backend.base_filing.Repositories` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[RepositoryRow]:
        return open_listing(self._view, "repositories", RepositoryRow, query)

    def get(self, repository_id: int) -> Repository:
        found: Repository = self._http.read(_path(repository_id), Repository)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/repositories/resolve", Id, reference=asked(reference))
        return found.id

    def create(self, form: RepositoryForm) -> Repository:
        self._view.may_change()
        found: Repository = self._http.change("POST", "/repositories", form, Repository)
        return found

    def rename(self, repository_id: int, version: int, name: str) -> Repository:
        self._view.may_change()
        path = _path(repository_id)
        found: Repository = self._http.change("PATCH", path, RenameBody(name), Repository, version=version)
        return found

    def plan_reset(self, repository_id: int) -> ResetPlan:
        found: ResetPlan = self._http.read(f"{_path(repository_id)}/plan-reset", ResetPlan)
        return found

    def reset(self, repository_id: int, version: int, *, leaving: int) -> Repository:
        self._view.may_change()
        path = f"{_path(repository_id)}/reset"
        found: Repository = self._http.change("POST", path, ResetBody(leaving), Repository, version=version)
        return found

    def enable(self, repository_id: int, version: int, source: RepositorySource) -> Repository:
        self._view.may_change()
        path = f"{_path(repository_id)}/enable"
        found: Repository = self._http.change("POST", path, source, Repository, version=version)
        return found

    def delete(self, repository_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(repository_id), None, None, version=version)

    def add_certificates(
        self, repository_id: int, versions: Sequence[tuple[int, int]], *, reason: str = ""
    ) -> FilingOutcome:
        return self._file(f"{_path(repository_id)}/add", versions, reason)

    def remove_certificates(self, repository_id: int, versions: Sequence[tuple[int, int]]) -> FilingOutcome:
        return self._file(f"{_path(repository_id)}/remove", versions, "")

    def _file(self, path: str, versions: Sequence[tuple[int, int]], reason: str) -> FilingOutcome:
        """As many requests as it takes."""
        self._view.may_change()
        found = FilingOutcome(())
        for start in range(0, max(1, len(versions)), MOST_AT_ONCE):
            body = FilingBody(tuple(versions[start : start + MOST_AT_ONCE]), reason)
            part: FilingOutcome = self._http.change("POST", path, body, FilingOutcome)
            found = FilingOutcome(
                (*found.done, *part.done), (*found.skipped, *part.skipped), (*found.needs_reason, *part.needs_reason)
            )
        return found

    def sign(self, repository_id: int, certificate_id: int, content: bytes, options: SignOptions) -> bytes:
        body = SignBody(certificate_id, content, options)
        made: MadeMessage = self._http.post(f"{_path(repository_id)}/sign", body, MadeMessage)
        return made.message

    def verify(self, repository_id: int, message: bytes, content: bytes | None = None) -> CmsVerification:
        body = VerifyBody(message, content)
        found: CmsVerification = self._http.post(f"{_path(repository_id)}/verify", body, CmsVerification)
        return found

    def encrypt(
        self, repository_id: int, certificate_ids: Sequence[int], content: bytes, options: EncryptOptions
    ) -> bytes:
        body = EncryptBody(tuple(certificate_ids), content, options)
        made: MadeMessage = self._http.post(f"{_path(repository_id)}/encrypt", body, MadeMessage)
        return made.message

    def decrypt(self, repository_id: int, certificate_id: int | None, message: bytes) -> Decrypted:
        body = DecryptBody(message, certificate_id)
        found: Decrypted = self._http.post(f"{_path(repository_id)}/decrypt", body, Decrypted)
        return found


def _path(repository_id: int) -> str:
    if repository_id < 0:
        raise NotFound(f"There is no repository {repository_id}.", "`certtui repository list` tells what there is.")
    return f"/repositories/{repository_id}"
