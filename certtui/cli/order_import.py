"""`certtui order import-csv`: an order for each line of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import files, output, terminal
from certtui.cli.arguments import Parser, count, format_option
from certtui.cli.order_options import KEYS
from certtui.cli.reasons import reason_option

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.order_csv import CsvOutcome

_COLUMNS = (
    output.Column("LINE", right=True),
    output.Column("NAME", least=12),
    output.Column("ORDER", right=True),
    output.Column("BECAME"),
    output.Column("WHY", least=16),
)
_NAMES = ("line", "name", "order_id", "status", "text", "done_before")


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="CSV with a heading line, see docs/orders.md; - for standard input"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what each line would come to, and order nothing")
    parser.add_argument("--draft", action="store_true", help="save drafts, and send nothing")
    parser.add_argument("--authority", metavar="NAME", default="", help="for lines that name none")
    parser.add_argument("--template", metavar="NAME", default="", help="for lines that name none")
    parser.add_argument("--days", metavar="N", type=count, help="for lines that say nothing")
    parser.add_argument("--key", choices=KEYS, default="", help="for lines that say nothing")
    parser.add_argument("--group", default="", help="for lines that name none")
    parser.add_argument("--mark", metavar="TEXT", default="", help="order the same file once more, under this mark")
    reason_option(parser)
    format_option(parser)


def _run(context: Context, args: Namespace) -> int:
    from certtui import order_csv
    from certtui.model.certificate import Labels
    from certtui.model.order import OrderForm

    plan = order_csv.read(files.source(args.file).data)
    defaults = OrderForm(
        authority=args.authority,
        template=args.template,
        days=args.days,
        key_type=args.key,
        labels=Labels(business_group=args.group),
        reason=args.reason,
    )
    with context.open(create=not args.dry_run) as backend:
        if args.dry_run:
            outcomes = list(order_csv.preview(backend, plan, defaults=defaults))
        else:
            if not args.draft:
                context.unlock(backend)
            journal = order_csv.Journal(backend.info.place, plan, args.mark)
            running = order_csv.run(
                backend, plan, defaults=defaults, submit=not args.draft, mark=args.mark, journal=journal
            )
            outcomes = list(_followed(running, len(plan.lines)))
    match args.format:
        case "table":
            output.table(_COLUMNS, map(_texts, outcomes))
        case "json":
            output.json_array(map(_of_outcome, outcomes))
        case _:
            output.csv(_NAMES, map(_of_outcome, outcomes))
    return _summed(outcomes)


def _followed(outcomes: Iterator[CsvOutcome], total: int) -> Iterator[CsvOutcome]:
    try:
        for number, outcome in enumerate(outcomes, 1):
            terminal.write_line(f"{number} of {total}: {outcome.label}")
            yield outcome
    finally:
        terminal.clear_line()


def _summed(outcomes: list[CsvOutcome]) -> int:
    """Say what came of it all; the exit code, as of `import`."""
    from collections import Counter

    counted = Counter(each.status for each in outcomes)
    before = sum(each.before for each in outcomes)
    said = ", ".join(f"{number} {status}" for status, number in counted.most_common())
    terminal.say(f"{len(outcomes)} lines: {said}." + (f" {before} were done before." if before else ""))
    bad = counted["refused"] + counted["failed"]
    return 0 if not bad else 1 if bad == len(outcomes) else 3


def _texts(outcome: CsvOutcome) -> tuple[object, ...]:
    return outcome.number, outcome.label, outcome.order_id, outcome.status, outcome.text


def _of_outcome(outcome: CsvOutcome) -> Document:
    return {
        "line": outcome.number,
        "name": outcome.label,
        "order_id": outcome.order_id,
        "status": outcome.status,
        "text": outcome.text,
        "done_before": outcome.before,
    }


COMMANDS = {"order import-csv": (_arguments, _run)}
