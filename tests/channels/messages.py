"""Messages to send."""

from __future__ import annotations

from certtui.channels.message import Message
from certtui.clock import epoch
from tests.certs import NOW


def alert(name: str = "api-gateway", **more: object) -> dict[str, object]:
    """One alert as the outbox writes it."""
    return {
        "id": 7, "event": "opened", "kind": "expiring", "severity": 2, "level": 14, "state": "open",
        "object_kind": "certificate", "object_id": 3, "object_name": name, "certificate_id": 3,
        "business_group": "payments", "detail": "", "due_at": epoch(NOW) + 10 * 86_400, "opened_at": epoch(NOW), **more,
    }  # fmt: skip


def message(*alerts: dict[str, object], event: str = "alerts", total: int = 0) -> Message:
    """A message about these alerts."""
    given = alerts or (alert(),)
    return Message("msg_0123456789abcdef", event, NOW, given, {"opened": max(total, len(given))})
