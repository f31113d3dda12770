"""What an authority profile of type `local` does with a CA: reserve a serial, sign, put on record what was issued.

reserved = reserve(store, "Issuing CA")              # before anything is asked; its text is the order's authority_ref
signed = sign(store, reserved, csr, template, …)     # outside every transaction; the same again after a crash
record_issued(change, [IssuedEntry(...)])            # in the transaction of the order's completion
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.backend.local.cas_rows import gone
from certtui.backend.local.cas_signers import loaded_ca, require_active
from certtui.backend.local.cas_values import issuing_urls
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.certificate_values import entry_name
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaState
from certtui.model.template import Template
from certtui.model.x509 import X509Facts
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Reserved:
    """A serial of a CA, by which the certificate is found again: the reference of an order. `str` and `parse` are its text."""

    ca_id: int
    serial_number: str

    def __str__(self) -> str:
        return f"{self.ca_id}:{self.serial_number}"

    @classmethod
    def parse(cls, text: str) -> Reserved:
        """From an order's reference."""
        ca_id, _, serial = text.partition(":")
        return cls(int(ca_id), serial)


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate, its chain from the CA up to below the root, and sentences for the order's story."""

    leaf: X509Facts
    chain: tuple[X509Facts, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssuedEntry:
    """What is put on record of one issued certificate."""

    ca_id: int
    leaf: X509Facts
    certificate_id: int | None
    order_id: int | None


def reserve(store: OpenStore, ca: str) -> Reserved:
    """A new serial of the CA of this name or id. Raises `NotFound`, `Conflict` where it can't issue (retired, waiting, offline)."""
    from certtui.pki.signing import new_serial

    return Reserved(issuing_ca(store, ca), new_serial())


def issuing_ca(store: OpenStore, ca: str) -> int:
    """The id of the CA of this name or id. Raises `NotFound`, `Conflict` where it can't issue."""
    from certtui.backend.local.read.cas import resolve_ca

    seen = whole(store)
    found = _by_id(seen, int(ca)) if ca.isascii() and ca.isdigit() and len(ca) < 19 else None
    if found is None:
        ca_id = resolve_ca(seen.readers, ca)
        found = _by_id(seen, ca_id)
        if found is None:
            raise gone(ca_id)
    ca_id, state, name = found
    require_active(CaState(state), name)
    return ca_id


def _by_id(store: OpenStore, ca_id: int) -> tuple[int, str, str] | None:
    with store.readers.use() as connection:
        found: tuple[int, str, str] | None = connection.execute(
            "SELECT id, state, name FROM ca WHERE id = ?", (ca_id,)
        ).fetchone()
    return found


def sign(
    store: OpenStore,
    reserved: Reserved,
    csr: bytes,
    template: Template,
    *,
    subject: SubjectFields,
    sans: tuple[str, ...],
    days: int | None,
    submitted_at: datetime,
) -> Signed:
    """The certificate; twice with the same arguments it has the same serial and dates. Raises `Invalid`, `Locked`, `Conflict`."""
    from certtui.pki.issue import issue

    ca = loaded_ca(whole(store), reserved.ca_id)
    require_active(ca.state, ca.name)
    issued = issue(
        ca.signer,
        csr,
        template,
        submitted_at,
        subject=subject,
        sans=sans,
        days=days,
        serial_number=reserved.serial_number,
        urls=issuing_urls(ca.settings),
    )
    return Signed(issued.certificate, ca.chain_below, issued.notes)


def record_issued(change: Change, entries: Sequence[IssuedEntry]) -> None:
    """Put on record what was issued, once each, in the transaction that stores the certificates."""
    if not entries:
        return
    from certtui.backend.local.tables_issuing import IssuedTable

    rows = [
        {
            "ca_id": each.ca_id,
            "serial": each.leaf.serial_number,
            "certificate_id": each.certificate_id,
            "order_id": each.order_id,
            "issued_at": change.now,
            "not_after": epoch(each.leaf.not_after),
            "common_name": entry_name(each.leaf),
        }
        for each in entries
    ]
    change.insert_many(IssuedTable, rows)
