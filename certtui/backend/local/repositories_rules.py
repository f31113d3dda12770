"""What a data source takes: asked of every certificate that is to be filed, under the write lock."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from certtui.backend.local.access_entries import inside
from certtui.backend.local.open_store import Change
from certtui.errors import Invalid
from certtui.model.repository import DataSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import RepositoryTable
    from certtui.model.x509 import X509Facts

_MOST_OF_ONE_NAME = 20
_LONGEST_LINE = 100


class Rules:
    """What one repository takes, as far as its data source says; what issuers are known is asked once each."""

    def __init__(self, change: Change, repository: RepositoryTable) -> None:
        self._change = change
        self._repository = repository
        self._kind = DataSource(repository.data_source)
        self._known: dict[str, Sequence[X509Facts]] = {}

    def refusal(self, row: CertificateTable) -> Invalid | None:
        """Why the entry can't be filed there, None when it can."""
        if row.fingerprint_sha256 is None:
            return Invalid(
                f"{row.name} has no certificate yet, so it can't be filed.",
                "Give the signed certificate first.",
                field="repository",
            )
        match self._kind:
            case DataSource.UPLOADED:
                return None
            case DataSource.UPLOADED_CA:
                return self._of_a_ca(row)
            case DataSource.PRIVATE | DataSource.COMPLIANT:
                return self._issued(row)

    def _of_a_ca(self, row: CertificateTable) -> Invalid | None:
        from certtui.pki.chain_complete import missing_issuer
        from certtui.pki.roots import system_trust_store

        if not row.is_ca:
            return Invalid(
                f"{row.name} is not the certificate of a CA, and {self._repository.name} takes only those.",
                "File it in another repository.",
                field="repository",
            )
        certificate = self._facts(row.id)
        missing = missing_issuer(certificate, self._material(row.id), self._issuers, system_trust_store())
        if not missing:
            return None
        return Invalid(
            f"The chain of {row.name} is not complete: its issuer {missing} is missing.",
            "Add that certificate first, or give it along.",
            field="repository",
        )

    def _issued(self, row: CertificateTable) -> Invalid | None:
        from certtui.pki.signatures import signature_problem

        certificate = None
        for ca in self._bound:
            if ca.subject_id != row.issuer_id:
                continue
            certificate = certificate or self._facts(row.id)
            if not signature_problem(certificate, ca):
                return None
        name = self._bound[0].common_name if self._bound else "its CA"
        return Invalid(
            f"{row.name} was not issued by {name}, and {self._repository.name} takes only what that CA issued.",
            "File it in another repository.",
            field="repository",
        )

    @cached_property
    def _bound(self) -> tuple[X509Facts, ...]:
        """The bound CA and those that it took over from, the newest first."""
        from certtui.backend.local.tables_issuing import CaTable

        found: list[X509Facts] = []
        ca_id = self._repository.ca_id
        for _ in range(_LONGEST_LINE):
            ca = None if ca_id is None else self._change.session.get(CaTable, ca_id)
            if ca is None:
                break
            found.append(self._facts(ca.certificate_id))
            ca_id = ca.predecessor_id
        return tuple(found)

    def _facts(self, certificate_id: int) -> X509Facts:
        from certtui.backend.local.tables import CertificateDerTable
        from certtui.pki.facts import x509_facts

        stored = self._change.session.get(CertificateDerTable, certificate_id)
        if stored is None:
            raise AssertionError("an entry with a fingerprint has its DER")
        return x509_facts(bytes(stored.der))

    def _material(self, certificate_id: int) -> list[X509Facts]:
        from sqlmodel import col, select

        from certtui.backend.local.tables import ChainCertificateTable, ChainLinkTable
        from certtui.pki.facts import x509_facts

        stored = self._change.session.exec(
            select(ChainCertificateTable.der)
            .join(ChainLinkTable, col(ChainLinkTable.chain_certificate_id) == ChainCertificateTable.id)
            .where(ChainLinkTable.certificate_id == certificate_id)
        )
        return [x509_facts(bytes(der)) for der in stored]

    def _issuers(self, subject_id: str) -> Sequence[X509Facts]:
        """CA certificates of the inventory, as far as whoever files may see them; those of CAs are everybody's."""
        from sqlmodel import col, select

        from certtui.backend.local.tables import CertificateDerTable, CertificateTable
        from certtui.backend.local.tables_issuing import CaTable
        from certtui.pki.facts import x509_facts

        if subject_id not in self._known:
            of_cas = set(
                self._change.session.exec(select(CaTable.certificate_id).where(CaTable.subject_id == subject_id))
            )
            found = self._change.session.exec(
                select(CertificateTable, CertificateDerTable.der)
                .join(CertificateDerTable, col(CertificateDerTable.certificate_id) == CertificateTable.id)
                .where(CertificateTable.subject_id == subject_id, CertificateTable.is_ca == 1)
                .order_by(col(CertificateTable.not_after).desc(), col(CertificateTable.id))
                .limit(_MOST_OF_ONE_NAME)
            ).all()
            self._known[subject_id] = [
                x509_facts(bytes(der)) for row, der in found if row.id in of_cas or inside(self._change, row)
            ]
        return self._known[subject_id]
