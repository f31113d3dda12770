"""`certtui audit`: what was done, and whether the record of it is whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import documents, output, terminal
from certtui.cli.arguments import Parser, format_option
from certtui.cli.arguments import count as number
from certtui.errors import Conflict

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from certtui.backend.base import Backend, Listing
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
    parser.add_argument("--limit", metavar="N", type=number, help="at most N records")
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


def _export_arguments(parser: Parser) -> None:
    parser.add_argument("--format", choices=("jsonl", "csv", "syslog"), default="jsonl", help="default: jsonl")
    parser.add_argument("--filter", metavar="TEXT", default="", help="words and conditions, as of audit list")
    parser.add_argument("--since", metavar="DATE", help="records of that day, and later ones")
    parser.add_argument("--until", metavar="DATE", help="records before that day, or of it")
    parser.add_argument("--out", metavar="FILE", default="-", help="where to (default: standard output)")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


def _export(context: Context, args: Namespace) -> int:
    """Oldest first, record by record: however long the log is."""
    from certtui import audit_export
    from certtui.model.audit import AuditExport

    text = " ".join(
        part
        for part in (
            args.filter,
            f"since:{args.since}" if args.since else "",
            f"until:{args.until}" if args.until else "",
        )
        if part
    )
    count = 0

    def counted(events: Iterator[AuditEvent]) -> Iterator[AuditEvent]:
        nonlocal count
        for event in events:
            count += 1
            yield event

    with context.open() as backend:
        events = counted(audit_export.records(backend, text))
        parts = audit_export.encoded(audit_export.lines(args.format, events, host=audit_export.host()))
        if args.out == "-":
            sys.stdout.flush()
            for part in parts:
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
        else:
            _write(backend, Path(args.out).expanduser(), parts, overwrite=args.force)
        backend.audit.record_export(AuditExport(count, args.format, text))
        if args.out != "-":
            terminal.say(f"Wrote {count:,} records to {args.out}, readable by you alone.")
    return 0


def _write(backend: Backend, path: Path, parts: Iterator[bytes], *, overwrite: bool) -> None:
    from certtui import files
    from certtui.own_files import spare_the_store

    spare_the_store(backend, path)
    try:
        files.write_stream(path, parts, overwrite=overwrite)
    except Conflict as there:
        if path.is_dir():
            raise
        raise Conflict(there.message, "Take another name, or add --force to overwrite it.") from None


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
                "expected": found.expected,
                "found": found.found,
                "head": {"seq": found.head.seq, "hash": found.head.hash},
            }
        )
    elif found.first_broken is None:
        output.lines([f"All {found.checked} records fit together. Head: {found.head.seq} {found.head.hash}"])
    else:
        output.lines(
            [
                f"Record {found.first_broken} does not fit: {found.problem}",
                f"Expected  {found.expected}",
                f"Found     {found.found}",
            ]
        )
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
    "audit export": (_export_arguments, _export),
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
