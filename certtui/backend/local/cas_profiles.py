"""Authority profiles that issue by a CA: named by its name, and handed over to its successor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.open_store import Change
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import CaTable


def hand_over_profiles(change: Change, old_id: int, successor: CaTable) -> list[int]:
    """Profiles that name the old CA, by id or name, name its successor from now on; their ids."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import AuthorityTable, CaTable

    old = change.session.get(CaTable, old_id)
    if old is None:
        return []
    moved = []
    for profile in change.session.exec(select(AuthorityTable).where(col(AuthorityTable.type) == "local")):
        settings = json.loads(profile.settings)
        named = fold(str(settings.get("ca", "")))
        if named not in (old.name_key, str(old_id)):
            continue
        settings["ca"] = str(successor.id) if named == str(old_id) else successor.name
        profile.settings = json.dumps(settings, sort_keys=True, separators=(",", ":"))
        profile.summary = profile.summary.replace(old.name, successor.name)
        profile.version += 1
        profile.updated_at = change.now
        change.session.add(profile)
        moved.append(profile.id)
    change.record(events.CA_ROLLED_OVER, "ca", old_id, old.name, {"successor": successor.id, "profiles": moved})
    return moved
