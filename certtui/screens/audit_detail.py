"""One audit record with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.model.audit_changes import changes_of
from certtui.screens import audit_words
from certtui.screens.page import LinesPage
from certtui.screens.targets import target_of
from certtui.widgets.fields import Item, blank, heading, text_line

if TYPE_CHECKING:
    from certtui.model.audit import AuditEvent


LISTED = 50


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
        what = f"{event.object_name}  ({kind}{f' {event.object_id}' if event.object_id is not None else ''})"
        self.show(
            [
                Item("Record", str(event.id)),
                Item("At", rfc3339(event.at)),
                Item("Event", event.event),
                Item("Actor", audit_words.actor(event), copies=event.actor),
                Item(
                    "Object",
                    what if kind else "the store",
                    copies=event.object_name,
                    target=target_of(kind, event.object_id),
                ),
                *_others(event),
                *_changes(event),
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


def _others(event: AuditEvent) -> list[Item]:
    """What else the record is about: the objects of a bulk act, an order's certificate; enter opens them."""
    items: list[Item] = []
    for kind, number in audit_words.objects(event)[:LISTED]:
        items.append(Item("" if items else "About", f"{kind} {number}", target=target_of(kind, number)))
    return items


def _changes(event: AuditEvent) -> list[Item]:
    """Each field that an edit changed, with its value before and after."""
    changes = changes_of(event.detail)
    if not changes:
        return []
    items = [blank(), heading("Before and after")]
    for change in changes[:LISTED]:
        of = "" if change.object_id is None else f" of {change.object_id}"
        items += [
            text_line(f"{change.field}{of}"),
            Item("  before", change.before or "(empty)", copies=change.before),
            Item("  now", change.after or "(empty)", copies=change.after),
        ]
    if len(changes) > LISTED:
        items.append(Item("", f"and {len(changes) - LISTED:,} more; the detail below has all", "dim"))
    return items
