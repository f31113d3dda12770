"""`certtui renewals`: what renews when, the certificates behind it, and the estate under shorter lifetimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option
from certtui.cli.listing import rows_of, sort_option

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.renewal_calendar import Bar, RenewalRow
    from certtui.model.renewal_words import Line

_WHAT = ("calendar", "list", "simulate")
_CALENDAR = (
    output.Column("WHEN"),
    output.Column("RENEWALS", right=True),
    output.Column("A DAY", right=True),
    output.Column("AUTHORITIES", least=16),
)
_LIST = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("DUE"),
    output.Column("STATE"),
    output.Column("AUTHORITY"),
    output.Column("WHY", least=16),
)
_SPAN = 30
"""Days that the sentence under the calendar is about."""


def arguments(parser: Parser) -> None:
    """The arguments of `renewals`."""
    parser.add_argument(
        "what", metavar="WHAT", nargs="?", choices=_WHAT, default="calendar",
        help="calendar: what renews when (the default); list: the certificates; simulate: under 200, 100 and 47 days",
    )  # fmt: skip
    parser.add_argument(
        "filter", metavar="FILTER", nargs="*", help="with list: words and conditions: state:blocked 'due<2027-03'"
    )
    parser.add_argument("--days", metavar="N", type=count, help="with calendar: how many days ahead (default: 366)")
    sort_option(parser, "due")
    format_option(parser)


def run(context: Context, args: Namespace) -> int:
    """Print one of the three; nothing is changed."""
    if args.filter and args.what != "list":
        raise Usage("A filter goes with `renewals list`.", "`certtui renewals list state:blocked` for instance.")
    if args.days is not None and args.what != "calendar":
        raise Usage("--days goes with the calendar.", "Write `certtui renewals --days N`.")
    with context.open() as backend:
        if args.what == "list":
            return _list(backend, args)
        return _simulate(backend, args.format) if args.what == "simulate" else _calendar(backend, args)


COMMANDS = {"renewals": (arguments, run)}


def _calendar(backend: Backend, args: Namespace) -> int:
    from certtui.model.renewal_calendar import AHEAD, State, bars, load
    from certtui.model.renewal_words import load_words

    calendar = backend.renewals.calendar(AHEAD if args.days is None else args.days)
    match args.format:
        case "json":
            output.json_object(documents.of_calendar(calendar))
        case "csv":
            output.csv(("day", "count", "authority"), documents.of_days(calendar))
        case _:
            output.table(_CALENDAR, _rows(bars(calendar)))
            terminal.say(f"{load_words(load(calendar, min(_SPAN, args.days or _SPAN))).removesuffix('.')}.")
            states = dict(calendar.states)
            if blocked := states.get(State.BLOCKED, 0):
                terminal.say(f"{blocked:,} blocked: `certtui renewals list state:blocked` says why.")
    return 0


def _rows(bars: Iterable[Bar]) -> Iterator[tuple[object, ...]]:
    """One row for each bar that holds something; what holds nothing is one row however many days it is."""
    from certtui.model.renewal_words import bar_words, rate, shares

    nothing: list[Bar] = []
    for bar in bars:
        if not bar.load.count:
            nothing.append(bar)
            continue
        yield from _nothing(nothing)
        nothing = []
        yield bar_words(bar), f"{bar.load.count:,}", rate(bar.a_day), shares(bar.load.by)
    yield from _nothing(nothing)


def _nothing(bars: list[Bar]) -> Iterator[tuple[object, ...]]:
    from certtui.model.renewal_words import bar_words

    if bars:
        days = sum(bar.days for bar in bars)
        when = bar_words(bars[0]) if len(bars) == 1 else f"{days} days"
        yield when, "-", "-", ""


def _list(backend: Backend, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    listing = backend.renewals.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
    try:
        rows = rows_of(listing)
        match args.format:
            case "json":
                output.json_array(map(documents.of_renewal_row, rows))
            case "csv":
                output.csv(documents.RENEWAL, map(documents.of_renewal_row, rows))
            case _:
                if not output.table(_LIST, map(_texts, rows)):
                    terminal.say("Nothing renews itself." if not args.filter else "Nothing fits.")
    finally:
        listing.close()
    return 0


def _texts(row: RenewalRow) -> tuple[object, ...]:
    return row.id, row.name, output.day(row.due_at), row.state, row.authority or "-", row.blocked or row.why


def _simulate(backend: Backend, form: str) -> int:
    from certtui.model.renewal_words import lack_lines, renewal_lines, scenario_names, verdict

    simulation = backend.renewals.simulate()
    match form:
        case "json":
            output.json_object(documents.of_simulation(simulation))
        case "csv":
            output.csv(documents.SCENARIO, documents.of_scenarios(simulation))
        case _:
            names = scenario_names(simulation)
            columns = (output.Column("", least=20), *(output.Column(name.upper(), right=True) for name in names))
            output.table(columns, map(_line, (*renewal_lines(simulation), *lack_lines(simulation))))
            terminal.say(verdict(simulation))
    return 0


def _line(line: Line) -> tuple[object, ...]:
    return line.label, *line.values
