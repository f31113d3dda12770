"""What became, or would become, of every line of a file of orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.actions import Action
from certtui.errors import CerttuiError, Interrupted, Locked
from certtui.screens.base import Place
from certtui.screens.order_many import Many, run_many
from certtui.widgets.columns import Cell, Column
from certtui.widgets.record_table import RecordTable
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.order_csv import CsvOutcome

STYLES = {"refused": "bad", "failed": "bad", "complete": "ok", "fine": "ok", "pending": "note", "processing": "note"}
SIGNS = {"refused": "x ", "failed": "x ", "pending": "~ ", "processing": "* "}


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One line of the report."""

    id: int
    outcome: CsvOutcome


def _why(row: OutcomeRow) -> Cell:
    outcome = row.outcome
    before = "done before. " if outcome.before else ""
    return Cell(f"{before}{outcome.text}", "dim" if outcome.before and not outcome.text else "")


COLUMNS: tuple[Column[OutcomeRow], ...] = (
    Column("line", "Line", 6, lambda row: Cell(str(row.outcome.number), "dim"), priority=3, right=True),
    Column("name", "Name", 22, lambda row: Cell(row.outcome.label or "-"), priority=1, flex=1, most=36),
    Column(
        "became", "Became", 12,
        lambda row: Cell(
            f"{SIGNS.get(row.outcome.status, '  ')}{row.outcome.status}", STYLES.get(row.outcome.status, "")
        ),
        priority=1,
    ),
    Column("why", "Why", 20, _why, priority=2, flex=4, most=160),
)  # fmt: skip


class OrderManyReport(Place):
    """The report; of a dry run the orders are made from here."""

    TITLE = "Order many"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "list", "order-many")

    DEFAULT_CSS = """
    OrderManyReport #head { padding: 0 1; height: auto; max-height: 4; }
    """

    def __init__(
        self, many: Many, outcomes: Sequence[CsvOutcome], *, dry: bool, stopped: CerttuiError | None = None
    ) -> None:
        super().__init__()
        self.many = many
        self.dry = dry
        self.stopped = stopped
        # What needs a person comes first; the lines keep their order within.
        rank = {"refused": 0, "failed": 0, "pending": 1, "processing": 1}
        self.outcomes = sorted(outcomes, key=lambda each: (rank.get(each.status, 2), each.number))

    def content(self) -> ComposeResult:
        yield SafeText(self.head(), id="head")
        yield RecordTable(list(COLUMNS), self._fetch)

    def about(self) -> str:
        return self.many.path

    def head(self) -> str:
        """The sentence on top."""
        key = self.console_app.keys.label("order.send-many")
        counted = Counter(each.status for each in self.outcomes)
        said = ", ".join(f"{number:,} {status}" for status, number in counted.most_common())
        total = len(self.many.plan.lines)
        if self.dry and self.stopped is None:
            what = "sends" if self.many.submit else "keeps as drafts"
            return f"Nothing is ordered yet. {total:,} lines: {said}. {key} {what} what is not refused."
        if self.stopped is not None:
            where = f"after {len(self.outcomes):,} of {total:,}"
            why = "You stopped it" if isinstance(self.stopped, Interrupted) else f"It stopped: {self.stopped}"
            again = f" {key} goes on from there." if not self.dry else ""
            return f"{why} {where}{f': {said}' if said else ''}.{again}"
        before = sum(each.before for each in self.outcomes)
        more = f" {before:,} were done before." if before else ""
        again = f" {key} tries again what was refused." if counted["refused"] else ""
        return f"{total:,} lines: {said}.{more}{again}"

    @property
    def table(self) -> RecordTable[OutcomeRow]:
        return self.query_one(RecordTable)

    def ready(self) -> None:
        self.bind_table(self.table)
        self.table.open(len(self.outcomes))
        self.table.focus()

    def _fetch(self, start: int, stop: int, generation: int) -> None:
        rows = [OutcomeRow(number, each) for number, each in enumerate(self.outcomes[start:stop], start + 1)]
        self.table.deliver(start, rows, generation)

    def offers(self, action: Action) -> bool:
        if action.id == "order.send-many":
            return not self._why_not_send()
        return hasattr(self, action.method) or hasattr(RecordTable, action.method)

    def why_not(self, action: Action) -> str:
        if action.id == "order.send-many" and (reason := self._why_not_send()):
            return reason
        return super().why_not(action)

    def _why_not_send(self) -> str:
        if self.dry and all(each.status == "refused" for each in self.outcomes):
            return "Every line is refused."
        if not self.dry and self.stopped is None and not any(each.status == "refused" for each in self.outcomes):
            return "Every line is ordered."
        return ""

    def word_of(self, action: Action) -> str:
        if action.id == "order.send-many":
            return "order them" if self.dry else "go on" if self.stopped is not None else "try again"
        return super().word_of(action)

    def do_list_open(self) -> None:
        row = self.table.current
        if row is None:
            return
        if row.outcome.order_id is not None:
            self.open_screen("certtui.screens.order_page:OrderScreen", row.outcome.order_id)
        else:
            self.say(f"Line {row.outcome.number}: {row.outcome.text or row.outcome.status}")

    def on_record_table_opened(self) -> None:
        self.do_list_open()

    def do_order_send_many(self) -> None:
        """Order every line that was not ordered yet."""
        from certtui.screens.unlock import unlock

        if self.many.submit and self.backend.store.locked:
            unlock(self, then=self._run, why="New private keys are sealed by the store key.")
        else:
            self._run()

    def _run(self) -> None:
        def ended(answer: tuple[list[CsvOutcome], CerttuiError | None]) -> None:
            outcomes, error = answer
            if isinstance(error, Locked):
                from certtui.screens.unlock import unlock

                unlock(self, then=self._run, why=error.message)
                return
            self.app.switch_screen(OrderManyReport(self.many, outcomes, dry=False, stopped=error))

        run_many(self, self.many, dry=False, done=ended)
