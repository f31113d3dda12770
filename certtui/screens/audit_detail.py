"""One audit record with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.screens import audit_words
from certtui.screens.page import LinesPage
from certtui.widgets.fields import Item, blank, heading, text_line

if TYPE_CHECKING:
    from certtui.model.audit import AuditEvent


class AuditEventScreen(LinesPage):
    """Opened by the record's number."""

    TITLE = "Audit record"

    def __init__(self, seq: int) -> None:
        super().__init__()
        self._seq = seq

    def about(self) -> str:
        return str(self._seq)

    def load(self) -> None:
        self.work(lambda: self.backend.audit.get(self._seq), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, event: AuditEvent) -> None:
        kind = event.object_kind
        known = kind in ("certificate", "resource") and event.object_id is not None
        target = (kind, event.object_id) if known and event.object_id is not None else None
        what = f"{event.object_name}  ({kind}{f' {event.object_id}' if event.object_id is not None else ''})"
        self.show(
            [
                Item("Record", str(event.id)),
                Item("At", rfc3339(event.at)),
                Item("Event", event.event),
                Item("Actor", audit_words.actor(event), copies=event.actor),
                Item("Object", what if kind else "the store", copies=event.object_name, target=target),
                blank(),
                heading("Detail"),
                *(text_line(line) for line in (audit_words.pretty(event.detail) or "none").splitlines()),
                blank(),
                heading("Actor as recorded"),
                *(text_line(line) for line in audit_words.pretty(event.actor).splitlines()),
                blank(),
                heading("In the chain"),
                Item("Previous", event.previous_hash or "none: the first"),
                Item("Hash", event.hash),
            ],
            keep=bool(self.view.items),
        )
