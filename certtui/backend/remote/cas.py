"""The CAs of a server's built-in PKI; their keys stay there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import ASKING, asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import DerBody, Id, ImportCaBody, MakeCaBody, RetireBody, RollOverBody, upload
from certtui.errors import NotFound
from certtui.model.ca import CaSpec
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import Ca, CaRow, CaSettings, CrlInfo, LivingCertificate

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteCas:
    """`backend.base_issuing.Cas` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[CaRow]:
        return open_listing(self._view, "cas", CaRow, query)

    def get(self, ca_id: int) -> Ca:
        found: Ca = self._http.read(_path(ca_id), Ca)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/cas/resolve", Id, reference=asked(reference))
        return found.id

    def create_root(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        return self._made("/cas/roots", MakeCaBody(spec, settings))

    def create_intermediate(self, parent_id: int, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        return self._made(f"{_path(parent_id)}/intermediates", MakeCaBody(spec, settings))

    def request_intermediate(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        return self._made("/cas/requests", MakeCaBody(spec, settings))

    def complete(self, ca_id: int, version: int, new: NewCertificate) -> Ca:
        return self._made(f"{_path(ca_id)}/complete", upload(new), version)

    def import_ca(self, new: NewCertificate, settings: CaSettings | None = None) -> Ca:
        return self._made("/cas/import", ImportCaBody(upload(new), settings))

    def edit(self, ca_id: int, version: int, settings: CaSettings) -> Ca:
        self._view.may_change()
        found: Ca = self._http.change("PUT", f"{_path(ca_id)}/settings", settings, Ca, version=version)
        return found

    def issue_crl(self, ca_id: int, *, delta: bool = False) -> CrlInfo:
        self._view.may_change()
        path = f"{_path(ca_id)}/crl"
        found: CrlInfo = self._http.change("POST", path, None, CrlInfo, slow=ASKING, delta=delta)
        return found

    def crl(self, ca_id: int, *, delta: bool = False) -> bytes:
        found: bytes = self._http.read(f"{_path(ca_id)}/crl", bytes, delta=delta)
        return found

    def accept_crl(self, ca_id: int, data: bytes) -> CrlInfo:
        self._view.may_change()
        found: CrlInfo = self._http.change("PUT", f"{_path(ca_id)}/crl", DerBody(data), CrlInfo, slow=ASKING)
        return found

    def certificate(self, ca_id: int) -> bytes:
        found: bytes = self._http.read(f"{_path(ca_id)}/certificate", bytes)
        return found

    def ocsp(self, request: bytes) -> bytes:
        found: bytes = self._http.post("/cas/ocsp", DerBody(request), bytes)
        return found

    def roll_over(self, ca_id: int, version: int, spec: CaSpec | None = None) -> Ca:
        return self._made(f"{_path(ca_id)}/roll-over", RollOverBody(spec), version)

    def living(self, ca_id: int) -> Sequence[LivingCertificate]:
        found: tuple[LivingCertificate, ...] = self._http.read(f"{_path(ca_id)}/living", tuple[LivingCertificate, ...])
        return [*found]

    def retire(self, ca_id: int, version: int, *, living: int = 0) -> Ca:
        return self._made(f"{_path(ca_id)}/retire", RetireBody(living), version)

    def _made(self, path: str, body: object, version: int | None = None) -> Ca:
        self._view.may_change()
        # A large RSA key is made over there meanwhile.
        found: Ca = self._http.change("POST", path, body, Ca, version=version, slow=ASKING)
        return found


def _path(ca_id: int) -> str:
    if ca_id < 0:
        raise NotFound(f"There is no CA {ca_id}.", "`certtui ca list` tells what there is.")
    return f"/cas/{ca_id}"
