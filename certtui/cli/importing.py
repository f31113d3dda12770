"""`certtui import`: files, folders, standard input and running servers into the inventory."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import files, import_report, terminal
from certtui.cli.arguments import Parser, Usage, password_option
from certtui.cli.reasons import reason_asked, reason_option
from certtui.errors import CerttuiError, Invalid

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect, SourceFile
    from certtui.cli.context import Context
    from certtui.intake import Intake, IntakeReport
    from certtui.model.certificate import Labels
    from certtui.model.secret import Secret

_TRIES = 3


def arguments(parser: Parser) -> None:
    """The arguments of `import`."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="files and folders (all that is in them), - for standard input"
    )
    parser.add_argument(
        "--from",
        dest="servers",
        metavar="HOST:PORT",
        action="append",
        default=[],
        help="take what a running TLS server presents",
    )
    parser.add_argument("--key", metavar="FILE", help="the private key of the one certificate in PATH")
    password_option(parser, "the password of encrypted keys and PFX files")
    parser.add_argument("--name", help="what to call it (for one certificate)")
    parser.add_argument("--group", default="", help="the business group that owns it")
    parser.add_argument("--description", default="", help="what it is for")
    parser.add_argument(
        "--repository", metavar="REPO", help="file all that comes in there; what it does not take is not added"
    )
    parser.add_argument("--source", choices=("imported", "discovered"), help="how it was found (default: imported)")
    reason_option(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="how to report (default: table)")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="name what was there already and what was skipped, too"
    )


def run(context: Context, args: Namespace) -> int:
    """Take everything in and report it."""
    _check(args)
    passwords = files.passwords_from(args.password_file)
    with context.open(create=True) as backend, _stoppable() as stop:
        if backend.store.locked and terminal.can_ask():
            # Certificates go in without it, keys do not; asked now, since half-way would be too late.
            context.unlock(backend)
        inspect = context.inspect()
        take = _pair if args.key else _bulk
        args.repository_id = None if args.repository is None else backend.repositories.resolve(args.repository)
        report = take(backend, inspect, args, passwords, stop)
    import_report.write(report, args.format, verbose=args.verbose)
    return import_report.code(report)


COMMANDS = {"import": (arguments, run)}


def _check(args: Namespace) -> None:
    if not args.paths and not args.servers:
        raise Usage("Nothing to import was given.", "Name files or folders, - for standard input, or --from HOST:PORT.")
    if args.paths.count(files.STANDARD_INPUT) > 1:
        raise Usage("Standard input can be read once.", "Give - once.")
    if args.password_file == files.STANDARD_INPUT and files.STANDARD_INPUT in (*args.paths, args.key):
        raise Usage("Standard input can't be both a file and the password.", "Put the password into a file.")
    if args.key and (len(args.paths) == 0 or args.servers):
        raise Usage("--key goes with the files of one certificate.", "Give the certificate, and its chain, as PATH.")
    if args.name is not None and not args.name:
        raise Usage("The name is empty.", "Leave --name out: the common name is taken then.")


class _Stop:
    """Set by the first Ctrl-C: what is being stored is finished, nothing new is begun."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    stop = _Stop()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        # Straight to the descriptor: Python's streams refuse a write in the middle of another.
        os.write(2, b"\nStopping after this file; ctrl+c again stops at once.\n")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _labels(args: Namespace) -> Labels:
    from certtui.model.certificate import Labels

    return Labels(name=args.name or "", business_group=args.group, description=args.description)


def _pair(
    backend: Backend, inspect: Inspect, args: Namespace, passwords: Sequence[Secret], stop: _Stop
) -> IntakeReport:
    """One certificate with its key, from files that belong together. Raises `Invalid` naming both keys when they don't."""
    from certtui.intake import IntakeReport, Note, Taken
    from certtui.model.certificate import NewCertificate, Source

    materials = [
        files.material(inspect, files.source(name), passwords) for name in dict.fromkeys((*args.paths, args.key))
    ]
    try:
        pairing = inspect.pair(materials)
    except Invalid as error:
        if error.field != "key":
            raise
        from certtui.whose_key import owners

        raise Invalid(error.message, owners(materials, backend.certificates) or error.hint, field="key") from None
    if pairing.key is None:
        raise Invalid(f"{args.key} holds no private key.", "Name the file with the key by --key.", field="key")
    new = NewCertificate(
        x509=pairing.leaf,
        chain=pairing.chain,
        key=pairing.key,
        labels=_labels(args),
        source=Source(args.source or "imported"),
        reason=args.reason,
        repository_id=args.repository_id,
    )
    with reason_asked():
        (outcome,) = backend.certificates.add([new])
    taken = Taken(
        *(outcome.id, outcome.name, args.paths[0], outcome.fingerprint_sha256),
        key_attached=outcome.key_attached,
        missing_issuer=outcome.missing_issuer,
    )
    odd = [Note(each.path, text) for each in materials for text in (*each.warnings, *each.unread)]
    return IntakeReport(
        imported=(taken,) if outcome.created else (),
        existing=() if outcome.created else (taken,),
        rejected=(),
        skipped=(),
        notes=(*odd, *(Note(args.paths[0], text) for text in pairing.unused)),
        cancelled=False,
    )


def _bulk(
    backend: Backend, inspect: Inspect, args: Namespace, passwords: Sequence[Secret], stop: _Stop
) -> IntakeReport:
    from certtui.intake import Intake
    from certtui.model.certificate import Source

    def take(source: Source, secrets: Sequence[Secret]) -> Intake:
        return Intake(
            inspect,
            backend.certificates,
            passwords=secrets,
            labels=_labels(args),
            source=source,
            reason=args.reason,
            repository_id=args.repository_id,
            progress=import_report.Line() if terminal.width(2) else None,
            cancelled=stop,
        )

    reports = [
        _from_server(take(Source(args.source or "discovered"), ()), inspect, server)
        for server in args.servers
        if not stop()
    ]
    sources: list[Path | SourceFile] = [
        files.source(name) if name == files.STANDARD_INPUT else Path(name).expanduser() for name in args.paths
    ]
    source = Source(args.source or "imported")
    if sources:
        reports.append(_taken_in(take(source, passwords), sources))
    tries = _TRIES if terminal.can_ask() else 0
    while tries and not stop() and (again := _encrypted(reports[-1], sources)):
        tries -= 1
        terminal.clear_line()
        terminal.say(*(f"{each.path}: {each.reason}" for each in reports[-1].rejected if each.needs_password))
        secret = terminal.ask_secret("Password (empty: leave them out)")
        if not secret:
            break
        before = reports.pop()
        after = _taken_in(take(source, [secret]), again)
        reports += [_without(before, after, again), after]
    terminal.clear_line()
    return _together(reports)


def _taken_in(intake: Intake, sources: Sequence[Path | SourceFile]) -> IntakeReport:
    """Run it; an error that stops everything is raised after what was stored until then has been said."""
    try:
        return intake.run(sources)
    except CerttuiError:
        done = intake.report()
        if done.imported or done.existing:
            terminal.clear_line()
            terminal.say(f"Until then: {import_report.counted(done)}.")
        raise


def _from_server(intake: Intake, inspect: Inspect, server: str) -> IntakeReport:
    from certtui.intake import IntakeReport, Rejected

    host, port = _address(server)
    try:
        return intake.take(inspect.fetch(host, port))
    except CerttuiError as error:
        return IntakeReport((), (), (Rejected(server, str(error)),), (), (), cancelled=False)


def _address(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        # `example.com`, or an IPv6 address without brackets: the port of HTTPS.
        host, port = server, "443"
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if (
        not host
        or any(each in host for each in "[]/@")
        or not port.isascii()
        or not port.isdigit()
        or not 0 < int(port) < 65536
    ):
        raise Usage(f"{server!r} is no HOST:PORT.", "Write it as www.example.com:443 or [2001:db8::1]:443.")
    return host, int(port)


def _encrypted(report: IntakeReport, sources: Sequence[Path | SourceFile]) -> list[Path | SourceFile]:
    """The files that another password might open."""
    wanted = {each.path for each in report.rejected if each.needs_password}
    memory: list[Path | SourceFile] = [each for each in sources if not isinstance(each, Path) and each.path in wanted]
    names = {each.path for each in memory if not isinstance(each, Path)}
    return memory + [Path(path) for path in sorted(wanted - names)]


def _without(before: IntakeReport, after: IntakeReport, again: Sequence[Path | SourceFile]) -> IntakeReport:
    """The first report less the files that were tried again; the second one says what became of them."""
    from dataclasses import replace

    tried = {str(each) if isinstance(each, Path) else each.path for each in again}
    return replace(before, rejected=tuple(each for each in before.rejected if each.path not in tried))


def _together(reports: Sequence[IntakeReport]) -> IntakeReport:
    from certtui.intake import IntakeReport

    return IntakeReport(
        imported=tuple(each for report in reports for each in report.imported),
        existing=tuple(each for report in reports for each in report.existing),
        rejected=tuple(each for report in reports for each in report.rejected),
        skipped=tuple(each for report in reports for each in report.skipped),
        notes=tuple(each for report in reports for each in report.notes),
        cancelled=any(report.cancelled for report in reports),
    )
