"""The configured authorities (CA profiles)."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.model.authority import Authority, AuthorityForm, AuthorityRow, AuthorityTest, AuthorityTypeInfo
    from certtui.model.query import Query


class LocalAuthorities:
    """`backend.base_issuing.Authorities` on the local store."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def types(self) -> Sequence[AuthorityTypeInfo]:
        raise NotImplementedError

    def search(self, query: Query) -> Listing[AuthorityRow]:
        raise NotImplementedError

    def get(self, authority_id: int) -> Authority:
        raise NotImplementedError

    def resolve(self, reference: str) -> int:
        raise NotImplementedError

    def add(self, form: AuthorityForm) -> Authority:
        raise NotImplementedError

    def edit(self, authority_id: int, version: int, form: AuthorityForm) -> Authority:
        raise NotImplementedError

    def test(self, authority_id: int) -> AuthorityTest:
        raise NotImplementedError

    def remove(self, authority_id: int, version: int) -> None:
        raise NotImplementedError
