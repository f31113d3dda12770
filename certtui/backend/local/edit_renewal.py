"""Changing how an entry is renewed: by whom, how long before its end, and with which key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.authorities_rows import profile_named
from certtui.backend.local.cas_guard import refuse_ca
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_checks import unknown_authority
from certtui.backend.local.orders_kept_key import require_keepable
from certtui.clock import from_epoch
from certtui.errors import Conflict, Invalid
from certtui.model.renewal import checked_days, life_days

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.model.certificate import CertificateEdit


def renewal_values(
    store: OpenStore, change: Change, row: CertificateTable, wanted: CertificateEdit
) -> dict[str, int | None]:
    """The columns that an edit asks for. Raises `Invalid` (field), `Conflict` for an entry without an X.509, and for a CA."""
    if wanted.authority is None and wanted.auto_renew_days is None and wanted.keep_key is None:
        return {}
    if row.not_before is None or row.not_after is None:
        raise Conflict(f"{row.name} has no X.509 yet.", "Say in its order how it is to be renewed.")
    refuse_ca(change, row.id, "renewed by an order")
    values: dict[str, int | None] = {}
    authority_id = row.authority_id
    if wanted.authority is not None:
        authority_id = values["authority_id"] = _authority(change, wanted.authority)
    days = wanted.auto_renew_days
    if days is None and wanted.authority == "":
        days = 0
    if days is not None:
        life = life_days(from_epoch(row.not_before), from_epoch(row.not_after))
        values["auto_renew_days"] = checked_days(days, life) or None
        if values["auto_renew_days"] and authority_id is None:
            raise Invalid(
                f"No authority is known for {row.name}, so nobody can be asked to renew it.",
                "Give it an authority too.",
                field="authority",
            )
    if wanted.keep_key is not None:
        if wanted.keep_key:
            require_keepable(store, row.name, row.spki_sha256, here=bool(row.has_private_key))
        values["keep_key"] = int(wanted.keep_key)
    return values


def _authority(change: Change, name: str) -> int | None:
    if not name:
        return None
    found = profile_named(change, name)
    if found is None:
        raise unknown_authority(name)
    return found.id
