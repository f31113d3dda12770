"""CRLs: built of what was issued and revoked, numbered under the lock, published to a file."""

from __future__ import annotations

from datetime import datetime

from certtui.backend.local.open_store import OpenStore
from certtui.model.local_ca import CrlInfo


def issue_crl(store: OpenStore, ca_id: int, *, delta: bool = False) -> CrlInfo:
    raise NotImplementedError


def crls_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Issue every CRL that is due, publish again what could not be published: (CRLs issued, one sentence for each failure).

    Several workers never issue one twice.
    """
    raise NotImplementedError
