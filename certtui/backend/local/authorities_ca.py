"""Which profiles of the built-in PKI issue by which CA: in their settings, `ca` is the CA's id as text.

For the pages of CAs, and for a rollover: what goes on by the successor is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from sqlite3 import Connection
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.model.authority import AuthorityType

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change

SETTING = "ca"


def profiles_of_ca(connection: Connection, ca_id: int) -> tuple[str, ...]:
    """Names of the profiles that issue by a CA."""
    rows = connection.execute(
        "SELECT name, settings FROM authority WHERE type = ? ORDER BY name_key", (AuthorityType.LOCAL.value,)
    )
    return tuple(name for name, settings in rows if ca_of(settings) == ca_id)


def ca_of(settings: str) -> int | None:
    """The CA that kept settings name, None for none."""
    found = str(json.loads(settings).get(SETTING, ""))
    return int(found) if found.isascii() and found.isdigit() else None


def hand_over(change: Change, ca_id: int, successor_id: int, successor_name: str) -> Sequence[str]:
    """From now on the profiles of a CA issue by its successor; answers their names. Orders under way keep their serial."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import AuthorityTable

    moved = []
    for row in change.session.exec(select(AuthorityTable).where(AuthorityTable.type == AuthorityType.LOCAL.value)):
        if ca_of(row.settings) != ca_id:
            continue
        row.settings = json.dumps({**json.loads(row.settings), SETTING: str(successor_id)}, sort_keys=True)
        row.summary = successor_name
        row.version += 1
        row.updated_at = change.now
        change.session.add(row)
        change.record(events.AUTHORITY_EDITED, "authority", row.id, row.name, {"ca": [ca_id, successor_id]})
        moved.append(row.name)
    return moved
