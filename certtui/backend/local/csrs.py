"""Saved CSRs: pending entries whose key and request were made here."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import replace
from sqlite3 import Connection, Row

from certtui.backend.local import events
from certtui.backend.local.access_entries import require_group, settled_group
from certtui.backend.local.add import add_certificates, seal_keys
from certtui.backend.local.cas_guard import refuse_ca
from certtui.backend.local.certificate_values import default_name, joined, label_values, searchable, split
from certtui.backend.local.entries import as_it_was, entry_as_seen
from certtui.backend.local.labels import checked_labels
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.orders_rows import open_orders
from certtui.backend.local.page import csr_pem
from certtui.backend.local.wiping import destroying
from certtui.clock import from_epoch
from certtui.errors import Ambiguous, NotFound
from certtui.model.certificate import AddOutcome, NewCertificate
from certtui.model.csr import CsrRequest, SavedCsr
from certtui.model.domains import domain_of
from certtui.model.search_text import fold

_SELECT = (
    "SELECT c.id, c.version, c.name, c.common_name, c.sans, c.subject, c.key_algorithm, c.spki_sha256, "
    "c.business_group, q.created_at, q.der FROM certificate c JOIN csr q ON q.certificate_id = c.id "
    "WHERE c.state = 'pending' AND c.has_csr = 1 AND NOT EXISTS (SELECT 1 FROM certificate_order o "
    "WHERE o.certificate_id = c.id AND o.status IN ('draft', 'pending', 'processing'))"
)


class LocalCsrs:
    """`backend.base.Csrs` on the local store."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def create(self, request: CsrRequest) -> SavedCsr:
        from certtui.pki.csr import make

        labels = checked_labels(request.labels)
        self._store.require_writable()
        # Locked is said before a key is made, which may take seconds.
        self._store.store_key()
        if labels.business_group:
            require_group(self._store.access, labels.business_group)
        facts, key = make(request)
        name = labels.name or default_name(facts.common_name, facts.sans, facts.subject)
        group = settled_group(self._store.access, labels.business_group, facts.sans, facts.common_name)
        with self._store.changing() as change:
            from certtui.backend.local.tables import CertificateTable, CsrTable

            (row_id,) = change.new_ids("certificate", 1)
            values = label_values(labels, name) | {
                "id": row_id,
                "business_group": group,
                "state": "pending",
                "common_name": facts.common_name,
                "san_count": len(facts.sans),
                "sans": joined(facts.sans),
                "domain": domain_of(facts.sans, facts.common_name),
                "subject": facts.subject,
                "issuer": "",
                "key_algorithm": facts.key_algorithm,
                "spki_sha256": facts.spki_sha256,
                "has_private_key": 1,
                "has_csr": 1,
                "source": "imported",
                "created_at": change.now,
                "updated_at": change.now,
                "created_by": change.actor,
            }
            values["search_text"] = searchable(values)
            change.insert_many(CertificateTable, [values])
            change.index_texts(row_id, row_id)
            change.session.add(CsrTable(certificate_id=row_id, created_at=change.now, der=facts.der))
            change.session.flush()
            seal_keys(self._store, change, {row_id: key})
            change.record(
                events.CSR_SAVED,
                "certificate",
                row_id,
                name,
                {"key_algorithm": facts.key_algorithm, "spki_sha256": facts.spki_sha256},
            )
        return self.get(row_id)

    def list(self) -> Sequence[SavedCsr]:
        with self._store.readers.use() as connection:
            return [_saved(row) for row in _rows(connection, _SELECT + " ORDER BY q.created_at DESC, c.id DESC")]

    def get(self, certificate_id: int) -> SavedCsr:
        with self._store.readers.use() as connection:
            rows = _rows(connection, _SELECT + " AND c.id = ?", certificate_id)
        if not rows:
            raise NotFound(f"There is no saved CSR {certificate_id} here (any more).", "See the list of saved CSRs.")
        return _saved(rows[0])

    def resolve(self, reference: str) -> int:
        with self._store.readers.use() as connection:
            if reference.isascii() and reference.isdigit() and len(reference) < 19:
                by_id = _rows(connection, _SELECT + " AND c.id = ?", int(reference))
                if by_id:
                    return int(by_id[0]["id"])
            named = _rows(connection, _SELECT + " AND c.name_key = ? ORDER BY c.id", fold(reference))
        exact = [row for row in named if row["name"] == reference]
        found = exact if len(exact) == 1 else named
        if not found:
            raise NotFound(f"There is no saved CSR called {reference}.", "`certtui csr list` shows what there is.")
        if len(found) > 1:
            candidates = tuple((int(row["id"]), str(row["name"])) for row in found)
            raise Ambiguous(f"{len(found)} saved CSRs are called {reference}.", candidates, "Use the id.")
        return int(found[0]["id"])

    def complete(self, certificate_id: int, version: int, new: NewCertificate) -> AddOutcome:
        self.get(certificate_id)
        wanted = replace(new, csr_id=certificate_id)
        return add_certificates(self._store, [wanted], csr_versions={certificate_id: version})[0]

    def delete(self, certificate_id: int, version: int) -> None:
        with destroying(self._store) as change:
            row = entry_as_seen(change, certificate_id, version)
            if row.state != "pending" or not row.has_csr or open_orders(change, [row.id]):
                raise NotFound(f"{row.name} is no saved CSR (any more).", "Its certificate has arrived.")
            refuse_ca(change, certificate_id, "deleted")
            change.session.delete(row)
            detail = {"spki_sha256": row.spki_sha256, "were": [as_it_was(row)]}
            change.record(events.CSR_DELETED, "certificate", certificate_id, row.name, detail)


def _rows(connection: Connection, sql: str, *values: object) -> builtins.list[Row]:
    cursor = connection.cursor()
    cursor.row_factory = Row
    return cursor.execute(sql, values).fetchall()


def _saved(row: Row) -> SavedCsr:
    return SavedCsr(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        common_name=row["common_name"],
        sans=split(row["sans"]),
        subject=row["subject"],
        key_algorithm=row["key_algorithm"],
        spki_sha256=row["spki_sha256"],
        pem=csr_pem(row["der"]),
        business_group=row["business_group"],
        created_at=from_epoch(row["created_at"]),
    )
