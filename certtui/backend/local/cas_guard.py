"""Inventory entries that are CAs of the built-in PKI: not deleted, not robbed of their key, not replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from certtui.backend.local.open_store import Change
from certtui.errors import Conflict

_CHUNK = 500


def ca_names(change: Change, certificate_ids: Collection[int]) -> Mapping[int, str]:
    """The CAs among these entries, name by entry."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CaTable

    wanted = list(certificate_ids)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        chosen = col(CaTable.certificate_id).in_(wanted[start : start + _CHUNK])
        found |= dict(change.session.exec(select(CaTable.certificate_id, CaTable.name).where(chosen)).all())
    return found


def refuse_ca(change: Change, certificate_id: int, act: str) -> None:
    """Raises `Conflict` where the entry is that of a CA; `act` is what was to be done with it: `deleted`."""
    name = ca_names(change, [certificate_id]).get(certificate_id)
    if name is not None:
        raise is_ca(name, act)


def is_ca(name: str, act: str) -> Conflict:
    """For the entry of the CA of this name."""
    return Conflict(
        f"This is the certificate of the CA {name}, which can't be {act}: its CRLs and OCSP answers need it.",
        "Retire the CA, or roll it over; see `certtui ca --help`.",
    )
