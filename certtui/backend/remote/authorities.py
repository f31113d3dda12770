"""The configured authorities of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import ASKING, asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import Id
from certtui.errors import NotFound
from certtui.model.authority import Authority, AuthorityForm, AuthorityRow, AuthorityTest, AuthorityTypeInfo

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteAuthorities:
    """`backend.base_issuing.Authorities` over HTTP; a secret goes there and never comes back."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def types(self) -> Sequence[AuthorityTypeInfo]:
        found: tuple[AuthorityTypeInfo, ...] = self._http.read("/authorities/types", tuple[AuthorityTypeInfo, ...])
        return [*found]

    def search(self, query: Query) -> Listing[AuthorityRow]:
        return open_listing(self._view, "authorities", AuthorityRow, query)

    def get(self, authority_id: int) -> Authority:
        found: Authority = self._http.read(_path(authority_id), Authority)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/authorities/resolve", Id, reference=asked(reference))
        return found.id

    def add(self, form: AuthorityForm) -> Authority:
        self._view.may_change()
        found: Authority = self._http.change("POST", "/authorities", form, Authority)
        return found

    def edit(self, authority_id: int, version: int, form: AuthorityForm) -> Authority:
        self._view.may_change()
        found: Authority = self._http.change("PATCH", _path(authority_id), form, Authority, version=version)
        return found

    def test(self, authority_id: int) -> AuthorityTest:
        self._view.may_change()
        path = f"{_path(authority_id)}/test"
        found: AuthorityTest = self._http.change("POST", path, None, AuthorityTest, slow=ASKING)
        return found

    def remove(self, authority_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(authority_id), None, None, version=version)


def _path(authority_id: int) -> str:
    if authority_id < 0:
        raise NotFound(f"There is no authority {authority_id}.", "`certtui authority list` tells what there is.")
    return f"/authorities/{authority_id}"
