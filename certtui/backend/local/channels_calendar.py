"""The calendar of expiries: what expires in the next thirteen months, or did in the last one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from certtui.backend.local.alerts_conditions import DAY
from certtui.clock import epoch, from_epoch
from certtui.model.channel import Calendar, ChannelType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.open_store import OpenStore

MOST_EVENTS = 5_000
"""Events of one calendar: programs that show calendars give up at some number."""

_AHEAD = 396 * DAY
_BACK = 31 * DAY


def calendar(store: OpenStore, groups: Sequence[str] = ()) -> Calendar:
    """Expiries of certificates that are not revoked and that nothing newer replaces; the soonest first."""
    from certtui.channels.ics import Expiry, calendar_text

    now = epoch(store.clock.now())
    living = (
        f"not_after >= {now - _BACK} AND not_after <= {now + _AHEAD} AND (revoked_at IS NULL OR revoked_at > {now}) "
    )
    replaced = (
        "NOT EXISTS (SELECT 1 FROM certificate n WHERE n.renews_id = certificate.id "  # noqa: S608 (numbers of ours)
        f"AND n.not_before <= {now} AND n.not_after >= {now} AND (n.revoked_at IS NULL OR n.revoked_at > {now}))"
    )
    chosen = f"AND business_group IN ({', '.join('?' * len(groups))}) " if groups else ""
    condition = f"FROM certificate WHERE {living}{chosen}AND {replaced}"
    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT id, name, not_after, updated_at, fingerprint_sha256, issuer_name, business_group, resource_count "
            f"{condition} ORDER BY not_after, id LIMIT {MOST_EVENTS}",
            tuple(groups),
        ).fetchall()
        total = len(rows)
        if total == MOST_EVENTS:
            total = connection.execute(f"SELECT count(*) {condition}", tuple(groups)).fetchone()[0]
    expiries = [
        Expiry(
            f"{(fingerprint or str(row_id))[:32]}@certtui",
            name,
            from_epoch(not_after),
            from_epoch(changed),
            _lines(issuer, group, used),
        )
        for row_id, name, not_after, changed, fingerprint, issuer, group, used in rows
    ]
    return Calendar(calendar_text(expiries), len(rows), total - len(rows))


def refresh(store: OpenStore) -> None:
    """Have every calendar file written anew that is not what it should be."""
    from certtui.backend.local.channels_outbox import new_delivery

    for channel_id, groups, waits, last in _channels(store):
        digest = hashlib.sha256(calendar(store, groups).text.encode()).hexdigest()
        if waits or last == digest:
            continue
        with store.changing() as change:
            change.session.add(new_delivery(change, channel_id, "calendar", {"digest": digest}))


def _channels(store: OpenStore) -> list[tuple[int, list[str], bool, str]]:
    """Calendar channels in use: their groups, whether a message waits, and the digest of the newest one."""
    newest = "(SELECT max(d.id) FROM delivery d WHERE d.channel_id = h.id AND d.event = 'calendar')"
    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT h.id, h.groups, d.state, d.body FROM channel h "  # noqa: S608
            f"LEFT JOIN delivery d ON d.id = {newest} WHERE h.type = ? AND h.enabled = 1",
            (str(ChannelType.CALENDAR),),
        ).fetchall()
    return [
        (row_id, json.loads(groups), state == "waiting", "" if body is None else json.loads(body)["digest"])
        for row_id, groups, state, body in rows
    ]


def _lines(issuer: str, group: str, used: int) -> tuple[str, ...]:
    lines = [f"Issued by {issuer}." if issuer else "", f"Business group: {group}" if group else ""]
    lines.append("Used by 1 resource." if used == 1 else f"Used by {used} resources." if used else "")
    return tuple(line for line in lines if line)
