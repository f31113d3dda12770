"""The entry that an order has in the inventory: made with its draft, filled with its CSR, removed when it is cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.certificate_values import Values, label_values, searchable
from certtui.backend.local.entries import as_it_was
from certtui.backend.local.open_store import Change
from certtui.model.certificate import Labels

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable

NO_REQUEST: Mapping[str, object] = {
    "subject": "",
    "key_algorithm": "",
    "spki_sha256": "",
    "has_csr": 0,
    "has_private_key": 0,
}
"""What an entry says of its request while there is none."""


def make_entry(change: Change, labels: Labels, names: Values, state: str) -> CertificateTable:
    """A new entry without a certificate."""
    from certtui.backend.local.tables import CertificateTable

    (row_id,) = change.new_ids("certificate", 1)
    values = label_values(labels, names["name"]) | names
    values |= {
        "id": row_id,
        "version": 1,
        "state": state,
        "issuer": "",
        "source": "managed",
        "created_at": change.now,
        "updated_at": change.now,
        "created_by": change.actor,
        **NO_REQUEST,
    }
    values["search_text"] = searchable(values)
    change.insert_many(CertificateTable, [values])
    change.index_texts(row_id, row_id)
    made = change.session.get(CertificateTable, row_id)
    if made is None:
        raise AssertionError("what was inserted is there")
    return made


def entry_of(change: Change, row: CertificateOrderTable) -> CertificateTable | None:
    """The entry of an order, None when it is gone."""
    from certtui.backend.local.tables import CertificateTable

    return None if row.certificate_id is None else change.session.get(CertificateTable, row.certificate_id)


def set_entry(change: Change, entry: CertificateTable, values: Mapping[str, object]) -> None:
    """Change columns of an entry, and what follows from them."""
    for column, value in values.items():
        setattr(entry, column, value)
    entry.version += 1
    entry.updated_at = change.now
    entry.search_text = searchable(entry.model_dump())
    change.session.add(entry)


def put_csr(change: Change, entry_id: int, der: bytes) -> None:
    """The request of an entry."""
    from certtui.backend.local.tables import CsrTable

    kept = change.session.get(CsrTable, entry_id)
    if kept is None:
        kept = CsrTable(certificate_id=entry_id, created_at=change.now, der=der)
    kept.der, kept.created_at = der, change.now
    change.session.add(kept)
    change.session.flush()


def drop_csr(change: Change, entry_id: int) -> None:
    """Forget the request of an entry; the order keeps what it sent."""
    from certtui.backend.local.tables import CsrTable

    kept = change.session.get(CsrTable, entry_id)
    if kept is not None:
        change.session.delete(kept)
        change.session.flush()


def archive_key(change: Change, row: CertificateOrderTable, entry_id: int | None = None) -> bool:
    """Keep the sealed key of the order's entry apart, as it is sealed: it is of no use there any more. False for none."""
    from sqlmodel import select

    from certtui.backend.local.tables import SealedKeyTable
    from certtui.backend.local.tables_issuing import ArchivedKeyTable

    wanted = row.certificate_id if entry_id is None else entry_id
    if wanted is None:
        return False
    key = change.session.exec(select(SealedKeyTable).where(SealedKeyTable.certificate_id == wanted)).one_or_none()
    if key is None:
        return False
    (new_id,) = change.new_ids("archived_key", 1)
    change.session.add(
        ArchivedKeyTable(
            id=new_id,
            order_id=row.id,
            key_uid=key.key_uid,
            wrapping_key_id=key.wrapping_key_id,
            spki_sha256=key.spki_sha256,
            key_algorithm=key.key_algorithm,
            created_at=key.created_at,
            archived_at=change.now,
            wrapped_data_key=key.wrapped_data_key,
            payload=key.payload,
        )
    )
    change.session.delete(key)
    change.session.flush()
    return True


def remove_entry(change: Change, row: CertificateOrderTable) -> None:
    """Take the order's entry out of the inventory; its key is archived before."""
    entry = entry_of(change, row)
    if entry is None:
        return
    archive_key(change, row)
    detail: dict[str, object] = {
        "fingerprint_sha256": "",
        "had_key": False,
        "dissociated": [],
        "order": row.id,
        "were": [as_it_was(entry)],
    }
    row.certificate_id = None
    change.session.add(row)
    change.session.flush()
    change.session.delete(entry)
    change.session.flush()
    change.record(events.CERTIFICATE_DELETED, "certificate", entry.id, entry.name, detail)
