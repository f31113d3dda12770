"""The rows of CAs: found, still as the person saw them, put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.add import seal_keys
from certtui.backend.local.cas_values import settings_json, spec_json
from certtui.backend.local.certificate_values import entry_name, label_values, searchable, x509_values
from certtui.backend.local.chain_material import store_chains
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Conflict, NotFound
from certtui.model.certificate import Labels
from certtui.model.search_text import fold
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.ca import CaSpec
    from certtui.model.local_ca import CaSettings, CaState
    from certtui.model.x509 import CsrFacts, KeyFacts, X509Facts

NAMED_AT_MOST = 5


def ca_row(change: Change, ca_id: int) -> CaTable:
    """The row of a CA under the write lock. Raises `NotFound`."""
    from certtui.backend.local.tables_issuing import CaTable

    row = change.session.get(CaTable, ca_id, with_for_update=True)
    if row is None:
        raise gone(ca_id)
    return row


def ca_as_seen(change: Change, ca_id: int, version: int) -> CaTable:
    """The row of a CA that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = ca_row(change, ca_id)
    if row.version != version:
        raise Conflict(
            f"The CA {row.name} was changed by somebody else since you opened it.",
            "Look at it again, then repeat the change.",
        )
    return row


def touch_ca(change: Change, row: CaTable) -> None:
    """Count a change that a person made of the row."""
    row.version += 1
    row.updated_at = change.now
    change.session.add(row)


def ca_entry(change: Change, row: CaTable) -> CertificateTable:
    """The inventory entry of a CA, whoever asks."""
    from certtui.backend.local.tables import CertificateTable

    entry = change.session.get(CertificateTable, row.certificate_id)
    if entry is None:
        raise NotFound(f"The certificate of the CA {row.name} is not here.", "See `certtui store check`.")
    return entry


def gone(ca_id: int) -> NotFound:
    """For an id that no CA has."""
    return NotFound(f"There is no CA {ca_id} here (any more).", "`certtui ca list` shows them all.")


def require_name_free(change: Change, name: str) -> None:
    """Raises `Conflict` when a CA has this name."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CaTable

    taken = change.session.exec(select(CaTable.name).where(CaTable.name_key == fold(name))).first()
    if taken is not None:
        raise Conflict(f"There is a CA called {taken} already.", "Choose another common name.")


def free_name(change: Change, name: str) -> str:
    """The name, with a number behind it where a CA has it already: of a CA whose name was given to it elsewhere."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CaTable

    taken = set(change.session.exec(select(CaTable.name_key)))
    number, candidate = 1, name
    while fold(candidate) in taken:
        number += 1
        candidate = f"{name} {number}"
    return candidate


@dataclass(frozen=True, slots=True)
class NewCa:
    """What a CA is made of; without a certificate it waits, and has a CSR."""

    name: str
    kind: str
    state: CaState
    settings: CaSettings
    spec: CaSpec | None
    certificate: X509Facts | None = None
    request: CsrFacts | None = None
    key: KeyFacts | None = None
    parent_id: int | None = None
    predecessor_id: int | None = None
    chain: tuple[X509Facts, ...] = ()
    """From its parent up, without the root."""


def put_in(store: OpenStore, change: Change, new: NewCa) -> CaTable:
    """A new CA with a new inventory entry, and its key sealed. Raises `Locked`."""
    certificate_id = _put_entry(store, change, new)
    return put_ca(change, new, certificate_id)


def put_ca(change: Change, new: NewCa, certificate_id: int) -> CaTable:
    """A new CA on an entry that is there."""
    from certtui.backend.local.tables_issuing import CaTable

    (row_id,) = change.new_ids("ca", 1)
    row = CaTable(
        id=row_id,
        certificate_id=certificate_id,
        parent_id=new.parent_id,
        predecessor_id=new.predecessor_id,
        created_at=change.now,
        updated_at=change.now,
        name=new.name,
        name_key=fold(new.name),
        kind=new.kind,
        state=new.state.value,
        settings=settings_json(new.settings),
        spec=spec_json(new.spec),
    )
    if new.certificate is not None:
        set_names(row, new.certificate)
    change.session.add(row)
    change.session.flush()
    return row


def set_names(row: CaTable, certificate: X509Facts) -> None:
    """By what requests and certificates name this CA."""
    from certtui.pki.ocsp import issuer_hashes

    row.subject_id = certificate.subject_id
    row.spki_sha256 = certificate.spki_sha256
    row.name_hash_sha1, row.key_hash_sha1 = issuer_hashes(certificate, "sha1")
    row.name_hash_sha256, row.key_hash_sha256 = issuer_hashes(certificate, "sha256")


def fill_entry(change: Change, entry: CertificateTable, certificate: X509Facts) -> None:
    """Make a pending entry the certificate that arrived for it."""
    from certtui.backend.local.tables import CertificateDerTable

    values = x509_values(certificate, change.expiring_rule())
    for column, value in values.items():
        setattr(entry, column, value)
    entry.search_text = searchable(entry.model_dump())
    entry.version += 1
    entry.updated_at = change.now
    change.session.add(entry)
    change.session.flush()
    change.insert_many(CertificateDerTable, [{"certificate_id": entry.id, "der": certificate.der}])


def _put_entry(store: OpenStore, change: Change, new: NewCa) -> int:
    from certtui.backend.local.tables import CertificateDerTable, CertificateTable, CsrTable

    (row_id,) = change.new_ids("certificate", 1)
    values = _entry_values(change, new) | {
        "id": row_id,
        "has_private_key": int(new.key is not None),
        "source": "managed",
        "provider": "local",
        "created_at": change.now,
        "updated_at": change.now,
        "created_by": change.actor,
    }
    values["search_text"] = searchable(values)
    change.insert_many(CertificateTable, [values])
    change.index_texts(row_id, row_id)
    if new.certificate is not None:
        change.insert_many(CertificateDerTable, [{"certificate_id": row_id, "der": new.certificate.der}])
    if new.request is not None:
        change.session.add(CsrTable(certificate_id=row_id, created_at=change.now, der=new.request.der))
        change.session.flush()
    link_chain(change, row_id, new.chain)
    if new.key is not None:
        seal_keys(store, change, {row_id: new.key})
    return row_id


def _entry_values(change: Change, new: NewCa) -> dict[str, int | str | None]:
    if new.certificate is not None:
        facts = new.certificate
        return x509_values(facts, change.expiring_rule()) | label_values(Labels(), entry_name(facts))
    if new.request is None:
        raise AssertionError("a CA has a certificate or a CSR")
    return label_values(Labels(), new.name) | {
        "state": "pending",
        "has_csr": 1,
        "is_ca": 1,
        "common_name": new.request.common_name,
        "sans": "",
        "subject": new.request.subject,
        "issuer": "",
        "key_algorithm": new.request.key_algorithm,
        "spki_sha256": new.request.spki_sha256,
    }


def link_chain(change: Change, certificate_id: int, chain: Sequence[X509Facts]) -> None:
    """Keep the chain of an entry that has none."""
    if chain:
        store_chains(change, {certificate_id: chain})
