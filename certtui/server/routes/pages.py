"""Pages of lists as they travel."""

from __future__ import annotations

from certtui.model.certificate import CertificateRow
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """One page for scripts. `next` is the cursor of the page behind it, null on the last one."""

    items: tuple[CertificateRow, ...]
    next: str | None
