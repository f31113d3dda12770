"""Order many from a CSV file: what each line would come to, then the orders, with a bar and a journal that resumes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import CerttuiError, Interrupted
from certtui.given import Absent, Given, load
from certtui.model.certificate import Labels
from certtui.model.order import OrderForm
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import PathInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from certtui.model.progress import Progress
    from certtui.order_csv import CsvOutcome, CsvPlan
    from certtui.screens.base import Place


@dataclass(frozen=True, slots=True)
class Many:
    """A file of orders and how they are to be made."""

    plan: CsvPlan
    path: str
    defaults: OrderForm
    submit: bool = True
    mark: str = ""

    @property
    def command(self) -> str:
        """The command line that does the same."""
        parts = [f"certtui order import-csv {shlex.quote(self.path)}"]
        for option, value in (
            ("--authority", self.defaults.authority),
            ("--group", self.defaults.labels.business_group),
            ("--reason", self.defaults.reason),
            ("--mark", self.mark),
        ):
            if value:
                parts.append(f"{option} {shlex.quote(value)}")
        if not self.submit:
            parts.append("--draft")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class ManyVerdict(Verdict):
    """A verdict with the orders that can be looked at."""

    many: Many | None = None


class OrderManyScreen(FormScreen):
    """Which file, and what holds for lines that do not say."""

    TITLE = "Order many"
    KIND = "order-many"
    SAVE_WORD = "dry run"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    DEFAULT_CSS = """
    OrderManyScreen Field, OrderManyScreen Pair { margin-bottom: 1; }
    """

    def fields(self) -> ComposeResult:
        yield Field("file", "CSV file", PathInput(placeholder="a path; tab completes, ctrl+o browses"))
        yield Field("authority", "Authority", ChoiceRow([("", "as each line says")]))
        yield Field("then", "Then", ChoiceRow([("submit", "send them"), ("draft", "keep them as drafts")]))
        yield Pair(
            Field("group", "Group", LineInput()), Field("mark", "Mark", LineInput(placeholder="orders it once more"))
        )
        yield Field("reason", "Why", LineInput(placeholder="a word for policies that ask why"))
        yield SafeText("", id="columns")

    def ready(self) -> None:
        from certtui.order_csv import COLUMNS

        self.query_one("#columns", SafeText).say(
            "The first line names the columns, all of which may be left out: "
            f"{', '.join(COLUMNS)}. A line that was ordered is never ordered twice."
        )
        self.work(
            lambda: self.backend.orders.overview().authorities, done=self._named, failed=self._not_named, key="names"
        )

    def _named(self, names: tuple[str, ...]) -> None:
        row = self.field("authority").editor
        assert isinstance(row, ChoiceRow)  # noqa: S101  # built above
        row.offer([("", "as each line says"), *((name, name) for name in names)])
        super().ready()

    def _not_named(self, error: CerttuiError) -> None:
        self.fail(error)
        super().ready()

    def begin(self) -> None:
        self.field("file").focus_editor()

    def judge(self, typed: Typed) -> Verdict:
        from certtui.order_csv import Journal, read

        path = typed.value("file")
        if not path:
            return ManyVerdict("One order for each line of a CSV file.", missing={"file": "Choose the file."})
        try:
            plan = read(load(Given(path)).data)
        except Absent as error:
            return ManyVerdict("One order for each line of a CSV file.", absent={"file": str(error)})
        except CerttuiError as error:
            return ManyVerdict("As it stands nothing can be ordered.", {"file": str(error)})
        defaults = OrderForm(
            authority=typed.value("authority"),
            labels=Labels(business_group=typed.value("group")),
            reason=typed.value("reason"),
        )
        mark = typed.value("mark")
        many = Many(plan, path, defaults, typed.value("then") != "draft", mark)
        done = len(Journal(self.backend.info.place, plan, mark).done())
        count = len(plan.lines)
        before = f", of which {done:,} were done before" if done else ""
        said = f"{count:,} order{'s' if count > 1 else ''}{before}. The dry run shows what each would come to, and orders nothing."
        return ManyVerdict(said, many=many)

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, ManyVerdict)  # noqa: S101  # made by judge
        many = verdict.many
        assert many is not None, "a verdict without a fault has orders"  # noqa: S101
        self.resume()

        def ended(answer: tuple[list[CsvOutcome], CerttuiError | None]) -> None:
            from certtui.screens.order_many_report import OrderManyReport

            outcomes, error = answer
            if error is not None and not outcomes:
                self.fail(error)
                return
            self.app.push_screen(OrderManyReport(many, outcomes, dry=True, stopped=error))

        run_many(self, many, dry=True, done=ended)


def run_many(
    screen: Place, many: Many, *, dry: bool, done: Callable[[tuple[list[CsvOutcome], CerttuiError | None]], object]
) -> None:
    """Look at all lines, or order them; what was done before it was stopped is in the answer, with what stopped it."""
    from certtui import order_csv

    backend = screen.backend
    watch = screen.console_app.orders

    def act(progress: Progress) -> tuple[list[CsvOutcome], CerttuiError | None]:
        outcomes: list[CsvOutcome] = []
        total = len(many.plan.lines)

        def stopped() -> bool:
            # The port raises once the person cancels; the run then ends by itself, between two orders.
            try:
                progress(len(outcomes), total)
            except Interrupted:
                return True
            return False

        def lines() -> Iterator[CsvOutcome]:
            if dry:
                return order_csv.preview(backend, many.plan, defaults=many.defaults)
            journal = order_csv.Journal(backend.info.place, many.plan, many.mark)
            return order_csv.run(
                backend,
                many.plan,
                defaults=many.defaults,
                submit=many.submit,
                mark=many.mark,
                journal=journal,
                stopped=stopped,
            )

        if watch is not None:
            watch.sending += 1
        try:
            for outcome in lines():
                outcomes.append(outcome)
                progress(len(outcomes), total)
        except CerttuiError as error:
            return outcomes, error
        finally:
            if watch is not None:
                watch.sending -= 1
        return outcomes, None

    count = f"{len(many.plan.lines):,} order{'s' if len(many.plan.lines) > 1 else ''}"
    title = f"Looking at {count}" if dry else f"Ordering: {count}"
    command = many.command + (" --dry-run" if dry else "")
    screen.work_long(title, act, done=done, failed=lambda error: done(([], error)), command=command)
