"""`certtui match`: do these belong together? Nothing is imported; the store is opened only for what is named in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents, files, output, terminal
from certtui.cli.arguments import Parser, format_option, password_option

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.inspect import Inspect
    from certtui.cli.context import Context
    from certtui.given_stored import Stored
    from certtui.model.match import MatchPart
    from certtui.model.x509 import Material

_COLUMNS = (
    output.Column("FILE", least=12),
    output.Column("WHAT"),
    output.Column("NAME", least=10),
    output.Column("PUBLIC KEY"),
    output.Column("FITS"),
    output.Column("UNTIL"),
    output.Column("WHY NOT", least=16),
)


def arguments(parser: Parser) -> None:
    """The arguments of `match`."""
    parser.add_argument(
        "files",
        metavar="PART",
        nargs="+",
        help="files with keys, certificates, CSRs, chains, - for standard input; "
        "of what is stored cert:NAME, container:REF, secret:NAME (ids too)",
    )
    password_option(parser, "the password of encrypted ones")
    format_option(parser)


def run(context: Context, args: Namespace) -> int:
    """Print what was found in each part; 0 when all of it belongs together and nothing is out of its time, else 1."""
    from certtui.clock import Clock
    from certtui.model.match import with_validity

    inspect = context.inspect()
    stored = _stored(context, inspect, args.files)
    parts = [part for one in stored.values() for part in one.parts]
    report = with_validity(
        inspect.match(_materials(inspect, args, stored), parts),
        (context.clock or Clock()).now(),
        more=[said for one in stored.values() for said in one.unfit],
        judged=[name for name, one in stored.items() if one.judged],
    )
    match args.format:
        case "table":
            output.table(_COLUMNS, map(_texts, report.parts))
        case "json":
            output.json_object(
                {
                    "matches": report.matches,
                    "good": report.good,
                    "summary": report.summary,
                    "unfit": [*report.unfit],
                    "parts": [documents.of_part(each) for each in report.parts],
                }
            )
        case _:
            names = ("path", "kind", "label", "spki_sha256", "ok", "problem", "not_after")
            output.csv(names, map(documents.of_part, report.parts))
    terminal.say(report.summary)
    for said in report.unfit:
        terminal.say(said)
    return 0 if report.good else 1


def _stored(context: Context, inspect: Inspect, names: Sequence[str]) -> dict[str, Stored]:
    """Those of the names that are in the store; it is opened when there is one."""
    from certtui import given_stored

    wanted = [name for name in dict.fromkeys(names) if given_stored.is_stored(name)]
    if not wanted:
        return {}
    with context.open() as backend:
        return {name: given_stored.read(backend, inspect, name) for name in wanted}


def _materials(inspect: Inspect, args: Namespace, stored: dict[str, Stored]) -> list[Material]:
    """All in the order in which they were named."""
    passwords = files.passwords_from(args.password_file)
    return [
        stored[name].material if name in stored else files.material(inspect, files.source(name), passwords)
        for at, name in enumerate(args.files)
        if name not in stored or name not in args.files[:at]
    ]


COMMANDS = {"match": (arguments, run)}


def _texts(part: MatchPart) -> tuple[object, ...]:
    until = output.day(part.not_after) if part.not_after else ""
    return part.path, part.kind, part.label, part.identity[:16], part.ok, until, part.problem
