"""The seam of filing: where certificates are filed."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
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


class Repositories(Protocol):
    """Places that group certificates by data source. What lies in other business groups is not there.

    A repository of a group is made and changed by an admin of that group, one that everybody shares by an admin who sees
    all of the store, as is every binding of a CA: it is about what others order too.
    """

    def search(self, query: Query) -> Listing[RepositoryRow]:
        """Open a list; free words match the name; `source: state: group: ca: name: id:` narrow it."""

    def get(self, repository_id: int) -> Repository:
        """One repository with the policies that are attached. Raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`, `Ambiguous`."""

    def create(self, form: RepositoryForm) -> Repository:
        """Raises `Invalid` (field), `Denied`, and `Conflict` for a name that is taken or a CA that is bound already."""

    def rename(self, repository_id: int, version: int, name: str) -> Repository:
        """Raises `NotFound`, `Conflict`, `Invalid`, `Denied`."""

    def plan_reset(self, repository_id: int) -> ResetPlan:
        """What a reset would do. Raises `NotFound`, and `Conflict` where certificates are filed that one does not see."""

    def reset(self, repository_id: int, version: int, *, leaving: int) -> Repository:
        """Detach all: the certificates stay in the inventory, CA and policies are free. It can't be undone.

        Raises `Conflict` where it stands elsewhere, changed, or unless `leaving` is the number of certificates that the
        plan showed; `NotFound`, `Denied`.
        """

    def enable(self, repository_id: int, version: int, source: RepositorySource) -> Repository:
        """Choose a data source anew, after a reset. Raises as `create` and `reset` do."""

    def delete(self, repository_id: int, version: int) -> None:
        """After a reset only. Raises `NotFound`, `Conflict`, `Denied`."""

    def add_certificates(
        self, repository_id: int, versions: Sequence[tuple[int, int]], *, reason: str = ""
    ) -> FilingOutcome:
        """File (id, version) pairs of entries; one that is filed elsewhere moves. Those that the data source, or a policy,
        keeps out are skipped and named, as are rows whose version moved. `reason` is a person's word for soft policies.

        Raises `NotFound`, `Conflict` for a repository that was reset.
        """

    def remove_certificates(self, repository_id: int, versions: Sequence[tuple[int, int]]) -> FilingOutcome:
        """Take entries out; they stay in the inventory. Those that are not filed there are skipped. Raises `NotFound`."""

    # -- using the keys that are filed there (CMS, RFC 5652): in private and compliant repositories, `Conflict` elsewhere ---

    def sign(self, repository_id: int, certificate_id: int, content: bytes, options: SignOptions) -> bytes:
        """A message signed with the key of a certificate that is filed there; put on record before it is handed out.

        Raises `NotFound`, `Invalid` for what the certificate may not do, `Denied` where it is not for this person to use
        or can't be put on record, `Locked`.
        """

    def verify(self, repository_id: int, message: bytes, content: bytes | None = None) -> CmsVerification:
        """Who signed a message, and whether that holds; a detached one needs its content.

        Trusted are the CAs of the built-in PKI beside the system's roots. Raises `NotFound`, and `Invalid` for what is no
        message that is read here: a bad signature is an answer.
        """

    def encrypt(
        self, repository_id: int, certificate_ids: Sequence[int], content: bytes, options: EncryptOptions
    ) -> bytes:
        """A message that any of these certificates opens, all filed there. Raises `NotFound`, `Invalid`."""

    def decrypt(self, repository_id: int, certificate_id: int | None, message: bytes) -> Decrypted:
        """What is in a message, opened with the key of a certificate that is filed there; None finds it by the message.

        Raises as `sign` does. An attempt that fails is put on record too.
        """
