"""Inventory entries that are CAs of the built-in PKI: not deleted, not robbed of their key, not replaced.

What is done to a CA by way of its entry asks for the right to do it to a CA.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Conflict, Denied
from certtui.model.access import Access, refusal

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


def require_right(change: Change, certificate_id: int, act: str) -> None:
    """Raises `Denied` where the entry is that of a CA, and whoever asks may not do `act` (of `cas`) with CAs."""
    if change.rights is not None and refusal(change.rights, act):
        name = ca_names(change, [certificate_id]).get(certificate_id)
        if name is not None:
            raise _denied(change.rights, act, name)


def require_right_to_key(store: OpenStore, certificate_id: int) -> None:
    """The key of a CA is for those who may make CAs, and have the right to take keys out. Raises `Denied`."""
    act = "cas.import_ca"
    if store.rights is None or not refusal(store.rights, act):
        return
    from certtui.backend.local.cas_whole import whole

    with whole(store).readers.use() as connection:
        found = connection.execute("SELECT name FROM ca WHERE certificate_id = ?", (certificate_id,)).fetchone()
    if found is not None:
        raise _denied(store.rights, act, found[0])


def _denied(access: Access, act: str, name: str) -> Denied:
    return Denied(
        f"This is the certificate of the CA {name}. {refusal(access, act)}", "Ask an admin who sees all of the store."
    )


def is_ca(name: str, act: str) -> Conflict:
    """For the entry of the CA of this name."""
    return Conflict(
        f"This is the certificate of the CA {name}, which can't be {act}: its CRLs and OCSP answers need it.",
        "Retire the CA, or roll it over; see `certtui ca --help`.",
    )
