"""A certificate that comes in and belongs to an order: by its public key, whoever brings it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.backend.local.orders_finish import arrived
from certtui.backend.local.orders_form import form_of
from certtui.backend.local.orders_rows import WAITING, open_orders, order_as_seen
from certtui.errors import Conflict, Invalid
from certtui.model.authority import AuthorityType
from certtui.model.certificate import NewCertificate
from certtui.model.order import OrderStatus

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable


def complete(store: OpenStore, order_id: int, version: int, new: NewCertificate) -> None:
    """Bring an order's certificate back. See `Orders.complete`."""
    from certtui.backend.local.add import add_within

    with store.changing() as change:
        row = order_as_seen(change, order_id, version)
        if row.status not in WAITING or row.certificate_id is None or row.csr is None:
            raise Conflict(
                f"The order for {row.name} waits for no certificate: it is {row.status}.", "Look at it again."
            )
        require_elsewhere(row)
        if new.x509.spki_sha256 != row.spki_sha256:
            raise _another_key(row, new)
        # What a person said of the order goes for its certificate too.
        reason = new.reason or form_of(row.form, row.reference).reason
        add_within(store, change, [replace(new, csr_id=row.certificate_id, reason=reason)], {})


def require_elsewhere(row: CertificateOrderTable) -> None:
    """Raises `Conflict` for an order that a CA of this store is signing at this moment."""
    if _being_signed(row):
        raise Conflict(
            f"The order for {row.name} is with {row.authority_name}, which is signing it.", "Wait for its answer."
        )


def _being_signed(row: CertificateOrderTable) -> bool:
    return row.status == OrderStatus.PROCESSING.value and row.type == AuthorityType.LOCAL.value


def being_signed(change: Change, entry_ids: Iterable[int]) -> set[int]:
    """Those of the entries whose certificate is about to come from a CA of this store: no other may take their place."""
    return {entry_id for entry_id, row in open_orders(change, entry_ids).items() if _being_signed(row)}


def chain_completed(store: OpenStore, new: NewCertificate) -> NewCertificate:
    """The certificate with the intermediates that are here anyway, where what came with it does not reach a root."""
    from certtui.backend.local.full_chain import full_chain

    with store.readers.use() as connection:
        return replace(new, chain=full_chain(connection, new.x509, new.chain))


def entry_completed(change: Change, entry: CertificateTable, new: NewCertificate) -> bool:
    """An entry got its certificate: its order is complete with it. False where no order waited."""
    row = open_orders(change, [entry.id]).get(entry.id)
    if row is None or row.status not in WAITING:
        return False
    arrived(change, row, entry, new)
    return True


def has_order(change: Change, entry_id: int) -> bool:
    """Whether an order waits for the entry's certificate."""
    row = open_orders(change, [entry_id]).get(entry_id)
    return row is not None and row.status in WAITING


def _another_key(row: CertificateOrderTable, new: NewCertificate) -> Invalid:
    from certtui.pki.keys import short_identity

    return Invalid(
        f"The certificate belongs to another key: its key is {short_identity(new.x509.spki_sha256, new.x509.key_algorithm)}, "
        f"the CSR of the order for {row.name} is of {short_identity(row.spki_sha256, row.key_algorithm)}.",
        "Give the certificate that was signed for this CSR.",
        field="certificate",
    )
