"""Ways for alerts out of the console: `backend.base_alerts.Channels` on the local store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.channels_rows import CHANNEL_COLUMNS, channel_of, delivery_of, settings_json
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Ambiguous, Conflict, Denied, Invalid, NotFound
from certtui.model.channel import ChannelType, SmtpSettings
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_alerts import ChannelTable
    from certtui.model.channel import Calendar, Channel, ChannelForm, Delivery, DeliveryResult, Settings
    from certtui.model.secret import Secret

_HERE = (ChannelType.COMMAND, ChannelType.CALENDAR)
"""Types that act on the host that delivers, as the user who does."""

_MOST_DELIVERIES = 1_000


class LocalChannels:
    """Channels of a local store."""

    def __init__(self, store: OpenStore, *, distant: bool = False) -> None:
        """`distant` for who comes in over a server: what runs or is written on its host is not theirs to say."""
        self._store = store
        self._distant = distant

    def list(self) -> Sequence[Channel]:
        self._require_unlimited()
        with self._store.readers.use() as connection:
            rows = connection.execute(f"SELECT {CHANNEL_COLUMNS} FROM channel h ORDER BY name_key").fetchall()  # noqa: S608
        return [channel_of(row) for row in rows]

    def get(self, channel_id: int) -> Channel:
        self._require_unlimited()
        with self._store.readers.use() as connection:
            row = connection.execute(f"SELECT {CHANNEL_COLUMNS} FROM channel h WHERE id = ?", (channel_id,)).fetchone()  # noqa: S608
        if row is None:
            raise _gone(channel_id)
        return channel_of(row)

    def resolve(self, reference: str) -> int:
        self._require_unlimited()
        kind, colon, rest = reference.strip().partition(":")
        kind, wanted = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
        found: dict[int, str] = {}
        with self._store.readers.use() as connection:
            if kind in ("", "id") and wanted.isascii() and wanted.isdigit() and len(wanted) <= 18:
                found |= dict(
                    connection.execute("SELECT id, name FROM channel WHERE id = ?", (int(wanted),)).fetchall()
                )
            if kind in ("", "name"):
                found |= dict(
                    connection.execute("SELECT id, name FROM channel WHERE name_key = ?", (fold(wanted),)).fetchall()
                )
        if not found:
            raise NotFound(f"There is no channel `{reference}`.", "`certtui channel list` shows them all.")
        if len(found) > 1:
            raise Ambiguous(
                f"`{reference}` fits more than one channel.", tuple(sorted(found.items())), "Name it as `id:3`."
            )
        return next(iter(found))

    def add(self, form: ChannelForm) -> Channel:
        from certtui.backend.local.channels_check import checked
        from certtui.backend.local.channels_secret import seal_channel
        from certtui.backend.local.tables_alerts import ChannelTable

        self._require_allowed(form.type)
        form = checked(form)
        with self._store.changing() as change:
            _require_free(change, form.name, None)
            (row_id,) = change.new_ids("channel", 1)
            row = ChannelTable(
                id=row_id,
                created_at=change.now,
                updated_at=change.now,
                name=form.name,
                name_key=fold(form.name),
                type=str(form.type),
            )
            _fill(row, form)
            secret = form.secret or None
            row.has_secret = int(secret is not None)
            change.session.add(row)
            change.session.flush()
            seal_channel(self._store, change, row, secret)
            change.record(events.CHANNEL_CREATED, "channel", row_id, row.name, {"type": row.type})
        return self.get(row_id)

    def edit(self, channel_id: int, version: int, form: ChannelForm) -> Channel:
        from certtui.backend.local.channels_check import checked
        from certtui.backend.local.channels_secret import open_channel, seal_channel
        from certtui.backend.local.wiping import destroying

        self._require_allowed(form.type)
        known = self.get(channel_id)
        if known.type is not form.type:
            raise Conflict(f"{known.name} is of the type {known.type}, which stays.", "Add another channel.")
        kept: Secret | None = None
        if form.secret is None and known.has_secret:
            _require_same_server(known.settings, form.settings)
            kept = open_channel(self._store, channel_id)
        form = checked(form, has_secret=bool(kept))
        with destroying(self._store) as change:
            row = _as_seen(change, channel_id, version)
            if fold(form.name) != row.name_key:
                _require_free(change, form.name, channel_id)
            before = row.model_dump()
            _fill(row, form)
            row.name, row.name_key = form.name, fold(form.name)
            secret = kept if form.secret is None else form.secret or None
            row.has_secret = int(secret is not None)
            row.version += 1
            row.updated_at = change.now
            change.session.add(row)
            change.session.flush()
            seal_channel(self._store, change, row, secret)
            after = row.model_dump()
            left_out = ("version", "updated_at", "name_key")
            changed = {
                key: [before[key], after[key]] for key in after if key not in left_out and before[key] != after[key]
            }
            if form.secret is not None:
                changed["secret"] = ["…", "…"]
            change.record(events.CHANNEL_EDITED, "channel", channel_id, row.name, {"changed": changed})
        return self.get(channel_id)

    def remove(self, channel_id: int, version: int) -> None:
        from certtui.backend.local.secrets import CHANNEL, forget_secrets
        from certtui.backend.local.wiping import destroying

        self._require_unlimited()
        with destroying(self._store) as change:
            row = _as_seen(change, channel_id, version)
            forget_secrets(change, CHANNEL, channel_id)
            change.session.delete(row)
            change.record(events.CHANNEL_DELETED, "channel", channel_id, row.name, {"type": row.type})

    def test(self, channel_id: int) -> DeliveryResult:
        from certtui.backend.local.channels_deliver import deliver_test

        self._require_unlimited()
        self._store.require_writable()
        return deliver_test(self._store, self.get(channel_id))

    def deliveries(self, channel_id: int, limit: int = 100) -> Sequence[Delivery]:
        self.get(channel_id)
        with self._store.readers.use() as connection:
            rows = connection.execute(
                "SELECT id, channel_id, uid, event, alert_ids, alert_count, state, attempts, created_at, next_try_at, "
                "sent_at, answer FROM delivery WHERE channel_id = ? ORDER BY id DESC LIMIT ?",
                (channel_id, max(1, min(limit, _MOST_DELIVERIES))),
            ).fetchall()
        return [delivery_of(row) for row in rows]

    def calendar(self) -> Calendar:
        from certtui.backend.local.channels_calendar import calendar

        return calendar(self._store)

    def _require_unlimited(self) -> None:
        if self._store.access is not None:
            raise Denied(
                "Channels carry the alerts of everybody, and you see a part of them.", "Ask an admin of this server."
            )

    def _require_allowed(self, kind: ChannelType) -> None:
        self._require_unlimited()
        if self._distant and kind in _HERE:
            what = "A command is run" if kind is ChannelType.COMMAND else "A calendar file is written"
            raise Denied(
                f"{what} on the server's own host, so it is set there.", "Use `certtui channel` on the server's host."
            )


def _require_same_server(old: Settings, new: Settings) -> None:
    """Raises `Invalid`: a password that is kept goes to the server it was given for, under the same protection."""
    if not (isinstance(old, SmtpSettings) and isinstance(new, SmtpSettings)):
        return
    if (old.host, old.port, old.security, old.username, old.ca_file) != (
        new.host, new.port, new.security, new.username, new.ca_file,
    ):  # fmt: skip
        raise Invalid("The password was given for another server or protection.", "Give it again.", field="secret")


def _fill(row: ChannelTable, form: ChannelForm) -> None:
    from certtui.backend.local.channels_deliver import here

    row.enabled = int(form.enabled)
    row.min_severity = int(form.min_severity)
    row.on_resolve = int(form.on_resolve)
    row.kinds = json.dumps(list(form.kinds))
    row.groups = json.dumps(list(form.groups))
    row.settings = settings_json(form.settings)
    row.place = here() if form.type in _HERE else ""


def _require_free(change: Change, name: str, but: int | None) -> None:
    from sqlmodel import select

    from certtui.backend.local.tables_alerts import ChannelTable

    taken = change.session.exec(select(ChannelTable).where(ChannelTable.name_key == fold(name))).first()
    if taken is not None and taken.id != but:
        raise Conflict(f"There is a channel called {taken.name} already.", "Choose another name.")


def _as_seen(change: Change, channel_id: int, version: int) -> ChannelTable:
    from certtui.backend.local.tables_alerts import ChannelTable

    row = change.session.get(ChannelTable, channel_id)
    if row is None:
        raise _gone(channel_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def _gone(channel_id: int) -> NotFound:
    return NotFound(f"There is no channel {channel_id} here (any more).", "Refresh the list.")
