"""The row of a certificate's renewal: made at the first need, and the story of what was decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change

if TYPE_CHECKING:
    from certtui.backend.local.tables_renewal import RenewalTable

_MOST_TOLD = 50
_LONGEST = 1_000


def row_of(change: Change, certificate_id: int) -> RenewalTable:
    """The row, which is added with the next `tell`."""
    from certtui.backend.local.tables_renewal import RenewalTable

    found = change.session.get(RenewalTable, certificate_id)
    return found or RenewalTable(certificate_id=certificate_id)


def is_there(change: Change, certificate_id: int) -> bool:
    """Whether the certificate was not deleted meanwhile: nothing is known of it then, and others go on."""
    from certtui.backend.local.tables import CertificateTable

    return change.session.get(CertificateTable, certificate_id) is not None


def tell(change: Change, row: RenewalTable, text: str) -> None:
    """Put a sentence into its story, unless it is what was said last."""
    told = json.loads(row.story or "[]")
    if not told or told[-1][1] != text:
        told.append([change.now, text[:_LONGEST]])
    row.story = json.dumps(told[-_MOST_TOLD:], separators=(",", ":"))
    change.session.add(row)


def begin_anew(change: Change, certificate_id: int) -> None:
    """A person has changed how it is renewed: what stood in the way before says nothing any more."""
    row = row_of(change, certificate_id)
    if row.blocked or row.try_at is not None:
        row.attempts, row.try_at, row.blocked = 0, None, ""
        change.session.add(row)
