"""The CAs of the built-in PKI as they are listed and shown. They are the same for everybody: what they say is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Listing
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.local_ca import Ca, CaRow, LivingCertificate
    from certtui.model.query import Query


def open_cas(readers: Readers, clock: Clock, query: Query) -> Listing[CaRow]:
    raise NotImplementedError


def ca_page(readers: Readers, clock: Clock, ca_id: int) -> Ca:
    raise NotImplementedError


def resolve_ca(readers: Readers, reference: str) -> int:
    raise NotImplementedError


def crl_der(readers: Readers, ca_id: int, *, delta: bool) -> bytes:
    raise NotImplementedError


def ca_der(readers: Readers, ca_id: int) -> bytes:
    raise NotImplementedError


def living(readers: Readers, clock: Clock, ca_id: int) -> Sequence[LivingCertificate]:
    raise NotImplementedError
