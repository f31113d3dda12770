"""`certtui order preflight`: an order tried at its authority's staging server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import output
from certtui.cli.arguments import Parser, format_option

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.order import Preflight

_FAILED = 1


def _arguments(parser: Parser) -> None:
    parser.add_argument("order", metavar="ORDER", help="the id, name or common name of an order")
    format_option(parser, csv=False)


def _preflight(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        order = backend.orders.get(backend.orders.resolve(args.order))
        context.unlock(backend)
        return tried(backend.orders.preflight(order.form), args.format)


def tried(found: Preflight, form: str) -> int:
    """Say what came of it, a line for each step; the exit code."""
    if form == "json":
        output.json_object(documents.of_test(found))
    else:
        wide = max((len(line.label) for line in found.lines), default=0)
        output.lines(f"{'ok' if line.ok else 'FAILED':<6}  {line.label:<{wide}}  {line.text}" for line in found.lines)
    return 0 if found.ok else _FAILED


COMMANDS = {"order preflight": (_arguments, _preflight)}
