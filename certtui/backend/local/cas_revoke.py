"""A revoked certificate of the built-in PKI: marked in what its CA issued, and told by CRL and OCSP at once."""

from __future__ import annotations

from datetime import datetime

from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.tables import CertificateTable
from certtui.model.revocation import RevocationReason


def mark_revoked(
    change: Change,
    certificate: CertificateTable,
    reason: RevocationReason,
    at: datetime,
    invalidity: datetime | None = None,
) -> int | None:
    """Mark it as revoked in what its CA issued; the CA's id, None where no CA of ours issued it. A second time changes nothing."""
    raise NotImplementedError


def crl_after_revocation(store: OpenStore, ca_id: int) -> str:
    """After the commit: a new CRL that says so, published. "" when done, else why the worker will have to do it; never raises."""
    raise NotImplementedError
