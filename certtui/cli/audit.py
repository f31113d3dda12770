"""`certtui audit`: what was done, and whether the record of it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents, output, terminal
from certtui.cli.arguments import Parser, count, format_option

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from certtui.backend.base import Listing
    from certtui.cli.context import Context
    from certtui.model.audit import AuditEvent

_BATCH = 500
_COLUMNS = (
    output.Column("NUMBER", right=True),
    output.Column("AT"),
    output.Column("EVENT"),
    output.Column("ACTOR", least=8),
    output.Column("OBJECT", least=12),
)


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "filter",
        metavar="FILTER",
        nargs="*",
        help="words and conditions: event:certificate.delete actor:root since:2026-01-01",
    )
    parser.add_argument("--limit", metavar="N", type=count, help="at most N records")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.audit.search(Query(" ".join(args.filter), Sort("id", descending=True)))
        try:
            events = _events(listing, args.limit)
            match args.format:
                case "table":
                    output.table(_COLUMNS, map(_texts, events))
                case "json":
                    output.json_array(map(documents.of_event, events))
                case _:
                    output.csv(documents.AUDIT, map(_flat, events))
        finally:
            listing.close()
    return 0


def _plain_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _verify(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        found = backend.audit.verify()
    if args.format == "json":
        output.json_object(
            {
                "ok": found.first_broken is None,
                "checked": found.checked,
                "first_broken": found.first_broken,
                "problem": found.problem,
                "head": {"seq": found.head.seq, "hash": found.head.hash},
            }
        )
    elif found.first_broken is None:
        output.lines([f"All {found.checked} records fit together. Head: {found.head.seq} {found.head.hash}"])
    else:
        output.lines([f"Record {found.first_broken} does not fit: {found.problem}"])
    return 0 if found.first_broken is None else 1


def _head(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        head = backend.audit.head()
    if args.format == "json":
        output.json_object({"seq": head.seq, "hash": head.hash})
    else:
        output.lines([f"{head.seq} {head.hash}"])
        terminal.say("Keep this elsewhere: a log that is cut later no longer contains it.")
    return 0


COMMANDS = {
    "audit list": (_list_arguments, _list),
    "audit verify": (_plain_arguments, _verify),
    "audit head": (_plain_arguments, _head),
}


def _events(listing: Listing[AuditEvent], limit: int | None) -> Iterator[AuditEvent]:
    from certtui.model.query import Gone

    start = 0
    while limit is None or start < limit:
        rows = listing.rows(start, start + _BATCH if limit is None else min(start + _BATCH, limit))
        if not rows:
            return
        yield from (row for row in rows if not isinstance(row, Gone))
        start += len(rows)


def _texts(event: AuditEvent) -> tuple[object, ...]:
    from certtui.model.audit import actor_in_words

    what = f"{event.object_kind} {event.object_id or ''} {event.object_name}"
    return event.id, output.minute(event.at), event.event, actor_in_words(event.actor), " ".join(what.split())


def _flat(event: AuditEvent) -> output.Document:
    return {**documents.of_event(event), "detail": event.detail}
