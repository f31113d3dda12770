"""`certtui alert`: what needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.cli.listing import rows_of, sort_option

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.alert import Alert, AlertRow
    from certtui.model.certificate import BulkOutcome

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("SEVERITY"),
    output.Column("WHAT"),
    output.Column("WHERE", least=12),
    output.Column("SINCE"),
    output.Column("STATE"),
    output.Column("SAYS", least=16),
)
_NAMES = (
    "id", "version", "kind", "severity", "state", "level", "object_kind", "object_id", "object_name", "certificate_id",
    "business_group", "summary", "detail", "due_at", "opened_at", "changed_at", "snoozed_until", "resolved_by",
    "handled_by", "note",
)  # fmt: skip
_DAYS_COLUMNS = (output.Column("GROUP", least=8), output.Column("DAYS"))


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "filter",
        metavar="FILTER",
        nargs="*",
        help="words and conditions: severity:critical, kind:expiring, group:payments",
    )
    parser.add_argument(
        "--all", action="store_true", help="not only open ones: acknowledged, snoozed and resolved ones too"
    )
    sort_option(parser, "-severity")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    words = " ".join(args.filter)
    text = words if args.all or "state:" in words else f"{words} state:open"
    with context.open() as backend:
        listing = backend.alerts.search(Query(text, Sort.parse(args.sort)))
        now = listing.as_of
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, (_texts(row, now) for row in rows)):
                        terminal.say("Nothing needs a person." if text.strip() == "state:open" else "No alert fits.")
                case "json":
                    output.json_array(document(row, now) for row in rows)
                case _:
                    output.csv(_NAMES, (document(row, now) for row in rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    parser.add_argument("alert", metavar="ID", help="the alert's number")
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    from certtui.clock import Clock

    with context.open() as backend:
        alert = backend.alerts.get(_number(args.alert))
    now = Clock().now()
    if args.format == "json":
        output.json_object({**document(alert.row, now), "history": [*_history(alert)]})
        return 0
    from certtui.model.alert import KIND_WORDS
    from certtui.model.alert_words import sentence_of, standing

    row = alert.row
    output.fields(
        [
            ("Alert", row.id),
            ("Where", f"{row.object_name} ({row.object_kind} {row.object_id})"),
            ("What", KIND_WORDS[row.kind]),
            ("Says", sentence_of(row, now)),
            ("Severity", str(row.severity)),
            ("State", standing(row)),
            ("Since", output.minute(row.opened_at)),
            ("Due", output.minute(row.due_at)),
            ("Group", row.business_group),
            ("Note", row.note),
        ]
    )
    output.lines([""])
    output.table(
        (output.Column("AT"), output.Column("WHAT"), output.Column("BY", least=8), output.Column("NOTE", least=12)),
        ((output.minute(each.at), each.what, each.who, each.note) for each in alert.history),
    )
    return 0


def _handle_arguments(parser: Parser) -> None:
    parser.add_argument("alerts", metavar="ID", nargs="+", help="the alerts' numbers")
    parser.add_argument("--note", default="", help="a word for the others")
    format_option(parser, csv=False)


def _snooze_arguments(parser: Parser) -> None:
    _handle_arguments(parser)
    parser.add_argument(
        "--until", required=True, metavar="WHEN", help="a date, a date and time (UTC), or a span: 2027-03-15, 12h, 3d"
    )


def _ack(context: Context, args: Namespace) -> int:
    return _handled(context, args, "acknowledged", lambda b, pairs: b.alerts.acknowledge_many(pairs, args.note))


def _resolve(context: Context, args: Namespace) -> int:
    return _handled(context, args, "resolved", lambda b, pairs: b.alerts.resolve_many(pairs, args.note))


def _reopen(context: Context, args: Namespace) -> int:
    return _handled(context, args, "open again", lambda b, pairs: b.alerts.reopen_many(pairs, args.note))


def _snooze(context: Context, args: Namespace) -> int:
    from certtui.clock import Clock

    until = until_of(args.until, Clock().now())
    became = f"quiet until {output.minute(until)}"
    return _handled(context, args, became, lambda b, pairs: b.alerts.snooze_many(pairs, until, args.note))


def _handled(
    context: Context, args: Namespace, became: str, act: Callable[[Backend, list[tuple[int, int]]], BulkOutcome]
) -> int:
    numbers = [_number(each) for each in args.alerts]
    with context.open() as backend:
        pairs = [(number, backend.alerts.get(number).version) for number in dict.fromkeys(numbers)]
        outcome = act(backend, pairs)
    if args.format == "json":
        skipped: list[output.Value] = [{"id": number, "reason": reason} for number, reason in outcome.skipped]
        output.json_object({"done": list(outcome.done), "skipped": skipped})
        return 1 if skipped else 0
    if outcome.done:
        one = len(outcome.done) == 1
        terminal.say(f"{'1 alert is' if one else f'{len(outcome.done)} alerts are'} {became}.")
    for number, reason in outcome.skipped:
        terminal.say(f"Alert {number}: {reason}")
    return 1 if outcome.skipped else 0


def _thresholds_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--group", default="", help="a business group with days of its own; without it those of all others"
    )
    parser.add_argument(
        "--days", metavar="N,N,…", help="the days left at which alerts are raised, for instance 90,30,7"
    )
    parser.add_argument("--default", action="store_true", help="take the group's own days away")
    format_option(parser, csv=False)


def _thresholds(context: Context, args: Namespace) -> int:
    if args.days and args.default:
        raise Usage("--days and --default contradict each other.", "Give one of them.")
    with context.open() as backend:
        if args.days or args.default:
            found = backend.alerts.set_thresholds(args.group, None if args.default else _days(args.days))
        else:
            found = backend.alerts.thresholds()
    if args.format == "json":
        output.json_array({"business_group": each.business_group, "days": list(each.days)} for each in found)
        return 0
    output.table(_DAYS_COLUMNS, ((each.business_group or "(all)", " ".join(map(str, each.days))) for each in found))
    return 0


def _calendar_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--out", metavar="FILE", default="-", help="where to write it; - or nothing for standard output"
    )


def _calendar(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        made = backend.channels.calendar()
    if args.out == "-":
        import sys

        sys.stdout.write(made.text)
    else:
        from pathlib import Path

        from certtui import files

        files.replace(Path(args.out), made.text.encode(), mode=0o644)
        terminal.say(f"{made.events} expiries were written to {args.out}.")
    if made.left_out:
        terminal.say(f"{made.left_out} expiries further ahead did not fit.")
    return 0


def _sweep_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _sweep(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        report = backend.alerts.sweep()
    if args.format == "json":
        names = ("opened", "escalated", "woken", "resolved", "updated", "open")
        output.json_object({name: getattr(report, name) for name in names})
        return 0
    terminal.say(
        f"{report.opened} opened, {report.escalated} more urgent, {report.woken} woke, {report.resolved} resolved themselves; "
        f"{report.open} are open."
    )
    return 0


COMMANDS = {
    "alert list": (_list_arguments, _list),
    "alert show": (_show_arguments, _show),
    "alert ack": (_handle_arguments, _ack),
    "alert snooze": (_snooze_arguments, _snooze),
    "alert resolve": (_handle_arguments, _resolve),
    "alert reopen": (_handle_arguments, _reopen),
    "alert thresholds": (_thresholds_arguments, _thresholds),
    "alert sweep": (_sweep_arguments, _sweep),
    "alert calendar": (_calendar_arguments, _calendar),
}


def document(row: AlertRow, now: datetime) -> Document:
    """One alert as JSON and CSV have it."""
    from certtui.clock import rfc3339
    from certtui.model.alert_words import sentence_of

    def instant(at: datetime | None) -> str | None:
        return None if at is None else rfc3339(at)

    return {
        "id": row.id,
        "version": row.version,
        "kind": str(row.kind),
        "severity": str(row.severity),
        "state": str(row.state),
        "level": row.level,
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "object_name": row.object_name,
        "certificate_id": row.certificate_id,
        "business_group": row.business_group,
        "summary": sentence_of(row, now),
        "detail": row.detail,
        "due_at": instant(row.due_at),
        "opened_at": instant(row.opened_at),
        "changed_at": instant(row.changed_at),
        "snoozed_until": instant(row.snoozed_until),
        "resolved_by": row.resolved_by,
        "handled_by": row.handled_by,
        "note": row.note,
    }


def until_of(text: str, now: datetime) -> datetime:
    """An instant from a date, a date and time (UTC), or a span from now: `12h`, `3d`. Raises `Usage`."""
    from certtui.model.alert_words import time_of

    until = time_of(text, now)
    if until is None:
        raise Usage(f"{text} is no time.", "Write 2027-03-15, 2027-03-15T14:30, 12h or 3d; times are UTC.")
    return until


def _history(alert: Alert) -> Iterator[Document]:
    from certtui.clock import rfc3339

    for each in alert.history:
        yield {
            "at": rfc3339(each.at),
            "who": each.who,
            "what": each.what,
            "severity": str(each.severity),
            "level": each.level,
            "note": each.note,
        }


def _texts(row: AlertRow, now: datetime) -> tuple[object, ...]:
    from certtui.model.alert import KIND_WORDS
    from certtui.model.alert_words import sentence_of

    since = output.day(row.opened_at)
    return (
        row.id,
        str(row.severity),
        KIND_WORDS[row.kind],
        row.object_name,
        since,
        str(row.state),
        sentence_of(row, now),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Usage(f"{text} is no alert's number.", "`certtui alert list` shows them.")
    return int(text)


def _days(text: str) -> list[int]:
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        raise Usage("Days are whole numbers, with commas between.", "For instance --days 90,30,7.")
    return [int(part) for part in parts]
