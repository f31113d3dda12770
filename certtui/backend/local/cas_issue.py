"""What an authority profile of type `local` does with a CA: reserve a serial, sign, put on record what was issued.

reserved = reserve(store, "Issuing CA")              # before anything is asked; its text is the order's authority_ref
signed = sign(store, reserved, csr, template, …)     # outside every transaction; the same again after a crash
record_issued(change, [IssuedEntry(...)])            # in the transaction of the order's completion
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.backend.local.open_store import Change, OpenStore
from certtui.model.csr import SubjectFields
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
    """A new serial of the CA of this name (or id). Raises `NotFound`, `Conflict` where it can't issue (retired, waiting, offline)."""
    raise NotImplementedError


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
    raise NotImplementedError


def record_issued(change: Change, entries: Sequence[IssuedEntry]) -> None:
    """Put on record what was issued, once each, in the transaction that stores the certificates."""
    raise NotImplementedError
