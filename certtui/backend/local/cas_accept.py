"""The CRL of a CA whose key is not here."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore
from certtui.model.local_ca import CrlInfo


def accept_crl(store: OpenStore, ca_id: int, data: bytes) -> CrlInfo:
    raise NotImplementedError
