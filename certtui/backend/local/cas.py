"""The CAs of the built-in PKI: `backend.base_issuing.Cas` on the local store."""

from __future__ import annotations

from dataclasses import replace

from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.model.ca import CaSpec
    from certtui.model.certificate import NewCertificate
    from certtui.model.local_ca import Ca, CaRow, CaSettings, CrlInfo, LivingCertificate
    from certtui.model.query import Query


class LocalCas:
    """Every act is in a module of its own (`cas_*`); here they are one noun."""

    def __init__(self, store: OpenStore) -> None:
        self._seen = store
        self._store = whole(store)

    def search(self, query: Query) -> Listing[CaRow]:
        from certtui.backend.local.read.cas import open_cas

        return open_cas(self._store.readers, self._store.clock, query)

    def get(self, ca_id: int) -> Ca:
        from certtui.backend.local.read.cas import ca_page

        ca = ca_page(self._store.readers, self._store.clock, ca_id)
        if not ca.row.bound:
            return ca
        # Repositories have a scope, CAs have none.
        with self._seen.readers.use() as connection:
            found = connection.execute("SELECT name FROM repository WHERE ca_id = ?", (ca_id,)).fetchone()
        return ca if found is None else replace(ca, repository=found[0])

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.cas import resolve_ca

        return resolve_ca(self._store.readers, reference)

    def create_root(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        from certtui.backend.local.cas_create import create_root

        return self.get(create_root(self._store, spec, settings))

    def create_intermediate(self, parent_id: int, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        from certtui.backend.local.cas_create import create_intermediate

        return self.get(create_intermediate(self._store, parent_id, spec, settings))

    def request_intermediate(self, spec: CaSpec, settings: CaSettings | None = None) -> Ca:
        from certtui.backend.local.cas_create import request_intermediate

        return self.get(request_intermediate(self._store, spec, settings))

    def complete(self, ca_id: int, version: int, new: NewCertificate) -> Ca:
        from certtui.backend.local.cas_import import complete

        complete(self._store, ca_id, version, new)
        return self.get(ca_id)

    def import_ca(self, new: NewCertificate, settings: CaSettings | None = None) -> Ca:
        from certtui.backend.local.cas_import import import_ca

        return self.get(import_ca(self._store, new, settings))

    def edit(self, ca_id: int, version: int, settings: CaSettings) -> Ca:
        from certtui.backend.local.cas_change import edit

        edit(self._store, ca_id, version, settings)
        return self.get(ca_id)

    def issue_crl(self, ca_id: int, *, delta: bool = False) -> CrlInfo:
        from certtui.backend.local.cas_crl import issue_crl

        return issue_crl(self._store, ca_id, delta=delta)

    def crl(self, ca_id: int, *, delta: bool = False) -> bytes:
        from certtui.backend.local.read.cas import crl_der

        return crl_der(self._store.readers, ca_id, delta=delta)

    def accept_crl(self, ca_id: int, data: bytes) -> CrlInfo:
        from certtui.backend.local.cas_accept import accept_crl

        return accept_crl(self._store, ca_id, data)

    def certificate(self, ca_id: int) -> bytes:
        from certtui.backend.local.read.cas import ca_der

        return ca_der(self._store.readers, ca_id)

    def ocsp(self, request: bytes) -> bytes:
        from certtui.backend.local.cas_ocsp import answer_ocsp

        return answer_ocsp(self._store, request)

    def roll_over(self, ca_id: int, version: int, spec: CaSpec | None = None) -> Ca:
        from certtui.backend.local.cas_change import roll_over

        return self.get(roll_over(self._store, ca_id, version, spec))

    def living(self, ca_id: int) -> Sequence[LivingCertificate]:
        from certtui.backend.local.read.cas import living

        return living(self._store.readers, self._store.clock, ca_id)

    def retire(self, ca_id: int, version: int, *, living: int = 0) -> Ca:
        from certtui.backend.local.cas_change import retire

        retire(self._store, ca_id, version, living=living)
        return self.get(ca_id)
