"""The stored secrets of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import Id
from certtui.errors import NotFound
from certtui.model.stored_secret import StoredSecret, StoredSecretCheck, StoredSecretForm, StoredSecretRow

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteStoredSecrets:
    """`backend.base_containers.StoredSecrets` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[StoredSecretRow]:
        return open_listing(self._view, "secrets", StoredSecretRow, query)

    def get(self, secret_id: int) -> StoredSecret:
        found: StoredSecret = self._http.read(_path(secret_id), StoredSecret)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/secrets/resolve", Id, reference=asked(reference))
        return found.id

    def store(self, form: StoredSecretForm) -> StoredSecret:
        self._view.may_change()
        found: StoredSecret = self._http.change("POST", "/secrets", form, StoredSecret)
        return found

    def check(self, secret_id: int) -> StoredSecretCheck:
        found: StoredSecretCheck = self._http.read(f"{_path(secret_id)}/check", StoredSecretCheck)
        return found

    def delete(self, secret_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(secret_id), None, None, version=version)


def _path(secret_id: int) -> str:
    if secret_id < 0:
        raise NotFound(f"There is no stored secret {secret_id}.", "`certtui secret list` tells what there is.")
    return f"/secrets/{secret_id}"
