"""What the checks of the adding forms ask, and what they answer beyond sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.screens.verdict import Verdict

if TYPE_CHECKING:
    from certtui.backend.base import Certificates
    from certtui.backend.inspect import Inspect
    from certtui.given import Reader
    from certtui.model.certificate import NewCertificate
    from certtui.model.csr import CsrRequest, SavedCsr


@dataclass(frozen=True, slots=True)
class AddVerdict(Verdict):
    """A verdict with what is ready to be saved."""

    encrypted: bool = False
    """A passphrase is asked for."""
    ask: str = ""
    """A question to answer before saving."""
    new: NewCertificate | None = None
    request: CsrRequest | None = None
    saved: SavedCsr | None = None
    """The saved CSR that the certificate is for."""


@dataclass(frozen=True, slots=True)
class World:
    """What a check may ask: files, the inventory, the saved CSRs, the clock."""

    inspect: Inspect
    reader: Reader
    certificates: Certificates
    saved: Sequence[SavedCsr]
    now: datetime
