"""`certtui worker`: does what is due, once or until it is told to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, count, format_option
from certtui.errors import Unsupported

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.work import WorkReport


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="one round, then end; the exit code is 3 where something could not be done"
    )
    parser.add_argument("--status", action="store_true", help="tell whether anybody works, and what waits; do nothing")
    parser.add_argument(
        "--interval", metavar="SECONDS", type=count, default=10, help="between rounds, at most (default: 10)"
    )
    format_option(parser, csv=False)


def _run(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        if args.status:
            return _status(backend, args.format)
        if reason := backend.capabilities.why_not("work.run_due"):
            raise Unsupported("The work of this store is done elsewhere.", reason)
        if not args.once:
            context.unlock(backend)
            return _loop(context, backend, args)
        report = backend.work.run_due()
    _tell(report, args.format, always=True)
    return 3 if report.problems else 0


def _status(backend: Backend, form: str) -> int:
    status = backend.work.status()
    if form == "json":
        output.json_object(documents.of_work(status))
        return 0
    output.fields(
        [
            ("Last round", output.minute(status.last_round)),
            ("Worker", status.last_worker),
            ("Due now", status.due),
            ("Next due", output.minute(status.next_due)),
        ]
    )
    return 0


def _loop(context: Context, backend: Backend, args: Namespace) -> int:
    import signal
    import threading

    from certtui import log, worker
    from certtui.clock import Clock

    log.start()
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    terminal.say(f"certtui: Working on {backend.info.place}; ctrl+c or SIGTERM ends it after the round that runs.")
    try:
        worker.loop(
            backend,
            context.clock or Clock(),
            stop,
            max(float(args.interval), worker.SHORTEST),
            lambda report: _tell(report, args.format),
        )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    terminal.say("certtui: The worker has ended.")
    return 0


def _tell(report: WorkReport, form: str, *, always: bool = False) -> None:
    if form == "json":
        if always or report.done or report.problems:
            # A line for each round, so that whoever reads a stream of them knows where one ends.
            import sys

            sys.stdout.write(output.json_text(documents.of_report(report)) + "\n")
            sys.stdout.flush()
        return
    if report.done:
        terminal.say("Done: " + ", ".join(f"{kind} {count}" for kind, count in report.done.items()) + ".")
    elif always and not report.problems:
        terminal.say("Nothing was due.")
    terminal.say(*report.problems)


COMMANDS = {"worker": (_arguments, _run)}
