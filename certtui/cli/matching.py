"""`certtui match`: do these files belong together? Nothing is imported, and no store is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents, files, output, terminal
from certtui.cli.arguments import Parser, format_option, password_option

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.match import MatchPart

_COLUMNS = (
    output.Column("FILE", least=12),
    output.Column("WHAT"),
    output.Column("NAME", least=10),
    output.Column("PUBLIC KEY"),
    output.Column("FITS"),
    output.Column("WHY NOT", least=16),
)


def arguments(parser: Parser) -> None:
    """The arguments of `match`."""
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="keys, certificates, CSRs, chains; - for standard input"
    )
    password_option(parser, "the password of encrypted ones")
    format_option(parser)


def run(context: Context, args: Namespace) -> int:
    """Print what was found in each file; 0 when all of it belongs together, else 1."""
    inspect = context.inspect()
    passwords = files.passwords_from(args.password_file)
    report = inspect.match([files.material(inspect, files.source(name), passwords) for name in args.files])
    match args.format:
        case "table":
            output.table(_COLUMNS, map(_texts, report.parts))
        case "json":
            parts = [documents.of_part(each) for each in report.parts]
            output.json_object({"matches": report.matches, "summary": report.summary, "parts": [*parts]})
        case _:
            names = ("path", "kind", "label", "spki_sha256", "ok", "problem")
            output.csv(names, map(documents.of_part, report.parts))
    terminal.say(report.summary)
    return 0 if report.matches else 1


COMMANDS = {"match": (arguments, run)}


def _texts(part: MatchPart) -> tuple[object, ...]:
    return part.path, part.kind, part.label, part.identity[:16], part.ok, part.problem
