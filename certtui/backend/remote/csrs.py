"""Saved CSRs on a server: their keys are made there and stay there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked
from certtui.backend.wire_forms import Id, upload
from certtui.model.certificate import AddOutcome, NewCertificate
from certtui.model.csr import CsrRequest, SavedCsr

if TYPE_CHECKING:
    from certtui.backend.remote.view import View


class RemoteCsrs:
    """`backend.base.Csrs` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def create(self, request: CsrRequest) -> SavedCsr:
        self._view.may_change()
        found: SavedCsr = self._http.change("POST", "/csrs", request, SavedCsr)
        return found

    def get(self, certificate_id: int) -> SavedCsr:
        found: SavedCsr = self._http.read(f"/csrs/{certificate_id}", SavedCsr)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/csrs/resolve", Id, reference=asked(reference))
        return found.id

    def complete(self, certificate_id: int, version: int, new: NewCertificate) -> AddOutcome:
        self._view.may_change()
        path = f"/csrs/{certificate_id}/complete"
        found: AddOutcome = self._http.change("POST", path, upload(new), AddOutcome, version=version)
        return found

    def delete(self, certificate_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", f"/csrs/{certificate_id}", None, None, version=version)

    def list(self) -> Sequence[SavedCsr]:
        found: tuple[SavedCsr, ...] = self._http.read("/csrs", tuple[SavedCsr, ...])
        return list(found)
