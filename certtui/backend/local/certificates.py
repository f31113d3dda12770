"""The inventory of the local store: `backend.base.Certificates`, each act in a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.certificate import (
        AddOutcome,
        BulkOutcome,
        Certificate,
        CertificateEdit,
        CertificateRecord,
        CertificateRow,
        Exported,
        ExportRequest,
        KnownCertificate,
        NewCertificate,
        Overview,
        ReplacementPlan,
    )
    from certtui.model.chain import ChainReport
    from certtui.model.order import Order
    from certtui.model.query import Query
    from certtui.model.revocation import RevocationForm
    from certtui.model.revocation_plan import RevocationPlan
    from certtui.model.secret import Secret


class LocalCertificates:
    """The inventory; reading comes from `read/` on the bare driver, changing from modules on SQLModel, loaded at the first need."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[CertificateRow]:
        from certtui.backend.local.read.certificates import open_certificates

        return open_certificates(self._store.readers, self._store.clock, query)

    def page(self, query: Query, cursor: str, limit: int) -> tuple[Sequence[str], str]:
        """For scripts over a server: up to `limit` rows, as JSON, behind a cursor ("" for the first) and the next cursor, "" at the end."""
        from certtui.backend.local.read.keyset import certificate_page

        return certificate_page(self._store.readers, self._store.clock, query, cursor, limit)

    def overview(self) -> Overview:
        from certtui.backend.local.read.overview import overview

        return overview(self._store.readers, self._store.clock)

    def get(self, certificate_id: int) -> Certificate:
        from certtui.backend.local.page import certificate_page

        with self._store.readers.use() as connection:
            page = certificate_page(connection, self._store.clock, certificate_id)
        if page.authority_id is None and not page.auto_renew_days:
            return page
        from certtui.backend.local.page_panel import with_panel

        return with_panel(self._store, page)

    def records(self, ids: Sequence[int], *, as_of: datetime | None = None) -> Sequence[CertificateRecord]:
        from certtui.backend.local.read.records import records

        return records(self._store.readers, ids, as_of or self._store.clock.now())

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_certificate

        return resolve_certificate(self._store.readers, reference)

    def lookup(
        self, *, fingerprints: Sequence[str] = (), spkis: Sequence[str] = (), subject_ids: Sequence[str] = ()
    ) -> Sequence[KnownCertificate]:
        from certtui.backend.local.read.lookup import lookup

        return lookup(
            self._store.readers,
            self._store.clock,
            fingerprints=fingerprints,
            spkis=spkis,
            subject_ids=subject_ids,
        )

    def chain(self, certificate_id: int) -> ChainReport:
        from certtui.backend.local.chain_report import chain_report

        return chain_report(self._store, certificate_id)

    def record_view(self, certificate_id: int) -> None:
        from certtui.backend.local.views import record_view

        record_view(self._store, certificate_id)

    def add(self, batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> Sequence[AddOutcome]:
        from certtui.backend.local.add import add_certificates

        return add_certificates(self._store, batch, skip_refused=skip_refused)

    def edit(self, certificate_id: int, version: int, changes: CertificateEdit) -> Certificate:
        from certtui.backend.local.edit import edit_certificate

        edit_certificate(self._store, certificate_id, version, changes)
        return self.get(certificate_id)

    def edit_many(self, versions: Sequence[tuple[int, int]], changes: CertificateEdit) -> BulkOutcome:
        from certtui.backend.local.edit import edit_certificates

        return edit_certificates(self._store, versions, changes)

    def delete(
        self, certificate_id: int, version: int, *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> None:
        from certtui.backend.local.delete import delete_certificate

        delete_certificate(self._store, certificate_id, version, dissociate=dissociate, consumers=consumers)

    def delete_many(
        self, versions: Sequence[tuple[int, int]], *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> BulkOutcome:
        from certtui.backend.local.delete import delete_certificates

        return delete_certificates(self._store, versions, dissociate=dissociate, consumers=consumers)

    def export(self, certificate_id: int, request: ExportRequest) -> Exported:
        from certtui.backend.local.export import export_certificate

        return export_certificate(self._store, certificate_id, request)

    def reveal_key(self, certificate_id: int) -> Secret:
        from certtui.backend.local.keys import reveal_key

        return reveal_key(self._store, certificate_id)

    def delete_key(self, certificate_id: int, version: int) -> Certificate:
        from certtui.backend.local.keys import delete_key

        delete_key(self._store, certificate_id, version)
        return self.get(certificate_id)

    def plan_replacement(self, old_id: int, new_id: int) -> ReplacementPlan:
        from certtui.backend.local.replace import plan_replacement

        return plan_replacement(self._store, old_id, new_id)

    def replace(self, plan: ReplacementPlan) -> Certificate:
        from certtui.backend.local.replace import carry_out

        carry_out(self._store, plan)
        return self.get(plan.new_id)

    def plan_revocation(self, certificate_id: int) -> RevocationPlan:
        from certtui.backend.local.revoke_plan import plan_revocation

        return plan_revocation(self._store, certificate_id)

    def revoke(self, certificate_id: int, version: int, form: RevocationForm) -> Certificate:
        from certtui.backend.local.revoke import revoke

        revoke(self._store, certificate_id, version, form)
        return self.get(certificate_id)

    def renew(self, certificate_id: int, version: int, *, take_over: bool | None = None) -> Order:
        from certtui.backend.local.orders_page import order_page
        from certtui.backend.local.renewals_act import renew

        return order_page(self._store, renew(self._store, certificate_id, version, take_over=take_over))

    def note_authority_told(self, certificate_id: int, version: int) -> Certificate:
        from certtui.backend.local.revoke import note_authority_told

        note_authority_told(self._store, certificate_id, version)
        return self.get(certificate_id)
