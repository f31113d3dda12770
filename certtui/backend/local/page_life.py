"""The life of an entry, as its page tells it: read on the bare driver, in the snapshot of the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.certificate_values import instant
from certtui.clock import from_epoch
from certtui.model.alert import DEFAULT_THRESHOLDS
from certtui.model.lifecycle import DEPLOYED, ENDED, ISSUED, MOST_DONE, RENEWED, Lifecycle, LifeEvent

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from certtui.model.consumer import Consumer

_STAGES = {
    events.CSR_SAVED: (ISSUED, "request made"),
    events.REQUEST_AUTOMATED: (ISSUED, "requested from its authority"),
    events.REQUEST_CSR: (ISSUED, "requested by CSR"),
    events.CERTIFICATE_ISSUED: (ISSUED, "issued"),
    events.CSR_COMPLETED: (ISSUED, "signed certificate brought"),
    events.CERTIFICATE_ASSOCIATED: (DEPLOYED, "associated with {resources}"),
    events.CERTIFICATE_DISSOCIATED: (DEPLOYED, "dissociated from {resources}"),
    events.CERTIFICATE_REPLACED: (RENEWED, "put in the place of {renews}"),
    events.KEY_DELETED: (ENDED, "private key destroyed"),
    events.REVOCATION_CONFIRMED: (ENDED, "revoked"),
    events.REVOCATION_LEARNED: (ENDED, "revoked by its CA"),
    events.REVOCATION_TOLD: (ENDED, "its authority was told"),
    events.REVOCATION_NOT_TOLD: (ENDED, "its authority could not be told"),
    events.REVOCATION_TOLD_BY_PERSON: (ENDED, "its authority was told by a person"),
}
_MARKS = ", ".join("?" * len(_STAGES))
_EVENTS = (
    "SELECT at, event, actor, detail FROM audit_event WHERE object_kind = 'certificate' AND object_id = ? "  # noqa: S608 (marks only)
    f"AND event IN ({_MARKS}) ORDER BY seq DESC LIMIT {MOST_DONE}"
)
_ALERT = (
    "SELECT id, opened_at FROM alert WHERE certificate_id = ? AND state <> 'resolved' "
    "AND kind IN ('expiring', 'expired', 'in_use_expired') ORDER BY opened_at, id LIMIT 1"
)
_THRESHOLDS = "SELECT days FROM alert_threshold WHERE business_group IN ('', ?) ORDER BY business_group DESC LIMIT 1"
_RENEWALS = "SELECT id, name, created_at FROM certificate WHERE renews_id = ? AND not_after IS NOT NULL ORDER BY created_at, id LIMIT 8"
_NAMED = 3


def life_of(connection: sqlite3.Connection, row: sqlite3.Row, consumers: Sequence[Consumer]) -> Lifecycle:
    """What was done with an entry, and what watches it."""
    certificate_id = row["id"]
    renewals = connection.execute(_RENEWALS, (certificate_id,)).fetchall()
    alert = connection.execute(_ALERT, (certificate_id,)).fetchone()
    days = connection.execute(_THRESHOLDS, (row["business_group"],)).fetchone()
    done = list(_done(connection, row))
    done += [LifeEvent(from_epoch(at), RENEWED, f"renewed by {name}") for _, name, at in renewals]
    done.append(LifeEvent(from_epoch(row["created_at"]), ISSUED, "came into the inventory", row["created_by"]))
    done.sort(key=lambda each: each.at, reverse=True)
    return Lifecycle(
        done=tuple(done[:MOST_DONE]),
        thresholds=tuple(int(each) for each in days[0].split(",")) if days else DEFAULT_THRESHOLDS,
        used_since=_used_since(connection, certificate_id, consumers),
        alert_id=alert[0] if alert else None,
        alerted_at=from_epoch(alert[1]) if alert else None,
        renewed_at=from_epoch(renewals[0][2]) if renewals else None,
    )


def _used_since(connection: sqlite3.Connection, certificate_id: int, consumers: Iterable[Consumer]) -> datetime | None:
    first = connection.execute("SELECT min(created_at) FROM association WHERE certificate_id = ?", (certificate_id,))
    since = [at for at in (instant(first.fetchone()[0]),) if at is not None]
    return min((*since, *(one.created_at for one in consumers)), default=None)


def _done(connection: sqlite3.Connection, row: sqlite3.Row) -> Iterator[LifeEvent]:
    for at, event, actor, detail in connection.execute(_EVENTS, (row["id"], *_STAGES)).fetchall():
        stage, text = _STAGES[event]
        if "{" in text:
            text = text.format(**_named(connection, detail))
        yield LifeEvent(from_epoch(at), stage, text, str(json.loads(actor).get("name", "")))


def _named(connection: sqlite3.Connection, detail: str) -> dict[str, str]:
    """The names of what a record's detail points to, as they are now."""
    found = json.loads(detail) if detail else {}
    resources = [one for one in found.get("resources", ()) if isinstance(one, int)]
    renews = [found["renews"]] if isinstance(found.get("renews"), int) else []
    return {
        "resources": _names(connection, "resource", resources, "a resource"),
        "renews": _names(connection, "certificate", renews, "an older one"),
    }


def _names(connection: sqlite3.Connection, table: str, ids: Sequence[int], nameless: str) -> str:
    names = []
    for one in ids[:_NAMED]:
        found = connection.execute(f"SELECT name FROM {table} WHERE id = ?", (one,)).fetchone()  # noqa: S608 (our own)
        names.append(found[0] if found else f"{nameless} that is gone")
    more = len(ids) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "") or nameless
