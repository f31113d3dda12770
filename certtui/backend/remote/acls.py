"""The access lists of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.errors import NotFound
from certtui.model.acl import Acl, AclForm, Reach, Reacher

if TYPE_CHECKING:
    from certtui.backend.remote.view import View


class RemoteAcls:
    """`backend.base_acls.Acls` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def get(self, kind: str, object_id: int) -> Acl:
        found: Acl = self._http.read(_path(kind, object_id), Acl, object=kind)
        return found

    def set(self, kind: str, object_id: int, version: int, form: AclForm) -> Acl:
        self._view.may_change()
        path = _path(kind, object_id)
        found: Acl = self._http.change("PATCH", path, form, Acl, version=version, object=kind)
        return found

    def who(self, kind: str, object_id: int) -> Sequence[Reacher]:
        found: tuple[Reacher, ...] = self._http.read(f"{_path(kind, object_id)}/who", tuple[Reacher, ...], object=kind)
        return found

    def reach(self, credential: str) -> Reach:
        found: Reach = self._http.read("/acls/reach", Reach, credential=credential)
        return found


def _path(kind: str, object_id: int) -> str:
    if object_id < 0:
        raise NotFound(f"There is no {kind} {object_id}.", "Look at what there is.")
    return f"/acls/{object_id}"
