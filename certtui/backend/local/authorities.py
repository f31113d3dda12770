"""The configured authorities (CA profiles). `backend.base_issuing.Authorities` on the local store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.model.authority import Authority, AuthorityForm, AuthorityRow, AuthorityTest, AuthorityTypeInfo
    from certtui.model.query import Query


class LocalAuthorities:
    """Every act is in a module of its own (`authorities_*`); here they are one noun."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def types(self) -> Sequence[AuthorityTypeInfo]:
        from certtui.backend.local.read.authorities import authority_types

        return authority_types(self._store)

    def search(self, query: Query) -> Listing[AuthorityRow]:
        from certtui.backend.local.read.authorities import open_authorities

        return open_authorities(self._store.readers, self._store.clock, query)

    def get(self, authority_id: int) -> Authority:
        from certtui.backend.local.read.authorities import authority_page

        return authority_page(self._store, authority_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.authorities import resolve_authority

        return resolve_authority(self._store.readers, reference)

    def add(self, form: AuthorityForm) -> Authority:
        from certtui.backend.local.authorities_change import add

        return self.get(add(self._store, form))

    def edit(self, authority_id: int, version: int, form: AuthorityForm) -> Authority:
        from certtui.backend.local.authorities_change import edit

        edit(self._store, authority_id, version, form)
        return self.get(authority_id)

    def test(self, authority_id: int) -> AuthorityTest:
        from certtui.backend.local.authorities_change import test

        return test(self._store, authority_id)

    def remove(self, authority_id: int, version: int) -> None:
        from certtui.backend.local.authorities_change import remove

        remove(self._store, authority_id, version)
