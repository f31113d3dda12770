"""What of a channel is sealed: its secret, together with what it may be used for.

Whoever can write the database and has not the store key could else send the SMTP password to a host of their own, or
have a worker run a command of theirs. So the box holds a digest of the channel's id, type, settings and place too, and
nothing goes along a channel that says something else by now.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from certtui.backend.local.secrets import CHANNEL, open_secrets, seal_secrets
from certtui.errors import Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_alerts import ChannelTable

_NAME = "channel"


def seal_channel(store: OpenStore, change: Change, row: ChannelTable, secret: Secret | None) -> None:
    """Seal the secret of a channel (None for none) with what its row says now. Raises `Locked`."""
    held = {
        "secret": None if secret is None else base64.b64encode(secret.reveal()).decode(),
        "digest": _digest(row.id, row.type, row.settings, row.place),
    }
    seal_secrets(store, change, CHANNEL, row.id, {_NAME: Secret(json.dumps(held))})


def open_channel(store: OpenStore, channel_id: int) -> Secret | None:
    """The secret of a channel, None where it has none. Raises `Locked`, `Unreachable` when its row was changed from outside."""
    sealed = open_secrets(store, CHANNEL, channel_id).get(_NAME)
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT id, type, settings, place, name FROM channel WHERE id = ?", (channel_id,)
        ).fetchone()
    if row is None:
        return None
    held = json.loads(sealed.reveal()) if sealed is not None else {}
    if held.get("digest") != _digest(*row[:4]):
        raise Unreachable(
            f"The channel {row[4]} was changed from outside of certtui, so nothing is sent along it.",
            "Look at who can write the database; then remove the channel and add it again.",
        )
    return None if held["secret"] is None else Secret(base64.b64decode(held["secret"]))


def _digest(channel_id: int, kind: str, settings: str, place: str) -> str:
    return hashlib.sha256(json.dumps([channel_id, kind, settings, place]).encode()).hexdigest()
