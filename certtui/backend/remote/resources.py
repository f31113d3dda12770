"""The things that use certificates, on a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import AssociationBody, Id
from certtui.model.certificate import Certificate
from certtui.model.resource import Resource, ResourceForm, ResourceRow

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteResources:
    """`backend.base.Resources` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[ResourceRow]:
        return open_listing(self._view, "resources", ResourceRow, query)

    def get(self, resource_id: int) -> Resource:
        found: Resource = self._http.read(f"/resources/{resource_id}", Resource)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/resources/resolve", Id, reference=asked(reference))
        return found.id

    def add(self, form: ResourceForm) -> Resource:
        self._view.may_change()
        found: Resource = self._http.change("POST", "/resources", form, Resource)
        return found

    def edit(self, resource_id: int, version: int, form: ResourceForm) -> Resource:
        self._view.may_change()
        found: Resource = self._http.change("PATCH", f"/resources/{resource_id}", form, Resource, version=version)
        return found

    def remove(self, resource_id: int, version: int, *, dissociate: bool = False) -> None:
        self._view.may_change()
        path = f"/resources/{resource_id}"
        self._http.change("DELETE", path, None, None, version=version, dissociate=dissociate)

    def associate(self, certificate_id: int, resource_ids: Sequence[int], role: str = "server") -> Certificate:
        return self._change(certificate_id, "associate", AssociationBody(tuple(resource_ids), role))

    def dissociate(self, certificate_id: int, resource_ids: Sequence[int]) -> Certificate:
        return self._change(certificate_id, "dissociate", AssociationBody(tuple(resource_ids)))

    def _change(self, certificate_id: int, act: str, body: AssociationBody) -> Certificate:
        self._view.may_change()
        found: Certificate = self._http.change("POST", f"/certificates/{certificate_id}/{act}", body, Certificate)
        return found
