"""A message about alerts, and how it reads: as JSON for programs, as a mail for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from certtui.clock import from_epoch, rfc3339
from certtui.model.alert import KIND_WORDS, AlertKind, Severity
from certtui.model.alert_words import sentence
from certtui.text import shown


@dataclass(frozen=True, slots=True)
class Message:
    """What one delivery tells; `uid` is the same on every attempt."""

    uid: str
    event: str
    """`alerts` or `test`."""
    created_at: datetime
    alerts: tuple[Mapping[str, Any], ...] = ()  # Any: facts of an alert, as the outbox wrote them
    """The most urgent ones, each with `event`: `opened`, `escalated`, `woke` or `resolved`."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many of each event, those that are not named too."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def payload(message: Message) -> dict[str, object]:
    """What programs get: `type`, `timestamp`, `data`, as Standard Webhooks has it."""
    return {
        "type": f"certtui.{message.event}",
        "timestamp": rfc3339(message.created_at),
        "data": {
            "id": message.uid,
            "counts": dict(message.counts),
            "total": message.total,
            "left_out": message.total - len(message.alerts),
            "alerts": [_alert(each, message.created_at) for each in message.alerts],
        },
    }


def payload_bytes(message: Message) -> bytes:
    """The same as JSON in ASCII."""
    return json.dumps(payload(message), sort_keys=True).encode("ascii")


def subject(message: Message) -> str:
    """One line of safe text."""
    if message.event == "test":
        return "certtui: a test message"
    if message.total == 1 and message.alerts:
        alert = message.alerts[0]
        return str(shown(f"certtui: {_mark(alert)}{_words(alert)}: {alert['object_name']}"))
    worst = Severity(max((each["severity"] for each in message.alerts), default=1))
    return f"certtui: {message.total} alerts, {worst} at most"


def lines(message: Message) -> list[str]:
    """The text for people, line by line, safe to show."""
    if message.event == "test":
        return ["This is a test message. Alerts will come this way."]
    counted = ", ".join(f"{count} {what}" for what, count in sorted(message.counts.items()))
    said = [f"Alerts: {counted}.", ""]
    for alert in message.alerts:
        said.append(str(shown(f"{_mark(alert)}{_words(alert)}: {alert['object_name']}")))
        said.append(f"  {shown(_sentence(alert, message.created_at))}")
        if alert["business_group"]:
            said.append(f"  Business group: {shown(alert['business_group'])}")
        said.append("")
    left_out = message.total - len(message.alerts)
    if left_out:
        said += [f"And {left_out} more; `certtui alert list` shows them all.", ""]
    return said


def _mark(alert: Mapping[str, Any]) -> str:
    word = "resolved" if alert["event"] == "resolved" else str(Severity(alert["severity"]))
    return f"[{word}] "


def _words(alert: Mapping[str, Any]) -> str:
    return KIND_WORDS[AlertKind(alert["kind"])]


def _sentence(alert: Mapping[str, Any], now: datetime) -> str:
    due = None if alert["due_at"] is None else from_epoch(alert["due_at"])
    return sentence(AlertKind(alert["kind"]), alert["detail"], due, now)


def _alert(alert: Mapping[str, Any], now: datetime) -> dict[str, object]:
    return {
        "id": alert["id"],
        "event": alert["event"],
        "kind": alert["kind"],
        "severity": str(Severity(alert["severity"])),
        "state": alert["state"],
        "object": {"kind": alert["object_kind"], "id": alert["object_id"], "name": alert["object_name"]},
        "certificate_id": alert["certificate_id"],
        "business_group": alert["business_group"],
        "summary": _sentence(alert, now),
        "due_at": None if alert["due_at"] is None else rfc3339(from_epoch(alert["due_at"])),
        "opened_at": rfc3339(from_epoch(alert["opened_at"])),
    }
