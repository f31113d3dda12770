"""The place Audit: who did what, newest first, and the proof that nothing was changed or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.model.audit import AuditEvent, AuditHead, AuditVerification
from certtui.model.filter_fields import AUDIT
from certtui.model.query import Query, Sort
from certtui.screens import audit_words
from certtui.screens.list_place import ListPlace
from certtui.widgets.columns import Cell, Column
from certtui.widgets.dialogs import Message

if TYPE_CHECKING:
    from certtui.backend.base import Listing


def _event_style(event: str) -> str:
    if "key.revealed" in event or ".delete" in event:
        return "warn"
    return "bad" if "fail" in event else ""


COLUMNS: tuple[Column[AuditEvent], ...] = (
    Column("id", "#", 5, lambda row: Cell(str(row.id), "dim"), priority=4, right=True, sort="id"),
    Column("at", "At (UTC)", 16, lambda row: Cell(f"{row.at:%Y-%m-%d %H:%M}"), priority=1, sort="at"),
    Column(
        "event",
        "Event",
        29,
        lambda row: Cell(row.event, _event_style(row.event)),
        priority=1,
        flex=2,
        most=40,
        sort="event",
    ),
    Column("actor", "Actor", 7, lambda row: Cell(audit_words.actor(row)), sort="actor", priority=2, flex=1, most=30),
    Column("object", "Object", 10, lambda row: Cell(row.object_name), sort="object", priority=2, flex=2, most=40),
    Column("detail", "Detail", 24, lambda row: Cell(audit_words.about(row), "dim"), priority=6, flex=3, most=80),
)


class AuditScreen(ListPlace[AuditEvent]):
    """Read-only by its nature."""

    PLACE = "audit"
    TITLE = "Audit"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "audit")
    COLUMNS = COLUMNS
    FIELDS = AUDIT
    SORT = Sort("id", descending=True)
    NOUN = ("record", "records")

    def search(self, query: Query) -> Listing[AuditEvent]:
        return self.backend.audit.search(query)

    def first_run(self) -> list[str]:
        return ["Nothing was recorded yet.", "Every change, every view of a page, every export comes here, and stays."]

    def opened(self, row: AuditEvent) -> None:
        self.open_screen("certtui.screens.audit_detail:AuditEventScreen", row.id)

    def do_audit_verify(self) -> None:
        self.work_long(
            "Verifying the audit log",
            self.backend.audit.verify,
            done=self._verified,
            command="certtui audit verify",
        )

    def _verified(self, found: AuditVerification) -> None:
        if found.first_broken is None:
            self.app.push_screen(
                Message(
                    "The audit log is whole",
                    [
                        f"{found.checked:,} records, each sealed by the one after it.",
                        f"Head  {found.head.seq}  {found.head.hash}",
                        "",
                        "A log that was cut at its end looks whole as well: compare the head with one kept elsewhere.",
                    ],
                    command="certtui audit verify",
                )
            )
            return

        def read(_: None) -> None:
            if found.first_broken is not None:
                self.query_now = Query("", self.SORT)
                self.filter_to("", anchor=found.first_broken)

        self.app.push_screen(
            Message(
                "The audit log is broken",
                [
                    f"Record {found.first_broken} is the first that does not fit: {found.problem}",
                    *(
                        [f"Expected  {found.expected}", f"Found     {found.found or 'nothing'}"]
                        if found.expected
                        else []
                    ),
                    f"{found.checked:,} record{' before it fits' if found.checked == 1 else 's before it fit'}.",
                    "",
                    "Somebody wrote to the database besides certtui, or it was damaged. Keep a copy before anything else.",
                ],
                danger=True,
                command="certtui audit verify",
            ),
            read,
        )

    def do_audit_export(self) -> None:
        from certtui.screens.audit_export import AuditExportDialog, AuditOrder, write

        text, backend = self.query_now.text, self.backend

        def answered(order: AuditOrder | None) -> None:
            if order is not None:
                self.work_long(
                    "Exporting the audit log",
                    lambda progress: write(backend, text, order, progress),
                    done=lambda sentence: self.say(sentence, "ok"),
                )

        total = self.listing.total if self.listing is not None else None
        self.app.push_screen(AuditExportDialog(text, total), answered)

    def do_audit_head(self) -> None:
        def copy(head: AuditHead) -> None:
            from certtui.screens.copy_text import copy

            copy(self, "Head", f"{head.seq} {head.hash}")

        self.work(self.backend.audit.head, done=copy)
